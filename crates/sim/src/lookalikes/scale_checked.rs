//! Checked: the dock, which has a scale of its own, holds a pallet with a wrong weight and weighs it
//! within minutes, right; an hour later the wrong one is taken back, which hides nothing.

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
    let checked_min = chance.between(3, 12);
    let quirks = draft.quirks(no);
    quirks.reweighed = Some((pallet.unit, wrong));
    quirks.held_min = checked_min;
    quirks.taken_back = Some(TakenBack {
        after_min,
        checked_min: Some(checked_min),
    });
    Some(draft.row_of_load(no, "scale_checked", &[pallet.unit]))
}
