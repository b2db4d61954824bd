//! A small value changed by compare-and-swap: two slots of a preallocated file, written in turn.
//!
//! A slot is 4 KiB: u64be number, u32be length, the value, SHA-256 over these, zeros; a value of
//! up to [`TWICE_BYTES_MAX`] stands in its second half once more, so that one damaged sector does
//! not turn the log back to the value before. The slot with the higher number and a right check
//! is the value. A write torn by a power cut spoils only the slot that was being written, so the
//! value before it stays. One `fdatasync` a swap, no rename.
//!
//! What is read may lie in the cache alone: a process that was killed between write and sync, or
//! whose sync failed, leaves a value that a power cut takes away. So the value is swapped for itself
//! before anything rests on it: its slot is written again where it stands. Who only reads syncs.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use countersign_ports::{CheckpointCell, StoreError, Swapped};
use rustix::fs::{FlockOperation, flock};
use sha2::{Digest as _, Sha256};

const SLOT_LEN: usize = 4096;
const HEAD_LEN: usize = 12;
const CHECK_LEN: usize = 32;
/// Where the second copy of a value stands in its slot.
const SECOND_COPY: usize = SLOT_LEN / 2;
/// Bytes of the longest value of which a slot holds two copies.
pub const TWICE_BYTES_MAX: usize = SECOND_COPY - HEAD_LEN - CHECK_LEN;
/// Bytes of the longest value that fits a slot.
pub const VALUE_BYTES_MAX: usize = SLOT_LEN - HEAD_LEN - CHECK_LEN;

/// The second place as a file; holds a lock on it while it lives.
#[derive(Debug)]
pub struct SlotFile {
    path: PathBuf,
    file: File,
    is_only_read: bool,
}

#[derive(Debug)]
struct Slot {
    which: u64,
    number: u64,
    value: Vec<u8>,
}

/// One of the two slots, as it lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotSeen {
    /// The first or the second.
    pub which: u64,
    /// Its value, if it holds one.
    pub value: Option<Vec<u8>>,
    /// Never written.
    pub is_blank: bool,
    /// Of a value that fits twice, both copies are whole.
    pub is_whole: bool,
}

impl SlotFile {
    /// Makes the file with both slots empty. It must not exist.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let doing = || format!("creating {}", path.display());
        let made = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path);
        let file = made.map_err(|e| StoreError::new(doing(), e))?;
        let laid_out = file
            .write_all_at(&[0; SLOT_LEN * 2], 0)
            .and_then(|()| file.sync_all())
            .map_err(|e| StoreError::new(doing(), e))
            .and_then(|()| path.parent().map_or(Ok(()), crate::folder::sync_folder))
            .and_then(|()| Self::locked(path, file));
        if laid_out.is_err() {
            // What was begun would stand in the way of the next attempt.
            let _ = std::fs::remove_file(path);
        }
        laid_out
    }

    /// Opens the file of an existing log.
    ///
    /// # Errors
    /// [`StoreError`]; also when another process holds it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let opened = OpenOptions::new().read(true).write(true).open(path);
        let file = opened.map_err(|e| StoreError::new(format!("opening {}", path.display()), e))?;
        Self::locked(path, file)
    }

    /// Opens the file to read it alone, beside a process that may hold it: nothing is locked, and
    /// a swap fails.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let opened = File::open(path);
        let file = opened.map_err(|e| StoreError::new(format!("opening {}", path.display()), e))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            is_only_read: true,
        })
    }

    fn locked(path: &Path, file: File) -> Result<Self, StoreError> {
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
            StoreError::other(
                format!("locking {}", path.display()),
                "another process holds the second place",
            )
        })?;
        Ok(Self {
            path: path.to_owned(),
            file,
            is_only_read: false,
        })
    }

    /// Both slots as they lie there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn slots(&self) -> Result<Vec<SlotSeen>, StoreError> {
        let bytes = self.both()?;
        let slots = bytes.chunks_exact(SLOT_LEN).zip(0_u64..);
        let seen = slots.map(|(bytes, which)| {
            let slot = read_slot(bytes, which);
            SlotSeen {
                which,
                is_blank: bytes.iter().all(|byte| *byte == 0),
                is_whole: slot
                    .as_ref()
                    .is_some_and(|slot| write_slot(slot.number, &slot.value) == bytes),
                value: slot.map(|slot| slot.value),
            }
        });
        Ok(seen.collect())
    }

    fn both(&self) -> Result<Vec<u8>, StoreError> {
        let mut bytes = vec![0; SLOT_LEN * 2];
        let read = self.file.read_exact_at(&mut bytes, 0);
        read.map_err(|e| StoreError::new(format!("reading {}", self.path.display()), e))?;
        Ok(bytes)
    }

    fn newest(&self) -> Result<Option<Slot>, StoreError> {
        let bytes = self.both()?;
        let slots = bytes.chunks_exact(SLOT_LEN).zip(0_u64..);
        let read: Vec<_> = slots
            .map(|(bytes, which)| (read_slot(bytes, which), bytes))
            .collect();
        let blank = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
        let spoiled = read
            .iter()
            .filter(|(slot, bytes)| slot.is_none() && !blank(bytes))
            .count();
        let newest = read
            .into_iter()
            .filter_map(|(slot, _)| slot)
            .max_by_key(|slot| slot.number);
        // One spoiled slot is a torn write that never counted; with no good slot beside it,
        // the value is lost and nothing may be made up.
        if newest.is_none() && spoiled > 0 {
            return Err(StoreError::other(
                format!("reading {}", self.path.display()),
                "both slots are spoiled",
            ));
        }
        Ok(newest)
    }
}

