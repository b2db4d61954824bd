//! The tables: every field of an event and of a document, its rule, and whether it is open.
//!
//! Checking, cutting and the fingerprint all walk these tables, so that they cannot disagree.
//! The number of a member in the fingerprint is its place in its table, from 1: members are
//! only ever added at the end (docs/formats/epcis-json.md).

mod document;

use crate::context::{COUNTERSIGN_NS, Context};
use crate::index::Index;
use crate::vocab::Vocabulary;
pub(crate) use document::{ANY_DOCUMENT, DOCUMENT, QUERY_DOCUMENT};

/// What a value must be.
#[derive(Debug)]
pub(crate) enum Rule {
    /// `@context`: read by [`crate::context`], open as a whole.
    Context,
    /// `type` of an event.
    EventType,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A URI that is kept letter by letter.
    Verbatim,
    /// A URI; a GS1 key in it has one spelling.
    Uri,
    /// A URI that is the key of a thing, kept as a fact.
    Key(Role),
    /// A set of keys of units.
    Units(Role),
    /// A set of counted classes.
    Quantities(Role),
    /// A date-time with an offset.
    Time,
    /// `+hh:mm`.
    Offset,
    /// A term of a vocabulary.
    Term(Vocabulary),
    /// Any text.
    Text,
    /// A text without white space or control characters, of the length of an identifier.
    Name,
    /// A number.
    Number,
    /// A decimal, as a number or as text.
    Decimal,
    /// A truth value.
    Bool,
    /// Hexadecimal digits.
    Hex,
    /// A UN/ECE unit.
    Uom,
    /// An ISO 4217 code.
    Currency,
    /// `2.0`.
    Version,
    /// A number, a text or an object.
    Attribute,
    /// An object whose names are URIs.
    Ilmd,
    /// An array without order, of at least so many elements.
    Set(&'static Rule, usize),
    /// The same, with no element twice.
    UniqueSet(&'static Rule, usize),
    /// One value, or an array of them.
    OneOrMany(&'static Rule),
    /// An object.
    Object(&'static Shape),
    /// The list of events, which is looked at elsewhere.
    Events,
}

/// Where a fact belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Units,
    Outputs,
    Parent,
    Place,
    Location,
    Document,
    Class,
    Source,
    Destination,
    Counterparty,
    Transfer,
}

/// Which other names an object may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    /// None.
    Refused,
    /// Those of extensions: URIs.
    Extensions,
    /// Any.
    Any,
}

/// A member of an object.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) rule: Rule,
    pub(crate) needed: Needed,
    pub(crate) sealed: bool,
    /// Whether it enters the fingerprint. A sealed member never does.
    pub(crate) printed: bool,
}

/// Whether a member must be there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Needed {
    No,
    Yes,
    /// With this other member it may be left out, which may be worth a warning.
    Unless(&'static str, Option<&'static str>),
}

/// An object.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) members: &'static [Member],
    pub(crate) others: Others,
    index: Index,
}

/// Members of the largest shape.
pub(crate) const MEMBERS_MAX: usize = 36;

const fn open(name: &'static str, rule: Rule) -> Member {
    Member {
        name,
        rule,
        needed: Needed::No,
        sealed: false,
        printed: true,
    }
}

/// Open, but no part of what the event says.
const fn aside(name: &'static str, rule: Rule) -> Member {
    Member {
        name,
        rule,
        needed: Needed::No,
        sealed: false,
        printed: false,
    }
}

const fn needed(name: &'static str, rule: Rule) -> Member {
    Member {
        name,
        rule,
        needed: Needed::Yes,
        sealed: false,
        printed: true,
    }
}

const fn sealed(name: &'static str, rule: Rule) -> Member {
    Member {
        name,
        rule,
        needed: Needed::No,
        sealed: true,
        printed: false,
    }
}

impl Shape {
    #[expect(
        clippy::indexing_slicing,
        reason = "evaluated by the compiler, which refuses a panic"
    )]
    const fn new(members: &'static [Member], others: Others) -> Self {
        let mut index = Index::new();
        let mut place = 0;
        while place < members.len() {
            index = index.with(members[place].name, place);
            place += 1;
        }
        Self {
            members,
            others,
            index,
        }
    }

    /// Place of the member of that name.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let name_at = |place| self.members.get(place).map(|member: &Member| member.name);
        self.index.find(name, name_at)
    }
}

