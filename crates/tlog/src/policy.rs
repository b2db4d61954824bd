//! Trust policies: c2sp.org/tlog-policy. Which logs are known, which witnesses, and how many of
//! them must have cosigned a checkpoint before it counts.
//!
//! ```text
//! log log.example+…
//! witness north witness.example/north+…
//! witness south witness.example/south+…
//! group both all north south
//! quorum both
//! ```
//!
//! Log keys are of type 0x01 and witness keys of type 0x04; other types are refused when the file
//! is read, so that no witness is listed that could never count.

mod read;

use std::collections::BTreeSet;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::note::{KeyError, Note, NoteError, VerifiedSignature, VerifierKey};

/// What is wrong with a line of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// The file has more than 256 KiB, or more than 128 logs, witnesses or groups.
    #[error("the policy is too large")]
    TooLarge,
    /// A control character other than tab and newline.
    #[error("a control character")]
    BadOctet,
    /// The last line does not end in a newline: the file may have been cut off.
    #[error("the last line is not terminated")]
    Unterminated,
    /// Not a `log`, `witness`, `group` or `quorum` line with its fields.
    #[error("not a policy line")]
    BadLine,
    /// The key of a log or witness cannot be used.
    #[error("bad key: {0}")]
    BadKey(KeyError),
    /// The key has a type that the other role uses.
    #[error("a key of this type does not serve here")]
    WrongKeyType,
    /// A second log, or a second witness, with the same public key, or a name and id used twice.
    #[error("the key is listed already")]
    DuplicateKey,
    /// The name of a witness or group is taken, or `none`.
    #[error("the name is taken")]
    DuplicateName,
    /// A name that no line above defines.
    #[error("the name is not defined above")]
    UndefinedName,
    /// A member that is in a group already.
    #[error("the member is in a group already")]
    ReusedMember,
    /// A group threshold that is not in 1..=members.
    #[error("the threshold does not fit the group")]
    BadThreshold,
    /// No `quorum` line, or two.
    #[error("a policy has exactly one quorum line")]
    QuorumCount,
}

impl PolicyFault {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "policy_too_large",
            Self::BadOctet => "policy_bad_octet",
            Self::Unterminated => "policy_unterminated",
            Self::BadLine => "policy_bad_line",
            Self::BadKey(why) => why.code(),
            Self::WrongKeyType => "policy_wrong_key_type",
            Self::DuplicateKey => "policy_duplicate_key",
            Self::DuplicateName => "policy_duplicate_name",
            Self::UndefinedName => "policy_undefined_name",
            Self::ReusedMember => "policy_reused_member",
            Self::BadThreshold => "policy_bad_threshold",
            Self::QuorumCount => "policy_quorum_count",
        }
    }
}

/// Why a file is not a policy, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct PolicyParseError {
    /// Line, counted from 1; one past the last for what is missing.
    pub line: usize,
    /// What is wrong there.
    pub fault: PolicyFault,
}

impl PolicyParseError {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        self.fault.code()
    }
}

/// Why a checkpoint does not satisfy a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A known key's signature does not hold, or no known key signed.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text of the note is not a checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// No log of this origin is in the policy, or it did not sign.
    #[error("no log of the policy signed the checkpoint")]
    UnknownLog,
    /// Too few witnesses cosigned: ask the log for a newer proof.
    #[error("too few witnesses cosigned the checkpoint")]
    NoQuorum,
}

impl PolicyError {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Note(why) => why.code(),
            Self::Checkpoint(why) => why.code(),
            Self::UnknownLog => "policy_unknown_log",
            Self::NoQuorum => "policy_no_quorum",
        }
    }
}

/// A known log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyLog {
    key: VerifierKey,
    url: Option<Vec<u8>>,
}

/// A known witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyWitness {
    name: Vec<u8>,
    key: VerifierKey,
    url: Option<Vec<u8>>,
}

impl PolicyLog {
    /// The key; its name is the origin of the log.
    pub const fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Where to reach the log: opaque octets.
    pub fn url(&self) -> Option<&[u8]> {
        self.url.as_deref()
    }
}

