//! Scale: a pallet weighs a little less, within what the scale may be off; or the scale shows
//! nonsense and says so.

use crate::draft::Draft;
use crate::event::Reading;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| !load.pallets.is_empty())?;
    let pallet = chance.pick(&draft.load(no).pallets)?.clone();
    let reading = if chance.chance(500) {
        // The tolerance is 1 % of the heavier weight, and an honest first reading is off by 0.1 %.
        Reading {
            grams: pallet.grams - pallet.grams * chance.between(5, 8) / 1000,
            exception: false,
        }
    } else {
        Reading {
            grams: pallet.grams * chance.between(20, 70) / 100,
            exception: true,
        }
    };
    draft.quirks(no).reweighed = Some((pallet.unit, reading));
    Some(draft.row_of_load(no, "scale_noise", &[pallet.unit]))
}
