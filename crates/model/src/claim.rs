//! Claims as folds read them: what a principal says happened, decoded from the open view.
//!
//! One claim (one EPCIS event, one table row, one object of ours) says one or more *facts*.
//! A fact is testimony: it is recorded whoever says it (ACT-4). Acts (keys, contracts,
//! approvals) are not facts; they are in [`crate::act`].

use crate::decimal::Decimal;
use crate::ids::{ClaimId, ClassId, DocId, PartyId, PlaceId, UnitId};
use crate::plan::{CountPlan, DocumentPlan, Expectation, Manifest, Route, StageKey};
use crate::quantity::{Money, Quantity, Uom};
use crate::time::EventTime;

/// One decoded claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Identity (format law 7).
    pub id: ClaimId,
    /// Digest of the typed fields of the open view: equal for a re-export with other spelling.
    pub fingerprint: crate::digest::Digest,
    /// When it happened; orders claims.
    pub time: EventTime,
    /// What it says.
    pub facts: Vec<Fact>,
    /// Set when the claim takes back or corrects an earlier one.
    pub correction: Option<Correction>,
    /// What was odd about it, though it was taken.
    pub warnings: Vec<Warning>,
}

/// What a decoder must know about where a claim came from to give it its identity (format law 7).
#[derive(Clone, Copy, Debug)]
pub struct Provenance<'a> {
    /// Who says so: the issuer of the statement, or the declared source of an import.
    pub issuer: &'a crate::ids::PrincipalId,
    /// [`crate::body::EnvelopeBody::content_digest`] of the envelope: unsalted, so that the same
    /// document captured twice gives the same identities.
    pub document: crate::digest::Digest,
    /// How many earlier claims of the same statement have the same open bytes and envelope.
    pub nth: u64,
}

impl Provenance<'_> {
    /// Identity by the issuer's own event id; `declared` is the text of the time of an error declaration.
    #[must_use]
    pub fn of_event(&self, event_id: &str, declared: Option<&str>) -> ClaimId {
        ClaimId::of_event(self.issuer, event_id, declared)
    }

    /// Identity by key columns of the table mapping `mapping`.
    #[must_use]
    pub fn of_columns(&self, mapping: crate::digest::Digest, keys: &[&str]) -> ClaimId {
        ClaimId::of_columns(self.issuer, "table-row", mapping, keys)
    }

    /// Identity by the open view of the claim's bytes.
    #[must_use]
    pub fn of_bytes(&self, open_view: &[u8]) -> ClaimId {
        ClaimId::of_bytes(
            self.issuer,
            crate::digest::Digest::of(open_view),
            self.document,
            self.nth,
        )
    }
}

/// Something odd that did not stop a claim, by a stable code and the field it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Stable code, for instance `unknown_measurement_type`.
    pub code: &'static str,
    /// Path of the field.
    pub field: String,
}

/// An EPCIS error declaration: the event it stands in did not happen, or not so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Identity of the claim that is declared wrong.
    pub corrects: ClaimId,
    /// When it was declared.
    pub declared: EventTime,
    /// `did_not_occur`, `incorrect_data`, or a URI.
    pub reason: Box<str>,
    /// Event ids of the claims that stand instead.
    pub corrective: Vec<Box<str>>,
}

/// One thing a claim says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Units or quantities were handled or seen.
    Sighting(Sighting),
    /// A milestone of a plan was reached.
    Reached(Reached),
    /// Something must be seen by a deadline.
    Expected(Expectation),
    /// A shipment: what goes where, by when.
    Manifest(Manifest),
    /// A count is due at a place.
    CountDue(CountPlan),
    /// A unit must be seen at stops.
    Route(Route),
    /// A document is due.
    DocumentDue(DocumentPlan),
    /// Two keys name one unit.
    Alias(Alias),
}

/// A signed, reversible claim that two keys name one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// One key.
    pub unit: UnitId,
    /// The other.
    pub same_as: UnitId,
    /// False takes an earlier alias back.
    pub holds: bool,
}

/// A milestone of a plan was reached by a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Who.
    pub unit: UnitId,
    /// Which milestone.
    pub stage: StageKey,
    /// When.
    pub time: EventTime,
    /// Where, if the source says.
    pub place: Option<PlaceId>,
}

/// EPCIS `action`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Begins to exist, or to belong together.
    Add,
    /// Was seen.
    Observe,
    /// Ceases to exist, or to belong together.
    Delete,
}

/// The EPCIS event type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// ObjectEvent.
    Object,
    /// AggregationEvent.
    Aggregation,
    /// TransactionEvent.
    Transaction,
    /// TransformationEvent.
    Transformation,
    /// AssociationEvent.
    Association,
}

