//! Plays a load out into the events of its devices, from the picking to the shelf.

use std::collections::BTreeMap;

use countersign_model::network::{ContractMode, SiteKind};
use countersign_model::time::{Span, Timestamp};

use crate::atlas::{Atlas, Lane};
use crate::clock::{minutes, shifted, spread};
use crate::event::{Amount, Event, Journal, Reading, Shape, Withdrawal};
use crate::goods::Goods;
use crate::limits::UNITS_PER_EVENT_MAX;
use crate::load::{Begins, Counted, Load, Pallet};
use crate::names::{PlaceNo, UnitNo};
use crate::rng::Chance;

/// What playing needs besides what is played.
#[derive(Debug)]
pub(crate) struct Stage<'a> {
    pub(crate) atlas: &'a Atlas,
    pub(crate) goods: &'a Goods,
    pub(crate) journal: &'a mut Journal,
    pub(crate) chance: &'a mut Chance,
}

/// From when until when something is done.
pub(crate) type Window = (Timestamp, Timestamp);

impl Stage<'_> {
    /// Says an event for each handful of units, evenly over the window; `event` is given the
    /// time, the handful and whether it is the first.
    pub(crate) fn say(
        &mut self,
        units: &[UnitNo],
        sizes: (usize, usize),
        window: Window,
        mut event: impl FnMut(Timestamp, &[UnitNo], bool) -> Event,
    ) {
        let handfuls = handfuls(units, sizes, self.chance);
        let count = handfuls.len();
        for (at, some) in handfuls.iter().enumerate() {
            let time = self.jittered(spread(window.0, window.1, at, count));
            self.journal.write(event(time, some, at == 0));
        }
    }

    /// Up to two seconds later.
    fn jittered(&mut self, at: Timestamp) -> Timestamp {
        at.plus(Span::from_ms(self.chance.between(0, 1_999)))
    }

    /// The weight of a pallet as an honest scale shows it: within 0.1 %.
    fn reading(&mut self, grams: i64) -> Reading {
        Reading {
            grams: grams + self.chance.between(-grams / 1000, grams / 1000),
            exception: false,
        }
    }
}

/// Cuts units into handfuls of `low` to `high`.
fn handfuls(
    units: &[UnitNo],
    (low, high): (usize, usize),
    chance: &mut Chance,
) -> Vec<Vec<UnitNo>> {
    let high = high.min(UNITS_PER_EVENT_MAX);
    let mut out = Vec::new();
    let mut rest = units;
    while !rest.is_empty() {
        let (first, after) = rest.split_at(chance.count(low, high).min(rest.len()));
        out.push(first.to_vec());
        rest = after;
    }
    out
}

/// Writes every event of the load.
pub(crate) fn play(load: &Load, stage: &mut Stage<'_>) {
    make_ready(load, stage);
    hand_over(load, stage);
    if load.quirks.never_arrives {
        return;
    }
    let atlas = stage.atlas;
    let lane = atlas.lane(load.lane);
    if atlas.site(lane.to).kind == SiteKind::Customer {
        receive_at_customer(load, stage);
    } else {
        receive_at_hub(load, stage, lane);
    }
}

fn make_ready(load: &Load, stage: &mut Stage<'_>) {
    let atlas = stage.atlas;
    let site = atlas.site(atlas.lane(load.lane).from);
    if load.begins == Begins::InStock {
        pick(load, stage);
    }
    if let (Some(portal), true) = (site.staging, load.begins != Begins::OnDock) {
        let window = (shifted(load.ready, -58), shifted(load.ready, -42));
        let reader = atlas.reader(portal);
        stage.say(&load.planned(), (18, 40), window, |at, some, _| {
            Event::seen(reader, at, "staging_outbound", portal, some)
        });
    }
    for (n, pallet) in load.pallets.iter().enumerate() {
        let minute = i64::try_from(n).unwrap_or(0);
        if let Some(portal) = site.staging {
            let at = shifted(load.ready, -41).plus(Span::from_secs(minute * 30));
            let reader = atlas.reader(portal);
            let mut event = Event::seen(reader, at, "packing", portal, &pallet.children);
            event.shape = Shape::Packed(pallet.unit);
            stage.journal.write(event.left_as("in_progress"));
        }
        if let Some(scale) = site.scale {
            let at = shifted(load.ready, -38).plus(Span::from_secs(minute * 60));
            let reading = stage.reading(pallet.grams);
            weigh(stage, pallet.unit, scale, at, reading);
        }
    }
}

fn pick(load: &Load, stage: &mut Stage<'_>) {
    let mut by_zone: BTreeMap<PlaceNo, Vec<UnitNo>> = BTreeMap::new();
    for unit in &load.units {
        if let Some(home) = stage.goods.unit(*unit).home {
            by_zone.entry(home).or_default().push(*unit);
        }
    }
    let window = (shifted(load.ready, -150), shifted(load.ready, -65));
    for (zone, units) in by_zone {
        let reader = stage.atlas.reader(zone);
        stage.say(&units, (1, 6), window, |at, some, _| {
            Event::seen(reader, at, "picking", zone, some)
        });
    }
}

