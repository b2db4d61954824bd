//! The network of the day: parties, sites, places, lanes and devices, as plain lists.
//!
//! Two warehouses feed two hubs, hubs and warehouses feed six customers, and a shuttle runs
//! between the hubs. Who signs what: zone handhelds pick, count and store; a portal reads
//! what is staged; dock handhelds load and sign departures; a gate reader signs arrivals at
//! hubs; a scale weighs pallets; carriers' handhelds accept at the dock; customers receive.

use countersign_model::network::{ContractMode, Role, SiteKind};
use countersign_model::time::Timestamp;

use crate::ground::Spot;
use crate::names::{DeviceNo, LaneNo, Name, PlaceNo, SiteNo};
use crate::sources::Owes;

/// A building or yard.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) name: Name,
    /// Short word in device names and lanes: `wa`, `hb`, `c4`.
    pub(crate) code: &'static str,
    pub(crate) label: &'static str,
    pub(crate) party: Name,
    pub(crate) kind: SiteKind,
    /// Where it lies, if the network says so.
    pub(crate) spot: Option<Spot>,
    pub(crate) zones: Vec<PlaceNo>,
    pub(crate) docks: Vec<PlaceNo>,
    pub(crate) staging: Option<PlaceNo>,
    pub(crate) gate: Option<PlaceNo>,
    pub(crate) scale: Option<PlaceNo>,
    /// Where its camera and its alarm panel hang.
    pub(crate) watchers: Vec<PlaceNo>,
}

/// A zone, dock, gate or scale, and who reads there.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) name: Name,
    pub(crate) site: SiteNo,
    pub(crate) device: DeviceNo,
    /// The camera that counts what passes there.
    pub(crate) camera: Option<DeviceNo>,
}

/// A way between two sites.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    pub(crate) id: String,
    pub(crate) from: SiteNo,
    pub(crate) to: SiteNo,
    /// Index of the carrier in [`Atlas::carriers`].
    pub(crate) carrier: Option<usize>,
    pub(crate) mode: ContractMode,
    /// Shortest and longest honest time under way, in minutes.
    pub(crate) transit_min: (i64, i64),
}

/// Minutes after a deadline that still count as in time, on every lane.
pub(crate) const GRACE_MIN: i64 = 30;
/// Minutes within which the carrier's signature must follow the giver's.
pub(crate) const PICK_UP_GRACE_MIN: i64 = 30;
/// Minutes within which a weight may be put right, or weighed again by others.
pub(crate) const WEIGHT_GRACE_MIN: i64 = 15;

/// Who signs.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    /// The principal's name.
    pub(crate) id: String,
    pub(crate) role: Role,
    pub(crate) party: Name,
    pub(crate) place: Option<PlaceNo>,
    /// Where it works; `None` for those that move.
    pub(crate) site: Option<SiteNo>,
    /// How far its clock is off, in milliseconds; known to the network.
    pub(crate) clock_offset_ms: i64,
    /// How far it is off besides, unknown to the network.
    pub(crate) skew_ms: i64,
    /// What it says are reads, of which some may be missed.
    pub(crate) reads: bool,
    /// It keeps nothing to say later.
    pub(crate) is_wired: bool,
    /// Its clock is that of the satellites, or of a server.
    pub(crate) is_true: bool,
    /// Of a hundred things that pass it, it does not count so many.
    pub(crate) unseen_percent: u8,
    pub(crate) owes: Owes,
    /// Writes Digital Links rather than URNs.
    pub(crate) links: bool,
    /// Knows units by their licence plate where they have one.
    pub(crate) plates: bool,
    /// Its key lies in hardware.
    pub(crate) hardware: bool,
    /// Seconds after the first event at which it sends what it has.
    pub(crate) flush_s: i64,
}

/// A carrier and its handhelds; the last one is kept for tours without a network.
#[derive(Clone, Debug)]
pub(crate) struct Carrier {
    pub(crate) party: Name,
    pub(crate) handhelds: Vec<DeviceNo>,
    /// Says where its trailers are.
    pub(crate) telematics: Option<DeviceNo>,
}

