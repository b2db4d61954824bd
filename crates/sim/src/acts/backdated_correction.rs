//! Back-dated correction: cartons are driven away, and hours later the dock takes its departure
//! back, with an early date, and says it anew without them.

use crate::clock::minutes;
use crate::draft::Draft;
use crate::load::Correction;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.counted.is_empty() && load.units.len() >= 8
    })?;
    let n = chance.count(1, 4);
    let stolen = draft.some_loose(no, n, chance);
    let at = draft
        .load(no)
        .depart
        .plus(minutes(chance.between(100, 240)));
    let depart = draft.load(no).depart;
    let quirks = draft.quirks(no);
    quirks.off_truck.extend(stolen.iter().copied());
    quirks.corrected = Some(Correction {
        left_out: stolen.clone(),
        at,
        dated: crate::clock::shifted(depart, 6),
    });
    let row = TruthRow {
        act: true,
        from: draft.load(no).depart,
        kinds: vec!["missing_units".to_owned(), "record_tampering".to_owned()],
        allowed: vec!["unsigned_handover".to_owned()],
        ..draft.row_of_load(no, "backdated_correction", &stolen)
    };
    Some(draft.seen_by_cameras(no, row))
}
