//! What happens besides loads and counts: taking stock in the night, moves between zones, new
//! labels, inspections, sales; and the plans of the warehouse system.

use std::collections::BTreeSet;

use countersign_model::network::SiteKind;

use crate::clock::{Day, minutes, shifted};
use crate::count::Whereabouts;
use crate::draft::Draft;
use crate::event::{Amount, Event, Journal, Shape};
use crate::load::Load;
use crate::names::{PlaceNo, UnitNo};
use crate::papers;
use crate::play::Stage;
use crate::rng::Chance;
use crate::shelves;
use crate::wording::{Plan, quoted};

/// Of a thousand idle units so many are inspected.
const INSPECTED_PER_MILLE: usize = 15;
/// Of a thousand units that reached a customer so many are sold the same day.
const SOLD_PER_MILLE: usize = 30;
/// Steps after which a unit is no more.
const ENDS: [&str; 2] = ["destroying", "retail_selling"];
/// Of a thousand manifests so many carry a remark of a person.
const NOTES_PER_MILLE: u64 = 120;

/// Everything is seen once in the zone where it lies, before the day begins.
pub(crate) fn take_stock(draft: &Draft, stage: &mut Stage<'_>) {
    let mut by_zone: std::collections::BTreeMap<PlaceNo, Vec<UnitNo>> =
        std::collections::BTreeMap::new();
    for (no, unit) in draft.goods.units.iter().enumerate() {
        if let Some(zone) = unit.home {
            by_zone.entry(zone).or_default().push(UnitNo(no));
        }
    }
    for (zone, units) in by_zone {
        let reader = stage.atlas.reader(zone);
        let step = if stage.chance.chance(700) {
            "stock_taking"
        } else {
            "storing"
        };
        let window = (draft.day.at(0, 20), draft.day.at(2, 40));
        stage.say(&units, (24, 40), window, |at, some, _| {
            Event::seen(reader, at, step, zone, some)
                .now_at(zone)
                .left_as("sellable_accessible")
        });
    }
    for load in &draft.loads {
        take_stock_of_lots(draft.day, load, stage);
    }
    shelves::receive(draft, stage);
}

/// Of each counted lot at least as much is there as will be sent.
fn take_stock_of_lots(day: Day, load: &Load, stage: &mut Stage<'_>) {
    let site = stage.atlas.site(stage.atlas.lane(load.lane).from);
    let Some(zone) = site.zones.first().copied() else {
        return;
    };
    for lot in load.counted.iter().filter(|lot| !lot.from_shelf) {
        let time = day.at(2, 42).plus(minutes(stage.chance.between(0, 15)));
        let reader = stage.atlas.reader(zone);
        let mut event = Event::seen(reader, time, "stock_taking", zone, &[]).now_at(zone);
        event.amounts = vec![Amount {
            class: lot.class.clone(),
            pieces: lot.planned + stage.chance.between(0, 9) * 10,
        }];
        stage.journal.write(event);
    }
}

/// Moves, inspections, new labels and sales.
pub(crate) fn go_about(draft: &Draft, stage: &mut Stage<'_>) {
    for moved in &draft.moves {
        let reader = stage.atlas.reader(moved.to);
        let window = (moved.at, moved.at.plus(minutes(20)));
        stage.say(&moved.units, (4, 12), window, |at, some, _| {
            Event::seen(reader, at, "storing", moved.to, some).now_at(moved.to)
        });
    }
    for (zone, idle) in &draft.idle {
        let n = idle.len() * INSPECTED_PER_MILLE / 1000;
        let some = stage.chance.some_of(idle, n);
        let reader = stage.atlas.reader(*zone);
        let window = (draft.day.at(8, 0), draft.day.at(13, 30));
        stage.say(&some, (1, 2), window, |at, some, _| {
            Event::seen(reader, at, "inspecting", *zone, some)
        });
    }
    for load in &draft.loads {
        sell(load, stage);
    }
}

/// New cartons, packed in the warehouse in the morning; they get their labels and stay.
pub(crate) fn label_new(draft: &mut Draft, chance: &mut Chance, journal: &mut Journal) {
    for site in draft.atlas.of_kind(SiteKind::Warehouse) {
        let Some(zone) = chance.pick(&draft.atlas.site(site).zones).copied() else {
            continue;
        };
        for _ in 0..chance.count(2, 5) {
            let units: Vec<UnitNo> = (0..chance.count(3, 8))
                .map(|_| draft.goods.add_pallet())
                .collect();
            let time = draft.day.at(6, 0).plus(minutes(chance.between(0, 300)));
            let reader = draft.atlas.reader(zone);
            let mut event = Event::seen(reader, time, "commissioning", zone, &units)
                .now_at(zone)
                .left_as("active");
            event.shape = Shape::Made;
            journal.write(event);
        }
    }
}

/// In the evening of a day that another follows a wholesaler fetches what stands in the zones: the
/// next day begins with stock of its own, and a count finds nothing of the day before.
pub(crate) fn sell_out(draft: &Draft, stage: &mut Stage<'_>) {
    let events = &stage.journal.events;
    let seen = Whereabouts::of(events);
    let ended = events.iter().filter(|event| ENDS.contains(&event.step));
    let mut gone: BTreeSet<UnitNo> = ended.flat_map(Event::all_units).collect();
    gone.extend(draft.counts.iter().flat_map(|count| &count.gone));
    gone.extend(draft.renamed.iter().map(|(_, unit, _)| *unit));
    let sites = [SiteKind::Warehouse, SiteKind::Hub].map(|kind| draft.atlas.of_kind(kind));
    for site in sites.into_iter().flatten() {
        for zone in draft.atlas.site(site).zones.clone() {
            let mut held = seen.held_at(zone, draft.day.at(21, 0));
            held.retain(|unit| !gone.contains(unit));
            let reader = stage.atlas.reader(zone);
            let window = (draft.day.at(21, 10), draft.day.at(23, 30));
            stage.say(&held, (24, 40), window, |at, some, _| {
                Event::seen(reader, at, "retail_selling", zone, some).left_as("retail_sold")
            });
        }
    }
}

