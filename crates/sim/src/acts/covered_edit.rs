//! Covered edit: cartons vanish on the way, and somebody at the dock says the departure again
//! under its old id without them, as if they had never been loaded. When what was said first comes
//! last, the other stands, and what it leaves out has no giver.

use crate::clock::minutes;
use crate::draft::Draft;
use crate::load::Rewrite;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.counted.is_empty() && load.units.len() >= 10
    })?;
    let most = (draft.load(no).units.len() / 3).min(6);
    let n = chance.count(3, most);
    let stolen = draft.some_loose(no, n, chance);
    let at = draft.load(no).depart.plus(minutes(chance.between(35, 55)));
    let quirks = draft.quirks(no);
    quirks.off_truck.extend(stolen.iter().copied());
    quirks.rewrite = Some(Rewrite {
        left_out: stolen.clone(),
        at,
    });
    let row = TruthRow {
        act: true,
        from: draft.load(no).depart,
        kinds: vec!["conflicting_claim".to_owned(), "missing_units".to_owned()],
        allowed: vec!["unsigned_handover".to_owned()],
        ..draft.row_of_load(no, "covered_edit", &stolen)
    };
    // Where what was said last stands, a camera has counted more.
    Some(draft.noticed_by_cameras(no, row))
}
