//! The desk: observations that were laid out of the history to be judged, with their claims.
//!
//! Numbers of observations, and of claims of which no row is kept, are places on the desk: they hold
//! until it is cleared.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use countersign_model::ids::ClaimId;

use super::Known;
use super::claims::ClaimRow;
use super::class_events::ClassKey;
use super::events::{Effect, Event};
use super::plan_events::Named;
use super::take::sightings::counts_as;
use crate::containment::{Container, Inside};
use crate::history::record::{Record, Told};
use crate::history::{History, Place};
use crate::limits::OBSERVATIONS_PER_KEY_MAX;
use crate::number::{ClaimNo, DocNo, EventNo, Number as _, UnitNo};

/// Numbers of claims from here on are places on the desk.
const FIRST_ON_DESK: usize = 1 << 31;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Desk {
    told: Vec<Told>,
    claims: Vec<ClaimRow>,
    /// Those written since the desk was cleared, whose places rise, and those that were laid out.
    fresh: Vec<(Place, Laid)>,
    laid: BTreeMap<Place, Laid>,
    histories: BTreeMap<UnitNo, Vec<EventNo>>,
    /// Of units, the observations that name another thing, with the container through which they speak.
    spoken: BTreeMap<UnitNo, BTreeMap<EventNo, UnitNo>>,
    containers: BTreeMap<UnitNo, Arc<Container>>,
    inside: BTreeMap<UnitNo, Inside>,
    docs: BTreeMap<DocNo, Named>,
    is_lacking: bool,
}

/// A record on the desk.
#[derive(Clone, Debug)]
pub(crate) struct Laid {
    pub(crate) claim: ClaimNo,
    key: Option<Place>,
    events: Range<usize>,
}

impl Laid {
    pub(crate) fn events(&self) -> impl Iterator<Item = EventNo> + use<> {
        self.events.clone().map(EventNo::of)
    }
}

impl Desk {
    pub(crate) fn clear(&mut self) {
        self.told.clear();
        self.claims.clear();
        self.fresh.clear();
        self.laid.clear();
        self.forget_histories();
        self.docs.clear();
    }

    fn forget_histories(&mut self) {
        self.histories.clear();
        self.spoken.clear();
        self.containers.clear();
        self.inside.clear();
    }

    /// Whether anything could not be read: then nothing that is judged here counts.
    pub(crate) const fn is_lacking(&self) -> bool {
        self.is_lacking
    }

    pub(crate) const fn len(&self) -> usize {
        self.told.len()
    }

    pub(crate) fn event(&self, event: EventNo) -> &Event {
        &self.told(event).event
    }

    fn told(&self, event: EventNo) -> &Told {
        let told = self.told.get(event.at());
        told.expect("an observation is laid out before it is judged")
    }

    /// The row of a claim that has no other; `None` for one that is kept.
    pub(crate) fn claim(&self, claim: ClaimNo) -> Option<&ClaimRow> {
        self.claims.get(claim.at().checked_sub(FIRST_ON_DESK)?)
    }

    /// The claim of that identity that was laid out.
    pub(crate) fn claim_with(&self, id: ClaimId) -> Option<ClaimNo> {
        let at = self.claims.iter().position(|row| row.id == id)?;
        Some(ClaimNo::of(FIRST_ON_DESK + at))
    }

    /// The observations of a claim that were laid out.
    pub(crate) fn events_of(&self, claim: ClaimNo) -> impl Iterator<Item = EventNo> {
        let own = self.told.iter().enumerate();
        let own = own.filter(move |(_, told)| told.event.claim == claim);
        own.map(|(at, _)| EventNo::of(at))
    }

    /// What was observed of a unit, by itself and in its containers, as far as it was laid out; in the
    /// total order.
    pub(crate) fn history(&self, root: UnitNo) -> &[EventNo] {
        self.histories.get(&root).map_or(&[], Vec::as_slice)
    }

    /// The observations that name a document, if they were laid out.
    pub(crate) fn document(&self, doc: DocNo) -> Option<&Named> {
        self.docs.get(&doc)
    }

    /// Puts a record on the desk that was written just now.
    pub(crate) fn put_fresh(&mut self, known: &Known, place: Place, record: Record) -> Laid {
        let laid = self.put(known, record);
        self.fresh.push((place, laid.clone()));
        laid
    }

