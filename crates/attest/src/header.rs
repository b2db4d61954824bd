//! The protected header: what a signer says about a statement (docs/formats/statement.md §2).

use countersign_model::cbor::Writer;
use countersign_model::digest::Digest;
use countersign_model::entry::Size;
use countersign_model::ids::{KeyId, Origin, PrincipalId};
use countersign_model::limits::AUDIENCES_MAX;
use countersign_model::time::Timestamp;

use crate::key::Algorithm;
use crate::limits::{KIND_BYTES_MAX, REQUIRED_SIGNERS_MAX};
use crate::refusal::Refusal;

mod read;

pub(crate) use read::{read_algorithm, read_key_id};

/// Labels of the protected header (RFC 9052 §3.1, RFC 9597, and ours for private use).
pub mod label {
    /// Algorithm.
    pub const ALG: i64 = 1;
    /// Content type.
    pub const CONTENT_TYPE: i64 = 3;
    /// Key id.
    pub const KID: i64 = 4;
    /// CWT claims.
    pub const CWT_CLAIMS: i64 = 15;
    /// `[kind, version]`.
    pub const KIND: i64 = -70_001;
    /// `[epoch, counter, previous]`.
    pub const CHAIN: i64 = -70_002;
    /// `[size, root]` of the newest checkpoint seen.
    pub const SEEN: i64 = -70_003;
    /// Device clock, milliseconds since 1970.
    pub const CLOCK: i64 = -70_004;
    /// Key ids that must sign.
    pub const REQUIRED: i64 = -70_005;
    /// Labels below this one are anybody's: signed, kept, ignored.
    pub const EXTENSIONS_BELOW: i64 = -80_000;
}

/// What a statement holds and in which version of that format.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    name: Box<str>,
    version: u64,
}

/// The place of a statement in its signer's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainLink {
    epoch: u64,
    counter: u64,
    previous: Option<Digest>,
}

/// The newest checkpoint that the signer had seen: the statement was not signed before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenCheckpoint {
    /// Size of the tree.
    pub size: Size,
    /// Its root.
    pub root: Digest,
}

/// The protected header without what belongs to one signature (algorithm, key id).
/// Valid by construction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    issuer: PrincipalId,
    subject: Box<str>,
    audiences: Vec<Origin>,
    kind: Kind,
    chain: Option<ChainLink>,
    seen: Option<SeenCheckpoint>,
    clock: Option<Timestamp>,
}

/// Who is asked to sign: one key, or several (COSE_Sign).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignerPart {
    One(Algorithm, KeyId),
    Many(Vec<KeyId>),
}

impl Kind {
    /// Digests of claims.
    #[must_use]
    pub fn claims() -> Self {
        Self::of("claims")
    }

    /// The first entry of a log.
    #[must_use]
    pub fn genesis() -> Self {
        Self::of("genesis")
    }

    /// The node's own statement at the end of a commit.
    #[must_use]
    pub fn batch() -> Self {
        Self::of("batch")
    }

    fn of(name: &str) -> Self {
        Self {
            name: name.into(),
            version: 1,
        }
    }

    /// A kind of 1 to 32 characters `a-z 0-9 -`, the first a letter, and a version from 1.
    #[must_use]
    pub fn new(name: &str, version: u64) -> Option<Self> {
        let fits = (1..=KIND_BYTES_MAX).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        (fits && version > 0).then(|| Self {
            name: name.into(),
            version,
        })
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version of its format.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// `application/vnd.countersign.<name>+cbor`.
    #[must_use]
    pub fn content_type(&self) -> String {
        format!("application/vnd.countersign.{}+cbor", self.name)
    }
}

impl ChainLink {
    /// The first statement of an epoch. A device that starts over chooses an epoch it never used.
    #[must_use]
    pub const fn first(epoch: u64) -> Self {
        Self {
            epoch,
            counter: 1,
            previous: None,
        }
    }

    /// The statement at `counter`, which follows the one whose Sig_structure has the digest
    /// `previous`; `None` for a counter under 2.
    #[must_use]
    pub const fn after(epoch: u64, counter: u64, previous: Digest) -> Option<Self> {
        if counter < 2 {
            return None;
        }
        Some(Self {
            epoch,
            counter,
            previous: Some(previous),
        })
    }

