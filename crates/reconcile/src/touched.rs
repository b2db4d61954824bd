//! What a batch touched: only this is judged again at its end.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::ids::ClaimId;

use crate::known::claims::BearsOn;
use crate::known::class_events::ClassKey;
use crate::known::sources::Heard;
use crate::number::{DocNo, EventNo, MilestoneNo, PrincipalNo, UnitNo};

#[derive(Clone, Debug, Default)]
pub(crate) struct Touched {
    /// Keys that must be judged from their history, with repetitions.
    pub(crate) units: Vec<UnitNo>,
    /// Keys of which a plan may list another thing than before: so it does of their containers.
    pub(crate) relisted: Vec<UnitNo>,
    /// Observations that came, in the order of arrival.
    pub(crate) filed: Vec<EventNo>,
    /// Manifests that were said or taken back.
    pub(crate) manifests: BTreeSet<DocNo>,
    /// Documents with a new witness: every unit of such a plan must be judged again.
    pub(crate) witnessed: BTreeSet<DocNo>,
    /// Manifests whose amounts must be judged again.
    pub(crate) amounts: BTreeSet<DocNo>,
    pub(crate) counts: BTreeSet<DocNo>,
    /// Documents that are due, as were said or taken back.
    pub(crate) documents: BTreeSet<DocNo>,
    pub(crate) milestones: BTreeSet<MilestoneNo>,
    pub(crate) conflicts: BTreeSet<ClaimId>,
    /// What more is known of sources.
    pub(crate) heard: Vec<Heard>,
    /// Sources of which other silences are known, or other holes.
    pub(crate) sources: BTreeSet<PrincipalNo>,
    /// Pairs of keys about which something was said or taken back.
    pub(crate) pairs: BTreeSet<(UnitNo, UnitNo)>,
    pub(crate) classes: BTreeMap<ClassKey, TouchedClass>,
    /// What lies on the desk was put there before something changed that it depends on.
    pub(crate) is_desk_stale: bool,
    /// The network changed: everything must be judged again.
    pub(crate) everything: bool,
}

impl Touched {
    /// Whether nothing is to be judged.
    pub(crate) fn is_nothing(&self) -> bool {
        let Self {
            units,
            relisted,
            filed,
            manifests,
            witnessed,
            amounts,
            counts,
            documents,
            milestones,
            conflicts,
            heard,
            sources,
            pairs,
            classes,
            is_desk_stale: _,
            everything,
        } = self;
        let keys = [units.is_empty(), relisted.is_empty()];
        let lists = [filed.is_empty(), heard.is_empty()];
        let docs = [manifests, witnessed, amounts, counts, documents];
        keys.iter().chain(&lists).all(|is_empty| *is_empty)
            && docs.iter().all(|docs| docs.is_empty())
            && milestones.is_empty()
            && sources.is_empty()
            && conflicts.is_empty()
            && pairs.is_empty()
            && classes.is_empty()
            && !everything
    }

    pub(crate) fn bearing_on(&mut self, what: BearsOn) {
        match what {
            BearsOn::Manifest(doc) => {
                self.manifests.insert(doc);
            }
            BearsOn::Count(doc) => {
                self.counts.insert(doc);
            }
            BearsOn::Document(doc) => {
                self.documents.insert(doc);
            }
            BearsOn::Milestone(milestone) => {
                self.milestones.insert(milestone);
            }
            BearsOn::Alias(a, b) => {
                self.pairs.insert((a, b));
            }
        }
    }

    /// What a source owes, and when it was silent, may be something else than before.
    pub(crate) fn owes_anew(&mut self, source: PrincipalNo) {
        self.heard.push(Heard::anew(source));
        self.sources.insert(source);
    }

    /// A new observation counts a class.
    pub(crate) fn class(&mut self, class: ClassKey, event: EventNo) {
        self.classes.entry(class).or_default().new.push(event);
    }

    /// A class must be folded from its beginning.
    pub(crate) fn refold(&mut self, class: ClassKey) {
        self.classes.entry(class).or_default().is_refolded = true;
    }
}

/// What a batch brought of a class.
#[derive(Clone, Debug, Default)]
pub(crate) struct TouchedClass {
    pub(crate) new: Vec<EventNo>,
    pub(crate) is_refolded: bool,
}
