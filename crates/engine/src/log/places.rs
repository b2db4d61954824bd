//! Where entries lie in the ground.

use countersign_ports::Position;

use crate::engine::Fatal;

/// The place of each entry, and which of them are batches.
#[derive(Debug, Default)]
pub(super) struct Places {
    places: Vec<(Position, bool)>,
}

impl Places {
    pub(super) fn push(&mut self, at: Position, is_batch: bool) {
        self.places.push((at, is_batch));
    }

    /// Where the records of an entry begin, and whether it is a batch; `None` where there is none.
    pub(super) fn get(&self, index: u64) -> Result<Option<(Position, bool)>, Fatal> {
        let at = usize::try_from(index).ok();
        Ok(at.and_then(|at| self.places.get(at)).copied())
    }

    /// The first batch at or behind an index.
    pub(super) fn next_batch(&self, index: u64) -> Result<Option<u64>, Fatal> {
        for at in index.. {
            match self.get(at)? {
                None => return Ok(None),
                Some((_, true)) => return Ok(Some(at)),
                Some((_, false)) => {}
            }
        }
        Ok(None)
    }
}
