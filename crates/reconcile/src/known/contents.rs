//! What was ever said to be in a container. Whether it is there at an instant follows from the
//! observations (`containment.rs`); this says whom an observation of the container may concern.

use std::collections::BTreeSet;

use super::Known;
use crate::history::bytes::{Reader, Writer};
use crate::limits::CONTAINERS_DEEP_MAX;
use crate::number::{Number as _, UnitNo};
use crate::snapshot::coded::Coded;

/// Keys of containers, each with a key that was in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contents(BTreeSet<(UnitNo, UnitNo)>);

impl Contents {
    pub(crate) fn add(&mut self, container: UnitNo, content: UnitNo) {
        if container != content {
            self.0.insert((container, content));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the one was ever in the other.
    pub(crate) fn held(&self, container: UnitNo, content: UnitNo) -> bool {
        self.0.contains(&(container, content))
    }

    /// All that was ever in a container, by one of its keys.
    pub(crate) fn of(&self, container: UnitNo) -> impl Iterator<Item = UnitNo> {
        let all = (container, UnitNo::FIRST)..=(container, UnitNo::LAST);
        self.0.range(all).map(|(_, content)| *content)
    }
}

impl Coded for Contents {
    fn put(&self, out: &mut Writer) {
        self.0.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Coded::take(from).map(Self)
    }
}

impl Known {
    /// All that was ever in these units, and in what was in them: whatever is observed of a container
    /// may concern them.
    pub(crate) fn contents_below(&self, units: &[UnitNo]) -> BTreeSet<UnitNo> {
        let mut found = BTreeSet::new();
        if self.contents.is_empty() {
            return found;
        }
        let mut level: Vec<UnitNo> = units.to_vec();
        for _ in 0..CONTAINERS_DEEP_MAX {
            let keys = level.iter();
            let keys = keys.flat_map(|unit| self.aliases.members(self.aliases.root(*unit)));
            let below = keys.flat_map(|key| self.contents.of(key));
            level = below.filter(|unit| found.insert(*unit)).collect();
            if level.is_empty() {
                break;
            }
        }
        found
    }
}
