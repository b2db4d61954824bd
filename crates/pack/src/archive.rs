//! The canonical stored ZIP: for given files there is one archive, byte for byte.
//!
//! ZIP (PKWARE APPNOTE 6.3.10), of which only this much is used: files in the order of their
//! names, method 0 (stored), DOS time 1980-01-01 00:00, version 1.0, no flags, no extra fields, no
//! comments, no data descriptors, no directories, no gaps. Every program that opens ZIP opens it.
//!
//! [`read`] parses the bytes and then builds the archive anew from what it found: a byte that
//! differs anywhere, in a header as in the data, is damage with an offset and a file. CRC-32 finds
//! accidents, not forgers; those are found by the digests and signatures inside.

mod crc32;
mod layout;

use crate::damage::{Damage, DamageKind};
use crate::limits::{FILE_BYTES_MAX, NAME_BYTES_MAX, PACK_BYTES_MAX, PACK_FILES_MAX};
use layout::{LOCAL_LEN, LOCAL_SIGNATURE, Place, build, place_of};

pub use crc32::crc32;

/// A file of an archive: its name and its bytes.
pub type File<'a> = (&'a str, &'a [u8]);

/// Why files cannot stand in one archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// More than [`PACK_FILES_MAX`] files, a file of more than [`FILE_BYTES_MAX`], or more than
    /// [`PACK_BYTES_MAX`] in all.
    #[error("the archive is too large")]
    TooLarge,
    /// A name outside the safe alphabet, or one that differs from another in case alone.
    #[error("`{0}` cannot be the name of a file in a pack")]
    Name(String),
    /// Names are not strictly rising.
    #[error("`{0}` is out of order or there twice")]
    Order(String),
}

/// Whether a name is safe on every file system: segments of letters, digits, `.`, `_` and `-`
/// between single slashes, none that begins with a dot, [`NAME_BYTES_MAX`] bytes at most.
#[must_use]
pub fn is_safe_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let segment =
        |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(letter);
    name.len() <= NAME_BYTES_MAX && name.split('/').all(segment)
}

/// The archive of these files, which stand in the order of their names.
///
/// # Errors
/// [`ArchiveError`].
pub fn write(files: &[File<'_>]) -> Result<Vec<u8>, ArchiveError> {
    check(files)?;
    Ok(build(files))
}

fn check(files: &[File<'_>]) -> Result<(), ArchiveError> {
    if files.len() > PACK_FILES_MAX {
        return Err(ArchiveError::TooLarge);
    }
    let mut last = "";
    for (name, bytes) in files {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(ArchiveError::TooLarge);
        }
        if !is_safe_name(name) {
            return Err(ArchiveError::Name((*name).to_owned()));
        }
        if *name <= last {
            return Err(ArchiveError::Order((*name).to_owned()));
        }
        last = name;
    }
    if let Some(name) = ambiguous(files) {
        return Err(ArchiveError::Name(name));
    }
    if layout::len(files) > PACK_BYTES_MAX {
        return Err(ArchiveError::TooLarge);
    }
    Ok(())
}

/// The files of an archive, in the order of their names.
///
/// # Errors
/// [`Damage`] names the first place where the bytes are not the one archive of their files.
pub fn read(bytes: &[u8]) -> Result<Vec<File<'_>>, Damage> {
    if bytes.len() > PACK_BYTES_MAX {
        let words = format!("a pack has at most {PACK_BYTES_MAX} bytes");
        return Err(Damage::new(DamageKind::TooLarge, words));
    }
    let files = parse(bytes)?;
    // Parsed lengths add up to less than the bytes, so the archive built anew is within the limits.
    if let Some(at) = first_difference(bytes, &build(&files)) {
        return Err(explain(bytes, &files, at));
    }
    check(&files).map_err(|error| refused(&error))?;
    Ok(files)
}

/// Reads the local headers one after the other; all that is taken from them is names and lengths.
fn parse(bytes: &[u8]) -> Result<Vec<File<'_>>, Damage> {
    let mut files: Vec<File<'_>> = Vec::new();
    let mut at = 0;
    while bytes.get(at..at + 4) == Some(LOCAL_SIGNATURE.as_slice()) {
        if files.len() == PACK_FILES_MAX {
            let words = format!("a pack has at most {PACK_FILES_MAX} files");
            return Err(Damage::new(DamageKind::TooLarge, words));
        }
        let (file, end) = local_file(bytes, at)?;
        files.push(file);
        at = end;
    }
    // A header that one changed byte hides would otherwise be blamed on what lies behind it.
    let hidden = bytes.get(at..at + 4).is_some_and(nearly_local);
    let Some((last, _)) = files.last().filter(|_| !hidden) else {
        let words = "here must be the header of a file";
        return Err(archive(words).at(at..bytes.len().min(at + LOCAL_LEN)));
    };
    if bytes.get(at..at + 4) != Some(layout::CENTRAL_SIGNATURE.as_slice()) {
        let words = "its header gives a length at which no other file or directory begins";
        let start = at - last.len() - files.last().map_or(0, |(_, data)| data.len()) - LOCAL_LEN;
        let start = if nearly_central(bytes.get(at..at + 4)) {
            at
        } else {
            start
        };
        return Err(archive(words)
            .within(last)
            .at(start..bytes.len().min(at + 4)));
    }
    Ok(files)
}

