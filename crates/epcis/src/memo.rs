//! A small memory of keys that were read before.
//!
//! A day's events name the same places, parties and manifests over and over, and a unit at
//! each of its steps. Reading a key into its canonical spelling costs more than all else in
//! decoding an event; what was read a moment ago need not be read again. The memory has a
//! fixed size, and what it forgets changes no result.

use std::sync::Arc;

use countersign_model::ids::{ClassId, DocId, PartyId, PlaceId, UnitId};

use crate::limits::{MEMO_OTHERS_MAX, MEMO_UNITS_MAX};

/// Keys of every kind that were read before.
#[derive(Debug, Default)]
pub struct Memo {
    pub(crate) units: Table<UnitId>,
    pub(crate) classes: Table<ClassId>,
    pub(crate) places: Table<PlaceId>,
    pub(crate) parties: Table<PartyId>,
    pub(crate) documents: Table<DocId>,
    /// URIs of any other thing, in the spelling of their keys.
    pub(crate) uris: Table<Arc<str>>,
    /// Whether the check digit of a key is wrong.
    pub(crate) check_digits: Table<bool>,
}

impl Memo {
    /// A memory that remembers nothing, for a single event.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// A memory of the usual size: up to about 30 MB when full.
    #[must_use]
    pub fn usual() -> Self {
        Self {
            units: Table::with_room(MEMO_UNITS_MAX),
            classes: Table::with_room(MEMO_OTHERS_MAX),
            places: Table::with_room(MEMO_OTHERS_MAX),
            parties: Table::with_room(MEMO_OTHERS_MAX),
            documents: Table::with_room(MEMO_OTHERS_MAX),
            uris: Table::with_room(MEMO_OTHERS_MAX),
            check_digits: Table::with_room(MEMO_UNITS_MAX),
        }
    }
}

/// One slot a hash; a newcomer takes the place of what was there.
#[derive(Debug)]
pub(crate) struct Table<K> {
    slots: Vec<Option<Entry<K>>>,
}

#[derive(Debug)]
struct Entry<K> {
    text: Box<str>,
    key: K,
}

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self { slots: Vec::new() }
    }
}

impl<K: Clone> Table<K> {
    fn with_room(entries: usize) -> Self {
        Self {
            slots: std::iter::repeat_with(|| None).take(entries).collect(),
        }
    }

    /// The key that `text` was read as, if that is remembered.
    pub(crate) fn find(&self, text: &str) -> Option<K> {
        let entry = self.slots.get(self.place(text)?)?.as_ref()?;
        (*entry.text == *text).then(|| entry.key.clone())
    }

    /// Remembers what `text` was read as.
    pub(crate) fn remember(&mut self, text: &str, key: &K) {
        if let Some(slot) = self.place(text).and_then(|place| self.slots.get_mut(place)) {
            *slot = Some(Entry {
                text: text.into(),
                key: key.clone(),
            });
        }
    }

    /// The slot of `text`: the low bits of its hash, for there are as many slots as bits can tell.
    fn place(&self, text: &str) -> Option<usize> {
        let last = self.slots.len().checked_sub(1)?;
        usize::try_from(hash(text) & last as u64).ok()
    }
}

const _: () = assert!(
    MEMO_UNITS_MAX.is_power_of_two() && MEMO_OTHERS_MAX.is_power_of_two(),
    "slots are told by bits of the hash"
);

/// Spreads texts over slots; whoever makes texts that meet gains nothing but a slower memory.
fn hash(text: &str) -> u64 {
    let mut chunks = text.as_bytes().chunks_exact(8);
    let mut sum = text.len() as u64;
    for chunk in &mut chunks {
        sum = mix(sum ^ chunk.try_into().map_or(0, u64::from_le_bytes));
    }
    let rest = chunks.remainder().iter();
    mix(rest.fold(sum, |sum, byte| sum.rotate_left(8) ^ u64::from(*byte)))
}

/// Both halves of a long product: every bit of the factor reaches every bit of the sum.
fn mix(word: u64) -> u64 {
    let product = u128::from(word ^ 0x2545_f491_4f6c_dd1d) * 0x9e37_79b9_7f4a_7c15;
    let halves = [product, product >> 64].map(|half| u64::try_from(half & u128::from(u64::MAX)));
    halves.iter().flatten().fold(0, |sum, half| sum ^ half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_was_read() {
        let mut memo = Memo::usual();
        let mut none = Memo::none();
        for at in 0..100_000 {
            let text = format!("https://id.gs1.org/00/34{at:016}");
            let read = UnitId::parse(&text).expect("a key");
            memo.units.remember(&text, &read);
            none.units.remember(&text, &read);
            assert_eq!(memo.units.find(&text), Some(read));
            assert_eq!(none.units.find(&text), None);
        }
        assert_eq!(memo.units.find("urn:x y"), None);
        let known = (0..100_000).filter(|at| {
            let text = format!("https://id.gs1.org/00/34{at:016}");
            memo.units
                .find(&text)
                .is_some_and(|key| key.as_str() == text)
        });
        assert!(known.count() > MEMO_UNITS_MAX / 2);
    }
}
