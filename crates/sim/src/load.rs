//! A load: what a manifest plans, and what truly happened to it.
//!
//! A load is first planned honestly; an act or a look-alike then changes its [`Quirks`]; then
//! it is played out into events ([`crate::play`]). So whatever is wrong with a load is wrong in what
//! its devices say, never in a flag beside it.

use std::collections::BTreeSet;

use countersign_model::time::Timestamp;

use crate::event::Reading;
use crate::names::{DeviceNo, LaneNo, Name, PlaceNo, UnitNo};
use crate::papers::Papers;
use crate::trailers::Trailer;
use crate::weighing::TakenBack;

/// Where the goods stand when the load is made ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begins {
    /// In the zones of a warehouse.
    InStock,
    /// In the hub, off another truck.
    CrossDock,
    /// On the dock already.
    OnDock,
}

/// A pallet with cartons of the load on it.
#[derive(Clone, Debug)]
pub(crate) struct Pallet {
    pub(crate) unit: UnitNo,
    pub(crate) grams: i64,
    pub(crate) children: Vec<UnitNo>,
}

/// An amount of a counted lot: as planned, as given, as taken.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub(crate) class: Name,
    pub(crate) cents: i64,
    pub(crate) planned: i64,
    pub(crate) given: i64,
    pub(crate) taken: i64,
    /// It comes off a lot that stays.
    pub(crate) from_shelf: bool,
}

/// An event said again under its own id, with some units left out.
#[derive(Clone, Debug)]
pub(crate) struct Rewrite {
    pub(crate) left_out: Vec<UnitNo>,
    pub(crate) at: Timestamp,
}

/// A departure that is taken back and said anew, with some units left out.
#[derive(Clone, Debug)]
pub(crate) struct Correction {
    pub(crate) left_out: Vec<UnitNo>,
    /// When it is said.
    pub(crate) at: Timestamp,
    /// The date that it bears.
    pub(crate) dated: Timestamp,
}

/// A box that both sides weigh, in grams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weighed {
    pub(crate) unit: UnitNo,
    pub(crate) given: i64,
    pub(crate) taken: i64,
}

/// What is not as planned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Quirks {
    /// Staged, then not loaded.
    pub(crate) unloaded: BTreeSet<UnitNo>,
    /// Still on the dock at that time.
    pub(crate) seen_on_dock: Option<(Vec<UnitNo>, Timestamp)>,
    /// Left, and not on the truck when it arrives.
    pub(crate) off_truck: BTreeSet<UnitNo>,
    /// On the truck when it arrives, though nobody planned it.
    pub(crate) slipped_in: Vec<UnitNo>,
    /// The carrier does not sign.
    pub(crate) no_acceptance: bool,
    /// The truck does not come.
    pub(crate) never_arrives: bool,
    /// What the pallet weighs at the destination, and whether the scale said it was out of order.
    pub(crate) reweighed: Option<(UnitNo, Reading)>,
    /// That reading is taken back.
    pub(crate) taken_back: Option<TakenBack>,
    /// So many minutes longer the pallets stand before they are unpacked.
    pub(crate) held_min: i64,
    pub(crate) rewrite: Option<Rewrite>,
    /// A departure signed by mistake and taken back: (units, when, when taken back).
    pub(crate) mistaken: Option<(Vec<UnitNo>, Timestamp, Timestamp)>,
    /// Departure events are said again, word for word, at that time.
    pub(crate) repeated: Option<Timestamp>,
    /// The statement with the first departure event is sent again at that time.
    pub(crate) sent_again: Option<Timestamp>,
    /// Not there when the load is made ready.
    pub(crate) absent: BTreeSet<UnitNo>,
    /// Not on the truck, and yet read by the dock that unloads it.
    pub(crate) ghosts: BTreeSet<UnitNo>,
    /// Came, and were read, and what was read never leaves the readers; then gone.
    pub(crate) hushed: BTreeSet<UnitNo>,
    /// The portal and the reader at the dock are out of order.
    pub(crate) unread: bool,
    /// So many minutes longer than usual until the last is unloaded.
    pub(crate) slow_min: i64,
    /// The seal comes broken.
    pub(crate) seal_open: bool,
    /// The seal is looked at once more, and is whole.
    pub(crate) seal_looked_at: bool,
    pub(crate) weighed: Vec<Weighed>,
    /// A departure signed and voided: (when, when voided).
    pub(crate) voided: Option<(Timestamp, Timestamp)>,
    pub(crate) corrected: Option<Correction>,
    /// The manifest is said again, with some lines left out.
    pub(crate) manifest_again: Option<Rewrite>,
    /// Said to be loaded, and never in the truck.
    pub(crate) phantoms: BTreeSet<UnitNo>,
    /// So many cartons more go out in the truck than anybody says.
    pub(crate) smuggled: usize,
    /// The camera counts as few as chance allows it.
    pub(crate) glare: bool,
    /// The truck is gone before anybody gave the load away.
    pub(crate) driven_off: bool,
    /// Gate and dock say that it came, and it did not.
    pub(crate) diverted: bool,
    /// Another handheld receives at the destination.
    pub(crate) receiver: Option<DeviceNo>,
    /// Another handheld accepts at the dock.
    pub(crate) acceptor: Option<DeviceNo>,
}

