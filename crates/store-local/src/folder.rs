//! Files put in place whole, and read.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use countersign_ports::{Published, StoreError};

/// What lies in a folder. A signal may interrupt its opening, which the standard library leaves to
/// its callers.
///
/// # Errors
/// As [`fs::read_dir`], but never because it was interrupted.
pub fn listed(folder: &Path) -> io::Result<fs::ReadDir> {
    loop {
        match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// A folder of files that are put in place whole.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    /// Folders below whose names this process knows to be durable. One that is merely there may
    /// have been made just before a process ended.
    synced: BTreeSet<PathBuf>,
}

impl Folder {
    /// The folder; it must exist.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            synced: BTreeSet::new(),
        }
    }

    /// Makes a folder below the root and those above it, each durably: a file is not there after a
    /// power cut if a folder that it lies in is not.
    fn make_folder(&mut self, folder: &Path) -> Result<(), StoreError> {
        let Some(above) = folder.parent() else {
            return Ok(());
        };
        if self.synced.contains(folder) {
            return Ok(());
        }
        self.make_folder(above)?;
        let path = self.root.join(folder);
        match fs::create_dir(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(StoreError::new(format!("making {}", path.display()), error));
            }
            _ => {}
        }
        sync_folder(&self.root.join(above))?;
        self.synced.insert(folder.to_owned());
        Ok(())
    }
}

impl Published for Folder {
    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        if let Some(folder) = Path::new(path).parent() {
            self.make_folder(folder)?;
        }
        put_file(&self.root.join(path), bytes)
    }

    fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.root.join(path);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::new(
                format!("reading {}", path.display()),
                error,
            )),
        }
    }

    fn list(&self) -> Result<Vec<String>, StoreError> {
        let mut out = Vec::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let path = self.root.join(&folder);
            let failed = |error| StoreError::new(format!("reading {}", path.display()), error);
            for entry in listed(&path).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let inside = folder.join(entry.file_name());
                if entry.file_type().map_err(failed)?.is_dir() {
                    folders.push(inside);
                } else {
                    out.push(inside.to_string_lossy().into_owned());
                }
            }
        }
        Ok(out)
    }

    fn remove(&mut self, path: &str) -> Result<(), StoreError> {
        self.synced.retain(|folder| !folder.starts_with(path));
        let path = self.root.join(path);
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        match removed {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(StoreError::new(
                format!("removing {}", path.display()),
                error,
            )),
        }
    }
}

/// Writes beside, syncs, renames into place, syncs the folder; makes missing folders.
///
/// # Errors
/// [`StoreError`]; the old file, if any, is whole then.
pub fn put_file(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let doing = || format!("writing {}", path.display());
    let folder = path
        .parent()
        .ok_or_else(|| StoreError::other(doing(), "the path has no folder"))?;
    fs::create_dir_all(folder).map_err(|e| StoreError::new(doing(), e))?;
    let beside = path.with_extension("tmp");
    if let Err(error) = write_whole(&beside, bytes).and_then(|()| fs::rename(&beside, path)) {
        // On a full disk even a part of a file is in the way.
        let _ = fs::remove_file(&beside);
        return Err(StoreError::new(doing(), error));
    }
    sync_folder(folder)
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the entries of a folder durable; the parent of a bare file name is the working folder.
///
/// # Errors
/// [`StoreError`].
pub fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    let doing = || format!("syncing {}", folder.display());
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let opened = File::open(folder).map_err(|e| StoreError::new(doing(), e))?;
    opened.sync_all().map_err(|e| StoreError::new(doing(), e))
}

/// Writes a file that only its owner can read. It must not exist.
///
/// # Errors
/// [`StoreError`]; what was begun is gone again then.
pub fn put_secret(path: &Path, text: &str) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let doing = || format!("writing {}", path.display());
    let made = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let mut file = made.map_err(|e| StoreError::new(doing(), e))?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|e| StoreError::new(doing(), e))
        .and_then(|()| sync_folder(path.parent().unwrap_or_else(|| Path::new(""))));
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

/// Puts another text in the place of a file that only its owner can read: written beside, synced,
/// renamed over it; then the bytes that were there are overwritten. What a file system or a drive
/// keeps of them elsewhere is out of reach.
///
/// # Errors
/// [`StoreError`]; the file is whole then, the old one or the new one.
pub fn replace_secret(path: &Path, text: &str) -> Result<(), StoreError> {
    let doing = || format!("replacing {}", path.display());
    let failed = |error| StoreError::new(doing(), error);
    let mut old = fs::OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(failed)?;
    let beside = path.with_extension("tmp");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    put_secret(&beside, text)?;
    if let Err(error) = fs::rename(&beside, path) {
        let _ = fs::remove_file(&beside);
        return Err(failed(error));
    }
    sync_folder(path.parent().unwrap_or_else(|| Path::new("")))?;
    overwrite(&mut old).map_err(failed)
}

/// What a file is called while it is destroyed, in place of its extension.
const DESTROYED: &str = "destroyed";

/// Takes a secret file away: it gets another name, so that nobody meets half of it under its own, its
/// bytes are overwritten, and it is removed. What a file system or a drive keeps of them elsewhere is
/// out of reach.
///
/// # Errors
/// [`StoreError`]; the file is whole then, or its end is left to [`finish_destroying`].
pub fn destroy_secret(path: &Path) -> Result<(), StoreError> {
    let aside = path.with_extension(DESTROYED);
    fs::rename(path, &aside)
        .map_err(|error| StoreError::new(format!("destroying {}", path.display()), error))?;
    // Else a power cut may leave the old name on zeros.
    sync_folder(path.parent().unwrap_or_else(|| Path::new("")))?;
    destroy_aside(&aside)
}

/// Destroys what [`destroy_secret`] began in a folder and did not end; how many files that were.
///
/// # Errors
/// [`StoreError`].
pub fn finish_destroying(folder: &Path) -> Result<u64, StoreError> {
    let failed = |error| StoreError::new(format!("reading {}", folder.display()), error);
    let mut count = 0;
    for entry in listed(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|it| it == DESTROYED) {
            destroy_aside(&path)?;
            count += 1;
        }
    }
    Ok(count)
}

fn destroy_aside(path: &Path) -> Result<(), StoreError> {
    let failed = |error| StoreError::new(format!("destroying {}", path.display()), error);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(failed)?;
    overwrite(&mut file).map_err(failed)?;
    fs::remove_file(path).map_err(failed)?;
    sync_folder(path.parent().unwrap_or_else(|| Path::new("")))
}

/// Writes zeros over a whole file, and makes that durable.
fn overwrite(file: &mut File) -> io::Result<()> {
    let len = usize::try_from(file.metadata()?.len()).unwrap_or_default();
    file.write_all(&vec![0; len])?;
    file.sync_all()
}
