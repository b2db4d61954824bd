//! The honest day: who sends what where and when, before anything goes wrong.
//!
//! 00:20 to 02:40 the warehouses take stock; 01:00 to 06:00 the warehouse system says what is
//! planned; from 03:30 on loads are picked; trucks run to the hubs, through them to customers,
//! and straight to customers; in the afternoon zones are counted. All times UTC.

use std::collections::BTreeMap;

use countersign_model::network::{ContractMode, SiteKind};
use countersign_model::time::Timestamp;

use crate::atlas::Atlas;
use crate::clock::{Day, minutes, shifted, spread};
use crate::count::Count;
use crate::draft::{Draft, Move};
use crate::goods::Goods;
use crate::limits::DOCUMENTS_A_DAY;
use crate::load::{Begins, Counted, Load, Pallet, Quirks};
use crate::names::{LaneNo, LoadNo, PlaceNo, SiteNo, UnitNo};
use crate::papers;
use crate::rng::Chance;
use crate::shelves;

/// Of a thousand units in stock so many end at a hub, cross it, go straight to a customer; the
/// rest stays.
const SHARES_PER_MILLE: [usize; 3] = [200, 320, 180];
/// Loads that a day of any size is cut into, roughly.
const LOADS_WANTED: usize = 120;
/// Cartons of a load: a small van, a full truck.
const LOAD_UNITS: (usize, usize) = (10, 160);
/// Zones of warehouses and of hubs that are counted.
const COUNTS: (usize, usize) = (12, 3);
/// After a truck is at the hub, its goods leave again this many minutes later at the earliest.
const CROSS_DOCK_MIN: i64 = 150;

/// How much lies in the warehouses in the morning, and how it will travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stock {
    pub(crate) units: usize,
    /// Cartons of an ordinary load.
    pub(crate) load_units: usize,
    /// Of a thousand loads to a hub so many are sealed.
    pub(crate) sealed_per_mille: u64,
    /// Of a thousand loads to the last hub so many may leave with a release alone.
    pub(crate) papers_per_mille: u64,
    /// Lots on the shelves of each warehouse.
    pub(crate) lots: usize,
    /// Of a thousand loads that may travel in a trailer with a tracker so many do.
    pub(crate) tracked_per_mille: u64,
}

impl Stock {
    /// The demo's: as many loads whatever the stock.
    pub(crate) fn of_demo(units: usize) -> Self {
        Self {
            units,
            load_units: (units / LOADS_WANTED).clamp(LOAD_UNITS.0, LOAD_UNITS.1),
            sealed_per_mille: 0,
            papers_per_mille: 0,
            lots: 0,
            tracked_per_mille: 0,
        }
    }
}

/// Plans the day.
pub(crate) fn plan(day: Day, atlas: Atlas, stock: &Stock, chance: &mut Chance) -> Draft {
    let goods = Goods::stocked(day, stock.units, &atlas, chance);
    let mut draft = Draft {
        day,
        atlas,
        goods,
        loads: Vec::new(),
        counts: Vec::new(),
        lots: Vec::new(),
        site_counts: Vec::new(),
        moves: Vec::new(),
        idle: BTreeMap::new(),
        offline: Vec::new(),
        renamed: Vec::new(),
        dark: Vec::new(),
        extra: Vec::new(),
        planted: Vec::new(),
        documents: day.0 * DOCUMENTS_A_DAY,
    };
    let size = stock.load_units;
    for site in draft.atlas.of_kind(SiteKind::Warehouse) {
        plan_warehouse(&mut draft, site, size, chance);
    }
    seal_loads(&mut draft, stock.sealed_per_mille, chance);
    for hub in draft.atlas.of_kind(SiteKind::Hub) {
        plan_second_legs(&mut draft, hub, size, chance);
    }
    plan_moves(&mut draft, chance);
    plan_counts(&mut draft, chance);
    papers::ask_for_papers(&mut draft, stock.papers_per_mille, chance);
    shelves::fill(&mut draft, stock.lots, chance);
    draft
}

/// Cuts units into loads of about `size`; the last one may be larger, never smaller.
fn cut_into_loads(units: &[UnitNo], size: usize, chance: &mut Chance) -> Vec<Vec<UnitNo>> {
    let mut loads: Vec<Vec<UnitNo>> = Vec::new();
    let mut rest = units;
    while !rest.is_empty() {
        let wanted = size * chance.count(75, 125) / 100;
        let take = if rest.len() < wanted + size / 2 {
            rest.len()
        } else {
            wanted
        };
        let (load, after) = rest.split_at(take);
        loads.push(load.to_vec());
        rest = after;
    }
    loads
}

