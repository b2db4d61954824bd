//! The thread that writes runs, merges them and moves the manifest, and what it shares with callers.
//!
//! One thread is the only writer of the folder. A set that waits to be written goes before the
//! merge in progress, which looks for one after every few records. Callers see a *view*: an
//! immutable list of sets and runs, replaced under a lock that nobody holds while reading or
//! writing files. A run that was merged away is unlinked at once; who still reads it has it open.

use std::fs;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use std::collections::BTreeSet;

use countersign_model::digest::Digest;
use countersign_model::entry::Size;
use countersign_ports::{StoreError, TreeHead};

use super::manifest::Manifest;
use super::merge::{Merge, choose};
use super::run::Run;
use super::run_writer::RunWriter;
use super::{mark_spoiled, run::is_spoiled};
use crate::failure::Failure;
use crate::limits::{FROZEN_SETS_MAX, MERGE_STEP_RECORDS, RUNS_MAX};

use super::record::Record;

/// Keys that are not inserted into any more and wait to be written.
#[derive(Debug)]
pub(super) struct Frozen {
    pub(super) records: BTreeSet<Record>,
    /// With them and what is older, the index is complete to here.
    pub(super) complete_to: TreeHead,
}

/// What a reader looks through, besides the young keys.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    /// Oldest first.
    pub(super) frozen: Vec<Arc<Frozen>>,
    /// Oldest first.
    pub(super) runs: Vec<Arc<Run>>,
}

/// Shared by callers and the thread.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    view: Arc<View>,
    failed: Option<Failure>,
    is_merging: bool,
    is_stopping: bool,
    has_ended: bool,
}

/// What a caller waits for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Until {
    /// One more set may wait.
    Room,
    /// No set waits.
    Written,
    /// No set waits, and nothing is worth merging.
    Settled,
}

