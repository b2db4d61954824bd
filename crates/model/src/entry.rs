//! Entries: what the log made of a statement. Indexes, marks, verdict records, batches.

use std::fmt;

use crate::cbor::{self, Value, Writer};
use crate::digest::Digest;
use crate::sha256::Sha256;
use crate::time::Timestamp;

/// Position of an entry in the log, from 0. Not a [`Size`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Index(pub u64);

/// How many entries a log has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub u64);

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The entry of a statement: SHA-256 of its bytes with every unprotected header empty (format law 4).
#[must_use]
pub fn entry_of(statement: &[u8]) -> Digest {
    Digest::of(statement)
}

/// How sure it is who signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assurance {
    /// An import that nobody signed: the node recorded what it was given.
    Import,
    /// An authenticated channel vouches, no signature.
    Channel,
    /// A key kept in software.
    SoftwareKey,
    /// A key that hardware attests.
    HardwareKey,
}

impl Assurance {
    /// The word in records and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Channel => "channel",
            Self::SoftwareKey => "software_key",
            Self::HardwareKey => "hardware_key",
        }
    }

    /// Reads [`Assurance::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let all = [
            Self::Import,
            Self::Channel,
            Self::SoftwareKey,
            Self::HardwareKey,
        ];
        all.into_iter().find(|a| a.as_str() == text)
    }
}

/// A fact about a statement that does not stop it, but that others want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Statements between this one and the one before it in its chain have not come (yet).
    ChainGap,
    /// The statement before it, as it names it, is not the one we have.
    ChainBroken,
    /// The same place in the chain was signed twice with different content.
    Equivocation,
    /// The key, or whoever holds it, was locked before this came.
    Locked,
    /// The device clock and the node's differ by more than the source's contract allows.
    ClockOff,
    /// The bodies of its claims did not come with it.
    BodyAbsent,
    /// Not all the signers that its header asks for have signed.
    SignerMissing,
    /// The statement names a checkpoint as seen that this log never had.
    UnknownCheckpoint,
}

/// Every mark with its word; the order is the order of the enum.
pub const MARKS: [(Mark, &str); 8] = [
    (Mark::ChainGap, "chain_gap"),
    (Mark::ChainBroken, "chain_broken"),
    (Mark::Equivocation, "equivocation"),
    (Mark::Locked, "locked"),
    (Mark::ClockOff, "clock_off"),
    (Mark::BodyAbsent, "body_absent"),
    (Mark::SignerMissing, "signer_missing"),
    (Mark::UnknownCheckpoint, "unknown_checkpoint"),
];

impl Mark {
    /// The word in records and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        MARKS
            .iter()
            .find(|(mark, _)| *mark == self)
            .map_or("", |(_, word)| word)
    }

    /// Reads [`Mark::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        MARKS
            .iter()
            .find(|(_, word)| *word == text)
            .map(|(mark, _)| *mark)
    }
}

/// Where a claim stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimRef {
    /// Index of its statement.
    pub index: Index,
    /// Its place in the statement's payload, from 0.
    pub ordinal: u32,
}

impl fmt::Display for ClaimRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.index, self.ordinal)
    }
}

/// What intake made of one claim (format law 7). Judged once, recorded in the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimStatus {
    /// It counts.
    Effective,
    /// The same claim is in the log already; this one has no effect.
    Duplicate(ClaimRef),
    /// The same identity is in the log with other content.
    Conflicting(ClaimRef),
    /// It cannot be decoded; kept, and seen.
    Unfoldable,
    /// Its body did not come.
    BodyAbsent,
    /// An act that its signer may not do: recorded, without effect (ACT-4).
    Unauthorised,
}

impl ClaimStatus {
    /// The word in records and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Effective => "effective",
            Self::Duplicate(_) => "duplicate",
            Self::Conflicting(_) => "conflicting_claim",
            Self::Unfoldable => "unfoldable",
            Self::BodyAbsent => "body_absent",
            Self::Unauthorised => "unauthorised",
        }
    }
}

/// Bytes of the salt of a verdict record.
pub const RECORD_SALT_LEN: usize = 16;

/// What the node concluded of one statement: a leaf of the batch's verdict tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictRecord {
    /// Random salt, so that one record shown tells nothing of its neighbours.
    pub salt: [u8; RECORD_SALT_LEN],
    /// How sure it is who signed.
    pub assurance: Assurance,
    /// Marks of the statement, sorted.
    pub marks: Vec<Mark>,
    /// What became of each claim, in the order of the payload.
    pub claims: Vec<ClaimStatus>,
}

impl VerdictRecord {
    /// Deterministic CBOR of docs/formats/batch.md.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(5);
        out.uint(1);
        out.bytes(&self.salt);
        out.text(self.assurance.as_str());
        out.array(self.marks.len());
        for mark in &self.marks {
            out.text(mark.as_str());
        }
        out.array(self.claims.len());
        for claim in &self.claims {
            match claim {
                ClaimStatus::Duplicate(at) | ClaimStatus::Conflicting(at) => {
                    out.array(3);
                    out.text(claim.as_str());
                    out.uint(at.index.0);
                    out.uint(u64::from(at.ordinal));
                }
                ClaimStatus::Effective
                | ClaimStatus::Unfoldable
                | ClaimStatus::BodyAbsent
                | ClaimStatus::Unauthorised => {
                    out.array(1);
                    out.text(claim.as_str());
                }
            }
        }
        out.into_bytes()
    }

    /// Reads [`VerdictRecord::encode`]d bytes; `None` for anything else.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let value = cbor::decode(bytes).ok()?;
        let [Value::Uint(1), salt, assurance, marks, claims] = value.as_array()? else {
            return None;
        };
        let marks = marks
            .as_array()?
            .iter()
            .map(|m| Mark::parse(m.as_text()?))
            .collect::<Option<Vec<_>>>()?;
        if !marks.is_sorted_by(|a, b| a < b) {
            return None;
        }
        let claims = claims
            .as_array()?
            .iter()
            .map(read_status)
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            salt: salt.as_bytes()?.try_into().ok()?,
            assurance: Assurance::parse(assurance.as_text()?)?,
            marks,
            claims,
        })
    }
}

