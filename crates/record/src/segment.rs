//! Ground segments: the bytes of the log's ground state (docs/formats/segment.md).
//!
//! A segment is a header and then records, each beginning at a multiple of 8. A record has a
//! length, a kind, a check and a payload; a length of zero is free space. Segments are the
//! write-ahead log and the store in one: bytes are written once, synced once a commit, and
//! only ever changed by wiping a `Sealed` record (erasure) or the tail behind the committed
//! size (recovery).

use countersign_model::digest::Digest;

use crate::limits::RECORD_BYTES_MAX;

/// First bytes of every segment: the name and the version of the format.
pub const MAGIC: [u8; 8] = *b"CSGROUND";
/// Version of the segment format.
pub const VERSION: u32 = 1;
/// Bytes of the header.
pub const HEADER_LEN: usize = 64;
/// Bytes in front of a payload.
pub const RECORD_HEAD_LEN: usize = 16;
/// Bytes of the check, the last of a record's head.
const CHECK_LEN: usize = 8;
/// Records begin at multiples of this.
pub const ALIGN: usize = 8;

/// What a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A mapping file; belongs to the next statement.
    Blob,
    /// An envelope with its sealed parts withheld; belongs to the next statement.
    Envelope,
    /// A claim body with its sealed parts withheld; belongs to the next statement.
    Body,
    /// The sealed parts of the body or envelope before, encrypted, with their wrapped keys.
    Sealed,
    /// A statement in its logged form, behind its index.
    Statement,
    /// A batch statement and its verdict records; ends a commit.
    Batch,
    /// A sealed record whose erasure was begun: its payload may be anything and is never read.
    Erasing,
    /// A sealed record that was erased: its payload is zeros.
    Wiped,
}

const KINDS: [(Kind, u8); 8] = [
    (Kind::Blob, 1),
    (Kind::Envelope, 2),
    (Kind::Body, 3),
    (Kind::Sealed, 4),
    (Kind::Statement, 5),
    (Kind::Batch, 6),
    (Kind::Erasing, 0x7e),
    (Kind::Wiped, 0x7f),
];

impl Kind {
    /// The byte in the record.
    #[must_use]
    pub fn byte(self) -> u8 {
        KINDS
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or(0, |(_, byte)| *byte)
    }

    /// The kind of that byte.
    #[must_use]
    pub fn of(byte: u8) -> Option<Self> {
        KINDS
            .iter()
            .find(|(_, b)| *b == byte)
            .map(|(kind, _)| *kind)
    }
}

/// Why the bytes of a segment cannot be read further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// The header is not that of a segment of this log.
    #[error("not a segment of this log")]
    Header,
    /// A record goes on behind the end of the segment.
    #[error("the record at offset {0} is cut off")]
    CutOff(usize),
    /// The kind byte is unknown.
    #[error("the record at offset {0} is of an unknown kind")]
    UnknownKind(usize),
    /// The check does not fit the payload.
    #[error("the record at offset {0} is damaged")]
    Damaged(usize),
    /// The padding behind a record is not zero.
    #[error("the padding behind the record at offset {0} is not zero")]
    Padding(usize),
}

/// A record in its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Offset of its first byte.
    pub offset: usize,
    /// What it holds.
    pub kind: Kind,
    /// Its payload.
    pub payload: &'a [u8],
}

impl Record<'_> {
    /// Offset behind the record and its padding.
    #[must_use]
    pub const fn end(&self) -> usize {
        (self.offset + RECORD_HEAD_LEN + self.payload.len()).next_multiple_of(ALIGN)
    }
}

/// The header of segment `number` of the log whose genesis entry is `log`.
#[must_use]
pub fn header(number: u32, log: Digest) -> [u8; HEADER_LEN] {
    let mut out = [0; HEADER_LEN];
    let fields: [&[u8]; 4] = [
        &MAGIC,
        &VERSION.to_be_bytes(),
        &number.to_be_bytes(),
        log.as_bytes(),
    ];
    for (slot, byte) in out.iter_mut().zip(fields.concat()) {
        *slot = byte;
    }
    out
}

/// Checks the header of a segment.
///
/// # Errors
/// [`SegmentError::Header`].
pub fn check_header(bytes: &[u8], number: u32, log: Digest) -> Result<(), SegmentError> {
    if bytes.get(..HEADER_LEN) == Some(&header(number, log)) {
        Ok(())
    } else {
        Err(SegmentError::Header)
    }
}

