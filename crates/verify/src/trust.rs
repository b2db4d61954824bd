//! What the reader trusts: keys of logs, or a policy. Brought by the reader, never by the evidence.

use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::{KeyError, Note, NoteError, SignatureType, VerifierKey};
use countersign_tlog::policy::{Policy, PolicyError, PolicyParseError};

use crate::reason::Reason;
use crate::report::Fault;
use crate::words::shown;

/// What the reader trusts.
#[derive(Clone, Debug, Default)]
pub enum Trust {
    /// Nothing: the best answer is 'consistent in itself'.
    #[default]
    None,
    /// These keys of logs; the name of a key is the origin of its log.
    Keys(Vec<VerifierKey>),
    /// A C2SP trust policy: logs, witnesses and a quorum.
    Policy(Box<Policy>),
}

/// Why a text is no trust.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// Not a verifier key.
    #[error("not the key of a log: {0}")]
    Key(#[from] KeyError),
    /// The key of a witness: it says nothing about who the log is.
    #[error("this is the key of a witness, not of a log; witnesses belong in a policy")]
    Witness,
    /// Not a policy.
    #[error("not a policy: {0}")]
    Policy(#[from] PolicyParseError),
    /// A policy without logs trusts no log.
    #[error("the policy names no log")]
    NoLog,
}

impl Trust {
    /// Trust in the logs with these verifier keys (`name+id+base64`).
    ///
    /// # Errors
    /// [`TrustError::Key`] or [`TrustError::Witness`].
    pub fn keys<'a>(vkeys: impl IntoIterator<Item = &'a str>) -> Result<Self, TrustError> {
        let mut keys = Vec::new();
        for vkey in vkeys {
            let key = VerifierKey::parse(vkey)?;
            // Of a key of type 0x06 its name alone says whether it is a log's: it must be the origin.
            if key.kind() == SignatureType::CosignatureV1 {
                return Err(TrustError::Witness);
            }
            keys.push(key);
        }
        Ok(if keys.is_empty() {
            Self::None
        } else {
            Self::Keys(keys)
        })
    }

    /// Trust by a policy file (c2sp.org/tlog-policy) with at least one log.
    ///
    /// # Errors
    /// [`TrustError::Policy`] or [`TrustError::NoLog`].
    pub fn policy(octets: &[u8]) -> Result<Self, TrustError> {
        let policy = Policy::parse(octets)?;
        if policy.logs().is_empty() {
            return Err(TrustError::NoLog);
        }
        Ok(Self::Policy(Box::new(policy)))
    }

    /// Whether there is any.
    #[must_use]
    pub const fn is_pinned(&self) -> bool {
        !matches!(self, Self::None)
    }
}

/// A checkpoint that what is trusted speaks for.
#[derive(Clone, Debug)]
pub(crate) struct Trusted {
    /// The key that signed it as the log.
    pub(crate) signer: VerifierKey,
    /// Witnesses that cosigned, by the name of their key, with their word on when (s since 1970).
    pub(crate) cosigned: Vec<(String, u64)>,
}

/// Whether the note is one that the reader trusts.
pub(crate) fn judge(trust: &Trust, note: &Note, checkpoint: &Checkpoint) -> Result<Trusted, Fault> {
    match trust {
        Trust::None => Err(Fault::new(
            Reason::NoPinnedKey,
            "no key of a log was pinned, so nobody you trust speaks for this checkpoint",
        )),
        Trust::Keys(keys) => by_keys(keys, note, checkpoint),
        Trust::Policy(policy) => by_policy(policy, note, checkpoint),
    }
}

fn by_keys(keys: &[VerifierKey], note: &Note, checkpoint: &Checkpoint) -> Result<Trusted, Fault> {
    let origin = checkpoint.origin();
    let is_ours = |key: &VerifierKey| key.name().as_str() == origin;
    // A line in the name of any pinned key must hold, also of another log's.
    let verified = match note.verify(keys) {
        Ok(verified) => verified,
        Err(NoteError::Unverified) if !keys.iter().any(is_ours) => return Err(not_pinned(origin)),
        Err(error) => return Err(refused(&error, origin)),
    };
    if !keys.iter().any(is_ours) {
        return Err(not_pinned(origin));
    }
    let by_us = verified.iter().find(|signature| is_ours(signature.key));
    let signer = by_us.map(|signature| signature.key.clone());
    signer
        .map(|signer| Trusted {
            signer,
            cosigned: Vec::new(),
        })
        .ok_or_else(|| not_signed(origin))
}

fn by_policy(policy: &Policy, note: &Note, checkpoint: &Checkpoint) -> Result<Trusted, Fault> {
    let origin = checkpoint.origin();
    let is_known = policy
        .logs()
        .iter()
        .any(|log| log.key().name().as_str() == origin);
    let verdict = policy.evaluate(note).map_err(|error| match &error {
        PolicyError::NoQuorum => Fault::new(
            Reason::QuorumMissing,
            "the log signed it, but too few witnesses of your policy cosigned it",
        ),
        PolicyError::Note(NoteError::Unverified) | PolicyError::UnknownLog if !is_known => {
            not_pinned(origin)
        }
        PolicyError::UnknownLog => not_signed(origin),
        PolicyError::Note(error) => refused(error, origin),
        PolicyError::Checkpoint(error) => {
            Fault::new(Reason::CheckpointUnreadable, error.to_string())
        }
    })?;
    let cosigned = verdict.cosignatures.iter();
    Ok(Trusted {
        signer: verdict.log.clone(),
        cosigned: cosigned
            .map(|cosignature| {
                (
                    cosignature.witness.key().name().to_string(),
                    cosignature.time_s,
                )
            })
            .collect(),
    })
}

fn not_pinned(origin: &str) -> Fault {
    let detail = format!(
        "it is of the log {}, of which you pinned no key",
        shown(origin)
    );
    Fault::new(Reason::OriginNotPinned, detail)
}

fn not_signed(origin: &str) -> Fault {
    let detail = format!(
        "the key that you pinned for {} did not sign it",
        shown(origin)
    );
    Fault::new(Reason::CheckpointNotByPinnedKey, detail)
}

fn refused(error: &NoteError, origin: &str) -> Fault {
    match error {
        NoteError::Unverified => not_signed(origin),
        other => Fault::new(Reason::CheckpointSignatureWrong, other.to_string()),
    }
}
