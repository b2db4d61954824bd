//! Keys that signed, by number.

use std::collections::BTreeMap;

use countersign_model::ids::KeyId;

use crate::history::Place;
use crate::number::{KeyNo, Number as _, Table};
use crate::snapshot::coded::coded;

#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    numbers: BTreeMap<KeyId, KeyNo>,
    /// The newest record of each key, by arrival.
    newest: Table<KeyNo, Option<Place>>,
}

impl Keys {
    /// The number of a key.
    pub(crate) fn number(&mut self, key: KeyId) -> KeyNo {
        let next = KeyNo::of(self.numbers.len());
        *self.numbers.entry(key).or_insert(next)
    }

    /// Every key that has a number, by its id.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = (&KeyId, KeyNo)> {
        self.numbers.iter().map(|(key, number)| (key, *number))
    }

    pub(crate) fn newest(&self, key: KeyNo) -> Option<Place> {
        self.newest.get(key).copied().flatten()
    }

    pub(crate) fn set_newest(&mut self, key: KeyNo, place: Place) {
        self.newest.fill(key.at() + 1, &None);
        *self.newest.row_mut(key) = Some(place);
    }
}

coded! {
    Keys { numbers, newest }
}
