//! `@context`: which names stand for what. Never fetched.
//!
//! The context of GS1 is known here by its addresses and built in; any other address is kept
//! as text and told as a warning. What a document may add is prefixes. What it may not do is
//! change the meaning of a name of GS1's: those are *protected* (JSON-LD 1.1 §4.1.11), and a
//! document that redefines one would be read in two ways by two readers.

use std::borrow::Cow;

use countersign_model::claim::Warning;
use countersign_model::json::{Doc, Item, Kind, canonical};

use crate::grammar::is_uri;
use crate::limits::{PREFIXES_MAX, PROBLEMS_MAX};
use crate::problem::{Path, Problem};
use crate::scan::{Emptied, without_list};

/// The namespace of our own extension fields.
pub const COUNTERSIGN_NS: &str = "urn:countersign:ns:1:";
/// The namespace of the EPCIS ontology: its names are written short or not at all.
pub const EPCIS_NS: &str = "https://ref.gs1.org/epcis/";

/// Addresses under which GS1 has published the context of EPCIS 2.0.
const GS1_CONTEXTS: [&str; 5] = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    "https://ref.gs1.org/standards/epcis/2.0.1/epcis-context.jsonld",
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    "https://gs1.github.io/EPCIS/epcis-context.jsonld",
    "http://gs1.github.io/EPCIS/epcis-context.jsonld",
];

/// The one prefix of GS1's that documents in the field, GS1's own among them, give another meaning.
/// It names master data alone, which is sealed whatever it means, so that nothing depends on it.
const MASTER_DATA_PREFIX: &str = "cbvmda";

