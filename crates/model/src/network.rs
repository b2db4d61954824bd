//! The network: sites, lanes and their contracts, products, tolerances, principals.
//!
//! Each object is set by an act `Define` and taken away by `Withdraw` ([`crate::act`]); the
//! operator writes them in one `network.toml` (docs/formats/network.md), which `countersign
//! apply` turns into the acts that lead from the network in force to the one in the file.

mod read;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::decimal::Decimal;
use crate::entry::Assurance;
use crate::hours::Hours;
use crate::ids::{ClassId, PartyId, PlaceId, PrincipalId};
use crate::json::Item;
use crate::plan::PlanError;
use crate::position::Position;
use crate::quantity::Money;
use crate::time::Span;

/// Kinds of objects; the word is the TOML table and the `object` of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectKind {
    /// A building or yard with one operator.
    Site,
    /// A way from one site to another, with a contract.
    Lane,
    /// A class of goods.
    Product,
    /// What difference between two measurements is no difference.
    Tolerance,
    /// Who signs: device, service, person, partner.
    Principal,
}

impl ObjectKind {
    /// All kinds, in the order in which they are applied.
    pub const ALL: [Self; 5] = [
        Self::Site,
        Self::Lane,
        Self::Product,
        Self::Tolerance,
        Self::Principal,
    ];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Lane => "lane",
            Self::Product => "product",
            Self::Tolerance => "tolerance",
            Self::Principal => "principal",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One object of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// See [`Site`].
    Site(Site),
    /// See [`Lane`].
    Lane(Lane),
    /// See [`Product`].
    Product(Product),
    /// See [`Tolerance`].
    Tolerance(Tolerance),
    /// See [`Principal`].
    Principal(Principal),
}

/// What a site is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteKind {
    /// Goods are stored here.
    Warehouse,
    /// Goods change vehicles here.
    Hub,
    /// Goods leave the network here: an arrival is a delivery.
    Customer,
}

/// A building or yard with one operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The site's own place.
    pub id: PlaceId,
    /// What people call it.
    pub label: String,
    /// Who holds what is there.
    pub party: PartyId,
    /// What it is for.
    pub kind: SiteKind,
    /// IANA time zone.
    pub time_zone: String,
    /// Zones, docks and gates within.
    pub places: Vec<PlaceId>,
    /// How long goods may stay.
    pub dwell_max: Option<Span>,
    /// Where it lies: positions around it are at the site.
    pub fence: Option<Fence>,
}

/// A circle on the ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    /// Its middle.
    pub centre: Position,
    /// In metres, at most [`crate::limits::FENCE_RADIUS_M_MAX`].
    pub radius_m: u32,
}

/// Which signatures a lane's contract asks for at the hand-over (CUS-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractMode {
    /// Giver and receiver.
    Both,
    /// The giver alone.
    Giver,
    /// The receiver alone.
    Receiver,
    /// Any sighting on the far side.
    Sighting,
}

/// A way from one site to another, with the contract that holds on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Name of the lane.
    pub id: Arc<str>,
    /// Where it begins.
    pub from: PlaceId,
    /// Where it ends.
    pub to: PlaceId,
    /// Who carries.
    pub carrier: Option<PartyId>,
    /// Which signatures a hand-over at the beginning asks for.
    pub mode: ContractMode,
    /// How long after its deadline a sighting is still in time.
    pub grace: Span,
    /// How long after the giver's signature the carrier's may come.
    pub pick_up_grace: Span,
    /// How long goods may be under way when no plan says it.
    pub transit_max: Option<Span>,
    /// Nobody makes the way in less time.
    pub transit_min: Option<Span>,
}

/// A class of goods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// The class.
    pub class: ClassId,
    /// What people call it.
    pub label: String,
    /// What one is worth.
    pub value: Option<Money>,
    /// An amount of it is a number of units, whatever they are: what a camera counts.
    pub counts_units: bool,
}

/// What difference between two weights of one unit is no difference (the larger of the two counts), and
/// when what is concluded is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// Name; `default` holds where nothing nearer does.
    pub id: Arc<str>,
    /// In kilograms.
    pub weight_kg: Decimal,
    /// As a part of the heavier weight, for instance `0.01`.
    pub weight_ratio: Decimal,
    /// How long behind a weighing it may be put right, or somebody else weigh again, before it counts
    /// against another weight.
    pub weight_grace: Option<Span>,
    /// How long behind its time an observation may be recorded and still move anything.
    pub settles_after: Option<Span>,
}

/// What a principal may do beyond testifying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Testifies.
    Device,
    /// A system that testifies and plans.
    Service,
    /// May propose and approve.
    Person,
    /// May set the network.
    Administrator,
}

