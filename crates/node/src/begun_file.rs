//! A file that is made before it is sure that it stays.

use std::fs;
use std::path::PathBuf;

/// A file that was made, gone again unless it is [kept](BegunFile::keep), also while a panic unwinds.
#[derive(Debug)]
pub struct BegunFile(Option<PathBuf>);

impl BegunFile {
    /// Of the file that was made there.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self(Some(path))
    }

    /// The file stays.
    pub fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for BegunFile {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // What cannot be removed is named by the next attempt: it is in the way.
            let _ = fs::remove_file(path);
        }
    }
}
