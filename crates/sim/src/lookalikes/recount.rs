//! Recount: a shelf is overlooked at first, and counted before the count is due, or only
//! after somebody asked.

use super::kinds;
use crate::clock::shifted;
use crate::draft::{Draft, Planted, Reveal};
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<Planted> {
    let no = draft.take_count(chance)?;
    let place = draft.counts.get(no)?.place;
    let n = chance.count(3, 7);
    let units = draft.take_idle(place, n, chance);
    let in_time = chance.chance(500);
    let count = draft.counts.get_mut(no)?;
    let minute = if in_time {
        chance.between(-26, -18)
    } else {
        chance.between(25, 70)
    };
    let at = shifted(count.due, minute);
    count.overlooked = Some((units.iter().copied().collect(), at));
    // Found after the count was due, they were missing until then.
    let allowed: &[&str] = if in_time { &[] } else { &["missing_units"] };
    let row = TruthRow {
        until: shifted(at, 10),
        allowed: kinds(allowed),
        ..draft.row_of_count(no, "recount", &units)
    };
    let reveal = Reveal::Nothing;
    Some(Planted { row, reveal })
}
