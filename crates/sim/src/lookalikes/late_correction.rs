//! Honest correction: hours later the dock notices that a departure was said with a mistake, takes
//! it back and says it anew. The goods left as planned, and came.

use super::kinds;
use crate::clock::minutes;
use crate::draft::Draft;
use crate::load::Correction;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.counted.is_empty() && load.units.len() >= 8
    })?;
    let at = draft.load(no).depart.plus(minutes(chance.between(30, 200)));
    draft.quirks(no).corrected = Some(Correction {
        left_out: Vec::new(),
        at,
        dated: at,
    });
    let units = draft.load(no).everything();
    Some(TruthRow {
        allowed: kinds(&["broken_sequence", "unsigned_handover"]),
        ..draft.row_of_load(no, "late_correction", &units)
    })
}
