//! Trailers with a tracker: which loads travel in one, and what it says on its way.
//!
//! A tracker knows where it is and whether the doors are open, and a service of the carrier says it at
//! once, by the time of the satellites. It says that the doors are closed when the load is about to
//! leave; then, from the road, where it is, every so many minutes; and once more in the yard where it
//! arrives. What is in the trailer it does not know.

use countersign_model::network::SiteKind;
use countersign_model::time::{Span, Timestamp};

use crate::atlas::Atlas;
use crate::clock::{minutes, shifted};
use crate::draft::Draft;
use crate::event::Event;
use crate::ground::{Fix, Spot};
use crate::load::Load;
use crate::names::{DeviceNo, LoadNo, UnitNo};
use crate::play::Stage;
use crate::rng::Chance;

/// Minutes behind the dock's word of departure after which all have signed and the truck drives off.
const SIGNED_MIN: i64 = 12;
/// Minutes from one position to the next.
const FIX_MIN: (i64, i64) = (10, 15);
/// Within so many metres a position is true.
const FIX_M: (i64, i64) = (5, 40);
/// Seconds before the dock's word of departure at which the doors are closed; and at which a tracker
/// that sees few satellites says another position.
const CLOSED_S: (i64, i64) = (140, 70);

/// What happens to the doors while a trailer stands on the road.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doors {
    /// Nothing.
    Closed,
    /// Somebody opens them.
    Forced,
    /// An inspector opens them, and says so.
    Inspected,
}

/// A stop on the road.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop {
    /// So many thousandths of the way are behind it.
    pub(crate) per_mille: i64,
    /// So long it stands.
    pub(crate) minutes: i64,
    pub(crate) doors: Doors,
}

/// A trailer with a tracker, in which a load travels.
#[derive(Clone, Debug)]
pub(crate) struct Trailer {
    pub(crate) unit: UnitNo,
    pub(crate) stop: Option<Stop>,
    /// What it says of where it is when it sees few satellites, still in the yard.
    pub(crate) poor: Option<Fix>,
    /// Where it is when, if it does not go where it should.
    pub(crate) strayed: Vec<(Timestamp, Spot)>,
}

/// Some loads between buildings travel in a trailer with a tracker; loads of named goods alone.
pub(crate) fn assign(draft: &mut Draft, per_mille: u64, chance: &mut Chance) {
    if per_mille == 0 {
        return;
    }
    for no in (0..draft.loads.len()).map(LoadNo) {
        let lane = draft.lane_of(no);
        let kinds = [lane.from, lane.to].map(|site| draft.atlas.site(site).kind);
        let may = kinds == [SiteKind::Warehouse, SiteKind::Hub];
        if may && draft.load(no).counted.is_empty() && chance.chance(per_mille) {
            let unit = draft.goods.add_trailer();
            draft.load_mut(no).trailer = Some(Trailer {
                unit,
                stop: None,
                poor: None,
                strayed: Vec::new(),
            });
        }
    }
}

/// From where to where a truck drives, and when.
#[derive(Clone, Copy, Debug)]
struct Way {
    ends: (Spot, Spot),
    start: Timestamp,
    end: Timestamp,
    stop: Option<Stop>,
}

impl Way {
    fn of(load: &Load, atlas: &Atlas) -> Option<Self> {
        let lane = atlas.lane(load.lane);
        Some(Self {
            ends: (atlas.spot(lane.from)?, atlas.spot(lane.to)?),
            start: shifted(load.depart, SIGNED_MIN),
            end: shifted(load.arrive, -1),
            stop: load.trailer.as_ref()?.stop,
        })
    }

    /// Milliseconds at the wheel.
    fn driven_ms(self) -> i64 {
        let stands = self.stop.map_or(0, |stop| stop.minutes);
        (self.end.since(self.start).ms() - stands * 60_000).max(1)
    }

    /// From when until when it stands.
    fn stands(self) -> Option<(Timestamp, Timestamp)> {
        let stop = self.stop?;
        let driven = self.driven_ms() * stop.per_mille / 1000;
        let from = self.start.plus(Span::from_ms(driven));
        Some((from, from.plus(minutes(stop.minutes))))
    }

    fn spot_at(self, at: Timestamp) -> Spot {
        let stood = self
            .stands()
            .map_or(0, |(from, until)| at.min(until).since(from).ms().max(0));
        let driven = (at.since(self.start).ms() - stood).max(0);
        let (from, to) = self.ends;
        from.toward(to, driven * 1000 / self.driven_ms())
    }
}

const fn sooner(at: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_ms(at.ms() - seconds * 1000)
}

impl Draft {
    /// A load travels in a truck without a tracker after all.
    pub(crate) fn unhitch(&mut self, no: LoadNo) {
        self.load_mut(no).trailer = None;
    }

    /// Takes a tracked load that nothing else has; one that goes no further, if there is any.
    pub(crate) fn take_tracked(
        &mut self,
        chance: &mut Chance,
        wanted: impl Fn(&Load) -> bool,
    ) -> Option<LoadNo> {
        let fits = |load: &Load| load.trailer.is_some() && wanted(load);
        let last = self.take_load(chance, |load, _| load.ends_here && fits(load));
        last.or_else(|| self.take_load(chance, |load, _| fits(load)))
    }

    /// A tracked load stops on the road; tells where.
    pub(crate) fn stop(&mut self, no: LoadNo, stop: Stop) -> Option<Spot> {
        self.load_mut(no).trailer.as_mut()?.stop = Some(stop);
        let way = Way::of(self.load(no), &self.atlas)?;
        let (from, _) = way.stands()?;
        Some(way.spot_at(from))
    }