impl PolicyWitness {
    /// The name within the policy, which means nothing outside of it: opaque octets.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// The key.
    pub const fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Where to reach the witness: opaque octets.
    pub fn url(&self) -> Option<&[u8]> {
        self.url.as_deref()
    }
}

/// A witness or group, by its place in the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    Witness(usize),
    Group(usize),
}

/// At least `threshold` of the members, which stand above it in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    threshold: usize,
    members: Vec<Member>,
}

/// A policy: logs, witnesses, groups and a quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    /// `None`: no cosignature is asked for.
    quorum: Option<Member>,
}

/// A cosignature that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cosignature<'p> {
    /// Who cosigned.
    pub witness: &'p PolicyWitness,
    /// The witness's word on when, in seconds since the epoch.
    pub time_s: u64,
}

/// What a checkpoint that satisfies a policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyVerdict<'p> {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The key with which its log signed.
    pub log: &'p VerifierKey,
    /// Every cosignature by a witness of the policy, in the order of their lines.
    pub cosignatures: Vec<Cosignature<'p>>,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// The first line that is not as the page asks, and why.
    pub fn parse(octets: &[u8]) -> Result<Self, PolicyParseError> {
        read::policy(octets)
    }

    /// The known logs. May be empty where the log is known from elsewhere.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The known witnesses.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Checks a checkpoint: every signature by a known key holds, a log of the policy whose name is
    /// the origin signed, and the quorum cosigned.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn evaluate(&self, note: &Note) -> Result<PolicyVerdict<'_>, PolicyError> {
        let logs: Vec<&VerifierKey> = self.logs.iter().map(PolicyLog::key).collect();
        self.evaluate_with(&logs, note)
    }

    /// The same for one log that the caller pins, whatever logs the policy lists.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn evaluate_log<'p>(
        &'p self,
        log: &'p VerifierKey,
        note: &Note,
    ) -> Result<PolicyVerdict<'p>, PolicyError> {
        self.evaluate_with(&[log], note)
    }

    fn evaluate_with<'p>(
        &'p self,
        logs: &[&'p VerifierKey],
        note: &Note,
    ) -> Result<PolicyVerdict<'p>, PolicyError> {
        let witnesses = self.witnesses.iter().map(PolicyWitness::key);
        let verified = note.verify(logs.iter().copied().chain(witnesses))?;
        let checkpoint = Checkpoint::parse(note.text())?;
        let signed = |log: &&VerifierKey| {
            let by_log = verified.iter().any(|signature| signature.key == *log);
            by_log && log.name().as_str() == checkpoint.origin()
        };
        let log = logs
            .iter()
            .copied()
            .find(signed)
            .ok_or(PolicyError::UnknownLog)?;
        let cosignature = |signature: &VerifiedSignature<'p>| {
            let time_s = signature.cosigned_at_s?;
            let witness = self
                .witnesses
                .iter()
                .find(|witness| witness.key == *signature.key)?;
            Some(Cosignature { witness, time_s })
        };
        let cosignatures: Vec<_> = verified.iter().filter_map(cosignature).collect();
        if !self.has_quorum(&cosignatures) {
            return Err(PolicyError::NoQuorum);
        }
        Ok(PolicyVerdict {
            checkpoint,
            log,
            cosignatures,
        })
    }

    /// Groups refer to what stands above them, so one pass downwards decides all of them.
    fn has_quorum(&self, cosignatures: &[Cosignature<'_>]) -> bool {
        let cosigned = |witness: &PolicyWitness| {
            cosignatures
                .iter()
                .any(|cosignature| cosignature.witness == witness)
        };
        let witnesses = self
            .witnesses
            .iter()
            .enumerate()
            .filter(|(_, witness)| cosigned(witness));
        let mut satisfied: BTreeSet<Member> =
            witnesses.map(|(place, _)| Member::Witness(place)).collect();
        for (place, group) in self.groups.iter().enumerate() {
            let count = group
                .members
                .iter()
                .filter(|member| satisfied.contains(member))
                .count();
            if count >= group.threshold {
                satisfied.insert(Member::Group(place));
            }
        }
        self.quorum.is_none_or(|quorum| satisfied.contains(&quorum))
    }
}

#[cfg(test)]
mod tests;
