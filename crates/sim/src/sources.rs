//! What sources owe: a sign of life every so many minutes, and how late what they say may come.
//!
//! A world's devices tell how warm they are round the clock (`sensor_reporting` without goods). So
//! whoever listens knows of each at any time whether it has said everything: its chain has no gap,
//! and it was heard a moment ago. Beside the devices that read, each site has a camera and an alarm
//! panel. These hang on a wire and keep nothing: what they cannot say at once they never say. Some of
//! the cameras count what passes a dock. Each carrier has a service that says where its trailers are.

use std::collections::BTreeSet;

use countersign_model::network::{Role, SiteKind};
use countersign_model::time::Timestamp;

use crate::atlas::{Atlas, Device};
use crate::clock::{minutes, shifted};
use crate::draft::Draft;
use crate::event::{Event, Journal};
use crate::limits::GLARE_PERCENT;
use crate::names::{DeviceNo, Name, PlaceNo, SiteNo};
use crate::rng::Chance;

/// A device says that it lives every so many minutes.
const DEVICE_SAYS_MIN: i64 = 30;
/// So does a camera or an alarm panel.
const WATCHER_SAYS_MIN: i64 = 10;
/// Minutes on top within which the contract expects the next sign: a device gathers for four minutes
/// what it sends together; on a wire there is only the way.
const ALLOWANCE_MIN: (i64, i64) = (5, 2);
/// Hours and minutes for which a statement may lie in a device without a network: a shift, and what
/// it takes to come back from it.
const GRACE_MIN: i64 = 8 * 60 + 30;

/// What a source owes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Owes {
    /// It says that it lives every so many minutes.
    pub(crate) says_min: Option<i64>,
    /// What it says may come so many minutes late.
    pub(crate) grace_min: Option<i64>,
}

impl Owes {
    /// Minutes within which it must be heard again.
    pub(crate) fn heartbeat_min(self) -> Option<i64> {
        let (gathering, wired) = ALLOWANCE_MIN;
        let allowance = self.grace_min.map_or(wired, |_| gathering);
        self.says_min.map(|says| says + allowance)
    }
}

/// Devices that say nothing for a while, and do not say it later.
#[derive(Clone, Debug)]
pub(crate) struct Dark {
    pub(crate) devices: BTreeSet<DeviceNo>,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

impl Atlas {
    /// The network of a world: with a camera and an alarm panel at each site, and signs of life.
    pub(crate) fn of_world() -> Self {
        let mut atlas = Self::new();
        for device in &mut atlas.devices {
            device.owes = Owes {
                says_min: Some(DEVICE_SAYS_MIN),
                grace_min: Some(GRACE_MIN),
            };
        }
        // Whoever works at a site belongs there, also where it walks from zone to zone.
        for no in (0..atlas.devices.len()).map(DeviceNo) {
            let stand = atlas.stand_of(no);
            if let Some(device) = atlas.devices.get_mut(no.0) {
                device.place = device.site.map(|_| stand);
            }
        }
        for site in (0..atlas.sites.len()).map(SiteNo) {
            for (extension, word) in [("K01", "camera"), ("A01", "panel")] {
                atlas.add_watcher(site, extension, word);
            }
        }
        atlas.settle();
        atlas.hang_cameras();
        for at in 0..atlas.carriers.len() {
            atlas.add_telematics(at);
        }
        let customs = atlas.add_device("customs-1".to_owned(), Name::pgln(300), None);
        atlas.put_on_air(customs, DEVICE_SAYS_MIN);
        atlas.customs = Some(customs);
        atlas
    }

    /// The cameras of warehouses and hubs look at some of the docks, and one of them into the sun.
    fn hang_cameras(&mut self) {
        let warehouses = self.of_kind(SiteKind::Warehouse).into_iter();
        let hubs = self.of_kind(SiteKind::Hub).into_iter();
        let watched = warehouses
            .map(|site| (site, 2))
            .chain(hubs.map(|site| (site, 1)));
        for (site, docks) in watched.collect::<Vec<_>>() {
            let camera = self.site(site).watchers.first().copied();
            let camera = camera.map(|place| self.reader(place));
            for dock in self.site(site).docks.clone().into_iter().take(docks) {
                if let Some(dock) = self.places.get_mut(dock.0) {
                    dock.camera = camera;
                }
            }
        }
        let last = self.of_kind(SiteKind::Warehouse).pop();
        let last = last.and_then(|site| self.site(site).watchers.first().copied());
        let camera = last.map(|place| self.reader(place));
        if let Some(device) = camera.and_then(|no| self.devices.get_mut(no.0)) {
            device.unseen_percent = GLARE_PERCENT;
        }
    }

    /// A carrier's service, to which its trailers tell where they are.
    fn add_telematics(&mut self, at: usize) {
        let Some(party) = self.carriers.get(at).map(|carrier| carrier.party.clone()) else {
            return;
        };
        let service = self.add_device(format!("k{}-telematics", at + 1), party, None);
        self.put_on_air(service, WATCHER_SAYS_MIN);
        if let Some(device) = self.devices.get_mut(service.0) {
            device.role = Role::Service;
            device.hardware = false;
        }
        if let Some(carrier) = self.carriers.get_mut(at) {
            carrier.telematics = Some(service);
        }
    }

    /// It has a network wherever it is, says at once what it says, and knows what time it is.
    fn put_on_air(&mut self, no: DeviceNo, says_min: i64) {
        if let Some(device) = self.devices.get_mut(no.0) {
            device.is_wired = true;
            device.is_true = true;
            device.links = true;
            device.flush_s = 0;
            device.owes.says_min = Some(says_min);
        }
    }

