//! Where digests stand in the log: exact, larger than memory, derived.
//!
//! Keys are the first 16 bytes of a digest; whoever asks compares the rest with what stands at
//! the place. New keys are in memory (*young*). When there are enough, they are *frozen* and a
//! thread writes them as a *run*: sorted, never changed, with a filter and fences in memory. Eight
//! runs of a size are merged into one. The `manifest` names the runs that count and the head of
//! the log up to which they are complete; moving it is the only change that counts.
//!
//! | file in `DIR/index/digests/` | is |
//! |---|---|
//! | `manifest` | [`manifest`]: which runs, complete to where |
//! | `NUMBER.run` | [`run`]: records, filter, fences |
//! | `spoiled` | why the next opening throws all of it away |
//! | `*.tmp`, other runs | left by a crash; removed when the index is opened |
//!
//! What is absent: a log of its own. Keys that were not written yet are gone after a crash, and
//! [`DigestRuns::complete_to`] says so: the caller inserts again what the log has behind it.
//! Also absent: repair. What fails a check is thrown away as a whole and inserted again.
//!
//! - LOG-1: every page is checked each time it is read; there is a right answer, or an error.
//! - LIM-1: young keys, frozen sets and runs have limits; `seal_to` waits at them.

mod background;
mod filter;
mod manifest;
mod merge;
mod reader;
mod record;
mod run;
mod run_writer;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_ports::{DigestIndex, StoreError, Syncing, TreeHead};

use crate::folder::{listed, put_file, sync_folder};
use crate::limits::{QUIET_ENTRIES_MAX, UNSEALED_KEYS_MAX, YOUNG_KEYS_MAX};
use background::{Background, Frozen, Shared, Until};
use manifest::{Manifest, manifest_path};
use merge::Cursor;
pub use reader::DigestRunsReader;
use record::{Record, prefix_of, words};
use run::{Run, is_spoiled, pages_of, spoiled};

/// A digest index in a folder. One process may have it open: the data folder's lock sees to that.
#[derive(Debug)]
pub struct DigestRuns {
    folder: PathBuf,
    young: BTreeSet<Record>,
    complete_to: TreeHead,
    /// Head of the newest set that was frozen.
    frozen_to: TreeHead,
    /// Inserted since the last `seal_to`.
    unsealed: usize,
    newest: Option<Index>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    thrown_away: Option<String>,
}

/// What an index holds, counted when all of it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Runs.
    pub runs: usize,
    /// Records in them; a pair that was inserted twice may count twice until its runs are merged.
    pub records: u64,
}

impl DigestRuns {
    /// Opens the index of a log, or begins an empty one. `has` says whether the log has a head that
    /// the index claims: its size, and its root at that size.
    ///
    /// An index that is damaged in any way, of another log, or of a history that this log does not
    /// have, is removed: it is empty then, and [`DigestRuns::thrown_away`] says why.
    ///
    /// # Errors
    /// [`StoreError`] when the folder cannot be made or cleared, or no thread can be started.
    pub fn open(
        folder: &Path,
        log: Digest,
        has: impl FnOnce(TreeHead) -> bool,
    ) -> Result<Self, StoreError> {
        let doing = || format!("opening {}", folder.display());
        fs::create_dir_all(folder).map_err(|e| StoreError::new(doing(), e))?;
        let (loaded, thrown_away) = match load(folder, &log, has) {
            Ok(loaded) => (loaded, None),
            Err(why) => (Loaded::default(), Some(why)),
        };
        if thrown_away.is_some() {
            // The manifest first: without it, whatever is left of the rest says nothing.
            remove_if_there(&manifest_path(folder))?;
            sync_folder(folder)?;
        }
        remove_strays(folder, &loaded.runs)?;
        let shared = Arc::new(Shared::new(loaded.runs.clone()));
        let writer = Background::new(
            folder,
            log,
            loaded.complete_to,
            loaded.runs,
            Arc::clone(&shared),
        );
        let started = thread::Builder::new()
            .name("digest-index".to_owned())
            .spawn(move || writer.run());
        let thread = started.map_err(|e| StoreError::new(doing(), e))?;
        Ok(Self {
            folder: folder.to_owned(),
            young: BTreeSet::new(),
            complete_to: loaded.complete_to,
            frozen_to: loaded.complete_to,
            unsealed: 0,
            newest: None,
            shared,
            thread: Some(thread),
            thrown_away,
        })
    }