    /// The epoch.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The counter, from 1.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// [`crate::statement::Statement::sig_digest`] of the statement before; `None` exactly at counter 1.
    #[must_use]
    pub const fn previous(&self) -> Option<Digest> {
        self.previous
    }
}

impl Header {
    /// A header without chain, checkpoint and clock.
    ///
    /// `subject` is what the statement is about, in the signer's words (1 to 512 bytes, the
    /// characters of a name). `audiences` are the origins of 1 to 8 logs, in any order.
    ///
    /// # Errors
    /// [`Refusal`] with `bad_statement` for a subject or a number of audiences out of bounds.
    pub fn new(
        issuer: PrincipalId,
        subject: &str,
        mut audiences: Vec<Origin>,
        kind: Kind,
    ) -> Result<Self, Refusal> {
        audiences.sort();
        audiences.dedup();
        if !(1..=AUDIENCES_MAX).contains(&audiences.len()) {
            return Err(Refusal::statement("there are 1 to 8 audiences"));
        }
        PrincipalId::parse(subject).map_err(|e| Refusal::statement(format!("subject: {e}")))?;
        Ok(Self {
            issuer,
            subject: subject.into(),
            audiences,
            kind,
            chain: None,
            seen: None,
            clock: None,
        })
    }

    /// The same header at a place of the signer's chain.
    #[must_use]
    pub fn with_chain(mut self, link: ChainLink) -> Self {
        self.chain = Some(link);
        self
    }

    /// The same header with the newest checkpoint seen.
    #[must_use]
    pub fn with_seen(mut self, seen: SeenCheckpoint) -> Self {
        self.seen = Some(seen);
        self
    }

    /// The same header with the device's clock; a time before 1970 is no clock and is left out.
    #[must_use]
    pub fn with_clock(mut self, clock: Timestamp) -> Self {
        self.clock = (clock.ms() >= 0).then_some(clock);
        self
    }

    /// Who says so.
    #[must_use]
    pub const fn issuer(&self) -> &PrincipalId {
        &self.issuer
    }

    /// What about.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// To which logs, sorted.
    #[must_use]
    pub fn audiences(&self) -> &[Origin] {
        &self.audiences
    }

    /// What the payload is.
    #[must_use]
    pub const fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The place in the chain.
    #[must_use]
    pub const fn chain(&self) -> Option<&ChainLink> {
        self.chain.as_ref()
    }

    /// The newest checkpoint that the signer had seen.
    #[must_use]
    pub const fn seen(&self) -> Option<&SeenCheckpoint> {
        self.seen.as_ref()
    }

    /// The signer's clock.
    #[must_use]
    pub const fn clock(&self) -> Option<Timestamp> {
        self.clock
    }

    /// The protected header in deterministic CBOR. `part` holds valid, sorted key ids.
    pub(crate) fn encode(&self, part: &SignerPart) -> Vec<u8> {
        let one = usize::from(matches!(part, SignerPart::One(..)));
        let optional = [
            self.chain.is_some(),
            self.seen.is_some(),
            self.clock.is_some(),
        ];
        let optional = optional.into_iter().filter(|there| *there).count();
        let mut out = Writer::default();
        // One signer adds alg and kid, several add the list of required keys.
        out.map(3 + 2 * one + optional + (1 - one));
        if let SignerPart::One(algorithm, _) = part {
            out.int(label::ALG);
            out.int(algorithm.cose());
        }
        out.int(label::CONTENT_TYPE);
        out.text(&self.kind.content_type());
        if let SignerPart::One(_, key) = part {
            out.int(label::KID);
            out.bytes(key.0.as_bytes());
        }
        out.int(label::CWT_CLAIMS);
        self.write_cwt_claims(&mut out);
        out.int(label::KIND);
        out.array(2);
        out.text(&self.kind.name);
        out.uint(self.kind.version);
        self.write_optional(&mut out);
        if let SignerPart::Many(required) = part {
            out.int(label::REQUIRED);
            out.array(required.len());
            for key in required {
                out.bytes(key.0.as_bytes());
            }
        }
        out.into_bytes()
    }

    fn write_cwt_claims(&self, out: &mut Writer) {
        out.map(3);
        out.uint(1);
        out.text(self.issuer.as_str());
        out.uint(2);
        out.text(&self.subject);
        out.uint(3);
        if let [only] = self.audiences.as_slice() {
            out.text(only.as_str());
        } else {
            out.array(self.audiences.len());
            for audience in &self.audiences {
                out.text(audience.as_str());
            }
        }
    }

    fn write_optional(&self, out: &mut Writer) {
        if let Some(link) = &self.chain {
            out.int(label::CHAIN);
            out.array(3);
            out.uint(link.epoch);
            out.uint(link.counter);
            match link.previous {
                Some(previous) => out.bytes(previous.as_bytes()),
                None => out.null(),
            }
        }
        if let Some(seen) = &self.seen {
            out.int(label::SEEN);
            out.array(2);
            out.uint(seen.size.0);
            out.bytes(seen.root.as_bytes());
        }
        if let Some(clock) = self.clock {
            out.int(label::CLOCK);
            out.int(clock.ms());
        }
    }
}

/// 2 to 8 key ids, rising.
pub(crate) fn are_required_keys(keys: &[KeyId]) -> bool {
    (2..=REQUIRED_SIGNERS_MAX).contains(&keys.len()) && keys.is_sorted_by(|a, b| a < b)
}
