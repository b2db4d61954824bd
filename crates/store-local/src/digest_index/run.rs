//! A run: records that never change, sorted, in pages that are checked each time they are read.
//!
//! | part | bytes |
//! |---|---|
//! | header page | 4096: magic, version, log, number, from, to, count, blocks of the filter, check of the filter, check of the fences |
//! | pages | 4096 each: 146 records of 28 bytes, zeros; the last one has what is left |
//! | filter | 64 a block: twelve bits a key |
//! | fences | 8 a page: the first 8 bytes of its first record |
//!
//! The last 4 bytes of each page are its CRC-32C, begun with the number of the run and of the
//! page, so that no page passes for another. Numbers are big-endian. Filter and fences are in
//! memory, so that a key is found by one read of one page.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Size};
use countersign_ports::StoreError;

use super::filter::{BLOCK_LEN, Filter};
use super::record::{RECORD_LEN, Record, words};
use crate::crc32c::crc32c;

/// Bytes of a page.
pub(super) const PAGE_LEN: usize = 4096;
/// Records of a full page.
pub(super) const PAGE_RECORDS: usize = (PAGE_LEN - CHECK_LEN) / RECORD_LEN;
const CHECK_LEN: usize = 4;
/// The header stands where page 2^64 - 1 would.
pub(super) const HEADER_PAGE: u64 = u64::MAX;
const MAGIC: &[u8; 8] = b"csdigidx";
const VERSION: u32 = 1;

/// What the manifest says of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RunEntry {
    /// Number of its file, never used twice.
    pub(super) number: u64,
    /// It was begun when the index was complete to here.
    pub(super) from: Size,
    /// Its keys stand in the log below this index.
    pub(super) to: Size,
    /// How many records.
    pub(super) count: u64,
    /// Check of its header, which has the checks of filter and fences.
    pub(super) check: u32,
}

/// What the header says beyond that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Checks {
    pub(super) filter_blocks: u64,
    pub(super) filter: u32,
    pub(super) fences: u32,
}

/// An open run.
pub(super) struct Run {
    entry: RunEntry,
    path: PathBuf,
    file: File,
    filter: Filter,
    fences: Vec<u64>,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Run({}, {} records)",
            self.entry.number, self.entry.count
        )
    }
}

/// Path of the run of a number.
pub(super) fn run_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}.run"))
}

/// A file that is not what was written: there is no answer from it.
pub(super) fn spoiled(path: &Path, why: impl Into<String>) -> StoreError {
    let source = io::Error::new(io::ErrorKind::InvalidData, why.into());
    StoreError::new(format!("reading {}", path.display()), source)
}

/// Whether an error says that the index cannot be trusted.
pub(super) fn is_spoiled(error: &StoreError) -> bool {
    error.source.kind() == io::ErrorKind::InvalidData
}

/// How many pages records take.
pub(super) fn pages_of(count: u64) -> u64 {
    count.div_ceil(PAGE_RECORDS as u64)
}

/// Fills a page up with zeros and its check.
pub(super) fn close_page(page: &mut Vec<u8>, run: u64, number: u64) -> u32 {
    page.resize(PAGE_LEN - CHECK_LEN, 0);
    let check = page_check(page, run, number);
    page.extend(check.to_be_bytes());
    check
}

fn page_check(bytes: &[u8], run: u64, number: u64) -> u32 {
    let begun = crc32c(crc32c(0, &run.to_be_bytes()), &number.to_be_bytes());
    crc32c(begun, bytes)
}

/// What stands before the check, if that is right.
fn open_page(page: &[u8], run: u64, number: u64) -> Option<&[u8]> {
    let (bytes, check) = page.split_last_chunk::<CHECK_LEN>()?;
    (u32::from_be_bytes(*check) == page_check(bytes, run, number)).then_some(bytes)
}

/// The header page without its check.
pub(super) fn write_header(log: &Digest, entry: &RunEntry, checks: &Checks) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_be_bytes());
    out.extend(log.as_bytes());
    let numbers = [
        entry.number,
        entry.from.0,
        entry.to.0,
        entry.count,
        checks.filter_blocks,
    ];
    out.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
    out.extend(checks.filter.to_be_bytes());
    out.extend(checks.fences.to_be_bytes());
    out
}

/// Reads the checks out of a header that is otherwise what `entry` says.
fn read_header(bytes: &[u8], log: &Digest, entry: &RunEntry) -> Option<Checks> {
    let said = write_header(
        log,
        entry,
        &Checks {
            filter_blocks: 0,
            filter: 0,
            fences: 0,
        },
    );
    let (known, _) = said.split_at(said.len().checked_sub(16)?);
    let rest = bytes.strip_prefix(known)?;
    let (filter_blocks, rest) = rest.split_first_chunk::<8>()?;
    let (filter, rest) = rest.split_first_chunk::<4>()?;
    let (fences, _) = rest.split_first_chunk::<4>()?;
    Some(Checks {
        filter_blocks: u64::from_be_bytes(*filter_blocks),
        filter: u32::from_be_bytes(*filter),
        fences: u32::from_be_bytes(*fences),
    })
}

impl Run {
    /// Takes over what a writer has just made.
    pub(super) fn made(
        entry: RunEntry,
        path: PathBuf,
        file: File,
        filter: Filter,
        fences: Vec<u64>,
    ) -> Self {
        Self {
            entry,
            path,
            file,
            filter,
            fences,
        }
    }