    /// Why the index that was there was thrown away, if it was.
    #[must_use]
    pub fn thrown_away(&self) -> Option<&str> {
        self.thrown_away.as_deref()
    }

    /// Reads all that is on the disk and checks each page, the order, the filters and the fences.
    ///
    /// # Errors
    /// [`StoreError`] that says what is wrong; the index is thrown away at the next opening then.
    pub fn check(&self) -> Result<Checked, StoreError> {
        let view = self.shared.view()?;
        let counts = view.runs.iter().map(|run| check_run(run));
        let records = counts.sum::<Result<u64, StoreError>>();
        Ok(Checked {
            runs: view.runs.len(),
            records: self.trust(records)?,
        })
    }

    /// Returns when nothing waits to be written and no runs are worth merging.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn settle(&self) -> Result<(), StoreError> {
        self.shared.wait(Until::Settled)
    }

    /// Passes on what was read; after a failed check nothing more is answered, and the next
    /// opening begins empty.
    fn trust<T>(&self, read: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &read {
            if is_spoiled(error) {
                mark_spoiled(&self.folder, error);
            }
            self.shared.fail(error);
        }
        read
    }

    fn freeze(&mut self) -> Result<(), StoreError> {
        self.shared.wait(Until::Room)?;
        self.shared.freeze(Frozen {
            records: mem::take(&mut self.young),
            complete_to: self.complete_to,
        })?;
        self.frozen_to = self.complete_to;
        Ok(())
    }
}

impl DigestIndex for DigestRuns {
    fn insert(&mut self, key: Digest, at: ClaimRef) -> Result<(), StoreError> {
        if self.unsealed == UNSEALED_KEYS_MAX {
            return Err(StoreError::other(
                "digest index",
                format!("{UNSEALED_KEYS_MAX} keys were inserted and none was sealed"),
            ));
        }
        let prefix = prefix_of(&key);
        self.young.insert(Record { prefix, at });
        self.unsealed += 1;
        self.newest = self.newest.max(Some(at.index));
        Ok(())
    }

    fn find(&self, key: Digest) -> Result<Vec<ClaimRef>, StoreError> {
        let prefix = prefix_of(&key);
        let view = self.shared.view()?;
        let frozen = view.frozen.iter().map(|frozen| &frozen.records);
        let sets: Vec<_> = frozen.chain([&self.young]).collect();
        self.trust(find_in(prefix, &sets, &view.runs))
    }

    fn complete_to(&self) -> TreeHead {
        self.complete_to
    }

