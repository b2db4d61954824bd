//! A history file, compared byte by byte with the records that should be in it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use countersign_model::digest::Digest;
use countersign_model::entry::ClaimRef;
use countersign_ports::{RecordTable as _, StoreError};

use super::{HistoryFile, PAGE_BYTES};
use crate::limits::HISTORY_TAIL_BYTES;

/// Makes the file again in memory, piece by piece, and compares each.
#[derive(Debug)]
pub struct HistoryCheck {
    made: HistoryFile,
    /// `None` where there is none.
    file: Option<File>,
    size: u64,
    wrong_at: Option<u64>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryChecked {
    /// Bytes of the file; all of them were read, up to the first that is wrong.
    pub bytes: u64,
    /// The first byte that is another than it should be. A file that ends before the records do has
    /// none: a process that ended wrote no more.
    pub wrong_at: Option<u64>,
}

impl HistoryCheck {
    /// Begins to compare the file of a log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path, log: Digest) -> Result<Self, StoreError> {
        let failed = |error| StoreError::new(format!("opening {}", path.display()), error);
        let file = match File::open(path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        let size = file
            .as_ref()
            .map_or(Ok(0), |file| file.metadata().map(|it| it.len()));
        Ok(Self {
            made: HistoryFile::over(path, log, None, false),
            size: size.map_err(failed)?,
            file,
            wrong_at: None,
        })
    }

    /// The next record that should be there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn take(&mut self, of: ClaimRef, record: &[u8]) -> Result<(), StoreError> {
        self.made.append(of, record)?;
        if self.made.tail.len() >= HISTORY_TAIL_BYTES {
            self.compare(self.made.tail.len() / PAGE_BYTES * PAGE_BYTES)?;
        }
        Ok(())
    }

    /// There is no further record.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn finish(mut self) -> Result<HistoryChecked, StoreError> {
        let end = self.made.pages * PAGE_BYTES as u64 + self.made.tail.len() as u64;
        self.compare(self.made.tail.len())?;
        if self.size > end {
            self.wrong_at.get_or_insert(end);
        }
        Ok(HistoryChecked {
            bytes: self.size,
            wrong_at: self.wrong_at,
        })
    }

    /// Compares so many bytes of what was made, and forgets them.
    fn compare(&mut self, bytes: usize) -> Result<(), StoreError> {
        let from = self.made.pages * PAGE_BYTES as u64;
        let made: Vec<u8> = self.made.tail.drain(..bytes).collect();
        self.made.pages += (bytes / PAGE_BYTES) as u64;
        let rest = usize::try_from(self.size.saturating_sub(from)).unwrap_or(usize::MAX);
        let mut there = vec![0; bytes.min(rest)];
        let read = self
            .file
            .as_ref()
            .map_or(Ok(()), |file| file.read_exact_at(&mut there, from));
        read.map_err(|error| self.made.failed("reading", error))?;
        let differs = there.iter().zip(&made).position(|(a, b)| a != b);
        if let Some(at) = differs {
            self.wrong_at.get_or_insert(from + at as u64);
        }
        Ok(())
    }
}
