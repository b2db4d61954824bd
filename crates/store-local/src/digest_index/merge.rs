//! Runs of about one size become one; which, and how, step by step.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use countersign_model::digest::Digest;
use countersign_model::entry::Size;
use countersign_ports::StoreError;

use super::record::Record;
use super::run::{PAGE_LEN, PAGE_RECORDS, Run, pages_of, spoiled};
use super::run_writer::RunWriter;
use crate::limits::{MERGE_FACTOR, RUNS_MAX, YOUNG_KEYS_MAX};

/// Pages that are read at a time.
const PAGES_AT_A_TIME: u64 = 16;

/// Which neighbours to merge, if any, by the counts of the runs, oldest first: [`MERGE_FACTOR`]
/// of one size class, the smallest class first; and whatever is cheapest when there are too many runs.
pub(super) fn choose(counts: &[u64]) -> Option<Range<usize>> {
    let windows = || counts.windows(MERGE_FACTOR).zip(0..);
    let alike = windows().filter(|(window, _)| {
        let mut classes = window.iter().map(|count| size_class(*count));
        let first = classes.next();
        classes.all(|class| Some(class) == first)
    });
    let smallest = alike.min_by_key(|(window, _)| window.first().map(|count| size_class(*count)));
    let cheapest = || windows().min_by_key(|(window, _)| window.iter().sum::<u64>());
    let is_crowded = counts.len() >= RUNS_MAX;
    let chosen = smallest.or_else(|| if is_crowded { cheapest() } else { None });
    chosen.map(|(_, at)| at..at + MERGE_FACTOR)
}

/// 0 below [`MERGE_FACTOR`] times a full set of young keys, then one more for each factor.
fn size_class(count: u64) -> u32 {
    let sets = count / YOUNG_KEYS_MAX as u64;
    sets.max(1).ilog(MERGE_FACTOR as u64)
}

/// Reads the records of a run in order; checks pages, order and the places in the log.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    run: &'a Run,
    position: CursorPosition,
}

/// Where a cursor stands, without the run that it reads.
#[derive(Debug, Default)]
struct CursorPosition {
    next_page: u64,
    buffer: Vec<Record>,
    at: usize,
    last: Option<Record>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(run: &'a Run) -> Self {
        Self {
            run,
            position: CursorPosition::default(),
        }
    }

    /// The next record.
    ///
    /// # Errors
    /// [`StoreError`] when the run is spoiled.
    pub(super) fn next(&mut self) -> Result<Option<Record>, StoreError> {
        self.position.next(self.run)
    }
}

impl CursorPosition {
    fn next(&mut self, run: &Run) -> Result<Option<Record>, StoreError> {
        if self.at == self.buffer.len() {
            self.fill(run)?;
        }
        let next = self.buffer.get(self.at).copied();
        self.at += 1;
        Ok(next)
    }

    fn fill(&mut self, run: &Run) -> Result<(), StoreError> {
        let left = pages_of(run.entry().count).saturating_sub(self.next_page);
        let pages = usize::try_from(left.min(PAGES_AT_A_TIME)).unwrap_or(0);
        let mut bytes = vec![0; pages * PAGE_LEN];
        run.read_raw(self.next_page, &mut bytes)?;
        self.at = 0;
        self.buffer.clear();
        self.buffer.reserve(pages * PAGE_RECORDS);
        for page in bytes.chunks(PAGE_LEN) {
            let records = run.records(self.next_page, page)?;
            self.buffer.extend(records.iter().map(Record::decode));
            self.next_page += 1;
        }
        let entry = run.entry();
        for record in &self.buffer {
            let in_order = self.last.is_none_or(|last| last < *record);
            let in_range = record.at.index.0 < entry.to.0;
            if !in_order || !in_range {
                return Err(spoiled(run.path(), "records are not what was written"));
            }
            self.last = Some(*record);
        }
        Ok(())
    }
}

/// A merge in progress.
#[derive(Debug)]
pub(super) struct Merge {
    inputs: Vec<Input>,
    writer: RunWriter,
    last: Option<Record>,
}

