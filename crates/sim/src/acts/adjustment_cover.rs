//! Adjustment as cover: stock is carried off, and before anybody counts it is said to have been
//! damaged and destroyed. Plans and claims agree with that; only who looks into the bin can know.

use crate::clock::shifted;
use crate::draft::Draft;
use crate::event::Event;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_count(chance)?;
    let count = draft.counts.get(no)?;
    let (place, at) = (count.place, shifted(count.opens, -chance.between(20, 90)));
    let n = chance.count(1, 5);
    let stolen = draft.take_idle(place, n, chance);
    let event = Event::seen(draft.atlas.reader(place), at, "destroying", place, &stolen);
    draft.extra.push(event.now_at(place).left_as("damaged"));
    draft
        .counts
        .get_mut(no)?
        .gone
        .extend(stolen.iter().copied());
    Some(TruthRow {
        act: true,
        kinds: vec!["inventory_variance".to_owned(), "missing_units".to_owned()],
        ..draft.row_of_count(no, "adjustment_cover", &stolen)
    })
}
