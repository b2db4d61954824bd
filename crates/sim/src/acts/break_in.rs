//! Trailer break-in at a stop: the doors are forced and cartons taken. The trailer comes with a
//! broken seal, and the gate says so.

use crate::draft::Draft;
use crate::names::UnitNo;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.counted.is_empty() && load.seal.is_some()
    })?;
    let seal = draft.load(no).seal;
    let n = chance.count(2, 8);
    let stolen = draft.some_loose(no, n, chance);
    let quirks = draft.quirks(no);
    quirks.off_truck.extend(stolen.iter().copied());
    quirks.seal_open = true;
    let concerned: Vec<UnitNo> = seal.into_iter().chain(stolen).collect();
    Some(TruthRow {
        act: true,
        from: draft.load(no).depart,
        kinds: vec!["missing_units".to_owned(), "seal_broken".to_owned()],
        ..draft.row_of_load(no, "break_in", &concerned)
    })
}
