//! The three stores of a log upon the disk, each with the operations of `store-local` in their
//! order: segments laid out beforehand, a checkpoint in two slots, files renamed into place.

use std::collections::BTreeSet;

use countersign_engine::Components;
use countersign_model::digest::Digest;
use countersign_ports::{
    CheckpointCell, Entropy, Ground, Position, Published, StoreError, Swapped,
};
use countersign_record::segment::{HEADER_LEN, header};

use super::random::Random;
use super::{Disk, FileNumber, folder_of};
use crate::world::{START_MS, components};

/// Bytes of a segment: a few commits, so that the next one is soon begun.
pub(crate) const SEGMENT_BYTES: usize = 20 * 1024;
const SLOT_BYTES: usize = 4096;
const HEAD_BYTES: usize = 12;
const SECOND: &str = "second/checkpoint";

/// The disk of a log that is not begun: its folders, and a second place without a value.
pub(crate) fn empty_disk() -> Disk {
    let disk = Disk::with_folders(&["ground", "log", "second"]);
    let file = disk.create(SECOND).expect("creates");
    disk.write(file, 0, &[0; SLOT_BYTES * 2]).expect("writes");
    disk.sync(file).expect("syncs");
    disk.sync_folder("second").expect("syncs");
    disk
}

/// A world upon the disk; random bytes are drawn from the seed.
pub(crate) fn world(disk: &Disk, seed: u64) -> Components {
    let shared = disk.derived();
    shared.set_clock(START_MS);
    Components {
        ground: Box::new(Segments {
            disk: disk.clone(),
            log: [0; 32],
            current: None,
        }),
        second: Box::new(Slots(disk.clone())),
        published: Box::new(Folder {
            disk: disk.clone(),
            synced: BTreeSet::new(),
        }),
        entropy: Box::new(Drawn(Random::new(seed))),
        ..components(shared)
    }
}

/// The published checkpoint, as whoever looks sees it.
pub(crate) fn published_checkpoint(disk: &Disk) -> Option<Vec<u8>> {
    disk.file("log/checkpoint").map(|(bytes, _)| bytes)
}

/// The bytes of the segments, as they are read.
pub(crate) fn segments(disk: &Disk) -> Vec<Vec<u8>> {
    let paths = disk.files_below("ground").into_iter();
    let bytes = paths.filter_map(|path| disk.file(&format!("ground/{path}")));
    bytes.map(|(cached, _)| cached).collect()
}

#[derive(Debug)]
struct Segments {
    disk: Disk,
    log: [u8; 32],
    current: Option<Current>,
}

#[derive(Debug)]
struct Current {
    number: u32,
    file: FileNumber,
    end: usize,
}

fn path_of(number: u32) -> String {
    format!("ground/{number:08}.seg")
}

impl Segments {
    fn create(&mut self, number: u32) -> Result<(), StoreError> {
        let path = path_of(number);
        let file = match self.disk.open(&path) {
            Some(file) => file,
            None => self.disk.create(&path)?,
        };
        let head = header(number, Digest::new(self.log));
        let used = self.disk.read(file).into_iter().skip(HEADER_LEN);
        if used.into_iter().any(|byte| byte != 0) {
            return Err(StoreError::other("creating", "it holds records"));
        }
        if let Err(error) = self.lay_out(file, &head) {
            let _ = self.disk.remove(&path);
            return Err(error);
        }
        self.current = Some(Current {
            number,
            file,
            end: HEADER_LEN,
        });
        Ok(())
    }

    fn lay_out(&self, file: FileNumber, head: &[u8]) -> Result<(), StoreError> {
        self.disk.set_length(file, SEGMENT_BYTES)?;
        self.disk.write(file, 0, head)?;
        self.disk.sync(file)?;
        self.disk.sync_folder("ground")
    }
}

impl Ground for Segments {
    fn begin(&mut self, log: [u8; 32], end: Option<Position>) -> Result<(), StoreError> {
        self.log = log;
        if let Some(end) = end {
            let file = self.disk.open(&path_of(end.segment));
            let file = file.ok_or_else(|| StoreError::other("opening", "it is not there"))?;
            self.current = Some(Current {
                number: end.segment,
                file,
                end: end.offset as usize,
            });
        }
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<Position, StoreError> {
        let next = match &self.current {
            None => Some(0),
            Some(current) if current.end + bytes.len() > SEGMENT_BYTES => {
                let rest = SEGMENT_BYTES.saturating_sub(current.end);
                self.disk.write(current.file, current.end, &vec![0; rest])?;
                self.disk.sync(current.file)?;
                Some(current.number + 1)
            }
            Some(_) => None,
        };
        if let Some(number) = next {
            self.create(number)?;
        }
        let Some(current) = &mut self.current else {
            return Err(StoreError::other("appending", "there is no segment"));
        };
        if current.end + bytes.len() > SEGMENT_BYTES {
            return Err(StoreError::other("appending", "longer than a segment"));
        }
        self.disk.write(current.file, current.end, bytes)?;
        let offset = u32::try_from(current.end).expect("short");
        current.end += bytes.len();
        Ok(Position {
            segment: current.number,
            offset,
        })
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        match &self.current {
            None => Ok(()),
            Some(current) => self.disk.sync(current.file),
        }
    }

    fn read(&self, at: Position, len: usize) -> Result<Vec<u8>, StoreError> {
        let file = self.disk.open(&path_of(at.segment));
        let bytes = file.map(|file| self.disk.read(file)).unwrap_or_default();
        let from = bytes.into_iter().skip(at.offset as usize);
        Ok(from.take(len).collect())
    }

    fn overwrite(&mut self, at: Position, bytes: &[u8]) -> Result<(), StoreError> {
        let file = self.disk.open(&path_of(at.segment));
        let file = file.ok_or_else(|| StoreError::other("opening", "it is not there"))?;
        self.disk.write(file, at.offset as usize, bytes)?;
        self.disk.sync(file)
    }
}

#[derive(Debug)]
struct Slots(Disk);

impl Slots {
    fn file(&self) -> Result<FileNumber, StoreError> {
        let file = self.0.open(SECOND);
        file.ok_or_else(|| StoreError::other("opening the second place", "it is not there"))
    }

