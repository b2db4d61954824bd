//! From a submission to a staged statement: verdict, bodies, cuts, identities, sealing.

use std::cell::RefCell;
use std::collections::BTreeMap;

use countersign_attest::judge::{authenticate, conclude};
use countersign_attest::submission::{Known, MatchedBodies};
use countersign_attest::{Ahead, Refusal, Statement, Submission, Verdict};
use countersign_model::act::Act;
use countersign_model::body::{ClaimBody, EnvelopeBody, Format};
use countersign_model::claim::Provenance;
use countersign_model::digest::Digest;
use countersign_model::entry::{
    Assurance, ClaimStatus, Index, Mark, RECORD_SALT_LEN, VerdictRecord,
};
use countersign_model::fold::Said;
use countersign_model::ids::{KeyId, PrincipalId};
use countersign_model::json::{Doc, canonical};
use countersign_model::time::Timestamp;
use countersign_ports::{Entropy, StoreError};
use countersign_record::commit::Staged;
use countersign_record::limits::SUBMISSION_BYTES_MAX;
use countersign_record::sealing::SealingKey;
use countersign_record::segment::Kind;

use crate::envelope::{Envelope, Problem, Whole, absent, check_cut, open_view, withheld};
use crate::envelopes::{Learnt, Reading};
use crate::identities::SealedValues;
use crate::log::Log;
use crate::read_back::read_back;
use crate::state::{Decoded, IntakeState, all_marks};

/// What became of one claim, for whoever sent it.
#[derive(Clone, Debug)]
pub struct ClaimAnswer {
    /// Its digest.
    pub digest: Digest,
    /// What intake made of it.
    pub status: ClaimStatus,
    /// Why it cannot be decoded.
    pub problem: Option<Problem>,
}

/// A statement that is judged and waits for its commit.
#[derive(Debug)]
pub struct Judged {
    /// For the sequencer.
    pub staged: Staged,
    /// The statement.
    pub statement: Statement,
    /// The key that counts.
    pub key: KeyId,
    /// The claims.
    pub decoded: Vec<Decoded>,
    /// The envelopes and mapping files that it brings.
    pub learnt: Learnt,
    /// For the sender.
    pub answers: Vec<ClaimAnswer>,
}

impl Judged {
    /// Whether it renews the keys of the log.
    #[must_use]
    pub fn renews(&self) -> bool {
        let claims = self.decoded.iter().zip(&self.staged.verdict.claims);
        let mut effective = claims.filter(|(_, status)| **status == ClaimStatus::Effective);
        effective.any(|(claim, _)| matches!(claim.said, Some(Said::Act(Act::Renewal(_)))))
    }
}

/// What intake answers.
#[derive(Debug)]
pub enum Outcome {
    /// To be committed.
    Admitted(Box<Judged>),
    /// In the log already, at this index.
    Replay(Index),
}

/// Keys and randomness that intake needs.
#[derive(Debug)]
pub struct Means<'a> {
    /// Wraps the keys of sealed parts.
    pub sealing: &'a SealingKey,
    /// Keys the fingerprints of sealed values.
    pub fingerprint: &'a [u8; 32],
    /// Random bytes.
    pub entropy: &'a mut dyn Entropy,
    /// What is in the log already.
    pub log: &'a Log,
}

/// Why a submission is not taken.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The sender must change something.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The node cannot go on.
    #[error(transparent)]
    World(#[from] StoreError),
}

