//! Reads admitted claims into the tables.

use countersign_model::claim::{Action, Claim, EventKind, Fact, Reached, Sighting, Step, StepRole};
use countersign_model::decimal::Decimal;
use countersign_model::entry::{ClaimStatus, Mark};
use countersign_model::fold::{AdmittedClaim, AdmittedStatement};
use countersign_model::ids::{PartyId, UnitId};
use countersign_model::plan::{CountPlan, Expectation, Goods, Manifest};
use countersign_model::quantity::Money;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::Known;
use super::aliases::AliasWord;
use super::claims::{BearsOn, ClaimRow, Conflict};
use super::counts::CountTerms;
use super::events::{Counted, Effect, Event};
use super::manifests::{AmountTerms, LineTerms, ManifestTerms};
use super::milestones::{ExpectedTerms, ReachedTerms};
use super::order::Order;
use super::said::Said;
use crate::limits::amount_fits;
use crate::number::{ClaimNo, DocNo, EventNo, UnitNo};
use crate::touched::Touched;

const AMOUNT_OUT_OF_RANGE: &str = "amount_out_of_range";
const VALUE_OUT_OF_RANGE: &str = "value_out_of_range";

impl Known {
    /// Takes one claim in. Acts are not for here.
    pub(crate) fn take(
        &mut self,
        statement: &AdmittedStatement,
        admitted: &AdmittedClaim,
        claim: &Claim,
        touched: &mut Touched,
    ) {
        match admitted.status {
            ClaimStatus::Effective => {
                let number = self.add_claim(statement, admitted, claim);
                self.take_effective(number, claim, touched);
            }
            ClaimStatus::Conflicting(_) => {
                let number = self.add_claim(statement, admitted, claim);
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
        statement: &AdmittedStatement,
        admitted: &AdmittedClaim,
        claim: &Claim,
    ) -> ClaimNo {
        let issuer = self.atlas.principal(&statement.issuer);
        self.claims.add(ClaimRow {
            id: claim.id,
            at: admitted.at,
            digest: admitted.digest,
            issuer,
            assurance: statement.assurance,
            chain: statement.chain,
            status: admitted.status,
            time: claim.time.at,
            is_locked: statement.marks.contains(&Mark::Locked),
            is_taken_back: false,
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
                    self.touch_taken_back(wrong, touched);
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

    fn take_sighting(&mut self, sighting: &Sighting, said: &mut Saying<'_>) {
        let role = sighting.step.as_ref().map_or(StepRole::Sees, Step::role);
        if sighting.kind == EventKind::Transformation {
            let inputs = (&sighting.units, &sighting.quantities, StepRole::Ends);
            let outputs = (
                &sighting.outputs,
                &sighting.output_quantities,
                StepRole::Issues,
            );
            for (units, quantities, role) in [inputs, outputs] {
                let part = Sighting {
                    units: units.clone(),
                    quantities: quantities.clone(),
                    parent: None,
                    ..sighting.clone()
                };
                self.add_event(&part, role, said);
            }
        } else {
            self.add_event(sighting, role, said);
        }
    }

    fn add_event(&mut self, sighting: &Sighting, role: StepRole, said: &mut Saying<'_>) {
        let names = sighting.units.iter().chain(&sighting.parent);
        let mut units: Vec<UnitNo> = names.map(|unit| self.unit(unit)).collect();
        units.sort_unstable();
        units.dedup();
        let parent = sighting.parent.as_ref().map(|unit| self.unit(unit));
        let quantities = self.counted(sighting, said);
        if units.is_empty() && quantities.is_empty() {
            return;
        }
        let weight = weight_of(sighting, parent, &units);
        let place = sighting.location.as_ref().or(sighting.place.as_ref());
        let place = place.map(|place| self.atlas.place(place));
        let names = &mut self.atlas.names;
        let mut docs: Vec<DocNo> = sighting
            .documents
            .iter()
            .map(|doc| names.docs.number(doc))
            .collect();
        docs.sort_unstable();
        docs.dedup();
        let step = sighting
            .step
            .as_ref()
            .map(|step| names.words.number(&Arc::from(step.as_str())));
        let value = self.fitting(sighting.value, said);
        let claim = self.claims.row(said.claim);
        let issuer = claim.issuer;
        let event = Event {
            time: self.atlas.corrected(issuer, sighting.time.at),
            said_time: sighting.time.at,
            claim: said.claim,
            issuer,
            effect: match (claim.is_taken_back, claim.is_locked) {
                (true, _) => Effect::TakenBack,
                (false, true) => Effect::Locked,
                (false, false) => Effect::Effective,
            },
            part: said.part(),
            role,
            step,
            is_accepting: sighting
                .step
                .as_ref()
                .is_some_and(|step| step.as_str() == "accepting"),
            place,
            said_party: hands(sighting, role).map(|party| self.atlas.names.parties.number(party)),
            docs: docs.into(),
            units: units.into(),
            quantities: quantities.into(),
            weight: weight.map(Box::new),
            repacks: parent.filter(|_| is_repack(sighting)),
            value: value.map(Box::new),
        };
        let number = self.events.push(event);
        said.bears_on.push(BearsOn::Event(number));
    }

    fn counted(&mut self, sighting: &Sighting, said: &Saying<'_>) -> Vec<Counted> {
        let at = self.claims.row(said.claim).at;
        let all = sighting.quantities.iter();
        let all = all.filter_map(|counted| Some((&counted.class, counted.quantity?)));
        let mut rows = Vec::new();
        for (class, quantity) in all {
            if amount_fits(quantity.value) && !quantity.value.is_negative() {
                rows.push(Counted {
                    class: self.atlas.class(class),
                    uom: quantity.uom,
                    amount: quantity.value,
                });
            } else {
                self.unfolded.note(at, AMOUNT_OUT_OF_RANGE);
            }
        }
        rows
    }

    fn fitting(&mut self, value: Option<Money>, said: &Saying<'_>) -> Option<Money> {
        let fits = value.filter(|money| amount_fits(money.amount));
        if fits != value {
            let at = self.claims.row(said.claim).at;
            self.unfolded.note(at, VALUE_OUT_OF_RANGE);
        }
        fits
    }

    fn take_manifest(&mut self, manifest: &Manifest, said: &mut Saying<'_>) {
        let mut terms = ManifestTerms {
            lane: manifest
                .lane
                .as_ref()
                .map(|lane| self.atlas.names.words.number(lane)),
            from: self.atlas.place(&manifest.from),
            to: self.atlas.place(&manifest.to),
            depart_by: manifest.depart_by,
            arrive_by: manifest.arrive_by,
            lines: Vec::new(),
            amounts: Vec::new(),
        };
        for line in &manifest.lines {
            let name = self.atlas.names.words.number(&line.line);
            let value = self.fitting(line.value, said);
            match &line.what {
                Goods::Unit(unit) => terms.lines.push(LineTerms {
                    line: name,
                    unit: self.unit(unit),
                    value,
                }),
                Goods::Amount { class, quantity } if amount_fits(quantity.value) => {
                    let counted = Counted {
                        class: self.atlas.class(class),
                        uom: quantity.uom,
                        amount: quantity.value,
                    };
                    terms.amounts.push(AmountTerms {
                        line: name,
                        counted,
                        value,
                    });
                }
                Goods::Amount { .. } => {
                    let at = self.claims.row(said.claim).at;
                    self.unfolded.note(at, AMOUNT_OUT_OF_RANGE);
                }
            }
        }
        let doc = self.atlas.names.docs.number(&manifest.id);
        self.manifests.say(doc, said.of(terms));
        said.bears_on.push(BearsOn::Manifest(doc));
    }

    fn take_count(&mut self, count: &CountPlan, said: &mut Saying<'_>) {
        let terms = CountTerms {
            place: self.atlas.place(&count.place),
            opens: count.opens,
            due: count.due,
        };
        let doc = self.atlas.names.docs.number(&count.id);
        self.counts.say(doc, said.of(terms));
        said.bears_on.push(BearsOn::Count(doc));
    }

    fn take_expected(&mut self, expectation: &Expectation, said: &mut Saying<'_>) {
        let terms = ExpectedTerms {
            group: self.atlas.names.words.number(&expectation.group),
            unit: self.unit(&expectation.unit),
            place: expectation
                .place
                .as_ref()
                .map(|place| self.atlas.place(place)),
            due: expectation.due.until,
            grace: expectation.grace,
        };
        let names = &mut self.atlas.names;
        let key = &expectation.key;
        let milestone = self.milestones.number(
            names.docs.number(&key.plan),
            names.words.number(&key.line),
            names.words.number(&key.stage),
        );
        let row = self.units.row_mut(terms.unit);
        if !row.milestones.contains(&milestone) {
            row.milestones.push(milestone);
        }
        let said_terms = said.of(terms);
        self.milestones.row_mut(milestone).expected.push(said_terms);
        said.bears_on.push(BearsOn::Milestone(milestone));
    }

    fn take_reached(&mut self, reached: &Reached, said: &mut Saying<'_>) {
        let terms = ReachedTerms {
            unit: self.unit(&reached.unit),
            time: reached.time.at,
            place: reached.place.as_ref().map(|place| self.atlas.place(place)),
        };
        let names = &mut self.atlas.names;
        let key = &reached.stage;
        let milestone = self.milestones.number(
            names.docs.number(&key.plan),
            names.words.number(&key.line),
            names.words.number(&key.stage),
        );
        let said_terms = said.of(terms);
        self.milestones.row_mut(milestone).reached.push(said_terms);
        said.bears_on.push(BearsOn::Milestone(milestone));
    }

    /// Marks what a claim that was taken back spoke of. Its events stay in their places and
    /// are passed over there.
    fn touch_taken_back(&mut self, claim: ClaimNo, touched: &mut Touched) {
        for one in &self.claims.row(claim).bears_on {
            let BearsOn::Event(event) = one else {
                touched.bearing_on(*one);
                continue;
            };
            let row = self.events.row_mut(*event);
            row.effect = Effect::TakenBack;
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
        touched.units.extend_from_slice(&row.units);
        for doc in &row.docs {
            if self.documents.insert(*doc, row.role, event, by_order) {
                touched.witnessed.insert(*doc);
            }
            if row.role == StepRole::Counts {
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

/// The first weight that is not doubtful: of the container, else of the only unit.
fn weight_of(
    sighting: &Sighting,
    parent: Option<UnitNo>,
    units: &[UnitNo],
) -> Option<(UnitNo, Decimal)> {
    let weight = sighting.weights.iter().find(|weight| !weight.doubtful)?;
    let unit = match (parent, units) {
        (Some(parent), _) => parent,
        (None, [only]) => *only,
        (None, _) => return None,
    };
    Some((unit, weight.kilograms))
}

/// Whether the event changes what is in a container.
fn is_repack(sighting: &Sighting) -> bool {
    let is_change = matches!(sighting.action, Some(Action::Add | Action::Delete));
    let is_packing = matches!(
        sighting.kind,
        EventKind::Aggregation | EventKind::Association
    );
    is_change && is_packing
}

/// Who gives or takes, as the event itself says.
const fn hands(sighting: &Sighting, role: StepRole) -> Option<&PartyId> {
    match role {
        StepRole::Gives => sighting.from.as_ref(),
        StepRole::Takes => sighting.to.as_ref(),
        _ => None,
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