/// The network.
#[derive(Clone, Debug, Default)]
pub(crate) struct Atlas {
    pub(crate) sites: Vec<Site>,
    pub(crate) places: Vec<Place>,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) devices: Vec<Device>,
    pub(crate) carriers: Vec<Carrier>,
    /// The warehouse system, which plans.
    pub(crate) planner: Option<DeviceNo>,
    /// A second handheld for each customer: (site, device).
    pub(crate) spares: Vec<(SiteNo, DeviceNo)>,
    /// An inspector, who may open a trailer on the road.
    pub(crate) customs: Option<DeviceNo>,
}

const WAREHOUSES: [(&str, &str); 2] = [("wa", "Warehouse Aalsmeer"), ("wb", "Warehouse Breda")];
const HUBS: [(&str, &str); 2] = [("ha", "Hub Almere"), ("hb", "Hub Best")];
const CUSTOMERS: [(&str, &str); 6] = [
    ("c1", "Store Amersfoort"),
    ("c2", "Store Hoorn"),
    ("c3", "Store Lelystad"),
    ("c4", "Store Eindhoven"),
    ("c5", "Store Tilburg"),
    ("c6", "Store Venlo"),
];
const WAREHOUSE_ZONES: usize = 10;
const HUB_ZONES: usize = 4;
const HANDHELDS_PER_CARRIER: usize = 5;

impl Device {
    /// What its clock shows at an instant.
    pub(crate) const fn shown(&self, at: Timestamp) -> Timestamp {
        Timestamp::from_ms(at.ms() + self.clock_offset_ms + self.skew_ms)
    }
}

impl Atlas {
    /// The demo's network.
    pub(crate) fn new() -> Self {
        let mut atlas = Self::default();
        for (code, label) in WAREHOUSES {
            atlas.add_building(code, label, SiteKind::Warehouse, WAREHOUSE_ZONES);
        }
        for (code, label) in HUBS {
            atlas.add_building(code, label, SiteKind::Hub, HUB_ZONES);
        }
        for (code, label) in CUSTOMERS {
            atlas.add_customer(code, label);
        }
        for at in 0..2 {
            atlas.add_carrier(at);
        }
        atlas.add_lanes();
        let planner = atlas.add_device("wms-planner".to_owned(), Name::pgln(0), None);
        if let Some(device) = atlas.devices.get_mut(planner.0) {
            device.role = Role::Service;
            device.hardware = false;
            device.is_true = true;
        }
        atlas.planner = Some(planner);
        atlas.set_habits();
        atlas
    }

    pub(crate) fn site(&self, no: SiteNo) -> &Site {
        self.sites.get(no.0).expect("site numbers come from here")
    }

    pub(crate) fn place(&self, no: PlaceNo) -> &Place {
        self.places.get(no.0).expect("place numbers come from here")
    }

    pub(crate) fn lane(&self, no: LaneNo) -> &Lane {
        self.lanes.get(no.0).expect("lane numbers come from here")
    }

    pub(crate) fn device(&self, no: DeviceNo) -> &Device {
        self.devices
            .get(no.0)
            .expect("device numbers come from here")
    }

    /// Who reads at a place.
    pub(crate) fn reader(&self, place: PlaceNo) -> DeviceNo {
        self.place(place).device
    }

    /// The warehouse system.
    pub(crate) fn planner(&self) -> DeviceNo {
        self.planner.expect("every atlas has a planner")
    }

    /// Numbers of the sites of a kind.
    pub(crate) fn of_kind(&self, kind: SiteKind) -> Vec<SiteNo> {
        let numbered = self.sites.iter().enumerate();
        numbered
            .filter(|(_, site)| site.kind == kind)
            .map(|(no, _)| SiteNo(no))
            .collect()
    }

