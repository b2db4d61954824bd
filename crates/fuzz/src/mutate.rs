//! Deterministic mutation: the same seeds, words and number give the same input for ever, so an
//! input is named by its number and nothing needs to be kept while a run goes well.

use std::ops::Range;

use crate::limits::{COPIES_MAX, EDITS_MAX, INPUT_BYTES_MAX};

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream of one execution of one seed.
    #[must_use]
    pub const fn of(seed: u64, execution: u64) -> Self {
        Self(seed ^ execution.wrapping_mul(0xd605_1f35_7a4b_9d1d))
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; zero if that is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw().checked_rem(bound).unwrap_or_default()
    }

    fn at(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(bound as u64)).unwrap_or_default()
    }

    fn byte(&mut self) -> u8 {
        self.draw().to_le_bytes()[0]
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> Option<&'a T> {
        from.get(self.at(from.len())).copied()
    }

    /// A range of `bytes`, mostly a short one.
    fn range(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.at(bytes.len());
        let left = bytes.len() - start;
        let length = match self.below(4) {
            0 => self.at(left),
            1 => self.at(left.min(64)),
            _ => self.at(left.min(8)),
        };
        start..(start + length + 1).min(bytes.len())
    }
}

/// Values at the edges of integers, of lengths and of our own limits.
const INTERESTING: [u64; 20] = [
    0,
    1,
    2,
    23,
    24,
    31,
    32,
    127,
    128,
    255,
    256,
    4095,
    4096,
    0x7fff,
    0x8000,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
];

/// The input of one execution: a seed, changed a few times.
#[must_use]
pub fn mutated(seeds: &[Vec<u8>], words: &[&[u8]], chance: &mut Chance) -> Vec<u8> {
    let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
    let mut input = chance.pick(&seeds).unwrap_or_default().to_vec();
    // One edit of two is the only one: far from a valid input most parsers look alike.
    let mut edits = 1;
    while edits < EDITS_MAX && chance.below(2) == 0 {
        edits += 1;
    }
    for _ in 0..edits {
        edit(&mut input, &seeds, words, chance);
        input.truncate(INPUT_BYTES_MAX);
    }
    input
}

fn edit(input: &mut Vec<u8>, seeds: &[&[u8]], words: &[&[u8]], chance: &mut Chance) {
    match chance.below(16) {
        0 | 1 => flip_bit(input, chance),
        2 => overwrite(input, &[chance.byte()], chance),
        3 => insert(input, &[chance.byte()], chance),
        4 | 5 => remove(input, chance),
        6 => copy(input, chance),
        7 => splice(input, seeds, chance),
        8 | 9 => add_to_integer(input, chance),
        10 => put_integer(input, chance),
        11 => put_digits(input, chance),
        12 => insert(input, chance.pick(words).unwrap_or(b"\0"), chance),
        13 => overwrite(input, chance.pick(words).unwrap_or(b"\xff"), chance),
        14 => swap(input, chance),
        _ => input.truncate(chance.at(input.len())),
    }
}

fn flip_bit(input: &mut [u8], chance: &mut Chance) {
    let bit = 1 << chance.below(8);
    if let Some(byte) = input.get_mut(chance.at(input.len())) {
        *byte ^= bit;
    }
}

fn overwrite(input: &mut [u8], with: &[u8], chance: &mut Chance) {
    let at = chance.at(input.len());
    let places = input.iter_mut().skip(at);
    for (place, byte) in places.zip(with) {
        *place = *byte;
    }
}

fn insert(input: &mut Vec<u8>, bytes: &[u8], chance: &mut Chance) {
    let at = chance.at(input.len() + 1);
    input.splice(at..at, bytes.iter().copied());
}

fn remove(input: &mut Vec<u8>, chance: &mut Chance) {
    let range = chance.range(input);
    input.drain(range);
}

/// A range again, or again and again: keys twice, elements twice, deep nesting.
fn copy(input: &mut Vec<u8>, chance: &mut Chance) {
    let range = chance.range(input);
    let again = input.get(range.clone()).unwrap_or_default().to_vec();
    let copies = match chance.below(8) {
        0 => chance.below(COPIES_MAX) + 1,
        _ => 1,
    };
    let room = INPUT_BYTES_MAX.saturating_sub(input.len());
    let bytes: Vec<u8> = std::iter::repeat_n(again, usize::try_from(copies).unwrap_or(1))
        .flatten()
        .take(room)
        .collect();
    let at = if chance.below(2) == 0 {
        range.end
    } else {
        chance.at(input.len() + 1)
    };
    input.splice(at..at, bytes);
}

