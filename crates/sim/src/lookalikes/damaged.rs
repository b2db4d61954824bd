//! Damaged: stock fell off a shelf; it is destroyed, and somebody says so.

use crate::clock::minutes;
use crate::draft::Draft;
use crate::event::Event;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let place = draft.pick_idle_zone(chance)?;
    let n = chance.count(1, 5);
    let units = draft.take_idle(place, n, chance);
    let at = draft.day.at(8, 0).plus(minutes(chance.between(0, 330)));
    let event = Event::seen(draft.atlas.reader(place), at, "destroying", place, &units);
    draft.extra.push(event.now_at(place).left_as("damaged"));
    Some(TruthRow {
        until: at.plus(minutes(5)),
        ..draft.row_of_place(place, "damaged", &units)
    })
}
