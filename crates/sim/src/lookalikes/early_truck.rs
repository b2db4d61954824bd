//! Early truck: the road was empty, and the load is there before anybody expected it.

use crate::clock::shifted;
use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| load.ends_here && load.counted.is_empty())?;
    // No tracker makes that way in so few minutes; who signs does not say how far it was.
    draft.unhitch(no);
    let load = draft.load_mut(no);
    load.arrive = shifted(load.depart, chance.between(25, 38));
    let units = draft.load(no).everything();
    Some(draft.row_of_load(no, "early_truck", &units))
}