/// Prefixes of GS1's context.
const GS1_PREFIXES: [(&str, &str); 8] = [
    ("cbv", "https://ref.gs1.org/cbv/"),
    ("cbvmda", "urn:epcglobal:cbv:mda:"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("epcis", EPCIS_NS),
    ("gs1", "https://gs1.org/voc/"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// The other names of GS1's context that stand at its top, sorted: all protected.
const GS1_TERMS: [&str; 57] = [
    "AggregationEvent",
    "AssociationEvent",
    "Collection",
    "EPCISDocument",
    "EPCISQueryDocument",
    "ObjectEvent",
    "TransactionEvent",
    "TransformationEvent",
    "action",
    "baseURL",
    "bizLocation",
    "bizStep",
    "bizTransactionList",
    "certificationInfo",
    "childEPCs",
    "childQuantityList",
    "children",
    "creationDate",
    "destinationList",
    "disposition",
    "epcClass",
    "epcList",
    "epcisBody",
    "epcisHeader",
    "errorDeclaration",
    "eventID",
    "eventList",
    "eventTime",
    "eventTimeZoneOffset",
    "id",
    "ilmd",
    "inputEPCList",
    "inputQuantityList",
    "instanceIdentifier",
    "masterData",
    "member",
    "outputEPCList",
    "outputQuantityList",
    "parentID",
    "persistentDisposition",
    "quantity",
    "quantityList",
    "queryName",
    "queryResults",
    "readPoint",
    "receiver",
    "recordTime",
    "resultsBody",
    "schemaVersion",
    "sender",
    "sensorElementList",
    "sourceList",
    "subscriptionID",
    "transformationID",
    "type",
    "uom",
    "vocabularyList",
];

/// Schemes that identifiers begin with: as a prefix, each would turn every identifier of its
/// scheme into another one.
const SCHEMES: [&str; 15] = [
    "data", "did", "file", "ftp", "geo", "http", "https", "info", "mailto", "ni", "tag", "tel",
    "urn", "ws", "wss",
];

/// The names in force for a document or an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Prefixes that the document declares, beyond GS1's; the last one of a name counts.
    prefixes: Vec<(Box<str>, Box<str>)>,
    /// Whether an event must bring a context of its own.
    event_must_declare: bool,
    warnings: Vec<Warning>,
}

impl Context {
    /// GS1's names alone: for events in JSON lines, whose own `@context` may be left out.
    #[must_use]
    pub fn standard() -> Self {
        Self::default()
    }

    /// GS1's names, and the event must say so itself: for a bare event in a file of its own.
    #[must_use]
    pub fn bare_event() -> Self {
        Self {
            event_must_declare: true,
            ..Self::default()
        }
    }

    /// Reads the `@context` of a document.
    ///
    /// # Errors
    /// `bad_context` or `protected_term`, with fields from `@context` on.
    pub fn parse(item: Item<'_, '_>) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader {
            context: Self::default(),
            problems: Vec::new(),
            knows_gs1: false,
        };
        reader.read(item);
        if !reader.knows_gs1 && reader.problems.is_empty() {
            reader.warn("no_standard_context", Path::Root.name("@context"));
        }
        reader.done()
    }

    /// Reads the context of a document from the open view of its head section, where events and
    /// sealed values are missing. Bare events and JSON lines have GS1's names alone.
    ///
    /// # Errors
    /// As [`Context::parse`], and what is wrong with the document's syntax.
    pub fn of_envelope(open_view: &[u8]) -> Result<Self, Vec<Problem>> {
        if open_view.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::standard());
        }
        let emptied = without_list(open_view).map_err(|problem| vec![problem])?;
        let text = emptied.as_ref().map_or(open_view, Emptied::text);
        let doc = Doc::parse(text).map_err(|error| vec![Problem::from(error)])?;
        match doc.root().get("@context") {
            Some(item) => Self::parse(item),
            None => Ok(Self::standard()),
        }
    }

    /// These names and those of an event's own `@context`.
    ///
    /// # Errors
    /// As [`Context::parse`].
    pub fn with(&self, own: Option<Item<'_, '_>>) -> Result<Cow<'_, Self>, Vec<Problem>> {
        let Some(item) = own.filter(|item| !is_gs1_alone(*item) || !self.warnings.is_empty())
        else {
            return Ok(Cow::Borrowed(self));
        };
        let mut reader = Reader {
            context: Self {
                warnings: Vec::new(),
                ..self.clone()
            },
            problems: Vec::new(),
            knows_gs1: true,
        };
        reader.read(item);
        reader.done().map(Cow::Owned)
    }

    /// Whether an event must bring a context of its own.
    #[must_use]
    pub const fn event_must_declare(&self) -> bool {
        self.event_must_declare
    }

    /// What was odd about the declarations; of an event's own only, if it has one.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The full URI of a CURIE; anything else as it is.
    #[must_use]
    pub fn resolve<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some((prefix, local)) = split_at_colon(text) else {
            return Cow::Borrowed(text);
        };
        if local.starts_with("//") {
            return Cow::Borrowed(text);
        }
        match self.namespace(prefix) {
            Some(namespace) => Cow::Owned([namespace, local].concat()),
            None => Cow::Borrowed(text),
        }
    }

    /// Whether the prefix of a name is declared, or the name is a URI of a well-known scheme.
    #[must_use]
    pub fn declares(&self, name: &str) -> bool {
        split_at_colon(name).is_some_and(|(prefix, local)| {
            local.starts_with("//") || SCHEMES.contains(&prefix) || self.namespace(prefix).is_some()
        })
    }

    fn namespace(&self, prefix: &str) -> Option<&str> {
        if prefix == "urn" {
            return None;
        }
        let own = self.prefixes.iter().rev();
        own.map(|(name, namespace)| (&**name, &**namespace))
            .chain(GS1_PREFIXES)
            .find(|(name, _)| *name == prefix)
            .map(|(_, namespace)| namespace)
    }
}

/// What stands before and behind the first colon.
fn split_at_colon(text: &str) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == b':')?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Whether a context is the address of GS1's and nothing else, as that of most events is: it adds
/// nothing to any other.
fn is_gs1_alone(item: Item<'_, '_>) -> bool {
    let is_address = |item: Item<'_, '_>| {
        let address = item.as_str();
        address.is_some_and(|address| GS1_CONTEXTS.contains(&&*address))
    };
    let mut elements = item.elements();
    match (elements.next(), elements.next()) {
        (Some(only), None) => is_address(only),
        (None, _) => is_address(item),
        _ => false,
    }
}

struct Reader {
    context: Context,
    problems: Vec<Problem>,
    knows_gs1: bool,
}

impl Reader {
    fn done(self) -> Result<Context, Vec<Problem>> {
        if self.problems.is_empty() {
            Ok(self.context)
        } else {
            Err(self.problems)
        }
    }

