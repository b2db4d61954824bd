//! Relabelled: a label came off; the carton gets a licence plate, the warehouse system says that
//! both names are one, and from then on it is seen under the new one.

use crate::clock::minutes;
use crate::draft::Draft;
use crate::event::Event;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let place = draft.pick_idle_zone(chance)?;
    let n = chance.count(1, 3);
    let units = draft.take_idle(place, n, chance);
    let at = draft.day.at(8, 0).plus(minutes(chance.between(0, 240)));
    let mut renamed = Vec::new();
    for unit in &units {
        renamed.push(draft.relabel(*unit, at));
    }
    let seen = at.plus(minutes(chance.between(5, 60)));
    let event = Event::seen(
        draft.atlas.reader(place),
        seen,
        "inspecting",
        place,
        &renamed,
    );
    draft.extra.push(event);
    let all: Vec<_> = units.iter().chain(&renamed).copied().collect();
    Some(TruthRow {
        until: seen.plus(minutes(5)),
        ..draft.row_of_place(place, "relabelled", &all)
    })
}
