//! Seal swap: the doors are opened on the way, some cartons are taken, and another seal is put on
//! so that nobody looks. The number on the papers is not the number on the door.

use crate::draft::Draft;
use crate::names::UnitNo;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.counted.is_empty() && load.seal.is_some()
    })?;
    let old = draft.load(no).seal?;
    let n = chance.count(1, 5);
    let stolen = draft.some_loose(no, n, chance);
    let new = draft.goods.add_seal();
    let quirks = draft.quirks(no);
    quirks.off_truck.extend(stolen.iter().copied());
    quirks.off_truck.insert(old);
    quirks.slipped_in = vec![new];
    let cents = draft.goods.cents(&stolen);
    let concerned: Vec<UnitNo> = [old, new].into_iter().chain(stolen).collect();
    let kinds = ["seal_mismatch", "missing_units", "unexpected_units"];
    Some(TruthRow {
        act: true,
        cents,
        from: draft.load(no).depart,
        kinds: kinds.map(str::to_owned).to_vec(),
        allowed: vec!["unsigned_handover".to_owned()],
        ..draft.row_of_load(no, "seal_swap", &concerned)
    })
}
