//! What a batch touched: only this is judged again at its end.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::ids::ClaimId;

use crate::known::claims::BearsOn;
use crate::known::class_events::ClassKey;
use crate::number::{DocNo, EventNo, MilestoneNo, UnitNo};

#[derive(Clone, Debug, Default)]
pub(crate) struct Touched {
    /// Keys that must be judged from their history, with repetitions.
    pub(crate) units: Vec<UnitNo>,
    /// Observations that came, in the order of arrival.
    pub(crate) filed: Vec<EventNo>,
    /// Manifests that were said or taken back.
    pub(crate) manifests: BTreeSet<DocNo>,
    /// Documents with a new witness: every unit of such a plan must be judged again.
    pub(crate) witnessed: BTreeSet<DocNo>,
    /// Manifests whose amounts must be judged again.
    pub(crate) amounts: BTreeSet<DocNo>,
    pub(crate) counts: BTreeSet<DocNo>,
    pub(crate) milestones: BTreeSet<MilestoneNo>,
    pub(crate) conflicts: BTreeSet<ClaimId>,
    /// Pairs of keys about which something was said or taken back.
    pub(crate) pairs: BTreeSet<(UnitNo, UnitNo)>,
    /// Classes, each with the first of its events that must be folded again.
    pub(crate) classes: BTreeMap<ClassKey, usize>,
    /// The network changed: everything must be judged again.
    pub(crate) everything: bool,
}

impl Touched {
    pub(crate) fn bearing_on(&mut self, what: BearsOn) {
        match what {
            // Events have units, documents and classes: who files them marks those.
            BearsOn::Event(_) => {}
            BearsOn::Manifest(doc) => {
                self.manifests.insert(doc);
            }
            BearsOn::Count(doc) => {
                self.counts.insert(doc);
            }
            BearsOn::Milestone(milestone) => {
                self.milestones.insert(milestone);
            }
            BearsOn::Alias(a, b) => {
                self.pairs.insert((a, b));
            }
        }
    }

    pub(crate) fn class(&mut self, class: ClassKey, from: usize) {
        let first = self.classes.entry(class).or_insert(from);
        *first = from.min(*first);
    }
}
