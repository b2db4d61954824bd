//! What stands where in the log, found by digest: claims by their identity, statements by their place
//! in a chain, envelopes and mapping files by their own digest. One index on the disk for all of
//! them; derived, and built again from the ground.
//!
//! The digests are of different domains, so none is another's. The index says where something may
//! stand; whoever asks reads it back and compares.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use countersign_model::body::EnvelopeBody;
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_ports::{DigestIndex, StoreError, Syncing, TreeHead};

use crate::ground::Group;
use crate::limits::UNSEALED_KEYS_MAX;

/// The index of a log, for whoever else looks things up in it. Only [`LogIndex`] adds to it.
#[derive(Clone, Debug)]
pub struct SharedIndex(Arc<Mutex<Box<dyn DigestIndex>>>);

impl SharedIndex {
    /// Where something of that digest may stand, in log order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn find(&self, key: Digest) -> Result<Vec<ClaimRef>, StoreError> {
        self.lock().find(key)
    }

    fn lock(&self) -> MutexGuard<'_, Box<dyn DigestIndex>> {
        // A panic of somebody who only looked something up leaves the index as it was.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The index of a log.
#[derive(Debug)]
pub struct LogIndex {
    index: SharedIndex,
    /// Inserted since it was sealed.
    unsealed: usize,
}

impl Default for LogIndex {
    fn default() -> Self {
        Self::over(Box::new(InMemory::default()))
    }
}

impl LogIndex {
    /// The index of a log, as far as it is complete.
    #[must_use]
    pub fn over(index: Box<dyn DigestIndex>) -> Self {
        Self {
            index: SharedIndex(Arc::new(Mutex::new(index))),
            unsealed: 0,
        }
    }

    /// The same, to look things up in.
    #[must_use]
    pub fn shared(&self) -> SharedIndex {
        self.index.clone()
    }

    /// Keeps where something stands; what stands below the head of the index is there already.
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    pub fn insert(&mut self, key: Digest, at: ClaimRef) -> Result<(), StoreError> {
        let mut index = self.index.lock();
        if at.index.0 >= index.complete_to().size.0 {
            index.insert(key, at)?;
            self.unsealed += 1;
        }
        Ok(())
    }

    /// Whether so much was inserted that the index must be sealed before more is.
    #[must_use]
    pub const fn is_to_seal(&self) -> bool {
        self.unsealed >= UNSEALED_KEYS_MAX
    }

    /// Everything below that head of the log is in the index.
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    pub fn seal(&mut self, head: TreeHead) -> Result<(), StoreError> {
        let mut index = self.index.lock();
        if head.size > index.complete_to().size {
            index.seal_to(head)?;
            self.unsealed = 0;
        }
        Ok(())
    }

    /// As [`DigestIndex::flush`]; everything that was inserted is sealed.
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    pub fn flush(&mut self) -> Result<Syncing, StoreError> {
        self.index.lock().flush()
    }

    /// How far the index is complete.
    #[must_use]
    pub fn complete_to(&self) -> TreeHead {
        self.index.lock().complete_to()
    }
}

/// What reads statements back.
pub trait ReadGroups: std::fmt::Debug {
    /// The statement at an index, with what came with it.
    ///
    /// # Errors
    /// [`StoreError`], also where there is none.
    fn read_group(&self, index: Index) -> Result<Group, StoreError>;
}

#[cfg(test)]
impl ReadGroups for Vec<Group> {
    fn read_group(&self, index: Index) -> Result<Group, StoreError> {
        let group = self.iter().find(|group| group.index == index).cloned();
        group.ok_or_else(|| StoreError::other("reading", "there is none"))
    }
}

/// What the log has: where things stand, and what stands there.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    index: &'a LogIndex,
    ground: &'a dyn ReadGroups,
}

impl<'a> Past<'a> {
    /// The log that this index is of, and in whose ground statements stand.
    #[must_use]
    pub const fn new(index: &'a LogIndex, ground: &'a dyn ReadGroups) -> Self {
        Self { index, ground }
    }

    /// Where something of that digest may stand, in log order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn find(&self, key: Digest) -> Result<Vec<ClaimRef>, StoreError> {
        self.index.index.find(key)
    }

    /// The statement at an index.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn group(&self, index: Index) -> Result<Group, StoreError> {
        self.ground.read_group(index)
    }

    /// An envelope, its sealed parts withheld.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn envelope(&self, digest: Digest) -> Result<Option<EnvelopeBody>, StoreError> {
        self.first(digest, |group| group.envelope(digest))
    }

    /// A mapping file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn mapping(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.first(digest, |group| Ok(group.blob(digest).cloned()))
    }

    fn first<T>(
        &self,
        digest: Digest,
        get: impl Fn(&Group) -> Result<Option<T>, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        for at in self.find(digest)? {
            let got = get(&self.group(at.index)?)?;
            if got.is_some() {
                return Ok(got);
            }
        }
        Ok(None)
    }
}

/// An index in memory alone: for tests, and where nothing is kept.
#[derive(Debug, Default)]
pub struct InMemory {
    keys: BTreeSet<(Digest, ClaimRef)>,
    complete_to: Option<TreeHead>,
}

impl DigestIndex for InMemory {
    fn insert(&mut self, key: Digest, at: ClaimRef) -> Result<(), StoreError> {
        self.keys.insert((key, at));
        Ok(())
    }

    fn find(&self, key: Digest) -> Result<Vec<ClaimRef>, StoreError> {
        let first = ClaimRef {
            index: Index(0),
            ordinal: 0,
        };
        let from = self.keys.range((key, first)..);
        let equal = from.take_while(|(there, _)| *there == key);
        Ok(equal.map(|(_, at)| *at).collect())
    }

    fn complete_to(&self) -> TreeHead {
        self.complete_to.unwrap_or(TreeHead::EMPTY)
    }

    fn seal_to(&mut self, head: TreeHead) -> Result<(), StoreError> {
        self.complete_to = Some(head);
        Ok(())
    }

    fn flush(&mut self) -> Result<Syncing, StoreError> {
        Ok(Box::new(|| Ok(())))
    }
}
