//! Reads admitted claims into the tables.

mod plans;
pub(crate) mod sightings;

use std::collections::BTreeSet;
use std::sync::Arc;

use countersign_model::act::Suspicion;
use countersign_model::claim::{Claim, Fact, StepRole};
use countersign_model::entry::{ClaimStatus, Mark};
use countersign_model::fold::{AdmittedClaim, AdmittedStatement};
use countersign_model::ids::UnitId;
use countersign_model::plan::Goods;
use countersign_model::time::Timestamp;

use super::Known;
use super::aliases::AliasWord;
use super::claims::{BearsOn, ClaimRow, Conflict};
use super::order::Order;
use super::said::Said;
use crate::number::{ClaimNo, EventNo, UnitNo};
use crate::touched::Touched;
use sightings::counts_as;

const AMOUNT_OUT_OF_RANGE: &str = "amount_out_of_range";
const VALUE_OUT_OF_RANGE: &str = "value_out_of_range";

impl Known {
    /// Takes one claim in, of a batch that was recorded then. Acts are not for here.
    pub(crate) fn take(
        &mut self,
        (statement, recorded): (&AdmittedStatement, Timestamp),
        admitted: &AdmittedClaim,
        claim: &Claim,
        touched: &mut Touched,
    ) {
        match admitted.status {
            ClaimStatus::Effective => {
                let number = self.add_claim((statement, recorded), admitted, claim);
                self.take_effective(number, claim, touched);
            }
            ClaimStatus::Conflicting(_) => {
                let number = self.add_claim((statement, recorded), admitted, claim);
                let units = named_units(claim).into_iter().cloned().collect();
                let conflict = Conflict {
                    claim: number,
                    units,
                };
                self.claims.add_conflict(claim.id, conflict);
                touched.conflicts.insert(claim.id);
            }
            ClaimStatus::Duplicate(_)
            | ClaimStatus::Unfoldable
            | ClaimStatus::BodyAbsent
            | ClaimStatus::Unauthorised => {}
        }
    }

    fn add_claim(
        &mut self,
        (statement, recorded): (&AdmittedStatement, Timestamp),
        admitted: &AdmittedClaim,
        claim: &Claim,
    ) -> ClaimNo {
        let issuer = self.atlas.principal(&statement.issuer);
        let key = self.suspicions.key(statement.key);
        self.claims.add(ClaimRow {
            id: claim.id,
            at: admitted.at,
            digest: admitted.digest,
            issuer,
            key,
            recorded,
            assurance: statement.assurance,
            chain: statement.chain,
            status: admitted.status,
            time: claim.time.at,
            is_locked: statement.marks.contains(&Mark::Locked),
            is_taken_back: false,
            is_suspect: self.suspicions.covers(key, recorded),
            bears_on: Vec::new(),
        })
    }

    fn take_effective(&mut self, number: ClaimNo, claim: &Claim, touched: &mut Touched) {
        if !self.claims.conflicts_of(claim.id).is_empty() {
            touched.conflicts.insert(claim.id);
        }
        if let Some(correction) = &claim.correction {
            // The declaring event repeats the wrong one; what it repeats is not said again.
            if !self.claims.row(number).is_locked {
                for wrong in self.claims.declare(number, correction.corrects) {
                    self.touch_claim(wrong, touched);
                }
            }
            return;
        }
        let mut bears_on = Vec::new();
        let mut parts = 0..;
        for fact in &claim.facts {
            let mut said = Saying {
                claim: number,
                parts: &mut parts,
                bears_on: &mut bears_on,
            };
            self.take_fact(fact, &mut said);
        }
        for one in &bears_on {
            match one {
                BearsOn::Event(event) => self.file_event(*event, touched),
                plan => touched.bearing_on(*plan),
            }
        }
        self.claims.row_mut(number).bears_on = bears_on;
    }

    fn take_fact(&mut self, fact: &Fact, said: &mut Saying<'_>) {
        match fact {
            Fact::Sighting(sighting) => self.take_sighting(sighting, said),
            Fact::Reached(reached) => self.take_reached(reached, said),
            Fact::Expected(expectation) => self.take_expected(expectation, said),
            Fact::Manifest(manifest) => self.take_manifest(manifest, said),
            Fact::CountDue(count) => self.take_count(count, said),
            Fact::Alias(alias) => {
                let (a, b) = (self.unit(&alias.unit), self.unit(&alias.same_as));
                let pair = (a.min(b), a.max(b));
                let word = AliasWord {
                    claim: said.claim,
                    part: said.part(),
                    holds: alias.holds,
                };
                self.aliases.say(pair, word);
                said.bears_on.push(BearsOn::Alias(pair.0, pair.1));
            }
        }
    }

