//! Submissions: a statement and the bytes of what it claims, as a client sends them
//! (docs/formats/submission.md).

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::body::{ClaimBody, EnvelopeBody, Part};
use countersign_model::cbor::{self, Value, Writer};
use countersign_model::digest::Digest;
use countersign_model::entry::Mark;
use countersign_model::limits::{
    CLAIM_BYTES_MAX, CLAIMS_PER_STATEMENT_MAX, ENVELOPE_BYTES_MAX, MAPPING_BYTES_MAX, PARTS_MAX,
};

use crate::budget;
use crate::limits::{BLOBS_PER_SUBMISSION_MAX, ENVELOPES_PER_SUBMISSION_MAX, SUBMISSION_BYTES_MAX};
use crate::refusal::{Refusal, code};

/// CBOR items of a submission: the lists, their members, the statement.
const ITEMS_MAX: usize =
    16 + CLAIMS_PER_STATEMENT_MAX + ENVELOPES_PER_SUBMISSION_MAX + BLOBS_PER_SUBMISSION_MAX;
/// CBOR items of one body: 4 a part, one a hole, and the fields.
const BODY_ITEMS_MAX: usize = 16 + 4 * PARTS_MAX + CLAIMS_PER_STATEMENT_MAX;

/// What a client sends in one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The statement, in any of its forms.
    pub statement: Vec<u8>,
    /// Envelopes that the claims came in; those that the log has may be left out.
    pub envelopes: Vec<EnvelopeBody>,
    /// Bodies of the claims, in any order.
    pub bodies: Vec<ClaimBody>,
    /// Mapping files, bound by [`EnvelopeBody::mapping`] as SHA-256.
    pub blobs: Vec<Vec<u8>>,
}

/// What the log has already.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Whether it has the envelope of that digest.
    pub envelope: &'a dyn Fn(Digest) -> bool,
    /// Whether it has the mapping file of that SHA-256.
    pub mapping: &'a dyn Fn(Digest) -> bool,
}

/// Which body belongs to which claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedBodies {
    /// For each claim of the statement, in order: the place of its body in
    /// [`Submission::bodies`], or `None` if it did not come.
    pub body_of_claim: Vec<Option<usize>>,
    /// [`Mark::BodyAbsent`] if a body did not come.
    pub marks: Vec<Mark>,
}

/// Digests of what a submission brings, each in its order: made once, by any thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    bodies: Vec<Digest>,
    envelopes: Vec<Digest>,
    blobs: Vec<Digest>,
}

impl Submission {
    /// Digests of bodies, envelopes and blobs.
    #[must_use]
    pub fn digests(&self) -> Digests {
        Digests {
            bodies: self.bodies.iter().map(ClaimBody::digest).collect(),
            envelopes: self.envelopes.iter().map(EnvelopeBody::digest).collect(),
            blobs: self.blobs.iter().map(|blob| Digest::of(blob)).collect(),
        }
    }

