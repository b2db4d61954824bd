//! Writes a run beside its place, syncs it, renames it, syncs the folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use countersign_model::digest::Digest;
use countersign_model::entry::Size;
use countersign_ports::StoreError;

use super::filter::Filter;
use super::record::{Record, words};
use super::run::{
    Checks, HEADER_PAGE, PAGE_LEN, PAGE_RECORDS, Run, RunEntry, close_page, run_path, write_header,
};
use crate::crc32c::crc32c;
use crate::folder::sync_folder;
use crate::limits::SYNC_BYTES;

/// Bytes that are gathered before they are written.
const GATHER_BYTES: usize = 64 * PAGE_LEN;

/// A run that is being written; taken away again when it is dropped unfinished.
#[derive(Debug)]
pub(super) struct RunWriter {
    log: Digest,
    number: u64,
    beside: PathBuf,
    file: File,
    gathered: Vec<u8>,
    unsynced: usize,
    page: Vec<u8>,
    in_page: usize,
    pages: u64,
    count: u64,
    filter: Filter,
    fences: Vec<u64>,
    is_finished: bool,
}

impl RunWriter {
    /// Begins the run of a number, which will have at most `count` records.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn begin(
        folder: &Path,
        log: Digest,
        number: u64,
        count: u64,
    ) -> Result<Self, StoreError> {
        let beside = run_path(folder, number).with_extension("tmp");
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&beside);
        let file = opened.map_err(|e| failed(&beside, e))?;
        Ok(Self {
            log,
            number,
            beside,
            file,
            // The header is known at the end; its page is left free.
            gathered: vec![0; PAGE_LEN],
            unsynced: 0,
            page: Vec::with_capacity(PAGE_LEN),
            in_page: 0,
            pages: 0,
            count: 0,
            filter: Filter::for_keys(count),
            fences: Vec::new(),
            is_finished: false,
        })
    }

    /// Adds a record, larger than the one before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn push(&mut self, record: &Record) -> Result<(), StoreError> {
        if self.in_page == PAGE_RECORDS {
            self.end_page()?;
        }
        if self.in_page == 0 {
            let (fence, _) = words(record.prefix);
            self.fences.push(fence);
        }
        self.page.extend_from_slice(&record.encode());
        self.in_page += 1;
        self.count += 1;
        self.filter.add(record.prefix);
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), StoreError> {
        close_page(&mut self.page, self.number, self.pages);
        self.gathered.extend_from_slice(&self.page);
        self.page.clear();
        self.in_page = 0;
        self.pages += 1;
        if self.gathered.len() >= GATHER_BYTES {
            self.write_gathered()?;
        }
        Ok(())
    }

    fn write_gathered(&mut self) -> Result<(), StoreError> {
        let written = self.file.write_all(&self.gathered);
        written.map_err(|e| failed(&self.beside, e))?;
        self.unsynced += self.gathered.len();
        self.gathered.clear();
        if self.unsynced >= SYNC_BYTES {
            self.unsynced = 0;
            let synced = self.file.sync_data();
            synced.map_err(|e| failed(&self.beside, e))?;
        }
        Ok(())
    }

    /// Puts the run in place; it holds what stands in the log from `from` and below `to`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn finish(mut self, from: Size, to: Size) -> Result<Run, StoreError> {
        if self.in_page > 0 {
            self.end_page()?;
        }
        self.write_gathered()?;
        let checks = self.write_filter_and_fences()?;
        let mut entry = RunEntry {
            number: self.number,
            from,
            to,
            count: self.count,
            check: 0,
        };
        let mut header = write_header(&self.log, &entry, &checks);
        entry.check = close_page(&mut header, self.number, HEADER_PAGE);
        let path = self.beside.with_extension("run");
        let placed = self
            .file
            .write_all_at(&header, 0)
            .and_then(|()| self.file.sync_all())
            .and_then(|()| fs::rename(&self.beside, &path))
            .and_then(|()| File::open(&path));
        let file = placed.map_err(|e| failed(&self.beside, e))?;
        self.is_finished = true;
        if let Some(folder) = path.parent() {
            sync_folder(folder)?;
        }
        let filter = std::mem::replace(&mut self.filter, Filter::for_keys(0));
        let mut fences = std::mem::take(&mut self.fences);
        fences.shrink_to_fit();
        Ok(Run::made(entry, path, file, filter, fences))
    }

    fn write_filter_and_fences(&mut self) -> Result<Checks, StoreError> {
        let fences: Vec<u8> = self.fences.iter().flat_map(|f| f.to_be_bytes()).collect();
        let mut file = &self.file;
        let filter = self.filter.write(|bytes| file.write_all(bytes));
        let filter = filter.map_err(|e| failed(&self.beside, e))?;
        let written = file.write_all(&fences);
        written.map_err(|e| failed(&self.beside, e))?;
        Ok(Checks {
            filter_blocks: self.filter.len() as u64,
            filter,
            fences: crc32c(0, &fences),
        })
    }
}

fn failed(path: &Path, error: io::Error) -> StoreError {
    StoreError::new(format!("writing {}", path.display()), error)
}

impl Drop for RunWriter {
    fn drop(&mut self) {
        if !self.is_finished {
            // On a full disk even a part of a file is in the way; the next opening would remove it too.
            let _ = fs::remove_file(&self.beside);
        }
    }
}
