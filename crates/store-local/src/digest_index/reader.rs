//! A digest index for a process that may write nothing.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use countersign_model::digest::Digest;
use countersign_model::entry::ClaimRef;
use countersign_ports::{DigestIndex, StoreError, Syncing, TreeHead};

use super::record::{Record, prefix_of};
use super::run::Run;
use super::{Loaded, find_in, load};

/// What is on the disk of a digest index, and in memory what the caller inserts behind it. Nothing is
/// written, whatever is wrong.
#[derive(Debug)]
pub struct DigestRunsReader {
    behind: BTreeSet<Record>,
    runs: Vec<Arc<Run>>,
    complete_to: TreeHead,
}

impl DigestRunsReader {
    /// Opens the index of a log, as [`super::DigestRuns::open`] does; of one that is damaged, of
    /// another log or of another history nothing is used.
    #[must_use]
    pub fn open(folder: &Path, log: Digest, has: impl FnOnce(TreeHead) -> bool) -> Self {
        let Loaded { complete_to, runs } = load(folder, &log, has).unwrap_or_default();
        Self {
            behind: BTreeSet::new(),
            runs,
            complete_to,
        }
    }
}

impl DigestIndex for DigestRunsReader {
    fn insert(&mut self, key: Digest, at: ClaimRef) -> Result<(), StoreError> {
        let prefix = prefix_of(&key);
        self.behind.insert(Record { prefix, at });
        Ok(())
    }

    fn find(&self, key: Digest) -> Result<Vec<ClaimRef>, StoreError> {
        find_in(prefix_of(&key), &[&self.behind], &self.runs)
    }

    fn complete_to(&self) -> TreeHead {
        self.complete_to
    }

    fn seal_to(&mut self, head: TreeHead) -> Result<(), StoreError> {
        self.complete_to = head;
        Ok(())
    }

    fn flush(&mut self) -> Result<Syncing, StoreError> {
        Ok(Box::new(|| Ok(())))
    }
}
