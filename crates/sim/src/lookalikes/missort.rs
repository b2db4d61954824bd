//! Mis-sort: a few cartons ride to the wrong hub, are found there and sent on by the shuttle.

use countersign_model::network::SiteKind;

use super::kinds;
use crate::clock::{minutes, shifted};
use crate::draft::Draft;
use crate::event::Event;
use crate::load::Load;
use crate::names::{LoadNo, SiteNo, UnitNo};
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let hubs = draft.atlas.of_kind(SiteKind::Hub);
    let hub_bound = hubs.clone();
    let no = draft.take_load(chance, |load, lane| {
        load.ends_here
            && load.counted.is_empty()
            && hub_bound.contains(&lane.to)
            && !hub_bound.contains(&lane.from)
    })?;
    let right = draft.lane_of(no).to;
    let wrong = hubs.into_iter().find(|hub| *hub != right)?;
    draft.unhitch(no);
    let n = chance.count(2, 6);
    let strays = draft.some_loose(no, n, chance);
    draft.quirks(no).off_truck.extend(strays.iter().copied());
    find(draft, no, wrong, &strays, chance);
    send_on(draft, no, (wrong, right), &strays, chance);
    let mut row = draft.row_of_load(no, "missort", &strays);
    row.allowed = kinds(&["unexpected_units", "late_units", "unsigned_handover"]);
    row.places.push(draft.atlas.site(wrong).name.link.clone());
    if let Some(forward) = draft.loads.last() {
        row.manifests.push(forward.manifest.link.clone());
        row.until = forward.arrive;
    }
    Some(row)
}

/// They come off a truck at the wrong hub: received there, or only seen in a zone.
fn find(draft: &mut Draft, no: LoadNo, wrong: SiteNo, strays: &[UnitNo], chance: &mut Chance) {
    let load = draft.load(no);
    let at = shifted(load.arrive, chance.between(-10, 10));
    let site = draft.atlas.site(wrong);
    let taken_over = chance.chance(500);
    let place = if taken_over {
        site.docks.first()
    } else {
        site.zones.first()
    };
    let Some(place) = place.copied() else {
        return;
    };
    let reader = draft.atlas.reader(place);
    let event = if taken_over {
        Event::seen(reader, at, "unloading", place, strays).under(&load.manifest)
    } else {
        Event::seen(reader, at, "storing", place, strays).now_at(place)
    };
    draft.extra.push(event);
}

fn send_on(
    draft: &mut Draft,
    no: LoadNo,
    (wrong, right): (SiteNo, SiteNo),
    strays: &[UnitNo],
    chance: &mut Chance,
) {
    let lanes = draft
        .atlas
        .lanes_where(|lane| lane.from == wrong && lane.to == right);
    let (Some(lane), Some(dock_from)) = (
        lanes.first().copied(),
        draft.atlas.site(wrong).docks.last().copied(),
    ) else {
        return;
    };
    let under_way = draft.atlas.lane(lane).transit_min;
    let manifest = draft.new_document('D');
    let load = draft.load(no).clone();
    let ready = shifted(load.arrive, chance.between(70, 110));
    let depart = shifted(ready, 4);
    draft.follow_up(Load {
        manifest,
        lane,
        issued: shifted(ready, -40),
        ready,
        depart,
        arrive: depart.plus(minutes(under_way.0)),
        depart_by: shifted(ready, 20),
        arrive_by: shifted(ready, under_way.1 + 40),
        units: strays.to_vec(),
        dock_from,
        acceptor: None,
        ..load
    });
}
