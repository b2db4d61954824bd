//! Reads admitted claims into the tables.

mod plans;
pub(crate) mod sightings;

use std::collections::BTreeSet;

use countersign_model::act::{ClockOffset, Suspicion};
use countersign_model::claim::{Claim, Fact, StepRole};
use countersign_model::entry::{ClaimStatus, Mark};
use countersign_model::fold::{AdmittedClaim, AdmittedStatement};
use countersign_model::ids::{ClaimId, UnitId};
use countersign_model::plan::Goods;
use countersign_model::time::Timestamp;

use super::Known;
use super::aliases::AliasWord;
use super::claims::{BearsOn, ClaimRow, Conflict};
use super::desk::Desk;
use super::events::{Event, Packs};
use super::plan_events::Named;
use super::said::Said;
use crate::history::record::{Record, Told};
use crate::history::{History, Place};
use crate::number::{ClaimNo, KeyNo, UnitNo};
use crate::touched::Touched;

impl Known {
    /// Takes one claim in, of a batch that was recorded then. Acts are not for here.
    pub(crate) fn take(
        &mut self,
        (statement, recorded): (&AdmittedStatement, Timestamp),
        admitted: &AdmittedClaim,
        claim: &Claim,
        sink: &mut Sink<'_>,
    ) {
        match admitted.status {
            ClaimStatus::Effective => {
                let row = self.row_of((statement, recorded), admitted, claim);
                self.take_effective(row, claim, sink);
            }
            ClaimStatus::Conflicting(_) => {
                let row = self.row_of((statement, recorded), admitted, claim);
                self.take_conflicting(row, claim, sink);
            }
            ClaimStatus::Duplicate(_)
            | ClaimStatus::Unfoldable
            | ClaimStatus::BodyAbsent
            | ClaimStatus::Unauthorised => {}
        }
    }

    fn row_of(
        &mut self,
        (statement, recorded): (&AdmittedStatement, Timestamp),
        admitted: &AdmittedClaim,
        claim: &Claim,
    ) -> ClaimRow {
        let issuer = self.atlas.principal(&statement.issuer);
        let key = self.keys.number(statement.key);
        ClaimRow {
            id: claim.id,
            at: admitted.at,
            digest: admitted.digest,
            issuer,
            key,
            recorded,
            assurance: statement.assurance,
            chain: statement.chain,
            status: admitted.status,
            time: time_of(statement, claim),
            is_locked: statement.marks.contains(&Mark::Locked),
            is_taken_back: false,
            is_suspect: self.suspicions.covers(key, recorded),
        }
    }

    fn take_effective(&mut self, row: ClaimRow, claim: &Claim, sink: &mut Sink<'_>) {
        if !self.claims.conflicts_of(claim.id).is_empty() {
            sink.touched.conflicts.insert(claim.id);
        }
        if let Some(correction) = &claim.correction {
            // The declaring event repeats the wrong one; what it repeats is not said again.
            let is_locked = row.is_locked;
            let number = self.claims.add(row);
            if !is_locked {
                self.declare(number, correction.corrects, sink);
            }
            return;
        }
        // Of what tells nothing but observations no row is kept.
        let is_kept = claim
            .facts
            .iter()
            .any(|fact| !matches!(fact, Fact::Sighting(_)));
        let kept = is_kept.then(|| self.claims.add(row));
        let events = self.take_facts((&row, kept), claim.facts.iter(), sink);
        if !events.is_empty() {
            self.file(row, kept, events, sink);
        }
    }

    /// Takes in what has another content under the identity of an earlier claim: it moves nothing.
    /// What it says of a plan, two people may choose.
    fn take_conflicting(&mut self, row: ClaimRow, claim: &Claim, sink: &mut Sink<'_>) {
        let number = self.claims.add(row);
        let units = named_units(claim).into_iter().cloned().collect();
        let conflict = Conflict {
            claim: number,
            units,
        };
        self.claims.add_conflict(claim.id, conflict);
        sink.touched.conflicts.insert(claim.id);
        let plans = claim.facts.iter().filter(|fact| is_planned(fact));
        self.take_facts((&row, Some(number)), plans, sink);
    }

