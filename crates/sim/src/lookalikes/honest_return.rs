//! Return: a customer sends boxes back, and they come as they left.

use crate::draft::Draft;
use crate::load::Weighed;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let n = chance.count(1, 6);
    let no = draft.add_return(n, chance)?;
    let units = draft.load(no).units.clone();
    let weighed = |unit| {
        let grams = chance.between(2_000, 12_000);
        Weighed {
            unit,
            given: grams,
            // Two scales differ by a little, within what the network tolerates.
            taken: grams + chance.between(-300, 300),
        }
    };
    draft.quirks(no).weighed = units.iter().copied().map(weighed).collect();
    Some(draft.row_of_load(no, "honest_return", &units))
}
