//! Contents taken: every label arrives, but a pallet weighs less than it did when it left.

use crate::draft::Draft;
use crate::event::Reading;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        !load.pallets.is_empty() && load.counted.is_empty()
    })?;
    let pallet = chance.pick(&draft.load(no).pallets)?.clone();
    let taken = chance.between(pallet.grams / 20, pallet.grams / 8);
    let reading = Reading {
        grams: pallet.grams - taken,
        exception: false,
    };
    draft.quirks(no).reweighed = Some((pallet.unit, reading));
    let worth = draft.goods.cents(&pallet.children) * taken / pallet.grams.max(1);
    Some(TruthRow {
        act: true,
        cents: worth,
        kinds: vec!["weight_gap".to_owned()],
        ..draft.row_of_load(no, "contents_taken", &[pallet.unit])
    })
}
