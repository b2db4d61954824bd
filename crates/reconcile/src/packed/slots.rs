//! From a hash to numbers, at four bytes a slot, growing a little with each insertion.
//!
//! Open addressing with linear probing. When three quarters of the slots are taken a table of
//! twice the size is begun, and each insertion moves a few slots over, so that no single one has
//! to wait for all of them. What a number stands for, and its hash, is kept by the caller.

/// Slots of the smallest table.
const FIRST_SLOTS: usize = 16;
/// Slots of the old table that an insertion moves on. The new table takes in at least half of the
/// old one's slots before it is full itself, so that four an insertion are in time.
const MOVED_AT_ONCE: usize = 8;
const EMPTY: u32 = 0;

/// Numbers by hash; see the module. At most `u32::MAX` - 1 of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots {
    /// A number plus one, or [`EMPTY`]. A power of two of them.
    slots: Vec<u32>,
    /// The table before; all that it held stays there until all of it is moved.
    before: Vec<u32>,
    moved: usize,
    len: usize,
}

impl Slots {
    /// With the numbers from 0 on, each of which is there once.
    pub(crate) fn filled(len: usize, hash_of: impl Fn(u32) -> u64) -> Self {
        let room = (len + 1) * 4 / 3 + 1;
        let mut slots = vec![EMPTY; room.next_power_of_two().max(FIRST_SLOTS)];
        for number in (0..).take(len) {
            put(&mut slots, hash_of(number), number);
        }
        Self {
            slots,
            len,
            ..Self::default()
        }
    }

    /// The number with that hash that `is_it` knows again.
    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        find_in(&self.slots, hash, &is_it).or_else(|| find_in(&self.before, hash, &is_it))
    }

    /// Adds a number that is not there; `hash_of` gives the hash of one that was added before.
    pub(crate) fn insert(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            // Whatever is left of the table before must not be lost.
            self.move_on(usize::MAX, &hash_of);
            let larger = (self.slots.len() * 2).max(FIRST_SLOTS);
            self.before = std::mem::replace(&mut self.slots, vec![EMPTY; larger]);
            self.moved = 0;
        }
        self.move_on(MOVED_AT_ONCE, &hash_of);
        put(&mut self.slots, hash, number);
        self.len += 1;
    }

    fn move_on(&mut self, count: usize, hash_of: &impl Fn(u32) -> u64) {
        if self.before.is_empty() {
            return;
        }
        let end = self.moved.saturating_add(count).min(self.before.len());
        for slot in self.before.get(self.moved..end).unwrap_or_default() {
            if *slot != EMPTY {
                put(&mut self.slots, hash_of(*slot - 1), *slot - 1);
            }
        }
        self.moved = end;
        if end == self.before.len() {
            self.before = Vec::new();
        }
    }
}

fn find_in(slots: &[u32], hash: u64, is_it: &impl Fn(u32) -> bool) -> Option<u32> {
    for at in probes(slots.len(), hash) {
        match slots.get(at) {
            None | Some(&EMPTY) => return None,
            Some(taken) if is_it(*taken - 1) => return Some(*taken - 1),
            Some(_) => {}
        }
    }
    None
}

fn put(slots: &mut [u32], hash: u64, number: u32) {
    for at in probes(slots.len(), hash) {
        if let Some(slot) = slots.get_mut(at)
            && *slot == EMPTY
        {
            *slot = number + 1;
            return;
        }
    }
    unreachable!("a quarter of the slots is always free");
}

/// Where to look, in order. The upper bits of a hash are those that depend on all of the key.
fn probes(slots: usize, hash: u64) -> impl Iterator<Item = usize> {
    let mask = slots.wrapping_sub(1);
    let first = usize::try_from(hash >> 32).unwrap_or_default();
    (0..slots).map(move |step| first.wrapping_add(step) & mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(number: u32) -> u64 {
        u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    #[test]
    fn what_was_added_is_found_while_the_table_grows() {
        let mut slots = Slots::default();
        for number in 0..5_000 {
            assert_eq!(slots.find(hash_of(number), |other| other == number), None);
            slots.insert(hash_of(number), number, hash_of);
            for known in [0, number / 2, number] {
                let found = slots.find(hash_of(known), |other| other == known);
                assert_eq!(found, Some(known), "of {number}");
            }
        }
    }

    #[test]
    fn what_was_filled_in_is_found_and_the_table_goes_on() {
        for len in [0, 1, 11, 12, 3_000] {
            let mut slots = Slots::filled(len as usize, hash_of);
            for number in len..2 * len + 20 {
                slots.insert(hash_of(number), number, hash_of);
            }
            for number in 0..2 * len + 20 {
                let found = slots.find(hash_of(number), |other| other == number);
                assert_eq!(found, Some(number), "of {len}");
            }
        }
    }

    #[test]
    fn equal_hashes_are_told_apart() {
        let mut slots = Slots::default();
        for number in 0..100 {
            slots.insert(7 << 32, number, |_| 7 << 32);
        }
        for number in 0..100 {
            assert_eq!(slots.find(7 << 32, |other| other == number), Some(number));
        }
        assert_eq!(slots.find(7 << 32, |other| other == 100), None);
    }
}
