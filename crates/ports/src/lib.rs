//! What the engine asks of the world, as small traits named by the guarantee they give.
//!
//! Every effect of the record and the engine goes through one of these: ground bytes that are
//! durable when [`Ground::sync`] returns, a checkpoint cell that swaps or tells why not, a
//! published tree of files, a clock, entropy. Adapters live in crates of their own
//! (`store-local` first); tests bring fakes that lose, tear and lie.
//!
//! What is absent: any decision. An adapter does what it is told and says truthfully what
//! became of it. A failed sync or an unknown result of a swap is an error that stops the
//! process (LOG-2, LOG-3): nobody retries in place, because nobody knows what is on the disk.
//!
//! - LOG-2: [`Ground::sync`] returns only when every byte appended before it will be read
//!   back after a power cut.
//! - LOG-3: [`CheckpointCell::swap`] is *the* commit point; it is atomic and durable.
//! - LOG-1: a [`PlaceTable`] is derived: it may lose everything, and never gives another place.
//! - LOG-1: a [`RecordTable`] is derived: it may lose everything, and never gives another record.
//! - LOG-1: a [`SnapshotStore`] is derived: it may lose everything, and never gives another page.
//! - LOG-1: a [`DigestIndex`] is derived: it may lose everything, but it always knows how far it
//!   is complete, and never says that something is absent which it holds.
//!
//! Where to start: [`Ground`] and [`CheckpointCell`], then `countersign-engine`, which is
//! the one caller.

mod snapshot;

use std::{fmt, io};

use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Size};
use countersign_model::time::Timestamp;

pub use snapshot::{SnapshotContent, SnapshotOf, SnapshotStore};

/// The world failed. The process stops cleanly; what was acknowledged is durable.
#[derive(Debug, thiserror::Error)]
#[error("{doing}: {source}{}", advice(source))]
pub struct StoreError {
    /// What was being done, with the path.
    pub doing: String,
    /// Why it failed.
    #[source]
    pub source: io::Error,
}

impl StoreError {
    /// Adds what was being done to an IO error.
    #[must_use]
    pub fn new(doing: impl Into<String>, source: io::Error) -> Self {
        Self {
            doing: doing.into(),
            source,
        }
    }

    /// An error of our own, for instance a file that is not what it should be.
    #[must_use]
    pub fn other(doing: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            doing: doing.into(),
            source: io::Error::other(why.into()),
        }
    }
}

/// What a person can do about an error, to stand behind it; empty where nothing general can be said.
#[must_use]
pub fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; make room on that disk, then do the same again"
        }
        _ => "",
    }
}

/// A place in the ground: which segment, and the offset of a record in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Number of the segment, from 0.
    pub segment: u32,
    /// Offset in bytes from the beginning of the segment file.
    pub offset: u32,
}

/// Segments of records, appended and synced; the ground state of the log.
pub trait Ground: Send {
    /// Says which log this is (its genesis entry, for the headers of new segments) and where the
    /// next record goes; `None` in an empty ground. Called once, before the first append.
    ///
    /// # Errors
    /// [`StoreError`].
    fn begin(&mut self, log: [u8; 32], end: Option<Position>) -> Result<(), StoreError>;

    /// Writes `bytes` (whole records of one commit) behind what is there and returns where they begin.
    /// Not durable before [`Ground::sync`].
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    fn append(&mut self, bytes: &[u8]) -> Result<Position, StoreError>;

    /// Makes everything that was appended durable.
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    fn sync(&mut self) -> Result<(), StoreError>;

    /// Reads up to `len` bytes; fewer at the end of a segment, none where there is no segment.
    ///
    /// # Errors
    /// [`StoreError`].
    fn read(&self, at: Position, len: usize) -> Result<Vec<u8>, StoreError>;

    /// Overwrites bytes in place and makes that durable: erasure, and the tail after a crash.
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    fn overwrite(&mut self, at: Position, bytes: &[u8]) -> Result<(), StoreError>;
}

/// What became of a swap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Swapped {
    /// The new value is there, durably.
    Done,
    /// Another value was there; nothing changed.
    Differs(Option<Vec<u8>>),
}

/// The second place: one value, changed by compare-and-swap (format law 8).
pub trait CheckpointCell: Send {
    /// The value, or `None` before the first swap.
    ///
    /// # Errors
    /// [`StoreError`].
    fn read(&self) -> Result<Option<Vec<u8>>, StoreError>;

