//! Honest error: the dock signs a departure too early, notices, and takes it back before the
//! goods are loaded; they leave as planned.

use super::kinds;
use crate::clock::shifted;
use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.counted.is_empty() && load.units.len() >= 8
    })?;
    let n = chance.count(6, 14);
    let units = draft.some_loose(no, n, chance);
    let depart = draft.load(no).depart;
    let said = shifted(depart, -33);
    let taken_back = shifted(depart, -chance.between(21, 24));
    draft.quirks(no).mistaken = Some((units.clone(), said, taken_back));
    Some(TruthRow {
        allowed: kinds(&["broken_sequence", "unsigned_handover"]),
        ..draft.row_of_load(no, "error_declaration", &units)
    })
}