    fn add_watcher(&mut self, site: SiteNo, extension: &str, word: &str) {
        let place = self.add_station(site, extension, word);
        let reader = self.reader(place);
        if let Some(device) = self.devices.get_mut(reader.0) {
            device.is_wired = true;
            device.flush_s = 0;
            device.reads = false;
            device.owes.says_min = Some(WATCHER_SAYS_MIN);
        }
        if let Some(site) = self.sites.get_mut(site.0) {
            site.watchers.push(place);
        }
    }

    /// A place by which a device is found: where it stands, or one where it reads.
    fn stand_of(&self, no: DeviceNo) -> PlaceNo {
        let device = self.device(no);
        let reads_at = self.places.iter().position(|place| place.device == no);
        let dock = device
            .site
            .and_then(|site| self.site(site).docks.first().copied());
        let reads_at = reads_at.map(PlaceNo).or(dock);
        device.place.or(reads_at).unwrap_or(PlaceNo(0))
    }

    /// The camera and the alarm panel of a site.
    pub(crate) fn watchers_of(&self, site: SiteNo) -> BTreeSet<DeviceNo> {
        let watchers = self.site(site).watchers.iter();
        watchers.map(|place| self.reader(*place)).collect()
    }

    /// Every device that needs the mains of a site.
    pub(crate) fn mains_of(&self, site: SiteNo) -> BTreeSet<DeviceNo> {
        let places = self.places.iter().filter(|place| place.site == site);
        places.map(|place| place.device).collect()
    }

    /// Their names.
    pub(crate) fn ids_of(&self, devices: &BTreeSet<DeviceNo>) -> Vec<String> {
        let devices = devices.iter().map(|no| self.device(*no).id.clone());
        devices.collect()
    }
}

/// Every source says that it lives, unless it is dark.
pub(crate) fn say_signs_of_life(draft: &Draft, chance: &mut Chance, journal: &mut Journal) {
    for (no, device) in draft.atlas.devices.iter().enumerate() {
        let Some(says_min) = device.owes.says_min else {
            continue;
        };
        let no = DeviceNo(no);
        let stand = draft.atlas.stand_of(no);
        let dark: Vec<&Dark> = draft.dark_of(no).collect();
        let first = draft.day.start().plus(phase(no, says_min));
        for nth in 0..24 * 60 / says_min {
            let at = shifted(first, nth * says_min);
            let is_dark = dark
                .iter()
                .any(|dark| (dark.from..dark.until).contains(&at));
            let tenths = chance.between(-40, 280);
            if !is_dark {
                journal.write_bare(Event::alive(no, at, stand, tenths));
            }
        }
    }
}

/// Devices do not all speak in the same second.
fn phase(no: DeviceNo, says_min: i64) -> countersign_model::time::Span {
    let no = i64::try_from(no.0).unwrap_or(0);
    countersign_model::time::Span::from_secs(no * 37 % (says_min * 60))
}

impl Draft {
    /// Darkness of a device.
    pub(crate) fn dark_of(&self, no: DeviceNo) -> impl Iterator<Item = &Dark> {
        self.dark
            .iter()
            .filter(move |dark| dark.devices.contains(&no))
    }

    /// These devices say nothing for so many minutes.
    pub(crate) fn darken(&mut self, devices: BTreeSet<DeviceNo>, from: Timestamp, n: i64) {
        self.dark.push(Dark {
            devices,
            from,
            until: from.plus(minutes(n)),
        });
    }

    /// One of them is dark at some time of the day.
    pub(crate) fn is_darkened(&self, devices: &BTreeSet<DeviceNo>) -> bool {
        let mut dark = self.dark.iter();
        dark.any(|dark| !dark.devices.is_disjoint(devices))
    }
}

impl Device {
    /// What the network may believe of what it reads or counts, in hundredths: what it does not miss.
    pub(crate) fn read_percent(&self, missed_percent: u8) -> u8 {
        let missed_percent = if self.reads { missed_percent } else { 0 };
        100_u8.saturating_sub(missed_percent.max(self.unseen_percent))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use countersign_model::ids::Origin;

    use super::*;
    use crate::disorder::Disorder;
    use crate::sizes::Sizes;
    use crate::world::{Recipe, generate};

    /// Round the clock, over midnight and on the day of rest, and of nobody else who is dark.
    #[test]
    fn every_source_is_heard_as_its_contract_wants() {
        let sizes = Sizes {
            acts: 0,
            lookalikes: 0,
            ..Sizes::of(1_000)
        };
        let world = generate(Recipe {
            seed: 1,
            origin: Origin::parse("sim.example/day").expect("a name"),
            sizes,
            disorder: Disorder::default(),
        });
        let world = world.expect("in bounds");
        let mut heard: BTreeMap<DeviceNo, Vec<Timestamp>> = BTreeMap::new();
        for day in world.days() {
            for sent in day.sent() {
                heard.entry(sent.device).or_default().push(sent.sent);
            }
        }
        let atlas = Atlas::of_world();
        assert_eq!(heard.len(), atlas.devices.len());
        for (no, mut at) in heard {
            at.insert(0, world.start());
            at.push(world.end());
            at.sort_unstable();
            let device = atlas.device(no);
            let most = minutes(device.owes.heartbeat_min().expect("a contract"));
            let longest = at.windows(2).map(|pair| pair[1].since(pair[0])).max();
            assert!(longest < Some(most), "{}: {longest:?}", device.id);
        }
    }
}