    /// Opens the run that the manifest names and reads its filter and fences.
    ///
    /// # Errors
    /// [`StoreError`] when it is not there, or not what was written.
    pub(super) fn open(folder: &Path, log: &Digest, entry: RunEntry) -> Result<Self, StoreError> {
        let path = run_path(folder, entry.number);
        let read_error = |error| StoreError::new(format!("reading {}", path.display()), error);
        let file = File::open(&path).map_err(read_error)?;
        let mut page = [0; PAGE_LEN];
        file.read_exact_at(&mut page, 0).map_err(read_error)?;
        let header = open_page(&page, entry.number, HEADER_PAGE)
            .filter(|_| page.ends_with(&entry.check.to_be_bytes()))
            .ok_or_else(|| spoiled(&path, "the header fails its check"))?;
        let checks = read_header(header, log, &entry)
            .ok_or_else(|| spoiled(&path, "the header is that of another run or log"))?;
        let pages = pages_of(entry.count);
        let filter_at = (1 + pages) * PAGE_LEN as u64;
        let filter_len = checks.filter_blocks.saturating_mul(BLOCK_LEN as u64);
        let fences_at = filter_at.saturating_add(filter_len);
        let len = file.metadata().map_err(read_error)?.len();
        if len != fences_at.saturating_add(pages * 8) {
            return Err(spoiled(&path, format!("the file has {len} bytes")));
        }
        let blocks = usize::try_from(checks.filter_blocks).unwrap_or(usize::MAX);
        let mut at = filter_at;
        let (filter, filter_check) = Filter::read(blocks, |bytes| {
            let from = at;
            at += bytes.len() as u64;
            file.read_exact_at(bytes, from).map_err(read_error)
        })?;
        let mut bytes = vec![0; usize::try_from(pages * 8).unwrap_or(usize::MAX)];
        file.read_exact_at(&mut bytes, fences_at)
            .map_err(read_error)?;
        if filter_check != checks.filter || crc32c(0, &bytes) != checks.fences {
            return Err(spoiled(&path, "the filter or the fences fail their check"));
        }
        let (fences, _) = bytes.as_chunks::<8>();
        let fences = fences.iter().map(|fence| u64::from_be_bytes(*fence));
        let fences = fences.collect();
        Ok(Self::made(entry, path, file, filter, fences))
    }

    pub(super) fn entry(&self) -> &RunEntry {
        &self.entry
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the filter lets a key through.
    pub(super) fn may_hold(&self, prefix: u128) -> bool {
        self.filter.may_hold(prefix)
    }

    /// Adds the places of a key to `found`.
    ///
    /// # Errors
    /// [`StoreError`] when a page cannot be read or fails its check.
    pub(super) fn find(&self, prefix: u128, found: &mut Vec<ClaimRef>) -> Result<(), StoreError> {
        let (high, _) = words(prefix);
        let behind = self.fences.partition_point(|fence| *fence < high);
        let first = behind.saturating_sub(1);
        let candidates = self.fences.get(first..).unwrap_or_default().iter();
        let pages = candidates.take_while(|fence| **fence <= high).count();
        let mut page = [0; PAGE_LEN];
        for number in (first as u64..).take(pages) {
            let records = self.read_page(number, &mut page)?;
            let from = records.partition_point(|bytes| Record::prefix(bytes) < prefix);
            let rest = records.get(from..).unwrap_or_default().iter();
            let equal = rest.take_while(|bytes| Record::prefix(bytes) == prefix);
            found.extend(equal.map(|bytes| Record::decode(bytes).at));
        }
        Ok(())
    }

    /// Reads one page and gives its records, checked.
    fn read_page<'a>(
        &self,
        number: u64,
        page: &'a mut [u8; PAGE_LEN],
    ) -> Result<&'a [[u8; RECORD_LEN]], StoreError> {
        self.read_raw(number, page)?;
        self.records(number, page)
    }

    /// Reads whole pages into `bytes`, unchecked.
    pub(super) fn read_raw(&self, number: u64, bytes: &mut [u8]) -> Result<(), StoreError> {
        let at = (1 + number) * PAGE_LEN as u64;
        let read = self.file.read_exact_at(bytes, at);
        // Whatever the disk says: without this page there is no answer.
        read.map_err(|error| spoiled(&self.path, error.to_string()))
    }

    /// The records of a page that was read, if its check is right.
    pub(super) fn records<'a>(
        &self,
        number: u64,
        page: &'a [u8],
    ) -> Result<&'a [[u8; RECORD_LEN]], StoreError> {
        let bytes = open_page(page, self.entry.number, number)
            .ok_or_else(|| spoiled(&self.path, format!("page {number} fails its check")))?;
        let (records, _) = bytes.as_chunks::<RECORD_LEN>();
        let before = number.saturating_mul(PAGE_RECORDS as u64);
        let left = usize::try_from(self.entry.count.saturating_sub(before)).unwrap_or(usize::MAX);
        Ok(records.get(..left.min(PAGE_RECORDS)).unwrap_or(records))
    }

    /// The first 8 bytes of each page's first record.
    pub(super) fn fences(&self) -> &[u64] {
        &self.fences
    }
}
