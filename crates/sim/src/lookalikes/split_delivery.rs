//! Split delivery: the truck is full; part of the load goes with the next one, under the same
//! manifest, signed for like the rest, and comes in time.

use super::kinds;
use crate::clock::shifted;
use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.counted.is_empty() && load.units.len() >= 8
    })?;
    let n = chance.count(3, 7);
    let units = draft.some_loose(no, n, chance);
    let later = chance.between(70, 110);
    let quirks = draft.quirks(no);
    quirks.unloaded.extend(units.iter().copied());
    let load = draft.load(no).clone();
    let moved = |at| shifted(at, later);
    // The plan knew it: the last truck is in time.
    draft.load_mut(no).depart_by = moved(load.depart_by);
    draft.load_mut(no).arrive_by = moved(load.arrive_by);
    draft.follow_up_under_same(crate::load::Load {
        ready: moved(load.ready),
        depart: moved(load.depart),
        arrive: moved(load.arrive),
        units: units.clone(),
        ..load
    });
    Some(TruthRow {
        until: moved(draft.load(no).arrive_by),
        allowed: kinds(&["late_units"]),
        ..draft.row_of_load(no, "split_delivery", &units)
    })
}
