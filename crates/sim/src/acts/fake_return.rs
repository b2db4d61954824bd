//! Fake return: a customer sends boxes back, weighed and signed for; what comes to the hub are the
//! boxes, and something else in them.

use crate::draft::Draft;
use crate::load::Weighed;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let n = chance.count(1, 4);
    let no = draft.add_return(n, chance)?;
    let units = draft.load(no).units.clone();
    let weighed = |unit| {
        let grams = chance.between(2_000, 12_000);
        Weighed {
            unit,
            given: grams,
            taken: grams * chance.between(20, 60) / 100,
        }
    };
    draft.quirks(no).weighed = units.iter().copied().map(weighed).collect();
    Some(TruthRow {
        act: true,
        kinds: vec!["weight_gap".to_owned()],
        ..draft.row_of_load(no, "fake_return", &units)
    })
}
