//! What is read: a file, or a stream held in memory.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use crate::limits::{CHUNK_BYTES, STREAM_BYTES_MAX};

/// Bytes that can be read at any offset.
#[derive(Debug)]
pub enum Input {
    /// A file.
    File(File),
    /// A stream, read to its end. Never spooled to a file: it may hold personal data.
    Memory(Vec<u8>),
}

impl Input {
    /// Opens a file; what has no offsets (a pipe) is read to its end.
    ///
    /// # Errors
    /// Those of the file; of a stream more than [`STREAM_BYTES_MAX`].
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let kind = file.metadata()?.file_type();
        if kind.is_dir() {
            return Err(io::Error::new(
                io::ErrorKind::IsADirectory,
                "it is a folder",
            ));
        }
        if kind.is_file() {
            Ok(Self::File(file))
        } else {
            Self::stream(file)
        }
    }

    /// Reads standard input to its end.
    ///
    /// # Errors
    /// Those of the stream, or more than [`STREAM_BYTES_MAX`].
    pub fn stdin() -> io::Result<Self> {
        Self::stream(io::stdin().lock())
    }

    fn stream(from: impl io::Read) -> io::Result<Self> {
        let mut bytes = Vec::new();
        from.take(STREAM_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > STREAM_BYTES_MAX {
            let why = "a stream is limited to 256 MiB; write it to a file and name the file";
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
        }
        Ok(Self::Memory(bytes))
    }

    /// Bytes in all, as far as is known.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::File(file) => file.metadata().map_or(0, |meta| meta.len()),
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// True when there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads exactly the bytes of a range.
    ///
    /// # Errors
    /// Those of the file; also when it became shorter meanwhile.
    pub fn range(&self, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let len = usize::try_from(to.saturating_sub(from)).map_err(io::Error::other)?;
        match self {
            Self::File(file) => {
                let mut bytes = vec![0; len];
                file.read_exact_at(&mut bytes, from)?;
                Ok(bytes)
            }
            Self::Memory(bytes) => {
                let from = usize::try_from(from).map_err(io::Error::other)?;
                bytes
                    .get(from..from + len)
                    .map(<[u8]>::to_vec)
                    .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            }
        }
    }

    /// Hands all bytes to `take`, in order and in pieces.
    ///
    /// # Errors
    /// Those of the file and of `take`.
    pub fn each_chunk<E: From<io::Error>>(
        &self,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::Memory(bytes) => bytes.chunks(CHUNK_BYTES).try_for_each(take),
            Self::File(file) => {
                let mut chunk = vec![0; CHUNK_BYTES];
                let mut at = 0;
                loop {
                    let count = match file.read_at(&mut chunk, at) {
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                        read => read?,
                    };
                    let Some(bytes) = chunk.get(..count).filter(|bytes| !bytes.is_empty()) else {
                        return Ok(());
                    };
                    take(bytes)?;
                    at += count as u64;
                }
            }
        }
    }
}

/// Tells the line of an offset; offsets must rise.
#[derive(Debug)]
pub(crate) struct LineCounter<'a> {
    input: &'a Input,
    at: u64,
    line: u64,
}

impl<'a> LineCounter<'a> {
    pub(crate) const fn new(input: &'a Input) -> Self {
        Self {
            input,
            at: 0,
            line: 1,
        }
    }

    /// Number of the line that `offset` lies in, from 1.
    pub(crate) fn line_of(&mut self, offset: u64) -> io::Result<u64> {
        while self.at < offset {
            let to = offset.min(self.at + CHUNK_BYTES as u64);
            let bytes = self.input.range(self.at, to)?;
            self.line += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            self.at = to;
        }
        Ok(self.line)
    }
}