    /// Deterministic CBOR of docs/formats/submission.md.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.map(4);
        out.uint(1);
        out.bytes(&self.statement);
        out.uint(2);
        out.array(self.envelopes.len());
        for envelope in &self.envelopes {
            out.bytes(&envelope.encode());
        }
        out.uint(3);
        out.array(self.bodies.len());
        for body in &self.bodies {
            out.bytes(&body.encode());
        }
        out.uint(4);
        out.array(self.blobs.len());
        for blob in &self.blobs {
            out.bytes(blob);
        }
        out.into_bytes()
    }

    /// Reads a submission. The statement in it is not read.
    ///
    /// # Errors
    /// [`Refusal`] with `bad_submission`, `bad_body` or `body_too_large`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > SUBMISSION_BYTES_MAX {
            let reason = format!("it has more than {SUBMISSION_BYTES_MAX} bytes");
            return Err(bad_submission(&reason));
        }
        if !budget::holds(bytes, ITEMS_MAX) {
            return Err(bad_submission("it is cut off, or has more items than fit"));
        }
        let value = cbor::decode(bytes).map_err(|e| bad_submission(&e.to_string()))?;
        let Some(
            [
                (Value::Uint(1), Value::Bytes(statement)),
                (Value::Uint(2), Value::Array(envelopes)),
                (Value::Uint(3), Value::Array(bodies)),
                (Value::Uint(4), Value::Array(blobs)),
            ],
        ) = value.as_map()
        else {
            return Err(bad_submission(
                "it is not a map of statement, envelopes, bodies and blobs",
            ));
        };
        if envelopes.len() > ENVELOPES_PER_SUBMISSION_MAX
            || bodies.len() > CLAIMS_PER_STATEMENT_MAX
            || blobs.len() > BLOBS_PER_SUBMISSION_MAX
        {
            return Err(bad_submission("a list is longer than its limit"));
        }
        Ok(Self {
            statement: statement.to_vec(),
            envelopes: read_list(envelopes, read_envelope)?,
            bodies: read_list(bodies, read_body)?,
            blobs: read_list(blobs, read_blob)?,
        })
    }

    /// Matches the bodies with the claims of the statement; see docs/formats/submission.md §3.
    /// Whether each body is cut as its format asks (`bad_cut`) is for its decoder to say.
    ///
    /// # Errors
    /// [`Refusal`] with `stray_body`, `withheld_part`, `envelope_missing`, `mapping_missing` or
    /// `bad_body`.
    pub fn check_bodies(
        &self,
        claims: &[Digest],
        known: Known<'_>,
    ) -> Result<MatchedBodies, Refusal> {
        self.check_bodies_by(&self.digests(), claims, known)
    }

    /// As [`Submission::check_bodies`], with its own [`Submission::digests`].
    pub(crate) fn check_bodies_by(
        &self,
        digests: &Digests,
        claims: &[Digest],
        known: Known<'_>,
    ) -> Result<MatchedBodies, Refusal> {
        self.check_nothing_withheld()?;
        let body_of_claim = match_claims(&digests.bodies, claims)?;
        let envelopes: BTreeMap<Digest, &EnvelopeBody> = digests
            .envelopes
            .iter()
            .copied()
            .zip(&self.envelopes)
            .collect();
        self.check_envelopes(&envelopes, known)?;
        self.check_mappings(&digests.blobs, known)?;
        let absent = body_of_claim.contains(&None);
        Ok(MatchedBodies {
            body_of_claim,
            marks: if absent {
                vec![Mark::BodyAbsent]
            } else {
                Vec::new()
            },
        })
    }

    fn check_nothing_withheld(&self) -> Result<(), Refusal> {
        let bodies = self.bodies.iter().flat_map(|body| &body.parts);
        let envelopes = self.envelopes.iter().flat_map(|envelope| &envelope.parts);
        let withheld = |part: &Part| matches!(part, Part::Withheld(_));
        if bodies.chain(envelopes).any(withheld) {
            let reason = "a part is withheld; intake needs whole bytes";
            return Err(Refusal::new(code::WITHHELD_PART, reason));
        }
        Ok(())
    }

    fn check_envelopes(
        &self,
        envelopes: &BTreeMap<Digest, &EnvelopeBody>,
        known: Known<'_>,
    ) -> Result<(), Refusal> {
        let mut needed: BTreeSet<Digest> = BTreeSet::new();
        let mut filled: BTreeSet<(Digest, u64)> = BTreeSet::new();
        for (at, body) in self.bodies.iter().enumerate() {
            let envelope = envelopes.get(&body.envelope);
            if envelope.is_some_and(|envelope| body.hole >= envelope.holes.len() as u64) {
                let reason = format!("body {at} names a hole that its envelope has not");
                return Err(Refusal::new(code::BAD_BODY, reason));
            }
            if !filled.insert((body.envelope, body.hole)) {
                let reason = format!("body {at} fills a hole that another one fills");
                return Err(Refusal::new(code::BAD_BODY, reason));
            }
            needed.insert(body.envelope);
        }
        let heads: Vec<Digest> = needed
            .iter()
            .filter_map(|digest| envelopes.get(digest)?.head)
            .collect();
        needed.extend(heads);
        let missing = needed
            .iter()
            .find(|digest| !envelopes.contains_key(digest) && !(known.envelope)(**digest));
        if let Some(digest) = missing {
            let reason = format!("nobody has the envelope {digest}");
            return Err(Refusal::new(code::ENVELOPE_MISSING, reason));
        }
        if envelopes.len() < self.envelopes.len() {
            return Err(stray("an envelope came twice"));
        }
        match envelopes.keys().find(|digest| !needed.contains(*digest)) {
            None => Ok(()),
            Some(digest) => Err(stray(&format!("no claim binds the envelope {digest}"))),
        }
    }

    fn check_mappings(&self, digests: &[Digest], known: Known<'_>) -> Result<(), Refusal> {
        let named: BTreeSet<Digest> = self.envelopes.iter().filter_map(|e| e.mapping).collect();
        let mut blobs: BTreeSet<Digest> = BTreeSet::new();
        for (at, digest) in digests.iter().enumerate() {
            if !named.contains(digest) || !blobs.insert(*digest) {
                return Err(stray(&format!(
                    "no envelope names blob {at}, or it came twice"
                )));
            }
        }
        let missing = named
            .iter()
            .find(|digest| !blobs.contains(digest) && !(known.mapping)(**digest));
        match missing {
            None => Ok(()),
            Some(digest) => {
                let reason = format!("nobody has the mapping file {digest}");
                Err(Refusal::new(code::MAPPING_MISSING, reason))
            }
        }
    }
}

