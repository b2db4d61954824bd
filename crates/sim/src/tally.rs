//! Tallies: a camera over a dock door counts the cartons of a load that pass, and reads none of them.

use std::collections::BTreeSet;

use countersign_model::network::SiteKind;
use countersign_model::time::Timestamp;

use crate::clock::shifted;
use crate::draft::Draft;
use crate::event::{Amount, Event, Shape};
use crate::load::Load;
use crate::names::{LoadNo, Name, PlaceNo, UnitNo};
use crate::play::Stage;
use crate::truth::TruthRow;

/// A camera counts so few, by chance, no more often than that.
const BY_CHANCE: f64 = 0.001;
/// What a finding says whose cameras and signers differ.
const MISMATCH: &str = "quantity_mismatch";

impl Load {
    /// Cartons that go out through the door, whatever is said of them.
    fn going(&self, stage: &Stage<'_>) -> usize {
        let loaded = self.loaded().into_iter();
        let there = loaded.filter(|unit| !self.quirks.phantoms.contains(unit));
        self.cartons(there, stage).count() + self.quirks.smuggled
    }

    /// Cartons that come in through the door.
    fn coming(&self, stage: &Stage<'_>) -> usize {
        let hushed = self.quirks.hushed.iter().copied();
        let there = self.arriving().into_iter().chain(hushed);
        self.cartons(there, stage).count()
    }

    /// Without seals, and without what holds others.
    fn cartons(
        &self,
        units: impl Iterator<Item = UnitNo>,
        stage: &Stage<'_>,
    ) -> impl Iterator<Item = UnitNo> {
        let pallets: BTreeSet<UnitNo> = self.pallets.iter().map(|pallet| pallet.unit).collect();
        units.filter(move |unit| !pallets.contains(unit) && !stage.goods.is_seal(*unit))
    }
}

/// The camera over the dock from which a load leaves tells what it has counted, before anybody signs.
pub(crate) fn going(load: &Load, stage: &mut Stage<'_>) {
    let passed = load.going(stage);
    let at = shifted(load.depart, -2);
    tell(load, stage, (load.dock_from, at, "loading"), passed);
}

/// So does the one over the dock at which it is unloaded, when all is out.
pub(crate) fn coming(load: &Load, stage: &mut Stage<'_>) {
    let passed = load.coming(stage);
    let at = shifted(load.arrive, 36 + load.quirks.slow_min);
    tell(load, stage, (load.dock_to, at, "sensor_reporting"), passed);
}

fn tell(
    load: &Load,
    stage: &mut Stage<'_>,
    (dock, at, step): (PlaceNo, Timestamp, &'static str),
    passed: usize,
) {
    let Some(camera) = stage.atlas.place(dock).camera.filter(|_| passed > 0) else {
        return;
    };
    let unseen_percent = stage.atlas.device(camera).unseen_percent;
    let counted = stage.counted(passed, unseen_percent, load.quirks.glare);
    let is_dark = stage.dark.iter().any(|dark| {
        let is_then = (dark.from..dark.until).contains(&at);
        is_then && dark.devices.contains(&camera)
    });
    let mut event = Event::seen(camera, at, step, dock, &[]).under(&load.manifest);
    event.shape = Shape::Tallied;
    event.amounts = vec![Amount {
        class: Name::carton(),
        pieces: i64::try_from(counted).unwrap_or(0),
    }];
    if !is_dark {
        stage.write_of_road(event);
    }
}

impl Stage<'_> {
    /// Of so many that pass a camera counts each by chance; never fewer than chance explains.
    fn counted(&mut self, passed: usize, unseen_percent: u8, glare: bool) -> usize {
        let least = least(passed, unseen_percent);
        if glare {
            return least;
        }
        let road = &mut self.road;
        let seen = (0..passed).filter(|_| road.below(100) >= u64::from(unseen_percent));
        seen.count().max(least)
    }
}

/// The fewest of `n` that a camera counts which does not see so many of a hundred, as long as chance may
/// explain it.
fn least(n: usize, unseen_percent: u8) -> usize {
    let unseen = f64::from(unseen_percent) / 100.0;
    if unseen_percent == 0 {
        return n;
    }
    // The chance to count none, then one, then two.
    let mut chance = (0..n).fold(1.0, |chance, _| chance * unseen);
    let mut so_few = chance;
    let mut counted = 0;
    let mut left = n;
    let mut nth = 0.0;
    while so_few <= BY_CHANCE && left > 0 {
        nth += 1.0;
        chance *= count(left) / nth * (1.0 - unseen) / unseen;
        so_few += chance;
        (counted, left) = (counted + 1, left - 1);
    }
    counted
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}

impl Draft {
    /// Docks of warehouses at which a camera counts that sees everything, or one that does not.
    pub(crate) fn docks_counted(&self, is_sharp: bool) -> Vec<PlaceNo> {
        let sites = self.atlas.of_kind(SiteKind::Warehouse).into_iter();
        let docks = sites.flat_map(|site| self.atlas.site(site).docks.iter().copied());
        let counts = |dock: &PlaceNo| {
            let camera = self.atlas.place(*dock).camera;
            camera.is_some_and(|no| (self.atlas.device(no).unseen_percent == 0) == is_sharp)
        };
        docks.filter(counts).collect()
    }

    /// What cameras count may show it, where one hangs at either end of a load's way.
    pub(crate) fn seen_by_cameras(&self, no: LoadNo, mut row: TruthRow) -> TruthRow {
        if self.has_camera(no) {
            row.classes.push(Name::carton().link);
            row.kinds.push(MISMATCH.to_owned());
        }
        row
    }

    /// What cameras count may be odd, too, where one hangs at either end of a load's way.
    pub(crate) fn noticed_by_cameras(&self, no: LoadNo, mut row: TruthRow) -> TruthRow {
        if self.has_camera(no) {
            row.allowed.push(MISMATCH.to_owned());
        }
        row
    }

    fn has_camera(&self, no: LoadNo) -> bool {
        let load = self.load(no);
        let mut docks = [load.dock_from, load.dock_to].into_iter();
        docks.any(|dock| self.atlas.place(dock).camera.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_counts_no_fewer_than_chance_explains() {
        assert_eq!(least(30, 0), 30);
        // P(X <= 23 of 30 at 0.95) is 0.0005, of 24 it is 0.0033; of one it may miss the one.
        assert_eq!(least(30, 5), 24);
        assert_eq!(least(1, 5), 0);
        assert_eq!(least(0, 5), 0);
    }
}
