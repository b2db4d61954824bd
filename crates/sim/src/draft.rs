//! The day before it is played: loads, counts and moves, and what acts and look-alikes did to them.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::network::SiteKind;
use countersign_model::time::{Span, Timestamp};

use crate::atlas::{Atlas, Lane};
use crate::clock::{Day, minutes, shifted};
use crate::count::Count;
use crate::day::bare_load;
use crate::event::Event;
use crate::goods::Goods;
use crate::load::{Begins, Load, Quirks};
use crate::names::{DeviceNo, LoadNo, Name, PlaceNo, UnitNo};
use crate::rng::Chance;
use crate::shelves::{Lot, SiteCount};
use crate::sources::Dark;
use crate::truth::TruthRow;

/// Stock put into another zone.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub(crate) to: PlaceNo,
    pub(crate) at: Timestamp,
    pub(crate) units: Vec<UnitNo>,
}

/// A device that cannot send for a while; it sends what it has when it can again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offline {
    pub(crate) device: DeviceNo,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

/// The day before it is played.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) day: Day,
    pub(crate) atlas: Atlas,
    pub(crate) goods: Goods,
    pub(crate) loads: Vec<Load>,
    pub(crate) counts: Vec<Count>,
    /// Counted stock that stays.
    pub(crate) lots: Vec<Lot>,
    pub(crate) site_counts: Vec<SiteCount>,
    pub(crate) moves: Vec<Move>,
    /// Stock that nobody touches all day, by zone.
    pub(crate) idle: BTreeMap<PlaceNo, Vec<UnitNo>>,
    pub(crate) offline: Vec<Offline>,
    /// New names of units: (the new one, the unit, when it is said).
    pub(crate) renamed: Vec<(UnitNo, UnitNo, Timestamp)>,
    /// Who says nothing when.
    pub(crate) dark: Vec<Dark>,
    /// Events outside loads and counts.
    pub(crate) extra: Vec<Event>,
    /// Rows of the truth; when each can be known is said later.
    pub(crate) planted: Vec<TruthRow>,
    pub(crate) documents: usize,
}

impl Draft {
    /// A new name for a manifest (`D`) or a count (`C`).
    pub(crate) fn new_document(&mut self, kind: char) -> Name {
        self.documents += 1;
        Name::document(kind, self.documents)
    }

    pub(crate) fn load(&self, no: LoadNo) -> &Load {
        self.loads.get(no.0).expect("load numbers come from here")
    }

    /// What happens to a load, to be changed.
    pub(crate) fn quirks(&mut self, no: LoadNo) -> &mut Quirks {
        &mut self.load_mut(no).quirks
    }

    pub(crate) fn load_mut(&mut self, no: LoadNo) -> &mut Load {
        self.loads
            .get_mut(no.0)
            .expect("load numbers come from here")
    }

    pub(crate) fn lane_of(&self, no: LoadNo) -> &Lane {
        self.atlas.lane(self.load(no).lane)
    }

    /// Takes a load that nothing else has, at random among those that are `wanted`.
    pub(crate) fn take_load(
        &mut self,
        chance: &mut Chance,
        wanted: impl Fn(&Load, &Lane) -> bool,
    ) -> Option<LoadNo> {
        let free: Vec<LoadNo> = self
            .loads
            .iter()
            .enumerate()
            .filter(|(_, load)| !load.taken && wanted(load, self.atlas.lane(load.lane)))
            .map(|(no, _)| LoadNo(no))
            .collect();
        let no = *chance.pick(&free)?;
        self.load_mut(no).taken = true;
        Some(no)
    }

    /// Takes a count that nothing else has, with enough idle stock in its zone.
    pub(crate) fn take_count(&mut self, chance: &mut Chance) -> Option<usize> {
        self.take_count_where(chance, |_| true)
    }