/// Appends a record to `out`, whose length must be a multiple of [`ALIGN`].
///
/// # Panics
/// If the payload is longer than [`RECORD_BYTES_MAX`]: callers check their limits first (LIM-1).
pub fn push_record(out: &mut Vec<u8>, kind: Kind, payload: &[u8]) {
    assert!(
        payload.len() <= RECORD_BYTES_MAX,
        "LIM-1: a record of {} bytes",
        payload.len()
    );
    let length = u32::try_from(payload.len())
        .expect("RECORD_BYTES_MAX fits 32 bits")
        .to_be_bytes();
    out.extend(length);
    out.extend([kind.byte(), 0, 0, 0]);
    out.extend(check(kind, payload));
    out.extend(payload);
    out.resize(out.len().next_multiple_of(ALIGN), 0);
}

/// Offset of the kind byte in a record.
pub const KIND_AT: usize = 4;

/// One write of an erasure: an offset in the record, and the bytes that go there.
pub type ErasureStep = (usize, Vec<u8>);

/// The writes that erase a sealed record, in their order. Each must be durable before the next
/// (docs/formats/segment.md, "Erasure"): the first and the last are one byte, so that a process
/// that ends anywhere between them leaves a record that can be read.
#[must_use]
pub fn erasure(payload_len: usize) -> [ErasureStep; 3] {
    let check = RECORD_HEAD_LEN - CHECK_LEN;
    [
        (KIND_AT, vec![Kind::Erasing.byte()]),
        (check, vec![0; CHECK_LEN + payload_len]),
        (KIND_AT, vec![Kind::Wiped.byte()]),
    ]
}

/// The first 8 bytes of SHA-256 over kind, length and payload.
fn check(kind: Kind, payload: &[u8]) -> [u8; CHECK_LEN] {
    let length = (payload.len() as u64).to_be_bytes();
    let digest = Digest::of_parts("countersign/record/v1", &[&[kind.byte()], &length, payload]);
    let mut out = [0; CHECK_LEN];
    for (slot, byte) in out.iter_mut().zip(digest.as_bytes()) {
        *slot = *byte;
    }
    out
}

/// Reads the record at `offset`; `None` where free space begins or the segment ends.
///
/// # Errors
/// [`SegmentError`] with the offset.
pub fn read_record(segment: &[u8], offset: usize) -> Result<Option<Record<'_>>, SegmentError> {
    let Some(head) = segment.get(offset..offset + RECORD_HEAD_LEN) else {
        return Ok(None);
    };
    let [a, b, c, d, kind, x, y, z, check_bytes @ ..] = head else {
        return Ok(None);
    };
    let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
    if length == 0 && *kind == 0 {
        return Ok(None);
    }
    let begin = offset + RECORD_HEAD_LEN;
    let payload = segment
        .get(begin..begin.saturating_add(length))
        .ok_or(SegmentError::CutOff(offset))?;
    let kind = Kind::of(*kind).ok_or(SegmentError::UnknownKind(offset))?;
    let intact = match kind {
        Kind::Erasing => true,
        Kind::Wiped => payload.iter().chain(check_bytes).all(|byte| *byte == 0),
        _ => check_bytes == check(kind, payload),
    };
    if !intact || [*x, *y, *z] != [0, 0, 0] {
        return Err(SegmentError::Damaged(offset));
    }
    let record = Record {
        offset,
        kind,
        payload,
    };
    let padding = segment
        .get(begin + length..record.end())
        .ok_or(SegmentError::CutOff(offset))?;
    if padding.iter().any(|byte| *byte != 0) {
        return Err(SegmentError::Padding(offset));
    }
    Ok(Some(record))
}

/// Where records seem to begin from `offset` on, by their lengths alone: what stands there may be
/// damaged, and then whatever follows is a guess.
pub fn offsets(segment: &[u8], offset: usize) -> impl Iterator<Item = usize> {
    let length = |at: usize| {
        let head = segment.get(at..)?.first_chunk::<RECORD_HEAD_LEN>()?;
        let [a, b, c, d, kind, ..] = *head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        (length != 0 || kind != 0).then_some(length)
    };
    let mut next = Some(offset);
    std::iter::from_fn(move || {
        let at = next?;
        next = length(at).and_then(|length| {
            at.checked_add(RECORD_HEAD_LEN)?
                .checked_add(length)?
                .checked_next_multiple_of(ALIGN)
        });
        next.map(|_| at)
    })
}

