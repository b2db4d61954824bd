//! Covered weight: goods are taken out of a pallet on the way, the scale at the hub says less, and
//! hours later the hub takes that reading back and says the old weight for the same instant.

use crate::clock::shifted;
use crate::draft::Draft;
use crate::event::Reading;
use crate::rng::Chance;
use crate::truth::TruthRow;
use crate::weighing::TakenBack;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        !load.pallets.is_empty() && load.counted.is_empty() && load.seal.is_none()
    })?;
    let pallet = chance.pick(&draft.load(no).pallets)?.clone();
    let taken = chance.between(pallet.grams / 20, pallet.grams / 8);
    let reading = Reading {
        grams: pallet.grams - taken,
        exception: false,
    };
    let after_min = chance.between(60, 180);
    let quirks = draft.quirks(no);
    quirks.reweighed = Some((pallet.unit, reading));
    quirks.taken_back = Some(TakenBack {
        after_min,
        checked_min: None,
    });
    let worth = draft.goods.cents(&pallet.children) * taken / pallet.grams.max(1);
    Some(TruthRow {
        act: true,
        cents: worth,
        until: shifted(draft.load(no).arrive, 45 + after_min),
        kinds: vec!["record_tampering".to_owned()],
        allowed: vec!["weight_gap".to_owned()],
        ..draft.row_of_load(no, "weight_covered", &[pallet.unit])
    })
}