    /// Numbers of the lanes that satisfy `wanted`.
    pub(crate) fn lanes_where(&self, wanted: impl Fn(&Lane) -> bool) -> Vec<LaneNo> {
        let numbered = self.lanes.iter().enumerate();
        numbered
            .filter(|(_, lane)| wanted(lane))
            .map(|(no, _)| LaneNo(no))
            .collect()
    }

    pub(crate) fn add_device(&mut self, id: String, party: Name, site: Option<SiteNo>) -> DeviceNo {
        self.devices.push(Device {
            id,
            role: Role::Device,
            party,
            place: None,
            site,
            clock_offset_ms: 0,
            skew_ms: 0,
            reads: site.is_some(),
            is_wired: false,
            is_true: false,
            unseen_percent: 0,
            owes: Owes::default(),
            links: false,
            plates: false,
            hardware: true,
            flush_s: 120,
        });
        DeviceNo(self.devices.len() - 1)
    }

    fn add_place(&mut self, site: SiteNo, extension: &str, device: DeviceNo) -> PlaceNo {
        let name = Name::sgln(site.0 + 1, extension);
        self.places.push(Place {
            name,
            site,
            device,
            camera: None,
        });
        PlaceNo(self.places.len() - 1)
    }

    /// A place with a reader of its own that stands there.
    pub(crate) fn add_station(&mut self, site: SiteNo, extension: &str, word: &str) -> PlaceNo {
        let (code, party) = (self.site(site).code, self.site(site).party.clone());
        let device = self.add_device(format!("{code}-{word}"), party, Some(site));
        let place = self.add_place(site, extension, device);
        if let Some(device) = self.devices.get_mut(device.0) {
            device.place = Some(place);
        }
        place
    }

    fn add_site(&mut self, code: &'static str, label: &'static str, kind: SiteKind) -> SiteNo {
        let no = SiteNo(self.sites.len());
        let party = match kind {
            SiteKind::Warehouse | SiteKind::Hub => Name::pgln(0),
            SiteKind::Customer => Name::pgln(100 + no.0),
        };
        self.sites.push(Site {
            name: Name::sgln(no.0 + 1, "0"),
            code,
            label,
            party,
            kind,
            spot: None,
            zones: Vec::new(),
            docks: Vec::new(),
            staging: None,
            gate: None,
            scale: None,
            watchers: Vec::new(),
        });
        no
    }

    fn add_building(
        &mut self,
        code: &'static str,
        label: &'static str,
        kind: SiteKind,
        zones: usize,
    ) {
        let no = self.add_site(code, label, kind);
        let party = self.site(no).party.clone();
        let mut zone_places = Vec::new();
        for pair in 0..zones.div_ceil(2) {
            let id = format!("{code}-zone-{}", pair + 1);
            let device = self.add_device(id, party.clone(), Some(no));
            for zone in [pair * 2 + 1, pair * 2 + 2] {
                zone_places.push(self.add_place(no, &format!("Z{zone:02}"), device));
            }
        }
        let docks = 1..=if kind == SiteKind::Warehouse { 3 } else { 2 };
        let docks = docks
            .map(|n| self.add_station(no, &format!("D{n:02}"), &format!("dock-{n}")))
            .collect();
        let staging = self.add_station(no, "S01", "portal");
        let gate = self.add_station(no, "G01", "gate");
        let scale = self.add_station(no, "W01", "scale");
        if let Some(site) = self.sites.get_mut(no.0) {
            site.zones = zone_places;
            site.docks = docks;
            site.staging = Some(staging);
            site.gate = Some(gate);
            site.scale = Some(scale);
        }
    }

    fn add_customer(&mut self, code: &'static str, label: &'static str) {
        let no = self.add_site(code, label, SiteKind::Customer);
        let dock = self.add_station(no, "D01", "receiving");
        let shelf = self.add_station(no, "Z01", "shelf");
        let party = self.site(no).party.clone();
        let spare = self.add_device(format!("{code}-receiving-2"), party, Some(no));
        self.spares.push((no, spare));
        if let Some(site) = self.sites.get_mut(no.0) {
            site.docks = vec![dock];
            site.zones = vec![shelf];
        }
    }

