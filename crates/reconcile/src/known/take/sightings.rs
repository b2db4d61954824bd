//! Sightings become events.

use std::sync::Arc;

use countersign_model::claim::{Action, EventKind, Sighting, Step, StepRole};
use countersign_model::decimal::Decimal;
use countersign_model::ids::{PartyId, PlaceId};
use countersign_model::position::Position;
use countersign_model::quantity::Money;

use super::Saying;
use crate::known::Known;
use crate::known::events::{Counted, Doors, Effect, Event, Packing, Packs};
use crate::known::unfolded::{AMOUNT_OUT_OF_RANGE, VALUE_OUT_OF_RANGE};
use crate::limits::amount_fits;
use crate::number::{ClaimNo, DocNo, Number as _, UnitNo};

/// Steps whose signer opens what he finds open.
const OPENING: [&str; 3] = ["removing", "unloading", "unpacking"];

impl Known {
    pub(super) fn take_sighting(&mut self, sighting: &Sighting, said: &mut Saying<'_>) {
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
        let said_place = sighting.location.as_ref().or(sighting.place.as_ref());
        let position = said_place.and_then(|place| Position::parse(place.as_str()).ok());
        let place = match position {
            Some(position) => PlaceId::parse(&position.cell()).ok(),
            None => said_place.cloned(),
        };
        let place = place.map(|place| self.atlas.place(&place));
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
        let (issuer, signed) = (said.row.issuer, said.row.signed());
        let event = Event {
            time: self.atlas.corrected(signed, sighting.time.at),
            said_time: sighting.time.at,
            // Both follow the claim when the observation lies on the desk.
            claim: ClaimNo::FIRST,
            issuer,
            effect: Effect::Effective,
            part: said.part(),
            role,
            said_role: role,
            step,
            is_accepting: sighting
                .step
                .as_ref()
                .is_some_and(|step| step.as_str() == "accepting"),
            doors: doors_of(sighting),
            place,
            position,
            said_party: hands(sighting, role).map(|party| self.atlas.names.parties.number(party)),
            docs: docs.into(),
            units: units.into(),
            quantities: quantities.into(),
            weight: weight.map(Box::new),
            packing: parent.and_then(|container| packing(sighting, container)),
            value: value.map(Box::new),
        };
        said.events.push(event);
    }

    fn counted(&mut self, sighting: &Sighting, said: &Saying<'_>) -> Vec<Counted> {
        let at = said.row.at;
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

    pub(super) fn fitting(&mut self, value: Option<Money>, said: &Saying<'_>) -> Option<Money> {
        let fits = value.filter(|money| amount_fits(money.amount));
        if fits != value {
            let at = said.row.at;
            self.unfolded.note(at, VALUE_OUT_OF_RANGE);
        }
        fits
    }
}

/// In which role an event counts.
pub(crate) const fn counts_as(said: StepRole, is_suspect: bool) -> StepRole {
    if is_suspect { StepRole::Sees } else { said }
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

/// What the event says of doors or seals, by its disposition (CBV 2.0, Dispositions).
fn doors_of(sighting: &Sighting) -> Option<Doors> {
    let opens = |step: &Step| OPENING.contains(&step.as_str());
    match sighting.disposition.as_deref()? {
        "container_closed" => Some(Doors::Closed),
        "container_open" if sighting.step.as_ref().is_some_and(opens) => Some(Doors::Opened),
        "container_open" => Some(Doors::FoundOpen),
        _ => None,
    }
}

/// What the event says of what is in a container. One without an action says nothing of it.
fn packing(sighting: &Sighting, container: UnitNo) -> Option<Packing> {
    let is_packing = matches!(
        sighting.kind,
        EventKind::Aggregation | EventKind::Association
    );
    let what = match sighting.action? {
        Action::Add => Packs::Added,
        Action::Delete => Packs::Removed,
        Action::Observe => Packs::Seen,
    };
    is_packing.then_some(Packing { container, what })
}

/// Who gives or takes, as the event itself says.
const fn hands(sighting: &Sighting, role: StepRole) -> Option<&PartyId> {
    match role {
        StepRole::Gives => sighting.from.as_ref(),
        StepRole::Takes => sighting.to.as_ref(),
        _ => None,
    }
}
