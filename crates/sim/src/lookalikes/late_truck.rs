//! Late truck: everything arrives, but not when it was promised. Late within the lane's grace, or
//! late already at the dock, where the goods wait and are seen.
//!
//! A truck that nobody has seen when all grace is over is no look-alike: nothing tells it from
//! one that was driven away.

use super::kinds;
use crate::clock::{minutes, shifted};
use crate::draft::{Draft, lane_grace};
use crate::names::LoadNo;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| load.ends_here && load.counted.is_empty())?;
    if chance.chance(500) {
        within_grace(draft, no, chance);
    } else {
        late_at_the_dock(draft, no, chance);
    }
    let units = draft.load(no).everything();
    Some(TruthRow {
        until: draft.load(no).arrive,
        allowed: kinds(&["late_units"]),
        ..draft.row_of_load(no, "late_truck", &units)
    })
}

fn within_grace(draft: &mut Draft, no: LoadNo, chance: &mut Chance) {
    let delay = chance.between(1, 8);
    let load = draft.load_mut(no);
    load.arrive = shifted(load.arrive_by, delay);
}

/// The truck comes late to the dock; the goods are seen there after their time. The schedule
/// leaves room, so that they still arrive in time.
fn late_at_the_dock(draft: &mut Draft, no: LoadNo, chance: &mut Chance) {
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
}
