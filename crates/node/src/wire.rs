//! Frames on the node's socket: u32 length of the head, u32 length of the blob (big-endian), head
//! (JSON), blob. The socket is reachable by its owner only; the protocol is the command line's own
//! and may change with each release.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limits::{BLOB_BYTES_MAX, HEAD_BYTES_MAX};

/// Writes a frame.
///
/// # Errors
/// Those of the stream, or a frame beyond its limits.
pub fn write_frame(out: &mut dyn Write, head: &impl Serialize, blob: &[u8]) -> io::Result<()> {
    let head = serde_json::to_vec(head).map_err(io::Error::other)?;
    let length = |bytes: &[u8], max: u32| {
        let length = u32::try_from(bytes.len())
            .ok()
            .filter(|length| *length <= max);
        length.ok_or_else(|| io::Error::other("a frame is beyond its limits"))
    };
    out.write_all(&length(&head, HEAD_BYTES_MAX)?.to_be_bytes())?;
    out.write_all(&length(blob, BLOB_BYTES_MAX)?.to_be_bytes())?;
    out.write_all(&head)?;
    out.write_all(blob)?;
    out.flush()
}

/// Reads a frame; `None` when the stream ends between frames.
///
/// # Errors
/// Those of the stream, a frame beyond its limits, or a head that is not what it should be.
pub fn read_frame<T: DeserializeOwned>(input: &mut dyn Read) -> io::Result<Option<(T, Vec<u8>)>> {
    let mut lengths = [0; 8];
    let mut got = 0;
    while let Some(rest) = lengths.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) if got == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => got += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let [a, b, c, d, e, f, g, h] = lengths;
    let head = read_exact(input, u32::from_be_bytes([a, b, c, d]), HEAD_BYTES_MAX)?;
    let blob = read_exact(input, u32::from_be_bytes([e, f, g, h]), BLOB_BYTES_MAX)?;
    let head = serde_json::from_slice(&head)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok(Some((head, blob)))
}

fn read_exact(input: &mut dyn Read, length: u32, max: u32) -> io::Result<Vec<u8>> {
    if length > max {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a frame is beyond its limits",
        ));
    }
    let mut bytes = Vec::new();
    let read = input.take(u64::from(length)).read_to_end(&mut bytes)?;
    if read == length as usize {
        Ok(bytes)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// A list of byte strings, each behind its length (u32).
#[must_use]
pub fn join(items: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(items.iter().map(|item| item.len() + 4).sum());
    for item in items {
        out.extend(u32::try_from(item.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend(item);
    }
    out
}

/// Takes a [`join`]ed list apart; `None` for anything else.
#[must_use]
pub fn split(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (item, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        out.push(item);
        bytes = rest;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_round_trip() {
        let mut bytes = Vec::new();
        write_frame(&mut bytes, &vec![1, 2], b"blob").expect("writes");
        write_frame(&mut bytes, &vec![3], b"").expect("writes");
        let mut input = bytes.as_slice();
        assert_eq!(
            read_frame::<Vec<u8>>(&mut input).expect("reads"),
            Some((vec![1, 2], b"blob".to_vec()))
        );
        assert_eq!(
            read_frame::<Vec<u8>>(&mut input).expect("reads"),
            Some((vec![3], vec![]))
        );
        assert_eq!(read_frame::<Vec<u8>>(&mut input).expect("ends"), None);
    }

    /// Gives a byte at a time, and is interrupted before each.
    struct Interrupted<'a>(&'a [u8], bool);

    impl Read for Interrupted<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let most = into.len().min(1);
            self.0.read(into.get_mut(..most).unwrap_or_default())
        }
    }

    #[test]
    fn what_a_signal_interrupts_is_read_again() {
        let mut bytes = Vec::new();
        write_frame(&mut bytes, &vec![1, 2], b"blob").expect("writes");
        let mut input = Interrupted(&bytes, false);
        let read = read_frame::<Vec<u8>>(&mut input).expect("reads");
        assert_eq!(read, Some((vec![1, 2], b"blob".to_vec())));
        assert_eq!(read_frame::<Vec<u8>>(&mut input).expect("ends"), None);
    }

    #[test]
    fn hostile_frames_are_refused() {
        assert!(read_frame::<Vec<u8>>(&mut [0xff; 8].as_slice()).is_err());
        assert!(read_frame::<Vec<u8>>(&mut [0, 0].as_slice()).is_err());
        assert!(read_frame::<Vec<u8>>(&mut [0, 0, 0, 2, 0, 0, 0, 0, b'{'].as_slice()).is_err());
        assert_eq!(split(&[0, 0, 0, 9, 1]), None);
    }

    #[test]
    fn lists_round_trip() {
        let items = vec![b"a".to_vec(), vec![], b"bc".to_vec()];
        assert_eq!(split(&join(&items)), Some(vec![&b"a"[..], b"", b"bc"]));
    }
}
