//! From a hash to numbers, at eight bytes a slot, growing a little with each insertion.
//!
//! Open addressing with linear probing. Beside the number a slot has the half of the hash that says
//! where it lies: a neighbour's key, far away in memory, is read only if that half is the same, and none
//! is read to move a slot. When three quarters of the slots are taken a table of twice the size is begun,
//! and each insertion moves a few slots over, so that no single one has to wait for all of them. What a
//! number stands for is kept by the caller.

/// Slots of the smallest table.
const FIRST_SLOTS: usize = 16;
/// Slots of the old table that an insertion moves on. The new table takes in at least half of the
/// old one's slots before it is full itself, so that four an insertion are in time.
const MOVED_AT_ONCE: usize = 8;

/// A number, and the upper half of the hash of what it stands for: the bits that depend on all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Slot {
    half: u32,
    /// The number plus one; 0 where there is none.
    taken: u32,
}

impl Slot {
    fn of(hash: u64, number: u32) -> Self {
        Self {
            half: half(hash),
            taken: number + 1,
        }
    }

    const fn is_empty(self) -> bool {
        self.taken == 0
    }
}

/// Numbers by hash; see the module. At most `u32::MAX` - 1 of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots {
    /// A power of two of them.
    slots: Vec<Slot>,
    /// The table before; all that it held stays there until all of it is moved.
    before: Vec<Slot>,
    moved: usize,
    len: usize,
}

impl Slots {
    /// With the numbers from 0 on, each of which is there once.
    pub(crate) fn filled(len: usize, hash_of: impl Fn(u32) -> u64) -> Self {
        let room = (len + 1) * 4 / 3 + 1;
        let mut slots = vec![Slot::default(); room.next_power_of_two().max(FIRST_SLOTS)];
        for number in (0..).take(len) {
            put(&mut slots, Slot::of(hash_of(number), number));
        }
        Self {
            slots,
            len,
            ..Self::default()
        }
    }

    /// The number with that hash that `is_it` knows again.
    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let half = half(hash);
        find_in(&self.slots, half, &is_it).or_else(|| find_in(&self.before, half, &is_it))
    }

    /// Adds a number that is not there.
    pub(crate) fn insert(&mut self, hash: u64, number: u32) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            // Whatever is left of the table before must not be lost.
            self.move_on(usize::MAX);
            let larger = (self.slots.len() * 2).max(FIRST_SLOTS);
            self.before = std::mem::replace(&mut self.slots, vec![Slot::default(); larger]);
            self.moved = 0;
        }
        self.move_on(MOVED_AT_ONCE);
        put(&mut self.slots, Slot::of(hash, number));
        self.len += 1;
    }

    fn move_on(&mut self, count: usize) {
        if self.before.is_empty() {
            return;
        }
        let end = self.moved.saturating_add(count).min(self.before.len());
        for slot in self.before.get(self.moved..end).unwrap_or_default() {
            if !slot.is_empty() {
                put(&mut self.slots, *slot);
            }
        }
        self.moved = end;
        if end == self.before.len() {
            self.before = Vec::new();
        }
    }
}

fn half(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or_default()
}

fn find_in(slots: &[Slot], half: u32, is_it: &impl Fn(u32) -> bool) -> Option<u32> {
    for at in probes(slots.len(), half) {
        let slot = slots.get(at).filter(|slot| !slot.is_empty())?;
        let number = slot.taken - 1;
        if slot.half == half && is_it(number) {
            return Some(number);
        }
    }
    None
}

fn put(slots: &mut [Slot], new: Slot) {
    for at in probes(slots.len(), new.half) {
        if let Some(slot) = slots.get_mut(at)
            && slot.is_empty()
        {
            *slot = new;
            return;
        }
    }
    unreachable!("a quarter of the slots is always free");
}

/// Where to look, in order.
fn probes(slots: usize, half: u32) -> impl Iterator<Item = usize> {
    let mask = slots.wrapping_sub(1);
    let first = usize::try_from(half).unwrap_or_default();
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
            slots.insert(hash_of(number), number);
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
                slots.insert(hash_of(number), number);
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
            slots.insert(7 << 32, number);
        }
        for number in 0..100 {
            assert_eq!(slots.find(7 << 32, |other| other == number), Some(number));
        }
        assert_eq!(slots.find(7 << 32, |other| other == 100), None);
    }
}
