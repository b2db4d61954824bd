//! Skipped hand-over: stock that no manifest names stands on the shelf of another site. Somebody
//! drove it there, and nobody signed that it left or came.

use crate::clock::minutes;
use crate::draft::Draft;
use crate::event::Event;
use crate::rng::Chance;
use crate::truth::TruthRow;
use countersign_model::network::SiteKind;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let from = draft.pick_idle_zone(chance)?;
    let hubs = draft.atlas.of_kind(SiteKind::Hub);
    let hub = chance.pick(&hubs).copied()?;
    let to = chance.pick(&draft.atlas.site(hub).zones).copied()?;
    let n = chance.count(1, 6);
    let units = draft.take_idle(from, n, chance);
    let at = draft.day.at(11, 0).plus(minutes(chance.between(0, 140)));
    let event = Event::seen(draft.atlas.reader(to), at, "storing", to, &units);
    draft.extra.push(event.now_at(to));
    let mut row = TruthRow {
        act: true,
        until: at.plus(minutes(5)),
        kinds: vec!["unsigned_handover".to_owned()],
        ..draft.row_of_place(from, "skipped_handover", &units)
    };
    row.places.extend(draft.names_of(to));
    Some(row)
}
