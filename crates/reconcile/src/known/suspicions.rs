//! Keys of which somebody else may have had the use, and when (docs/formats/custody.md, section 1).

use std::collections::BTreeMap;

use countersign_model::act::Suspicion;
use countersign_model::time::Timestamp;

use crate::number::KeyNo;
use crate::snapshot::coded::coded;

/// One suspicion a key, the last that was said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Suspicions {
    by_key: BTreeMap<KeyNo, Suspicion>,
}

impl Suspicions {
    /// Sets what is said of a key, in place of what was said before.
    pub(crate) fn set(&mut self, key: KeyNo, suspicion: Suspicion) {
        self.by_key.insert(key, suspicion);
        if suspicion.to == Some(suspicion.from) {
            self.by_key.remove(&key);
        }
    }

    /// Whether what the key signed and was recorded then is suspect.
    pub(crate) fn covers(&self, key: KeyNo, recorded: Timestamp) -> bool {
        self.of(key).is_some_and(|said| said.covers(recorded))
    }

    /// What stands of a key.
    pub(crate) fn of(&self, key: KeyNo) -> Option<&Suspicion> {
        if self.by_key.is_empty() {
            return None;
        }
        self.by_key.get(&key)
    }
}

coded! {
    Suspicions { by_key }
}
