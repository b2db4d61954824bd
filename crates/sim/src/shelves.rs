//! Counted stock that stays: lots on the shelves of the warehouses, what leaves of them with loads, and
//! the count of a whole site that looks whether the rest is there.
//!
//! A lot comes in the morning, in one delivery, and lies in two zones: one near the beginning of the
//! round on which people count, one near its end. What a load takes is off the shelf when it leaves.

use std::collections::BTreeSet;

use countersign_model::network::SiteKind;
use countersign_model::time::Timestamp;

use crate::clock::{minutes, shifted, spread};
use crate::draft::Draft;
use crate::event::{Amount, Document, Event};
use crate::load::{Begins, Counted, Load};
use crate::names::{LoadNo, Name, PlaceNo, SiteNo};
use crate::play::Stage;
use crate::rng::Chance;
use crate::truth::TruthRow;
use crate::wording::Plan;

/// Zones at either end of the round in which lots lie.
const ZONES_AT_AN_END: usize = 3;
/// Minutes from one zone of the round to the next.
const ROUND_STEP_MIN: i64 = 7;
/// Minutes after the count opens between which all zones of one end were counted, and none of the other.
pub(crate) const MID_ROUND_MIN: (i64, i64) = (24, 46);
/// Pieces of a lot in one zone: more than all loads and thieves of a day take.
const PIECES: (i64, i64) = (250, 800);

/// A lot on the shelves of a warehouse.
#[derive(Clone, Debug)]
pub(crate) struct Lot {
    pub(crate) class: Name,
    /// What a piece is worth.
    pub(crate) cents: i64,
    pub(crate) site: SiteNo,
    zones: [PlaceNo; 2],
    /// In each of the zones in the morning.
    pieces: [i64; 2],
    /// From which of the two loads take.
    opened: usize,
    /// Gone from each without a word, before anybody counts.
    pub(crate) stolen: [i64; 2],
    /// An act or a look-alike has it.
    pub(crate) taken: bool,
}

/// The count of all counted stock of a site.
#[derive(Clone, Debug)]
pub(crate) struct SiteCount {
    pub(crate) plan: Name,
    pub(crate) site: SiteNo,
    issued: Timestamp,
    pub(crate) opens: Timestamp,
    pub(crate) due: Timestamp,
}

/// Puts lots on the shelves of each warehouse, sends some of each with its loads, and has them counted.
pub(crate) fn fill(draft: &mut Draft, lots: usize, chance: &mut Chance) {
    if lots == 0 {
        return;
    }
    for site in draft.atlas.of_kind(SiteKind::Warehouse) {
        for _ in 0..lots {
            add_lot(draft, site, chance);
        }
        let opens = draft.day.at(10, 30).plus(minutes(chance.between(0, 40)));
        let count = SiteCount {
            plan: draft.new_document('C'),
            site,
            issued: draft.day.at(5, 0).plus(minutes(chance.between(0, 60))),
            opens,
            due: shifted(opens, chance.between(110, 140)),
        };
        draft.site_counts.push(count);
    }
}

fn add_lot(draft: &mut Draft, site: SiteNo, chance: &mut Chance) {
    let zones = &draft.atlas.site(site).zones;
    let near = zones.get(..ZONES_AT_AN_END).unwrap_or_default();
    let far = zones.len().saturating_sub(ZONES_AT_AN_END);
    let far = zones.get(far..).unwrap_or_default();
    let (Some(near), Some(far)) = (chance.pick(near).copied(), chance.pick(far).copied()) else {
        return;
    };
    let (class, cents) = draft.goods.add_lot(chance);
    let lot = Lot {
        class,
        cents,
        site,
        zones: [near, far],
        pieces: [0; 2].map(|_: i64| chance.between(PIECES.0, PIECES.1)),
        opened: chance.index(2),
        stolen: [0; 2],
        taken: false,
    };
    for _ in 0..chance.count(1, 2) {
        let pieces = chance.between(2, 12) * 5;
        send_some(draft, &lot, pieces, chance);
    }
    draft.lots.push(lot);
}

/// A load that carries counted goods anyway takes some of the lot along.
fn send_some(draft: &mut Draft, lot: &Lot, pieces: i64, chance: &mut Chance) {
    let loads = draft.loads.iter().enumerate();
    let fit = loads.filter(|(_, load)| {
        let own = load.counted.iter().all(|counted| !counted.from_shelf);
        own && !load.counted.is_empty() && draft.atlas.lane(load.lane).from == lot.site
    });
    let fit: Vec<LoadNo> = fit.map(|(no, _)| LoadNo(no)).collect();
    if let Some(no) = chance.pick(&fit) {
        draft.load_mut(*no).take_along(lot, pieces);
    }
}

impl Load {
    /// Some pieces of a lot go with it.
    pub(crate) fn take_along(&mut self, lot: &Lot, pieces: i64) {
        self.counted.push(Counted {
            class: lot.class.clone(),
            cents: lot.cents,
            planned: pieces,
            given: pieces,
            taken: pieces,
            from_shelf: true,
        });
    }
}

