//! Duplicate: a device that got no answer says its departures again, or sends a whole statement
//! twice. Nothing happened twice.

use crate::clock::minutes;
use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| load.ends_here)?;
    let at = draft.load(no).depart.plus(minutes(chance.between(45, 200)));
    let in_new_statement = chance.chance(500);
    let quirks = draft.quirks(no);
    if in_new_statement {
        quirks.repeated = Some(at);
    } else {
        quirks.sent_again = Some(at);
    }
    let units = draft.load(no).everything();
    let mut row = draft.row_of_load(no, "duplicate_resend", &units);
    let counted = draft.load(no).counted.iter();
    row.classes = counted.map(|lot| lot.class.link.clone()).collect();
    Some(row)
}
