//! Failed count: a count is due and nobody counts. Nothing follows for the goods.

use super::kinds;
use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_count(chance)?;
    let count = draft.counts.get_mut(no)?;
    count.fails = true;
    let place = count.place;
    let units = draft.idle.get(&place).cloned().unwrap_or_default();
    Some(TruthRow {
        allowed: kinds(&["late_units"]),
        ..draft.row_of_count(no, "failed_count", &units)
    })
}