/// Judges a submission that came at `received` and would stand at `index`.
///
/// # Errors
/// [`IntakeError`].
pub fn take(
    state: &IntakeState,
    ahead: Ahead<'_>,
    index: Index,
    received: Timestamp,
    means: &mut Means<'_>,
) -> Result<Outcome, IntakeError> {
    let (submission, statement) = (ahead.submission(), ahead.statement());
    let (register, past) = (&state.register, state.past(means.log));
    let authentic = authenticate(register, statement, register.identity())?;
    let fit = state.chains.judge(&authentic.key(), statement, past)?;
    let (key, cosigned_marks) = match conclude(authentic, register, fit, statement, received) {
        Verdict::Refuse { code, reason } => return Err(Refusal::new(code, reason).into()),
        Verdict::Replay { index } => return Ok(Outcome::Replay(index)),
        Verdict::Admit { key, marks, .. } => (key, marks),
    };
    let mut reading = Reading::of(&state.envelopes, past);
    let matched = matched(&ahead, &reading)?;
    let fresh = learn(&mut reading, submission)?;
    let bodies: Vec<Option<&ClaimBody>> = matched
        .body_of_claim
        .iter()
        .map(|at| at.and_then(|at| submission.bodies.get(at)))
        .collect();
    let (issuer, assurance) = state.speaker(statement, &key);
    let (decoded, problems) =
        read_claims(&reading, &issuer, statement, &bodies, means.fingerprint)?;
    let came: Vec<bool> = bodies.iter().map(Option::is_some).collect();
    let read = |at: Index| read_back(state, past, at);
    let statuses = state.statuses(index, &decoded, &came, &key, (past, &read))?;
    let marks = all_marks(cosigned_marks, &matched.marks);
    let verdict = verdict(assurance, marks, statuses.clone(), means.entropy)?;
    let records = records(&fresh, &bodies, &decoded, means)?;
    let answers = decoded
        .iter()
        .zip(statuses)
        .zip(problems)
        .map(|((claim, status), problem)| ClaimAnswer {
            digest: claim.digest,
            status,
            problem,
        })
        .collect();
    let staged = Staged {
        statement: statement.logged_bytes(),
        records,
        verdict,
    };
    Ok(Outcome::Admitted(Box::new(Judged {
        staged,
        statement: ahead.into_statement(),
        key,
        decoded,
        learnt: reading.into_learnt(),
        answers,
    })))
}

/// What came with a submission and is new to the log: known envelopes and mapping files are not
/// stored twice.
#[derive(Debug, Default)]
struct Fresh<'a> {
    blobs: Vec<&'a Vec<u8>>,
    envelopes: Vec<&'a EnvelopeBody>,
}

/// The bodies of a submission, each with its claim; what they rest on came with them or is known.
fn matched(ahead: &Ahead<'_>, reading: &Reading<'_>) -> Result<MatchedBodies, IntakeError> {
    let failed = RefCell::new(None);
    let told = |known: Result<bool, StoreError>| {
        known.unwrap_or_else(|error| {
            failed.borrow_mut().get_or_insert(error);
            true
        })
    };
    let known = Known {
        envelope: &|digest| told(reading.envelope(digest).map(|known| known.is_some())),
        mapping: &|digest| told(reading.mapping(digest).map(|known| known.is_some())),
    };
    let matched = ahead.check_bodies(known);
    match failed.into_inner() {
        Some(error) => Err(error.into()),
        None => Ok(matched?),
    }
}

fn learn<'a>(
    reading: &mut Reading<'_>,
    submission: &'a Submission,
) -> Result<Fresh<'a>, IntakeError> {
    let mut fresh = Fresh::default();
    for blob in &submission.blobs {
        if reading.mapping(Digest::of(blob))?.is_none() {
            fresh.blobs.push(blob);
        }
    }
    for envelope in &submission.envelopes {
        if reading.envelope(envelope.digest())?.is_none() {
            check_cut(envelope)?;
            fresh.envelopes.push(envelope);
        }
    }
    let blobs = fresh.blobs.iter().map(|blob| blob.as_slice());
    reading.learn(blobs, &fresh.envelopes)?;
    for envelope in &fresh.envelopes {
        reading.check_head(envelope)?;
    }
    Ok(fresh)
}

type ReadClaims = (Vec<Decoded>, Vec<Option<Problem>>);

