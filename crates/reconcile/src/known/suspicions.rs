//! Keys of which somebody else may have had the use, and when (docs/formats/custody.md, section 1).

use std::collections::BTreeMap;

use countersign_model::act::Suspicion;
use countersign_model::ids::KeyId;
use countersign_model::time::Timestamp;

use crate::history::Place;
use crate::number::{KeyNo, Number as _, Table};

/// One suspicion a key, the last that was said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Suspicions {
    numbers: BTreeMap<KeyId, KeyNo>,
    by_key: BTreeMap<KeyNo, Suspicion>,
    /// The newest record of each key, by arrival.
    newest: Table<KeyNo, Option<Place>>,
}

impl Suspicions {
    /// The number of a key.
    pub(crate) fn key(&mut self, key: KeyId) -> KeyNo {
        let next = KeyNo::of(self.numbers.len());
        *self.numbers.entry(key).or_insert(next)
    }

    pub(crate) fn newest(&self, key: KeyNo) -> Option<Place> {
        self.newest.get(key).copied().flatten()
    }

    pub(crate) fn set_newest(&mut self, key: KeyNo, place: Place) {
        self.newest.fill(key.at() + 1, &None);
        *self.newest.row_mut(key) = Some(place);
    }

    /// Sets what is said of a key, in place of what was said before.
    pub(crate) fn set(&mut self, suspicion: Suspicion) -> KeyNo {
        let key = self.key(suspicion.key);
        self.by_key.insert(key, suspicion);
        if suspicion.to == Some(suspicion.from) {
            self.by_key.remove(&key);
        }
        key
    }

    /// Whether what the key signed and was recorded then is suspect.
    pub(crate) fn covers(&self, key: KeyNo, recorded: Timestamp) -> bool {
        if self.by_key.is_empty() {
            return false;
        }
        let said = self.by_key.get(&key);
        said.is_some_and(|said| said.covers(recorded))
    }

    /// What stands, by key.
    pub(crate) fn standing(&self) -> impl Iterator<Item = &Suspicion> {
        let keys = self.numbers.values();
        keys.filter_map(|key| self.by_key.get(key))
    }
}