    /// The same, of those that are `wanted`.
    pub(crate) fn take_count_where(
        &mut self,
        chance: &mut Chance,
        wanted: impl Fn(&Count) -> bool,
    ) -> Option<usize> {
        let stock = |count: &Count| self.idle.get(&count.place).map_or(0, Vec::len);
        let free: Vec<usize> = self
            .counts
            .iter()
            .enumerate()
            .filter(|(_, count)| !count.taken && stock(count) >= IDLE_MIN && wanted(count))
            .map(|(no, _)| no)
            .collect();
        let no = *chance.pick(&free)?;
        self.counts.get_mut(no)?.taken = true;
        Some(no)
    }

    /// A load that takes on what another left behind; nothing else may touch it.
    pub(crate) fn follow_up(&mut self, load: Load) {
        self.loads.push(Load {
            begins: Begins::OnDock,
            pallets: Vec::new(),
            counted: Vec::new(),
            seal: None,
            trailer: None,
            papers: None,
            quirks: Quirks::default(),
            ends_here: true,
            taken: true,
            ..load
        });
    }

    /// The same, under the manifest of the other.
    pub(crate) fn follow_up_under_same(&mut self, load: Load) {
        self.follow_up(Load {
            shares_manifest: true,
            ..load
        });
    }

    /// A zone with enough idle stock.
    pub(crate) fn pick_idle_zone(&self, chance: &mut Chance) -> Option<PlaceNo> {
        let zones = self.idle.iter().filter(|(_, idle)| idle.len() >= IDLE_MIN);
        let zones: Vec<PlaceNo> = zones.map(|(zone, _)| *zone).collect();
        chance.pick(&zones).copied()
    }

    /// The load by which goods of a load to a hub go on, and which of them; most of them, if
    /// they go on by several.
    pub(crate) fn onward(&self, no: LoadNo) -> Option<(LoadNo, Vec<UnitNo>)> {
        let units: BTreeSet<UnitNo> = self.load(no).units.iter().copied().collect();
        let hub = self.lane_of(no).to;
        let loads = self.loads.iter().enumerate();
        let next = loads.filter(|(_, load)| {
            let from_hub = self.atlas.lane(load.lane).from == hub;
            load.begins == Begins::CrossDock && !load.taken && from_hub
        });
        let shared = next.map(|(no, _)| {
            let plain = self.some_plain(self.load(LoadNo(no)).loose());
            let shared = plain.into_iter().filter(|unit| units.contains(unit));
            (LoadNo(no), shared.collect::<Vec<UnitNo>>())
        });
        let most = shared.max_by_key(|(_, shared)| shared.len());
        most.filter(|(_, shared)| !shared.is_empty())
    }

    /// A new load from a customer back to its hub.
    pub(crate) fn add_return(&mut self, n: usize, chance: &mut Chance) -> Option<LoadNo> {
        let lanes = self.atlas.lanes_where(|lane| {
            let kinds = (
                self.atlas.site(lane.from).kind,
                self.atlas.site(lane.to).kind,
            );
            kinds == (SiteKind::Customer, SiteKind::Hub)
        });
        let lane = chance.pick(&lanes).copied()?;
        let units: Vec<UnitNo> = (0..n).map(|_| self.goods.add_return(chance)).collect();
        let issued = self.day.at(6, 0).plus(minutes(chance.between(0, 90)));
        let ready = self.day.at(9, 0).plus(minutes(chance.between(0, 300)));
        let load = bare_load(self, lane, units, (issued, ready), chance);
        self.follow_up(load);
        Some(LoadNo(self.loads.len() - 1))
    }

    /// Another name for a unit of the stock, said at that time.
    pub(crate) fn relabel(&mut self, unit: UnitNo, at: Timestamp) -> UnitNo {
        let new = self.goods.add_plate();
        self.renamed.push((new, unit, at));
        // Whoever counts reads the new label.
        for count in &mut self.counts {
            count.gone.insert(unit);
        }
        new
    }