/// Decodes the claims of a statement from their open view; whole bytes are checked for their cut.
fn read_claims(
    reading: &Reading<'_>,
    issuer: &PrincipalId,
    statement: &Statement,
    bodies: &[Option<&ClaimBody>],
    fingerprint: &[u8; 32],
) -> Result<ReadClaims, IntakeError> {
    let mut counts = Counts::of(statement);
    let mut decoded = Vec::with_capacity(bodies.len());
    let mut problems = Vec::with_capacity(bodies.len());
    for (digest, body) in statement.claim_digests().iter().zip(bodies) {
        let mut claim = Decoded {
            digest: *digest,
            said: None,
            sealed: SealedValues::None,
        };
        let mut problem = None;
        if let Some(body) = body {
            match read_whole(reading, issuer, body, &mut counts)? {
                Ok(said) => claim.said = Some(said),
                Err(Problem {
                    code: "bad_cut",
                    field,
                    reason,
                }) => {
                    return Err(Refusal::new("bad_cut", format!("{field}: {reason}")).into());
                }
                Err(other) => problem = Some(other),
            }
            claim.sealed = sealed_fingerprint(body, fingerprint);
        }
        decoded.push(claim);
        problems.push(problem);
    }
    Ok((decoded, problems))
}

/// A body that came whole: whether it is cut as its format asks, and what it says.
fn read_whole(
    reading: &Reading<'_>,
    issuer: &PrincipalId,
    body: &ClaimBody,
    counts: &mut Counts,
) -> Result<Result<Said, Problem>, StoreError> {
    let Some(envelope) = reading.envelope(body.envelope)? else {
        return Ok(Err(absent()));
    };
    let mut read = || {
        let bytes = body.bytes().ok_or_else(withheld)?;
        let whole = Whole::read(body, &bytes);
        envelope.check_claim_cut(&whole)?;
        decode_by(&envelope, issuer, body, counts, |open_view, from| {
            envelope.decode_whole(&whole, open_view, from)
        })
    };
    Ok(read())
}

/// How often each open view came in this statement, by envelope: claims without an id of their
/// own are told apart by it (format law 7). A claim that is alone is the first of its kind.
#[derive(Debug)]
pub struct Counts(Option<BTreeMap<(Digest, Vec<u8>), u64>>);

impl Counts {
    /// Of a statement of which nothing is read yet.
    #[must_use]
    pub fn of(statement: &Statement) -> Self {
        let is_alone = statement.claim_digests().len() < 2;
        Self((!is_alone).then(BTreeMap::new))
    }

    fn next(&mut self, envelope: Digest, open_view: &[u8]) -> u64 {
        let Some(seen) = &mut self.0 else { return 0 };
        // The views of one statement are in memory anyway; to compare them is cheaper than to hash.
        let count = seen.entry((envelope, open_view.to_vec())).or_insert(0);
        *count += 1;
        *count - 1
    }
}

/// Decodes one body from its open view; the same live and on replay (LOG-1).
///
/// # Errors
/// [`StoreError`] when its envelope cannot be read. A [`Problem`] makes the claim `unfoldable`.
pub fn decode(
    reading: &Reading<'_>,
    issuer: &PrincipalId,
    body: &ClaimBody,
    counts: &mut Counts,
) -> Result<Result<Said, Problem>, StoreError> {
    let Some(envelope) = reading.envelope(body.envelope)? else {
        return Ok(Err(absent()));
    };
    let said = decode_by(&envelope, issuer, body, counts, |open_view, from| {
        envelope.decode(body, open_view, from)
    });
    Ok(said)
}

