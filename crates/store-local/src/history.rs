//! What was observed, record behind record: `DIR/index/history`, derived.
//!
//! Records lie one behind the other in a stream of bytes, and a record's place is the byte of that
//! stream at which it begins. Before each stand, big-endian: a CRC-32C (32 bits), its length (32),
//! and the claim that it is of (the index, 64; the ordinal, 32). Claims rise.
//!
//! The stream is cut into pages of 4,096 bytes, each behind a head of 24: the claim of the record
//! to which the first byte of the page belongs (64 and 32 bits), the place of that record (64), and
//! a CRC-32C (32). By the heads the record of a claim is found without anything in memory. Checks
//! go over the genesis entry of the log and over where in the file it is, too.
//!
//! Bytes are written once, in pieces of whole pages, and never changed. What is not written yet is
//! in memory, and so are some pages that were read ([`crate::limits::HISTORY_CACHE_PAGES_MAX`]).
//!
//! What is absent: repair. Whoever opens the file says how long it must be. One that is shorter, or
//! in which that is not the end of a record, begins empty; what is behind is cut. A record that fails
//! its check is an error for whoever reads it, and the file is emptied, so that the next start makes
//! all of it again from the ground.

pub mod check;
mod frame;
mod page_cache;

use std::cell::{Cell, RefCell};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use countersign_model::digest::Digest;
use countersign_model::entry::ClaimRef;
use countersign_ports::{RecordTable, StoreError, Syncing};

use crate::crc32c::crc32c;
use crate::limits::HISTORY_TAIL_BYTES;
use frame::{FRAME_BYTES, Frame, HEAD_BYTES, Head};
use page_cache::PageCache;

const PAGE_BYTES: usize = 4096;
/// Bytes of the stream in a page.
const IN_PAGE: usize = PAGE_BYTES - HEAD_BYTES;

/// Records in a file. One writer.
#[derive(Debug)]
pub struct HistoryFile {
    path: PathBuf,
    /// `None` where there is none to read.
    file: Option<File>,
    is_writing: bool,
    /// Of the log: where each check begins.
    seed: u32,
    /// Whole pages in the file.
    pages: u64,
    /// The pages behind them: less than [`HISTORY_TAIL_BYTES`] and a record when the file is
    /// written, any number when it is only read.
    tail: Vec<u8>,
    /// Where the next record begins.
    end: u64,
    newest: Option<ClaimRef>,
    /// The file was emptied: nothing is written any more.
    is_spoiled: Cell<bool>,
    cache: RefCell<PageCache>,
}

