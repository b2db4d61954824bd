//! Weighing: pallets at both ends of the way, boxes that are sent back, readings that are taken back.

use countersign_model::time::{Span, Timestamp};

use crate::clock::{minutes, shifted};
use crate::event::{Event, Reading, Withdrawal};
use crate::load::{Load, Pallet};
use crate::names::{PlaceNo, UnitNo};
use crate::play::Stage;

/// The reading that is not as planned is taken back, and the weight of before said for that instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TakenBack {
    /// So many minutes after it was read.
    pub(crate) after_min: i64,
    /// So many minutes after it was read the dock holds the pallet and weighs it with its own scale.
    pub(crate) checked_min: Option<i64>,
}

impl Stage<'_> {
    /// The weight of a pallet as an honest scale shows it: within 0.1 %.
    pub(crate) fn reading(&mut self, grams: i64) -> Reading {
        Reading {
            grams: grams + self.chance.between(-grams / 1000, grams / 1000),
            exception: false,
        }
    }

    /// Says what a scale shows; returns what was said.
    pub(crate) fn weigh(
        &mut self,
        unit: UnitNo,
        scale: PlaceNo,
        at: Timestamp,
        reading: Reading,
    ) -> Event {
        let reader = self.atlas.reader(scale);
        let mut event = Event::seen(reader, at, "inspecting", scale, &[unit]);
        event.reading = Some(reading);
        let id = self.journal.write(event.clone());
        Event { id, ..event }
    }
}

/// The customer weighs what it sends back, and the hub what came.
pub(crate) fn weigh_boxes(load: &Load, stage: &mut Stage<'_>) {
    let to = stage.atlas.site(stage.atlas.lane(load.lane).to);
    for (n, one) in load.quirks.weighed.iter().enumerate() {
        let minute = i64::try_from(n).unwrap_or(0);
        let exact = |grams| Reading {
            grams,
            exception: false,
        };
        let before = shifted(load.ready, -30).plus(Span::from_secs(minute * 40));
        stage.weigh(one.unit, load.dock_from, before, exact(one.given));
        if let Some(scale) = to.scale {
            let after = shifted(load.arrive, 40).plus(Span::from_secs(minute * 40));
            stage.weigh(one.unit, scale, after, exact(one.taken));
        }
    }
}

/// The destination weighs a pallet.
pub(crate) fn weigh_again(
    load: &Load,
    stage: &mut Stage<'_>,
    pallet: &Pallet,
    scale: PlaceNo,
    at: Timestamp,
) {
    let honest = stage.reading(pallet.grams);
    let changed = load
        .quirks
        .reweighed
        .filter(|(unit, _)| *unit == pallet.unit);
    let reading = changed.map_or(honest, |(_, reading)| reading);
    let said = stage.weigh(pallet.unit, scale, at, reading);
    if reading.exception {
        // Weighed once more when the scale works again.
        stage.weigh(pallet.unit, scale, at.plus(minutes(9)), honest);
    }
    if let (Some(_), Some(back)) = (changed, load.quirks.taken_back) {
        take_back(said, honest, back.after_min, stage);
        if let Some(minute) = back.checked_min {
            check(load, stage, pallet, at.plus(minutes(minute)));
        }
    }
}

/// What was read did not occur, and another weight is said for the same instant.
fn take_back(said: Event, instead: Reading, after_min: i64, stage: &mut Stage<'_>) {
    let declared = said.at.plus(minutes(after_min));
    let anew = Event {
        id: String::new(),
        recorded: declared,
        reading: Some(instead),
        ..said.clone()
    };
    stage.journal.write(Event {
        recorded: declared,
        withdrawal: Some(Withdrawal { declared }),
        ..said
    });
    stage.journal.write(anew);
}

/// The dock holds the pallet and weighs it by itself.
fn check(load: &Load, stage: &mut Stage<'_>, pallet: &Pallet, at: Timestamp) {
    let dock = load.dock_to;
    let mut event = Event::seen(
        stage.atlas.reader(dock),
        at,
        "holding",
        dock,
        &[pallet.unit],
    );
    event.reading = Some(stage.reading(pallet.grams));
    stage.journal.write(event);
}