fn read_status(value: &Value<'_>) -> Option<ClaimStatus> {
    match value.as_array()? {
        [word] => match word.as_text()? {
            "effective" => Some(ClaimStatus::Effective),
            "unfoldable" => Some(ClaimStatus::Unfoldable),
            "body_absent" => Some(ClaimStatus::BodyAbsent),
            "unauthorised" => Some(ClaimStatus::Unauthorised),
            _ => None,
        },
        [word, index, ordinal] => {
            let at = ClaimRef {
                index: Index(index.as_u64()?),
                ordinal: u32::try_from(ordinal.as_u64()?).ok()?,
            };
            match word.as_text()? {
                "duplicate" => Some(ClaimStatus::Duplicate(at)),
                "conflicting_claim" => Some(ClaimStatus::Conflicting(at)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The node's own statement at the end of a commit: what it covers and what was concluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Index of the first statement covered.
    pub first: Index,
    /// How many; the batch itself stands at `first + count`.
    pub count: u64,
    /// The node's wall clock (UTC). Its word, no more.
    pub recorded: Timestamp,
    /// How far off that clock may be, in milliseconds.
    pub uncertainty_ms: u64,
    /// Deadlines up to this instant may fire.
    pub tick: Timestamp,
    /// Entry of the batch before; `None` in the first.
    pub previous: Option<Digest>,
    /// Root of the RFC 9162 tree over the verdict records.
    pub verdict_root: Digest,
}

impl Batch {
    /// The payload of the batch statement: deterministic CBOR of docs/formats/batch.md.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.map(7);
        out.uint(1);
        out.uint(self.first.0);
        out.uint(2);
        out.uint(self.count);
        out.uint(3);
        out.int(self.recorded.ms());
        out.uint(4);
        out.uint(self.uncertainty_ms);
        out.uint(5);
        out.int(self.tick.ms());
        out.uint(6);
        match self.previous {
            Some(previous) => out.bytes(previous.as_bytes()),
            None => out.null(),
        }
        out.uint(7);
        out.bytes(self.verdict_root.as_bytes());
        out.into_bytes()
    }

    /// Reads [`Batch::encode`]d bytes; `None` for anything else.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let value = cbor::decode(bytes).ok()?;
        if value.as_map()?.len() != 7 {
            return None;
        }
        let previous = match value.label(6)? {
            Value::Null => None,
            other => Some(Digest::from_slice(other.as_bytes()?)?),
        };
        Some(Self {
            first: Index(value.label(1)?.as_u64()?),
            count: value.label(2)?.as_u64()?,
            recorded: Timestamp::from_ms(value.label(3)?.as_i64()?),
            uncertainty_ms: value.label(4)?.as_u64()?,
            tick: Timestamp::from_ms(value.label(5)?.as_i64()?),
            previous,
            verdict_root: Digest::from_slice(value.label(7)?.as_bytes()?)?,
        })
    }
}

/// RFC 9162 leaf hash of a verdict record: SHA-256(0x00 ‖ record).
#[must_use]
pub fn verdict_leaf(record: &[u8]) -> Digest {
    let mut hash = Sha256::new();
    hash.update(&[0]);
    hash.update(record);
    Digest::new(hash.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_have_one_word_each() {
        for (mark, word) in MARKS {
            assert_eq!(Mark::parse(word), Some(mark));
            assert_eq!(mark.as_str(), word);
        }
    }

    #[test]
    fn records_and_batches_round_trip() {
        let at = ClaimRef {
            index: Index(70_000),
            ordinal: 3,
        };
        let record = VerdictRecord {
            salt: [3; RECORD_SALT_LEN],
            assurance: Assurance::SoftwareKey,
            marks: vec![Mark::ChainGap, Mark::ClockOff],
            claims: vec![
                ClaimStatus::Effective,
                ClaimStatus::Duplicate(at),
                ClaimStatus::Conflicting(at),
                ClaimStatus::Unfoldable,
                ClaimStatus::BodyAbsent,
                ClaimStatus::Unauthorised,
            ],
        };
        assert_eq!(VerdictRecord::decode(&record.encode()), Some(record));
        for previous in [None, Some(Digest::of(b"p"))] {
            let batch = Batch {
                first: Index(5),
                count: 2,
                recorded: Timestamp::from_ms(1_700_000_000_123),
                uncertainty_ms: 50,
                tick: Timestamp::from_ms(1_700_000_000_000),
                previous,
                verdict_root: Digest::of(b"r"),
            };
            assert_eq!(Batch::decode(&batch.encode()), Some(batch));
        }
        assert_eq!(Batch::decode(b"\xa0"), None);
    }
}