/// Has `read` decode the open view of a body.
fn decode_by(
    envelope: &Envelope,
    issuer: &PrincipalId,
    body: &ClaimBody,
    counts: &mut Counts,
    read: impl FnOnce(&[u8], Provenance<'_>) -> Result<Said, Problem>,
) -> Result<Said, Problem> {
    let open_view = open_view(body)?;
    let from = Provenance {
        issuer,
        document: envelope.content_digest(),
        nth: counts.next(body.envelope, &open_view),
    };
    read(&open_view, from)
}

/// HMAC over the sealed values, each in one spelling and sorted, so that a re-export with other
/// white space, key order or quotes is the same.
fn sealed_fingerprint(body: &ClaimBody, key: &[u8; 32]) -> SealedValues {
    use countersign_model::body::{Part, keyed};
    let mut values: Vec<Vec<u8>> = Vec::new();
    for part in &body.parts {
        if let Part::Sealed { bytes, .. } = part {
            values.push(spelled(&body.format, bytes));
        }
    }
    if values.is_empty() {
        return SealedValues::None;
    }
    values.sort_unstable();
    let parts: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    let digest = Digest::of_parts("countersign/sealed-values/v1", &parts);
    SealedValues::Fingerprint(keyed(key, digest.as_bytes()))
}

/// A sealed value in one spelling: a cell of a table without its quotes, JSON in canonical form.
fn spelled(format: &str, bytes: &[u8]) -> Vec<u8> {
    if format == Format::TableRow.id() {
        return countersign_documents::table::cell_spelling(bytes).into_owned();
    }
    Doc::parse(bytes).map_or_else(|_| bytes.to_vec(), |doc| canonical(doc.root()).into_bytes())
}

fn verdict(
    assurance: Assurance,
    marks: Vec<Mark>,
    claims: Vec<ClaimStatus>,
    entropy: &mut dyn Entropy,
) -> Result<VerdictRecord, StoreError> {
    let mut salt = [0; RECORD_SALT_LEN];
    entropy.fill(&mut salt)?;
    Ok(VerdictRecord {
        salt,
        assurance,
        marks,
        claims,
    })
}

/// The records that lie before the statement in the ground.
fn records(
    fresh: &Fresh<'_>,
    bodies: &[Option<&ClaimBody>],
    decoded: &[Decoded],
    means: &mut Means<'_>,
) -> Result<Vec<(Kind, Vec<u8>)>, IntakeError> {
    let mut out = Vec::new();
    for blob in &fresh.blobs {
        out.push((Kind::Blob, (*blob).clone()));
    }
    for envelope in &fresh.envelopes {
        out.push((Kind::Envelope, envelope.withheld().encode()));
        out.extend(sealed_record(
            envelope.digest(),
            Digest::ZERO,
            &envelope.parts,
            means,
        )?);
    }
    for (body, claim) in bodies.iter().zip(decoded) {
        let Some(body) = body else { continue };
        out.push((Kind::Body, body.encode_withheld()));
        let fingerprint = match claim.sealed {
            SealedValues::Fingerprint(fingerprint) => fingerprint,
            SealedValues::None | SealedValues::Erased => Digest::ZERO,
        };
        out.extend(sealed_record(
            claim.digest,
            fingerprint,
            &body.parts,
            means,
        )?);
    }
    let bytes: usize = out.iter().map(|(_, payload)| payload.len()).sum();
    if bytes > SUBMISSION_BYTES_MAX {
        let reason = format!(
            "its bodies take {bytes} bytes; at most {SUBMISSION_BYTES_MAX} fit one submission"
        );
        return Err(Refusal::new("body_too_large", reason).into());
    }
    Ok(out)
}

fn sealed_record(
    owner: Digest,
    fingerprint: Digest,
    parts: &[countersign_model::body::Part],
    means: &mut Means<'_>,
) -> Result<Option<(Kind, Vec<u8>)>, StoreError> {
    let mut failed = None;
    let mut random = |out: &mut [u8]| {
        if let Err(error) = means.entropy.fill(out) {
            failed.get_or_insert(error);
        }
    };
    let sealed = means.sealing.seal(owner, fingerprint, parts, &mut random);
    match failed {
        Some(error) => Err(error),
        None => sealed
            .map(|payload| payload.map(|payload| (Kind::Sealed, payload)))
            .map_err(|error| StoreError::other("sealing", error.to_string())),
    }
}
