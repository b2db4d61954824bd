//! One process owns a data folder.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use countersign_ports::StoreError;
use rustix::fs::{FlockOperation, flock};

/// Holds the folder while it lives; the kernel lets go when the process ends, however it ends.
#[derive(Debug)]
pub struct DirLock {
    /// `None` for a folder that is only read and has no lock file.
    _file: Option<File>,
}

impl DirLock {
    /// Takes the folder over, or `None` when another process has it.
    ///
    /// # Errors
    /// [`StoreError`] when the lock file cannot be opened.
    pub fn take(folder: &Path) -> Result<Option<Self>, StoreError> {
        let path = lock_file(folder);
        let opened = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = opened.map_err(|e| StoreError::new(format!("opening {}", path.display()), e))?;
        Self::of(file, &path)
    }

    /// As [`DirLock::take`], of a folder that is only read: nothing is made in it. One without a lock
    /// file was never owned by anybody, as a backup.
    ///
    /// # Errors
    /// [`StoreError`] when the lock file cannot be opened, or nothing can be locked there.
    pub fn take_to_read(folder: &Path) -> Result<Option<Self>, StoreError> {
        let path = lock_file(folder);
        match File::open(&path) {
            Ok(file) => Self::of(file, &path),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Some(Self { _file: None })),
            Err(error) => Err(StoreError::new(
                format!("opening {}", path.display()),
                error,
            )),
        }
    }

    fn of(file: File, path: &Path) -> Result<Option<Self>, StoreError> {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { _file: Some(file) })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(errno) => Err(StoreError::new(
                format!("locking {}", path.display()),
                errno.into(),
            )),
        }
    }
}

fn lock_file(folder: &Path) -> PathBuf {
    folder.join("lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_once_and_nothing_is_made_in_one_that_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let read = DirLock::take_to_read(root).expect("reads");
        assert!(read.is_some(), "nobody has it");
        assert_eq!(std::fs::read_dir(root).expect("lists").count(), 0);
        let held = DirLock::take(root).expect("locks").expect("is free");
        assert!(DirLock::take_to_read(root).expect("reads").is_none());
        assert!(DirLock::take(root).expect("locks").is_none());
        drop(held);
        assert!(DirLock::take_to_read(root).expect("reads").is_some());
    }
}
