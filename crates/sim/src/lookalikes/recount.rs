//! Recount: a shelf is overlooked at first, and counted before the count is due.

use crate::clock::shifted;
use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_count(chance)?;
    let place = draft.counts.get(no)?.place;
    let n = chance.count(3, 7);
    let units = draft.take_idle(place, n, chance);
    let count = draft.counts.get_mut(no)?;
    let at = shifted(count.due, chance.between(-26, -18));
    count.overlooked = Some((units.iter().copied().collect(), at));
    Some(TruthRow {
        until: shifted(at, 10),
        ..draft.row_of_count(no, "recount", &units)
    })
}