    fn seal_to(&mut self, head: TreeHead) -> Result<(), StoreError> {
        let is_below = |newest: Index| newest.0 >= head.size.0;
        if head.size < self.complete_to.size || self.newest.is_some_and(is_below) {
            return Err(StoreError::other(
                "digest index",
                format!("sealed to {}, which is below what it holds", head.size.0),
            ));
        }
        self.complete_to = head;
        self.unsealed = 0;
        self.newest = None;
        let quiet = head.size.0.saturating_sub(self.frozen_to.size.0);
        let is_due = self.young.len() >= YOUNG_KEYS_MAX || quiet >= QUIET_ENTRIES_MAX;
        if is_due { self.freeze() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<Syncing, StoreError> {
        if self.unsealed > 0 {
            return Err(StoreError::other(
                "digest index",
                "keys were inserted and not sealed",
            ));
        }
        if !self.young.is_empty() || self.frozen_to != self.complete_to {
            self.freeze()?;
        }
        let shared = Arc::clone(&self.shared);
        Ok(Box::new(move || shared.wait(Until::Written)))
    }
}

impl Drop for DigestRuns {
    /// What is not on the disk is given up: see [`DigestIndex::flush`].
    fn drop(&mut self) {
        self.shared.stop();
        if let Some(thread) = self.thread.take() {
            // A panic there has been told to every caller since; here it changes nothing.
            let _ = thread.join();
        }
    }
}

/// All places under a prefix, in log order.
fn find_in(
    prefix: u128,
    sets: &[&BTreeSet<Record>],
    runs: &[Arc<Run>],
) -> Result<Vec<ClaimRef>, StoreError> {
    let mut found = Vec::new();
    for set in sets {
        let equal = set.range(Record::first_of(prefix)..=Record::last_of(prefix));
        found.extend(equal.map(|record| record.at));
    }
    for run in runs.iter().filter(|run| run.may_hold(prefix)) {
        run.find(prefix, &mut found)?;
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

#[derive(Debug)]
struct Loaded {
    complete_to: TreeHead,
    runs: Vec<Arc<Run>>,
}

impl Default for Loaded {
    fn default() -> Self {
        Self {
            complete_to: TreeHead::EMPTY,
            runs: Vec::new(),
        }
    }
}

/// What is there, or why it must be thrown away.
fn load(folder: &Path, log: &Digest, has: impl FnOnce(TreeHead) -> bool) -> Result<Loaded, String> {
    match fs::read(spoiled_path(folder)) {
        Ok(why) => return Err(String::from_utf8_lossy(&why).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.to_string()),
    }
    let Some(manifest) = Manifest::read(folder)? else {
        let files = names(folder).map_err(|error| error.to_string())?;
        return if files.iter().any(|name| name.ends_with(".run")) {
            Err("there are runs, and no manifest".to_owned())
        } else {
            Ok(Loaded::default())
        };
    };
    if manifest.log != *log {
        return Err("it is the index of another log".to_owned());
    }
    let head = manifest.complete_to;
    if head.size.0 > 0 && !has(head) {
        return Err(format!(
            "the log never had {} entries under root {}",
            head.size.0, head.root
        ));
    }
    let opened = manifest.runs.iter().map(|entry| {
        let run = Run::open(folder, log, *entry);
        run.map(Arc::new).map_err(|error| error.to_string())
    });
    Ok(Loaded {
        complete_to: head,
        runs: opened.collect::<Result<_, _>>()?,
    })
}

fn names(folder: &Path) -> Result<Vec<String>, StoreError> {
    let failed = |error| StoreError::new(format!("reading {}", folder.display()), error);
    let entries = listed(folder).map_err(failed)?;
    let name = |entry: io::Result<fs::DirEntry>| entry.map(|e| e.file_name());
    let names = entries.map(name).collect::<Result<Vec<_>, _>>();
    let names = names.map_err(failed)?.into_iter();
    Ok(names.filter_map(|name| name.into_string().ok()).collect())
}

/// Removes files of ours that do not count: unfinished ones, runs that the manifest does not name,
/// and the word that all of it was spoiled, as the last.
fn remove_strays(folder: &Path, runs: &[Arc<Run>]) -> Result<(), StoreError> {
    let counts = |path: &Path| runs.iter().any(|run| run.path() == path);
    for name in names(folder)? {
        let path = folder.join(&name);
        let is_ours = name.ends_with(".tmp") || name.ends_with(".run");
        if is_ours && !counts(&path) {
            remove_if_there(&path)?;
        }
    }
    remove_if_there(&spoiled_path(folder))
}

fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StoreError::new(
            format!("removing {}", path.display()),
            error,
        )),
    }
}

fn spoiled_path(folder: &Path) -> PathBuf {
    folder.join("spoiled")
}

/// Sees to it that the next opening begins empty.
fn mark_spoiled(folder: &Path, why: &StoreError) {
    // Either of the two is enough, and the error goes to the caller in any case.
    let _ = put_file(&spoiled_path(folder), why.to_string().as_bytes());
    let _ = fs::remove_file(manifest_path(folder));
}

/// Reads a run from end to end; how many records it has.
fn check_run(run: &Run) -> Result<u64, StoreError> {
    let mut cursor = Cursor::new(run);
    let mut count = 0_u64;
    while let Some(record) = cursor.next()? {
        let is_first_of_page = pages_of(count + 1) > pages_of(count);
        let page = usize::try_from(pages_of(count)).unwrap_or(usize::MAX);
        let (fence, _) = words(record.prefix);
        if is_first_of_page && run.fences().get(page) != Some(&fence) {
            return Err(spoiled(run.path(), "a fence is not the page's first key"));
        }
        if !run.may_hold(record.prefix) {
            return Err(spoiled(run.path(), "the filter denies a key"));
        }
        count += 1;
    }
    Ok(count)
}