    /// Sets `new` if the value is `expected`; durable when it returns. A value that is swapped for
    /// itself stays, and is durable too: what was read need not have been, when the process that
    /// set it ended before it knew.
    ///
    /// # Errors
    /// [`StoreError`] means that the result is unknown; the caller stops.
    fn swap(&mut self, expected: Option<&[u8]>, new: &[u8]) -> Result<Swapped, StoreError>;
}

/// The published tree: what any static file server could serve.
pub trait Published: Send {
    /// Puts a file in place, whole or not at all.
    ///
    /// # Errors
    /// [`StoreError`].
    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// Reads a file; `None` if it is not there.
    ///
    /// # Errors
    /// [`StoreError`].
    fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Paths of all files, in any order.
    ///
    /// # Errors
    /// [`StoreError`].
    fn list(&self) -> Result<Vec<String>, StoreError>;

    /// Takes a file, or a folder of files, away that a larger one has replaced; nothing happens if it is not there.
    ///
    /// # Errors
    /// [`StoreError`].
    fn remove(&mut self, path: &str) -> Result<(), StoreError>;
}

/// Where the records of an entry begin, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Of its first record.
    pub at: Position,
    /// It is a batch.
    pub is_batch: bool,
}

/// Where each entry of a log lies in the ground, by index from 0: derived.
///
/// What was appended is read back until the process ends; after that, what lay before the last
/// [`PlaceTable::sync`] of some start, at least, unless it was damaged. It never gives what was not
/// appended: it is shorter then, or there is an error.
pub trait PlaceTable: Send {
    /// How many places are there.
    fn count(&self) -> u64;

    /// Appends places.
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    fn append(&mut self, places: &[Place]) -> Result<(), StoreError>;

    /// Places from `first` on: at least one unless there is none, at most `most`.
    ///
    /// # Errors
    /// [`StoreError`] when what is on the disk cannot be read or fails its check: the next opening
    /// has less.
    fn read(&self, first: u64, most: usize) -> Result<Vec<Place>, StoreError>;

    /// Forgets all places but the first `count`.
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    fn cut(&mut self, count: u64) -> Result<(), StoreError>;

    /// Makes everything that was appended durable.
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    fn sync(&mut self) -> Result<(), StoreError>;
}

/// Records of claims, one behind the other in a stream of bytes, larger than memory: derived.
///
/// What was appended is read back until the process ends; after that, what lay before the last
/// [`RecordTable::sync`], at least, unless it was damaged. It never gives what was not appended: there
/// is an error then, and the next opening begins empty.
pub trait RecordTable: Send {
    /// Appends the record of a claim, and gives the byte at which it begins. Claims come in log order,
    /// one record each.
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    fn append(&mut self, of: ClaimRef, record: &[u8]) -> Result<u64, StoreError>;

    /// Puts the record that begins at a byte into `record`, which is emptied first, and gives the byte
    /// at which the next one begins.
    ///
    /// # Errors
    /// [`StoreError`], also where no record begins.
    fn read(&self, at: u64, record: &mut Vec<u8>) -> Result<u64, StoreError>;

    /// The byte at which the record of a claim begins; `None` where it has none.
    ///
    /// # Errors
    /// [`StoreError`].
    fn find(&self, of: ClaimRef) -> Result<Option<u64>, StoreError>;

    /// The byte behind the last record.
    fn end(&self) -> u64;

    /// Hands everything that was appended to the system, and gives what makes it durable.
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    fn sync(&mut self) -> Result<Syncing, StoreError>;
}

/// Makes durable what was written before it was given: on any thread, while more is written.
///
/// An error stops the process, as always when nobody knows what is on the disk.
pub type Syncing = Box<dyn FnOnce() -> Result<(), StoreError> + Send>;

/// What is derived of a log and kept between runs.
pub trait IndexStore: Send {
    /// Opens the places of the log with that genesis entry, or begins them.
    ///
    /// # Errors
    /// [`StoreError`].
    fn places(&self, log: Digest) -> Result<Box<dyn PlaceTable>, StoreError>;

    /// Opens the index of what stands in that log, or begins it. `has` says whether the log has a
    /// head; an index of a head that it does not have begins empty.
    ///
    /// # Errors
    /// [`StoreError`].
    fn digests(
        &self,
        log: Digest,
        has: &dyn Fn(TreeHead) -> bool,
    ) -> Result<Box<dyn DigestIndex>, StoreError>;