/// Which body each claim has, by the digests of the bodies.
fn match_claims(bodies: &[Digest], claims: &[Digest]) -> Result<Vec<Option<usize>>, Refusal> {
    let mut at_of_digest: BTreeMap<Digest, usize> = BTreeMap::new();
    for (at, digest) in bodies.iter().enumerate() {
        if at_of_digest.insert(*digest, at).is_some() {
            return Err(stray(&format!("the body {at} came twice")));
        }
    }
    let matched = claims
        .iter()
        .map(|claim| at_of_digest.remove(claim))
        .collect();
    match at_of_digest.first_key_value() {
        None => Ok(matched),
        Some((_, at)) => Err(stray(&format!("no claim is the digest of body {at}"))),
    }
}

impl std::fmt::Debug for Known<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known")
    }
}

fn read_list<T>(
    items: &[Value<'_>],
    read: impl Fn(&[u8]) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    let stranger = || bad_submission("a list holds something that is no byte string");
    let each = items.iter().map(|item| {
        let bytes = item.as_bytes().ok_or_else(stranger)?;
        read(bytes)
    });
    each.collect()
}

fn read_envelope(bytes: &[u8]) -> Result<EnvelopeBody, Refusal> {
    check_items(bytes)?;
    let envelope = EnvelopeBody::decode(bytes).map_err(bad_body)?;
    if envelope.holes.len() > CLAIMS_PER_STATEMENT_MAX {
        return Err(Refusal::new(
            code::BODY_TOO_LARGE,
            "an envelope has at most 1024 holes",
        ));
    }
    check_len(&envelope.parts, ENVELOPE_BYTES_MAX)?;
    Ok(envelope)
}

fn read_body(bytes: &[u8]) -> Result<ClaimBody, Refusal> {
    check_items(bytes)?;
    let body = ClaimBody::decode(bytes).map_err(bad_body)?;
    check_len(&body.parts, CLAIM_BYTES_MAX)?;
    Ok(body)
}

fn read_blob(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    check_size(bytes.len(), MAPPING_BYTES_MAX)?;
    Ok(bytes.to_vec())
}

fn check_items(bytes: &[u8]) -> Result<(), Refusal> {
    if budget::holds(bytes, BODY_ITEMS_MAX) {
        Ok(())
    } else {
        let reason = "a body has more parts or holes than its limit, or is not CBOR";
        Err(Refusal::new(code::BAD_BODY, reason))
    }
}

fn check_len(parts: &[Part], bytes_max: usize) -> Result<(), Refusal> {
    let len = |part: &Part| match part {
        Part::Open(bytes) | Part::Sealed { bytes, .. } => bytes.len(),
        Part::Withheld(_) => 0,
    };
    check_size(parts.iter().map(len).sum(), bytes_max)
}

fn check_size(bytes: usize, bytes_max: usize) -> Result<(), Refusal> {
    if bytes <= bytes_max {
        Ok(())
    } else {
        let reason = format!("{bytes} bytes, at most {bytes_max}");
        Err(Refusal::new(code::BODY_TOO_LARGE, reason))
    }
}

fn bad_submission(why: &str) -> Refusal {
    Refusal::new(code::BAD_SUBMISSION, why)
}

fn bad_body(error: countersign_model::body::BodyError) -> Refusal {
    Refusal::new(code::BAD_BODY, error.to_string())
}

fn stray(why: &str) -> Refusal {
    Refusal::new(code::STRAY_BODY, why)
}
