//! Count plans: which one stands under each key, and whether it was carried out.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::claim::StepRole;
use countersign_model::time::Timestamp;

use super::class_events::ClassKey;
use super::desk::Desk;
use super::said::{self, Said};
use super::{Known, View};
use crate::judge::State;
use crate::number::{ClaimNo, DocNo, Number as _, PlaceNo};
use crate::snapshot::Unreadable;
use crate::snapshot::coded::{coded, coded_words};
use crate::snapshot::sections::{Keeper, Kept};

/// What one claim says a count is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CountTerms {
    pub(crate) place: PlaceNo,
    pub(crate) opens: Timestamp,
    pub(crate) due: Timestamp,
}

/// How a count stands at the tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CountState {
    /// It is not over.
    Pending,
    /// It is over, and somebody counted in time.
    CarriedOut,
    /// It is over, and nobody counted in time.
    NotMade,
}

impl CountState {
    /// As that of an expectation.
    pub(crate) const fn as_state(self) -> State {
        match self {
            Self::Pending => State::Pending,
            Self::CarriedOut => State::Met,
            Self::NotMade => State::Late,
        }
    }
}

/// The count plan that stands under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) claim: ClaimNo,
    pub(crate) terms: CountTerms,
    pub(crate) state: CountState,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    said: BTreeMap<DocNo, Vec<Said<CountTerms>>>,
    standing: BTreeMap<DocNo, Count>,
    by_place: BTreeSet<(PlaceNo, DocNo)>,
    /// Classes that were counted, and until when.
    classes: BTreeMap<(ClassKey, DocNo), Timestamp>,
}

impl Counts {
    pub(crate) fn say(&mut self, count: DocNo, said: Said<CountTerms>) {
        self.said.entry(count).or_default().push(said);
    }

    pub(crate) fn said(&self, count: DocNo) -> &[Said<CountTerms>] {
        self.said.get(&count).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn is_planned(&self, count: DocNo) -> bool {
        self.said.contains_key(&count)
    }

    pub(crate) fn standing(&self, count: DocNo) -> Option<&Count> {
        self.standing.get(&count)
    }

    /// Every key under which a count was said.
    pub(crate) fn docs(&self) -> impl Iterator<Item = DocNo> {
        self.said.keys().copied()
    }

    /// Every count that stands.
    pub(crate) fn all(&self) -> impl Iterator<Item = (DocNo, &Count)> {
        self.standing.iter().map(|(doc, count)| (*doc, count))
    }

    /// A count counted these classes, each until then.
    pub(crate) fn set_classes(&mut self, doc: DocNo, counted: Vec<(ClassKey, Timestamp)>) {
        self.classes.retain(|(_, other), _| *other != doc);
        let counted = counted.into_iter();
        let rows = counted.map(|(class, until)| ((class, doc), until));
        self.classes.extend(rows);
    }

    /// Counts that counted a class, and were not over at an instant; without one, all.
    pub(crate) fn of_class(
        &self,
        class: ClassKey,
        at: Option<Timestamp>,
    ) -> impl Iterator<Item = DocNo> {
        let range = (class, DocNo::FIRST)..=(class, DocNo::LAST);
        let all = self.classes.range(range);
        let open = all.filter(move |(_, until)| at.is_none_or(|at| at <= **until));
        open.map(|((_, doc), _)| *doc)
    }

    pub(crate) fn at(&self, place: PlaceNo) -> impl Iterator<Item = (DocNo, &Count)> {
        let range = (place, DocNo::FIRST)..=(place, DocNo::LAST);
        let docs = self.by_place.range(range);
        docs.filter_map(|(_, doc)| Some((*doc, self.standing.get(doc)?)))
    }
}

impl Known {
    /// Judges a count anew; what names it was laid out. Returns the places whose units must be judged
    /// again.
    pub(crate) fn restand_count(&mut self, desk: &Desk, doc: DocNo) -> Vec<PlaceNo> {
        let first = said::first(self, doc, self.counts.said(doc).iter());
        let now = first.map(|said| {
            let terms = said.terms;
            Count {
                claim: said.claim,
                terms,
                state: self.view(desk).count_state(doc, &terms),
            }
        });
        let before = self.counts.standing.get(&doc).copied();
        if before == now {
            return Vec::new();
        }
        if let Some(before) = before {
            self.counts.standing.remove(&doc);
            self.counts.by_place.remove(&(before.terms.place, doc));
        }
        if let Some(now) = now {
            self.counts.standing.insert(doc, now);
            self.counts.by_place.insert((now.terms.place, doc));
        }
        let places = before.into_iter().chain(now);
        places.map(|count| count.terms.place).collect()
    }
}

impl View<'_> {
    fn count_state(self, doc: DocNo, terms: &CountTerms) -> CountState {
        if self.tick <= terms.due {
            return CountState::Pending;
        }
        let counted = self.document(doc).map_or(&[][..], |named| &named.counts);
        let mut in_time = counted
            .iter()
            .take_while(|event| self.event(**event).time <= terms.due);
        let is_made = in_time
            .any(|event| self.is_effective(*event) && self.event(*event).role == StepRole::Counts);
        if is_made {
            CountState::CarriedOut
        } else {
            CountState::NotMade
        }
    }
}

coded! {
    CountTerms { place, opens, due }
    Count { claim, terms, state }
}

coded_words! {
    CountState { Pending, CarriedOut, NotMade }
}

impl Counts {
    pub(crate) fn keep(&self, out: &mut Keeper) {
        out.whole("counts", (self.said.clone(), self.standing.clone()));
        out.whole("classes_counted", self.classes.clone());
    }

    pub(crate) fn resume(from: &mut Kept<'_>) -> Result<Self, Unreadable> {
        let (said, standing): (_, BTreeMap<DocNo, Count>) = from.whole("counts")?;
        let places = standing.iter();
        let by_place = places.map(|(doc, count)| (count.terms.place, *doc));
        Ok(Self {
            said,
            by_place: by_place.collect(),
            standing,
            classes: from.whole("classes_counted")?,
        })
    }
}
