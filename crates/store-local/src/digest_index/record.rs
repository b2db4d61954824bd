//! One record: the first 16 bytes of a digest, and where it stands. 28 bytes: prefix, index
//! (u64), ordinal (u32), big-endian, so that the order of bytes is the order of records.

use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};

/// Bytes of a record.
pub(super) const RECORD_LEN: usize = 28;

/// A key and where it stands, ordered by both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Record {
    pub(super) prefix: u128,
    pub(super) at: ClaimRef,
}

/// The first 16 bytes of a digest as a number.
pub(super) fn prefix_of(key: &Digest) -> u128 {
    let [prefix, _] = halves(key.as_bytes());
    u128::from_be_bytes(prefix)
}

fn halves(bytes: &[u8; 32]) -> [[u8; 16]; 2] {
    let (chunks, _) = bytes.as_chunks::<16>();
    let mut halves = [[0; 16]; 2];
    halves.copy_from_slice(chunks);
    halves
}

/// The first and the last 8 bytes of a prefix.
pub(super) fn words(prefix: u128) -> (u64, u64) {
    let low = prefix & u128::from(u64::MAX);
    let word = |part: u128| u64::try_from(part).unwrap_or(u64::MAX);
    (word(prefix >> 64), word(low))
}

impl Record {
    /// The smallest record that a key can have.
    pub(super) fn first_of(prefix: u128) -> Self {
        let at = ClaimRef {
            index: Index(0),
            ordinal: 0,
        };
        Self { prefix, at }
    }

    /// The largest record that a key can have.
    pub(super) fn last_of(prefix: u128) -> Self {
        let at = ClaimRef {
            index: Index(u64::MAX),
            ordinal: u32::MAX,
        };
        Self { prefix, at }
    }

    pub(super) fn encode(&self) -> [u8; RECORD_LEN] {
        let mut out = [0; RECORD_LEN];
        let (prefix, rest) = out.split_at_mut(16);
        let (index, ordinal) = rest.split_at_mut(8);
        prefix.copy_from_slice(&self.prefix.to_be_bytes());
        index.copy_from_slice(&self.at.index.0.to_be_bytes());
        ordinal.copy_from_slice(&self.at.ordinal.to_be_bytes());
        out
    }

    pub(super) fn decode(bytes: &[u8; RECORD_LEN]) -> Self {
        let number = |part: &[u8]| {
            part.iter()
                .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte))
        };
        let (_, rest) = bytes.split_at(16);
        let (index, ordinal) = rest.split_at(8);
        let at = ClaimRef {
            index: Index(number(index)),
            ordinal: u32::try_from(number(ordinal)).unwrap_or(u32::MAX),
        };
        Self {
            prefix: Self::prefix(bytes),
            at,
        }
    }

    /// The key of an encoded record.
    pub(super) fn prefix(bytes: &[u8; RECORD_LEN]) -> u128 {
        let prefix = bytes.first_chunk::<16>().copied().unwrap_or_default();
        u128::from_be_bytes(prefix)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record((prefix, index, ordinal): (u128, u64, u32)) -> Record {
        let index = Index(index);
        let at = ClaimRef { index, ordinal };
        Record { prefix, at }
    }

    proptest! {
        #[test]
        fn bytes_come_back_and_keep_the_order(a: (u128, u64, u32), b: (u128, u64, u32)) {
            let (a, b) = (record(a), record(b));
            prop_assert_eq!(Record::decode(&a.encode()), a);
            prop_assert_eq!(a.encode().cmp(&b.encode()), a.cmp(&b));
            prop_assert_eq!(Record::prefix(&a.encode()), a.prefix);
            prop_assert!(Record::first_of(a.prefix) <= a && a <= Record::last_of(a.prefix));
        }

        #[test]
        fn a_prefix_is_the_first_half_of_a_digest(bytes: [u8; 32]) {
            let prefix = prefix_of(&Digest::new(bytes));
            prop_assert_eq!(&prefix.to_be_bytes()[..], &bytes[..16]);
            let (high, low) = words(prefix);
            prop_assert_eq!((u128::from(high) << 64) | u128::from(low), prefix);
        }
    }
}