impl Role {
    /// The word in files and acts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Service => "service",
            Self::Person => "person",
            Self::Administrator => "administrator",
        }
    }
}

/// Who signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Name in statements; a pseudonym for a person.
    pub id: PrincipalId,
    /// What it may do.
    pub role: Role,
    /// Public key as `ES256:<base64>` or `Ed25519:<base64>`.
    pub key: String,
    /// How sure its signatures are.
    pub assurance: Assurance,
    /// For whom it speaks.
    pub party: Option<PartyId>,
    /// Where it stands, if it does not move.
    pub place: Option<PlaceId>,
    /// How far its clock is off, in milliseconds; subtracted from its event times.
    pub clock_offset_ms: i64,
    /// How often it must be heard.
    pub heartbeat: Option<Span>,
    /// When it must be heard, by the clock of the site where it stands; always, if nobody says.
    pub hours: Option<Hours>,
    /// How late what it says may come: a gap in its chain is a discrepancy only after it.
    pub grace: Span,
    /// The share of what passes that it reports, more than 0 and at most 1. What a source below 1
    /// did not see may have been there.
    pub read_rate: Decimal,
}

/// The network in force: the fold of all `Define` and `Withdraw` acts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    objects: BTreeMap<(ObjectKind, Arc<str>), Object>,
    site_of_place: BTreeMap<PlaceId, PlaceId>,
}

impl Object {
    /// Reads the `value` of a `Define`.
    ///
    /// # Errors
    /// [`PlanError`] names the field.
    pub fn from_json(kind: ObjectKind, item: Item<'_, '_>) -> Result<Self, PlanError> {
        match kind {
            ObjectKind::Site => Site::from_json(item).map(Self::Site),
            ObjectKind::Lane => Lane::from_json(item).map(Self::Lane),
            ObjectKind::Product => Product::from_json(item).map(Self::Product),
            ObjectKind::Tolerance => Tolerance::from_json(item).map(Self::Tolerance),
            ObjectKind::Principal => Principal::from_json(item).map(Self::Principal),
        }
    }

    /// Kind of the object.
    #[must_use]
    pub const fn kind(&self) -> ObjectKind {
        match self {
            Self::Site(_) => ObjectKind::Site,
            Self::Lane(_) => ObjectKind::Lane,
            Self::Product(_) => ObjectKind::Product,
            Self::Tolerance(_) => ObjectKind::Tolerance,
            Self::Principal(_) => ObjectKind::Principal,
        }
    }

    /// Name of the object within its kind.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Site(site) => site.id.as_str(),
            Self::Lane(lane) => &lane.id,
            Self::Product(product) => product.class.as_str(),
            Self::Tolerance(tolerance) => &tolerance.id,
            Self::Principal(principal) => principal.id.as_str(),
        }
    }
}

impl Network {
    /// Sets an object, in place of one of the same kind and name.
    pub fn define(&mut self, object: Object) {
        self.withdraw(object.kind(), object.id());
        if let Object::Site(site) = &object {
            for place in site.places.iter().chain([&site.id]) {
                self.site_of_place.insert(place.clone(), site.id.clone());
            }
        }
        self.objects
            .insert((object.kind(), object.id().into()), object);
    }

    /// Takes an object away; nothing happens if it is not there.
    pub fn withdraw(&mut self, kind: ObjectKind, id: &str) {
        if let Some(Object::Site(site)) = self.objects.remove(&(kind, id.into())) {
            self.site_of_place.retain(|_, owner| *owner != site.id);
        }
    }

    /// The object of that kind and name.
    #[must_use]
    pub fn object(&self, kind: ObjectKind, id: &str) -> Option<&Object> {
        self.objects.get(&(kind, id.into()))
    }

    /// All objects, by kind and name.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    /// Each place of a site with the site that it belongs to, by place. Of several sites that name a
    /// place, the last that was defined has it, which the objects do not tell.
    pub fn owners(&self) -> impl Iterator<Item = (&PlaceId, &PlaceId)> {
        self.site_of_place.iter()
    }

    /// A network of which the objects and the owners of places are known; `None` if an object is there
    /// twice, or an owner is no site.
    #[must_use]
    pub fn with_owners(objects: Vec<Object>, owners: Vec<(PlaceId, PlaceId)>) -> Option<Self> {
        let count = objects.len();
        let named = objects
            .into_iter()
            .map(|object| ((object.kind(), object.id().into()), object));
        let network = Self {
            objects: named.collect(),
            site_of_place: owners.into_iter().collect(),
        };
        let is_site = |id: &PlaceId| network.object(ObjectKind::Site, id.as_str()).is_some();
        let is_whole =
            network.objects.len() == count && network.site_of_place.values().all(is_site);
        is_whole.then_some(network)
    }

