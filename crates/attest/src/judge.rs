//! The judgement: a statement, the register, the chains and the time it came, into a verdict.
//!
//! [`authenticate`] is the dear part (signatures) and reads the register only, so it may run on
//! many threads; [`conclude`] is the cheap part, to be called by the one who sequences.
//! [`judge`] is both.
//!
//! The order of the checks is part of the promise: a replay is answered with its index even if
//! the key has been revoked since, so a device that asks again gets its receipt; and no replay
//! is answered to somebody who has not the signature.

use countersign_model::entry::{Assurance, Index, Mark};
use countersign_model::ids::{KeyId, Origin, PrincipalId};
use countersign_model::network::Role;
use countersign_model::time::Timestamp;

use crate::chains::{Chains, Fit};
use crate::limits::CLOCK_OFF_MS_MAX;
use crate::refusal::{Refusal, code};
use crate::register::{KeyEntry, Register};
use crate::statement::{Content, Proof, Statement};

/// Which log judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogIdentity {
    /// Its origin.
    pub origin: Origin,
    /// Logs whose audience it accepts too: those that its genesis names, and its own names before
    /// renewals gave it others.
    pub predecessors: Vec<Origin>,
}

/// One of those who signed beside the issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigner {
    /// Who.
    pub principal: PrincipalId,
    /// With which key.
    pub key: KeyId,
    /// How sure that is.
    pub assurance: Assurance,
}

/// What became of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is to be logged.
    Admit {
        /// Who says so.
        principal: PrincipalId,
        /// With which key.
        key: KeyId,
        /// How sure that is.
        assurance: Assurance,
        /// Who has signed it too, by key id.
        cosigners: Vec<Cosigner>,
        /// `ChainGap`, `ChainBroken`, `Equivocation`, `ClockOff`, `SignerMissing`, sorted.
        marks: Vec<Mark>,
    },
    /// It is in the log already: its receipt is the answer.
    Replay {
        /// Where.
        index: Index,
    },
    /// It is not logged.
    Refuse {
        /// One of [`crate::refusal::ERROR_CODES`].
        code: &'static str,
        /// A sentence for people.
        reason: String,
    },
}

/// A statement whose signatures were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentic {
    principal: PrincipalId,
    key: KeyId,
    assurance: Assurance,
    clock_offset_ms: i64,
    cosigners: Vec<Cosigner>,
    signer_missing: bool,
    /// Why it is not taken unless it is a replay.
    refusal: Option<Refusal>,
}

/// Judges a statement that came at `received`.
#[must_use]
pub fn judge(
    register: &Register,
    chains: &Chains,
    statement: &Statement,
    log: &LogIdentity,
    received: Timestamp,
) -> Verdict {
    match authenticate(register, statement, log) {
        Ok(authentic) => {
            let fit = chains.judge(&authentic.key, statement);
            conclude(authentic, register, fit, statement, received)
        }
        Err(refusal) => refuse(refusal),
    }
}

/// Checks audience, keys and signatures.
///
/// # Errors
/// [`Refusal`] with `wrong_audience`, `unknown_key`, `bad_signature` or `issuer_mismatch`.
pub fn authenticate(
    register: &Register,
    statement: &Statement,
    log: &LogIdentity,
) -> Result<Authentic, Refusal> {
    let is_ours =
        |audience: &Origin| *audience == log.origin || log.predecessors.contains(audience);
    if !statement.audiences().iter().any(is_ours) {
        let reason = format!("it is not addressed to {}", log.origin);
        return Err(Refusal::new(code::WRONG_AUDIENCE, reason));
    }
    match statement.proof() {
        Proof::One(signature) => one_signer(register, statement, signature.key),
        Proof::Passkey { key, .. } => one_signer(register, statement, *key),
        Proof::Many { required, .. } => many_signers(register, statement, required),
    }
}

/// Says what becomes of an authentic statement that fits the chains so.
#[must_use]
pub fn conclude(
    authentic: Authentic,
    register: &Register,
    fit: Fit,
    statement: &Statement,
    received: Timestamp,
) -> Verdict {
    let mut marks = match fit {
        Fit::Replay(index) => return Verdict::Replay { index },
        Fit::New(marks) => marks,
    };
    if let Some(refusal) = authentic.refusal {
        return refuse(refusal);
    }
    let clock = statement.clock().filter(|_| !register.has_scenario_clock());
    if clock.is_some_and(|clock| is_off(clock, authentic.clock_offset_ms, received)) {
        marks.push(Mark::ClockOff);
    }
    if authentic.signer_missing {
        marks.push(Mark::SignerMissing);
    }
    marks.sort_unstable();
    Verdict::Admit {
        principal: authentic.principal,
        key: authentic.key,
        assurance: authentic.assurance,
        cosigners: authentic.cosigners,
        marks,
    }
}