    fn warn(&mut self, code: &'static str, path: Path<'_>) {
        if self.context.warnings.len() < PROBLEMS_MAX {
            self.context.warnings.push(Warning {
                code,
                field: path.to_string(),
            });
        }
    }

    fn refuse(&mut self, code: &'static str, path: Path<'_>, reason: &str) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems
                .push(Problem::new(code, path.to_string(), reason));
        }
    }

    fn read(&mut self, item: Item<'_, '_>) {
        let path = Path::Root.name("@context");
        if item.kind() != Kind::Array {
            return self.element(item, path);
        }
        for (at, element) in item.elements().enumerate() {
            self.element(element, path.at(at));
        }
        let mut seen: Vec<String> = item.elements().map(canonical).collect();
        seen.sort_unstable();
        if seen.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            self.refuse("duplicate_item", path, "holds the same context twice");
        }
    }

    fn element(&mut self, item: Item<'_, '_>, path: Path<'_>) {
        match (item.kind(), item.as_str()) {
            (Kind::String, Some(address)) if GS1_CONTEXTS.contains(&&*address) => {
                self.knows_gs1 = true;
            }
            (Kind::String, Some(address)) if is_uri(&address) => {
                self.warn("unknown_context", path);
            }
            (Kind::Object, _) => {
                for (name, value) in item.members() {
                    self.member(&name, value, path.name(&name));
                }
            }
            _ => self.refuse(
                "bad_context",
                path,
                "is neither the address of a context nor an object",
            ),
        }
    }

    fn member(&mut self, name: &str, value: Item<'_, '_>, path: Path<'_>) {
        if matches!(name, "@version" | "@protected") {
            return;
        }
        if name.starts_with('@') {
            let reason = "would change how the whole document is read; declare prefixes only";
            return self.refuse("bad_context", path, reason);
        }
        if SCHEMES.contains(&name) {
            let reason = "is the scheme of identifiers and cannot be a prefix";
            return self.refuse("protected_term", path, reason);
        }
        let defined = match value.kind() {
            Kind::String => Some(value),
            Kind::Object => value.get("@id"),
            _ => {
                let reason = "is neither a URI nor a definition";
                return self.refuse("bad_context", path, reason);
            }
        };
        let text = defined.and_then(|id| id.as_str()).unwrap_or_default();
        let full = self.context.resolve(&text);
        if let Some((_, standard)) = GS1_PREFIXES.iter().find(|(prefix, _)| *prefix == name) {
            let harmless = name == MASTER_DATA_PREFIX
                && !full.starts_with(EPCIS_NS)
                && !full.starts_with(COUNTERSIGN_NS);
            if *standard != full && harmless {
                self.warn("prefix_redefined", path);
            } else if *standard != full {
                let reason = format!("is GS1's prefix for {standard} and cannot mean another");
                self.refuse("protected_term", path, &reason);
            }
            return;
        }
        if GS1_TERMS.binary_search(&name).is_ok() {
            let same = matches!((name, &*full), ("id", "@id") | ("type", "@type"));
            if !same {
                self.refuse(
                    "protected_term",
                    path,
                    "is a name of GS1's and cannot be redefined",
                );
            }
            return;
        }
        let aliases = |namespace: &str| full.starts_with(namespace) && *full != *namespace;
        if aliases(EPCIS_NS) || aliases(COUNTERSIGN_NS) || full.starts_with('@') {
            let reason = "would be a second name for a field of EPCIS or of ours";
            return self.refuse("protected_term", path, reason);
        }
        // Only a plain definition that ends in a delimiter makes a prefix (JSON-LD 1.1 §4.1.5).
        let flagged = value.get("@prefix").and_then(|p| p.as_bool()) == Some(true);
        let delimited =
            value.kind() == Kind::String && full.ends_with([':', '/', '?', '#', '[', ']', '@']);
        if !(flagged || delimited) {
            return;
        }
        let full: Box<str> = (&*full).into();
        if self.context.prefixes.len() >= PREFIXES_MAX {
            return self.refuse("bad_context", path, "has too many prefixes");
        }
        self.context.prefixes.push((name.into(), full));
    }
}

#[cfg(test)]
mod tests;
