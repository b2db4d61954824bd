//! Intact seal: the gate stops a sealed trailer, reads the seal twice and finds it whole.

use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| load.ends_here && load.seal.is_some())?;
    let units: Vec<_> = draft.load(no).seal.into_iter().collect();
    draft.quirks(no).seal_looked_at = true;
    let mut row = draft.row_of_load(no, "intact_seal", &units);
    row.cents = 0;
    Some(row)
}
