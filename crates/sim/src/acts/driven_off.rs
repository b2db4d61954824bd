//! Driven off: a loaded trailer leaves the yard before anybody has given it away. Its tracker is
//! still in it for a while, and says where it goes.

use crate::clock::minutes;
use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.counted.is_empty() && load.trailer.is_some()
    })?;
    let from = draft.load(no).depart;
    let until = from.plus(minutes(chance.between(50, 110)));
    let cells = draft.lead_astray(no, (from, until), chance)?;
    let quirks = draft.quirks(no);
    quirks.driven_off = true;
    quirks.never_arrives = true;
    let stolen = draft.load(no).everything();
    let mut row = TruthRow {
        act: true,
        kinds: vec!["unsigned_handover".to_owned(), "missing_units".to_owned()],
        // With the load its seal is gone; and on the road it is seen past its term.
        allowed: vec!["seal_mismatch".to_owned(), "late_units".to_owned()],
        ..draft.row_of_load(no, "driven_off", &stolen)
    };
    row.places.extend(cells);
    Some(draft.seen_by_cameras(no, row))
}
