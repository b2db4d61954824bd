//! Counts: what is due, what is found, and the events of the count.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::time::Timestamp;

use crate::clock::{minutes, shifted};
use crate::event::{Document, Event};
use crate::names::{Name, PlaceNo, UnitNo};
use crate::play::Stage;

/// One count of one place.
#[derive(Clone, Debug)]
pub(crate) struct Count {
    pub(crate) plan: Name,
    pub(crate) place: PlaceNo,
    pub(crate) issued: Timestamp,
    pub(crate) opens: Timestamp,
    pub(crate) due: Timestamp,
    /// Not there any more.
    pub(crate) gone: BTreeSet<UnitNo>,
    /// There, but not seen at first; found at the later time.
    pub(crate) overlooked: Option<(BTreeSet<UnitNo>, Timestamp)>,
    /// Nobody counts.
    pub(crate) fails: bool,
    /// An act or a look-alike has it.
    pub(crate) taken: bool,
}

/// Where every unit was seen, by time: what a person with all the lists would know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whereabouts(BTreeMap<UnitNo, Vec<(Timestamp, PlaceNo)>>);

impl Whereabouts {
    /// From the events so far; what was taken back does not count.
    pub(crate) fn of(events: &[Event]) -> Self {
        let withdrawn: BTreeSet<&str> = events
            .iter()
            .filter(|event| event.withdrawal.is_some())
            .map(|event| event.id.as_str())
            .collect();
        let mut seen: BTreeMap<UnitNo, Vec<(Timestamp, PlaceNo)>> = BTreeMap::new();
        for event in events {
            if withdrawn.contains(event.id.as_str()) {
                continue;
            }
            for unit in event.all_units() {
                seen.entry(unit)
                    .or_default()
                    .push((event.at, event.place()));
            }
        }
        for list in seen.values_mut() {
            list.sort_unstable();
        }
        Self(seen)
    }

    /// Units whose last sighting before `at` was exactly at `place`.
    pub(crate) fn held_at(&self, place: PlaceNo, at: Timestamp) -> Vec<UnitNo> {
        let held = self.0.iter().filter(|(_, seen)| {
            let last = seen.iter().rev().find(|(when, _)| *when < at);
            last.is_some_and(|(_, where_)| *where_ == place)
        });
        held.map(|(unit, _)| *unit).collect()
    }

    /// The unit was seen at or after `at`.
    pub(crate) fn is_seen_after(&self, unit: UnitNo, at: Timestamp) -> bool {
        let last = self.0.get(&unit).and_then(|seen| seen.last());
        last.is_some_and(|(when, _)| *when >= at)
    }
}

impl Count {
    /// Writes the events of the count: each unit that stands there and stays there is counted.
    /// False when there is nothing to count: then nobody would have planned it.
    pub(crate) fn play(&self, seen: &Whereabouts, stage: &mut Stage<'_>) -> bool {
        if self.fails {
            return true;
        }
        let there = seen.held_at(self.place, self.opens);
        let overlooked = self.overlooked.as_ref();
        let found: Vec<UnitNo> = there
            .into_iter()
            .filter(|unit| !self.gone.contains(unit))
            .filter(|unit| !overlooked.is_some_and(|(later, _)| later.contains(unit)))
            .filter(|unit| !seen.is_seen_after(*unit, self.opens))
            .collect();
        let window = (self.opens.plus(minutes(4)), shifted(self.due, -38));
        self.count(&found, window, stage);
        if let Some((later, at)) = overlooked {
            let later: Vec<UnitNo> = later.iter().copied().collect();
            self.count(&later, (*at, at.plus(minutes(5))), stage);
        }
        !found.is_empty()
    }

    fn count(&self, units: &[UnitNo], window: (Timestamp, Timestamp), stage: &mut Stage<'_>) {
        let reader = stage.atlas.reader(self.place);
        stage.say(units, (12, 30), window, |at, some, _| {
            let event = Event::seen(reader, at, "cycle_counting", self.place, some);
            let mut event = event.now_at(self.place);
            event.document = Some(Document::Count(self.plan.clone()));
            event
        });
    }
}