    fn add_carrier(&mut self, at: usize) {
        let party = Name::pgln(200 + at);
        let handhelds = (1..=HANDHELDS_PER_CARRIER)
            .map(|n| self.add_device(format!("k{}-handheld-{n}", at + 1), party.clone(), None))
            .collect();
        self.carriers.push(Carrier {
            party,
            handhelds,
            telematics: None,
        });
    }

    fn add_lanes(&mut self) {
        let warehouses = self.of_kind(SiteKind::Warehouse);
        let hubs = self.of_kind(SiteKind::Hub);
        let customers = self.of_kind(SiteKind::Customer);
        for (at, from) in warehouses.iter().enumerate() {
            for to in &hubs {
                self.add_lane(*from, *to, Some(at), ContractMode::Both, (60, 105));
            }
            for to in customers.iter().skip(at * 3).take(3) {
                self.add_lane(*from, *to, None, ContractMode::Giver, (70, 160));
            }
        }
        let modes = [ContractMode::Both, ContractMode::Receiver];
        for ((at, from), mode) in hubs.iter().enumerate().zip(modes) {
            for to in customers.iter().skip(at * 3).take(3) {
                let carrier = (mode == ContractMode::Both).then_some(1 - at);
                self.add_lane(*from, *to, carrier, mode, (40, 95));
            }
        }
        for (at, to) in hubs.iter().enumerate() {
            for from in customers.iter().skip(at * 3).take(3) {
                self.add_lane(*from, *to, None, ContractMode::Giver, (40, 95));
            }
        }
        if let [one, other] = hubs.as_slice() {
            self.add_lane(*one, *other, None, ContractMode::Giver, (70, 80));
            self.add_lane(*other, *one, None, ContractMode::Giver, (70, 80));
        }
    }

    fn add_lane(
        &mut self,
        from: SiteNo,
        to: SiteNo,
        carrier: Option<usize>,
        mode: ContractMode,
        transit_min: (i64, i64),
    ) {
        let id = format!("{}-{}", self.site(from).code, self.site(to).code);
        self.lanes.push(Lane {
            id,
            from,
            to,
            carrier,
            mode,
            transit_min,
        });
    }

    /// Hubs and carriers write Digital Links, warehouses URNs and plates; a few clocks are off.
    fn set_habits(&mut self) {
        let kinds: Vec<SiteKind> = self.sites.iter().map(|site| site.kind).collect();
        for (no, device) in self.devices.iter_mut().enumerate() {
            let kind = device.site.and_then(|site| kinds.get(site.0).copied());
            device.links = !matches!(kind, Some(SiteKind::Warehouse | SiteKind::Customer));
            device.plates = kind == Some(SiteKind::Warehouse);
            let drift = [(7, 48_000), (19, -35_000), (33, 110_000), (52, -72_000)];
            let drift = drift.iter().find(|(which, _)| *which == no);
            device.clock_offset_ms = drift.map_or(0, |(_, ms)| *ms);
            device.flush_s = 60 + i64::try_from(no % 7).unwrap_or(0) * 30;
            device.hardware = device.hardware && no % 5 != 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_is_large_enough() {
        let atlas = Atlas::new();
        assert_eq!(atlas.sites.len(), crate::limits::SITES);
        assert!(atlas.devices.len() >= 40, "{}", atlas.devices.len());
        assert_eq!(atlas.lanes.len(), 4 + 6 + 6 + 6 + 2);
        assert_eq!(atlas.lane(LaneNo(0)).id, "wa-ha");
    }

    #[test]
    fn names_are_used_once() {
        let atlas = Atlas::new();
        let ids: std::collections::BTreeSet<&str> =
            atlas.devices.iter().map(|d| d.id.as_str()).collect();
        assert_eq!(ids.len(), atlas.devices.len());
        let places: std::collections::BTreeSet<&str> =
            atlas.places.iter().map(|p| p.name.link.as_str()).collect();
        assert_eq!(places.len(), atlas.places.len());
    }
}
