//! Where entries lie in the ground: `DIR/index/places`, derived.
//!
//! The file is pages of 4,096 bytes. A page holds up to 511 places, 8 bytes each (the segment and
//! the offset in it, 32 bits big-endian; offsets are multiples of 8, and the lowest bit says that
//! the entry is a batch), then how many they are (32 bits) and a CRC-32C over the genesis entry of
//! the log, the number of the page and all of the page before it. Every page but the last is full;
//! the last one is written anew as it grows.
//!
//! What is absent: repair. A page that fails its check, and everything behind it, counts as not
//! there: at the opening for the last pages, later when it is read. Whoever reads then gets an error,
//! and the file is emptied, so that the next start makes all of it again from the ground.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use countersign_model::digest::Digest;
use countersign_ports::{
    DigestIndex, IndexStore, Place, PlaceTable, Position, RecordTable, SnapshotOf, SnapshotStore,
    StoreError, TreeHead,
};

use crate::crc32c::crc32c;
use crate::digest_index::{DigestRuns, DigestRunsReader};
use crate::history::HistoryFile;
use crate::limits::PLACES_PER_PAGE;
use crate::snapshot::SnapshotFiles;

const PAGE_BYTES: usize = 4096;
const PLACE_BYTES: usize = 8;
/// The lowest bit of an offset.
const BATCH: u32 = 1;

/// Folder of what is derived.
#[derive(Debug)]
pub struct IndexFolder {
    folder: PathBuf,
    is_writing: bool,
    has_snapshots: bool,
}

impl IndexFolder {
    /// What is derived is kept in this folder, which is made when it is not there.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            is_writing: true,
            has_snapshots: true,
        }
    }

    /// What is derived is read in this folder, where somebody else may be writing; what is added is
    /// in memory.
    #[must_use]
    pub fn to_read(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            is_writing: false,
            has_snapshots: true,
        }
    }

    /// The same as if it had no snapshot, so that the ground is folded.
    #[must_use]
    pub fn without_snapshots(self) -> Self {
        Self {
            has_snapshots: false,
            ..self
        }
    }

    fn make(&self) -> Result<(), StoreError> {
        let made = fs::create_dir_all(&self.folder);
        made.map_err(|e| StoreError::new(format!("making {}", self.folder.display()), e))
    }
}

impl IndexStore for IndexFolder {
    fn places(&self, log: Digest) -> Result<Box<dyn PlaceTable>, StoreError> {
        let path = self.folder.join("places");
        if !self.is_writing {
            return Ok(Box::new(PlaceFile::open_to_read(&path, log)?));
        }
        self.make()?;
        Ok(Box::new(PlaceFile::open(&path, log)?))
    }

    fn digests(
        &self,
        log: Digest,
        has: &dyn Fn(TreeHead) -> bool,
    ) -> Result<Box<dyn DigestIndex>, StoreError> {
        let folder = self.folder.join("digests");
        if !self.is_writing {
            return Ok(Box::new(DigestRunsReader::open(&folder, log, has)));
        }
        Ok(Box::new(DigestRuns::open(&folder, log, has)?))
    }

    fn history(&self, log: Digest, end: u64) -> Result<Box<dyn RecordTable>, StoreError> {
        let path = self.folder.join("history");
        if !self.is_writing {
            return Ok(Box::new(HistoryFile::open_to_read(&path, log, end)?));
        }
        self.make()?;
        Ok(Box::new(HistoryFile::open(&path, log, end)?))
    }

    fn snapshots(
        &self,
        log: Digest,
        secret: &[u8; 32],
        counts: &dyn Fn(&SnapshotOf) -> bool,
    ) -> Result<Box<dyn SnapshotStore>, StoreError> {
        let folder = self.folder.join("snapshot");
        let counts = |of: &SnapshotOf| self.has_snapshots && counts(of);
        Ok(Box::new(match self.is_writing {
            true => SnapshotFiles::open(&folder, log, secret, &counts)?,
            false => SnapshotFiles::open_to_read(&folder, log, secret, &counts),
        }))
    }
}