/// Writes a weighing; the row of the truth is shown by it only where the caller says so.
fn weigh(stage: &mut Stage<'_>, unit: UnitNo, scale: PlaceNo, at: Timestamp, reading: Reading) {
    let event = weighing(stage.atlas, unit, scale, at, reading);
    stage.journal.write(event);
}

fn weighing(atlas: &Atlas, unit: UnitNo, scale: PlaceNo, at: Timestamp, reading: Reading) -> Event {
    let mut event = Event::seen(atlas.reader(scale), at, "inspecting", scale, &[unit]);
    event.reading = Some(reading);
    event
}

fn amounts(load: &Load, pieces: impl Fn(&Counted) -> i64) -> Vec<Amount> {
    let one = |counted: &Counted| Amount {
        class: counted.class.clone(),
        pieces: pieces(counted),
    };
    load.counted.iter().map(one).collect()
}

/// Loading, the giver's signature and the carrier's.
fn hand_over(load: &Load, stage: &mut Stage<'_>) {
    let atlas = stage.atlas;
    let dock = load.dock_from;
    let reader = atlas.reader(dock);
    let quirks = &load.quirks;
    if let Some((units, at, declared)) = &quirks.mistaken {
        let event = departure(load, atlas, *at, units);
        let id = stage.journal.write(event.clone());
        let mut taken_back = Event { id, ..event };
        taken_back.recorded = *declared;
        taken_back.withdrawal = Some(Withdrawal {
            declared: *declared,
        });
        stage.journal.write(taken_back);
    }
    if let Some((units, at)) = &quirks.seen_on_dock {
        let window = (*at, at.plus(minutes(4)));
        stage.say(units, (10, 30), window, |at, some, _| {
            Event::seen(reader, at, "holding", dock, some)
        });
    }
    let loaded = load.loaded();
    let window = (shifted(load.depart, -18), shifted(load.depart, -3));
    stage.say(&loaded, (5, 13), window, |at, some, _| {
        Event::seen(reader, at, "loading", dock, some)
    });
    depart(load, stage, &loaded);
    let mode = atlas.lane(load.lane).mode;
    if let (Some(handheld), ContractMode::Both, false) = (
        quirks.acceptor.or(load.acceptor),
        mode,
        quirks.no_acceptance,
    ) {
        let from = load.depart.plus(minutes(stage.chance.between(5, 8)));
        let given = amounts(load, |counted| counted.given);
        stage.say(
            &loaded,
            (22, 40),
            (from, from.plus(minutes(3))),
            |at, some, first| {
                let mut event = Event::seen(handheld, at, "accepting", dock, some);
                event.amounts = if first { given.clone() } else { Vec::new() };
                event.under(&load.manifest).left_as("in_transit")
            },
        );
    }
}

fn departure(load: &Load, atlas: &Atlas, at: Timestamp, units: &[UnitNo]) -> Event {
    let dock = load.dock_from;
    Event::seen(atlas.reader(dock), at, "departing", dock, units)
        .under(&load.manifest)
        .left_as("in_transit")
}

fn depart(load: &Load, stage: &mut Stage<'_>, loaded: &[UnitNo]) {
    let atlas = stage.atlas;
    let quirks = &load.quirks;
    let window = (load.depart, load.depart.plus(minutes(3)));
    let mut rest = loaded.to_vec();
    if let Some(rewrite) = &quirks.rewrite {
        let (kept, cut): (Vec<UnitNo>, Vec<UnitNo>) = rest
            .iter()
            .partition(|unit| !rewrite.left_out.contains(unit));
        // As many honest units again stand in the same event, so that it does not become empty.
        let beside: Vec<UnitNo> = kept.iter().rev().take(cut.len()).copied().collect();
        rest = kept
            .into_iter()
            .filter(|unit| !beside.contains(unit))
            .collect();
        let both: Vec<UnitNo> = cut.iter().chain(&beside).copied().collect();
        let first = departure(load, atlas, load.depart, &both);
        let id = stage.journal.write(first.clone());
        let mut again = Event {
            id,
            units: beside,
            ..first
        };
        again.recorded = rewrite.at;
        again.shows = quirks.row;
        stage.journal.write(again);
    }
    let given = amounts(load, |counted| counted.given);
    let before = stage.journal.events.len();
    stage.say(&rest, (22, 40), window, |at, some, first| {
        let mut event = departure(load, atlas, at, some);
        event.amounts = if first { given.clone() } else { Vec::new() };
        event.sent_again = quirks.sent_again.filter(|_| first);
        event
    });
    if let Some(at) = quirks.repeated {
        let said: Vec<Event> = stage.journal.events.iter().skip(before).cloned().collect();
        for event in said {
            stage.journal.write(Event {
                recorded: at,
                sent_again: None,
                ..event
            });
        }
    }
    if quirks.no_acceptance && quirks.never_arrives {
        // The first departure starts the term within which the carrier had to sign.
        if let Some(event) = stage.journal.events.get_mut(before) {
            event.shows = quirks.row;
        }
    }
}

