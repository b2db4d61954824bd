//! Rest stop: the driver rests for three quarters of an hour, as the plan knew. The trailer stands on
//! the road, and its doors stay closed.

use crate::clock::shifted;
use crate::draft::Draft;
use crate::rng::Chance;
use crate::trailers::{Doors, Stop};
use crate::truth::TruthRow;

const REST_MIN: i64 = 45;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| load.ends_here && load.trailer.is_some())?;
    let load = draft.load_mut(no);
    load.arrive = shifted(load.arrive, REST_MIN);
    load.arrive_by = shifted(load.arrive_by, REST_MIN);
    let stop = Stop {
        per_mille: chance.between(250, 750),
        minutes: REST_MIN,
        doors: Doors::Closed,
    };
    let spot = draft.stop(no, stop)?;
    let units = draft.load(no).everything();
    let mut row = draft.row_of_load(no, "rest_stop", &units);
    row.places.push(spot.cell());
    Some(row)
}