fn plan_warehouse(draft: &mut Draft, site: SiteNo, size: usize, chance: &mut Chance) {
    let goods = draft.goods.units.iter().enumerate();
    let mut stock: Vec<UnitNo> = goods
        .filter(|(_, unit)| {
            unit.home
                .is_some_and(|zone| draft.atlas.place(zone).site == site)
        })
        .map(|(no, _)| UnitNo(no))
        .collect();
    chance.shuffle(&mut stock);
    let all = stock.len();
    let day = draft.day;
    let hubs = lanes_to(&draft.atlas, site, SiteKind::Hub);
    let customers = lanes_to(&draft.atlas, site, SiteKind::Customer);
    let plans = [
        (&hubs, true, (day.at(7, 0), day.at(12, 20))),
        (&hubs, false, (day.at(6, 0), day.at(8, 30))),
        (&customers, true, (day.at(7, 30), day.at(12, 50))),
    ];
    for ((lanes, ends_here, window), share) in plans.into_iter().zip(SHARES_PER_MILLE) {
        let units = stock.split_off(stock.len().saturating_sub(all * share / 1000));
        let loads = cut_into_loads(&units, size, chance);
        let count = loads.len();
        for (n, units) in loads.into_iter().enumerate() {
            let ready = shifted(spread(window.0, window.1, n, count), chance.between(0, 9));
            let lane = lanes.get(n % lanes.len().max(1)).copied();
            if let Some(lane) = lane {
                let load = first_leg(draft, lane, units, ready, chance);
                draft.loads.push(Load { ends_here, ..load });
            }
        }
    }
    for unit in stock {
        if let Some(zone) = draft.goods.unit(unit).home {
            draft.idle.entry(zone).or_default().push(unit);
        }
    }
}

fn lanes_to(atlas: &Atlas, from: SiteNo, kind: SiteKind) -> Vec<LaneNo> {
    atlas.lanes_where(|lane| lane.from == from && atlas.site(lane.to).kind == kind)
}

fn first_leg(
    draft: &mut Draft,
    lane: LaneNo,
    units: Vec<UnitNo>,
    ready: Timestamp,
    chance: &mut Chance,
) -> Load {
    let issued = draft.day.at(1, 0).plus(minutes(chance.between(0, 110)));
    let mut load = bare_load(draft, lane, units, (issued, ready), chance);
    load.begins = Begins::InStock;
    let to_hub = draft.atlas.site(draft.atlas.lane(lane).to).kind == SiteKind::Hub;
    if to_hub && chance.chance(650) {
        load.pallets = build_pallets(draft, &load.units, chance);
    }
    if chance.chance(300) {
        for _ in 0..chance.count(1, 2) {
            let (class, cents) = draft.goods.add_lot(chance);
            let pieces = chance.between(2, 24) * 10;
            load.counted.push(Counted {
                class,
                cents,
                planned: pieces,
                given: pieces,
                taken: pieces,
                from_shelf: false,
            });
        }
    }
    load
}

/// Some loads to hubs leave with a seal on their doors.
fn seal_loads(draft: &mut Draft, per_mille: u64, chance: &mut Chance) {
    if per_mille == 0 {
        return;
    }
    for no in (0..draft.loads.len()).map(LoadNo) {
        let to = draft.lane_of(no).to;
        if draft.atlas.site(to).kind == SiteKind::Hub && chance.chance(per_mille) {
            let seal = draft.goods.add_seal();
            draft.load_mut(no).seal = Some(seal);
        }
    }
}

fn build_pallets(draft: &mut Draft, units: &[UnitNo], chance: &mut Chance) -> Vec<Pallet> {
    let count = chance.count(1, 3);
    let mut pallets = Vec::new();
    for stack in units.chunks(chance.count(6, 14)).take(count) {
        // A pallet never takes more than a third of the load: the rest travels loose.
        if (pallets.len() + 1) * 14 * 3 > units.len() * 2 && !pallets.is_empty() {
            break;
        }
        let children: Vec<UnitNo> = stack.iter().take(units.len() / 3).copied().collect();
        pallets.push(Pallet {
            unit: draft.goods.add_pallet(),
            grams: chance.between(180_000, 620_000),
            children,
        });
    }
    pallets
}

