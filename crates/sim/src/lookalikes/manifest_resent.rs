//! Manifest sent again: the warehouse system says a manifest a second time, word for word.

use crate::clock::minutes;
use crate::draft::Draft;
use crate::load::Rewrite;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| load.ends_here && load.counted.is_empty())?;
    let at = draft.load(no).issued.plus(minutes(chance.between(30, 300)));
    draft.quirks(no).manifest_again = Some(Rewrite {
        left_out: Vec::new(),
        at,
    });
    let units = draft.load(no).everything();
    Some(draft.row_of_load(no, "manifest_resent", &units))
}
