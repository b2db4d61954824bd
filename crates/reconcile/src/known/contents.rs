//! What was ever said to be in a container. Whether it is there at an instant follows from the
//! observations (`containment.rs`); this says whom an observation of the container may concern, and
//! which containers bring what a plan lists.

use std::collections::BTreeSet;

use super::Known;
use crate::history::bytes::{Reader, Writer};
use crate::limits::CONTAINERS_DEEP_MAX;
use crate::number::{Number as _, UnitNo};
use crate::snapshot::coded::Coded;

/// Keys of containers and of what was in them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contents {
    /// Each container with each content,
    inside: BTreeSet<(UnitNo, UnitNo)>,
    /// and the other way round.
    around: BTreeSet<(UnitNo, UnitNo)>,
}

impl Contents {
    /// Takes in that the one was in the other. Returns whether that is new.
    pub(crate) fn add(&mut self, container: UnitNo, content: UnitNo) -> bool {
        if container == content {
            return false;
        }
        self.around.insert((content, container));
        self.inside.insert((container, content))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.inside.is_empty()
    }

    /// Whether the one was ever in the other.
    pub(crate) fn held(&self, container: UnitNo, content: UnitNo) -> bool {
        self.inside.contains(&(container, content))
    }

    /// All that was ever in a container, by one of its keys.
    pub(crate) fn of(&self, container: UnitNo) -> impl Iterator<Item = UnitNo> {
        seconds(&self.inside, container)
    }

    /// All containers in which a unit ever was, by one of its keys.
    fn containers_of(&self, content: UnitNo) -> impl Iterator<Item = UnitNo> {
        seconds(&self.around, content)
    }
}

fn seconds(pairs: &BTreeSet<(UnitNo, UnitNo)>, first: UnitNo) -> impl Iterator<Item = UnitNo> {
    let all = (first, UnitNo::FIRST)..=(first, UnitNo::LAST);
    pairs.range(all).map(|(_, second)| *second)
}

impl Coded for Contents {
    fn put(&self, out: &mut Writer) {
        self.inside.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let inside: BTreeSet<(UnitNo, UnitNo)> = Coded::take(from)?;
        let around = inside
            .iter()
            .map(|(container, content)| (*content, *container));
        Some(Self {
            around: around.collect(),
            inside,
        })
    }
}

impl Known {
    /// All that was ever in these units, and in what was in them: whatever is observed of a container
    /// may concern them.
    pub(crate) fn contents_below(&self, units: &[UnitNo]) -> BTreeSet<UnitNo> {
        self.nested(units, |key| self.contents.of(key))
    }

    /// All containers in which these units ever were, and in which those were: what a plan says of a
    /// unit may concern them.
    pub(crate) fn containers_above(&self, units: &[UnitNo]) -> BTreeSet<UnitNo> {
        self.nested(units, |key| self.contents.containers_of(key))
    }

    fn nested<I: Iterator<Item = UnitNo>>(
        &self,
        units: &[UnitNo],
        next: impl Fn(UnitNo) -> I,
    ) -> BTreeSet<UnitNo> {
        let mut found = BTreeSet::new();
        if self.contents.is_empty() {
            return found;
        }
        let mut level: Vec<UnitNo> = units.to_vec();
        for _ in 0..CONTAINERS_DEEP_MAX {
            let keys = level.iter();
            let keys = keys.flat_map(|unit| self.aliases.members(self.aliases.root(*unit)));
            let beyond = keys.flat_map(&next);
            level = beyond.filter(|unit| found.insert(*unit)).collect();
            if level.is_empty() {
                break;
            }
        }
        found
    }
}