/// The value of a slot: its first copy, or, where that is damaged, the second.
fn read_slot(bytes: &[u8], which: u64) -> Option<Slot> {
    let second = bytes.get(SECOND_COPY..);
    read_copy(bytes, which).or_else(|| read_copy(second?, which))
}

fn read_copy(bytes: &[u8], which: u64) -> Option<Slot> {
    let (number, rest) = bytes.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_be_bytes(*length) as usize;
    let value = rest.get(..length)?;
    let check = rest.get(length..length + CHECK_LEN)?;
    let number = u64::from_be_bytes(*number);
    let right = number > 0 && check == Sha256::digest(bytes.get(..HEAD_LEN + length)?).as_slice();
    right.then(|| Slot {
        which,
        number,
        value: value.to_vec(),
    })
}

fn write_slot(number: u64, value: &[u8]) -> Vec<u8> {
    let mut out = number.to_be_bytes().to_vec();
    out.extend(u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend(value);
    let check = Sha256::digest(&out);
    out.extend(check);
    if value.len() <= TWICE_BYTES_MAX {
        let copy = out.clone();
        out.resize(SECOND_COPY, 0);
        out.extend(copy);
    }
    out.resize(SLOT_LEN, 0);
    out
}

impl CheckpointCell for SlotFile {
    fn read(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let newest = self.newest()?;
        if self.is_only_read {
            // The process that wrote it may not have synced it yet, or have ended before that.
            let synced = self.file.sync_data();
            synced.map_err(|e| StoreError::new(format!("syncing {}", self.path.display()), e))?;
        }
        Ok(newest.map(|slot| slot.value))
    }

    fn swap(&mut self, expected: Option<&[u8]>, new: &[u8]) -> Result<Swapped, StoreError> {
        let doing = || format!("writing {}", self.path.display());
        if new.len() > VALUE_BYTES_MAX {
            return Err(StoreError::other(
                doing(),
                "the checkpoint is longer than a slot",
            ));
        }
        let newest = self.newest()?;
        if newest.as_ref().map(|slot| slot.value.as_slice()) != expected {
            return Ok(Swapped::Differs(newest.map(|slot| slot.value)));
        }
        let (which, number) = match newest {
            // The other slot may be all that is durable: it must not be touched.
            Some(slot) if slot.value == new => (slot.which, slot.number),
            Some(slot) => (1 - slot.which, slot.number + 1),
            None => (0, 1),
        };
        let bytes = write_slot(number, new);
        self.file
            .write_all_at(&bytes, which * SLOT_LEN as u64)
            .map_err(|e| StoreError::new(doing(), e))?;
        self.file
            .sync_data()
            .map_err(|e| StoreError::new(doing(), e))?;
        Ok(Swapped::Done)
    }
}
