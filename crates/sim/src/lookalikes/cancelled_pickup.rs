//! Cancelled pick-up: the dock signed that the load left, the truck broke down in the yard, the
//! departure is voided, and another truck takes the load later.

use super::kinds;
use crate::clock::shifted;
use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.counted.is_empty() && load.seal.is_none()
    })?;
    let load = draft.load(no);
    let said = shifted(load.ready, -36);
    draft.quirks(no).voided = Some((said, shifted(said, chance.between(8, 12))));
    let units = draft.load(no).everything();
    Some(TruthRow {
        allowed: kinds(&["broken_sequence", "unsigned_handover"]),
        ..draft.row_of_load(no, "cancelled_pickup", &units)
    })
}
