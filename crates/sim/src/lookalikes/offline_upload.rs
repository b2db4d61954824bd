//! Offline: a handheld has no network for hours and sends what it signed when it has one again:
//! a carrier's, so that the acceptance comes after its term, or a customer's, before the deadline.

use countersign_model::network::ContractMode;

use super::kinds;
use crate::clock::{minutes, shifted};
use crate::draft::{Draft, Offline};
use crate::names::DeviceNo;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    if chance.chance(500) {
        carrier(draft, chance).or_else(|| customer(draft, chance))
    } else {
        customer(draft, chance).or_else(|| carrier(draft, chance))
    }
}

/// The device is kept for such tours: nothing else is delayed with it.
fn is_unused(draft: &Draft, device: DeviceNo) -> bool {
    draft.offline.iter().all(|offline| offline.device != device)
}

fn carrier(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let carriers = draft.atlas.carriers.iter().enumerate();
    let (which, device) = carriers
        .filter_map(|(at, carrier)| Some((at, *carrier.handhelds.last()?)))
        .find(|(_, device)| is_unused(draft, *device))?;
    let no = draft.take_load(chance, |load, lane| {
        load.ends_here && lane.mode == ContractMode::Both && lane.carrier == Some(which)
    })?;
    draft.quirks(no).acceptor = Some(device);
    let from = draft.load(no).depart;
    draft.offline.push(Offline {
        device,
        from,
        until: shifted(from, chance.between(90, 240)),
    });
    let units = draft.load(no).everything();
    Some(TruthRow {
        sources: vec![draft.atlas.device(device).id.clone()],
        allowed: kinds(&["unsigned_handover", "source_silent"]),
        ..draft.row_of_load(no, "offline_upload", &units)
    })
}

fn customer(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let spares = draft.atlas.spares.clone();
    let free: Vec<_> = spares
        .into_iter()
        .filter(|(_, device)| is_unused(draft, *device))
        .collect();
    let no = draft.take_load(chance, |load, lane| {
        load.ends_here && free.iter().any(|(site, _)| *site == lane.to)
    })?;
    let to = draft.lane_of(no).to;
    let (_, device) = free.into_iter().find(|(site, _)| *site == to)?;
    let hours = minutes(chance.between(100, 200));
    let load = draft.load_mut(no);
    load.quirks.receiver = Some(device);
    // The goods are put on the shelf, where another device would see them, only the next day.
    load.zone_to = None;
    let from = load.arrive;
    let until = from.plus(hours);
    // The promise leaves time enough: nothing is overdue while the handheld is silent.
    load.arrive_by = until.plus(minutes(15));
    draft.offline.push(Offline {
        device,
        from,
        until,
    });
    let units = draft.load(no).everything();
    Some(TruthRow {
        sources: vec![draft.atlas.device(device).id.clone()],
        allowed: kinds(&["source_silent"]),
        ..draft.row_of_load(no, "offline_upload", &units)
    })
}
