//! The reconciliation of an interval, a day as a rule: what was due at each site, how it stands now, and
//! what does not add up.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign_model::ids::PlaceId;
use countersign_model::quantity::Money;
use countersign_model::time::Timestamp;

use super::Ledger;
use super::totals::StateCounts;
use crate::discrepancy::{Discrepancy, Disproof, Status, add_money};
use crate::judge::State;
use crate::kind::{Kind, STAGE_ARRIVE, STAGE_COUNT, STAGE_DEPART, STAGE_DOCUMENT};
use crate::known::units::LineRef;
use crate::number::{DocNo, PlaceNo};

/// What was due, and what does not add up, by site; `None` for what belongs to no place.
pub type Day = BTreeMap<Option<PlaceId>, SiteDay>;

/// One site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteDay {
    /// Expectations whose deadline lies in the interval, by stage, as they stand now.
    pub due: BTreeMap<Arc<str>, StateCounts>,
    /// Standing discrepancies that were there by then, by kind.
    pub found: BTreeMap<Kind, Found>,
}

/// Discrepancies of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Those that ask for somebody.
    pub open: u64,
    /// Those that two people settled.
    pub settled: u64,
    /// The units that they name; one that several name counts for each.
    pub units: u64,
    /// What is at stake, as far as is known, one sum a currency.
    pub value: Vec<Money>,
}

/// The interval, its end left out, and what is in it.
struct Within<'a> {
    ledger: &'a Ledger,
    from: Timestamp,
    until: Timestamp,
    day: Day,
}

impl Ledger {
    /// What was due from one instant until before another, and what was found to be wrong in it. Costs
    /// time for every expectation.
    #[must_use]
    pub fn day(&self, from: Timestamp, until: Timestamp) -> Day {
        let mut within = Within {
            ledger: self,
            from,
            until,
            day: Day::new(),
        };
        within.lines();
        within.milestones();
        within.counts();
        within.documents();
        for discrepancy in self.standing() {
            within.found(discrepancy);
        }
        within.day
    }
}

impl Within<'_> {
    fn has(&self, instant: Timestamp) -> bool {
        (self.from..self.until).contains(&instant)
    }

    fn due(&mut self, site: Option<PlaceNo>, stage: &Arc<str>, state: State) {
        let names = &self.ledger.known.atlas.names.places;
        let site = site.map(|site| names.name(site).clone());
        let site = self.day.entry(site).or_default();
        site.due.entry(Arc::clone(stage)).or_default().add(state);
    }

    fn lines(&mut self) {
        let ledger = self.ledger;
        let stages: [Arc<str>; 2] = [STAGE_DEPART.into(), STAGE_ARRIVE.into()];
        for (doc, manifest) in ledger.known.manifests.all() {
            let (depart, arrive) = manifest.deadlines();
            let ends = [(depart, manifest.way.from), (arrive, manifest.way.to)];
            if !ends.iter().any(|(deadline, _)| self.has(*deadline)) {
                continue;
            }
            for line in manifest.terms.lines.numbers() {
                let states = ledger.progress.line(LineRef {
                    manifest: doc,
                    line,
                });
                for ((stage, state), (deadline, site)) in stages.iter().zip(states).zip(ends) {
                    if self.has(deadline) {
                        self.due(Some(site), stage, state);
                    }
                }
            }
        }
    }

    fn milestones(&mut self) {
        let known = &self.ledger.known;
        for (number, row) in known.milestones.rows() {
            let expected = known.expected(number);
            let Some((_, terms)) = expected.filter(|(_, terms)| self.has(terms.deadline())) else {
                continue;
            };
            let stage = Arc::clone(known.atlas.names.words.name(row.stage));
            let site = terms.place.map(|place| known.atlas.site(place));
            self.due(site, &stage, self.ledger.progress.milestone(number));
        }
    }

    fn counts(&mut self) {
        let known = &self.ledger.known;
        let stage: Arc<str> = STAGE_COUNT.into();
        for (_, count) in known.counts.all() {
            if self.has(count.terms.due) {
                let site = known.atlas.site(count.terms.place);
                self.due(Some(site), &stage, count.state.as_state());
            }
        }
    }

    fn documents(&mut self) {
        let known = &self.ledger.known;
        let stage: Arc<str> = STAGE_DOCUMENT.into();
        for (doc, state) in known.due.states() {
            let terms = known.due.standing(doc).map(|due| due.terms);
            let Some(terms) = terms.filter(|terms| self.has(terms.due)) else {
                continue;
            };
            let from = |load: DocNo| Some(known.manifests.standing(load)?.way.from);
            self.due(terms.load.and_then(from), &stage, state);
        }
    }

    /// It belongs to the day by which it had happened: what first speaks against the last proof, else the
    /// end of its interval.
    fn found(&mut self, discrepancy: &Discrepancy) {
        let disproven = discrepancy.first_disproven.as_ref().map(Disproof::time);
        let instant = disproven.or(discrepancy.until).or(discrepancy.from);
        if !instant.is_some_and(|instant| self.has(instant)) {
            return;
        }
        let site = self.day.entry(discrepancy.site.clone()).or_default();
        let found = site.found.entry(discrepancy.kind).or_default();
        match discrepancy.status {
            Status::Open => found.open += 1,
            Status::Settled => found.settled += 1,
        }
        found.units += discrepancy.units.len() as u64;
        for money in &discrepancy.value {
            add_money(&mut found.value, *money);
        }
    }
}