    fn put(&mut self, known: &Known, record: Record) -> Laid {
        let claim = record.kept.unwrap_or_else(|| {
            self.claims.push(record.claim);
            ClaimNo::of(FIRST_ON_DESK + self.claims.len() - 1)
        });
        let first = self.told.len();
        self.told.extend(record.told);
        for told in self.told.iter_mut().skip(first) {
            told.event.claim = claim;
        }
        let events = first..self.told.len();
        self.resolve(known, claim, events.clone());
        Laid {
            claim,
            key: record.key,
            events,
        }
    }

    /// Lets what was put there before follow what is known now.
    pub(crate) fn refresh(&mut self, known: &Known) {
        self.forget_histories();
        self.docs.clear();
        let (fresh, laid) = (
            std::mem::take(&mut self.fresh),
            std::mem::take(&mut self.laid),
        );
        for one in laid.values().chain(fresh.iter().map(|(_, laid)| laid)) {
            self.resolve(known, one.claim, one.events.clone());
        }
        (self.fresh, self.laid) = (fresh, laid);
    }

    fn resolve(&mut self, known: &Known, claim: ClaimNo, events: Range<usize>) {
        let own = claim.at().checked_sub(FIRST_ON_DESK);
        let own = own.and_then(|at| self.claims.get_mut(at));
        let row = match own {
            Some(row) => {
                row.is_taken_back = known.claims.is_declared_wrong(row.id, row.issuer);
                row.is_suspect = known.suspicions.covers(row.key, row.recorded);
                &*row
            }
            None => known.claims.row(claim),
        };
        for told in self.told.get_mut(events).unwrap_or_default() {
            let event = &mut told.event;
            event.time = known.atlas.corrected(row.signed(), event.said_time);
            event.effect = match row.effect() {
                Effect::Effective if known.is_settled(row, event.time) => Effect::Settled,
                effect => effect,
            };
            event.role = counts_as(event.said_role, row.is_suspect);
        }
    }

    /// Lays a record out, unless it lies there; `None` when it cannot be read.
    pub(crate) fn lay_out(
        &mut self,
        known: &Known,
        history: &dyn History,
        place: Place,
    ) -> Option<Laid> {
        let fresh = self.fresh.binary_search_by_key(&place, |(place, _)| *place);
        let fresh = fresh.ok().and_then(|at| self.fresh.get(at));
        if let Some(laid) = fresh
            .map(|(_, laid)| laid)
            .or_else(|| self.laid.get(&place))
        {
            return Some(laid.clone());
        }
        let mut bytes = Vec::new();
        if !history.read(place, &mut bytes) {
            self.is_lacking = true;
            return None;
        }
        let record = Record::decode(&bytes);
        let record = record.expect("LOG-1: the history gives back what was put into it");
        let laid = self.put(known, record);
        self.laid.insert(place, laid.clone());
        Some(laid)
    }

    /// Lays out the observations of all keys of a unit, in the total order.
    pub(crate) fn lay_out_keys(
        &mut self,
        known: &Known,
        history: &dyn History,
        root: UnitNo,
    ) -> Vec<EventNo> {
        let mut events = Vec::new();
        for key in known.aliases.members(root) {
            let newest = known.units.row(key).newest;
            events.extend(self.follow(known, history, newest, |told| {
                let at = told.event.units.iter().position(|unit| *unit == key)?;
                told.units.get(at).copied()
            }));
        }
        self.sort(known, &mut events);
        let too_many = events.len().saturating_sub(OBSERVATIONS_PER_KEY_MAX);
        events.drain(..too_many);
        events
    }

    /// Sets the history of a unit: what was observed of it, and what speaks for it through containers.
    pub(crate) fn set_history(
        &mut self,
        known: &Known,
        root: UnitNo,
        own: Vec<EventNo>,
        spoken: BTreeMap<EventNo, UnitNo>,
    ) {
        let mut events = own;
        if !spoken.is_empty() {
            events.extend(spoken.keys());
            self.sort(known, &mut events);
            self.spoken.insert(root, spoken);
        }
        self.histories.insert(root, events);
    }

