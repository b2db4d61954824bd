//! The port of snapshots: what is made of a log, kept between runs.

use std::fmt;

use countersign_model::digest::Digest;

use crate::{StoreError, Syncing, TreeHead};

/// What a snapshot is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotOf {
    /// The log, as far as it was folded.
    pub head: TreeHead,
    /// The code that wrote it: no other reads it.
    pub version: Digest,
    /// Bytes of the history that belong to it.
    pub history: u64,
}

/// A snapshot that is to be written.
pub trait SnapshotContent: Send {
    /// Its sections in order: the name of each, without white space, and how many pages it has.
    fn sections(&self) -> Vec<(&str, usize)>;

    /// The bytes of a page; section and page are counted from 0.
    fn page(&self, section: usize, page: usize) -> Vec<u8>;

    /// What the snapshot rests on and does not hold: called when all pages are durable, and before
    /// anything names them.
    fn rests_on(&mut self) -> Vec<Syncing>;
}

/// The newest snapshot of what a node makes of its log: derived.
///
/// There is one snapshot or none. What is read of it is what was written, or there is an error; and
/// then, as where there is none, the ground is folded. A process that ends at any time leaves the
/// snapshot that was there, or the new one.
pub trait SnapshotStore: Send {
    /// What the newest snapshot is of, once it is durable.
    ///
    /// # Errors
    /// [`StoreError`] when one could not be written behind the caller's back; the caller stops.
    fn newest(&self) -> Result<Option<SnapshotOf>, StoreError>;

    /// How many pages a section of it has; `None` if there is none of that name.
    fn pages(&self, section: &str) -> Option<usize>;

    /// Puts a page of it, counted from 0, into `bytes`, which is emptied first.
    ///
    /// # Errors
    /// [`StoreError`], also for a page that is not what was written.
    fn read(&self, section: &str, page: usize, bytes: &mut Vec<u8>) -> Result<(), StoreError>;

    /// Begins to write a snapshot behind the caller's back, once the one before is written. It takes
    /// the place of that one when it is durable.
    ///
    /// # Errors
    /// [`StoreError`], as [`SnapshotStore::newest`].
    fn write(
        &mut self,
        of: SnapshotOf,
        content: Box<dyn SnapshotContent>,
    ) -> Result<(), StoreError>;

    /// Returns when nothing is being written.
    ///
    /// # Errors
    /// [`StoreError`], as [`SnapshotStore::newest`].
    fn flush(&mut self) -> Result<(), StoreError>;
}

impl fmt::Debug for dyn SnapshotContent + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SnapshotContent")
    }
}

impl fmt::Debug for dyn SnapshotStore + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SnapshotStore")
    }
}
