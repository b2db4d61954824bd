//! What can be said of an entry by itself: whether it can be read, and whether what came with it is
//! what it signs. It needs nothing of what stands before it, so it is done on all cores.

use std::collections::BTreeMap;

use countersign_attest::{Content, Statement};
use countersign_model::act::Act;
use countersign_model::body::{ClaimBody, EnvelopeBody, Format};
use countersign_model::cbor::{self, Value};
use countersign_model::digest::Digest;
use countersign_model::entry::{Batch, ClaimStatus, Index, VerdictRecord, entry_of};
use countersign_model::network::Object;
use countersign_record::commit::verdict_root;
use countersign_record::sealing::fingerprint_of;
use countersign_record::segment::Kind;
use countersign_record::stored::{StoredCommit, StoredStatement};
use countersign_tlog::Hash;

use super::ground::Spot;
use super::tally::{Counts, Part};
use crate::act;
use crate::bench::read_statement;
use crate::reason::Reason;
use crate::report::Fault;

/// An entry as it lies in the ground.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stored<'a> {
    /// A statement and, if the batch has one, its verdict record.
    Statement(&'a StoredStatement<'a>, Option<&'a [u8]>),
    /// The batch that ends a commit.
    Batch(&'a StoredCommit<'a>),
}

/// An entry that was read.
#[derive(Debug)]
pub(super) struct Read {
    /// Where it says it stands in the log.
    pub(super) index: Index,
    /// Where it lies.
    pub(super) at: Spot,
    /// Its entry, whether or not it can be read.
    pub(super) entry: Digest,
    /// Its leaf in the tree.
    pub(super) leaf: Hash,
    /// The statement, if it is one.
    pub(super) statement: Option<Statement>,
    /// What it holds.
    pub(super) holds: Holds,
    /// What is wrong with it.
    pub(super) faults: Vec<(Part, Fault)>,
    /// What is counted.
    pub(super) counts: Counts,
}

/// What an entry holds.
#[derive(Debug)]
pub(super) enum Holds {
    /// A statement's.
    Said(Said),
    /// A batch's.
    Ended(Ended),
}

/// What came with a statement, and what the node made of it.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The verdict record, if there is one that can be read.
    pub(super) record: Option<VerdictRecord>,
    /// Claims that are acts, by ordinal.
    pub(super) acts: Vec<(usize, Act)>,
    /// SHA-256 of mapping files that came with it.
    pub(super) mappings: Vec<Digest>,
    /// Envelopes that came with it.
    pub(super) envelopes: Vec<(Digest, Around)>,
    /// The hole of an envelope that each body fills.
    pub(super) fills: Vec<(Digest, u64)>,
}

/// An envelope, as far as its claims need it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    /// How many holes it has.
    pub(super) holes: u64,
    /// The first section of its document.
    pub(super) head: Option<Digest>,
    /// The mapping file that it names.
    pub(super) mapping: Option<Digest>,
}

/// What a batch says, and what there is.
#[derive(Debug)]
pub(super) struct Ended {
    /// What it says, if it is one.
    pub(super) batch: Option<Batch>,
    /// Index of the first entry of the commit.
    pub(super) first: Index,
    /// How many statements it has.
    pub(super) count: u64,
    /// How many verdict records.
    pub(super) records: u64,
    /// The root over them.
    pub(super) root: Digest,
}