fn receive_at_hub(load: &Load, stage: &mut Stage<'_>, lane: &Lane) {
    let atlas = stage.atlas;
    let site = atlas.site(lane.to);
    let arriving = load.arriving();
    if let Some(gate) = site.gate {
        let reader = atlas.reader(gate);
        let window = (load.arrive, load.arrive.plus(minutes(3)));
        let slipped_in = &load.quirks.slipped_in;
        stage.say(
            &together(&arriving, slipped_in),
            (22, 40),
            window,
            |at, some, _| {
                let mut event = Event::seen(reader, at, "arriving", gate, some);
                let shows = slipped_in.first().is_some_and(|unit| some.contains(unit));
                event.shows = load.quirks.row.filter(|_| shows);
                event.under(&load.manifest).left_as("in_progress")
            },
        );
    }
    let dock = load.dock_to;
    let reader = load.quirks.receiver.unwrap_or_else(|| atlas.reader(dock));
    let taken = amounts(load, |counted| counted.taken);
    let window = (shifted(load.arrive, 6), shifted(load.arrive, 34));
    stage.say(&arriving, (8, 20), window, |at, some, first| {
        let mut event = Event::seen(reader, at, "unloading", dock, some);
        event.amounts = if first { taken.clone() } else { Vec::new() };
        event.under(&load.manifest)
    });
    for (n, pallet) in load.pallets.iter().enumerate() {
        let minute = i64::try_from(n).unwrap_or(0);
        if !arriving.contains(&pallet.unit) {
            continue;
        }
        if let Some(scale) = site.scale {
            let at = shifted(load.arrive, 38).plus(minutes(minute));
            weigh_again(load, stage, pallet, scale, at);
        }
        let children = pallet.children.iter().copied();
        let children: Vec<UnitNo> = children.filter(|unit| arriving.contains(unit)).collect();
        let at = shifted(load.arrive, 52).plus(minutes(minute));
        let mut event = Event::seen(atlas.reader(dock), at, "unpacking", dock, &children);
        event.shape = Shape::Unpacked(pallet.unit);
        stage.journal.write(event);
    }
    if let (Some(zone), true) = (load.zone_to, load.ends_here) {
        let reader = atlas.reader(zone);
        let window = (shifted(load.arrive, 62), shifted(load.arrive, 98));
        stage.say(&arriving, (9, 24), window, |at, some, _| {
            Event::seen(reader, at, "storing", zone, some)
                .now_at(zone)
                .left_as("sellable_accessible")
        });
    }
}

fn weigh_again(load: &Load, stage: &mut Stage<'_>, pallet: &Pallet, scale: PlaceNo, at: Timestamp) {
    let honest = stage.reading(pallet.grams);
    let changed = load
        .quirks
        .reweighed
        .filter(|(unit, _)| *unit == pallet.unit);
    let reading = changed.map_or(honest, |(_, reading)| reading);
    let mut event = weighing(stage.atlas, pallet.unit, scale, at, reading);
    event.shows = load.quirks.row.filter(|_| changed.is_some());
    stage.journal.write(event);
    if reading.exception {
        // Weighed once more when the scale works again.
        weigh(stage, pallet.unit, scale, at.plus(minutes(9)), honest);
    }
}

fn receive_at_customer(load: &Load, stage: &mut Stage<'_>) {
    let atlas = stage.atlas;
    let dock = load.dock_to;
    let reader = load.quirks.receiver.unwrap_or_else(|| atlas.reader(dock));
    let taken = amounts(load, |counted| counted.taken);
    let arriving = load.arriving();
    let slipped_in = &load.quirks.slipped_in;
    let window = (shifted(load.arrive, 2), shifted(load.arrive, 16));
    stage.say(
        &together(&arriving, slipped_in),
        (14, 30),
        window,
        |at, some, first| {
            let mut event = Event::seen(reader, at, "receiving", dock, some);
            event.amounts = if first { taken.clone() } else { Vec::new() };
            let shows = slipped_in.first().is_some_and(|unit| some.contains(unit));
            event.shows = load.quirks.row.filter(|_| shows);
            event.under(&load.manifest)
        },
    );
    if let Some(zone) = load.zone_to {
        let reader = atlas.reader(zone);
        let window = (shifted(load.arrive, 35), shifted(load.arrive, 80));
        stage.say(&arriving, (10, 30), window, |at, some, _| {
            Event::seen(reader, at, "stocking", zone, some).now_at(zone)
        });
    }
}

/// The same units with `first` in front, so that they stand in one event.
fn together(units: &[UnitNo], first: &[UnitNo]) -> Vec<UnitNo> {
    let rest = units.iter().filter(|unit| !first.contains(unit));
    first.iter().chain(rest).copied().collect()
}
