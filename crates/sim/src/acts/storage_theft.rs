//! Theft from storage: stock that lay in a zone is gone when the zone is counted.

use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_count(chance)?;
    let place = draft.counts.get(no)?.place;
    let n = chance.count(2, 7);
    let stolen = draft.take_idle(place, n, chance);
    let count = draft.counts.get_mut(no)?;
    count.gone.extend(stolen.iter().copied());
    Some(TruthRow {
        act: true,
        kinds: vec!["missing_units".to_owned()],
        ..draft.row_of_count(no, "storage_theft", &stolen)
    })
}