/// Places in a file. One writer.
#[derive(Debug)]
pub struct PlaceFile {
    path: PathBuf,
    log: Digest,
    /// `None` where there is none to read.
    file: Option<File>,
    is_writing: bool,
    /// Pages before those in memory.
    pages: u64,
    /// What is behind them: less than a page when the file is written, any number when it is only
    /// read.
    young: Vec<Place>,
}

impl PlaceFile {
    /// Opens the places of a log, or begins a file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path, log: Digest) -> Result<Self, StoreError> {
        let options = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
        let file =
            options.map_err(|e| StoreError::new(format!("opening {}", path.display()), e))?;
        let places = Self::over(path, log, Some(file), true)?;
        // What is behind the last good page must not come back when a page before it is written.
        places.truncate()?;
        Ok(places)
    }

    /// Opens the places of a log to read them; places that are appended stay in memory.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_to_read(path: &Path, log: Digest) -> Result<Self, StoreError> {
        let file = match File::open(path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                return Err(StoreError::new(
                    format!("opening {}", path.display()),
                    error,
                ));
            }
        };
        Self::over(path, log, file, false)
    }

    fn over(
        path: &Path,
        log: Digest,
        file: Option<File>,
        is_writing: bool,
    ) -> Result<Self, StoreError> {
        let mut places = Self {
            path: path.to_owned(),
            log,
            file,
            is_writing,
            pages: 0,
            young: Vec::new(),
        };
        let size = places
            .file
            .as_ref()
            .map_or(Ok(0), |file| file.metadata().map(|it| it.len()));
        let size = size.map_err(|error| places.failed("reading", error))?;
        let mut pages = size / PAGE_BYTES as u64;
        // The last page that is whole; the one before it must be full.
        while let Some(last) = pages.checked_sub(1) {
            match places.page(last)? {
                Some(page) if page.len() == PLACES_PER_PAGE => {
                    places.pages = pages;
                    break;
                }
                Some(page) => {
                    places.young = page;
                    pages = last;
                }
                None => {
                    places.young.clear();
                    pages = last;
                }
            }
        }
        Ok(places)
    }

    /// The places of a page of the file; `None` for one that fails its check or is not there.
    fn page(&self, number: u64) -> Result<Option<Vec<Place>>, StoreError> {
        let Some(file) = &self.file else {
            return Ok(None);
        };
        let mut bytes = vec![0; PAGE_BYTES];
        match file.read_exact_at(&mut bytes, number * PAGE_BYTES as u64) {
            Ok(()) => Ok(decode(&bytes, &self.log, number)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(self.failed("reading", error)),
        }
    }

    fn failed(&self, doing: &str, error: io::Error) -> StoreError {
        StoreError::new(format!("{doing} {}", self.path.display()), error)
    }

    /// A page that must be there is not: nothing of the file counts any more.
    fn spoiled(&self, number: u64) -> StoreError {
        if let Some(file) = self.file.as_ref().filter(|_| self.is_writing) {
            // It is derived; without it the next start makes all of it again.
            let _ = file.set_len(0);
        }
        StoreError::other(
            format!("reading {}", self.path.display()),
            format!("page {number} fails its check; all of it is made again at the next start"),
        )
    }

    fn truncate(&self) -> Result<(), StoreError> {
        let Some(file) = self.file.as_ref().filter(|_| self.is_writing) else {
            return Ok(());
        };
        let pages = self.pages + u64::from(!self.young.is_empty());
        let cut = file.set_len(pages * PAGE_BYTES as u64);
        cut.map_err(|error| self.failed("cutting", error))
    }

    /// Writes the young places; full pages of them are not young any more.
    fn write(&mut self) -> Result<(), StoreError> {
        let Some(file) = self.file.as_ref().filter(|_| self.is_writing) else {
            return Ok(());
        };
        let size = file
            .metadata()
            .map_err(|error| self.failed("reading", error))?;
        if size.len() < self.pages * PAGE_BYTES as u64 {
            return Err(self.spoiled(self.pages));
        }
        let mut bytes = Vec::new();
        for (places, number) in self.young.chunks(PLACES_PER_PAGE).zip(self.pages..) {
            bytes.extend(encode(places, &self.log, number));
        }
        let written = file.write_all_at(&bytes, self.pages * PAGE_BYTES as u64);
        written.map_err(|error| self.failed("writing", error))?;
        let full = self.young.len() / PLACES_PER_PAGE;
        self.young.drain(..full * PLACES_PER_PAGE);
        self.pages += full as u64;
        Ok(())
    }

    const fn in_pages(&self) -> u64 {
        self.pages * PLACES_PER_PAGE as u64
    }
}