/// One load under one manifest.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) manifest: Name,
    pub(crate) lane: LaneNo,
    pub(crate) begins: Begins,
    /// When the warehouse system says the manifest.
    pub(crate) issued: Timestamp,
    /// When it was meant to leave: everything at the origin is timed from here.
    pub(crate) ready: Timestamp,
    /// When it leaves.
    pub(crate) depart: Timestamp,
    /// When it is at the gate.
    pub(crate) arrive: Timestamp,
    pub(crate) depart_by: Timestamp,
    pub(crate) arrive_by: Timestamp,
    /// Cartons and items, as planned.
    pub(crate) units: Vec<UnitNo>,
    pub(crate) pallets: Vec<Pallet>,
    pub(crate) counted: Vec<Counted>,
    /// On the doors, and on the manifest.
    pub(crate) seal: Option<UnitNo>,
    /// In which it travels, if that has a tracker.
    pub(crate) trailer: Option<Trailer>,
    /// What must be there before it leaves.
    pub(crate) papers: Option<Papers>,
    pub(crate) dock_from: PlaceNo,
    pub(crate) dock_to: PlaceNo,
    /// Where the goods are put away, if the journey ends here.
    pub(crate) zone_to: Option<PlaceNo>,
    pub(crate) acceptor: Option<DeviceNo>,
    /// The goods go no further under another manifest.
    pub(crate) ends_here: bool,
    /// The manifest is another load's.
    pub(crate) shares_manifest: bool,
    /// An act or a look-alike has it; nothing else may touch it.
    pub(crate) taken: bool,
    pub(crate) quirks: Quirks,
}

impl Load {
    /// Everything on the manifest that has a name, pallets first.
    pub(crate) fn planned(&self) -> Vec<UnitNo> {
        let pallets = self.pallets.iter().map(|pallet| pallet.unit);
        let goods = pallets.chain(self.units.iter().copied());
        goods.chain(self.seal).collect()
    }

    /// The same, and the trailer.
    pub(crate) fn everything(&self) -> Vec<UnitNo> {
        self.planned()
            .into_iter()
            .chain(self.in_trailer())
            .collect()
    }

    /// The trailer.
    pub(crate) fn in_trailer(&self) -> Option<UnitNo> {
        self.trailer.as_ref().map(|trailer| trailer.unit)
    }

    /// What stands on pallets, and not in the truck by itself.
    pub(crate) fn outside(&self) -> BTreeSet<UnitNo> {
        let pallets = self.pallets.iter();
        pallets.flat_map(|pallet| pallet.children.clone()).collect()
    }

    /// What is brought to the dock: without what is not there, and without the seal.
    pub(crate) fn staged(&self) -> Vec<UnitNo> {
        let planned = self.planned().into_iter();
        planned
            .filter(|unit| !self.quirks.absent.contains(unit) && self.seal != Some(*unit))
            .collect()
    }

    /// Cartons that stand on no pallet: what a thief takes.
    pub(crate) fn loose(&self) -> Vec<UnitNo> {
        let on_pallets: BTreeSet<UnitNo> = self
            .pallets
            .iter()
            .flat_map(|pallet| pallet.children.iter().copied())
            .collect();
        let units = self.units.iter().copied();
        units.filter(|unit| !on_pallets.contains(unit)).collect()
    }

    /// What was loaded.
    pub(crate) fn loaded(&self) -> Vec<UnitNo> {
        let planned = self.planned().into_iter();
        planned
            .filter(|unit| !self.quirks.unloaded.contains(unit))
            .filter(|unit| !self.quirks.absent.contains(unit))
            .collect()
    }

    /// What stands on the truck when it arrives.
    pub(crate) fn arriving(&self) -> Vec<UnitNo> {
        let loaded = self.loaded().into_iter();
        let kept = loaded
            .filter(|unit| !self.quirks.off_truck.contains(unit))
            .filter(|unit| !self.quirks.hushed.contains(unit));
        kept.chain(self.quirks.slipped_in.iter().copied()).collect()
    }

    /// What the dock says that it unloads.
    pub(crate) fn unloading(&self) -> Vec<UnitNo> {
        let arriving = self.arriving().into_iter();
        arriving.chain(self.quirks.ghosts.iter().copied()).collect()
    }

    /// What is put away: all that came but the seal on its doors.
    pub(crate) fn put_away(&self, is_seal: impl Fn(UnitNo) -> bool) -> Vec<UnitNo> {
        let arriving = self.arriving().into_iter();
        arriving.filter(|unit| !is_seal(*unit)).collect()
    }
}
