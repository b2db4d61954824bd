//! How the words of the model are written.

use countersign_model::act::Suspicion;
use countersign_model::claim::StepRole;
use countersign_model::decimal::Decimal;
use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, ClaimRef, ClaimStatus, Index};
use countersign_model::fold::ChainPosition;
use countersign_model::ids::{
    ClaimId, ClassId, DocId, KeyId, PartyId, PlaceId, PrincipalId, UnitId,
};
use countersign_model::network::{
    ContractMode, Lane, Network, Object, Principal, Product, Role, Site, SiteKind, Tolerance,
};
use countersign_model::quantity::{Currency, Money, Uom};
use countersign_model::time::{Span, Timestamp};

use super::coded::{Coded, coded, coded_cases, coded_words, put_text, take_text};
use crate::history::bytes::{Reader, Writer};

coded! {
    ClaimRef { index, ordinal }
    ChainPosition { epoch, counter }
    Money { amount, currency }
    Suspicion { key, from, to }
    Site { id, label, party, kind, time_zone, places, dwell_max }
    Lane { id, from, to, carrier, mode, grace, pick_up_grace, transit_max, transit_min }
    Product { class, label, value }
    Tolerance { id, weight_kg, weight_ratio, settles_after }
    Principal {
        id, role, key, assurance, party, place, clock_offset_ms, heartbeat, grace, read_rate,
    }
}

coded_words! {
    Assurance { Import, Channel, SoftwareKey, HardwareKey }
    StepRole { Sees, Gives, Takes, Issues, Ends, Counts, Voids }
    SiteKind { Warehouse, Hub, Customer }
    ContractMode { Both, Giver, Receiver, Sighting }
    Role { Device, Service, Person, Administrator }
}

/// A type around another.
macro_rules! coded_as {
    ($($type:ty: $inner:ty, |$out:pat_param| $get:expr, |$from:pat_param| $make:expr;)+) => {$(
        impl Coded for $type {
            fn put(&self, out: &mut Writer) {
                let $out = self;
                <$inner as Coded>::put(&$get, out);
            }

            fn take(from: &mut Reader<'_>) -> Option<Self> {
                let $from = <$inner as Coded>::take(from)?;
                $make
            }
        }
    )+};
}

coded_as! {
    Timestamp: i64, |time| time.ms(), |ms| Some(Self::from_ms(ms));
    Span: i64, |span| span.ms(), |ms| Some(Self::from_ms(ms));
    Index: u64, |index| index.0, |index| Some(Self(index));
    Digest: [u8; 32], |digest| *digest.as_bytes(), |bytes| Some(Self::new(bytes));
    ClaimId: Digest, |id| id.0, |digest| Some(Self(digest));
    KeyId: Digest, |id| id.0, |digest| Some(Self(digest));
}

/// A text that must read as what it is.
macro_rules! coded_texts {
    ($($type:ty, $read:expr;)+) => {$(
        impl Coded for $type {
            fn put(&self, out: &mut Writer) {
                put_text(self.as_str(), out);
            }

            fn take(from: &mut Reader<'_>) -> Option<Self> {
                let text = take_text(from)?;
                $read(text).filter(|read| read.as_str() == text)
            }
        }
    )+};
}

coded_texts! {
    UnitId, |text| Self::parse(text).ok();
    ClassId, |text| Self::parse(text).ok();
    PlaceId, |text| Self::parse(text).ok();
    PartyId, |text| Self::parse(text).ok();
    DocId, |text| Self::parse(text).ok();
    PrincipalId, |text| Self::parse(text).ok();
    Uom, Self::parse;
    Currency, Self::parse;
}

impl Coded for Decimal {
    fn put(&self, out: &mut Writer) {
        self.mantissa().put(out);
        self.scale().put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let (mantissa, scale) = (i128::take(from)?, u8::take(from)?);
        let decimal = Self::new(mantissa, scale)?;
        ((decimal.mantissa(), decimal.scale()) == (mantissa, scale)).then_some(decimal)
    }
}

coded_cases! {
    ClaimStatus {
        0 Effective,
        1 Duplicate(0 first),
        2 Conflicting(0 first),
        3 Unfoldable,
        4 BodyAbsent,
        5 Unauthorised,
    }
    Object {
        0 Site(0 site),
        1 Lane(0 lane),
        2 Product(0 product),
        3 Tolerance(0 tolerance),
        4 Principal(0 principal),
    }
}

impl Coded for Network {
    fn put(&self, out: &mut Writer) {
        let objects: Vec<Object> = self.objects().cloned().collect();
        objects.put(out);
        let owners: Vec<(PlaceId, PlaceId)> = self
            .owners()
            .map(|(place, site)| (place.clone(), site.clone()))
            .collect();
        owners.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let objects = Vec::<Object>::take(from)?;
        Self::with_owners(objects, Vec::<(PlaceId, PlaceId)>::take(from)?)
    }
}