impl Authentic {
    /// Who says so.
    #[must_use]
    pub const fn principal(&self) -> &PrincipalId {
        &self.principal
    }

    /// With which key.
    #[must_use]
    pub const fn key(&self) -> KeyId {
        self.key
    }
}

fn refuse(refusal: Refusal) -> Verdict {
    Verdict::Refuse {
        code: refusal.code,
        reason: refusal.reason,
    }
}

fn is_off(clock: Timestamp, offset_ms: i64, received: Timestamp) -> bool {
    let true_ms = clock.ms().saturating_sub(offset_ms);
    true_ms.abs_diff(received.ms()) > CLOCK_OFF_MS_MAX.unsigned_abs()
}

fn one_signer(
    register: &Register,
    statement: &Statement,
    key: KeyId,
) -> Result<Authentic, Refusal> {
    let entry = register.resolve(&key).ok_or_else(|| {
        let reason = format!("no principal of this log has the key {key}");
        Refusal::new(code::UNKNOWN_KEY, reason)
    })?;
    if statement.verify_by(&entry.public_key) != Some(true) {
        return Err(bad_signature(key));
    }
    if entry.principal != *statement.issuer() {
        return Err(issuer_mismatch("the key that signed is not the issuer's"));
    }
    Ok(Authentic::of(register, statement, key, entry))
}

fn many_signers(
    register: &Register,
    statement: &Statement,
    required: &[KeyId],
) -> Result<Authentic, Refusal> {
    let mut signed: Vec<(KeyId, &KeyEntry)> = Vec::new();
    let mut any_known = false;
    for key in required {
        // A signature that nobody here can check is as good as missing.
        let Some(entry) = register.resolve(key) else {
            continue;
        };
        any_known = true;
        match statement.verify_by(&entry.public_key) {
            Some(true) => signed.push((*key, entry)),
            Some(false) => return Err(bad_signature(*key)),
            None => {}
        }
    }
    if !any_known {
        let reason = "no principal of this log has any of the required keys";
        return Err(Refusal::new(code::UNKNOWN_KEY, reason));
    }
    let mut issuers = signed
        .iter()
        .filter(|(_, entry)| entry.principal == *statement.issuer());
    let (Some((key, entry)), None) = (issuers.next(), issuers.next()) else {
        return Err(issuer_mismatch(
            "not exactly one of the keys that were required and signed is the issuer's",
        ));
    };
    let mut authentic = Authentic::of(register, statement, *key, entry);
    authentic.cosigners = signed
        .iter()
        .filter(|(other, entry)| other != key && entry.revoked.is_none())
        .map(|(key, entry)| Cosigner {
            principal: entry.principal.clone(),
            key: *key,
            assurance: entry.assurance,
        })
        .collect();
    authentic.signer_missing = authentic.cosigners.len() + 1 < required.len();
    Ok(authentic)
}

impl Authentic {
    fn of(register: &Register, statement: &Statement, key: KeyId, entry: &KeyEntry) -> Self {
        Self {
            principal: entry.principal.clone(),
            key,
            assurance: entry.assurance,
            clock_offset_ms: entry.clock_offset_ms,
            cosigners: Vec::new(),
            signer_missing: false,
            refusal: refusal_unless_replay(register, statement, key, entry),
        }
    }
}

fn refusal_unless_replay(
    register: &Register,
    statement: &Statement,
    key: KeyId,
    entry: &KeyEntry,
) -> Option<Refusal> {
    if let Some(index) = entry.revoked {
        let reason = format!("the key {key} is out of force since index {index}");
        return Some(Refusal::new(code::REVOKED_KEY, reason));
    }
    let is_node = key == register.node_key();
    match statement.content() {
        Content::Unknown => {
            let kind = statement.kind();
            let reason = format!("{} version {} is unknown here", kind.name(), kind.version());
            return Some(Refusal::new(code::UNKNOWN_KIND, reason));
        }
        Content::Genesis(_) | Content::Batch(_) if !is_node => {
            let reason = "only the node makes statements of this kind";
            return Some(Refusal::new(code::RESERVED_KIND, reason));
        }
        Content::Genesis(_) | Content::Batch(_) | Content::Claims(_) => {}
    }
    // The node's statements are ordered by the log itself; a passkey keeps no counter.
    let chained = matches!(entry.role, Role::Device | Role::Service)
        && !is_node
        && !matches!(statement.proof(), Proof::Passkey { .. });
    (chained && statement.chain().is_none()).then(|| {
        let reason = "devices and services number their statements";
        Refusal::new(code::CHAIN_MISSING, reason)
    })
}

fn bad_signature(key: KeyId) -> Refusal {
    let reason = format!("the signature by the key {key} does not verify");
    Refusal::new(code::BAD_SIGNATURE, reason)
}

fn issuer_mismatch(reason: &str) -> Refusal {
    Refusal::new(code::ISSUER_MISMATCH, reason)
}