/// The entries of commits, in log order.
pub(super) fn entries_of<'a>(commits: &'a [StoredCommit<'a>]) -> Vec<Stored<'a>> {
    let of = |commit: &'a StoredCommit<'a>| {
        let record = |at: usize| commit.verdicts.get(at).copied();
        let said = commit.statements.iter().enumerate();
        let said = said.map(move |(at, one)| Stored::Statement(one, record(at)));
        said.chain([Stored::Batch(commit)])
    };
    commits.iter().flat_map(of).collect()
}

impl Read {
    /// Reads an entry of that segment.
    pub(super) fn new(segment: u32, stored: &Stored<'_>) -> Self {
        match stored {
            Stored::Statement(one, record) => Self::statement(segment, one, *record),
            Stored::Batch(commit) => Self::batch(segment, commit),
        }
    }

    fn begin(index: Index, at: Spot, bytes: &[u8], part: Part) -> Self {
        let mut faults = Vec::new();
        let statement = match read_statement(bytes, true) {
            Ok(statement) => Some(statement),
            Err(fault) => {
                faults.push((part, fault));
                None
            }
        };
        let entry = entry_of(bytes);
        Self {
            index,
            at,
            entry,
            leaf: Hash::leaf(entry.as_bytes()),
            statement,
            holds: Holds::Said(Said::default()),
            faults,
            counts: Counts::default(),
        }
    }

    fn batch(segment: u32, commit: &StoredCommit<'_>) -> Self {
        let at = Spot {
            segment,
            offset: commit.batch_offset,
        };
        let mut read = Self::begin(commit.batch_index, at, commit.batch, Part::Batches);
        read.counts.batches = 1;
        let batch = match read.statement.as_ref().map(Statement::content) {
            Some(Content::Batch(batch)) => Some(*batch),
            Some(Content::Unknown) => {
                let detail = "its kind or version is unknown here";
                read.fault(Part::Batches, Reason::FormatUnknown, detail);
                None
            }
            Some(_) => {
                let detail = "it is no batch statement";
                read.fault(Part::Batches, Reason::BatchUnreadable, detail);
                None
            }
            None => None,
        };
        let first = commit
            .statements
            .first()
            .map_or(commit.batch_index, |one| one.index);
        read.holds = Holds::Ended(Ended {
            batch,
            first,
            count: commit.statements.len() as u64,
            records: commit.verdicts.len() as u64,
            root: verdict_root(commit.verdicts.iter().copied()),
        });
        read
    }

    fn statement(segment: u32, stored: &StoredStatement<'_>, record: Option<&[u8]>) -> Self {
        let at = Spot {
            segment,
            offset: stored.offset,
        };
        let mut read = Self::begin(stored.index, at, stored.statement, Part::Statements);
        read.counts.statements = 1;
        let mut said = Said {
            mappings: stored.blobs.iter().map(|blob| Digest::of(blob)).collect(),
            ..Said::default()
        };
        if let Some(record) = record {
            said.record = read.record(record);
        }
        for envelope in &stored.envelopes {
            said.envelopes.extend(read.envelope(envelope));
        }
        let mut owners = read.bodies(stored, &mut said);
        owners.extend(said.envelopes.iter().map(|(digest, _)| *digest));
        read.sealed(stored, &owners);
        read.holds = Holds::Said(said);
        read
    }

    fn fault(&mut self, part: Part, reason: Reason, detail: impl Into<String>) {
        self.faults.push((part, Fault::new(reason, detail)));
    }

    fn record(&mut self, bytes: &[u8]) -> Option<VerdictRecord> {
        let record = VerdictRecord::decode(bytes).filter(|record| record.encode() == bytes);
        match &record {
            Some(record) => {
                let judged = record.claims.len();
                let claims = self.statement.as_ref().map(|one| one.claim_digests().len());
                if claims.is_some_and(|claims| claims != judged) {
                    let detail = "its verdict record judges more claims, or fewer, than it has";
                    self.fault(Part::Batches, Reason::RecordContradicts, detail);
                }
            }
            None if is_later_version(bytes) => self.counts.unknown_records = 1,
            None => {
                let detail = "what the batch holds of it is no verdict record";
                self.fault(Part::Batches, Reason::RecordUnreadable, detail);
            }
        }
        record
    }

    fn envelope(&mut self, bytes: &[u8]) -> Option<(Digest, Around)> {
        let whole = EnvelopeBody::decode(bytes)
            .ok()
            .filter(|envelope| envelope.encode() == bytes && envelope.withheld() == *envelope);
        let Some(envelope) = whole else {
            let detail = "an envelope is not in the form in which the ground keeps it";
            self.fault(Part::Bodies, Reason::EnvelopeUnreadable, detail);
            return None;
        };
        self.counts.envelopes += 1;
        let around = Around {
            holes: envelope.holes.len() as u64,
            head: envelope.head,
            mapping: envelope.mapping,
        };
        Some((envelope.digest(), around))
    }

    /// Reads the bodies; gives the digests of those that are claims of the statement.
    fn bodies(&mut self, stored: &StoredStatement<'_>, said: &mut Said) -> Vec<Digest> {
        let claims = self.statement.as_ref().map(Statement::claim_digests);
        let claims: BTreeMap<Digest, usize> = claims
            .unwrap_or_default()
            .iter()
            .copied()
            .zip(0..)
            .collect();
        let mut came = BTreeMap::new();
        for bytes in &stored.bodies {
            let Some(body) = self.body(bytes) else {
                continue;
            };
            let digest = body.digest();
            match claims.get(&digest) {
                Some(ordinal) if came.insert(*ordinal, digest).is_none() => {
                    said.fills.push((body.envelope, body.hole));
                    said.acts
                        .extend(act::read(&body).ok().map(|act| (*ordinal, act)));
                }
                Some(ordinal) => {
                    let detail = format!("claim {ordinal} has two bodies");
                    self.fault(Part::Bodies, Reason::BodyDiffers, detail);
                }
                None if self.statement.is_none() => {}
                None => {
                    let short = digest.short();
                    let detail = format!("the body {short} is that of none of its claims");
                    self.fault(Part::Bodies, Reason::BodyDiffers, detail);
                }
            }
        }
        self.absent(&claims, &came, said.record.as_ref());
        came.into_values().collect()
    }

    fn body(&mut self, bytes: &[u8]) -> Option<ClaimBody> {
        let whole = ClaimBody::decode(bytes)
            .ok()
            .filter(|body| body.encode() == bytes && body.withheld() == *body);
        let Some(body) = whole else {
            let detail = "a body is not in the form in which the ground keeps it";
            self.fault(Part::Bodies, Reason::BodyUnreadable, detail);
            return None;
        };
        self.counts.bodies += 1;
        if Format::known(&body.format, body.version).is_none() {
            self.counts.unknown_formats += 1;
        }
        Some(body)
    }

    /// A body is there exactly if the node did not record that it never came.
    fn absent(
        &mut self,
        claims: &BTreeMap<Digest, usize>,
        came: &BTreeMap<usize, Digest>,
        record: Option<&VerdictRecord>,
    ) {
        let Some(record) = record else { return };
        for ordinal in claims.values() {
            let never_came = record.claims.get(*ordinal) == Some(&ClaimStatus::BodyAbsent);
            match (came.contains_key(ordinal), never_came) {
                (false, true) => self.counts.bodies_absent += 1,
                (false, false) => {
                    let detail = format!("the body of claim {ordinal} is not there");
                    self.fault(Part::Bodies, Reason::BodyAbsent, detail);
                }
                (true, true) => {
                    let detail =
                        format!("the node records that the body of claim {ordinal} never came");
                    self.fault(Part::Batches, Reason::RecordContradicts, detail);
                }
                (true, false) => {}
            }
        }
    }

    /// Encrypted parts must be those of a body or envelope beside them; erased ones are counted.
    fn sealed(&mut self, stored: &StoredStatement<'_>, owners: &[Digest]) {
        for record in &stored.sealed {
            match record.kind {
                Kind::Wiped => {
                    self.counts.erased += 1;
                    continue;
                }
                Kind::Erasing => {
                    self.counts.erasing += 1;
                    continue;
                }
                _ => self.counts.sealed += 1,
            }
            let owner = fingerprint_of(record.payload).map(|(owner, _)| owner);
            if self.statement.is_some() && owner.is_none_or(|owner| !owners.contains(&owner)) {
                let detail = "sealed parts beside it are those of no body or envelope here";
                self.fault(Part::Bodies, Reason::SealedStray, detail);
            }
        }
    }

    /// Whether acts in it may change who has which key.
    pub(super) fn may_set_keys(&self) -> bool {
        match &self.holds {
            Holds::Said(said) => said.acts.iter().any(|(_, act)| sets_keys(act)),
            Holds::Ended(_) => false,
        }
    }
}

fn sets_keys(act: &Act) -> bool {
    match act {
        Act::Define(object) => matches!(**object, Object::Principal(_)),
        Act::Withdraw { .. } | Act::ScenarioClock { .. } | Act::Renewal(_) => true,
        _ => false,
    }
}

/// A record of a version that this release does not know (docs/formats/batch.md: the first element).
fn is_later_version(bytes: &[u8]) -> bool {
    let value = cbor::decode(bytes);
    let version = value.ok().and_then(|value| match value.as_array() {
        Some([Value::Uint(version), ..]) => Some(*version),
        _ => None,
    });
    version.is_some_and(|version| version > 1)
}
