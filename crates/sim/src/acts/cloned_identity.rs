//! Cloned identity: a carton with the label of one that lies in the warehouse is delivered to a
//! customer. The true one is seen on its shelf before and after.

use countersign_model::network::SiteKind;

use crate::clock::minutes;
use crate::draft::Draft;
use crate::event::Event;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let home = draft.pick_idle_zone(chance)?;
    let customers = draft.atlas.of_kind(SiteKind::Customer);
    let customer = chance.pick(&customers).copied()?;
    let dock = draft.atlas.site(customer).docks.first().copied()?;
    let n = chance.count(1, 2);
    let units = draft.take_idle(home, n, chance);
    let at = draft.day.at(10, 0).plus(minutes(chance.between(0, 120)));
    let clone = Event::seen(draft.atlas.reader(dock), at, "receiving", dock, &units);
    draft.extra.push(clone);
    for seen in [-chance.between(4, 15), chance.between(6, 25)] {
        let reader = draft.atlas.reader(home);
        let at = crate::clock::shifted(at, seen);
        let event = Event::seen(reader, at, "inspecting", home, &units);
        draft.extra.push(event);
    }
    let kinds = ["duplicate_identity", "broken_sequence", "unsigned_handover"];
    let mut row = TruthRow {
        act: true,
        from: crate::clock::shifted(at, -30),
        until: at.plus(minutes(60)),
        kinds: kinds.map(str::to_owned).to_vec(),
        ..draft.row_of_place(home, "cloned_identity", &units)
    };
    row.places.extend(draft.names_of(dock));
    Some(row)
}