impl HistoryFile {
    /// Opens the history of a log as far as byte `end` of its stream, or begins it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path, log: Digest, end: u64) -> Result<Self, StoreError> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = options.open(path);
        let file = file.map_err(|e| StoreError::new(format!("opening {}", path.display()), e))?;
        let mut this = Self::over(path, log, Some(file), true);
        if !this.take_up(end)? {
            this = Self::over(path, log, this.file.take(), true);
        }
        let length = this.pages * PAGE_BYTES as u64 + this.tail.len() as u64;
        let cut = this.file.as_ref().map_or(Ok(()), |it| it.set_len(length));
        cut.map_err(|error| this.failed("cutting", error))?;
        Ok(this)
    }

    /// Opens the history of a log to read it, as far as byte `end`; what is appended stays in
    /// memory.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_to_read(path: &Path, log: Digest, end: u64) -> Result<Self, StoreError> {
        let file = match File::open(path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                let doing = format!("opening {}", path.display());
                return Err(StoreError::new(doing, error));
            }
        };
        let mut this = Self::over(path, log, file, false);
        if !this.take_up(end)? {
            this = Self::over(path, log, None, false);
        }
        Ok(this)
    }

    fn over(path: &Path, log: Digest, file: Option<File>, is_writing: bool) -> Self {
        Self {
            path: path.to_owned(),
            file,
            is_writing,
            seed: crc32c(0, log.as_bytes()),
            pages: 0,
            tail: Vec::new(),
            end: 0,
            newest: None,
            is_spoiled: Cell::new(false),
            cache: RefCell::default(),
        }
    }

    /// Takes the file up to `end`, if that is the end of a record that holds.
    fn take_up(&mut self, end: u64) -> Result<bool, StoreError> {
        let size = self.file_bytes()?;
        let Some(last) = end.checked_sub(1) else {
            return Ok(true);
        };
        if size <= byte_in_file(last) {
            return Ok(false);
        }
        self.pages = end / IN_PAGE as u64;
        self.end = end;
        let rest = usize::try_from(end % IN_PAGE as u64).unwrap_or_default();
        if rest > 0 {
            self.tail = vec![0; HEAD_BYTES + rest];
            let from = self.pages * PAGE_BYTES as u64;
            let read = self
                .file
                .as_ref()
                .map_or(Ok(()), |file| file.read_exact_at(&mut self.tail, from));
            read.map_err(|error| self.failed("reading", error))?;
        }
        // Errors of the disk count as damage here: the ground has all of it.
        let head = self.head(last / IN_PAGE as u64);
        let mut at = head.map_or(end, |head| head.begins);
        let mut record = Vec::new();
        while at < end {
            let Ok((of, next)) = self.frame_and_record(at, &mut record) else {
                return Ok(false);
            };
            self.newest = Some(of);
            at = next;
        }
        Ok(at == end && self.newest.is_some())
    }

    fn file_bytes(&self) -> Result<u64, StoreError> {
        let size = self.file.as_ref();
        let size = size.map_or(Ok(0), |file| file.metadata().map(|it| it.len()));
        size.map_err(|error| self.failed("reading", error))
    }

    fn failed(&self, doing: &str, error: io::Error) -> StoreError {
        StoreError::new(format!("{doing} {}", self.path.display()), error)
    }

    /// The file, if it is to be written.
    fn writable(&self) -> Option<&File> {
        let is_writing = self.is_writing && !self.is_spoiled.get();
        self.file.as_ref().filter(|_| is_writing)
    }

    /// Something that was written is not there: nothing of the file counts any more.
    fn spoiled(&self, at: u64) -> StoreError {
        if let Some(file) = self.writable() {
            // It is derived; without it the next start makes all of it again.
            let _ = file.set_len(0);
        }
        self.is_spoiled.set(true);
        let why = format!("byte {at} fails its check; all of it is made again at the next start");
        StoreError::other(format!("reading {}", self.path.display()), why)
    }

    /// Puts bytes that belong to the record of `of`, which begins at `begins`, into the tail.
    fn push(&mut self, head: Head, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let used = self.tail.len() % PAGE_BYTES;
            if used == 0 {
                let page = self.pages + (self.tail.len() / PAGE_BYTES) as u64;
                self.tail.extend(head.encode(self.seed, page));
                continue;
            }
            let (now, later) = rest.split_at(rest.len().min(PAGE_BYTES - used));
            self.tail.extend_from_slice(now);
            rest = later;
        }
    }

    /// Writes the whole pages of the tail; they are not in memory any more.
    fn write(&mut self) -> Result<(), StoreError> {
        let Some(file) = self.writable() else {
            return Ok(());
        };
        let count = self.tail.len() / PAGE_BYTES;
        let whole = self.tail.get(..count * PAGE_BYTES).unwrap_or_default();
        let written = file.write_all_at(whole, self.pages * PAGE_BYTES as u64);
        written.map_err(|error| self.failed("writing", error))?;
        self.tail.drain(..count * PAGE_BYTES);
        self.pages += count as u64;
        Ok(())
    }

    /// Writes the tail with its last page, which stays in memory: it grows.
    fn write_all(&mut self) -> Result<(), StoreError> {
        self.write()?;
        let Some(file) = self.writable() else {
            return Ok(());
        };
        let written = file.write_all_at(&self.tail, self.pages * PAGE_BYTES as u64);
        written.map_err(|error| self.failed("writing", error))
    }

    /// The head of a page, checked.
    fn head(&self, page: u64) -> Result<Head, StoreError> {
        let mut bytes = [0; HEAD_BYTES];
        self.in_page(page, |all| {
            let found = all.first_chunk::<HEAD_BYTES>();
            found.is_some_and(|found| {
                bytes = *found;
                true
            })
        })?;
        let head = Head::decode(&bytes, self.seed, page);
        head.ok_or_else(|| self.spoiled(page * IN_PAGE as u64))
    }

    /// The claim of a record, which is put into `record`, and where the next one begins.
    fn frame_and_record(
        &self,
        at: u64,
        record: &mut Vec<u8>,
    ) -> Result<(ClaimRef, u64), StoreError> {
        let mut bytes = [0; FRAME_BYTES];
        let begins = at.saturating_add(FRAME_BYTES as u64);
        if begins > self.end {
            return Err(self.spoiled(at));
        }
        self.stream(at, &mut bytes)?;
        let (check, frame) = Frame::decode(bytes);
        let next = begins + u64::from(frame.length);
        if next > self.end {
            return Err(self.spoiled(at));
        }
        record.clear();
        record.resize(frame.length as usize, 0);
        self.stream(begins, record)?;
        if frame.check(self.seed, at, record) != check {
            return Err(self.spoiled(at));
        }
        Ok((frame.of, next))
    }

    /// Reads bytes of the stream.
    fn stream(&self, at: u64, into: &mut [u8]) -> Result<(), StoreError> {
        let mut at = at;
        let mut rest = into;
        while !rest.is_empty() {
            let page = at / IN_PAGE as u64;
            let from = HEAD_BYTES + usize::try_from(at % IN_PAGE as u64).unwrap_or_default();
            let (now, later) = rest.split_at_mut(rest.len().min(PAGE_BYTES - from));
            at += now.len() as u64;
            self.in_page(page, |bytes| {
                let found = bytes.get(from..).and_then(|it| it.get(..now.len()));
                found.is_some_and(|found| {
                    now.copy_from_slice(found);
                    true
                })
            })?;
            rest = later;
        }
        Ok(())
    }

    /// Hands the bytes of a page to `take`, which says whether they were enough.
    fn in_page(&self, page: u64, take: impl FnOnce(&[u8]) -> bool) -> Result<(), StoreError> {
        let is_enough = if let Some(behind) = page.checked_sub(self.pages) {
            let from = usize::try_from(behind).unwrap_or(usize::MAX);
            let from = from.saturating_mul(PAGE_BYTES);
            let bytes = self.tail.get(from..).unwrap_or_default();
            take(bytes.get(..PAGE_BYTES).unwrap_or(bytes))
        } else {
            let mut cache = self.cache.borrow_mut();
            take(cache.page(page, |bytes| self.read_page(page, bytes))?)
        };
        match is_enough {
            true => Ok(()),
            false => Err(self.spoiled(page * IN_PAGE as u64)),
        }
    }

    fn read_page(&self, page: u64, bytes: &mut [u8]) -> Result<(), StoreError> {
        let file = self.file.as_ref();
        let read = file.map(|file| file.read_exact_at(bytes, page * PAGE_BYTES as u64));
        match read {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                Err(self.failed("reading", error))
            }
            Some(Err(_)) | None => Err(self.spoiled(page * IN_PAGE as u64)),
        }
    }

    /// The last page that begins with a record of `of` or of an earlier claim.
    fn page_of(&self, of: ClaimRef) -> Result<Option<Head>, StoreError> {
        let (mut below, mut above) = (0, self.end.div_ceil(IN_PAGE as u64));
        let mut found = None;
        while below < above {
            let middle = below.midpoint(above);
            let head = self.head(middle)?;
            if head.of <= of {
                found = Some(head);
                below = middle + 1;
            } else {
                above = middle;
            }
        }
        Ok(found)
    }
}

