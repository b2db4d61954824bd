//! Aliases: several keys, one unit, as long as somebody's word for it holds.
//!
//! Of each issuer the last word about a pair of keys counts, and a pair is one unit while
//! any issuer says so: nobody takes another's word back. The unit is called by the smallest
//! of its keys, its *root*. A heap of more than [`KEYS_PER_UNIT_MAX`] keys is a mistake, and
//! none of its aliases holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::limits::KEYS_PER_UNIT_MAX;
use crate::number::{ClaimNo, UnitNo, WordOfAliasNo};
use crate::packed::chains::Chains;
use crate::snapshot::Unreadable;
use crate::snapshot::coded::coded;
use crate::snapshot::sections::{Keeper, Kept};

type Pair = (UnitNo, UnitNo);

/// One issuer's word about a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AliasWord {
    pub(crate) claim: ClaimNo,
    pub(crate) part: u32,
    pub(crate) holds: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Aliases {
    /// By pair, the last word that was said.
    said: BTreeMap<Pair, WordOfAliasNo>,
    words: Chains<WordOfAliasNo, (Pair, AliasWord)>,
    links: BTreeMap<UnitNo, BTreeSet<UnitNo>>,
    /// Of keys that are not their own root.
    roots: BTreeMap<UnitNo, UnitNo>,
    /// Keys of units that have more than one, by root; the smallest first.
    members: BTreeMap<UnitNo, Vec<UnitNo>>,
    /// Keys that are not their own root.
    absorbed: usize,
}

impl Aliases {
    /// The smallest key of the unit that `key` names.
    pub(crate) fn root(&self, key: UnitNo) -> UnitNo {
        self.roots.get(&key).copied().unwrap_or(key)
    }

    /// All keys of the unit whose smallest key is `root`, smallest first.
    pub(crate) fn members(&self, root: UnitNo) -> impl Iterator<Item = UnitNo> + Clone {
        let several = self.members.get(&root);
        let alone = several.is_none().then_some(root);
        several.into_iter().flatten().copied().chain(alone)
    }

    /// How many keys are not the smallest of their unit.
    pub(crate) const fn absorbed_count(&self) -> usize {
        self.absorbed
    }

    pub(crate) fn say(&mut self, pair: Pair, word: AliasWord) {
        let mut list = self.said.get(&pair).copied();
        self.words.add(&mut list, (pair, word));
        self.said.extend(list.map(|newest| (pair, newest)));
    }

    /// What was said about a pair.
    pub(crate) fn words(&self, pair: Pair) -> impl Iterator<Item = &AliasWord> {
        let words = self.words.of(self.said.get(&pair).copied());
        words.map(|(_, word)| word)
    }

    /// Every pair about which something was said.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = Pair> {
        self.said.keys().copied()
    }

    /// Lets a pair hold or not; `sort` puts the smallest key first. Returns the keys whose unit
    /// may have changed.
    pub(crate) fn link(
        &mut self,
        pair: Pair,
        holds: bool,
        sort: impl Fn(&mut [UnitNo]),
    ) -> Vec<UnitNo> {
        let (a, b) = pair;
        let changed = if holds {
            self.links.entry(a).or_default().insert(b) && self.links.entry(b).or_default().insert(a)
        } else {
            let mut cut = |from: UnitNo, to: UnitNo| {
                self.links
                    .get_mut(&from)
                    .is_some_and(|to_all| to_all.remove(&to))
            };
            cut(a, b) && cut(b, a)
        };
        if a == b || !changed {
            return Vec::new();
        }
        let mut touched: BTreeSet<UnitNo> = BTreeSet::new();
        for end in [a, b] {
            touched.extend(self.dissolve(self.root(end)));
        }
        for end in [a, b] {
            touched.extend(self.gather(end, &sort));
        }
        touched.into_iter().collect()
    }

    fn dissolve(&mut self, root: UnitNo) -> Vec<UnitNo> {
        let members = self.members.remove(&root).unwrap_or_else(|| vec![root]);
        for member in &members {
            if self.roots.remove(member).is_some() {
                self.absorbed -= 1;
            }
        }
        members
    }

    /// Makes one unit of all keys linked to `end`, unless they are too many.
    fn gather(&mut self, end: UnitNo, sort: impl Fn(&mut [UnitNo])) -> Vec<UnitNo> {
        let mut heap = self.linked_to(end);
        if heap.len() > KEYS_PER_UNIT_MAX || heap.len() < 2 {
            return vec![end];
        }
        sort(&mut heap);
        let Some(root) = heap.first().copied() else {
            return heap;
        };
        for member in &heap {
            if *member != root && self.roots.insert(*member, root).is_none() {
                self.absorbed += 1;
            }
        }
        self.members.insert(root, heap.clone());
        heap
    }

    /// Keys linked to `end`; stops behind [`KEYS_PER_UNIT_MAX`].
    fn linked_to(&self, end: UnitNo) -> Vec<UnitNo> {
        let mut found = BTreeSet::from([end]);
        let mut open = vec![end];
        while let Some(next) = open.pop() {
            for other in self.links.get(&next).into_iter().flatten() {
                if found.len() > KEYS_PER_UNIT_MAX {
                    return found.into_iter().collect();
                }
                if found.insert(*other) {
                    open.push(*other);
                }
            }
        }
        found.into_iter().collect()
    }
}

coded! {
    AliasWord { claim, part, holds }
}

impl Aliases {
    pub(crate) fn keep(&self, out: &mut Keeper) {
        self.words.keep("aliases", out);
    }

    /// What was said. No pair is linked yet.
    pub(crate) fn resume(from: &mut Kept<'_>) -> Result<Self, Unreadable> {
        let words = Chains::resume("aliases", from, std::iter::empty())?;
        // The newest word about a pair is the last in the table.
        let said = words.rows().map(|(number, (pair, _))| (*pair, number));
        Ok(Self {
            said: said.collect(),
            words,
            ..Self::default()
        })
    }
}
