//! The goods: cartons, high-value items, private licence plates, pallets; some with two names.

use crate::atlas::{Atlas, Device};
use crate::clock::Day;
use crate::limits::{LOTS_A_DAY, PALLETS_A_DAY, STOCK_A_DAY_MAX};
use crate::names::{COMPANY, Name, PlaceNo, STRANGER, UnitNo};
use crate::rng::Chance;
use countersign_model::network::SiteKind;

/// One unit.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) name: Name,
    /// The operator's licence plate on it, besides the name: an alias.
    pub(crate) plate: Option<Name>,
    /// Worth in euro cents.
    pub(crate) cents: i64,
    /// The zone where the day finds it; `None` for what is made or comes during the day.
    pub(crate) home: Option<PlaceNo>,
}

/// A class of items, for the network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Product {
    pub(crate) item: u32,
    pub(crate) label: &'static str,
    pub(crate) cents: i64,
}

/// Classes whose items have serial numbers.
pub(crate) const SERIAL_PRODUCTS: [Product; 4] = [
    Product {
        item: 10_001,
        label: "Telephone",
        cents: 64_900,
    },
    Product {
        item: 10_002,
        label: "Tablet",
        cents: 42_900,
    },
    Product {
        item: 10_003,
        label: "Headphones",
        cents: 17_900,
    },
    Product {
        item: 10_004,
        label: "Watch",
        cents: 119_000,
    },
];
/// Classes that are counted by lot.
pub(crate) const COUNTED_PRODUCTS: [Product; 3] = [
    Product {
        item: 20_001,
        label: "Printer toner",
        cents: 5_900,
    },
    Product {
        item: 20_002,
        label: "Razor blades",
        cents: 1_450,
    },
    Product {
        item: 20_003,
        label: "Coffee, 1 kg",
        cents: 1_250,
    },
];

/// Licence plates from here on were put on later.
const RELABELLED_FROM: u64 = 70_000_000;

/// All units of the world; numbers never change.
#[derive(Clone, Debug)]
pub(crate) struct Goods {
    pub(crate) units: Vec<Unit>,
    pallets: u64,
    strangers: u64,
    lots: u64,
    seals: u64,
    trailers: u64,
    returns: u64,
    plates: u64,
}

impl Goods {
    /// `count` units spread over the zones of the warehouses, under names that no other day has.
    pub(crate) fn stocked(day: Day, count: usize, atlas: &Atlas, chance: &mut Chance) -> Self {
        let warehouses = atlas.of_kind(SiteKind::Warehouse);
        let zones = warehouses
            .iter()
            .flat_map(|site| atlas.site(*site).zones.iter().copied());
        let zones: Vec<PlaceNo> = zones.collect();
        let day = day.0 as u64;
        let mut goods = Self {
            units: Vec::with_capacity(count),
            pallets: day * PALLETS_A_DAY,
            strangers: day * LOTS_A_DAY,
            lots: day * LOTS_A_DAY,
            seals: day * LOTS_A_DAY,
            trailers: day * LOTS_A_DAY,
            returns: day * LOTS_A_DAY,
            plates: day * LOTS_A_DAY,
        };
        for at in 0..count {
            let unit = Self::make(day * STOCK_A_DAY_MAX as u64 + at as u64, chance);
            goods.units.push(Unit {
                home: zones.get(at % zones.len().max(1)).copied(),
                ..unit
            });
        }
        goods
    }

    fn make(serial: u64, chance: &mut Chance) -> Unit {
        let draw = chance.below(100);
        let (name, plate, cents) = if draw < 10 {
            let product = chance.pick(&SERIAL_PRODUCTS).copied();
            let product = product.expect("there are products");
            let name = Name::sgtin(product.item, 700_000 + serial);
            (name, None, product.cents)
        } else if draw < 16 {
            let cents = chance.between(1_500, 9_000);
            (Name::plate(serial), None, cents)
        } else {
            let plate = chance.chance(12).then(|| Name::plate(5_000_000 + serial));
            let cents = chance.between(2_000, 40_000);
            (Name::sscc(COMPANY, 3, serial), plate, cents)
        };
        Unit {
            name,
            plate,
            cents,
            home: None,
        }
    }

    pub(crate) fn unit(&self, no: UnitNo) -> &Unit {
        self.units.get(no.0).expect("unit numbers come from here")
    }

    /// A new pallet.
    pub(crate) fn add_pallet(&mut self) -> UnitNo {
        self.pallets += 1;
        let name = Name::sscc(COMPANY, 7, self.pallets);
        self.add(name, 0)
    }

    /// A new seal.
    pub(crate) fn add_seal(&mut self) -> UnitNo {
        self.seals += 1;
        self.add(Name::seal(self.seals), 0)
    }

    /// True for seals.
    pub(crate) fn is_seal(&self, no: UnitNo) -> bool {
        let asset = self.unit(no).name.urn.strip_prefix("urn:epc:id:giai:");
        asset.is_some_and(|asset| asset.contains(".S"))
    }

    /// A trailer with a tracker.
    pub(crate) fn add_trailer(&mut self) -> UnitNo {
        self.trailers += 1;
        self.add(Name::trailer(self.trailers), 0)
    }

    /// A box that a customer sends back.
    pub(crate) fn add_return(&mut self, chance: &mut Chance) -> UnitNo {
        self.returns += 1;
        let name = Name::sscc(COMPANY, 5, self.returns);
        let cents = chance.between(2_000, 40_000);
        self.add(name, cents)
    }

    /// A licence plate for something that has another name.
    pub(crate) fn add_plate(&mut self) -> UnitNo {
        self.plates += 1;
        self.add(Name::plate(RELABELLED_FROM + self.plates), 0)
    }

    /// A carton of another company.
    pub(crate) fn add_stranger(&mut self, chance: &mut Chance) -> UnitNo {
        self.strangers += 1;
        let name = Name::sscc(STRANGER, 1, 40_000 + self.strangers * 7);
        let cents = chance.between(300, 2_000);
        self.add(name, cents)
    }

    /// A new lot of a counted class, and what one piece is worth in cents.
    pub(crate) fn add_lot(&mut self, chance: &mut Chance) -> (Name, i64) {
        self.lots += 1;
        let product = chance.pick(&COUNTED_PRODUCTS).copied();
        let product = product.expect("there are products");
        let name = Name::lgtin(product.item, &format!("L{:04}", self.lots));
        (name, product.cents)
    }

    fn add(&mut self, name: Name, cents: i64) -> UnitNo {
        self.units.push(Unit {
            name,
            plate: None,
            cents,
            home: None,
        });
        UnitNo(self.units.len() - 1)
    }

    /// How a device names a unit.
    pub(crate) fn spelled(&self, no: UnitNo, device: &Device) -> &str {
        let unit = self.unit(no);
        let name = match &unit.plate {
            Some(plate) if device.plates => plate,
            _ => &unit.name,
        };
        crate::wording::spelling(name, device)
    }

    /// Worth of some units, in euro cents.
    pub(crate) fn cents(&self, units: &[UnitNo]) -> i64 {
        units.iter().map(|unit| self.unit(*unit).cents).sum()
    }
}
