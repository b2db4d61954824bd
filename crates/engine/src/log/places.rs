//! Where entries lie in the ground: a table on the disk, and in memory what it does not have yet.
//!
//! Places go into the table before the published checkpoint moves over them: what it covers is
//! there at the next start.

use countersign_ports::{Place, PlaceTable};

use crate::engine::Fatal;

/// How many places are looked through at once for the next batch.
const STEP: usize = 512;

/// The place of each entry.
#[derive(Debug)]
pub(super) struct Places {
    table: Box<dyn PlaceTable>,
    /// Behind those of the table.
    young: Vec<Place>,
}

impl Places {
    pub(super) const fn new(table: Box<dyn PlaceTable>) -> Self {
        Self {
            table,
            young: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, place: Place) {
        self.young.push(place);
    }

    /// How many are in memory alone.
    pub(super) const fn young(&self) -> usize {
        self.young.len()
    }

    /// Hands what is in memory to the table.
    pub(super) fn write(&mut self) -> Result<(), Fatal> {
        if !self.young.is_empty() {
            self.table.append(&self.young)?;
            self.young.clear();
        }
        Ok(())
    }

    /// Makes all of it durable.
    pub(super) fn sync(&mut self) -> Result<(), Fatal> {
        self.write()?;
        Ok(self.table.sync()?)
    }

    /// Forgets all but the first `count` of the table, and what is in memory.
    pub(super) fn cut(&mut self, count: u64) -> Result<(), Fatal> {
        self.young.clear();
        Ok(self.table.cut(count)?)
    }

    /// Places from `first` on: at least one unless there is none.
    fn some(&self, first: u64, most: usize) -> Result<Vec<Place>, Fatal> {
        match first.checked_sub(self.table.count()) {
            None => Ok(self.table.read(first, most)?),
            Some(young) => {
                let from = usize::try_from(young).unwrap_or(usize::MAX);
                Ok(self.young.iter().skip(from).take(most).copied().collect())
            }
        }
    }

    /// Where an entry lies; `None` where there is none.
    pub(super) fn get(&self, index: u64) -> Result<Option<Place>, Fatal> {
        Ok(self.some(index, 1)?.first().copied())
    }

    /// The first batch at or behind an index.
    pub(super) fn next_batch(&self, index: u64) -> Result<Option<u64>, Fatal> {
        let mut first = index;
        loop {
            let places = self.some(first, STEP)?;
            if let Some((_, at)) = places.iter().zip(first..).find(|(place, _)| place.is_batch) {
                return Ok(Some(at));
            }
            if places.is_empty() {
                return Ok(None);
            }
            first += places.len() as u64;
        }
    }

    /// How many of the table's first `most` end with a batch: where a commit ends.
    pub(super) fn whole_commits(&self, most: u64) -> Result<u64, Fatal> {
        let mut count = most.min(self.table.count());
        while let Some(last) = count.checked_sub(1) {
            if self.get(last)?.is_some_and(|place| place.is_batch) {
                break;
            }
            count = last;
        }
        Ok(count)
    }
}