    /// A tracked load leaves at that time and goes aside, and its tracker tells of it until another; by
    /// which names a ledger calls the places.
    pub(crate) fn lead_astray(
        &mut self,
        no: LoadNo,
        (from, until): (Timestamp, Timestamp),
        chance: &mut Chance,
    ) -> Option<Vec<String>> {
        let way = Way::of(self.load(no), &self.atlas)?;
        let aside = chance.pick(&crate::ground::ASIDE).copied()?;
        let (origin, _) = way.ends;
        let mut strayed = Vec::new();
        let mut at = from.plus(minutes(chance.between(6, 9)));
        while at < until {
            // It drives for an hour and then stands.
            let driven = at.since(from).ms().min(3_600_000);
            let spot = origin.toward(aside, driven / 3_600);
            if self.atlas.is_on_road(spot) {
                strayed.push((at, spot));
            }
            at = at.plus(minutes(chance.between(FIX_MIN.0, FIX_MIN.1)));
        }
        let cells = strayed.iter().map(|(_, spot)| spot.cell()).collect();
        self.load_mut(no).trailer.as_mut()?.strayed = strayed;
        Some(cells)
    }
}

/// How one trailer is told of.
struct Tracker<'a, 'b> {
    load: &'a Load,
    trailer: &'a Trailer,
    service: DeviceNo,
    stage: &'a mut Stage<'b>,
}

/// The tracker tells of the way of a load.
pub(crate) fn track(load: &Load, stage: &mut Stage<'_>) {
    let atlas = stage.atlas;
    let carrier = atlas.lane(load.lane).carrier;
    let service = carrier.and_then(|at| atlas.carriers.get(at)?.telematics);
    let (Some(trailer), Some(service), Some(way)) = (&load.trailer, service, Way::of(load, atlas))
    else {
        return;
    };
    let mut tracker = Tracker {
        load,
        trailer,
        service,
        stage,
    };
    tracker.close(way);
    if !trailer.strayed.is_empty() {
        for (at, spot) in &trailer.strayed {
            tracker.tell(*at, *spot, "container_closed");
        }
        return;
    }
    tracker.drive(way);
    tracker.stand(way);
}

impl Tracker<'_, '_> {
    /// Says where it is, as well as it knows.
    fn tell(&mut self, at: Timestamp, spot: Spot, doors: &'static str) {
        let uncertainty_m = self.stage.road.between(FIX_M.0, FIX_M.1);
        let fix = Fix {
            spot,
            uncertainty_m,
        };
        self.say(self.service, "sensor_reporting", (at, fix), doors);
    }

    fn say(
        &mut self,
        who: DeviceNo,
        step: &'static str,
        (at, fix): (Timestamp, Fix),
        doors: &'static str,
    ) {
        let at = at.plus(Span::from_ms(self.stage.road.between(0, 1_999)));
        let mut event = Event::seen(who, at, step, self.load.dock_from, &[]);
        event.fix = Some(fix);
        self.stage
            .write_of_road(event.within(Some(self.trailer.unit)).left_as(doors));
    }

    /// In the yard the doors are closed; few satellites may be seen between its walls.
    fn close(&mut self, way: Way) {
        let (closed, poor) = CLOSED_S;
        let (closed, poor) = (
            sooner(self.load.depart, closed),
            sooner(self.load.depart, poor),
        );
        let yard = self.near(way.ends.0);
        self.tell(closed, yard, "container_closed");
        if let Some(fix) = self.trailer.poor {
            let who = self.service;
            self.say(who, "sensor_reporting", (poor, fix), "container_closed");
        }
    }

    fn near(&mut self, spot: Spot) -> Spot {
        let road = &mut self.stage.road;
        spot.moved((road.between(-120, 120), road.between(-120, 120)))
    }

    fn drive(&mut self, way: Way) {
        let mut at = way.start.plus(minutes(self.stage.road.between(3, 6)));
        while at < shifted(way.end, -4) {
            let spot = way.spot_at(at);
            let is_at_doors = way.stands().is_some_and(|(from, until)| {
                way.stop.is_some_and(|stop| stop.doors != Doors::Closed)
                    && (from..=until).contains(&at)
            });
            if self.stage.atlas.is_on_road(spot) && !is_at_doors {
                self.tell(at, spot, "container_closed");
            }
            let next = self.stage.road.between(FIX_MIN.0, FIX_MIN.1);
            at = shifted(at, next);
        }
        let yard = self.near(way.ends.1);
        self.tell(way.end, yard, "container_closed");
    }

    /// What is to be said of the doors at a stop.
    fn stand(&mut self, way: Way) {
        let (Some(stop), Some((from, until))) = (way.stop, way.stands()) else {
            return;
        };
        let spot = way.spot_at(from);
        let (opened, closed) = (shifted(from, 2), shifted(until, -2));
        let doors = [(opened, "container_open"), (closed, "container_closed")];
        for ((at, doors), step) in doors.into_iter().zip(["removing", "inspecting"]) {
            if stop.doors == Doors::Inspected {
                let fix = Fix {
                    spot,
                    uncertainty_m: FIX_M.0,
                };
                let customs = self.stage.atlas.customs;
                let own = sooner(at, 40);
                if let Some(customs) = customs {
                    self.say(customs, step, (own, fix), doors);
                }
            }
            if stop.doors != Doors::Closed {
                self.tell(at, spot, doors);
            }
        }
    }
}