    /// Which slot is the newer one, its number and value.
    fn newest(&self) -> Result<Option<(usize, u64, Vec<u8>)>, StoreError> {
        let bytes = self.0.read(self.file()?);
        let mut newest = None;
        let mut is_spoiled = false;
        for (which, slot) in bytes.chunks(SLOT_BYTES).enumerate() {
            let copies = slot.chunks(SLOT_BYTES / 2);
            match copies.into_iter().find_map(read_copy) {
                Some((number, value)) => {
                    if newest.as_ref().is_none_or(|(_, newer, _)| number > *newer) {
                        newest = Some((which, number, value));
                    }
                }
                None => is_spoiled |= slot.iter().any(|byte| *byte != 0),
            }
        }
        if newest.is_none() && is_spoiled {
            return Err(StoreError::other("reading", "both slots are spoiled"));
        }
        Ok(newest)
    }
}

fn read_copy(copy: &[u8]) -> Option<(u64, Vec<u8>)> {
    let (number, rest) = copy.split_first_chunk::<8>()?;
    let (len, rest) = rest.split_first_chunk::<4>()?;
    let len = u32::from_be_bytes(*len) as usize;
    let (value, check) = rest.split_at_checked(len)?;
    let number = u64::from_be_bytes(*number);
    let right = Digest::of(copy.get(..HEAD_BYTES + len)?);
    (number > 0 && check.starts_with(right.as_bytes())).then(|| (number, value.to_vec()))
}

fn slot(number: u64, value: &[u8]) -> Vec<u8> {
    let mut copy = number.to_be_bytes().to_vec();
    copy.extend(u32::try_from(value.len()).expect("short").to_be_bytes());
    copy.extend(value);
    copy.extend(Digest::of(&copy).as_bytes());
    copy.resize(SLOT_BYTES / 2, 0);
    [copy.clone(), copy].concat()
}

impl CheckpointCell for Slots {
    fn read(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.newest()?.map(|(_, _, value)| value))
    }

    fn swap(&mut self, expected: Option<&[u8]>, new: &[u8]) -> Result<Swapped, StoreError> {
        let newest = self.newest()?;
        let value = newest.as_ref().map(|(_, _, value)| value.as_slice());
        if value != expected {
            return Ok(Swapped::Differs(value.map(<[u8]>::to_vec)));
        }
        let (which, number) = match newest {
            Some((which, number, value)) if value == new => (which, number),
            Some((which, number, _)) => (1 - which, number + 1),
            None => (0, 1),
        };
        let file = self.file()?;
        self.0.write(file, which * SLOT_BYTES, &slot(number, new))?;
        self.0.sync(file)?;
        Ok(Swapped::Done)
    }
}

#[derive(Debug)]
struct Folder {
    disk: Disk,
    /// Folders whose names are durable.
    synced: BTreeSet<String>,
}

impl Published for Folder {
    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = format!("log/{path}");
        let folder = folder_of(&path).to_owned();
        self.make_folder(&folder)?;
        let (stem, name) = path.rsplit_once('/').expect("it lies in a folder");
        let name = name.split_once('.').map_or(name, |(name, _)| name);
        let beside = format!("{stem}/{name}.tmp");
        let written = self.write_whole(&beside, bytes);
        if let Err(error) = written.and_then(|()| self.disk.rename(&beside, &path)) {
            let _ = self.disk.remove(&beside);
            return Err(error);
        }
        self.disk.sync_folder(&folder)
    }

    fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let file = self.disk.open(&format!("log/{path}"));
        Ok(file.map(|file| self.disk.read(file)))
    }

    fn list(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.disk.files_below("log"))
    }

    fn remove(&mut self, path: &str) -> Result<(), StoreError> {
        let path = format!("log/{path}");
        self.synced.retain(|folder| !folder.starts_with(&path));
        if !self.disk.exists(&path) {
            return Ok(());
        }
        self.disk.remove(&path)
    }
}

impl Folder {
    fn make_folder(&mut self, folder: &str) -> Result<(), StoreError> {
        if folder == "log" || self.synced.contains(folder) {
            return Ok(());
        }
        let above = folder_of(folder).to_owned();
        self.make_folder(&above)?;
        if !self.disk.exists(folder) {
            self.disk.make_folder(folder)?;
        }
        self.disk.sync_folder(&above)?;
        self.synced.insert(folder.to_owned());
        Ok(())
    }

    fn write_whole(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let file = self.disk.create(path)?;
        self.disk.write(file, 0, bytes)?;
        self.disk.sync(file)
    }
}

#[derive(Debug)]
struct Drawn(Random);

impl Entropy for Drawn {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), StoreError> {
        for byte in bytes {
            *byte = self.0.next().to_be_bytes()[0];
        }
        Ok(())
    }
}
