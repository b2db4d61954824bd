//! Chance: ChaCha20 under a seed and a label, so that each part of the world draws from a
//! stream of its own and a change in one part leaves the others as they were.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

use crate::clock::Day;

/// A stream of chance.
#[derive(Clone, Debug)]
pub(crate) struct Chance(ChaCha20Rng);

impl Chance {
    /// The stream of `label` in the world of `seed`.
    pub(crate) fn of(seed: u64, label: &str) -> Self {
        let hash = Sha256::new()
            .chain_update(b"countersign/sim/v1\0")
            .chain_update(seed.to_be_bytes())
            .chain_update(label.as_bytes());
        Self(ChaCha20Rng::from_seed(hash.finalize().into()))
    }

    /// The stream of `label` on one day; of the first day it is that of the world.
    pub(crate) fn of_day(seed: u64, day: Day, label: &str) -> Self {
        match day {
            Day(0) => Self::of(seed, label),
            Day(number) => Self::of(seed, &format!("{label}/{number}")),
        }
    }

    /// A number below `n`, evenly; 0 when `n` is 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        // Draws beyond the last whole multiple of `n` would favour small numbers.
        let fair = u64::MAX - u64::MAX % n;
        loop {
            let draw = self.0.next_u64();
            if draw < fair {
                return draw % n;
            }
        }
    }

    /// An index below `len`; 0 when `len` is 0.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high - low).unwrap_or(0) + 1;
        low + i64::try_from(self.below(width)).unwrap_or(0)
    }

    /// A count from `low` to `high`, both included.
    pub(crate) fn count(&mut self, low: usize, high: usize) -> usize {
        low + self.index(high.saturating_sub(low) + 1)
    }

    /// True in `per_mille` of a thousand cases.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of `items`.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.index(items.len()))
    }

    /// Fisher and Yates.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            let other = self.index(at + 1);
            items.swap(at, other);
        }
    }

    /// `n` of `items`, in the order of `items`; all when there are fewer.
    pub(crate) fn some_of<T: Copy + Ord>(&mut self, items: &[T], n: usize) -> Vec<T> {
        let mut drawn: Vec<usize> = (0..items.len()).collect();
        self.shuffle(&mut drawn);
        drawn.truncate(n);
        drawn.sort_unstable();
        drawn
            .into_iter()
            .filter_map(|at| items.get(at).copied())
            .collect()
    }

    /// Random bytes: keys, salts, ids.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.0.fill_bytes(&mut out);
        out
    }

    /// A random UUID (version 4) as `urn:uuid:…`.
    pub(crate) fn uuid(&mut self) -> String {
        let mut bytes: [u8; 16] = self.bytes();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = countersign_model::digest::hex(&bytes);
        let mut out = String::from("urn:uuid:");
        for (at, digit) in hex.chars().enumerate() {
            if [8, 12, 16, 20].contains(&at) {
                out.push('-');
            }
            out.push(digit);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn the_same_seed_and_label_give_the_same_stream() {
        let draw = |seed, label| Chance::of(seed, label).bytes::<32>();
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
    }

    #[test]
    fn draws_stay_in_their_bounds() {
        let mut chance = Chance::of(7, "bounds");
        for _ in 0..1000 {
            assert!((-3..=4).contains(&chance.between(-3, 4)));
            assert!(chance.below(7) < 7);
            assert!((2..=5).contains(&chance.count(2, 5)));
        }
        assert_eq!(chance.below(0), 0);
        assert_eq!(chance.some_of(&[1, 2, 3], 9), [1, 2, 3]);
        let uuid = chance.uuid();
        assert_eq!((uuid.len(), uuid.as_bytes()[23]), (45, b'4'));
    }
}
