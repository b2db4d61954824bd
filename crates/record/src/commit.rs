//! Places and commits: staged statements in, bytes to write and a checkpoint to sign out.
//!
//! One commit is: [`Sequencer::prepare`] → append the bytes → sync → sign the checkpoint →
//! swap it into the second place → [`Sequencer::committed`] → receipts. Only the swap makes
//! it true; before it, nothing of a prepared commit may leave the process (format law 8).
//! A prepared commit that is dropped leaves the sequencer as it was.

use countersign_model::digest::Digest;
use countersign_model::entry::{Batch, Index, Size, VerdictRecord, entry_of, verdict_leaf};
use countersign_model::time::Timestamp;
use countersign_tlog::edge::{Growth, TileEdge};
use countersign_tlog::hash::Hash;
use countersign_tlog::tree::{Frontier, NodeTable, TreeSize};

use crate::limits::{COMMIT_BYTES_MAX, COMMIT_STATEMENTS_MAX};
use crate::segment::{ALIGN, Kind, RECORD_HEAD_LEN, push_record};
use crate::stored::{batch_payload, statement_payload};

/// A statement that has been judged and waits for its place.
#[derive(Clone, Debug)]
pub struct Staged {
    /// Its logged form.
    pub statement: Vec<u8>,
    /// The records that come before it in the ground, in order: blobs, envelopes, bodies, sealed parts.
    pub records: Vec<(Kind, Vec<u8>)>,
    /// What was concluded of it.
    pub verdict: VerdictRecord,
}

/// When a commit happens, as the clock and the deadlines have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitTime {
    /// Wall clock.
    pub recorded: Timestamp,
    /// How far off it may be.
    pub uncertainty_ms: u64,
    /// Deadlines up to this instant may fire.
    pub tick: Timestamp,
}

/// A statement that has its place.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Where it stands.
    pub index: Index,
    /// Its entry.
    pub entry: Digest,
    /// Offset of its first record from the beginning of the commit's bytes.
    pub offset: usize,
    /// Its verdict record, encoded.
    pub verdict: Vec<u8>,
}

/// A commit that is ready to be written.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Records for the ground.
    pub bytes: Vec<u8>,
    /// The statements with their places.
    pub statements: Vec<Placed>,
    /// The batch.
    pub batch: Batch,
    /// Where the batch statement stands.
    pub batch_index: Index,
    /// The batch statement, logged form.
    pub batch_statement: Vec<u8>,
    /// Offset of the batch record from the beginning of the commit's bytes.
    pub batch_offset: usize,
    /// Size of the tree with this commit.
    pub size: Size,
    /// Root of the tree with this commit.
    pub root: Hash,
    growth: Growth,
}

/// Why a commit cannot be prepared: a limit of the commit, or time running backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// More than [`COMMIT_BYTES_MAX`] or [`COMMIT_STATEMENTS_MAX`]; the caller stages less.
    #[error("the commit is too large")]
    TooLarge,
    /// Recorded time or tick before that of the last commit.
    #[error("recorded time and tick never run backwards")]
    Backwards,
    /// The tree is full.
    #[error("the tree is full")]
    Full,
}

/// Gives statements their places. One writer.
#[derive(Debug)]
pub struct Sequencer {
    tree: TileEdge,
    previous_batch: Option<Digest>,
    recorded: Timestamp,
    tick: Timestamp,
}

