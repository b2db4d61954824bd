//! One event as a plain struct: what a device saw, and when.

use countersign_model::time::Timestamp;

use crate::clock::Day;
use crate::ground::Fix;
use crate::names::{DeviceNo, Name, PlaceNo, UnitNo};

/// What an event is, and how its identifiers are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An ObjectEvent that observes.
    Seen,
    /// An ObjectEvent that adds: the units begin to exist.
    Made,
    /// An AggregationEvent that puts the units on the pallet.
    Packed(UnitNo),
    /// An AggregationEvent that takes the units off the pallet.
    Unpacked(UnitNo),
    /// An ObjectEvent that observes an amount, and names no unit.
    Tallied,
}

/// How the event names the plan that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Document {
    /// A despatch advice.
    Manifest(Name),
    /// A count.
    Count(Name),
}

impl Document {
    /// Its name.
    pub(crate) const fn name(&self) -> &Name {
        match self {
            Self::Manifest(name) | Self::Count(name) => name,
        }
    }

    /// The count, if it is one.
    pub(crate) const fn count(&self) -> Option<&Name> {
        match self {
            Self::Count(name) => Some(name),
            Self::Manifest(_) => None,
        }
    }
}

/// A weight as the scale reported it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) grams: i64,
    /// The scale said that it was out of order.
    pub(crate) exception: bool,
}

/// An amount of a counted class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) class: Name,
    pub(crate) pieces: i64,
}

/// Something personal in an event, which must stay sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Secret {
    /// `rdfs:comment`, or a field of a vocabulary of the company's own.
    pub(crate) field: &'static str,
    pub(crate) value: String,
}

/// An EPCIS error declaration on an event said before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Withdrawal {
    pub(crate) declared: Timestamp,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// `eventID`.
    pub(crate) id: String,
    pub(crate) device: DeviceNo,
    /// When it truly happened.
    pub(crate) at: Timestamp,
    /// When the device wrote it down: later for corrections and re-sent events.
    pub(crate) recorded: Timestamp,
    pub(crate) shape: Shape,
    /// A business step of the Core Business Vocabulary.
    pub(crate) step: &'static str,
    pub(crate) disposition: Option<&'static str>,
    pub(crate) read_point: PlaceNo,
    /// Where it was read, if a tracker says so: instead of the read point.
    pub(crate) fix: Option<Fix>,
    pub(crate) location: Option<PlaceNo>,
    /// In which the units travel, named in front of them; nobody overlooks a trailer.
    pub(crate) trailer: Option<UnitNo>,
    pub(crate) units: Vec<UnitNo>,
    pub(crate) amounts: Vec<Amount>,
    pub(crate) document: Option<Document>,
    /// Papers that are there, named besides.
    pub(crate) papers: Option<Name>,
    pub(crate) reading: Option<Reading>,
    /// How warm it is, in tenths of a degree: a sign of life, which speaks of no goods.
    pub(crate) warmth: Option<i64>,
    pub(crate) secret: Option<Secret>,
    pub(crate) withdrawal: Option<Withdrawal>,
    /// The statement that carries it is signed and never leaves the device.
    pub(crate) hushed: bool,
    /// The statement that carries this event is sent once more at that time.
    pub(crate) sent_again: Option<Timestamp>,
}

impl Event {
    /// Units seen at a place by a device. The caller adds what else is known.
    pub(crate) fn seen(
        device: DeviceNo,
        at: Timestamp,
        step: &'static str,
        read_point: PlaceNo,
        units: &[UnitNo],
    ) -> Self {
        Self {
            id: String::new(),
            device,
            at,
            recorded: at,
            shape: Shape::Seen,
            step,
            disposition: None,
            read_point,
            fix: None,
            location: None,
            trailer: None,
            units: units.to_vec(),
            amounts: Vec::new(),
            document: None,
            papers: None,
            reading: None,
            warmth: None,
            secret: None,
            withdrawal: None,
            hushed: false,
            sent_again: None,
        }
    }

    /// A sign of life.
    pub(crate) fn alive(device: DeviceNo, at: Timestamp, stand: PlaceNo, tenths: i64) -> Self {
        Self {
            warmth: Some(tenths),
            ..Self::seen(device, at, "sensor_reporting", stand, &[])
        }
    }