    /// Number of a unit's key; from here on the unit is known.
    pub(crate) fn unit(&mut self, unit: &UnitId) -> UnitNo {
        let number = self.atlas.names.units.number(unit);
        self.units.fill(self.atlas.names.units.len());
        number
    }

    /// Doubts what a key signed, or does so no longer, for what came and what will come.
    pub(crate) fn doubt(&mut self, suspicion: Suspicion, touched: &mut Touched) {
        let key = self.suspicions.set(suspicion);
        let suspicions = &self.suspicions;
        let is_suspect = |recorded| suspicions.covers(key, recorded);
        for claim in self.claims.doubt(key, is_suspect) {
            // A conflict shows how sure it is who signed the claim that stands.
            let id = self.claims.row(claim).id;
            if !self.claims.conflicts_of(id).is_empty() {
                touched.conflicts.insert(id);
            }
            self.touch_claim(claim, touched);
        }
    }

    /// Lets a claim's events follow what it counts as, and marks what it spoke of. Events that were
    /// taken back stay in their places and are passed over there.
    fn touch_claim(&mut self, claim: ClaimNo, touched: &mut Touched) {
        let claim = self.claims.row(claim);
        for one in &claim.bears_on {
            let BearsOn::Event(event) = one else {
                touched.bearing_on(*one);
                continue;
            };
            let row = self.events.row_mut(*event);
            row.effect = claim.effect();
            row.role = counts_as(row.said_role, claim.is_suspect);
            touched.units.extend_from_slice(&row.units);
            touched.counts.extend(&row.docs);
            touched.witnessed.extend(&row.docs);
            touched.amounts.extend(&row.docs);
            for counted in &row.quantities {
                touched.class((counted.class, counted.uom), 0);
            }
        }
    }

    /// Brings every list of events into its order again: their times have changed.
    pub(crate) fn sort_everything(&mut self) {
        let order = Order {
            atlas: &self.atlas,
            claims: &self.claims,
            events: &self.events,
        };
        let by_order = |a: &EventNo, b: &EventNo| order.of_events(*a, *b);
        for unit in self.units.numbers() {
            self.units.row_mut(unit).history.sort_by(by_order);
        }
        self.documents.sort(by_order);
        self.classes.sort(by_order);
    }

    /// Puts a new event where it belongs in every list, and marks what it bears on.
    fn file_event(&mut self, event: EventNo, touched: &mut Touched) {
        let order = Order {
            atlas: &self.atlas,
            claims: &self.claims,
            events: &self.events,
        };
        let by_order = |a, b| order.of_events(a, b);
        let row = self.events.row(event);
        for unit in &row.units {
            self.units.row_mut(*unit).insert(event, by_order);
        }
        touched.filed.push(event);
        for doc in &row.docs {
            // By what it says, so that a suspicion changes no list.
            if self.documents.insert(*doc, row.said_role, event, by_order) {
                touched.witnessed.insert(*doc);
            }
            if row.said_role == StepRole::Counts {
                touched.counts.insert(*doc);
            }
            if !row.quantities.is_empty() {
                touched.amounts.insert(*doc);
            }
        }
        for counted in &row.quantities {
            let class = (counted.class, counted.uom);
            let at = self.classes.insert(class, event, by_order);
            touched.class(class, at);
        }
    }
}

/// Where in its claim the next thing stands, and what the claim bears on so far.
struct Saying<'a> {
    claim: ClaimNo,
    parts: &'a mut std::ops::RangeFrom<u32>,
    bears_on: &'a mut Vec<BearsOn>,
}

impl Saying<'_> {
    fn part(&mut self) -> u32 {
        self.parts.next().unwrap_or(u32::MAX)
    }

    fn of<T>(&mut self, terms: T) -> Said<T> {
        Said {
            claim: self.claim,
            part: self.part(),
            terms: Arc::new(terms),
        }
    }
}

/// Every unit that a claim names, each once.
pub(crate) fn named_units(claim: &Claim) -> BTreeSet<&UnitId> {
    let mut units = BTreeSet::new();
    for fact in &claim.facts {
        match fact {
            Fact::Sighting(sighting) => {
                units.extend(&sighting.units);
                units.extend(&sighting.parent);
                units.extend(&sighting.outputs);
            }
            Fact::Reached(reached) => drop(units.insert(&reached.unit)),
            Fact::Expected(expectation) => drop(units.insert(&expectation.unit)),
            Fact::Manifest(manifest) => {
                let lines = manifest.lines.iter();
                units.extend(lines.filter_map(|line| match &line.what {
                    Goods::Unit(unit) => Some(unit),
                    Goods::Amount { .. } => None,
                }));
            }
            Fact::CountDue(_) => {}
            Fact::Alias(alias) => {
                units.insert(&alias.unit);
                units.insert(&alias.same_as);
            }
        }
    }
    units
}
