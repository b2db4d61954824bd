//! The newest snapshot of what a node makes of its log: `DIR/index/snapshot/`, derived.
//!
//! `pages` is cut into places of [`SNAPSHOT_PLACE_BYTES`], by number. A page of the snapshot lies in one
//! place, or in pieces in as many as it needs, wherever they are. The `manifest` names them, each with
//! its SHA-256; putting it in place is the only change that counts ([`manifest`]).
//!
//! A snapshot is written by a thread. A piece that is the same as in the one before stays where it is;
//! every other one goes to a place that the manifest does not name. So whenever the process ends, what
//! the manifest names is there: the snapshot before, or, once all of its pages and what it rests on are
//! durable, the new one.
//!
//! What is absent: repair. A manifest that fails its check, is of another log, or is not under the
//! secret of the node is removed; a page that fails its check is an error for whoever reads it. Then
//! the ground is folded.

mod manifest;
mod writing;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use countersign_model::digest::Digest;
use countersign_ports::{SnapshotContent, SnapshotOf, SnapshotStore, StoreError};

use crate::failure::Failure;
use crate::folder::sync_folder;
use crate::limits::SNAPSHOT_PLACE_BYTES;
use manifest::{Manifest, Owner, Piece, manifest_path};
use writing::Writing;

/// A snapshot in a folder. One writer.
#[derive(Debug)]
pub struct SnapshotFiles {
    folder: PathBuf,
    owner: Owner,
    /// `None` where there is none to read.
    file: Option<File>,
    is_writing: bool,
    state: Mutex<State>,
    /// The thread is to end.
    is_given_up: Arc<AtomicBool>,
    thrown_away: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    newest: Option<Arc<Manifest>>,
    thread: Option<JoinHandle<Result<Option<Manifest>, StoreError>>>,
    /// Told to every later call.
    failed: Option<Failure>,
}

impl SnapshotFiles {
    /// Opens the snapshot of a log, under a secret of its node. One that is not believed, or for which
    /// `counts` is false, is removed, and [`SnapshotFiles::thrown_away`] says why.
    ///
    /// # Errors
    /// [`StoreError`] when the folder cannot be made or cleared.
    pub fn open(
        folder: &Path,
        log: Digest,
        secret: &[u8; 32],
        counts: &dyn Fn(&SnapshotOf) -> bool,
    ) -> Result<Self, StoreError> {
        let failed = |error| StoreError::new(format!("opening {}", folder.display()), error);
        fs::create_dir_all(folder).map_err(failed)?;
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = options.open(pages_path(folder)).map_err(failed)?;
        let this = Self::over(folder, (log, secret), Some(file), true, counts);
        if this.thrown_away.is_some() {
            // The manifest first: without it, what the places hold says nothing.
            fs::remove_file(manifest_path(folder)).map_err(failed)?;
            sync_folder(folder)?;
        }
        if let (None, Some(file)) = (&this.state().newest, &this.file) {
            file.set_len(0).map_err(failed)?;
        }
        Ok(this)
    }

    /// Opens the snapshot of a log to read it; nothing is written, whatever is wrong.
    #[must_use]
    pub fn open_to_read(
        folder: &Path,
        log: Digest,
        secret: &[u8; 32],
        counts: &dyn Fn(&SnapshotOf) -> bool,
    ) -> Self {
        let file = File::open(pages_path(folder)).ok();
        Self::over(folder, (log, secret), file, false, counts)
    }

    fn over(
        folder: &Path,
        (log, secret): (Digest, &[u8; 32]),
        file: Option<File>,
        is_writing: bool,
        counts: &dyn Fn(&SnapshotOf) -> bool,
    ) -> Self {
        let owner = Owner {
            log,
            secret: *secret,
        };
        let read = Manifest::read(folder, &owner).and_then(|manifest| match manifest {
            Some(manifest) if !counts(&manifest.of) => {
                let size = manifest.of.head.size.0;
                Err(format!(
                    "it is of {size} entries that this log has not, or by another version"
                ))
            }
            other => Ok(other),
        });
        let (newest, thrown_away) = match read {
            Ok(manifest) => (manifest.map(Arc::new), None),
            Err(why) => (None, Some(why)),
        };
        Self {
            folder: folder.to_owned(),
            owner,
            file,
            is_writing,
            state: Mutex::new(State {
                newest,
                ..State::default()
            }),
            is_given_up: Arc::default(),
            thrown_away,
        }
    }

