//! Glare: the sun stands in the camera over the dock, which misses some cartons as it always does, and
//! today as many as chance just explains. All of them left, and came.

use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let docks = draft.docks_counted(false);
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.units.len() >= 8 && docks.contains(&load.dock_from)
    })?;
    draft.quirks(no).glare = true;
    let units = draft.load(no).everything();
    Some(draft.row_of_load(no, "camera_glare", &units))
}
