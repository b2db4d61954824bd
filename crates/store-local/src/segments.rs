//! Ground segments as files: `00000000.seg`, `00000001.seg`, …, preallocated.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use countersign_ports::{Ground, Position, StoreError};

/// Segment files in a folder.
#[derive(Debug)]
pub struct Segments {
    folder: PathBuf,
    segment_bytes: u64,
    header: fn(u32, [u8; 32]) -> Vec<u8>,
    log: Option<[u8; 32]>,
    current: Option<Current>,
}

/// The file of a segment in the folder of a ground.
#[must_use]
pub fn segment_path(ground: &Path, number: u32) -> PathBuf {
    ground.join(format!("{number:08}.seg"))
}

#[derive(Debug)]
struct Current {
    number: u32,
    file: File,
    /// Where the next record goes.
    end: u64,
}

impl Segments {
    /// The segments in `folder`, which must exist. New ones have `segment_bytes` and begin with
    /// what `header` makes of their number and the log.
    #[must_use]
    pub fn new(folder: &Path, segment_bytes: u64, header: fn(u32, [u8; 32]) -> Vec<u8>) -> Self {
        Self {
            folder: folder.to_owned(),
            segment_bytes,
            header,
            log: None,
            current: None,
        }
    }

    fn path(&self, number: u32) -> PathBuf {
        segment_path(&self.folder, number)
    }

    /// Makes a new segment: preallocated, its header written, file and folder synced. A file that
    /// lies there already is left from an attempt that was broken off, and is taken over unless it
    /// holds a record.
    fn create(&mut self, number: u32) -> Result<(), StoreError> {
        let path = self.path(number);
        let doing = |what: &str| format!("{what} {}", path.display());
        let log = self
            .log
            .ok_or_else(|| StoreError::other(doing("creating"), "no log was named"))?;
        let header = (self.header)(number, log);
        let made = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let file = made.map_err(|e| StoreError::new(doing("creating"), e))?;
        let is_free = is_zero_from(&file, header.len() as u64);
        if !is_free.map_err(|e| StoreError::new(doing("reading"), e))? {
            let why = "it holds records that this log does not know; they are left alone";
            return Err(StoreError::other(doing("creating"), why));
        }
        if let Err(error) = self.lay_out(&file, &path, &header) {
            // No record is in it, and on a full disk its space is wanted.
            let _ = std::fs::remove_file(&path);
            return Err(error);
        }
        self.current = Some(Current {
            number,
            file,
            end: header.len() as u64,
        });
        Ok(())
    }

    /// Ends a segment: what was appended is durable before the next one is there. What is left of
    /// it is zeroed once more: a tail that was wiped may have been wiped in the cache alone, and after
    /// a power cut it would stand between the commits.
    fn close(&self, current: &Current) -> Result<(), StoreError> {
        let path = self.path(current.number);
        write_zeros(&current.file, current.end, self.segment_bytes)
            .map_err(|e| StoreError::new(format!("writing {}", path.display()), e))?;
        let synced = current.file.sync_data();
        synced.map_err(|e| StoreError::new(format!("syncing {}", path.display()), e))
    }

    fn lay_out(&self, file: &File, path: &Path, header: &[u8]) -> Result<(), StoreError> {
        let doing = |what: &str| format!("{what} {}", path.display());
        preallocate(file, self.segment_bytes)
            .map_err(|e| StoreError::new(doing("preallocating"), e))?;
        file.write_all_at(header, 0)
            .map_err(|e| StoreError::new(doing("writing the header of"), e))?;
        file.sync_all()
            .map_err(|e| StoreError::new(doing("syncing"), e))?;
        crate::folder::sync_folder(&self.folder)
    }
}

/// Whether a file holds nothing but zeros from an offset on.
fn is_zero_from(file: &File, mut at: u64) -> std::io::Result<bool> {
    let mut chunk = vec![0; 1 << 20];
    loop {
        let count = read_at(file, &mut chunk, at)?;
        match chunk.get(..count) {
            None | Some([]) => return Ok(true),
            Some(bytes) if bytes.iter().any(|byte| *byte != 0) => return Ok(false),
            Some(_) => at += count as u64,
        }
    }
}