fn local_file(bytes: &[u8], at: usize) -> Result<(File<'_>, usize), Damage> {
    let cut = || archive("the archive ends inside a file").at(at..bytes.len());
    let header = bytes.get(at..at + LOCAL_LEN).ok_or_else(cut)?;
    let stored = layout::u32_at(header, layout::LOCAL_STORED);
    let size = layout::u32_at(header, layout::LOCAL_SIZE);
    let name_len = usize::from(layout::u16_at(header, layout::LOCAL_NAME_LEN));
    let name_at = at + LOCAL_LEN;
    let name = bytes.get(name_at..name_at + name_len).ok_or_else(cut)?;
    let name = std::str::from_utf8(name)
        .ok()
        .filter(|name| is_safe_name(name));
    let name = name.ok_or_else(|| archive("not a safe file name").at(at..name_at + name_len))?;
    if stored != size {
        let sizes = at + layout::LOCAL_STORED..at + layout::LOCAL_SIZE + 4;
        return Err(archive("its two lengths differ").within(name).at(sizes));
    }
    let data_at = name_at + name_len;
    let end = usize::try_from(size)
        .ok()
        .and_then(|size| data_at.checked_add(size));
    let data = end.and_then(|end| bytes.get(data_at..end));
    let data = data.ok_or_else(|| cut().within(name))?;
    Ok(((name, data), data_at + data.len()))
}

fn archive(words: &str) -> Damage {
    Damage::new(DamageKind::Archive, words)
}

fn refused(error: &ArchiveError) -> Damage {
    match error {
        ArchiveError::TooLarge => Damage::new(DamageKind::TooLarge, error.to_string()),
        ArchiveError::Name(name) | ArchiveError::Order(name) => {
            archive(&error.to_string()).within(name)
        }
    }
}

fn nearly_local(bytes: &[u8]) -> bool {
    nearly(bytes, LOCAL_SIGNATURE)
}

fn nearly_central(bytes: Option<&[u8]>) -> bool {
    bytes.is_some_and(|bytes| nearly(bytes, layout::CENTRAL_SIGNATURE))
}

/// Whether one byte of four differs. A hint for the words only: the verdict is the same.
fn nearly(bytes: &[u8], signature: [u8; 4]) -> bool {
    bytes
        .iter()
        .zip(signature)
        .filter(|(is, must)| **is != *must)
        .count()
        == 1
}

/// A name that differs from another in case alone: one file would hide the other on some systems.
fn ambiguous(files: &[File<'_>]) -> Option<String> {
    let mut seen = std::collections::BTreeSet::new();
    let twice = files
        .iter()
        .find(|(name, _)| !seen.insert(name.to_ascii_lowercase()));
    twice.map(|(name, _)| (*name).to_owned())
}

fn first_difference(left: &[u8], right: &[u8]) -> Option<usize> {
    let differ = left
        .iter()
        .zip(right)
        .position(|(left, right)| left != right);
    differ.or_else(|| (left.len() != right.len()).then_some(left.len().min(right.len())))
}

/// What the difference at this offset means.
fn explain(bytes: &[u8], files: &[File<'_>], at: usize) -> Damage {
    match place_of(files, at) {
        Place::Local { file, start, crc } if crc.contains(&at) => {
            let Some((name, data)) = files.get(file) else {
                return archive("the directory is not that of these files").at(at..at + 1);
            };
            let header = bytes.get(crc.clone());
            let directory = layout::central_crc(bytes, files, file);
            if header == directory {
                // Header and directory agree: it is the data that changed.
                let data_at = start + LOCAL_LEN + name.len();
                let words = "its bytes do not have their CRC-32";
                Damage::new(DamageKind::FileData, words)
                    .within(name)
                    .at(data_at..data_at + data.len())
            } else {
                let words = "the CRC-32 in its header is not that of its bytes";
                archive(words).within(name).at(crc)
            }
        }
        Place::Local { file, .. } => named(files, file, "its header is not canonical", at),
        Place::Central { file } => directory_entry(bytes, files, file, at),
        Place::End => archive("the end of the archive is not canonical").at(at..at + 1),
        Place::Beyond => archive("bytes follow the archive").at(at..bytes.len().max(at + 1)),
    }
}

/// A name may have changed here or in the header of the file: both spellings are told.
fn directory_entry(bytes: &[u8], files: &[File<'_>], file: usize, at: usize) -> Damage {
    let range = layout::central_name(files, file);
    let listed = bytes.get(range.clone()).unwrap_or_default();
    match files.get(file) {
        Some((name, _)) if range.contains(&at) => {
            let listed = String::from_utf8_lossy(listed).escape_debug().to_string();
            let words = format!("the directory calls it `{listed}`");
            archive(&words).within(name).at(at..at + 1)
        }
        _ => named(
            files,
            file,
            "its entry in the directory is not canonical",
            at,
        ),
    }
}

fn named(files: &[File<'_>], file: usize, words: &str, at: usize) -> Damage {
    let damage = archive(words).at(at..at + 1);
    match files.get(file) {
        Some((name, _)) => damage.within(name),
        None => damage,
    }
}

#[cfg(test)]
mod tests;