/// All records of a segment from `offset` on, until free space.
pub fn records(
    segment: &[u8],
    offset: usize,
) -> impl Iterator<Item = Result<Record<'_>, SegmentError>> {
    let mut next = Some(offset);
    std::iter::from_fn(move || match read_record(segment, next?) {
        Ok(Some(record)) => {
            next = Some(record.end());
            Some(Ok(record))
        }
        Ok(None) => None,
        Err(error) => {
            next = None;
            Some(Err(error))
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn segment(payloads: &[(Kind, Vec<u8>)]) -> Vec<u8> {
        let mut out = header(3, Digest::of(b"log")).to_vec();
        for (kind, payload) in payloads {
            push_record(&mut out, *kind, payload);
        }
        out.resize(out.len() + 64, 0);
        out
    }

    #[test]
    fn headers_name_log_and_number() {
        let bytes = segment(&[]);
        assert_eq!(check_header(&bytes, 3, Digest::of(b"log")), Ok(()));
        assert_eq!(
            check_header(&bytes, 4, Digest::of(b"log")),
            Err(SegmentError::Header)
        );
        assert_eq!(
            check_header(&bytes, 3, Digest::of(b"other")),
            Err(SegmentError::Header)
        );
    }

    #[test]
    fn an_empty_payload_is_a_record() {
        let bytes = segment(&[(Kind::Blob, vec![])]);
        let read: Vec<_> = records(&bytes, HEADER_LEN).collect();
        assert_eq!(read.len(), 1);
    }

    /// The kinds of the records, after erasing the first one up to byte `cut` of all the writes.
    fn kinds_after_erasing(cut: usize) -> Vec<Result<Kind, SegmentError>> {
        let mut bytes = segment(&[(Kind::Sealed, vec![7; 20]), (Kind::Statement, vec![1])]);
        let writes = erasure(20).into_iter().flat_map(|(at, written)| {
            written
                .into_iter()
                .enumerate()
                .map(move |(n, byte)| (HEADER_LEN + at + n, byte))
        });
        for (at, byte) in writes.take(cut) {
            bytes[at] = byte;
        }
        records(&bytes, HEADER_LEN)
            .map(|record| record.map(|record| record.kind))
            .collect()
    }

    #[test]
    fn an_erasure_that_is_cut_off_anywhere_leaves_a_record_that_can_be_read() {
        for cut in 0..=30 {
            let expected = match cut {
                0 => Kind::Sealed,
                30 => Kind::Wiped,
                _ => Kind::Erasing,
            };
            assert_eq!(
                kinds_after_erasing(cut),
                [Ok(expected), Ok(Kind::Statement)],
                "after {cut} bytes"
            );
        }
    }

    #[test]
    fn offsets_are_those_of_the_records() {
        let bytes = segment(&[
            (Kind::Body, vec![1; 9]),
            (Kind::Blob, vec![]),
            (Kind::Statement, vec![2; 8]),
        ]);
        let read: Vec<usize> = records(&bytes, HEADER_LEN)
            .map(|r| r.expect("reads").offset)
            .collect();
        assert_eq!(offsets(&bytes, HEADER_LEN).collect::<Vec<_>>(), read);
        assert_eq!(read.len(), 3);
        let cut = &bytes[..read[2] + RECORD_HEAD_LEN + 3];
        assert_eq!(offsets(cut, HEADER_LEN).collect::<Vec<_>>(), read);
    }

    proptest! {
        #[test]
        fn round_trip_and_every_flipped_bit_is_seen(payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..5), flip in any::<u32>()) {
            let payloads: Vec<_> = payloads.into_iter().map(|p| (Kind::Body, p)).collect();
            let mut bytes = segment(&payloads);
            let read: Result<Vec<_>, _> = records(&bytes, HEADER_LEN).map(|r| r.map(|r| (r.kind, r.payload.to_vec()))).collect();
            prop_assert_eq!(read.as_ref(), Ok(&payloads));
            let used = bytes.len() - 64 - HEADER_LEN;
            let bit = flip as usize % (used * 8);
            bytes[HEADER_LEN + bit / 8] ^= 1 << (bit % 8);
            let damaged: Result<Vec<_>, _> = records(&bytes, HEADER_LEN).map(|r| r.map(|r| (r.kind, r.payload.to_vec()))).collect();
            prop_assert_ne!(damaged, Ok(payloads));
        }

        #[test]
        fn hostile_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(records(&bytes, 0).count() <= 200);
            prop_assert!(offsets(&bytes, 0).count() <= 200);
        }
    }
}