    /// Takes what does not speak for a unit after all out of its history.
    pub(crate) fn strike(&mut self, root: UnitNo, events: &[EventNo]) {
        if let Some(history) = self.histories.get_mut(&root) {
            history.retain(|event| !events.contains(event));
        }
    }

    /// Lets observations have another effect for a while; returns the effects that they have.
    pub(crate) fn swap_effects(&mut self, of: &[(EventNo, Effect)]) -> Vec<(EventNo, Effect)> {
        let mut before = Vec::new();
        for (event, effect) in of {
            if let Some(told) = self.told.get_mut(event.at()) {
                let was = std::mem::replace(&mut told.event.effect, *effect);
                before.push((*event, was));
            }
        }
        before
    }

    /// Forgets the history of a unit.
    pub(crate) fn forget_history(&mut self, root: UnitNo) {
        self.histories.remove(&root);
        self.spoken.remove(&root);
    }

    /// The container through which an observation speaks for a unit; `None` for one that names it.
    pub(crate) fn container(&self, root: UnitNo, event: EventNo) -> Option<UnitNo> {
        self.spoken.get(&root)?.get(&event).copied()
    }

    /// What a unit is in behind the last of its observations, if those were laid out.
    pub(crate) fn inside(&self, root: UnitNo) -> Inside {
        self.inside.get(&root).copied().unwrap_or_default()
    }

    pub(crate) fn set_inside(&mut self, root: UnitNo, inside: Inside) {
        if inside != Inside::Nothing {
            self.inside.insert(root, inside);
        }
    }

    /// What a container says for what is in it, if that was found out.
    pub(crate) fn spoken_by(&self, container: UnitNo) -> Option<Arc<Container>> {
        self.containers.get(&container).map(Arc::clone)
    }

    pub(crate) fn set_spoken_by(&mut self, container: UnitNo, says: Arc<Container>) {
        self.containers.insert(container, says);
    }

    /// Lays out the observations that name a document.
    pub(crate) fn lay_out_document(&mut self, known: &Known, history: &dyn History, doc: DocNo) {
        if self.docs.contains_key(&doc) {
            return;
        }
        let newest = known.documents.newest(doc);
        let mut events = self.follow(known, history, newest, |told| {
            let at = told.event.docs.iter().position(|other| *other == doc)?;
            told.docs.get(at).copied()
        });
        self.sort(known, &mut events);
        let mut named = Named::default();
        for event in events {
            named.push(self.event(event).said_role, event);
        }
        self.docs.insert(doc, named);
    }

    /// Lays out the observations that count a class, in the total order.
    pub(crate) fn lay_out_class(
        &mut self,
        known: &Known,
        history: &dyn History,
        class: ClassKey,
    ) -> Vec<EventNo> {
        let newest = known.classes.row(class).and_then(|row| row.newest);
        let mut events = self.follow(known, history, newest, |told| {
            let mut all = told.event.quantities.iter();
            let at = all.position(|counted| (counted.class, counted.uom) == class)?;
            told.quantities.get(at).copied()
        });
        self.sort(known, &mut events);
        events
    }

    /// The observations along a chain, from its newest record on; `before` finds the place of the
    /// record before, in those observations that belong to the chain.
    fn follow(
        &mut self,
        known: &Known,
        history: &dyn History,
        newest: Option<Place>,
        before: impl Fn(&Told) -> Option<Option<Place>>,
    ) -> Vec<EventNo> {
        let mut found = Vec::new();
        let mut next = newest;
        while let Some(place) = next {
            next = None;
            let laid = self.lay_out(known, history, place);
            for event in laid.iter().flat_map(Laid::events) {
                if let Some(place) = before(self.told(event)) {
                    found.push(event);
                    next = place;
                }
            }
        }
        found
    }

    fn sort(&self, known: &Known, events: &mut Vec<EventNo>) {
        let view = known.view(self);
        events.sort_by(|a, b| view.order(*a, *b));
        events.dedup();
    }

    /// Places of the records of a key, the newest first.
    pub(crate) fn records_of_key(
        &mut self,
        known: &Known,
        history: &dyn History,
        newest: Option<Place>,
    ) -> Vec<Place> {
        let mut found = Vec::new();
        let mut next = newest;
        while let Some(place) = next {
            found.push(place);
            next = self
                .lay_out(known, history, place)
                .and_then(|laid| laid.key);
        }
        found
    }
}
