//! Where a log lies: as files of a folder, or in a test's memory.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// The files of a log, read and nothing else. What is not there is `None` or empty, not an error.
pub trait LogFolder {
    /// Numbers of the ground segments that are there, rising.
    ///
    /// # Errors
    /// When the world does not let itself be read; so below.
    fn segments(&self) -> io::Result<Vec<u32>>;

    /// Bytes of a ground segment, at most `bytes_max` and one more.
    ///
    /// # Errors
    /// As above.
    fn segment(&self, number: u32, bytes_max: usize) -> io::Result<Option<Vec<u8>>>;

    /// Bytes of a published file by its path in the log's tree (`checkpoint`, `tile/0/000`), at most
    /// `bytes_max` and one more.
    ///
    /// # Errors
    /// As above.
    fn published(&self, path: &str, bytes_max: usize) -> io::Result<Option<Vec<u8>>>;

    /// Names of the published files in a folder of that tree, in any order.
    ///
    /// # Errors
    /// As above.
    fn published_names(&self, folder: &str) -> io::Result<Vec<String>>;
}

/// A data folder on disk: `ground/` and `log/` in it; or a mirror of a published tree alone, with
/// `checkpoint` and `tile/` in it.
#[derive(Clone, Debug)]
pub struct DataFolder {
    ground: PathBuf,
    log: PathBuf,
}

impl DataFolder {
    /// The folder at `root`, which is not opened yet.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        let log = root.join("log");
        let is_mirror = !log.is_dir() && root.join("checkpoint").is_file();
        Self {
            ground: root.join("ground"),
            log: if is_mirror { root.to_owned() } else { log },
        }
    }
}

impl LogFolder for DataFolder {
    fn segments(&self) -> io::Result<Vec<u32>> {
        let number = |name: String| {
            let digits = name
                .strip_suffix(".seg")
                .filter(|digits| digits.len() == 8)?;
            digits.parse().ok()
        };
        let mut numbers: Vec<u32> = names(&self.ground)?
            .into_iter()
            .filter_map(number)
            .collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn segment(&self, number: u32, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
        read(&self.ground.join(format!("{number:08}.seg")), bytes_max)
    }

    fn published(&self, path: &str, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
        read(&self.log.join(path), bytes_max)
    }

    fn published_names(&self, folder: &str) -> io::Result<Vec<String>> {
        names(&self.log.join(folder))
    }
}

/// Reads a file. One byte more than the limit is read, so that what is too large is seen to be.
fn read(path: &Path, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
    match read_there(path, bytes_max) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(named(path, &error)),
    }
}

fn read_there(path: &Path, bytes_max: usize) -> io::Result<Vec<u8>> {
    let meta = fs::metadata(path)?;
    if !meta.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let limit = bytes_max as u64 + 1;
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len().min(limit)).unwrap_or(0));
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut opened = fs::read_dir(folder);
    // A signal may interrupt it, which the standard library leaves to its callers.
    while matches!(&opened, Err(error) if error.kind() == io::ErrorKind::Interrupted) {
        opened = fs::read_dir(folder);
    }
    let entries = match opened {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        Err(error) => return Err(named(folder, &error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| named(folder, &error))?.file_name();
        names.extend(name.into_string());
    }
    Ok(names)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
