//! Left behind: the truck is full, some cartons stay on the dock, where they are seen, and go
//! with the next truck.

use super::kinds;
use crate::clock::shifted;
use crate::draft::Draft;
use crate::load::Load;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.counted.is_empty() && load.units.len() >= 8
    })?;
    let n = chance.count(3, 7);
    let units = draft.some_loose(no, n, chance);
    let seen = shifted(draft.load(no).depart_by, chance.between(2, 6));
    let quirks = draft.quirks(no);
    quirks.unloaded.extend(units.iter().copied());
    quirks.seen_on_dock = Some((units.clone(), seen));
    let manifest = draft.new_document('D');
    let load = draft.load(no).clone();
    let later = chance.between(80, 110);
    let moved = |at| shifted(at, later);
    let next = Load {
        manifest,
        issued: shifted(load.ready, later - 50),
        ready: moved(load.ready),
        depart: moved(load.depart),
        arrive: moved(load.arrive),
        depart_by: moved(load.depart_by),
        arrive_by: moved(load.arrive_by),
        units: units.clone(),
        ..load
    };
    let mut row = TruthRow {
        allowed: kinds(&["late_units", "unexpected_units"]),
        ..draft.row_of_load(no, "left_behind", &units)
    };
    row.manifests.push(next.manifest.link.clone());
    row.until = next.arrive;
    // The promise for the whole load leaves room for the next truck.
    draft.load_mut(no).arrive_by = shifted(next.arrive, 35);
    draft.follow_up(next);
    Some(row)
}