/// Reads some bytes; a read that a signal interrupted is made again.
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> std::io::Result<usize> {
    loop {
        match file.read_at(bytes, at) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Reserves space so that a later write changes no file size; falls back to writing zeros
/// where the file system cannot.
fn preallocate(file: &File, bytes: u64) -> std::io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::retry_on_intr;
    match retry_on_intr(|| fallocate(file, FallocateFlags::empty(), 0, bytes)) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => write_zeros(file, 0, bytes),
        Err(errno) => Err(errno.into()),
    }
}

fn write_zeros(file: &File, mut at: u64, end: u64) -> std::io::Result<()> {
    let zeros = vec![0; 1 << 20];
    while at < end {
        let len = usize::try_from(end - at).unwrap_or(usize::MAX);
        let chunk = zeros.get(..len).unwrap_or(&zeros);
        file.write_all_at(chunk, at)?;
        at += chunk.len() as u64;
    }
    Ok(())
}

impl Ground for Segments {
    fn begin(&mut self, log: [u8; 32], end: Option<Position>) -> Result<(), StoreError> {
        self.log = Some(log);
        if let Some(end) = end {
            let path = self.path(end.segment);
            let file = OpenOptions::new().read(true).write(true).open(&path);
            let file =
                file.map_err(|e| StoreError::new(format!("opening {}", path.display()), e))?;
            self.current = Some(Current {
                number: end.segment,
                file,
                end: u64::from(end.offset),
            });
        }
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<Position, StoreError> {
        let fits = |current: &Current| current.end + bytes.len() as u64 <= self.segment_bytes;
        let next = match &self.current {
            None => Some(0),
            Some(current) if !fits(current) => {
                self.close(current)?;
                Some(current.number + 1)
            }
            Some(_) => None,
        };
        if let Some(number) = next {
            self.create(number)?;
        }
        let folder = self.folder.clone();
        let Some(current) = &mut self.current else {
            return Err(StoreError::other("appending", "there is no segment"));
        };
        let too_long = || StoreError::other("appending", "a commit is longer than a segment");
        if current.end + bytes.len() as u64 > self.segment_bytes {
            return Err(too_long());
        }
        let offset = u32::try_from(current.end).map_err(|_| too_long())?;
        let doing = || {
            let path = segment_path(&folder, current.number);
            format!("writing {}", path.display())
        };
        current
            .file
            .write_all_at(bytes, current.end)
            .map_err(|e| StoreError::new(doing(), e))?;
        current.end += bytes.len() as u64;
        Ok(Position {
            segment: current.number,
            offset,
        })
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        match &self.current {
            None => Ok(()),
            Some(current) => current.file.sync_data().map_err(|e| {
                StoreError::new(
                    format!("syncing {}", self.path(current.number).display()),
                    e,
                )
            }),
        }
    }

    fn read(&self, at: Position, len: usize) -> Result<Vec<u8>, StoreError> {
        let path = self.path(at.segment);
        let doing = || format!("reading {}", path.display());
        let opened;
        let file = match &self.current {
            Some(current) if current.number == at.segment => &current.file,
            _ => {
                opened = match File::open(&path) {
                    Ok(file) => file,
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                        return Ok(Vec::new());
                    }
                    Err(error) => return Err(StoreError::new(doing(), error)),
                };
                &opened
            }
        };
        let left = self.segment_bytes.saturating_sub(u64::from(at.offset));
        let mut out = vec![0; len.min(usize::try_from(left).unwrap_or(usize::MAX))];
        let mut filled = 0;
        while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let count = read_at(file, rest, u64::from(at.offset) + filled as u64);
            match count.map_err(|e| StoreError::new(doing(), e))? {
                0 => break,
                count => filled += count,
            }
        }
        out.truncate(filled);
        Ok(out)
    }

    fn overwrite(&mut self, at: Position, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(at.segment);
        let doing = || format!("overwriting a part of {}", path.display());
        let file = OpenOptions::new()
            .write(true)
            .open(&path)
            .map_err(|e| StoreError::new(doing(), e))?;
        file.write_all_at(bytes, u64::from(at.offset))
            .map_err(|e| StoreError::new(doing(), e))?;
        file.sync_data().map_err(|e| StoreError::new(doing(), e))
    }
}
