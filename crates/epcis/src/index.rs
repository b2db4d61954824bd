//! Where a name stands in a list that is known when this is compiled.
//!
//! Every member of every event is looked up by its name, in lists of up to 72 names. The index
//! is a table of 256 slots, filled by the compiler: a few bytes of a name say at which slot to
//! begin, and mostly the one name that stands there is compared.

/// Slots of an index, one for each value of the hash.
const SLOTS: usize = 256;
const EMPTY: u8 = u8::MAX;

/// The places of some names, at most [`Index::NAMES_MAX`], in a list that stands elsewhere.
#[derive(Debug)]
pub(crate) struct Index {
    slots: [u8; SLOTS],
}

impl Index {
    /// Half of the slots stay empty, so that what is not there is missed soon.
    pub(crate) const NAMES_MAX: usize = SLOTS / 2;

    /// No name.
    pub(crate) const fn new() -> Self {
        Self {
            slots: [EMPTY; SLOTS],
        }
    }

    /// The names of a list.
    #[expect(
        clippy::indexing_slicing,
        reason = "evaluated by the compiler, which refuses a panic"
    )]
    pub(crate) const fn of(names: &[&str]) -> Self {
        let mut index = Self::new();
        let mut place = 0;
        while place < names.len() {
            index = index.with(names[place], place);
            place += 1;
        }
        index
    }

    /// This and one name more. Evaluated by the compiler alone, which refuses a panic.
    #[expect(
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "a hash is a slot, and a place is less than the names there may be"
    )]
    pub(crate) const fn with(mut self, name: &str, place: usize) -> Self {
        assert!(place < Self::NAMES_MAX, "too many names");
        let mut slot = hash(name.as_bytes());
        while self.slots[slot as usize] != EMPTY {
            slot = slot.wrapping_add(1);
        }
        self.slots[slot as usize] = place as u8;
        self
    }

    /// The place of `name`; `name_at` tells the name that stands at a place.
    pub(crate) fn find<'n>(
        &self,
        name: &str,
        name_at: impl Fn(usize) -> Option<&'n str>,
    ) -> Option<usize> {
        let mut slot = hash(name.as_bytes());
        loop {
            let place = self.slots.get(usize::from(slot)).copied();
            let place = usize::from(place.filter(|place| *place != EMPTY)?);
            if name_at(place) == Some(name) {
                return Some(place);
            }
            slot = slot.wrapping_add(1);
        }
    }
}

/// The length, and the bytes at the beginning, in the middle and at the end.
const fn hash(name: &[u8]) -> u8 {
    let (Some(first), Some(last)) = (name.first(), name.last()) else {
        return 0;
    };
    #[expect(
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "the middle of what is not empty; of the length the low bits do"
    )]
    let (middle, len) = (name[name.len() / 2], name.len() as u8);
    let ends = first.wrapping_mul(7).wrapping_add(last.wrapping_mul(101));
    ends.wrapping_add(middle.wrapping_mul(31))
        .wrapping_add(len.wrapping_mul(37))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::EVENT;
    use crate::vocab::Vocabulary;

    fn check(names: &[&str]) {
        let index = Index::of(names);
        let find = |name: &str| index.find(name, |place| names.get(place).copied());
        for (place, name) in names.iter().enumerate() {
            assert_eq!(find(name), Some(place), "{name}");
            let longer = format!("{name}x");
            let expect = names.iter().position(|name| *name == longer);
            assert_eq!(find(&longer), expect, "{longer}");
        }
        for name in ["", "x", "\u{e9}"] {
            let expect = names.iter().position(|other| *other == name);
            assert_eq!(find(name), expect, "{name}");
        }
    }

    #[test]
    fn every_name_is_found_at_its_place_and_no_other_is() {
        let members: Vec<&str> = EVENT.members.iter().map(|member| member.name).collect();
        check(&members);
        check(Vocabulary::Measurement.terms());
        check(Vocabulary::BizStep.terms());
        check(&["", "a", "aa", "aaa"]);
        check(&[]);
    }
}