impl Draft {
    /// Takes a lot that nothing else has.
    pub(crate) fn take_lot(&mut self, chance: &mut Chance) -> Option<Lot> {
        let lots = self.lots.iter().enumerate();
        let free: Vec<usize> = lots
            .filter(|(_, lot)| !lot.taken)
            .map(|(no, _)| no)
            .collect();
        let lot = self.lots.get_mut(*chance.pick(&free)?)?;
        lot.taken = true;
        Some(lot.clone())
    }

    /// So many pieces of a lot are gone from each of its zones.
    pub(crate) fn steal_pieces(&mut self, lot: &Lot, stolen: [i64; 2]) {
        let of = self.lots.iter_mut().find(|one| one.class == lot.class);
        if let Some(one) = of {
            one.stolen = stolen;
        }
    }

    /// The count of the site where a lot lies.
    pub(crate) fn count_of(&self, lot: &Lot) -> Option<&SiteCount> {
        let mut counts = self.site_counts.iter();
        counts.find(|count| count.site == lot.site)
    }

    /// A row about a lot and the count of its site.
    pub(crate) fn row_of_lot(&self, lot: &Lot, count: &SiteCount, family: &str) -> TruthRow {
        let [near, _] = lot.zones;
        TruthRow {
            classes: vec![lot.class.link.clone()],
            manifests: vec![count.plan.link.clone()],
            until: count.due,
            ..self.row_of_place(near, family, &[])
        }
    }
}

/// The lots come from a supplier, each in one delivery that a dock receives.
pub(crate) fn receive(draft: &Draft, stage: &mut Stage<'_>) {
    for lot in &draft.lots {
        let docks = &stage.atlas.site(lot.site).docks;
        let Some(dock) = stage.chance.pick(docks).copied() else {
            continue;
        };
        let at = draft
            .day
            .at(3, 0)
            .plus(minutes(stage.chance.between(0, 75)));
        let mut event = Event::seen(stage.atlas.reader(dock), at, "receiving", dock, &[]);
        event.amounts = vec![Amount {
            class: lot.class.clone(),
            pieces: lot.pieces.iter().sum(),
        }];
        stage.journal.write(event);
    }
}

impl SiteCount {
    /// People go from zone to zone and count what lies there.
    pub(crate) fn play(&self, lots: &[Lot], stage: &mut Stage<'_>) {
        let given = given(&stage.journal.events);
        let zones = stage.atlas.site(self.site).zones.clone();
        let last = i64::try_from(zones.len()).unwrap_or(0) * ROUND_STEP_MIN;
        let round = (shifted(self.opens, 4), shifted(self.opens, 4 + last));
        for (no, zone) in zones.iter().enumerate() {
            let at = spread(round.0, round.1, no, zones.len());
            let found = lots.iter().filter_map(|lot| {
                let which = lot.zones.iter().position(|one| one == zone)?;
                Some(Amount {
                    class: lot.class.clone(),
                    pieces: lot.left_in(which, &given, at),
                })
            });
            let amounts: Vec<Amount> = found.collect();
            if amounts.is_empty() {
                continue;
            }
            let reader = stage.atlas.reader(*zone);
            let event = Event::seen(reader, at, "cycle_counting", *zone, &[]);
            let mut event = event.now_at(*zone);
            event.amounts = amounts;
            event.document = Some(Document::Count(self.plan.clone()));
            stage.journal.write(event);
        }
    }

    /// What the warehouse system says of it; the place is the site.
    pub(crate) fn plan(&self, draft: &Draft) -> Plan {
        let place = &draft.atlas.site(self.site).name;
        Plan::of_count(&self.plan, place, (self.issued, self.opens, self.due))
    }
}

/// What left when: each event once, whatever was said again.
fn given(events: &[Event]) -> Vec<(Name, Timestamp, i64)> {
    let mut once: BTreeSet<&str> = BTreeSet::new();
    let given = events.iter().filter(|event| event.step == "departing");
    let given = given.filter(|event| !event.amounts.is_empty() && once.insert(&event.id));
    let amounts = given.flat_map(|event| {
        let amounts = event.amounts.iter();
        amounts.map(|one| (one.class.clone(), event.at, one.pieces))
    });
    amounts.collect()
}

impl Lot {
    /// What lies in one of its zones.
    fn left_in(&self, which: usize, given: &[(Name, Timestamp, i64)], at: Timestamp) -> i64 {
        let of = |both: [i64; 2]| both.get(which).copied().unwrap_or(0);
        let gone = given
            .iter()
            .filter(|(class, when, _)| self.opened == which && *class == self.class && *when < at);
        let gone: i64 = gone.map(|(_, _, pieces)| pieces).sum();
        of(self.pieces) - of(self.stolen) - gone
    }
}

/// A load that leaves from stock, without a seal, and that may be put off or brought forward.
pub(crate) fn is_movable(load: &Load) -> bool {
    let own = load.counted.iter().all(|counted| !counted.from_shelf);
    load.ends_here && load.begins == Begins::InStock && load.seal.is_none() && own
}
