//! Slow unloading: the truck stands at the dock, and hours pass before the last cartons are read.

use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| load.ends_here && load.counted.is_empty())?;
    draft.quirks(no).slow_min = chance.between(60, 150);
    let units = draft.load(no).everything();
    let until = draft.load(no).arrive;
    let mut row = draft.row_of_load(no, "slow_unloading", &units);
    row.until = row.until.max(crate::clock::shifted(until, 240));
    // What is read last is read in time all the same.
    let load = draft.load_mut(no);
    load.arrive_by = crate::clock::shifted(until, 240);
    Some(row)
}
