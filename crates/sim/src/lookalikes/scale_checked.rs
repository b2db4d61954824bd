//! Checked: a wrong weight is taken back an hour later; the dock, which has a scale of its own, held
//! the pallet, weighs it soon after that, and says the right one.

use super::kinds;
use crate::draft::Draft;
use crate::event::Reading;
use crate::rng::Chance;
use crate::truth::TruthRow;
use crate::weighing::TakenBack;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| load.ends_here && !load.pallets.is_empty())?;
    let pallet = chance.pick(&draft.load(no).pallets)?.clone();
    let wrong = Reading {
        grams: pallet.grams * chance.between(40, 90) / 100,
        exception: false,
    };
    let after_min = chance.between(50, 70);
    let checked_min = after_min + chance.between(5, 25);
    let quirks = draft.quirks(no);
    quirks.reweighed = Some((pallet.unit, wrong));
    quirks.held_min = checked_min;
    quirks.taken_back = Some(TakenBack {
        after_min,
        checked_min: Some(checked_min),
    });
    Some(TruthRow {
        // Until somebody else has weighed it, nothing tells it from a cover.
        allowed: kinds(&["weight_gap", "record_tampering"]),
        ..draft.row_of_load(no, "scale_checked", &[pallet.unit])
    })
}