    /// Canonical names of a place and its site.
    pub(crate) fn names_of(&self, place: PlaceNo) -> [String; 2] {
        let place = self.atlas.place(place);
        let site = &self.atlas.site(place.site).name;
        [place.name.link.clone(), site.link.clone()]
    }

    /// A row about units, somewhere on this day.
    fn row_of(&self, family: &str, units: &[UnitNo]) -> TruthRow {
        TruthRow {
            id: String::new(),
            family: family.to_owned(),
            act: false,
            units: self.canonical(units),
            classes: Vec::new(),
            sources: Vec::new(),
            places: Vec::new(),
            from: self.day.start(),
            until: self.day.end(),
            manifests: Vec::new(),
            cents: self.goods.cents(units),
            detectable_from: None,
            kinds: Vec::new(),
            allowed: Vec::new(),
        }
    }

    /// A row about stock of a zone.
    pub(crate) fn row_of_place(&self, place: PlaceNo, family: &str, units: &[UnitNo]) -> TruthRow {
        TruthRow {
            places: self.names_of(place).to_vec(),
            ..self.row_of(family, units)
        }
    }

    /// A row about a load, with everything that a load knows.
    pub(crate) fn row_of_load(&self, no: LoadNo, family: &str, units: &[UnitNo]) -> TruthRow {
        let load = self.load(no);
        let lane = self.atlas.lane(load.lane);
        let places = [load.dock_from, load.dock_to];
        let places = places.map(|place| self.atlas.place(place).name.link.clone());
        let sites = [lane.from, lane.to].map(|site| self.atlas.site(site).name.link.clone());
        TruthRow {
            places: sites.into_iter().chain(places).collect(),
            from: shifted(load.ready, -60),
            until: load.arrive_by.plus(lane_grace()),
            manifests: vec![load.manifest.link.clone()],
            ..self.row_of(family, units)
        }
    }

    /// A row about a count.
    pub(crate) fn row_of_count(&self, no: usize, family: &str, units: &[UnitNo]) -> TruthRow {
        let count = self.counts.get(no).expect("count numbers come from here");
        TruthRow {
            until: count.due,
            manifests: vec![count.plan.link.clone()],
            ..self.row_of_place(count.place, family, units)
        }
    }

    /// Stock of a zone that a thief or a look-alike may have: nobody else names it all day.
    pub(crate) fn take_idle(
        &mut self,
        place: PlaceNo,
        n: usize,
        chance: &mut Chance,
    ) -> Vec<UnitNo> {
        let idle = self.idle.get(&place).map_or(&[][..], Vec::as_slice);
        let plain: Vec<UnitNo> = idle
            .iter()
            .copied()
            .filter(|unit| self.goods.unit(*unit).plate.is_none())
            .collect();
        let taken = chance.some_of(&plain, n);
        let gone: BTreeSet<UnitNo> = taken.iter().copied().collect();
        if let Some(idle) = self.idle.get_mut(&place) {
            idle.retain(|unit| !gone.contains(unit));
        }
        taken
    }

    /// `n` loose units of a load that have one name only.
    pub(crate) fn some_loose(&self, no: LoadNo, n: usize, chance: &mut Chance) -> Vec<UnitNo> {
        let plain = self.some_plain(self.load(no).loose());
        chance.some_of(&plain, n)
    }

    /// Those that have one name only.
    fn some_plain(&self, units: Vec<UnitNo>) -> Vec<UnitNo> {
        let units = units.into_iter();
        units
            .filter(|unit| self.goods.unit(*unit).plate.is_none())
            .collect()
    }

    fn canonical(&self, units: &[UnitNo]) -> Vec<String> {
        let names = units
            .iter()
            .map(|unit| self.goods.unit(*unit).name.link.clone());
        names.collect()
    }
}

/// Idle units that a zone must have to be worth a theft or a look-alike.
const IDLE_MIN: usize = 12;

/// The grace of every lane.
pub(crate) const fn lane_grace() -> Span {
    minutes(crate::atlas::GRACE_MIN)
}