fn sell(load: &Load, stage: &mut Stage<'_>) {
    let to = stage.atlas.lane(load.lane).to;
    let shelf = load.zone_to.filter(|_| !load.taken);
    let (Some(shelf), SiteKind::Customer) = (shelf, stage.atlas.site(to).kind) else {
        return;
    };
    let n = load.units.len() * SOLD_PER_MILLE / 1000;
    let sold = stage.chance.some_of(&load.units, n);
    let reader = stage.atlas.reader(shelf);
    let window = (shifted(load.arrive, 95), shifted(load.arrive, 240));
    stage.say(&sold, (1, 1), window, |at, some, _| {
        Event::seen(reader, at, "retail_selling", shelf, some).left_as("retail_sold")
    });
}

/// Manifests, counts and aliases, in the order in which they are said.
pub(crate) fn plans(draft: &Draft, journal: &mut Journal, chance: &mut Chance) -> Vec<Plan> {
    let mut plans = Vec::new();
    for (no, unit) in draft.goods.units.iter().enumerate() {
        if let Some(plate) = &unit.plate {
            let at = draft
                .day
                .at(0, 5)
                .plus(minutes(i64::try_from(no % 14).unwrap_or(0)));
            let members = format!(
                r#","unit":{},"sameAs":{}"#,
                quoted(&plate.urn),
                quoted(&unit.name.urn)
            );
            plans.push(Plan {
                at,
                said: at,
                kind: "Alias",
                members,
                units: vec![UnitNo(no)],
                names: Vec::new(),
                note: None,
            });
        }
    }
    for (new, unit, at) in &draft.renamed {
        let name = |unit| quoted(&draft.goods.unit(unit).name.urn);
        plans.push(Plan {
            at: *at,
            said: *at,
            kind: "Alias",
            members: format!(r#","unit":{},"sameAs":{}"#, name(*new), name(*unit)),
            units: vec![*new, *unit],
            names: Vec::new(),
            note: None,
        });
    }
    for load in draft.loads.iter().filter(|load| !load.shares_manifest) {
        let note = chance.chance(NOTES_PER_MILLE).then(|| journal.canary());
        say_manifest(draft, load, note, &mut plans);
        plans.extend(papers::plan(load));
    }
    for count in &draft.counts {
        let place = &draft.atlas.place(count.place).name;
        let times = (count.issued, count.opens, count.due);
        plans.push(Plan::of_count(&count.plan, place, times));
    }
    plans.extend(draft.site_counts.iter().map(|count| count.plan(draft)));
    plans.sort_by_key(|plan| plan.said);
    plans
}

/// Once, or again.
fn say_manifest(draft: &Draft, load: &Load, note: Option<String>, plans: &mut Vec<Plan>) {
    let plan = Plan {
        at: load.issued,
        said: load.issued,
        kind: "Manifest",
        members: manifest(draft, load, &[]),
        units: load.planned(),
        names: names_of(load),
        note,
    };
    if let Some(again) = &load.quirks.manifest_again {
        let said = Plan {
            said: again.at,
            ..plan.clone()
        };
        plans.push(if again.left_out.is_empty() {
            said
        } else {
            Plan {
                at: again.at,
                members: manifest(draft, load, &again.left_out),
                note: None,
                ..said
            }
        });
    }
    plans.push(plan);
}

fn names_of(load: &Load) -> Vec<String> {
    let lots = load.counted.iter().map(|lot| lot.class.link.clone());
    lots.chain([load.manifest.link.clone()]).collect()
}

fn manifest(draft: &Draft, load: &Load, left_out: &[UnitNo]) -> String {
    let lane = draft.atlas.lane(load.lane);
    let place = |site| quoted(&draft.atlas.site(site).name.urn);
    let euros = |cents: i64| {
        format!(
            r#""value":"{}.{:02}","currency":"EUR""#,
            cents / 100,
            cents % 100
        )
    };
    let mut lines = Vec::new();
    let planned = load.planned().into_iter();
    for unit in planned.filter(|unit| !left_out.contains(unit)) {
        let seal = match draft.goods.is_seal(unit) {
            true => r#","seal":true"#,
            false => "",
        };
        let unit = draft.goods.unit(unit);
        let number = lines.len() + 1;
        let name = quoted(&unit.name.urn);
        lines.push(format!(
            r#"{{"line":"{number}","unit":{name},{}{seal}}}"#,
            euros(unit.cents)
        ));
    }
    for lot in &load.counted {
        let number = lines.len() + 1;
        let class = quoted(&lot.class.urn);
        let value = euros(lot.cents * lot.planned);
        lines.push(format!(
            r#"{{"line":"{number}","class":{class},"quantity":{},"uom":"C62",{value}}}"#,
            lot.planned
        ));
    }
    format!(
        r#","id":{},"lane":{},"from":{},"to":{},"departBy":"{}","arriveBy":"{}","lines":[{}]"#,
        quoted(&load.manifest.urn),
        quoted(&lane.id),
        place(lane.from),
        place(lane.to),
        load.depart_by,
        load.arrive_by,
        lines.join(",")
    )
}
