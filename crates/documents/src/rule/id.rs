//! Keys of units, classes, places, parties and documents.

use std::collections::BTreeSet;

use countersign_model::gs1;
use countersign_model::ids::{ClassId, DocId, IdError, PartyId, PlaceId, UnitId};
use countersign_model::limits::UNITS_PER_CLAIM_MAX;

use super::text::{Encoding, TEXT_FIELDS, TextRule};
use super::{Columns, Row, bad};
use crate::mapping::{MappingError, Node};
use crate::problem::{BAD_KEY, CHECK_DIGIT, Problem, TOO_MANY_UNITS, quoted};

/// A key with its two ways to be made.
pub(crate) trait Key: Clone + Ord {
    /// Whether a GS1 key of this sort names a class of things (or one thing); `None` for either.
    const IS_CLASS: Option<bool>;
    /// The canonical text.
    fn text(&self) -> &str;
    /// From any spelling of a URI.
    fn of_uri(text: &str) -> Result<Self, IdError>;
    /// From a value of a company's own scheme.
    fn of_scheme(scheme: &str, value: &str) -> Result<Self, IdError>;
}

macro_rules! key {
    ($($name:ident: $is_class:expr),*) => {$(
        impl Key for $name {
            const IS_CLASS: Option<bool> = $is_class;

            fn text(&self) -> &str {
                self.as_str()
            }

            fn of_uri(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }

            fn of_scheme(scheme: &str, value: &str) -> Result<Self, IdError> {
                Self::private(scheme, value)
            }
        }
    )*};
}

key!(UnitId: Some(false), ClassId: Some(true), PlaceId: None, PartyId: None, DocId: None);

/// How a key is read from a row.
#[derive(Clone, Debug)]
pub(crate) enum IdRule<T> {
    /// The same for every row.
    Fixed(T),
    /// From cells.
    Read {
        /// Whence the text.
        text: TextRule,
        /// The company's own scheme; without one the text is a URI.
        scheme: Option<Box<str>>,
        /// What stands between several keys in one cell.
        split: Option<Box<str>>,
    },
}

impl<T: Key> IdRule<T> {
    /// Reads a rule for one key.
    pub(crate) fn read(node: &Node<'_>, columns: &mut Columns) -> Result<Self, MappingError> {
        Self::read_with(node, columns, &["scheme"])
    }

    /// Reads a rule for one or more keys in one cell.
    pub(crate) fn read_many(node: &Node<'_>, columns: &mut Columns) -> Result<Self, MappingError> {
        Self::read_with(node, columns, &["scheme", "split"])
    }

    fn read_with(
        node: &Node<'_>,
        columns: &mut Columns,
        more: &[&str],
    ) -> Result<Self, MappingError> {
        let mut rule = (TextRule::Const("".into()), None, None);
        if node.is_str() {
            rule.0 = TextRule::read(node, columns)?;
        } else {
            let known: Vec<&str> = TEXT_FIELDS.iter().chain(more).copied().collect();
            let fields = node.fields(&known)?;
            rule.0 = TextRule::read_fields(&fields, columns)?;
            let text = |name| fields.node(name).map(|node| node.name()).transpose();
            rule.1 = text("scheme")?.map(Box::from);
            rule.2 = text("split")?.map(Box::from);
            // A scheme outside its alphabet is refused whatever the value.
            if let Some(scheme) = &rule.1 {
                T::of_scheme(scheme, "x")
                    .map_err(|error| fields.error_at("scheme", &error.to_string()))?;
            }
        }
        let (text, scheme, split) = rule;
        for fixed in text.fixed_texts() {
            of_text::<T>(fixed, scheme.as_deref())
                .map_err(|error| node.error(format!("{}: {error}", quoted(fixed))))?;
        }
        if let TextRule::Const(text) = &text {
            let key = of_text(text, scheme.as_deref());
            return key
                .map(Self::Fixed)
                .map_err(|error| node.error(error.to_string()));
        }
        Ok(Self::Read {
            text,
            scheme,
            split,
        })
    }

    /// The key; `None` if the cells say nothing.
    pub(crate) fn one(&self, row: &Row<'_>) -> Result<Option<T>, Problem> {
        match self {
            Self::Fixed(key) => Ok(Some(key.clone())),
            Self::Read { text, scheme, .. } => {
                let value = text.value(row, encoding(scheme.as_deref()))?;
                let value = value.map(|value| read_key(text, scheme.as_deref(), row, &value));
                value.transpose()
            }
        }
    }

    /// All keys, each once, in the order of the cell.
    pub(crate) fn all(&self, row: &Row<'_>) -> Result<Vec<T>, Problem> {
        let Self::Read {
            text,
            scheme,
            split: Some(split),
        } = self
        else {
            return Ok(self.one(row)?.into_iter().collect());
        };
        let scheme = scheme.as_deref();
        let value = text.value(row, encoding(scheme))?.unwrap_or_default();
        let mut seen = BTreeSet::new();
        let mut keys = Vec::new();
        for (number, piece) in value.split(split.as_ref()).enumerate() {
            if number >= UNITS_PER_CLAIM_MAX {
                let reason = format!("names more than {UNITS_PER_CLAIM_MAX} keys");
                return Err(Problem::new(TOO_MANY_UNITS, text.blame(row), reason));
            }
            let piece = piece.trim();
            if piece.is_empty() {
                continue;
            }
            let key: T = read_key(text, scheme, row, piece)?;
            if seen.insert(key.clone()) {
                keys.push(key);
            }
        }
        Ok(keys)
    }

    /// Name of the column to blame.
    pub(crate) fn blame<'r>(&self, row: &'r Row<'_>) -> &'r str {
        match self {
            Self::Fixed(_) => "",
            Self::Read { text, .. } => text.blame(row),
        }
    }
}

/// A private key is encoded when it is made; in a URI the template does it.
fn encoding(scheme: Option<&str>) -> Encoding {
    scheme.map_or(Encoding::Uri, |_| Encoding::Plain)
}

fn of_text<T: Key>(text: &str, scheme: Option<&str>) -> Result<T, IdError> {
    match scheme {
        Some(scheme) => T::of_scheme(scheme, text),
        None => T::of_uri(text),
    }
}

/// Where GS1 keys are when they are written as canonical web addresses.
const GS1_BASE: &str = "https://id.gs1.org/";

fn read_key<T: Key>(
    text: &TextRule,
    scheme: Option<&str>,
    row: &Row<'_>,
    value: &str,
) -> Result<T, Problem> {
    let refuse = |why: &str| bad(BAD_KEY, text.blame(row), value, why);
    let key: T = of_text(value, scheme).map_err(|error| {
        let mut why = format!("is no key: {error}");
        if error == IdError::NotAUri {
            why.push_str("; for a number of your own, the map gives a scheme");
        }
        refuse(&why)
    })?;
    if !key.text().starts_with(GS1_BASE) {
        return Ok(key);
    }
    // Elsewhere on the web an address may be anybody's own key; here it is a GS1 key or a
    // mistake, such as a number that lost its leading zeros.
    let gs1 = gs1::Key::parse(key.text());
    let gs1 = gs1.map_err(|error| refuse(&format!("is no GS1 key: {error}")))?;
    match T::IS_CLASS {
        Some(true) if gs1.is_instance() => Err(refuse("names one thing, not a class of things")),
        Some(false) if gs1.is_class() => Err(refuse("names a class of things, not one unit")),
        _ => {
            if !gs1.check_digit_ok() {
                row.warn(CHECK_DIGIT, text.blame(row));
            }
            Ok(key)
        }
    }
}