impl Shared {
    pub(super) fn new(runs: Vec<Arc<Run>>) -> Self {
        let view = View {
            frozen: Vec::new(),
            runs,
        };
        Self {
            state: Mutex::new(State {
                view: Arc::new(view),
                failed: None,
                is_merging: false,
                is_stopping: false,
                has_ended: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Whole at any time: each change under the lock is one assignment, so a panic elsewhere leaves
    /// nothing half done.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sound(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        let state = self.lock();
        match &state.failed {
            Some(failure) => Err(failure.again()),
            None => Ok(state),
        }
    }

    /// What is there now, unless something has failed.
    pub(super) fn view(&self) -> Result<Arc<View>, StoreError> {
        Ok(Arc::clone(&self.sound()?.view))
    }

    /// Hands a set to the thread.
    pub(super) fn freeze(&self, frozen: Frozen) -> Result<(), StoreError> {
        let mut state = self.sound()?;
        let mut view = View::clone(&state.view);
        view.frozen.push(Arc::new(frozen));
        state.view = Arc::new(view);
        drop(state);
        self.changed.notify_all();
        Ok(())
    }

    /// Waits.
    pub(super) fn wait(&self, until: Until) -> Result<(), StoreError> {
        let mut state = self.sound()?;
        while !state.has_reached(until) {
            if state.has_ended {
                return Err(StoreError::other(
                    "digest index",
                    "the thread that writes has ended",
                ));
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(failure) = &state.failed {
                return Err(failure.again());
            }
        }
        Ok(())
    }

    /// Nothing is answered or written from now on.
    pub(super) fn fail(&self, error: &StoreError) {
        let mut state = self.lock();
        if state.failed.is_none() {
            state.failed = Some(Failure::of("digest index", error));
        }
        drop(state);
        self.changed.notify_all();
    }

    pub(super) fn stop(&self) {
        self.lock().is_stopping = true;
        self.changed.notify_all();
    }

    fn replace(&self, change: impl FnOnce(&mut View)) {
        let mut state = self.lock();
        let mut view = View::clone(&state.view);
        change(&mut view);
        let old = mem::replace(&mut state.view, Arc::new(view));
        drop(state);
        self.changed.notify_all();
        // Freeing a large set takes a while: not under the lock.
        drop(old);
    }

    /// What to do next; waits until there is something.
    fn next_job(&self, is_merging: bool) -> Job {
        let mut state = self.lock();
        loop {
            state.is_merging = is_merging;
            if state.is_stopping || state.failed.is_some() {
                return Job::Stop;
            }
            if let Some(oldest) = state.view.frozen.first() {
                return Job::Write(Arc::clone(oldest));
            }
            if is_merging || state.mergeable().is_some() {
                state.is_merging = true;
                return Job::Merge(Arc::clone(&state.view));
            }
            self.changed.notify_all();
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl State {
    fn mergeable(&self) -> Option<std::ops::Range<usize>> {
        mergeable(&self.view.runs)
    }

    fn has_reached(&self, until: Until) -> bool {
        let waiting = self.view.frozen.len();
        match until {
            Until::Room => waiting < FROZEN_SETS_MAX && self.view.runs.len() < RUNS_MAX,
            Until::Written => waiting == 0,
            Until::Settled => waiting == 0 && !self.is_merging && self.mergeable().is_none(),
        }
    }
}

fn mergeable(runs: &[Arc<Run>]) -> Option<std::ops::Range<usize>> {
    let counts: Vec<u64> = runs.iter().map(|run| run.entry().count).collect();
    choose(&counts)
}

enum Job {
    Stop,
    Write(Arc<Frozen>),
    Merge(Arc<View>),
}

/// What the thread alone knows.
#[derive(Debug)]
pub(super) struct Background {
    folder: PathBuf,
    log: Digest,
    /// As the manifest says.
    complete_to: TreeHead,
    runs: Vec<Arc<Run>>,
    next_number: u64,
    shared: Arc<Shared>,
}

impl Background {
    pub(super) fn new(
        folder: &Path,
        log: Digest,
        complete_to: TreeHead,
        runs: Vec<Arc<Run>>,
        shared: Arc<Shared>,
    ) -> Self {
        let numbers = runs.iter().map(|run| run.entry().number);
        Self {
            folder: folder.to_owned(),
            log,
            complete_to,
            next_number: numbers.max().map_or(1, |newest| newest + 1),
            runs,
            shared,
        }
    }

    /// Works until it is told to stop or something fails.
    pub(super) fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        // Also when this thread panics: nobody may wait for it then.
        let _ended = Ended(&shared);
        if let Err(error) = self.work() {
            if is_spoiled(&error) {
                mark_spoiled(&self.folder, &error);
            }
            shared.fail(&error);
        }
    }

    fn work(&mut self) -> Result<(), StoreError> {
        let mut merge: Option<Merge> = None;
        loop {
            match self.shared.next_job(merge.is_some()) {
                Job::Stop => return Ok(()),
                Job::Write(frozen) => self.write(&frozen)?,
                Job::Merge(view) => {
                    let mut going = match merge.take() {
                        Some(going) => going,
                        None => match mergeable(&view.runs) {
                            Some(chosen) => self.begin_merge(view.runs.get(chosen))?,
                            None => continue,
                        },
                    };
                    if going.step(MERGE_STEP_RECORDS)? {
                        merge = Some(going);
                    } else {
                        self.end_merge(going)?;
                    }
                }
            }
        }
    }

    fn begin_merge(&mut self, runs: Option<&[Arc<Run>]>) -> Result<Merge, StoreError> {
        let number = self.new_number();
        Merge::begin(&self.folder, self.log, number, runs.unwrap_or_default())
    }

    fn new_number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }

    fn write(&mut self, frozen: &Arc<Frozen>) -> Result<(), StoreError> {
        let mut runs = self.runs.clone();
        if !frozen.records.is_empty() {
            let count = frozen.records.len() as u64;
            let number = self.new_number();
            let mut writer = RunWriter::begin(&self.folder, self.log, number, count)?;
            for record in &frozen.records {
                writer.push(record)?;
            }
            let from = runs.last().map_or(Size(0), |run| run.entry().to);
            let run = writer.finish(from, frozen.complete_to.size)?;
            runs.push(Arc::new(run));
        }
        self.put_manifest(frozen.complete_to, &runs)?;
        let now = self.runs.clone();
        self.shared.replace(|view| {
            view.frozen.retain(|waiting| !Arc::ptr_eq(waiting, frozen));
            view.runs = now;
        });
        Ok(())
    }

    fn end_merge(&mut self, merge: Merge) -> Result<(), StoreError> {
        let inputs = merge.inputs();
        let merged = Arc::new(merge.finish()?);
        let is_input = |run: &Arc<Run>| inputs.iter().any(|input| Arc::ptr_eq(input, run));
        let place = self.runs.iter().position(is_input).unwrap_or(0);
        let mut runs = self.runs.clone();
        runs.retain(|run| !is_input(run));
        runs.insert(place.min(runs.len()), merged);
        self.put_manifest(self.complete_to, &runs)?;
        let now = self.runs.clone();
        self.shared.replace(|view| view.runs = now);
        for run in inputs {
            let removed = fs::remove_file(run.path());
            removed
                .map_err(|e| StoreError::new(format!("removing {}", run.path().display()), e))?;
        }
        Ok(())
    }

    fn put_manifest(&mut self, head: TreeHead, runs: &[Arc<Run>]) -> Result<(), StoreError> {
        let manifest = Manifest {
            log: self.log,
            complete_to: head,
            runs: runs.iter().map(|run| *run.entry()).collect(),
        };
        manifest.put(&self.folder)?;
        self.complete_to = head;
        self.runs = runs.to_vec();
        Ok(())
    }
}

struct Ended<'a>(&'a Shared);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.has_ended = true;
        drop(state);
        self.0.changed.notify_all();
    }
}