#[derive(Debug)]
struct Input {
    run: Arc<Run>,
    position: CursorPosition,
    head: Option<Record>,
}

impl Merge {
    /// Begins to merge `runs`, neighbours, oldest first, into the run of a new number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn begin(
        folder: &Path,
        log: Digest,
        number: u64,
        runs: &[Arc<Run>],
    ) -> Result<Self, StoreError> {
        let count = runs.iter().map(|run| run.entry().count).sum();
        let writer = RunWriter::begin(folder, log, number, count)?;
        let input = |run: &Arc<Run>| {
            let mut position = CursorPosition::default();
            let head = position.next(run)?;
            Ok(Input {
                run: Arc::clone(run),
                position,
                head,
            })
        };
        let inputs = runs.iter().map(input).collect::<Result<_, StoreError>>()?;
        Ok(Self {
            inputs,
            writer,
            last: None,
        })
    }

    /// Moves up to `records` records; says whether there are more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn step(&mut self, records: usize) -> Result<bool, StoreError> {
        for _ in 0..records {
            let heads = self.inputs.iter_mut().filter(|input| input.head.is_some());
            let Some(least) = heads.min_by_key(|input| input.head) else {
                return Ok(false);
            };
            let record = least.head;
            least.head = least.position.next(&least.run)?;
            if let Some(record) = record
                && self.last != Some(record)
            {
                self.writer.push(&record)?;
                self.last = Some(record);
            }
        }
        Ok(true)
    }

    /// Puts the merged run in place; it stands for what [`Merge::inputs`] stood for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn finish(self) -> Result<Run, StoreError> {
        let entries = || self.inputs.iter().map(|input| input.run.entry());
        let from = entries().map(|entry| entry.from).min();
        let to = entries().map(|entry| entry.to).max();
        self.writer
            .finish(from.unwrap_or(Size(0)), to.unwrap_or(Size(0)))
    }

    /// The runs that are merged, oldest first.
    pub(super) fn inputs(&self) -> Vec<Arc<Run>> {
        self.inputs.iter().map(|i| Arc::clone(&i.run)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: u64 = YOUNG_KEYS_MAX as u64;

    fn check(counts: &[u64], expect: Option<usize>) {
        let expect = expect.map(|first| first..first + MERGE_FACTOR);
        assert_eq!(choose(counts), expect, "{counts:?}");
    }

    #[test]
    fn eight_of_a_size_are_merged_the_smallest_and_oldest_first() {
        check(&[], None);
        check(&[SET; 7], None);
        check(&[SET; 8], Some(0));
        check(&[SET; 11], Some(0));
        check(&[&[8 * SET; 8][..], &[SET; 7]].concat(), Some(0));
        check(&[&[8 * SET; 8][..], &[SET; 8]].concat(), Some(8));
        check(&[&[1; 4][..], &[SET * 7; 4]].concat(), Some(0));
        check(&[&[8 * SET; 4][..], &[SET; 4]].concat(), None);
    }

    #[test]
    fn there_are_never_too_many_runs() {
        let counts: Vec<u64> = (0..RUNS_MAX).map(|n| SET << (40 - n / 7 * 4)).collect();
        check(&counts, Some(RUNS_MAX - MERGE_FACTOR));
        check(counts.get(1..).unwrap_or_default(), None);
    }

    /// The life of an index of 2^30 keys, in counts alone.
    #[test]
    fn few_runs_are_left_at_any_time() {
        let mut counts: Vec<u64> = Vec::new();
        let mut most = 0;
        for _ in 0..(1 << 30) / SET {
            counts.push(SET);
            while let Some(chosen) = choose(&counts) {
                let sum = counts.drain(chosen.clone()).sum();
                counts.insert(chosen.start, sum);
            }
            most = most.max(counts.len());
        }
        assert!(most <= 4 * (MERGE_FACTOR - 1) + 7, "{most}");
        assert_eq!(counts.iter().sum::<u64>(), 1 << 30);
    }
}
