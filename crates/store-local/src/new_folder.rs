//! A folder that appears whole or not at all: written under another name, synced, renamed.

use std::fs;
use std::path::{Path, PathBuf};

use countersign_ports::StoreError;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::folder::sync_folder;

/// What stands behind the name of a folder that is being written.
const UNFINISHED: &str = ".unfinished";

/// A folder that is being written; gone again unless it is [finished](Self::finish).
#[derive(Debug)]
pub struct NewFolder {
    /// Where it is written; `None` once it has its name.
    unfinished: Option<PathBuf>,
    target: PathBuf,
    /// The folder, held since before the first write: `syncfs` tells of those that failed since then.
    folder: fs::File,
}

impl NewFolder {
    /// Begins a folder that will be at `target`, which must not exist, and nobody else may read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn begin(target: &Path) -> Result<Self, StoreError> {
        use std::os::unix::fs::DirBuilderExt as _;
        let doing = || format!("making {}", target.display());
        let mut name = target
            .file_name()
            .ok_or_else(|| StoreError::other(doing(), "the folder needs a name"))?
            .to_os_string();
        if fs::symlink_metadata(target).is_ok() {
            return Err(StoreError::other(doing(), THERE_ALREADY));
        }
        name.push(UNFINISHED);
        let unfinished = target.with_file_name(name);
        let made = fs::DirBuilder::new().mode(0o700).create(&unfinished);
        made.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                let why = "it is left from an attempt that was broken off, or another one is \
                           writing it now; if not, remove it";
                StoreError::other(format!("making {}", unfinished.display()), why)
            }
            _ => StoreError::new(format!("making {}", unfinished.display()), error),
        })?;
        match fs::File::open(&unfinished) {
            Ok(folder) => Ok(Self {
                unfinished: Some(unfinished),
                target: target.to_owned(),
                folder,
            }),
            Err(error) => {
                let _ = fs::remove_dir(&unfinished);
                Err(StoreError::new(doing(), error))
            }
        }
    }

    /// Where to write.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.unfinished.as_deref().unwrap_or(&self.target)
    }

    /// Makes everything that was written durable, and gives the folder its name.
    ///
    /// # Errors
    /// [`StoreError`]; what was written is gone then, unless only the last sync failed: then the folder
    /// is whole, has its name, and may lose it in a power cut.
    pub fn finish(mut self) -> Result<(), StoreError> {
        let doing = || format!("finishing {}", self.target.display());
        let failed = |errno: Errno| StoreError::new(doing(), errno.into());
        // One call for the many small files of a tree.
        rustix::fs::syncfs(&self.folder).map_err(failed)?;
        match renameat_with(CWD, self.path(), CWD, &self.target, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            Err(Errno::EXIST) => return Err(StoreError::other(doing(), THERE_ALREADY)),
            // A file system that cannot say so in one step.
            Err(Errno::INVAL | Errno::NOSYS) => {
                if fs::symlink_metadata(&self.target).is_ok() {
                    return Err(StoreError::other(doing(), THERE_ALREADY));
                }
                fs::rename(self.path(), &self.target).map_err(|e| StoreError::new(doing(), e))?;
            }
            Err(errno) => return Err(failed(errno)),
        }
        self.unfinished = None;
        sync_folder(self.target.parent().unwrap_or_else(|| Path::new("")))
    }
}

const THERE_ALREADY: &str = "it is there already, and nothing is overwritten";

impl Drop for NewFolder {
    fn drop(&mut self) {
        if let Some(unfinished) = &self.unfinished {
            // What cannot be removed is named by the next attempt.
            let _ = fs::remove_dir_all(unfinished);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_appears_whole_or_not_at_all() {
        let root = tempfile::tempdir().expect("a folder");
        let target = root.path().join("copy");
        let begun = NewFolder::begin(&target).expect("begins");
        fs::write(begun.path().join("a"), b"1").expect("writes");
        assert!(!target.exists());
        assert!(NewFolder::begin(&target).is_err(), "two write one folder");
        drop(begun);
        assert_eq!(fs::read_dir(root.path()).expect("lists").count(), 0);

        let begun = NewFolder::begin(&target).expect("begins");
        fs::write(begun.path().join("a"), b"1").expect("writes");
        begun.finish().expect("finishes");
        assert_eq!(fs::read(target.join("a")).expect("reads"), b"1");
        assert!(NewFolder::begin(&target).is_err(), "it is there");

        let late = root.path().join("late");
        let begun = NewFolder::begin(&late).expect("begins");
        fs::create_dir(&late).expect("somebody else is faster");
        assert!(begun.finish().is_err());
        assert_eq!(fs::read_dir(&late).expect("lists").count(), 0);
        assert_eq!(fs::read_dir(root.path()).expect("lists").count(), 2);
    }
}
