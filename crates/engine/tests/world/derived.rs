//! What is derived and outlives a process, where a test asks for it: the index of digests as far as it
//! was flushed, the history, the newest snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_ports::{
    DigestIndex, RecordTable, SnapshotContent, SnapshotOf, SnapshotStore, StoreError, Syncing,
    TreeHead,
};

use super::Shared;

/// It is shared by the stores of one process after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Derived(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
pub(crate) struct Kept {
    digests: BTreeSet<(Digest, ClaimRef)>,
    /// How far they are on the disk.
    pub(crate) flushed_to: Option<TreeHead>,
    /// By the byte at which they begin.
    pub(crate) records: BTreeMap<u64, (ClaimRef, Vec<u8>)>,
    pub(crate) snapshot: Option<(SnapshotOf, Pages)>,
    /// No snapshot can be written.
    pub(crate) is_full: bool,
}

/// Pages by section.
pub(crate) type Pages = BTreeMap<String, Vec<Vec<u8>>>;

impl Derived {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().expect("no test panics while it holds it")
    }

    pub(super) fn digests(&self, has: &dyn Fn(TreeHead) -> bool) -> FakeDigests {
        let head = self.lock().flushed_to.filter(|head| has(*head));
        let complete_to = head.unwrap_or(TreeHead::EMPTY);
        let mut kept = self.lock();
        kept.flushed_to = head;
        let size = complete_to.size.0;
        kept.digests.retain(|(_, at)| at.index.0 < size);
        drop(kept);
        FakeDigests {
            derived: self.clone(),
            complete_to,
        }
    }

    pub(super) fn history(&self, disk: &Shared, end: u64) -> FakeHistory {
        let mut kept = self.lock();
        kept.records.retain(|at, _| *at < end);
        if end_of(&kept.records) != end {
            kept.records.clear();
        }
        drop(kept);
        FakeHistory {
            disk: disk.clone(),
            derived: self.clone(),
        }
    }

    pub(super) fn snapshots(&self, counts: &dyn Fn(&SnapshotOf) -> bool) -> FakeSnapshots {
        let mut kept = self.lock();
        kept.snapshot = kept.snapshot.take().filter(|(of, _)| counts(of));
        drop(kept);
        FakeSnapshots(self.clone())
    }
}

fn end_of(records: &BTreeMap<u64, (ClaimRef, Vec<u8>)>) -> u64 {
    let last = records.last_key_value();
    last.map_or(0, |(at, (_, record))| at + record.len() as u64 + 1)
}

#[derive(Debug)]
pub(super) struct FakeDigests {
    derived: Derived,
    complete_to: TreeHead,
}

impl DigestIndex for FakeDigests {
    fn insert(&mut self, key: Digest, at: ClaimRef) -> Result<(), StoreError> {
        self.derived.lock().digests.insert((key, at));
        Ok(())
    }

    fn find(&self, key: Digest) -> Result<Vec<ClaimRef>, StoreError> {
        let first = ClaimRef {
            index: Index(0),
            ordinal: 0,
        };
        let kept = self.derived.lock();
        let from = kept.digests.range((key, first)..);
        let equal = from.take_while(|(there, _)| *there == key);
        Ok(equal.map(|(_, at)| *at).collect())
    }

    fn complete_to(&self) -> TreeHead {
        self.complete_to
    }

    fn seal_to(&mut self, head: TreeHead) -> Result<(), StoreError> {
        self.complete_to = head;
        Ok(())
    }

    fn flush(&mut self) -> Result<Syncing, StoreError> {
        let (derived, head) = (self.derived.clone(), self.complete_to);
        Ok(Box::new(move || {
            derived.lock().flushed_to = Some(head);
            Ok(())
        }))
    }
}

#[derive(Debug)]
pub(super) struct FakeHistory {
    disk: Shared,
    derived: Derived,
}

impl RecordTable for FakeHistory {
    fn append(&mut self, of: ClaimRef, record: &[u8]) -> Result<u64, StoreError> {
        self.disk.operate("writing history", |_| {})?;
        let mut kept = self.derived.lock();
        let at = end_of(&kept.records);
        kept.records.insert(at, (of, record.to_vec()));
        Ok(at)
    }

    fn read(&self, at: u64, record: &mut Vec<u8>) -> Result<u64, StoreError> {
        let is_lost = self.disk.with(|disk| disk.is_history_lost);
        let kept = self.derived.lock();
        let there = kept.records.get(&at).filter(|_| !is_lost);
        let (_, there) = there.ok_or_else(|| StoreError::other("reading history", "it is lost"))?;
        record.clone_from(there);
        Ok(at + there.len() as u64 + 1)
    }

    fn find(&self, of: ClaimRef) -> Result<Option<u64>, StoreError> {
        let kept = self.derived.lock();
        let mut records = kept.records.iter();
        let found = records.find(|(_, (there, _))| *there == of);
        Ok(found.map(|(at, _)| *at))
    }

    fn end(&self) -> u64 {
        end_of(&self.derived.lock().records)
    }

    fn sync(&mut self) -> Result<Syncing, StoreError> {
        Ok(Box::new(|| Ok(())))
    }
}

/// Writes at once.
#[derive(Debug)]
pub(super) struct FakeSnapshots(Derived);

impl SnapshotStore for FakeSnapshots {
    fn newest(&self) -> Result<Option<SnapshotOf>, StoreError> {
        let kept = self.0.lock();
        match kept.is_full {
            true => Err(StoreError::other("writing the snapshot", "the disk failed")),
            false => Ok(kept.snapshot.as_ref().map(|(of, _)| *of)),
        }
    }

    fn pages(&self, section: &str) -> Option<usize> {
        let kept = self.0.lock();
        let (_, pages) = kept.snapshot.as_ref()?;
        pages.get(section).map(Vec::len)
    }

    fn read(&self, section: &str, page: usize, bytes: &mut Vec<u8>) -> Result<(), StoreError> {
        let kept = self.0.lock();
        let section = kept.snapshot.as_ref().and_then(|(_, it)| it.get(section));
        let there = section.and_then(|pages| pages.get(page));
        bytes.clear();
        bytes.extend(there.ok_or_else(|| StoreError::other("reading", "there is none"))?);
        Ok(())
    }

    fn write(
        &mut self,
        of: SnapshotOf,
        mut content: Box<dyn SnapshotContent>,
    ) -> Result<(), StoreError> {
        let sections = content.sections().into_iter().enumerate();
        let pages = sections.map(|(number, (name, count))| {
            let pages = (0..count).map(|page| content.page(number, page));
            (name.to_owned(), pages.collect())
        });
        let pages: Pages = pages.collect();
        for sync in content.rests_on() {
            sync()?;
        }
        self.0.lock().snapshot = Some((of, pages));
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.newest().map(drop)
    }
}