/// Places of members of [`EVENT`] that rules beyond the table speak of.
pub(crate) mod at {
    pub(crate) const EVENT_TIME: usize = 2;
    pub(crate) const ZONE_OFFSET: usize = 3;
    pub(crate) const EVENT_ID: usize = 5;
    pub(crate) const ERROR_DECLARATION: usize = 7;
    pub(crate) const ACTION: usize = 8;
    /// The first that all five types share besides those of every event.
    pub(crate) const BIZ_STEP: usize = 9;
    pub(crate) const DISPOSITION: usize = 10;
    pub(crate) const READ_POINT: usize = 12;
    pub(crate) const BIZ_TRANSACTIONS: usize = 14;
    /// The last of them.
    pub(crate) const SENSORS: usize = 17;
    pub(crate) const ILMD: usize = 18;
    pub(crate) const EPCS: usize = 19;
    pub(crate) const QUANTITIES: usize = 20;
    pub(crate) const PARENT: usize = 21;
    pub(crate) const CHILDREN: usize = 22;
    pub(crate) const CHILD_QUANTITIES: usize = 23;
    pub(crate) const INPUTS: usize = 24;
    pub(crate) const INPUT_QUANTITIES: usize = 25;
    pub(crate) const OUTPUTS: usize = 26;
    pub(crate) const OUTPUT_QUANTITIES: usize = 27;
    pub(crate) const TRANSFORMATION: usize = 28;
    /// The first of our own fields; they have no bare name.
    pub(crate) const OWN: usize = 29;
    pub(crate) const WEIGHT: usize = 29;
    pub(crate) const VALUE: usize = 34;
    pub(crate) const CURRENCY: usize = 35;
}

/// An event of any type; which type has which member is in [`crate::event`].
pub(crate) static EVENT: Shape = Shape::new(
    &[
        aside("@context", Rule::Context),
        needed("type", Rule::EventType),
        needed("eventTime", Rule::Time),
        needed("eventTimeZoneOffset", Rule::Offset),
        aside("recordTime", Rule::Time),
        aside("eventID", Rule::Verbatim),
        open("certificationInfo", Rule::OneOrMany(&Rule::Uri)),
        open("errorDeclaration", Rule::Object(&ERROR_DECLARATION)),
        open("action", Rule::OneOf(&["ADD", "OBSERVE", "DELETE"])),
        open("bizStep", Rule::Term(Vocabulary::BizStep)),
        open("disposition", Rule::Term(Vocabulary::Disposition)),
        open(
            "persistentDisposition",
            Rule::Object(&PERSISTENT_DISPOSITION),
        ),
        open("readPoint", Rule::Object(&READ_POINT)),
        open("bizLocation", Rule::Object(&BIZ_LOCATION)),
        open(
            "bizTransactionList",
            Rule::Set(&Rule::Object(&BIZ_TRANSACTION), 0),
        ),
        open("sourceList", Rule::Set(&Rule::Object(&SOURCE), 0)),
        open("destinationList", Rule::Set(&Rule::Object(&DESTINATION), 0)),
        open(
            "sensorElementList",
            Rule::Set(&Rule::Object(&SENSOR_ELEMENT), 0),
        ),
        sealed("ilmd", Rule::Ilmd),
        open("epcList", Rule::Units(Role::Units)),
        open("quantityList", Rule::Quantities(Role::Units)),
        open("parentID", Rule::Key(Role::Parent)),
        open("childEPCs", Rule::Units(Role::Units)),
        open("childQuantityList", Rule::Quantities(Role::Units)),
        open("inputEPCList", Rule::Units(Role::Units)),
        open("inputQuantityList", Rule::Quantities(Role::Units)),
        open("outputEPCList", Rule::Units(Role::Outputs)),
        open("outputQuantityList", Rule::Quantities(Role::Outputs)),
        open("transformationID", Rule::Uri),
        open("weight", Rule::Object(&WEIGHT)),
        open("seal", Rule::OneOrMany(&Rule::Name)),
        open("actor", Rule::Name),
        open("counterparty", Rule::Key(Role::Counterparty)),
        open("transfer", Rule::Key(Role::Transfer)),
        open("value", Rule::Decimal),
        open("currency", Rule::Currency),
    ],
    Others::Extensions,
);

/// The place in [`EVENT`] of a member by its name, our own ones by their full name.
pub(crate) fn event_place(name: &str, context: &Context) -> Option<usize> {
    if let Some(place) = EVENT.find(name) {
        return (place < at::OWN).then_some(place);
    }
    if !name.as_bytes().contains(&b':') {
        return None;
    }
    let full = context.resolve(name);
    let own = full.strip_prefix(COUNTERSIGN_NS)?;
    EVENT.find(own).filter(|place| *place >= at::OWN)
}

static ERROR_DECLARATION: Shape = Shape::new(
    &[
        needed("declarationTime", Rule::Time),
        open("reason", Rule::Term(Vocabulary::ErrorReason)),
        open("correctiveEventIDs", Rule::Set(&Rule::Verbatim, 0)),
    ],
    Others::Extensions,
);

static PERSISTENT_DISPOSITION: Shape = Shape::new(
    &[
        Member {
            name: "set",
            rule: Rule::UniqueSet(&Rule::Term(Vocabulary::Disposition), 1),
            needed: Needed::Unless("unset", None),
            sealed: false,
            printed: true,
        },
        open(
            "unset",
            Rule::UniqueSet(&Rule::Term(Vocabulary::Disposition), 1),
        ),
    ],
    Others::Refused,
);

static READ_POINT: Shape = Shape::new(&[needed("id", Rule::Key(Role::Place))], Others::Extensions);

static BIZ_LOCATION: Shape = Shape::new(
    &[needed("id", Rule::Key(Role::Location))],
    Others::Extensions,
);

