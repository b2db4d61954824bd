//! How much room the disk under a path has.

use std::path::Path;

use countersign_ports::StoreError;
use rustix::fs::statvfs;

/// Room on a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskLeft {
    /// Bytes that a process without special rights may still write.
    pub left_bytes: u64,
    /// Bytes of the whole.
    pub total_bytes: u64,
}

impl DiskLeft {
    /// Of the file system on which `path` lies; the path must exist.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn at(path: &Path) -> Result<Self, StoreError> {
        let doing = || format!("asking how full the disk of {} is", path.display());
        let found = statvfs(path).map_err(|errno| StoreError::new(doing(), errno.into()))?;
        Ok(Self {
            left_bytes: found.f_bavail.saturating_mul(found.f_frsize),
            total_bytes: found.f_blocks.saturating_mul(found.f_frsize),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_has_room_and_a_path_that_is_not_there_has_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = DiskLeft::at(folder.path()).expect("a disk");
        assert!(disk.total_bytes > 0 && disk.left_bytes <= disk.total_bytes);
        assert!(DiskLeft::at(&folder.path().join("nowhere")).is_err());
    }
}