impl RecordTable for HistoryFile {
    fn append(&mut self, of: ClaimRef, record: &[u8]) -> Result<u64, StoreError> {
        let refused = |why: String| {
            let doing = format!("writing {}", self.path.display());
            Err(StoreError::other(doing, why))
        };
        if self.newest >= Some(of) {
            return refused(format!("the record of {of} comes behind a later one"));
        }
        let Ok(length) = u32::try_from(record.len()) else {
            return refused(format!("a record of {} bytes", record.len()));
        };
        let at = self.end;
        let frame = Frame { length, of };
        let head = Head { of, begins: at };
        self.push(head, &frame.encode(frame.check(self.seed, at, record)));
        self.push(head, record);
        self.end += (FRAME_BYTES + record.len()) as u64;
        self.newest = Some(of);
        if self.tail.len() >= HISTORY_TAIL_BYTES {
            self.write()?;
        }
        Ok(at)
    }

    fn read(&self, at: u64, record: &mut Vec<u8>) -> Result<u64, StoreError> {
        self.frame_and_record(at, record).map(|(_, next)| next)
    }

    fn find(&self, of: ClaimRef) -> Result<Option<u64>, StoreError> {
        let Some(head) = self.page_of(of)? else {
            return Ok(None);
        };
        let (mut at, mut record) = (head.begins, Vec::new());
        while at < self.end {
            let (found, next) = self.frame_and_record(at, &mut record)?;
            if found >= of {
                return Ok((found == of).then_some(at));
            }
            at = next;
        }
        Ok(None)
    }

    fn end(&self) -> u64 {
        self.end
    }

    fn sync(&mut self) -> Result<Syncing, StoreError> {
        self.write_all()?;
        let Some(file) = self.writable() else {
            return Ok(Box::new(|| Ok(())));
        };
        let file = file.try_clone();
        let file = file.map_err(|error| self.failed("syncing", error))?;
        let doing = format!("syncing {}", self.path.display());
        Ok(Box::new(move || {
            file.sync_data()
                .map_err(|error| StoreError::new(doing, error))
        }))
    }
}

impl Drop for HistoryFile {
    /// So that what is looked at afterwards is all of it. Nobody rests on it: see
    /// [`RecordTable::sync`].
    fn drop(&mut self) {
        let _ = self.write_all();
    }
}

/// Where in the file a byte of the stream lies.
const fn byte_in_file(at: u64) -> u64 {
    let (page, rest) = (at / IN_PAGE as u64, at % IN_PAGE as u64);
    let before = page.saturating_mul(PAGE_BYTES as u64);
    before.saturating_add(HEAD_BYTES as u64 + rest)
}
