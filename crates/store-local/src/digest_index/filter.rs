//! A Bloom filter in blocks of one cache line. It only spares reads: 'no' is sure, 'yes' is not.
//!
//! Keys are digests, so their own bytes are the hash: the last 8 bytes of the prefix choose a
//! block of 512 bits, and 63 bits of the first 8 choose seven bits in it. Somebody who makes
//! digests that fall into one block makes reads, no wrong answers.

use std::fmt;

use super::record::words;
use crate::crc32c::crc32c;
use crate::limits::FILTER_BITS_PER_KEY;

/// Bytes of a block.
pub(super) const BLOCK_LEN: usize = 64;
const BLOCK_BITS: u64 = 512;
/// Bits that a key sets in its block.
const BITS_PER_KEY: u32 = 7;
/// Bits of a number below [`BLOCK_BITS`].
const BITS_OF_A_PLACE: u32 = 9;

/// One cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Block([u64; 8]);

/// Which keys a run may hold.
pub(super) struct Filter {
    blocks: Vec<Block>,
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({} blocks)", self.blocks.len())
    }
}

/// Word and bit of each of a key's bits.
fn places(prefix: u128) -> impl Iterator<Item = (usize, u64)> {
    let (high, _) = words(prefix);
    (0..BITS_PER_KEY).map(move |which| {
        let place = (high >> (which * BITS_OF_A_PLACE)) % BLOCK_BITS;
        let word = usize::try_from(place / 64).unwrap_or(0);
        (word, 1 << (place % 64))
    })
}

impl Filter {
    /// An empty one for `count` keys.
    pub(super) fn for_keys(count: u64) -> Self {
        let blocks = (count * FILTER_BITS_PER_KEY).div_ceil(BLOCK_BITS).max(1);
        let blocks = usize::try_from(blocks).unwrap_or(usize::MAX);
        Self {
            blocks: vec![Block([0; 8]); blocks],
        }
    }

    fn which(&self, prefix: u128) -> usize {
        let (_, low) = words(prefix);
        let which = (u128::from(low) * self.blocks.len() as u128) >> 64;
        usize::try_from(which).unwrap_or(0)
    }

    pub(super) fn add(&mut self, prefix: u128) {
        let which = self.which(prefix);
        if let Some(Block(bits)) = self.blocks.get_mut(which) {
            for (word, bit) in places(prefix) {
                if let Some(word) = bits.get_mut(word) {
                    *word |= bit;
                }
            }
        }
    }

    /// Whether a key may be there. All seven bits are looked at: they lie in one cache line, and
    /// no branch is mispredicted.
    pub(super) fn may_hold(&self, prefix: u128) -> bool {
        // A block that is not there would be a bug; to say 'perhaps' is never wrong.
        let Some(Block(bits)) = self.blocks.get(self.which(prefix)) else {
            return true;
        };
        let missing = places(prefix).fold(0, |missing, (word, bit)| {
            missing | (bit & !bits.get(word).copied().unwrap_or(u64::MAX))
        });
        missing == 0
    }

    /// How many blocks.
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Hands its bytes out in pieces of up to 64 KiB; returns the check over them.
    pub(super) fn write<E>(&self, mut out: impl FnMut(&[u8]) -> Result<(), E>) -> Result<u32, E> {
        let mut check = 0;
        for blocks in self.blocks.chunks(1024) {
            let words = blocks.iter().flat_map(|Block(words)| words);
            let bytes: Vec<u8> = words.flat_map(|word| word.to_be_bytes()).collect();
            check = crc32c(check, &bytes);
            out(&bytes)?;
        }
        Ok(check)
    }

    /// Takes bytes that [`Filter::write`] made, piece by piece; returns the check over them.
    pub(super) fn read<E>(
        blocks: usize,
        mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
    ) -> Result<(Self, u32), E> {
        let mut filter = Self {
            blocks: Vec::with_capacity(blocks),
        };
        let mut check = 0;
        let mut bytes = vec![0; 1024 * BLOCK_LEN];
        while filter.blocks.len() < blocks {
            bytes.truncate((blocks - filter.blocks.len()) * BLOCK_LEN);
            fill(&mut bytes)?;
            check = crc32c(check, &bytes);
            let (words, _) = bytes.as_chunks::<8>();
            let (lines, _) = words.as_chunks::<8>();
            let read = lines.iter().map(|line| Block(line.map(u64::from_be_bytes)));
            filter.blocks.extend(read);
        }
        Ok((filter, check))
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::digest::Digest;

    use super::super::record::prefix_of;
    use super::*;

    fn prefix(number: u64) -> u128 {
        prefix_of(&Digest::of(&number.to_be_bytes()))
    }

    /// Absent keys of 100,000 that a filter for `count` keys lets through.
    fn check(count: u64, expect_max: usize) {
        let mut filter = Filter::for_keys(count);
        (0..count).for_each(|number| filter.add(prefix(number)));
        assert!((0..count).all(|number| filter.may_hold(prefix(number))));
        let absent = (count..count + 100_000).map(prefix);
        let through = absent.filter(|prefix| filter.may_hold(*prefix)).count();
        assert!(through <= expect_max, "{through} of {count}");

        let mut bytes = Vec::new();
        let written = filter.write(|piece| {
            bytes.extend_from_slice(piece);
            Ok::<(), ()>(())
        });
        let mut rest = bytes.as_slice();
        let read = Filter::read(filter.len(), |piece| {
            let (front, back) = rest.split_at(piece.len());
            piece.copy_from_slice(front);
            rest = back;
            Ok::<(), ()>(())
        });
        let (again, check) = read.expect("reads");
        assert_eq!(Ok(check), written);
        assert!(rest.is_empty());
        assert!((0..count).all(|number| again.may_hold(prefix(number))));
    }

    #[test]
    fn no_key_is_denied_and_few_others_pass() {
        check(0, 0);
        check(1, 100);
        check(1_000, 1_000);
        check(100_000, 800);
    }
}