impl PlaceTable for PlaceFile {
    fn count(&self) -> u64 {
        self.in_pages() + self.young.len() as u64
    }

    fn append(&mut self, places: &[Place]) -> Result<(), StoreError> {
        self.young.extend(places);
        self.write()
    }

    fn read(&self, first: u64, most: usize) -> Result<Vec<Place>, StoreError> {
        let in_pages = self.in_pages();
        let part = |places: &[Place], from: u64| {
            let from = usize::try_from(from).unwrap_or(usize::MAX);
            places.iter().skip(from).take(most).copied().collect()
        };
        if let Some(from) = first.checked_sub(in_pages) {
            return Ok(part(&self.young, from));
        }
        let number = first / PLACES_PER_PAGE as u64;
        match self.page(number)? {
            Some(page) if page.len() == PLACES_PER_PAGE => {
                Ok(part(&page, first % PLACES_PER_PAGE as u64))
            }
            _ => Err(self.spoiled(number)),
        }
    }

    fn cut(&mut self, count: u64) -> Result<(), StoreError> {
        if count >= self.count() {
            return Ok(());
        }
        if let Some(young) = count.checked_sub(self.in_pages()) {
            self.young
                .truncate(usize::try_from(young).unwrap_or(usize::MAX));
        } else {
            let number = count / PLACES_PER_PAGE as u64;
            let left = usize::try_from(count % PLACES_PER_PAGE as u64).unwrap_or(usize::MAX);
            let page = if left == 0 {
                Vec::new()
            } else {
                self.page(number)?.ok_or_else(|| self.spoiled(number))?
            };
            self.young = page.into_iter().take(left).collect();
            self.pages = number;
        }
        self.truncate()?;
        self.write()
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        match self.file.as_ref().filter(|_| self.is_writing) {
            Some(file) => file
                .sync_data()
                .map_err(|error| self.failed("syncing", error)),
            None => Ok(()),
        }
    }
}

fn encode(places: &[Place], log: &Digest, number: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(PAGE_BYTES);
    for place in places {
        out.extend(place.at.segment.to_be_bytes());
        out.extend((place.at.offset | u32::from(place.is_batch)).to_be_bytes());
    }
    out.resize(PLACES_PER_PAGE * PLACE_BYTES, 0);
    let count = u32::try_from(places.len()).unwrap_or(u32::MAX);
    out.extend(count.to_be_bytes());
    let check = check(&out, log, number);
    out.extend(check.to_be_bytes());
    out
}

fn decode(page: &[u8], log: &Digest, number: u64) -> Option<Vec<Place>> {
    let (rest, there) = page.split_last_chunk::<4>()?;
    if u32::from_be_bytes(*there) != check(rest, log, number) {
        return None;
    }
    let (places, count) = rest.split_last_chunk::<4>()?;
    let count = usize::try_from(u32::from_be_bytes(*count)).ok()?;
    let (places, _) = places.as_chunks::<PLACE_BYTES>();
    let places = places.get(..count).filter(|places| !places.is_empty())?;
    let place = |[a, b, c, d, offset @ ..]: &[u8; PLACE_BYTES]| {
        let offset = u32::from_be_bytes(*offset);
        Place {
            at: Position {
                segment: u32::from_be_bytes([*a, *b, *c, *d]),
                offset: offset & !BATCH,
            },
            is_batch: offset & BATCH != 0,
        }
    };
    Some(places.iter().map(place).collect())
}

fn check(page: &[u8], log: &Digest, number: u64) -> u32 {
    let of_log = crc32c(0, log.as_bytes());
    crc32c(crc32c(of_log, &number.to_be_bytes()), page)
}
