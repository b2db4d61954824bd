//! How the words of the model are written.

use super::Coded;
use super::bytes::{Reader, Writer};
use crate::act::{Proposal, ProposedAction, Suspicion};
use crate::claim::StepRole;
use crate::decimal::Decimal;
use crate::digest::Digest;
use crate::entry::{Assurance, ClaimRef, ClaimStatus, Index, Mark, Size};
use crate::fold::ChainPosition;
use crate::hours::Hours;
use crate::ids::{ClaimId, ClassId, DocId, KeyId, Origin, PartyId, PlaceId, PrincipalId, UnitId};
use crate::network::{
    ContractMode, Fence, Lane, Network, Object, Principal, Product, Role, Site, SiteKind, Tolerance,
};
use crate::position::Position;
use crate::quantity::{Currency, Money, Quantity, Uom};
use crate::time::{Span, Timestamp};
use crate::{coded, coded_as, coded_cases, coded_texts, coded_words};

coded! {
    ClaimRef { index, ordinal }
    ChainPosition { epoch, counter }
    Money { amount, currency }
    Quantity { value, uom }
    Proposal { id, action, expires }
    Suspicion { key, from, to }
    Site { id, label, party, kind, time_zone, places, dwell_max, fence }
    Fence { centre, radius_m }
    Position { latitude, longitude, uncertainty_m }
    Lane { id, from, to, carrier, mode, grace, pick_up_grace, transit_max, transit_min }
    Product { class, label, value, counts_units }
    Tolerance { id, weight_kg, weight_ratio, weight_grace, settles_after }
    Principal {
        id, role, key, assurance, party, place, clock_offset_ms, heartbeat, hours, grace,
        read_rate,
    }
}

coded_words! {
    Assurance { Import, Channel, SoftwareKey, HardwareKey }
    StepRole { Sees, Gives, Takes, Issues, Ends, Counts, Voids }
    SiteKind { Warehouse, Hub, Customer }
    ContractMode { Both, Giver, Receiver, Sighting }
    Role { Device, Service, Person, Administrator }
    Mark {
        ChainGap, ChainBroken, Equivocation, Locked, ClockOff, BodyAbsent, SignerMissing,
        UnknownCheckpoint,
    }
}

coded_as! {
    Timestamp: i64, |time| time.ms(), |ms| Some(Self::from_ms(ms));
    Span: i64, |span| span.ms(), |ms| Some(Self::from_ms(ms));
    Index: u64, |index| index.0, |index| Some(Self(index));
    Size: u64, |size| size.0, |size| Some(Self(size));
    ClaimId: Digest, |id| id.0, |digest| Some(Self(digest));
    KeyId: Digest, |id| id.0, |digest| Some(Self(digest));
}

coded_texts! {
    UnitId, |text| Self::parse(text).ok();
    ClassId, |text| Self::parse(text).ok();
    PlaceId, |text| Self::parse(text).ok();
    PartyId, |text| Self::parse(text).ok();
    DocId, |text| Self::parse(text).ok();
    PrincipalId, |text| Self::parse(text).ok();
    Origin, |text| Self::parse(text).ok();
    Uom, Self::parse;
    Currency, Self::parse;
}

impl Coded for Hours {
    fn put(&self, out: &mut Writer) {
        self.to_string().put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Self::parse(&String::take(from)?).ok()
    }
}

impl Coded for Digest {
    fn put(&self, out: &mut Writer) {
        out.all(self.as_bytes());
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        from.chunk().map(Self::new)
    }
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
    ProposedAction {
        0 WriteOff(units units),
        1 StockAdjustment(class class, place place, difference difference, uom uom),
        2 PlanChange(plan plan, claim claim),
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
