//! Manifest edit as cover: cartons vanish on the way, and the manifest is said again under its
//! number without them, as if they had never been ordered.

use crate::clock::minutes;
use crate::draft::Draft;
use crate::load::Rewrite;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.counted.is_empty() && load.units.len() >= 8
    })?;
    let n = chance.count(1, 5);
    let stolen = draft.some_loose(no, n, chance);
    let at = draft.load(no).depart.plus(minutes(chance.between(20, 90)));
    let quirks = draft.quirks(no);
    quirks.off_truck.extend(stolen.iter().copied());
    quirks.manifest_again = Some(Rewrite {
        left_out: stolen.clone(),
        at,
    });
    let row = TruthRow {
        act: true,
        from: draft.load(no).depart,
        kinds: vec!["conflicting_claim".to_owned(), "missing_units".to_owned()],
        ..draft.row_of_load(no, "manifest_edit", &stolen)
    };
    // Where what was said last stands, a camera has counted more.
    Some(draft.noticed_by_cameras(no, row))
}
