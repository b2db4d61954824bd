//! Pilferage in transit: some cartons of a load never arrive. Both sides signed at the dock;
//! the load arrives, a few units short.

use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.counted.is_empty() && load.units.len() >= 8
    })?;
    let n = chance.count(2, 6);
    let stolen = draft.some_loose(no, n, chance);
    draft.quirks(no).off_truck.extend(stolen.iter().copied());
    let load = draft.load(no);
    Some(TruthRow {
        act: true,
        kinds: vec!["missing_units".to_owned()],
        from: load.depart,
        ..draft.row_of_load(no, "pilferage", &stolen)
    })
}
