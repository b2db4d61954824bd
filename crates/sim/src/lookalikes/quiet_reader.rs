//! Broken device: the portal and the reader at the dock are out of order. The load leaves unread,
//! signed from the list, and comes whole.

use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.counted.is_empty() && load.pallets.is_empty()
    })?;
    // Nobody says what is in a trailer if nothing is read.
    draft.unhitch(no);
    draft.quirks(no).unread = true;
    let units = draft.load(no).planned();
    Some(draft.row_of_load(no, "quiet_reader", &units))
}