    /// The site that a place belongs to; a site belongs to itself.
    #[must_use]
    pub fn site_of(&self, place: &PlaceId) -> Option<&Site> {
        let id = self.site_of_place.get(place)?;
        match self.object(ObjectKind::Site, id.as_str())? {
            Object::Site(site) => Some(site),
            Object::Lane(_) | Object::Product(_) | Object::Tolerance(_) | Object::Principal(_) => {
                None
            }
        }
    }

    /// The lane of that name.
    #[must_use]
    pub fn lane(&self, id: &str) -> Option<&Lane> {
        match self.object(ObjectKind::Lane, id)? {
            Object::Lane(lane) => Some(lane),
            Object::Site(_) | Object::Product(_) | Object::Tolerance(_) | Object::Principal(_) => {
                None
            }
        }
    }

    /// The first lane (by name) between two sites.
    #[must_use]
    pub fn lane_between(&self, from: &PlaceId, to: &PlaceId) -> Option<&Lane> {
        self.objects().find_map(|object| match object {
            Object::Lane(lane) if lane.from == *from && lane.to == *to => Some(lane),
            _ => None,
        })
    }

    /// The product of that class.
    #[must_use]
    pub fn product(&self, class: &ClassId) -> Option<&Product> {
        match self.object(ObjectKind::Product, class.as_str())? {
            Object::Product(product) => Some(product),
            Object::Site(_) | Object::Lane(_) | Object::Tolerance(_) | Object::Principal(_) => None,
        }
    }

    /// The tolerance of that name.
    #[must_use]
    pub fn tolerance(&self, id: &str) -> Option<&Tolerance> {
        match self.object(ObjectKind::Tolerance, id)? {
            Object::Tolerance(tolerance) => Some(tolerance),
            Object::Site(_) | Object::Lane(_) | Object::Product(_) | Object::Principal(_) => None,
        }
    }

    /// The principal of that name.
    #[must_use]
    pub fn principal(&self, id: &PrincipalId) -> Option<&Principal> {
        match self.object(ObjectKind::Principal, id.as_str())? {
            Object::Principal(principal) => Some(principal),
            Object::Site(_) | Object::Lane(_) | Object::Product(_) | Object::Tolerance(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Doc;

    fn object(kind: ObjectKind, text: &str) -> Result<Object, PlanError> {
        Object::from_json(kind, Doc::parse(text.as_bytes()).expect("JSON").root())
    }

    fn check(kind: ObjectKind, text: &str, expect: Result<&str, &str>) {
        let got = object(kind, text);
        let got = got.as_ref().map(Object::id).map_err(|e| e.field.as_str());
        assert_eq!(got, expect, "{text}");
    }

    #[test]
    fn objects_say_which_field_is_wrong() {
        check(
            ObjectKind::Site,
            r#"{"id":"urn:x:s","party":"urn:x:p","kind":"hub"}"#,
            Ok("urn:x:s"),
        );
        check(
            ObjectKind::Site,
            r#"{"id":"urn:x:s","party":"urn:x:p","kind":"moon"}"#,
            Err("kind"),
        );
        check(
            ObjectKind::Site,
            r#"{"id":"urn:x:s","party":"urn:x:p","kind":"hub","color":"red"}"#,
            Err("color"),
        );
        check(
            ObjectKind::Lane,
            r#"{"id":"l","from":"urn:x:a","to":"urn:x:b","mode":"both","grace":"15"}"#,
            Err("grace"),
        );
        check(
            ObjectKind::Product,
            r#"{"class":"urn:x:c","value":"9.90","currency":"EUR"}"#,
            Ok("urn:x:c"),
        );
        check(
            ObjectKind::Tolerance,
            r#"{"id":"default","weight_kg":"0.2","weight_ratio":"0.01"}"#,
            Ok("default"),
        );
        check(
            ObjectKind::Principal,
            r#"{"id":"d1","role":"king","key":"ES256:AA=="}"#,
            Err("role"),
        );
    }

    #[test]
    fn places_follow_their_site() {
        let mut network = Network::default();
        let text = r#"{"id":"urn:x:s","party":"urn:x:p","kind":"hub","places":["urn:x:dock"]}"#;
        network.define(object(ObjectKind::Site, text).expect("site"));
        let dock = PlaceId::parse("urn:x:dock").expect("place");
        assert_eq!(
            network.site_of(&dock).map(|s| s.id.to_string()),
            Some("urn:x:s".into())
        );
        network.withdraw(ObjectKind::Site, "urn:x:s");
        assert!(network.site_of(&dock).is_none());
        assert_eq!(network, Network::default(), "undone is as if never done");
    }
}