    /// Opens the history of that log as far as byte `end`; what is behind is forgotten. It begins empty
    /// where that is not the end of a record, as it is at 0.
    ///
    /// # Errors
    /// [`StoreError`].
    fn history(&self, log: Digest, end: u64) -> Result<Box<dyn RecordTable>, StoreError>;

    /// Opens the snapshot of that log, under a secret of the node: one that was not written under it,
    /// that is damaged, or for which `counts` is false is forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    fn snapshots(
        &self,
        log: Digest,
        secret: &[u8; 32],
        counts: &dyn Fn(&SnapshotOf) -> bool,
    ) -> Result<Box<dyn SnapshotStore>, StoreError>;
}

/// A size of a log and the root of its tree at that size: which history is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// How many entries.
    pub size: Size,
    /// Root of the tree over them; zeros at size 0, where there is nothing to compare.
    pub root: Digest,
}

impl TreeHead {
    /// The head of a log without entries.
    pub const EMPTY: Self = Self {
        size: Size(0),
        root: Digest::ZERO,
    };
}

/// Where in the log a digest stands: exact, larger than memory, derived.
///
/// What was inserted is found, by the first 16 bytes of its digest, until the process ends;
/// after that, what lay below [`DigestIndex::complete_to`] of the new start. The caller inserts
/// what came behind that again. Digests whose first 16 bytes are equal are all found: the caller
/// compares with what stands at the place.
pub trait DigestIndex: Send {
    /// Keeps that `key` stands at `at`. Inserting the same pair again changes nothing.
    ///
    /// # Errors
    /// [`StoreError`], also when an earlier write in the background failed, or when too much was
    /// inserted without a call of [`DigestIndex::seal_to`].
    fn insert(&mut self, key: Digest, at: ClaimRef) -> Result<(), StoreError>;

    /// All places of digests that begin with the same 16 bytes, in log order; mostly none or one.
    ///
    /// # Errors
    /// [`StoreError`] when what is on the disk cannot be read or fails its check: there is no answer
    /// then, and the next opening begins empty.
    fn find(&self, key: Digest) -> Result<Vec<ClaimRef>, StoreError>;

    /// The head up to which everything is in the index, in this run; it need not be on the disk yet.
    fn complete_to(&self) -> TreeHead;

    /// Says that all that stands below `head` in the log has been inserted, and nothing above it.
    /// May write behind the caller's back; waits when that is too far behind.
    ///
    /// # Errors
    /// [`StoreError`], also for a head below [`DigestIndex::complete_to`] or below what was inserted.
    fn seal_to(&mut self, head: TreeHead) -> Result<(), StoreError>;

    /// Begins to write everything up to [`DigestIndex::complete_to`], so that the next start has
    /// nothing of it to insert again; it is on the disk when what is given has run.
    ///
    /// # Errors
    /// [`StoreError`], also when something was inserted after the last [`DigestIndex::seal_to`].
    fn flush(&mut self) -> Result<Syncing, StoreError>;
}

/// What a clock says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// Wall clock, UTC.
    pub wall: Timestamp,
    /// How far off it may be, in milliseconds, as the kernel says; a minute when it does not know.
    pub uncertainty_ms: u64,
    /// A clock that only runs forward, in milliseconds since some fixed point of this run.
    pub monotonic_ms: u64,
    /// The kernel calls its clock synchronised.
    pub synchronised: bool,
}

/// Tells the time.
pub trait Clock: Send {
    /// The time now, and how sure it is.
    fn read(&self) -> ClockReading;

    /// The wall clock alone, which is told for every statement.
    fn wall(&self) -> Timestamp {
        self.read().wall
    }
}

/// Draws random bytes fit for keys.
pub trait Entropy: Send {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`StoreError`] when the system has none to give.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), StoreError>;
}

impl fmt::Debug for dyn Ground + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ground")
    }
}

impl fmt::Debug for dyn CheckpointCell + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckpointCell")
    }
}

impl fmt::Debug for dyn Published + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Published")
    }
}

impl fmt::Debug for dyn PlaceTable + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlaceTable")
    }
}

impl fmt::Debug for dyn RecordTable + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordTable")
    }
}

impl fmt::Debug for dyn IndexStore + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexStore")
    }
}

impl fmt::Debug for dyn DigestIndex + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestIndex")
    }
}

impl fmt::Debug for dyn Clock + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

impl fmt::Debug for dyn Entropy + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}
