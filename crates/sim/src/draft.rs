//! The day before it is played: loads, counts and moves, and what acts and look-alikes did to them.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::time::{Span, Timestamp};

use crate::atlas::{Atlas, Lane};
use crate::clock::{minutes, shifted};
use crate::count::Count;
use crate::event::Event;
use crate::goods::Goods;
use crate::load::{Begins, Load, Quirks};
use crate::names::{DeviceNo, LoadNo, Name, PlaceNo, RowNo, UnitNo};
use crate::rng::Chance;
use crate::truth::{Cause, Detectable, TruthRow};

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

/// What makes an act visible, before it is known when that is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reveal {
    /// Innocent: nothing.
    Nothing,
    /// A deadline, known beforehand.
    Deadline(Timestamp, Name),
    /// The first event that shows the row.
    Claim,
    /// So long after the first event that shows the row, under that document.
    After(Span, Name),
}

/// A row of the truth as planted.
#[derive(Clone, Debug)]
pub(crate) struct Planted {
    pub(crate) row: TruthRow,
    pub(crate) reveal: Reveal,
}

/// The day before it is played.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) atlas: Atlas,
    pub(crate) goods: Goods,
    pub(crate) loads: Vec<Load>,
    pub(crate) counts: Vec<Count>,
    pub(crate) moves: Vec<Move>,
    /// Stock that nobody touches all day, by zone.
    pub(crate) idle: BTreeMap<PlaceNo, Vec<UnitNo>>,
    pub(crate) offline: Vec<Offline>,
    /// Events outside loads and counts.
    pub(crate) extra: Vec<Event>,
    pub(crate) planted: Vec<Planted>,
    pub(crate) documents: usize,
}

impl Draft {
    /// A new name for a manifest (`D`) or a count (`C`).
    pub(crate) fn new_document(&mut self, kind: char) -> Name {
        self.documents += 1;
        Name::document(kind, self.documents)
    }

    /// The number that the next planted row will have.
    pub(crate) fn next_row(&self) -> RowNo {
        RowNo(self.planted.len())
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
        let row = self.next_row();
        let load = self.load_mut(no);
        load.taken = true;
        load.quirks.row = Some(row);
        Some(no)
    }

    /// Takes a count that nothing else has, with enough idle stock in its zone.
    pub(crate) fn take_count(&mut self, chance: &mut Chance) -> Option<usize> {
        let stock = |count: &Count| self.idle.get(&count.place).map_or(0, Vec::len);
        let free: Vec<usize> = self
            .counts
            .iter()
            .enumerate()
            .filter(|(_, count)| !count.taken && stock(count) >= IDLE_MIN)
            .map(|(no, _)| no)
            .collect();
        let no = *chance.pick(&free)?;
        let row = self.next_row();
        let count = self.counts.get_mut(no)?;
        count.taken = true;
        count.row = Some(row);
        Some(no)
    }

    /// A load that takes on what another left behind; nothing else may touch it.
    pub(crate) fn follow_up(&mut self, load: Load) {
        self.loads.push(Load {
            begins: Begins::OnDock,
            pallets: Vec::new(),
            counted: Vec::new(),
            quirks: Quirks::default(),
            ends_here: true,
            taken: true,
            ..load
        });
    }

    /// A row about a load, with everything that a load knows.
    pub(crate) fn row_of_load(&self, no: LoadNo, family: &str, units: &[UnitNo]) -> TruthRow {
        let load = self.load(no);
        let lane = self.atlas.lane(load.lane);
        let places = [load.dock_from, load.dock_to];
        let places = places.map(|place| self.atlas.place(place).name.link.clone());
        let sites = [lane.from, lane.to].map(|site| self.atlas.site(site).name.link.clone());
        TruthRow {
            id: String::new(),
            family: family.to_owned(),
            act: false,
            units: self.canonical(units),
            classes: Vec::new(),
            places: sites.into_iter().chain(places).collect(),
            from: shifted(load.ready, -60),
            until: load.arrive_by.plus(lane_grace()),
            manifests: vec![load.manifest.link.clone()],
            cents: self.goods.cents(units),
            detectable_from: None,
            kinds: Vec::new(),
            allowed: Vec::new(),
        }
    }

    /// A row about a count.
    pub(crate) fn row_of_count(&self, no: usize, family: &str, units: &[UnitNo]) -> TruthRow {
        let count = self.counts.get(no).expect("count numbers come from here");
        let place = self.atlas.place(count.place);
        TruthRow {
            id: String::new(),
            family: family.to_owned(),
            act: false,
            units: self.canonical(units),
            classes: Vec::new(),
            places: vec![
                place.name.link.clone(),
                self.atlas.site(place.site).name.link.clone(),
            ],
            from: crate::clock::start(),
            until: count.due,
            manifests: vec![count.plan.link.clone()],
            cents: self.goods.cents(units),
            detectable_from: None,
            kinds: Vec::new(),
            allowed: Vec::new(),
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
        let loose = self.load(no).loose().into_iter();
        let plain: Vec<UnitNo> = loose
            .filter(|unit| self.goods.unit(*unit).plate.is_none())
            .collect();
        chance.some_of(&plain, n)
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

impl Planted {
    /// The row as it is known when every statement has its time of sending; `shown` is the first
    /// event that shows the row: (event time, time of sending, event id).
    pub(crate) fn resolved(&self, shown: Option<(Timestamp, Timestamp, &str)>) -> TruthRow {
        let detectable_from = match &self.reveal {
            Reveal::Nothing => None,
            Reveal::Deadline(at, of) => Some(Detectable {
                at: *at,
                cause: Cause::Deadline,
                of: of.link.clone(),
            }),
            Reveal::Claim => shown.map(|(_, sent, id)| Detectable {
                at: sent,
                cause: Cause::Claim,
                of: id.to_owned(),
            }),
            Reveal::After(span, of) => shown.map(|(at, sent, _)| Detectable {
                at: at.plus(*span).max(sent),
                cause: Cause::Deadline,
                of: of.link.clone(),
            }),
        };
        TruthRow {
            detectable_from,
            ..self.row.clone()
        }
    }
}