    /// With the manifest that it belongs to.
    pub(crate) fn under(mut self, manifest: &Name) -> Self {
        self.document = Some(Document::Manifest(manifest.clone()));
        self
    }

    /// With the trailer in which the units travel.
    pub(crate) const fn within(mut self, trailer: Option<UnitNo>) -> Self {
        self.trailer = trailer;
        self
    }

    /// With the place where the units are afterwards.
    pub(crate) fn now_at(mut self, place: PlaceNo) -> Self {
        self.location = Some(place);
        self
    }

    /// With a disposition.
    pub(crate) fn left_as(mut self, disposition: &'static str) -> Self {
        self.disposition = Some(disposition);
        self
    }

    /// Every unit named, the pallet or trailer first.
    pub(crate) fn all_units(&self) -> Vec<UnitNo> {
        let pallet = match self.shape {
            Shape::Seen | Shape::Made | Shape::Tallied => None,
            Shape::Packed(pallet) | Shape::Unpacked(pallet) => Some(pallet),
        };
        pallet
            .into_iter()
            .chain(self.trailer)
            .chain(self.units.iter().copied())
            .collect()
    }

    /// Where it puts the units.
    pub(crate) fn place(&self) -> PlaceNo {
        self.location.unwrap_or(self.read_point)
    }
}

/// The events of the day as they are made, with the chance that names them.
#[derive(Debug)]
pub(crate) struct Journal {
    pub(crate) events: Vec<Event>,
    pub(crate) canaries: Vec<String>,
    ids: crate::rng::Chance,
    secrets: crate::rng::Chance,
}

const GIVEN: [&str; 12] = [
    "Ysolde",
    "Wendelmoet",
    "Thijmen",
    "Aldegonde",
    "Joachim",
    "Radboud",
    "Fenna",
    "Siebren",
    "Machteld",
    "Lubbert",
    "Zwaantje",
    "Olivier",
];
const FAMILY: [&str; 12] = [
    "Marrowind",
    "Quackelsteyn",
    "Ossebaar",
    "Vlierhoven",
    "Tjallingii",
    "Brontzema",
    "Dwarsligt",
    "Eyckenrode",
    "Hazepad",
    "Nachtwey",
    "Kersbergen",
    "Polderman",
];
/// Of a thousand events so many carry something personal.
const SECRETS_PER_MILLE: u64 = 12;

impl Journal {
    /// An empty one for a day in the world of `seed`.
    pub(crate) fn new(seed: u64, day: Day) -> Self {
        Self {
            events: Vec::new(),
            canaries: Vec::new(),
            ids: crate::rng::Chance::of_day(seed, day, "event-ids"),
            secrets: crate::rng::Chance::of_day(seed, day, "canaries"),
        }
    }

    /// Writes an event down, under a new id if it has none, sometimes with something personal
    /// in it; returns the id.
    pub(crate) fn write(&mut self, mut event: Event) -> String {
        // An event that has its id is being said again: nothing is added to it.
        if event.id.is_empty() {
            event.id = self.ids.uuid();
            if self.secrets.chance(SECRETS_PER_MILLE) {
                event.secret = Some(self.secret());
            }
        }
        let id = event.id.clone();
        self.events.push(event);
        id
    }

    /// Writes an event down under a new id, with nothing personal in it.
    pub(crate) fn write_bare(&mut self, event: Event) {
        let id = self.ids.uuid();
        self.events.push(Event { id, ..event });
    }

    /// A name of nobody, used once in all the world.
    pub(crate) fn canary(&mut self) -> String {
        let given = self.secrets.pick(&GIVEN).copied().unwrap_or_default();
        let family = self.secrets.pick(&FAMILY).copied().unwrap_or_default();
        let tag = countersign_model::digest::hex(&self.secrets.bytes::<5>());
        let canary = format!("{given} {family} {tag}");
        self.canaries.push(canary.clone());
        canary
    }

    fn secret(&mut self) -> Secret {
        let field = if self.secrets.chance(500) {
            "rdfs:comment"
        } else {
            "crew:driverName"
        };
        Secret {
            field,
            value: self.canary(),
        }
    }
}