    /// Files what a claim says of plans and names; returns its observations.
    fn take_facts<'a>(
        &mut self,
        (row, kept): (&ClaimRow, Option<ClaimNo>),
        facts: impl Iterator<Item = &'a Fact>,
        sink: &mut Sink<'_>,
    ) -> Vec<Event> {
        let mut said = Saying {
            row,
            kept,
            parts: 0..,
            bears_on: Vec::new(),
            events: Vec::new(),
        };
        for fact in facts {
            self.take_fact(fact, &mut said);
        }
        let (bears_on, events) = (said.bears_on, said.events);
        for plan in &bears_on {
            sink.touched.bearing_on(*plan);
        }
        if let Some(kept) = kept {
            self.claims.bear_on(kept, &bears_on);
        }
        events
    }

    fn take_fact(&mut self, fact: &Fact, said: &mut Saying<'_>) {
        match fact {
            Fact::Sighting(sighting) => self.take_sighting(sighting, said),
            Fact::Reached(reached) => self.take_reached(reached, said),
            Fact::Expected(expectation) => self.take_expected(expectation, said),
            Fact::Manifest(manifest) => self.take_manifest(manifest, said),
            Fact::CountDue(count) => self.take_count(count, said),
            Fact::Route(route) => self.take_route(route, said),
            Fact::DocumentDue(document) => self.take_due(document, said),
            Fact::Alias(alias) => {
                let (a, b) = (self.unit(&alias.unit), self.unit(&alias.same_as));
                let pair = (a.min(b), a.max(b));
                let word = AliasWord {
                    claim: said.claim(),
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

    fn declare(&mut self, declaration: ClaimNo, corrects: ClaimId, sink: &mut Sink<'_>) {
        for wrong in self.claims.declare(declaration, corrects) {
            self.touch_claim(wrong, sink.touched);
        }
        sink.touched.is_desk_stale = true;
        for place in sink.history.of_claim(corrects) {
            self.touch_record(place, sink);
        }
    }

    /// Doubts what a key signed, or does so no longer, for what came and what will come.
    pub(crate) fn doubt(&mut self, suspicion: Suspicion, sink: &mut Sink<'_>) {
        let key = self.keys.number(suspicion.key);
        self.suspicions.set(key, suspicion);
        let suspicions = &self.suspicions;
        let is_suspect = |recorded| suspicions.covers(key, recorded);
        let doubted = self.claims.doubt(key, is_suspect);
        for claim in doubted.claims {
            self.touch_conflict(self.claims.row(claim).id, sink.touched);
            self.touch_claim(claim, sink.touched);
        }
        sink.touched.is_desk_stale = true;
        let mut places = self.records_of_key(key, sink);
        for id in doubted.taken_back {
            places.extend(sink.history.of_claim(id));
        }
        for place in places {
            self.touch_record(place, sink);
        }
    }

    /// Sets a device's clock right, for what came and what will come.
    pub(crate) fn set_clock(&mut self, clock: ClockOffset, sink: &mut Sink<'_>) {
        let key = self.keys.number(clock.key);
        self.atlas.clocks.set(key, clock.from, clock.offset_ms);
        for (claim, row) in self.claims.of_key(key) {
            self.touch_conflict(row.id, sink.touched);
            self.touch_claim(claim, sink.touched);
            self.touch_planned(claim, sink);
        }
        sink.touched.is_desk_stale = true;
        for place in self.records_of_key(key, sink) {
            self.touch_record(place, sink);
        }
        for source in self.sources_with(clock.key) {
            sink.touched.owes_anew(source);
        }
    }

    fn records_of_key(&self, key: KeyNo, sink: &Sink<'_>) -> Vec<Place> {
        let newest = self.keys.newest(key);
        Desk::default().records_of_key(self, &*sink.history, newest)
    }

    /// A conflict shows how sure it is who signed the claim that stands.
    fn touch_conflict(&self, id: ClaimId, touched: &mut Touched) {
        if !self.claims.conflicts_of(id).is_empty() {
            touched.conflicts.insert(id);
        }
    }

    /// Marks what a claim spoke of beside its observations.
    fn touch_claim(&self, claim: ClaimNo, touched: &mut Touched) {
        for plan in self.claims.bears_on(claim) {
            touched.bearing_on(plan);
        }
    }

    /// What is found of a unit tells when what is said of it was planned: marks the units of a claim's
    /// manifests, those that were observed under them, and those that its counts ask for.
    fn touch_planned(&self, claim: ClaimNo, sink: &mut Sink<'_>) {
        for plan in self.claims.bears_on(claim) {
            if let BearsOn::Count(doc) = plan {
                sink.touched.witnessed.insert(doc);
            }
            if let BearsOn::Document(doc) = plan {
                sink.touched.documents.insert(doc);
            }
            let BearsOn::Manifest(doc) = plan else {
                continue;
            };
            let standing = self.manifests.standing(doc).into_iter();
            let lines = standing.flat_map(|manifest| self.lines(&manifest.terms));
            sink.touched.units.extend(lines.map(|line| line.unit));
            // What is known changes still: nothing of it may stay on the desk.
            let mut desk = Desk::default();
            desk.lay_out_document(self, &*sink.history, doc);
            for event in desk.document(doc).into_iter().flat_map(Named::all) {
                sink.touched
                    .units
                    .extend_from_slice(&desk.event(event).units);
            }
        }
    }

    /// Marks what a record's observations spoke of.
    fn touch_record(&self, place: Place, sink: &mut Sink<'_>) {
        // What is known changes still: nothing of it may stay on the desk.
        let mut desk = Desk::default();
        let Some(laid) = desk.lay_out(self, &*sink.history, place) else {
            return;
        };
        let view = self.view(&desk);
        self.touch_conflict(view.claim(laid.claim).id, sink.touched);
        for event in laid.events() {
            let row = desk.event(event);
            let touched = &mut *sink.touched;
            touched.units.extend_from_slice(&row.units);
            touched.counts.extend(&row.docs);
            touched.witnessed.extend(&row.docs);
            touched.amounts.extend(&row.docs);
            for counted in &row.quantities {
                touched.refold((counted.class, counted.uom));
            }
        }
    }

    /// What is said to be in a container counts as its content from then on.
    fn pack(&mut self, event: &Event, touched: &mut Touched) {
        let Some(packing) = event.packing.filter(|it| it.what != Packs::Removed) else {
            return;
        };
        for unit in &event.units {
            if self.contents.add(packing.container, *unit) {
                touched.relisted.push(packing.container);
            }
        }
    }

    /// Writes observations into the history, and marks what they bear on.
    fn file(
        &mut self,
        row: ClaimRow,
        kept: Option<ClaimNo>,
        events: Vec<Event>,
        sink: &mut Sink<'_>,
    ) {
        let (id, at, key) = (row.id, row.at, row.key);
        let told = events.into_iter().map(|event| Told {
            units: event
                .units
                .iter()
                .map(|unit| self.units.row(*unit).newest)
                .collect(),
            docs: event
                .docs
                .iter()
                .map(|doc| self.documents.newest(*doc))
                .collect(),
            quantities: event
                .quantities
                .iter()
                .map(|counted| self.classes.row((counted.class, counted.uom))?.newest)
                .collect(),
            event,
        });
        let record = Record {
            told: told.collect(),
            key: self.keys.newest(key),
            claim: row,
            kept,
        };
        let place = sink.history.append(id, at, &record.encode());
        self.keys.set_newest(key, place);
        for told in &record.told {
            let event = &told.event;
            self.pack(event, sink.touched);
            for unit in &event.units {
                let row = self.units.row_mut(*unit);
                row.newest = Some(place);
                row.observations = row.observations.saturating_add(1);
            }
            for doc in &event.docs {
                self.documents.set_newest(*doc, place);
                sink.touched.witnessed.insert(*doc);
                if event.said_role == StepRole::Counts {
                    sink.touched.counts.insert(*doc);
                }
                if !event.quantities.is_empty() {
                    sink.touched.amounts.insert(*doc);
                }
                if event.may_tally() {
                    self.tallied.insert(*doc);
                }
            }
            for counted in &event.quantities {
                self.classes.set_newest((counted.class, counted.uom), place);
            }
        }
        let laid = sink.desk.put_fresh(self, place, record);
        for event in laid.events() {
            sink.touched.filed.push(event);
            for counted in &sink.desk.event(event).quantities {
                sink.touched.class((counted.class, counted.uom), event);
            }
        }
    }
}

/// Where what a claim tells goes.
pub(crate) struct Sink<'a> {
    pub(crate) desk: &'a mut Desk,
    pub(crate) history: &'a mut dyn History,
    pub(crate) touched: &'a mut Touched,
}

/// A claim that is being taken in, and what it said so far.
struct Saying<'a> {
    row: &'a ClaimRow,
    /// Its number, if a row of it is kept.
    kept: Option<ClaimNo>,
    parts: std::ops::RangeFrom<u32>,
    bears_on: Vec<BearsOn>,
    events: Vec<Event>,
}

impl Saying<'_> {
    fn part(&mut self) -> u32 {
        self.parts.next().unwrap_or(u32::MAX)
    }

    fn claim(&self) -> ClaimNo {
        self.kept
            .expect("of a claim that says more than observations a row is kept")
    }

    fn of<T>(&mut self, terms: T) -> Said<T> {
        Said {
            claim: self.claim(),
            part: self.part(),
            terms,
        }
    }
}

/// When a claim was made, by its signer's clock. A declaration repeats the time of what it takes back,
/// and may name any as its own: it is no older than its statement.
fn time_of(statement: &AdmittedStatement, claim: &Claim) -> Timestamp {
    claim
        .correction
        .as_ref()
        .map_or(claim.time.at, |correction| {
            let declared = correction.declared.at;
            statement
                .signed
                .map_or(declared, |signed| declared.max(signed))
        })
}

/// Whether a fact is what somebody plans, not what was observed or what a unit is called.
const fn is_planned(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Expected(_)
            | Fact::Manifest(_)
            | Fact::CountDue(_)
            | Fact::Route(_)
            | Fact::DocumentDue(_)
    )
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
            Fact::Route(route) => drop(units.insert(&route.unit)),
            Fact::CountDue(_) | Fact::DocumentDue(_) => {}
            Fact::Alias(alias) => {
                units.insert(&alias.unit);
                units.insert(&alias.same_as);
            }
        }
    }
    units
}