impl Sequencer {
    /// A log without entries.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            tree: TileEdge::new(),
            previous_batch: None,
            recorded: Timestamp::from_ms(i64::MIN),
            tick: Timestamp::from_ms(i64::MIN),
        }
    }

    /// How many entries are committed.
    #[must_use]
    pub const fn size(&self) -> Size {
        Size(self.tree.frontier().size().0)
    }

    /// Root of the committed tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.tree.frontier().root()
    }

    /// The committed tree where somebody stored it, behind a batch with that entry, recorded time
    /// and tick.
    #[must_use]
    pub const fn resume(
        tree: TileEdge,
        batch_entry: Digest,
        recorded: Timestamp,
        tick: Timestamp,
    ) -> Self {
        Self {
            tree,
            previous_batch: Some(batch_entry),
            recorded,
            tick,
        }
    }

    /// The right edge of the committed tree, for proofs and tiles.
    #[must_use]
    pub const fn edge(&self) -> &TileEdge {
        &self.tree
    }

    /// Full tiles of a tree of this size are stored: their nodes are forgotten.
    pub fn forget(&mut self, size: Size) {
        self.tree.forget(TreeSize(size.0));
    }

    /// The largest tick.
    #[must_use]
    pub const fn tick(&self) -> Timestamp {
        self.tick
    }

    /// Recorded time of the last commit.
    #[must_use]
    pub const fn recorded(&self) -> Timestamp {
        self.recorded
    }

    /// Gives each statement its index, puts the batch behind them, and lets a copy of the right
    /// edge grow. `sign_batch` turns the payload of the batch into the node's signed
    /// statement (logged form).
    ///
    /// # Errors
    /// [`CommitError`]; nothing changed then.
    pub fn prepare(
        &self,
        staged: Vec<Staged>,
        time: CommitTime,
        sign_batch: &mut dyn FnMut(&[u8]) -> Vec<u8>,
    ) -> Result<Prepared, CommitError> {
        if time.recorded < self.recorded || time.tick < self.tick {
            return Err(CommitError::Backwards);
        }
        if staged.len() > COMMIT_STATEMENTS_MAX {
            return Err(CommitError::TooLarge);
        }
        let first = self.size().0;
        let mut bytes = Vec::with_capacity(room_for(&staged));
        let mut statements = Vec::with_capacity(staged.len());
        let mut leaves = Vec::with_capacity(staged.len() + 1);
        for (index, one) in (first..).zip(staged) {
            let placed = place(&mut bytes, Index(index), &one);
            leaves.push(Hash::leaf(placed.entry.as_bytes()));
            statements.push(placed);
        }
        let count = statements.len() as u64;
        let batch = Batch {
            first: Index(first),
            count,
            recorded: time.recorded,
            uncertainty_ms: time.uncertainty_ms,
            tick: time.tick,
            previous: self.previous_batch,
            verdict_root: verdict_root(statements.iter().map(|one| one.verdict.as_slice())),
        };
        let batch_index = Index(first + count);
        let batch_statement = sign_batch(&batch.encode());
        let verdicts: Vec<Vec<u8>> = statements.iter().map(|one| one.verdict.clone()).collect();
        let batch_offset = bytes.len();
        push_record(
            &mut bytes,
            Kind::Batch,
            &batch_payload(batch_index, &batch_statement, &verdicts),
        );
        if bytes.len() > COMMIT_BYTES_MAX {
            return Err(CommitError::TooLarge);
        }
        leaves.push(Hash::leaf(entry_of(&batch_statement).as_bytes()));
        let growth = self.tree.grown(leaves).map_err(|_| CommitError::Full)?;
        Ok(Prepared {
            bytes,
            statements,
            batch,
            batch_index,
            batch_statement,
            batch_offset,
            size: Size(growth.frontier().size().0),
            root: growth.frontier().root(),
            growth,
        })
    }

    /// The swap happened: the commit is true.
    ///
    /// # Panics
    /// If another commit was taken over since this one was prepared (LOG-3).
    pub fn committed(&mut self, prepared: &Prepared) {
        assert_eq!(
            self.size().0,
            prepared.batch.first.0,
            "LOG-3: one writer, one commit at a time"
        );
        self.tree.take(&prepared.growth);
        self.previous_batch = Some(entry_of(&prepared.batch_statement));
        self.recorded = prepared.batch.recorded;
        self.tick = prepared.batch.tick;
    }

    /// Takes over a commit read back from the ground: the entries of its statements and its batch.
    ///
    /// # Errors
    /// [`CommitError::Backwards`] when the batch does not follow what is there.
    pub fn replay(
        &mut self,
        entries: &[Digest],
        batch: &Batch,
        batch_entry: Digest,
    ) -> Result<(), CommitError> {
        let follows = batch.first.0 == self.size().0
            && batch.count == entries.len() as u64
            && batch.previous == self.previous_batch
            && batch.recorded >= self.recorded
            && batch.tick >= self.tick;
        if !follows {
            return Err(CommitError::Backwards);
        }
        for entry in entries.iter().chain([&batch_entry]) {
            self.tree
                .append(Hash::leaf(entry.as_bytes()))
                .map_err(|_| CommitError::Full)?;
        }
        self.previous_batch = Some(batch_entry);
        self.recorded = batch.recorded;
        self.tick = batch.tick;
        Ok(())
    }
}

impl Default for Sequencer {
    fn default() -> Self {
        Self::new()
    }
}

/// Bytes that these statements take in the ground at most, their batch apart.
fn room_for(staged: &[Staged]) -> usize {
    let record = |payload: usize| payload + RECORD_HEAD_LEN + ALIGN;
    let one = |staged: &Staged| {
        let records = staged.records.iter();
        let before: usize = records.map(|(_, payload)| record(payload.len())).sum();
        before + record(size_of::<Index>() + staged.statement.len())
    };
    staged.iter().map(one).sum()
}

fn place(bytes: &mut Vec<u8>, index: Index, staged: &Staged) -> Placed {
    let offset = bytes.len();
    for (kind, payload) in &staged.records {
        push_record(bytes, *kind, payload);
    }
    push_record(
        bytes,
        Kind::Statement,
        &statement_payload(index, &staged.statement),
    );
    Placed {
        index,
        entry: entry_of(&staged.statement),
        offset,
        verdict: staged.verdict.encode(),
    }
}