/// Units or quantities seen or handled at a place: the custody part of an EPCIS event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The EPCIS event type.
    pub kind: EventKind,
    /// The EPCIS action; absent for transformations.
    pub action: Option<Action>,
    /// When.
    pub time: EventTime,
    /// What was being done.
    pub step: Option<Step>,
    /// CBV short name or URI of the state the units are in.
    pub disposition: Option<Box<str>>,
    /// Where it was read.
    pub place: Option<PlaceId>,
    /// Where the units are afterwards, if the source says.
    pub location: Option<PlaceId>,
    /// The units: `epcList`, `childEPCs` or the inputs of a transformation.
    pub units: Vec<UnitId>,
    /// The container of an aggregation or association.
    pub parent: Option<UnitId>,
    /// Units that a transformation made.
    pub outputs: Vec<UnitId>,
    /// Counted classes (inputs of a transformation).
    pub quantities: Vec<ClassQuantity>,
    /// Counted classes that a transformation made.
    pub output_quantities: Vec<ClassQuantity>,
    /// Party that gives, from a source of type `possessing_party`.
    pub from: Option<PartyId>,
    /// Party that takes, from a destination of type `possessing_party`.
    pub to: Option<PartyId>,
    /// Business transactions that the event belongs to.
    pub documents: Vec<DocId>,
    /// Weights that were measured.
    pub weights: Vec<Weight>,
    /// What the units are worth each, if the source says.
    pub value: Option<Money>,
}

/// A counted class and how much of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassQuantity {
    /// The class or lot.
    pub class: ClassId,
    /// How much; pieces when the source gives no unit of measure. `None` where it gives no quantity.
    pub quantity: Option<Quantity>,
}

/// A weight, of one unit or of everything in the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// In kilograms.
    pub kilograms: Decimal,
    /// Whether the scale said it was out of order (a sensor report with an exception).
    pub doubtful: bool,
}

impl Weight {
    /// From a quantity of mass.
    #[must_use]
    pub fn of(value: Decimal, uom: Uom) -> Option<Self> {
        let kilograms = Quantity { value, uom }.kilograms()?;
        Some(Self {
            kilograms,
            doubtful: false,
        })
    }
}

/// A CBV business step; anything that is not in the standard's list is kept as its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A step of the Core Business Vocabulary, by its short name.
    Cbv(&'static str),
    /// A company's own step, as a URI.
    Own(Box<str>),
}

/// The business steps of CBV 2.0, as short names, sorted.
pub const CBV_STEPS: [&str; 41] = [
    "accepting",
    "arriving",
    "assembling",
    "collecting",
    "commissioning",
    "consigning",
    "creating_class_instance",
    "cycle_counting",
    "decommissioning",
    "departing",
    "destroying",
    "disassembling",
    "dispensing",
    "encoding",
    "entering_exiting",
    "holding",
    "inspecting",
    "installing",
    "killing",
    "loading",
    "other",
    "packing",
    "picking",
    "receiving",
    "removing",
    "repackaging",
    "repairing",
    "replacing",
    "reserving",
    "retail_selling",
    "sampling",
    "sensor_reporting",
    "shipping",
    "staging_outbound",
    "stock_taking",
    "stocking",
    "storing",
    "transporting",
    "unloading",
    "unpacking",
    "void_shipping",
];

/// What a step means for custody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepRole {
    /// The holder gives the units away: `departing`, `shipping`, `consigning`.
    Gives,
    /// Somebody takes the units over: `accepting`, `arriving`, `receiving`, `unloading`.
    Takes,
    /// The units begin: `commissioning`, `creating_class_instance`.
    Issues,
    /// The units end: `decommissioning`, `destroying`, `killing`, `dispensing`, `retail_selling`.
    Ends,
    /// A count of a place: `cycle_counting`, `stock_taking`.
    Counts,
    /// A hand-over is taken back: `void_shipping`.
    Voids,
    /// Seen, no more.
    Sees,
}

impl Step {
    /// Reads a CBV short name, its web or URN form, or any other URI.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let short = text
            .strip_prefix("https://ref.gs1.org/cbv/BizStep-")
            .or_else(|| text.strip_prefix("urn:epcglobal:cbv:bizstep:"))
            .or_else(|| text.strip_prefix("cbv:BizStep-"))
            .unwrap_or(text);
        match CBV_STEPS.binary_search(&short) {
            Ok(at) => CBV_STEPS
                .get(at)
                .map_or_else(|| Self::Own(text.into()), |name| Self::Cbv(name)),
            Err(_) => Self::Own(text.into()),
        }
    }

    /// Short name or URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Cbv(name) => name,
            Self::Own(text) => text,
        }
    }

    /// What the step means for custody.
    #[must_use]
    pub fn role(&self) -> StepRole {
        let Self::Cbv(name) = self else {
            return StepRole::Sees;
        };
        match *name {
            "departing" | "shipping" | "consigning" => StepRole::Gives,
            "accepting" | "arriving" | "receiving" | "unloading" => StepRole::Takes,
            "commissioning" | "creating_class_instance" => StepRole::Issues,
            "decommissioning" | "destroying" | "killing" | "dispensing" | "retail_selling" => {
                StepRole::Ends
            }
            "cycle_counting" | "stock_taking" => StepRole::Counts,
            "void_shipping" => StepRole::Voids,
            _ => StepRole::Sees,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: StepRole) {
        assert_eq!(Step::parse(text).role(), expect, "{text}");
    }

    #[test]
    fn steps_and_their_roles() {
        check("departing", StepRole::Gives);
        check("https://ref.gs1.org/cbv/BizStep-receiving", StepRole::Takes);
        check("urn:epcglobal:cbv:bizstep:cycle_counting", StepRole::Counts);
        check("https://example.org/steps/departing", StepRole::Sees);
        assert_eq!(
            Step::parse("transforming"),
            Step::Own("transforming".into())
        );
    }

    #[test]
    fn the_list_is_sorted_for_search() {
        assert!(CBV_STEPS.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