static BIZ_TRANSACTION: Shape = Shape::new(
    &[
        open("type", Rule::Term(Vocabulary::BizTransaction)),
        needed("bizTransaction", Rule::Key(Role::Document)),
    ],
    Others::Refused,
);

static SOURCE: Shape = Shape::new(
    &[
        needed("type", Rule::Term(Vocabulary::SourceDestination)),
        needed("source", Rule::Key(Role::Source)),
    ],
    Others::Refused,
);

static DESTINATION: Shape = Shape::new(
    &[
        needed("type", Rule::Term(Vocabulary::SourceDestination)),
        needed("destination", Rule::Key(Role::Destination)),
    ],
    Others::Refused,
);

static SENSOR_ELEMENT: Shape = Shape::new(
    &[
        open("sensorMetadata", Rule::Object(&SENSOR_METADATA)),
        needed("sensorReport", Rule::Set(&Rule::Object(&SENSOR_REPORT), 1)),
    ],
    Others::Extensions,
);

static SENSOR_METADATA: Shape = Shape::new(
    &[
        open("time", Rule::Time),
        open("startTime", Rule::Time),
        open("endTime", Rule::Time),
        open("deviceID", Rule::Uri),
        open("deviceMetadata", Rule::Uri),
        open("dataProcessingMethod", Rule::Uri),
        open("bizRules", Rule::Uri),
        sealed("rawData", Rule::Uri),
    ],
    Others::Extensions,
);

static SENSOR_REPORT: Shape = Shape::new(
    &[
        // The schema asks for it always; reports of a mere alarm are in use.
        Member {
            name: "type",
            rule: Rule::Term(Vocabulary::Measurement),
            needed: Needed::Unless("exception", Some("unknown_measurement_type")),
            sealed: false,
            printed: true,
        },
        open("exception", Rule::Term(Vocabulary::Alert)),
        open("time", Rule::Time),
        open("deviceID", Rule::Uri),
        open("deviceMetadata", Rule::Uri),
        open("dataProcessingMethod", Rule::Uri),
        open("bizRules", Rule::Uri),
        open("microorganism", Rule::Uri),
        open("chemicalSubstance", Rule::Uri),
        open("coordinateReferenceSystem", Rule::Uri),
        open("component", Rule::Term(Vocabulary::Component)),
        open("value", Rule::Number),
        open("minValue", Rule::Number),
        open("maxValue", Rule::Number),
        open("meanValue", Rule::Number),
        open("sDev", Rule::Number),
        open("percRank", Rule::Number),
        open("percValue", Rule::Number),
        open("uom", Rule::Text),
        open("booleanValue", Rule::Bool),
        sealed("stringValue", Rule::Text),
        sealed("hexBinaryValue", Rule::Hex),
        sealed("uriValue", Rule::Uri),
        sealed("rawData", Rule::Uri),
    ],
    Others::Extensions,
);

/// One counted class.
pub(crate) static QUANTITY: Shape = Shape::new(
    &[
        needed("epcClass", Rule::Key(Role::Class)),
        open("quantity", Rule::Number),
        open("uom", Rule::Uom),
    ],
    Others::Refused,
);

static WEIGHT: Shape = Shape::new(
    &[needed("value", Rule::Decimal), needed("uom", Rule::Uom)],
    Others::Refused,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_table() {
        let check = |place: usize, name: &str| assert_eq!(EVENT.members[place].name, name);
        check(at::EVENT_TIME, "eventTime");
        check(at::ZONE_OFFSET, "eventTimeZoneOffset");
        check(at::EVENT_ID, "eventID");
        check(at::ERROR_DECLARATION, "errorDeclaration");
        check(at::ACTION, "action");
        check(at::BIZ_STEP, "bizStep");
        check(at::DISPOSITION, "disposition");
        check(at::READ_POINT, "readPoint");
        check(at::BIZ_TRANSACTIONS, "bizTransactionList");
        check(at::SENSORS, "sensorElementList");
        check(at::ILMD, "ilmd");
        check(at::EPCS, "epcList");
        check(at::QUANTITIES, "quantityList");
        check(at::PARENT, "parentID");
        check(at::CHILDREN, "childEPCs");
        check(at::CHILD_QUANTITIES, "childQuantityList");
        check(at::INPUTS, "inputEPCList");
        check(at::INPUT_QUANTITIES, "inputQuantityList");
        check(at::OUTPUTS, "outputEPCList");
        check(at::OUTPUT_QUANTITIES, "outputQuantityList");
        check(at::TRANSFORMATION, "transformationID");
        check(at::OWN, "weight");
        check(at::WEIGHT, "weight");
        check(at::VALUE, "value");
        check(at::CURRENCY, "currency");
        assert_eq!(EVENT.members.len(), MEMBERS_MAX);
    }

    #[test]
    fn no_shape_is_larger_than_the_largest() {
        for shape in [&SENSOR_REPORT, &DOCUMENT, &QUERY_DOCUMENT, &ANY_DOCUMENT] {
            assert!(shape.members.len() <= MEMBERS_MAX);
        }
    }
}
