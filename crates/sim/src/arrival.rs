//! A load comes: the gate, the dock, the scale, the shelf.

use crate::atlas::{Lane, Site};
use crate::clock::{minutes, shifted};
use crate::event::{Event, Shape};
use crate::load::Load;
use crate::names::UnitNo;
use crate::play::{Stage, amounts};
use crate::{tally, weighing};

/// A hub takes over what came, and puts away what stays.
pub(crate) fn receive_at_hub(load: &Load, stage: &mut Stage<'_>, lane: &Lane) {
    let atlas = stage.atlas;
    let site = atlas.site(lane.to);
    let arriving = load.arriving();
    pass_gate(load, stage, site);
    look_at_seal(load, stage, site);
    hush(load, stage, site);
    let dock = load.dock_to;
    let reader = load.quirks.receiver.unwrap_or_else(|| atlas.reader(dock));
    let taken = amounts(load, |counted| counted.taken);
    let slow = load.quirks.slow_min;
    let held = slow + load.quirks.held_min;
    let window = (shifted(load.arrive, 6), shifted(load.arrive, 34 + slow));
    let unloading = load.unloading();
    stage.say_of_trailer(
        load,
        &unloading,
        ((8, 20), window),
        Shape::Unpacked,
        |at, some, first| {
            let mut event = Event::seen(reader, at, "unloading", dock, some);
            event.amounts = if first { taken.clone() } else { Vec::new() };
            event.disposition = load.in_trailer().map(|_| "container_open");
            event.under(&load.manifest)
        },
    );
    tally::coming(load, stage);
    for (n, pallet) in load.pallets.iter().enumerate() {
        let minute = i64::try_from(n).unwrap_or(0);
        if !arriving.contains(&pallet.unit) {
            continue;
        }
        if let Some(scale) = site.scale {
            let at = shifted(load.arrive, 38 + slow).plus(minutes(minute));
            weighing::weigh_again(load, stage, pallet, scale, at);
        }
        let children = pallet.children.iter().copied();
        let children: Vec<UnitNo> = children.filter(|unit| arriving.contains(unit)).collect();
        let at = shifted(load.arrive, 52 + held).plus(minutes(minute));
        let mut event = Event::seen(atlas.reader(dock), at, "unpacking", dock, &children);
        event.shape = Shape::Unpacked(pallet.unit);
        stage.journal.write(event);
    }
    if let (Some(zone), true) = (load.zone_to, load.ends_here) {
        let reader = atlas.reader(zone);
        let window = (
            shifted(load.arrive, 62 + held),
            shifted(load.arrive, 98 + held),
        );
        let goods = load.put_away(|unit| stage.goods.is_seal(unit));
        stage.say(&goods, (9, 24), window, |at, some, _| {
            Event::seen(reader, at, "storing", zone, some)
                .now_at(zone)
                .left_as("sellable_accessible")
        });
    }
}

/// The gate signs that the load came.
fn pass_gate(load: &Load, stage: &mut Stage<'_>, site: &Site) {
    let Some(gate) = site.gate else {
        return;
    };
    let reader = stage.atlas.reader(gate);
    let window = (load.arrive, load.arrive.plus(minutes(3)));
    let arriving = together(&load.arriving(), &load.quirks.slipped_in);
    stage.say(&arriving, (22, 40), window, |at, some, _| {
        let event = Event::seen(reader, at, "arriving", gate, some);
        let event = event.under(&load.manifest).left_as("in_progress");
        event.within(load.in_trailer())
    });
}

/// Gate and dock sign for a trailer that does not come: nothing of it is unloaded.
pub(crate) fn pretend_arrival(load: &Load, stage: &mut Stage<'_>, site: &Site) {
    pass_gate(load, stage, site);
    let dock = load.dock_to;
    let reader = stage.atlas.reader(dock);
    let window = (shifted(load.arrive, 6), shifted(load.arrive, 10));
    stage.say(&load.arriving(), (22, 40), window, |at, some, _| {
        let event = Event::seen(reader, at, "receiving", dock, some);
        event.under(&load.manifest).within(load.in_trailer())
    });
}

/// The gate looks at the seal, and says how it is.
fn look_at_seal(load: &Load, stage: &mut Stage<'_>, site: &Site) {
    let quirks = &load.quirks;
    if let (Some(gate), Some(seal), true) = (
        site.gate,
        load.seal,
        quirks.seal_open || quirks.seal_looked_at,
    ) {
        let reader = stage.atlas.reader(gate);
        let at = shifted(load.arrive, 4);
        let event = Event::seen(reader, at, "inspecting", gate, &[seal]);
        let is = if quirks.seal_open {
            "container_open"
        } else {
            "container_closed"
        };
        stage.journal.write(event.left_as(is));
    }
}

/// What the gate and the dock read and never send.
fn hush(load: &Load, stage: &mut Stage<'_>, site: &Site) {
    let hushed: Vec<UnitNo> = load.quirks.hushed.iter().copied().collect();
    if hushed.is_empty() {
        return;
    }
    let gate = site.gate.map(|gate| (gate, "arriving", 1));
    for (place, step, minute) in gate.into_iter().chain([(load.dock_to, "unloading", 20)]) {
        let reader = stage.atlas.reader(place);
        let at = shifted(load.arrive, minute);
        let mut event = Event::seen(reader, at, step, place, &hushed);
        event.hushed = true;
        stage.journal.write(event.under(&load.manifest));
    }
}

/// A customer takes over what came.
pub(crate) fn receive_at_customer(load: &Load, stage: &mut Stage<'_>) {
    let atlas = stage.atlas;
    let dock = load.dock_to;
    let reader = load.quirks.receiver.unwrap_or_else(|| atlas.reader(dock));
    let taken = amounts(load, |counted| counted.taken);
    let arriving = load.arriving();
    let slipped_in = &load.quirks.slipped_in;
    let slow = load.quirks.slow_min;
    let window = (shifted(load.arrive, 2), shifted(load.arrive, 16 + slow));
    stage.say(
        &together(&load.unloading(), slipped_in),
        (14, 30),
        window,
        |at, some, first| {
            let mut event = Event::seen(reader, at, "receiving", dock, some);
            event.amounts = if first { taken.clone() } else { Vec::new() };
            event.under(&load.manifest)
        },
    );
    if let Some(zone) = load.zone_to {
        let reader = atlas.reader(zone);
        let window = (
            shifted(load.arrive, 35 + slow),
            shifted(load.arrive, 80 + slow),
        );
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