/// A range of another seed, in place of a range or between two bytes.
fn splice(input: &mut Vec<u8>, seeds: &[&[u8]], chance: &mut Chance) {
    let other = chance.pick(seeds).unwrap_or_default();
    let part = other.get(chance.range(other)).unwrap_or_default();
    let mut place = chance.range(input);
    if chance.below(2) == 0 {
        place = place.start..place.start;
    }
    input.splice(place, part.iter().copied());
}

/// Widths of integers and lengths in the formats, in bytes.
const WIDTHS: [usize; 4] = [1, 2, 4, 8];

fn with_integer(input: &mut [u8], chance: &mut Chance, change: impl FnOnce(u64) -> u64) {
    let width = WIDTHS.get(chance.at(WIDTHS.len())).copied().unwrap_or(1);
    let little_endian = chance.below(4) == 0;
    let at = chance.at(input.len());
    let Some(place) = input.get_mut(at..at + width) else {
        return;
    };
    if little_endian {
        place.reverse();
    }
    let value = place.iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
    let bytes = change(value).to_be_bytes();
    let from = bytes.len() - width;
    place.copy_from_slice(bytes.get(from..).unwrap_or_default());
    if little_endian {
        place.reverse();
    }
}

/// Lengths, counts, indexes and sizes that are a little off.
fn add_to_integer(input: &mut [u8], chance: &mut Chance) {
    let step = chance.below(16) + 1;
    let up = chance.below(2) == 0;
    with_integer(input, chance, |value| {
        if up {
            value.wrapping_add(step)
        } else {
            value.wrapping_sub(step)
        }
    });
}

fn interesting(chance: &mut Chance) -> u64 {
    let at = chance.at(INTERESTING.len());
    INTERESTING.get(at).copied().unwrap_or_default()
}

fn put_integer(input: &mut [u8], chance: &mut Chance) {
    let value = interesting(chance);
    with_integer(input, chance, |_| value);
}

/// A number in decimal in place of a run of digits, if there is one.
fn put_digits(input: &mut Vec<u8>, chance: &mut Chance) {
    let from = chance.at(input.len());
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let rest = input.get(from..).unwrap_or_default();
    let Some(skipped) = rest.iter().position(is_digit) else {
        return;
    };
    let digits = rest
        .iter()
        .skip(skipped)
        .take_while(|b| is_digit(b))
        .count();
    let start = from + skipped;
    let number = match chance.below(2) {
        0 => interesting(chance).to_string(),
        _ => chance.below(100).to_string(),
    };
    input.splice(start..start + digits, number.into_bytes());
}

fn swap(input: &mut Vec<u8>, chance: &mut Chance) {
    let range = chance.range(input);
    let taken: Vec<u8> = input.drain(range).collect();
    let at = chance.at(input.len() + 1);
    input.splice(at..at, taken);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(seeds: &[&[u8]], seed: u64) -> Vec<Vec<u8>> {
        let seeds: Vec<Vec<u8>> = seeds.iter().map(|seed| seed.to_vec()).collect();
        let words: [&[u8]; 2] = [b"word", b"{}"];
        (0..2000)
            .map(|n| mutated(&seeds, &words, &mut Chance::of(seed, n)))
            .collect()
    }

    #[test]
    fn the_same_number_gives_the_same_input() {
        let seeds: [&[u8]; 2] = [b"{\"a\":[1,22,333]}", b"\x83\x01\x02\x03"];
        assert_eq!(inputs(&seeds, 7), inputs(&seeds, 7));
        assert_ne!(inputs(&seeds, 7), inputs(&seeds, 8));
    }

    #[test]
    fn inputs_differ_and_stay_within_their_limit() {
        let large = vec![b'1'; INPUT_BYTES_MAX];
        let inputs = inputs(&[b"abcdefgh", &large], 1);
        let all: std::collections::BTreeSet<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
        assert!(all.len() > 1500, "{}", all.len());
        assert!(inputs.iter().all(|input| input.len() <= INPUT_BYTES_MAX));
        assert!(
            inputs
                .iter()
                .any(|input| input.len() > 1000 && input.len() < 60_000)
        );
    }

    #[test]
    fn nothing_to_mutate_is_fine() {
        assert_eq!(inputs(&[], 1).len(), 2000);
        assert_eq!(inputs(&[b""], 1).len(), 2000);
    }
}
