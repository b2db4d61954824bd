//! The batch whose receipts were asked for last. Receipts are mostly asked for in log order, and all
//! of a batch share its statement and the tree of its verdict records.

use std::cell::RefCell;
use std::sync::Arc;

use countersign_model::entry::{Index, verdict_leaf};
use countersign_tlog::hash::Hash;
use countersign_tlog::proof::prove_inclusion;
use countersign_tlog::tree::{LeafIndex, NodeTable};

use crate::ground::BatchGroup;

/// A batch that was read, with the tree over its verdict records.
#[derive(Debug)]
pub(crate) struct BatchRead {
    at: Index,
    /// What lies in the ground.
    pub(crate) group: BatchGroup,
    tree: NodeTable,
}

/// Keeps the one that was read last; what is committed never changes.
#[derive(Debug, Default)]
pub(crate) struct LastBatch(RefCell<Option<Arc<BatchRead>>>);

impl LastBatch {
    /// The batch at an index: the one that is kept, or what `read` gives.
    pub(crate) fn at<E>(
        &self,
        at: Index,
        read: impl FnOnce() -> Result<BatchGroup, E>,
    ) -> Result<Arc<BatchRead>, E> {
        let kept = self.0.borrow().clone().filter(|kept| kept.at == at);
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let group = read()?;
        let mut tree = NodeTable::new();
        for record in &group.verdicts {
            // A commit has at most COMMIT_STATEMENTS_MAX records: the tree is never full.
            let _ = tree.append(Hash::from_bytes(*verdict_leaf(record).as_bytes()));
        }
        let fresh = Arc::new(BatchRead { at, group, tree });
        self.0.replace(Some(Arc::clone(&fresh)));
        Ok(fresh)
    }
}

impl BatchRead {
    /// The path of a verdict record; `None` when there is no such record.
    pub(crate) fn record_path(&self, at: u64) -> Option<Vec<Hash>> {
        let size = self.tree.frontier().size();
        prove_inclusion(&self.tree, LeafIndex(at), size).ok()
    }
}

#[cfg(test)]
mod tests {
    use countersign_ports::Position;
    use countersign_record::commit::verdict_path;

    use super::*;

    fn group(records: u8) -> BatchGroup {
        BatchGroup {
            index: Index(0),
            end: Position {
                segment: 0,
                offset: 0,
            },
            statement: vec![records],
            verdicts: (0..records).map(|n| vec![n; 5]).collect(),
        }
    }

    #[test]
    fn a_batch_is_read_once_and_its_paths_are_those_of_the_record() {
        let last = LastBatch::default();
        for (at, records) in [(7, 5), (7, 5), (9, 3)] {
            let read = last.at(Index(at), || Ok::<_, ()>(group(records)));
            let read = read.expect("reads");
            assert_eq!(read.group.statement, [records]);
            for place in 0..=u64::from(records) {
                let all = read.group.verdicts.iter().map(Vec::as_slice);
                assert_eq!(read.record_path(place), verdict_path(all, place));
            }
        }
        let kept = last.at(Index(9), || Err("read again"));
        assert!(kept.is_ok(), "the last one is kept");
    }
}
