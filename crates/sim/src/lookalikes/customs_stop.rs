//! Customs: an inspector stops a trailer on the road, opens it, looks, and closes it again. He says so
//! himself, and so does the tracker.

use crate::draft::Draft;
use crate::rng::Chance;
use crate::trailers::{Doors, Stop};
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_tracked(chance, |load| load.seal.is_none())?;
    let stop = Stop {
        per_mille: chance.between(250, 750),
        minutes: chance.between(12, 20),
        doors: Doors::Inspected,
    };
    let spot = draft.stop(no, stop)?;
    let units = draft.load(no).everything();
    let mut row = draft.row_of_load(no, "customs_stop", &units);
    row.places.push(spot.cell());
    Some(row)
}