    /// Why the snapshot that was there is not taken, if it is not.
    #[must_use]
    pub fn thrown_away(&self) -> Option<&str> {
        self.thrown_away.as_deref()
    }

    /// Whole at any time: what is done under the lock is an assignment.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what became of the snapshot that was being written, if that is known; waits for it.
    fn take_in(&self, waits: bool) -> Result<Option<Arc<Manifest>>, StoreError> {
        let mut state = self.state();
        let is_done = |thread: &mut JoinHandle<_>| waits || thread.is_finished();
        if let Some(thread) = state.thread.take_if(is_done) {
            let ended = |_| self.failed("writing", io::Error::other("the thread has ended"));
            match thread.join().map_err(ended).flatten() {
                Ok(Some(written)) => state.newest = Some(Arc::new(written)),
                Ok(None) => {}
                Err(error) => state.failed = Some(Failure::of("snapshot", &error)),
            }
        }
        match &state.failed {
            Some(failure) => Err(failure.again()),
            None => Ok(state.newest.clone()),
        }
    }

    fn read_piece(&self, piece: &Piece, bytes: &mut Vec<u8>) -> io::Result<()> {
        let file = self.file.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let from = bytes.len();
        bytes.resize(from + piece.length as usize, 0);
        let into = bytes.get_mut(from..).unwrap_or_default();
        file.read_exact_at(into, offset_of(piece.place))?;
        match Digest::of(into) == piece.digest {
            true => Ok(()),
            false => Err(io::Error::other(format!(
                "place {} fails its check; the ground is folded instead",
                piece.place
            ))),
        }
    }

    fn failed(&self, doing: &str, error: io::Error) -> StoreError {
        let path = pages_path(&self.folder);
        StoreError::new(format!("{doing} {}", path.display()), error)
    }
}

impl SnapshotStore for SnapshotFiles {
    fn newest(&self) -> Result<Option<SnapshotOf>, StoreError> {
        Ok(self.take_in(false)?.map(|manifest| manifest.of))
    }

    fn pages(&self, section: &str) -> Option<usize> {
        let newest = self.state().newest.clone()?;
        Some(newest.section(section)?.pages.len())
    }

    fn read(&self, section: &str, page: usize, bytes: &mut Vec<u8>) -> Result<(), StoreError> {
        bytes.clear();
        let newest = self.state().newest.clone();
        let section = newest.as_ref().and_then(|newest| newest.section(section));
        let pieces = section.and_then(|section| section.pages.get(page));
        let absent = || self.failed("reading", io::ErrorKind::NotFound.into());
        for piece in pieces.ok_or_else(absent)? {
            let read = self.read_piece(piece, bytes);
            read.map_err(|error| self.failed("reading", error))?;
        }
        Ok(())
    }

    fn write(
        &mut self,
        of: SnapshotOf,
        mut content: Box<dyn SnapshotContent>,
    ) -> Result<(), StoreError> {
        let before = self.take_in(true)?;
        let file = self.file.as_ref().filter(|_| self.is_writing);
        let readers = || io::Error::other("this process only reads");
        let file = file.ok_or_else(readers).and_then(File::try_clone);
        let writing = Writing {
            folder: self.folder.clone(),
            owner: self.owner,
            file: file.map_err(|error| self.failed("writing", error))?,
            before,
            is_given_up: Arc::clone(&self.is_given_up),
        };
        let started = thread::Builder::new()
            .name("snapshot".to_owned())
            .spawn(move || writing.run(of, &mut *content));
        let thread = started.map_err(|error| self.failed("writing", error))?;
        self.state().thread = Some(thread);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.take_in(true).map(drop)
    }
}

impl Drop for SnapshotFiles {
    /// What is not on the disk is given up: see [`SnapshotStore::flush`].
    fn drop(&mut self) {
        self.is_given_up.store(true, Ordering::Relaxed);
        let thread = self.state().thread.take();
        if let Some(thread) = thread {
            // What became of it changes nothing any more.
            let _ = thread.join();
        }
    }
}

fn pages_path(folder: &Path) -> PathBuf {
    folder.join("pages")
}

/// Where in the file a place begins.
fn offset_of(place: u32) -> u64 {
    u64::from(place) * SNAPSHOT_PLACE_BYTES as u64
}
