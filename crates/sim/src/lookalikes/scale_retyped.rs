//! Retyped: whoever works the scale types a wrong weight, sees it, and puts it right within minutes.

use crate::draft::Draft;
use crate::event::Reading;
use crate::rng::Chance;
use crate::truth::TruthRow;
use crate::weighing::TakenBack;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        !load.pallets.is_empty() && load.seal.is_none()
    })?;
    let pallet = chance.pick(&draft.load(no).pallets)?.clone();
    let wrong = Reading {
        grams: pallet.grams * chance.between(10, 90) / 100,
        exception: false,
    };
    let quirks = draft.quirks(no);
    quirks.reweighed = Some((pallet.unit, wrong));
    quirks.taken_back = Some(TakenBack {
        after_min: chance.between(1, 9),
        checked_min: None,
    });
    Some(draft.row_of_load(no, "scale_retyped", &[pallet.unit]))
}
