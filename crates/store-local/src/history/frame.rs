//! What stands before records and pages of the history.

use countersign_model::entry::{ClaimRef, Index};

use crate::crc32c::crc32c;

/// Bytes before a record.
pub(super) const FRAME_BYTES: usize = 20;
/// Bytes before the rest of a page.
pub(super) const HEAD_BYTES: usize = 24;
/// What a check is of.
const OF_HEAD: u8 = 1;
const OF_RECORD: u8 = 2;

/// What stands before a record, without its check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) length: u32,
    pub(super) of: ClaimRef,
}

/// What stands before a page, without its check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) of: ClaimRef,
    pub(super) begins: u64,
}

impl Frame {
    pub(super) fn encode(self, check: u32) -> [u8; FRAME_BYTES] {
        let mut out = [0; FRAME_BYTES];
        let (first, rest) = out.split_at_mut(4);
        first.copy_from_slice(&check.to_be_bytes());
        rest.copy_from_slice(&self.bytes());
        out
    }

    pub(super) fn decode(bytes: [u8; FRAME_BYTES]) -> (u32, Self) {
        let [c0, c1, c2, c3, l0, l1, l2, l3, of @ ..] = bytes;
        let frame = Self {
            length: u32::from_be_bytes([l0, l1, l2, l3]),
            of: claim_of(of),
        };
        (u32::from_be_bytes([c0, c1, c2, c3]), frame)
    }

    fn bytes(self) -> [u8; FRAME_BYTES - 4] {
        let mut out = [0; FRAME_BYTES - 4];
        let (length, of) = out.split_at_mut(4);
        length.copy_from_slice(&self.length.to_be_bytes());
        of.copy_from_slice(&bytes_of(self.of));
        out
    }

    pub(super) fn check(self, seed: u32, at: u64, record: &[u8]) -> u32 {
        // In one piece: short ones are dear.
        let mut before = [0; 25];
        let (tag, rest) = before.split_at_mut(1);
        let (place, frame) = rest.split_at_mut(8);
        tag.copy_from_slice(&[OF_RECORD]);
        place.copy_from_slice(&at.to_be_bytes());
        frame.copy_from_slice(&self.bytes());
        crc32c(crc32c(seed, &before), record)
    }
}

impl Head {
    pub(super) fn encode(self, seed: u32, page: u64) -> [u8; HEAD_BYTES] {
        let mut out = [0; HEAD_BYTES];
        let (of, rest) = out.split_at_mut(12);
        let (begins, check) = rest.split_at_mut(8);
        of.copy_from_slice(&bytes_of(self.of));
        begins.copy_from_slice(&self.begins.to_be_bytes());
        check.copy_from_slice(&self.check(seed, page).to_be_bytes());
        out
    }

    pub(super) fn decode(bytes: &[u8; HEAD_BYTES], seed: u32, page: u64) -> Option<Self> {
        let (of, rest) = bytes.split_first_chunk()?;
        let (begins, check) = rest.split_first_chunk()?;
        let head = Self {
            of: claim_of(*of),
            begins: u64::from_be_bytes(*begins),
        };
        (*check == head.check(seed, page).to_be_bytes()).then_some(head)
    }

    pub(super) fn check(self, seed: u32, page: u64) -> u32 {
        let of_page = crc32c(crc32c(seed, &[OF_HEAD]), &page.to_be_bytes());
        let of_claim = crc32c(of_page, &bytes_of(self.of));
        crc32c(of_claim, &self.begins.to_be_bytes())
    }
}

fn bytes_of(claim: ClaimRef) -> [u8; 12] {
    let mut out = [0; 12];
    let (index, ordinal) = out.split_at_mut(8);
    index.copy_from_slice(&claim.index.0.to_be_bytes());
    ordinal.copy_from_slice(&claim.ordinal.to_be_bytes());
    out
}

const fn claim_of(bytes: [u8; 12]) -> ClaimRef {
    let [a, b, c, d, e, f, g, h, ordinal @ ..] = bytes;
    ClaimRef {
        index: Index(u64::from_be_bytes([a, b, c, d, e, f, g, h])),
        ordinal: u32::from_be_bytes(ordinal),
    }
}
