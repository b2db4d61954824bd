//! Plays a load out into the events of its devices, from the picking to the signatures at the dock; how
//! it comes is said in [`crate::arrival`].

use std::collections::BTreeMap;

use countersign_model::network::{ContractMode, SiteKind};
use countersign_model::time::{Span, Timestamp};

use crate::arrival::{pretend_arrival, receive_at_customer, receive_at_hub};
use crate::atlas::Atlas;
use crate::clock::{minutes, shifted, spread};
use crate::event::{Amount, Event, Journal, Shape, Withdrawal};
use crate::goods::Goods;
use crate::limits::UNITS_PER_EVENT_MAX;
use crate::load::{Begins, Correction, Counted, Load};
use crate::names::{PlaceNo, UnitNo};
use crate::papers;
use crate::rng::Chance;
use crate::sources::Dark;
use crate::{tally, trailers, weighing};

/// What playing needs besides what is played.
#[derive(Debug)]
pub(crate) struct Stage<'a> {
    pub(crate) atlas: &'a Atlas,
    pub(crate) goods: &'a Goods,
    /// Who says nothing when.
    pub(crate) dark: &'a [Dark],
    pub(crate) journal: &'a mut Journal,
    pub(crate) chance: &'a mut Chance,
    /// What trackers and cameras draw from, so that the rest of a day is as it was without them.
    pub(crate) road: &'a mut Chance,
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

    /// The same of what fills a trailer or leaves it: what stands in it is said of the trailer, the
    /// rest (what stands on pallets, and the seal) by itself.
    pub(crate) fn say_of_trailer(
        &mut self,
        load: &Load,
        units: &[UnitNo],
        (sizes, window): ((usize, usize), Window),
        shape: impl Fn(UnitNo) -> Shape,
        mut event: impl FnMut(Timestamp, &[UnitNo], bool) -> Event,
    ) {
        let Some(trailer) = load.in_trailer() else {
            return self.say(units, sizes, window, event);
        };
        let outside = load.outside();
        let is_outside = |unit: &UnitNo| outside.contains(unit) || self.goods.is_seal(*unit);
        let mut split = Vec::new();
        let handfuls = handfuls(units, sizes, self.chance);
        let count = handfuls.len();
        for (at, some) in handfuls.iter().enumerate() {
            let (beside, inside): (Vec<UnitNo>, Vec<UnitNo>) =
                some.iter().partition(|unit| is_outside(unit));
            let time = spread(window.0, window.1, at, count);
            let mut packed = event(time, &inside, at == 0);
            packed.shape = shape(trailer);
            let beside = event(time, &beside, false);
            // Only the trailer has doors.
            let disposition = None;
            split.push((
                packed,
                Event {
                    disposition,
                    ..beside
                },
            ));
        }
        for (mut packed, mut beside) in split {
            let at = self.jittered(packed.at);
            (packed.at, packed.recorded) = (at, at);
            (beside.at, beside.recorded) = (at, at);
            let is_bare = packed.units.is_empty();
            if !is_bare {
                self.journal.write(packed);
            }
            if !beside.units.is_empty() && is_bare {
                self.journal.write(beside);
            } else if !beside.units.is_empty() {
                self.write_of_road(beside);
            }
        }
    }

    /// Writes down what would not be said without trackers and cameras.
    pub(crate) fn write_of_road(&mut self, event: Event) {
        let id = self.road.uuid();
        self.journal.write(Event { id, ..event });
    }

    /// Up to two seconds later.
    fn jittered(&mut self, at: Timestamp) -> Timestamp {
        at.plus(Span::from_ms(self.chance.between(0, 1_999)))
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
    papers::show(load, stage);
    weighing::weigh_boxes(load, stage);
    hand_over(load, stage);
    trailers::track(load, stage);
    if load.quirks.never_arrives {
        return;
    }
    let atlas = stage.atlas;
    let lane = atlas.lane(load.lane);
    if load.quirks.diverted {
        pretend_arrival(load, stage, atlas.site(lane.to));
    } else if atlas.site(lane.to).kind == SiteKind::Customer {
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
    let is_read = load.begins != Begins::OnDock && !load.quirks.unread;
    if let (Some(portal), true) = (site.staging, is_read) {
        let window = (shifted(load.ready, -58), shifted(load.ready, -42));
        let reader = atlas.reader(portal);
        stage.say(&load.staged(), (18, 40), window, |at, some, _| {
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
            stage.weigh(pallet.unit, scale, at, reading);
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

/// What a load carries of counted lots.
pub(crate) fn amounts(load: &Load, pieces: impl Fn(&Counted) -> i64) -> Vec<Amount> {
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
    if let Some((at, voided)) = quirks.voided {
        sign_and_void(load, stage, &loaded, (at, voided));
    }
    if !quirks.unread {
        let window = (shifted(load.depart, -18), shifted(load.depart, -3));
        stage.say_of_trailer(
            load,
            &loaded,
            ((5, 13), window),
            Shape::Packed,
            |at, some, _| Event::seen(reader, at, "loading", dock, some),
        );
    }
    tally::going(load, stage);
    if quirks.driven_off {
        return;
    }
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
                event = event.under(&load.manifest).left_as("in_transit");
                event.within(load.in_trailer())
            },
        );
    }
}

/// A departure that did not happen: signed, and voided by who signed it.
fn sign_and_void(
    load: &Load,
    stage: &mut Stage<'_>,
    loaded: &[UnitNo],
    (at, voided): (Timestamp, Timestamp),
) {
    let atlas = stage.atlas;
    let window = (at, at.plus(minutes(2)));
    stage.say(loaded, (22, 40), window, |at, some, _| {
        departure(load, atlas, at, some)
    });
    let window = (voided, voided.plus(minutes(2)));
    stage.say(loaded, (22, 40), window, |at, some, _| {
        let void = departure(load, atlas, at, some);
        Event {
            step: "void_shipping",
            ..void.left_as("in_progress")
        }
    });
}

fn departure(load: &Load, atlas: &Atlas, at: Timestamp, units: &[UnitNo]) -> Event {
    let dock = load.dock_from;
    Event::seen(atlas.reader(dock), at, "departing", dock, units)
        .under(&load.manifest)
        .left_as("in_transit")
}

/// The same of a load that leaves, in whatever it travels.
fn leaving(load: &Load, atlas: &Atlas, at: Timestamp, units: &[UnitNo]) -> Event {
    departure(load, atlas, at, units).within(load.in_trailer())
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
        let first = leaving(load, atlas, load.depart, &both);
        let id = stage.journal.write(first.clone());
        let mut again = Event {
            id,
            units: beside,
            ..first
        };
        again.recorded = rewrite.at;
        stage.journal.write(again);
    }
    if let Some(correction) = &quirks.corrected {
        rest = correct(load, stage, rest, correction);
    }
    let given = amounts(load, |counted| counted.given);
    let before = stage.journal.events.len();
    stage.say(&rest, (22, 40), window, |at, some, first| {
        let mut event = leaving(load, atlas, at, some);
        event.amounts = if first { given.clone() } else { Vec::new() };
        event.sent_again = quirks.sent_again.filter(|_| first);
        event.papers = load.papers_leaving().filter(|_| first);
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
}

/// Says the departure of a handful, later the same without some, and takes the first back. What
/// is left to say of the load.
fn correct(
    load: &Load,
    stage: &mut Stage<'_>,
    loaded: Vec<UnitNo>,
    correction: &Correction,
) -> Vec<UnitNo> {
    let cut = &correction.left_out;
    let honest = loaded.iter().filter(|unit| !cut.contains(unit));
    let beside: Vec<UnitNo> = honest.copied().take(cut.len() + 5).collect();
    let rest = loaded.into_iter();
    let rest = rest.filter(|unit| !cut.contains(unit) && !beside.contains(unit));
    let rest = rest.collect();
    let both: Vec<UnitNo> = cut.iter().chain(&beside).copied().collect();
    let first = leaving(load, stage.atlas, load.depart, &both);
    let id = stage.journal.write(first.clone());
    let mut anew = leaving(load, stage.atlas, load.depart, &beside);
    anew.recorded = correction.at;
    stage.journal.write(anew);
    let taken_back = Event {
        id,
        recorded: correction.at,
        withdrawal: Some(Withdrawal {
            declared: correction.dated,
        }),
        ..first
    };
    stage.journal.write(taken_back);
    rest
}
