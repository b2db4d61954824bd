//! By how much the clocks of devices are off, as acts say (docs/formats/custody.md, section 1).

use std::collections::BTreeMap;

use countersign_model::fold::ChainPosition;

use crate::number::KeyNo;
use crate::snapshot::coded::coded;

/// From which statement of a key on which offset holds.
type Offsets = BTreeMap<ChainPosition, Option<i64>>;

/// One word for each key and position, the last that was said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clocks {
    by_key: BTreeMap<KeyNo, Offsets>,
}

impl Clocks {
    /// Sets what is said of a key, in place of what was said before of the same statements.
    pub(crate) fn set(&mut self, key: KeyNo, from: ChainPosition, offset_ms: Option<i64>) {
        self.by_key.entry(key).or_default().insert(from, offset_ms);
    }

    /// What is subtracted from the times of a statement, in milliseconds; `None` if nothing was said.
    pub(crate) fn offset_ms(&self, key: KeyNo, at: ChainPosition) -> Option<i64> {
        if self.by_key.is_empty() {
            return None;
        }
        let offsets = self.by_key.get(&key)?;
        offsets.range(..=at).next_back().and_then(|(_, ms)| *ms)
    }

    /// All that was said of a key, by position.
    pub(crate) fn of(&self, key: KeyNo) -> impl Iterator<Item = (ChainPosition, Option<i64>)> {
        let offsets = self.by_key.get(&key).into_iter().flatten();
        offsets.map(|(from, ms)| (*from, *ms))
    }
}

coded! {
    Clocks { by_key }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Number as _;

    #[test]
    fn an_offset_holds_until_the_next_word() {
        let at = |epoch, counter| ChainPosition { epoch, counter };
        let (key, other) = (KeyNo::of(0), KeyNo::of(1));
        let mut clocks = Clocks::default();
        clocks.set(key, at(1, 5), Some(60));
        clocks.set(key, at(1, 9), None);
        clocks.set(key, at(2, 1), Some(-7));
        clocks.set(key, at(1, 5), Some(50));
        let found = [(1, 4), (1, 5), (1, 8), (1, 9), (1, 99), (2, 1)]
            .map(|(epoch, counter)| clocks.offset_ms(key, at(epoch, counter)));
        assert_eq!(found, [None, Some(50), Some(50), None, None, Some(-7)]);
        assert_eq!(clocks.offset_ms(other, at(1, 5)), None);
    }
}