/// A load without pallets and counted goods, timed honestly from when it is ready.
pub(crate) fn bare_load(
    draft: &mut Draft,
    lane: LaneNo,
    units: Vec<UnitNo>,
    (issued, ready): (Timestamp, Timestamp),
    chance: &mut Chance,
) -> Load {
    let manifest = draft.new_document('D');
    let atlas = &draft.atlas;
    let way = atlas.lane(lane);
    let dock = |site: SiteNo, chance: &mut Chance| {
        let docks = &atlas.site(site).docks;
        chance.pick(docks).copied().expect("every site has a dock")
    };
    let acceptor = way
        .carrier
        .filter(|_| way.mode == ContractMode::Both)
        .and_then(|carrier| atlas.carriers.get(carrier))
        .and_then(|carrier| {
            // The last handheld is kept for tours without a network.
            let regular = carrier.handhelds.split_last()?.1;
            chance.pick(regular).copied()
        });
    let depart = shifted(ready, chance.between(-4, 6));
    let under_way = chance.between(way.transit_min.0, way.transit_min.1);
    Load {
        manifest,
        lane,
        begins: Begins::CrossDock,
        issued,
        ready,
        depart,
        arrive: shifted(depart, under_way),
        depart_by: shifted(ready, 20),
        arrive_by: shifted(ready, way.transit_min.1 + 40),
        units,
        pallets: Vec::new(),
        counted: Vec::new(),
        seal: None,
        trailer: None,
        papers: None,
        dock_from: dock(way.from, chance),
        dock_to: dock(way.to, chance),
        zone_to: chance.pick(&atlas.site(way.to).zones).copied(),
        acceptor,
        ends_here: true,
        shares_manifest: false,
        taken: false,
        quirks: Quirks::default(),
    }
}

/// What crosses a hub goes on to its customers, mixed with what came at about the same time.
fn plan_second_legs(draft: &mut Draft, hub: SiteNo, size: usize, chance: &mut Chance) {
    let mut feeding: Vec<LoadNo> = (0..draft.loads.len())
        .map(LoadNo)
        .filter(|no| draft.lane_of(*no).to == hub && !draft.load(*no).ends_here)
        .collect();
    feeding.sort_by_key(|no| (draft.load(*no).arrive, *no));
    let lanes = lanes_to(&draft.atlas, hub, SiteKind::Customer);
    for group in feeding.chunks(3) {
        let loads = group.iter().map(|no| draft.load(*no));
        let last = loads.clone().map(|load| load.arrive).max();
        let mut units: Vec<UnitNo> = loads.flat_map(|load| load.units.clone()).collect();
        chance.shuffle(&mut units);
        let Some(last) = last else {
            continue;
        };
        for units in cut_into_loads(&units, size, chance) {
            let Some(lane) = chance.pick(&lanes).copied() else {
                continue;
            };
            let ready = shifted(last, CROSS_DOCK_MIN + chance.between(0, 180));
            let issued = draft.day.at(4, 0).plus(minutes(chance.between(0, 120)));
            let load = bare_load(draft, lane, units, (issued, ready), chance);
            draft.loads.push(load);
        }
    }
}

/// Part of the stock changes its zone before anything is counted.
fn plan_moves(draft: &mut Draft, chance: &mut Chance) {
    let zones: Vec<PlaceNo> = draft.idle.keys().copied().collect();
    for from in &zones {
        let neighbours: Vec<PlaceNo> = zones
            .iter()
            .copied()
            .filter(|zone| {
                zone != from && draft.atlas.place(*zone).site == draft.atlas.place(*from).site
            })
            .collect();
        let Some(to) = chance.pick(&neighbours).copied() else {
            continue;
        };
        let n = draft.idle.get(from).map_or(0, Vec::len) / 16;
        let units = draft.take_idle(*from, n, chance);
        let at = draft.day.at(9, 0).plus(minutes(chance.between(0, 210)));
        draft.moves.push(Move { to, at, units });
    }
}

fn plan_counts(draft: &mut Draft, chance: &mut Chance) {
    let kinds = [
        (SiteKind::Warehouse, COUNTS.0, draft.day.at(14, 0)),
        (SiteKind::Hub, COUNTS.1, draft.day.at(17, 10)),
    ];
    for (kind, wanted, from) in kinds {
        let sites = draft.atlas.of_kind(kind).into_iter();
        let mut zones: Vec<PlaceNo> = sites
            .flat_map(|site| draft.atlas.site(site).zones.clone())
            .collect();
        chance.shuffle(&mut zones);
        zones.truncate(wanted);
        for place in zones {
            let opens = from.plus(minutes(chance.between(0, 100)));
            let plan = draft.new_document('C');
            draft.counts.push(Count {
                plan,
                place,
                issued: draft.day.at(5, 0).plus(minutes(chance.between(0, 60))),
                opens,
                due: shifted(opens, chance.between(80, 120)),
                gone: std::collections::BTreeSet::new(),
                overlooked: None,
                fails: false,
                taken: false,
            });
        }
    }
}
