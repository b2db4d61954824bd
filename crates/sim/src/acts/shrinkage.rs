//! Shrinkage: pieces of a lot disappear from the shelves, a few here and a few there, and nobody says
//! a word; when the whole site is counted, there are fewer than the books have.

use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let lot = draft.take_lot(chance)?;
    let stolen = [chance.between(0, 15), chance.between(3, 25)];
    draft.steal_pieces(&lot, stolen);
    let count = draft.count_of(&lot)?.clone();
    Some(TruthRow {
        act: true,
        cents: lot.cents * stolen.iter().sum::<i64>(),
        kinds: vec!["inventory_variance".to_owned()],
        ..draft.row_of_lot(&lot, &count, "shrinkage")
    })
}