/// Root of the RFC 9162 tree over verdict records.
#[must_use]
pub fn verdict_root<'a>(records: impl Iterator<Item = &'a [u8]>) -> Digest {
    let mut edge = Frontier::new();
    for record in records {
        // A commit has at most COMMIT_STATEMENTS_MAX records: the tree is never full.
        let _ = edge.append(
            Hash::from_bytes(*verdict_leaf(record).as_bytes()),
            |_, _, _| {},
        );
    }
    Digest::new(*edge.root().as_bytes())
}

/// The path of record `at` in the verdict tree; `None` when there is no such record. It builds the
/// whole tree: the oracle of tests, against which a kept tree is measured.
#[must_use]
pub fn verdict_path<'a>(records: impl Iterator<Item = &'a [u8]>, at: u64) -> Option<Vec<Hash>> {
    let mut table = NodeTable::new();
    for record in records {
        table
            .append(Hash::from_bytes(*verdict_leaf(record).as_bytes()))
            .ok()?;
    }
    let size = table.frontier().size();
    let index = countersign_tlog::tree::LeafIndex(at);
    countersign_tlog::proof::prove_inclusion(&table, index, TreeSize(size.0)).ok()
}

#[cfg(test)]
mod tests {
    use countersign_model::entry::{Assurance, ClaimStatus, RECORD_SALT_LEN};
    use countersign_model::limits::DEPTH_MAX;

    use super::*;
    use crate::stored::read_commit;

    fn staged(name: &str) -> Staged {
        Staged {
            statement: name.as_bytes().to_vec(),
            records: vec![(Kind::Body, vec![1; DEPTH_MAX])],
            verdict: VerdictRecord {
                salt: [1; RECORD_SALT_LEN],
                assurance: Assurance::SoftwareKey,
                marks: vec![],
                claims: vec![ClaimStatus::Effective],
            },
        }
    }

    fn at(ms: i64) -> CommitTime {
        CommitTime {
            recorded: Timestamp::from_ms(ms),
            uncertainty_ms: 1,
            tick: Timestamp::from_ms(ms),
        }
    }

    fn sign(payload: &[u8]) -> Vec<u8> {
        payload.to_vec()
    }

    #[test]
    fn a_commit_read_back_gives_the_same_tree() {
        let mut live = Sequencer::new();
        let mut again = Sequencer::new();
        for round in 0..5 {
            let group = (0..round)
                .map(|n| staged(&format!("{round}-{n}")))
                .collect();
            let prepared = live.prepare(group, at(round), &mut sign).expect("prepares");
            assert_eq!(
                live.size().0 + u64::try_from(round).expect("small") + 1,
                prepared.size.0
            );
            live.committed(&prepared);
            assert_eq!(live.root(), prepared.root);
            let read = read_commit(&prepared.bytes, 0)
                .expect("reads")
                .expect("is there");
            let entries: Vec<_> = read
                .statements
                .iter()
                .map(|s| entry_of(s.statement))
                .collect();
            let batch = Batch::decode(read.batch).expect("decodes");
            again
                .replay(&entries, &batch, entry_of(read.batch))
                .expect("follows");
        }
        assert_eq!(again.root(), live.root());
        assert_eq!(again.size(), live.size());
    }

    #[test]
    fn a_dropped_commit_leaves_no_trace() {
        let sequencer = Sequencer::new();
        let one = sequencer
            .prepare(vec![staged("a")], at(1), &mut sign)
            .expect("prepares");
        let two = sequencer
            .prepare(vec![staged("a")], at(1), &mut sign)
            .expect("prepares");
        assert_eq!(one.bytes, two.bytes);
        assert_eq!(sequencer.size(), Size(0));
    }

    #[test]
    fn time_never_runs_backwards() {
        let mut sequencer = Sequencer::new();
        let prepared = sequencer
            .prepare(vec![], at(5), &mut sign)
            .expect("prepares");
        sequencer.committed(&prepared);
        assert_eq!(
            sequencer.prepare(vec![], at(4), &mut sign).err(),
            Some(CommitError::Backwards)
        );
    }

    #[test]
    fn one_verdict_record_is_shown_without_its_neighbours() {
        let records: Vec<Vec<u8>> = (0_u8..5).map(|n| vec![n; 9]).collect();
        let all = || records.iter().map(Vec::as_slice);
        for (record, index) in records.iter().zip(0..) {
            let path = verdict_path(all(), index).expect("is there");
            let leaf = Hash::from_bytes(*verdict_leaf(record).as_bytes());
            let root = Hash::from_bytes(*verdict_root(all()).as_bytes());
            let index = countersign_tlog::tree::LeafIndex(index);
            let proven =
                countersign_tlog::proof::verify_inclusion(&leaf, index, TreeSize(5), &path, &root);
            assert_eq!(proven, Ok(()));
        }
        assert_eq!(verdict_path(all(), 5), None);
    }
}
