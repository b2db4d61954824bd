//! Where each byte of a canonical archive lies. APPNOTE 4.3.7 (local header), 4.3.12 (central
//! directory), 4.3.16 (end of central directory). All integers are little-endian.

use std::ops::Range;

use super::File;
use super::crc32::crc32;

/// Before each file.
pub(super) const LOCAL_SIGNATURE: [u8; 4] = *b"PK\x03\x04";
/// Before each entry of the directory.
pub(super) const CENTRAL_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
/// Before the end record.
const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";

/// Bytes of a local header without its name.
pub(super) const LOCAL_LEN: usize = 30;
/// Bytes of a directory entry without its name.
const CENTRAL_LEN: usize = 46;
/// Bytes of the end record.
const END_LEN: usize = 22;

/// Offsets in a local header.
const LOCAL_CRC: usize = 14;
pub(super) const LOCAL_STORED: usize = 18;
pub(super) const LOCAL_SIZE: usize = 22;
pub(super) const LOCAL_NAME_LEN: usize = 26;
/// Offset of the CRC-32 in a directory entry.
const CENTRAL_CRC: usize = 16;

/// Version 1.0, the one that knows stored files.
const VERSION: u16 = 10;
/// 1980-01-01, the first day that DOS knows; the time of day is 0.
const DATE: u16 = 1 << 5 | 1;

/// What lies at an offset.
pub(super) enum Place {
    /// In the header, name or data of a file.
    Local {
        /// Which file.
        file: usize,
        /// Where its header begins.
        start: usize,
        /// Where the CRC-32 of its header lies.
        crc: Range<usize>,
    },
    /// In the directory.
    Central {
        /// Entry of which file.
        file: usize,
    },
    /// In the end record.
    End,
    /// After the archive.
    Beyond,
}

/// Bytes of the archive of these files.
pub(super) fn len(files: &[File<'_>]) -> usize {
    let one = |(name, data): &File<'_>| LOCAL_LEN + CENTRAL_LEN + 2 * name.len() + data.len();
    files.iter().map(one).sum::<usize>() + END_LEN
}

/// The archive. The caller has checked the limits, which lie below those of the format.
pub(super) fn build(files: &[File<'_>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(len(files));
    let mut directory = Vec::new();
    for (name, data) in files {
        let start = u32_of(out.len());
        let (size, name_len) = (u32_of(data.len()), u16_of(name.len()));
        let mut common = Vec::with_capacity(26);
        // Version needed, flags, method, time, date.
        for field in [VERSION, 0, 0, 0, DATE] {
            common.extend(field.to_le_bytes());
        }
        for field in [crc32(data), size, size] {
            common.extend(field.to_le_bytes());
        }
        // Lengths of the name and of the extra field.
        common.extend(name_len.to_le_bytes());
        common.extend(0_u16.to_le_bytes());

        out.extend(LOCAL_SIGNATURE);
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(*data);

        directory.extend(CENTRAL_SIGNATURE);
        directory.extend(VERSION.to_le_bytes());
        directory.extend(&common);
        // Length of the comment, disk, internal attributes; external attributes; where the file is.
        directory.extend([0; 6]);
        directory.extend([0; 4]);
        directory.extend(start.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (at, count) = (u32_of(out.len()), u16_of(files.len()));
    let directory_len = u32_of(directory.len());
    out.extend(directory);
    out.extend(END_SIGNATURE);
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(directory_len.to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// What lies at this offset of the archive of these files.
pub(super) fn place_of(files: &[File<'_>], at: usize) -> Place {
    let mut start = 0;
    for (file, (name, data)) in files.iter().enumerate() {
        let end = start + LOCAL_LEN + name.len() + data.len();
        if at < end {
            let crc = start + LOCAL_CRC..start + LOCAL_CRC + 4;
            return Place::Local { file, start, crc };
        }
        start = end;
    }
    for (file, (name, _)) in files.iter().enumerate() {
        start += CENTRAL_LEN + name.len();
        if at < start {
            return Place::Central { file };
        }
    }
    if at < start + END_LEN {
        Place::End
    } else {
        Place::Beyond
    }
}

/// The CRC-32 that the directory gives for a file.
pub(super) fn central_crc<'b>(
    bytes: &'b [u8],
    files: &[File<'_>],
    file: usize,
) -> Option<&'b [u8]> {
    let at = central_start(files, file) + CENTRAL_CRC;
    bytes.get(at..at + 4)
}

/// Where the directory has the name of a file.
pub(super) fn central_name(files: &[File<'_>], file: usize) -> Range<usize> {
    let start = central_start(files, file) + CENTRAL_LEN;
    start..start + files.get(file).map_or(0, |(name, _)| name.len())
}

fn central_start(files: &[File<'_>], file: usize) -> usize {
    let local = |(name, data): &File<'_>| LOCAL_LEN + name.len() + data.len();
    let entry = |(name, _): &File<'_>| CENTRAL_LEN + name.len();
    files.iter().map(local).sum::<usize>() + files.iter().take(file).map(entry).sum::<usize>()
}

/// The integer at this offset of a header; 0 where the header ends before.
pub(super) fn u32_at(header: &[u8], at: usize) -> u32 {
    let bytes = header
        .get(at..at + 4)
        .and_then(|bytes| bytes.try_into().ok());
    u32::from_le_bytes(bytes.unwrap_or_default())
}

/// The integer at this offset of a header; 0 where the header ends before.
pub(super) fn u16_at(header: &[u8], at: usize) -> u16 {
    let bytes = header
        .get(at..at + 2)
        .and_then(|bytes| bytes.try_into().ok());
    u16::from_le_bytes(bytes.unwrap_or_default())
}

fn u32_of(n: usize) -> u32 {
    u32::try_from(n).expect("PACK_BYTES_MAX lies below 2^32")
}

fn u16_of(n: usize) -> u16 {
    u16::try_from(n).expect("PACK_FILES_MAX and NAME_BYTES_MAX lie below 2^16")
}
