//! One process owns a data folder.

use std::fs::{File, OpenOptions};
use std::path::Path;

use countersign_ports::StoreError;
use rustix::fs::{FlockOperation, flock};

/// Holds the folder while it lives; the kernel lets go when the process ends, however it ends.
#[derive(Debug)]
pub struct DirLock {
    _file: File,
}

impl DirLock {
    /// Takes the folder over, or `None` when another process has it.
    ///
    /// # Errors
    /// [`StoreError`] when the lock file cannot be opened.
    pub fn take(folder: &Path) -> Result<Option<Self>, StoreError> {
        let path = folder.join("lock");
        let opened = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = opened.map_err(|e| StoreError::new(format!("opening {}", path.display()), e))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(errno) => Err(StoreError::new(
                format!("locking {}", path.display()),
                errno.into(),
            )),
        }
    }
}
