//! Doors on the road: a tracked trailer stops on its way, its doors are opened, and cartons are gone.
//! The tracker says so when it happens; who signs at either end does not know.

use crate::draft::Draft;
use crate::names::UnitNo;
use crate::rng::Chance;
use crate::trailers::{Doors, Stop};
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        let plain = load.counted.is_empty() && load.seal.is_none();
        load.ends_here && plain && load.trailer.is_some() && load.units.len() >= 8
    })?;
    // One thing that is worth it, or what can be carried in a few minutes.
    let n = if chance.chance(500) {
        1
    } else {
        chance.count(2, 5)
    };
    let stolen = draft.some_loose(no, n, chance);
    draft.quirks(no).off_truck.extend(stolen.iter().copied());
    let stop = Stop {
        per_mille: chance.between(250, 750),
        minutes: chance.between(8, 14),
        doors: Doors::Forced,
    };
    let spot = draft.stop(no, stop)?;
    let trailer = draft.load(no).in_trailer();
    let concerned: Vec<UnitNo> = trailer.into_iter().chain(stolen).collect();
    let mut row = TruthRow {
        act: true,
        from: draft.load(no).depart,
        kinds: vec!["seal_broken".to_owned(), "missing_units".to_owned()],
        ..draft.row_of_load(no, "doors_on_the_road", &concerned)
    };
    row.places.push(spot.cell());
    Some(row)
}
