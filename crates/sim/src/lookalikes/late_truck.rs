//! Late truck: everything arrives, but not when it was promised. Stuck on the road beyond all
//! grace, or late within grace, or late already at the dock, where the goods wait and are seen.

use super::kinds;
use crate::clock::{minutes, shifted};
use crate::draft::{Draft, Planted, Reveal, lane_grace};
use crate::names::LoadNo;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<Planted> {
    let no = draft.take_load(chance, |load, _| load.ends_here && load.counted.is_empty())?;
    let allowed = match chance.below(3) {
        0 => stuck_on_the_road(draft, no, chance),
        1 => within_grace(draft, no, chance),
        _ => late_at_the_dock(draft, no, chance),
    };
    let units = draft.load(no).planned();
    let row = TruthRow {
        until: draft.load(no).arrive,
        allowed,
        ..draft.row_of_load(no, "late_truck", &units)
    };
    let reveal = Reveal::Nothing;
    Some(Planted { row, reveal })
}

/// Nobody sees the goods when the deadline passes: missing for a while, then late.
fn stuck_on_the_road(draft: &mut Draft, no: LoadNo, chance: &mut Chance) -> Vec<String> {
    let delay = minutes(chance.between(15, 75));
    let load = draft.load_mut(no);
    load.arrive = load.arrive_by.plus(lane_grace()).plus(delay);
    kinds(&["late_units", "missing_units"])
}

fn within_grace(draft: &mut Draft, no: LoadNo, chance: &mut Chance) -> Vec<String> {
    let delay = chance.between(1, 8);
    let load = draft.load_mut(no);
    load.arrive = shifted(load.arrive_by, delay);
    kinds(&["late_units"])
}

/// The truck comes late to the dock; the goods are seen there after their time. The schedule
/// leaves room, so that they still arrive in time.
fn late_at_the_dock(draft: &mut Draft, no: LoadNo, chance: &mut Chance) -> Vec<String> {
    let under_way = {
        let load = draft.load(no);
        load.arrive.since(load.depart)
    };
    let seen = chance.between(2, 8);
    let delay = minutes(chance.between(25, 45));
    let load = draft.load_mut(no);
    let waiting = load.planned();
    load.quirks.seen_on_dock = Some((waiting, shifted(load.depart_by, seen)));
    load.depart = load.depart_by.plus(lane_grace()).plus(delay);
    load.arrive = load.depart.plus(under_way);
    load.arrive_by = load.arrive.plus(minutes(25));
    kinds(&["late_units", "missing_units"])
}
