//! What is wrong with a document, by a stable code, the field and a reason in words.

use std::fmt;

use countersign_model::json::JsonError;

/// Codes of problems and, at the end, of warnings. Each has a page in `docs/errors/`.
pub const ERROR_CODES: &[&str] = &[
    "array_document",
    "bad_context",
    "bad_envelope",
    "bad_pattern",
    "bad_quantity",
    "claim_too_large",
    "corrective_ids_not_allowed",
    "duplicate_item",
    "duplicate_key",
    "empty_document",
    "empty_list",
    "envelope_too_large",
    "ilmd_not_allowed",
    "invalid_json",
    "invalid_utf8",
    "malformed_key",
    "missing_children",
    "missing_event_list",
    "missing_field",
    "missing_parent",
    "no_units",
    "not_a_time",
    "not_a_uri",
    "not_json_lines",
    "protected_term",
    "reserved_field",
    "second_event_list",
    "too_deep",
    "too_large",
    "too_many_sealed",
    "too_many_units",
    "unknown_field",
    "unknown_term",
    "unknown_type",
    "wrong_type",
    // Warnings: odd, but taken.
    "check_digit",
    "correction_without_id",
    "extended_event",
    "no_standard_context",
    "prefix_redefined",
    "undeclared_prefix",
    "unknown_context",
    "unknown_measurement_type",
    "unknown_uom",
    "unknown_vocabulary",
];

/// One thing that is wrong with a document or an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Problem {
    /// Stable code, one of [`ERROR_CODES`].
    pub code: &'static str,
    /// Where, as a path: `epcisBody.eventList[3].epcList[0]`; empty for the whole.
    pub field: String,
    /// What is wrong, in words.
    pub reason: String,
}

impl Problem {
    /// Makes one.
    #[must_use]
    pub fn new(code: &'static str, field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            code,
            field: field.into(),
            reason: reason.into(),
        }
    }

    /// The same problem of a thing that stands at `place` in something larger.
    #[must_use]
    pub fn inside(mut self, place: &str) -> Self {
        let joint = if self.field.is_empty() || self.field.starts_with('[') || place.is_empty() {
            ""
        } else {
            "."
        };
        self.field = format!("{place}{joint}{}", self.field);
        self
    }
}

impl From<JsonError> for Problem {
    fn from(error: JsonError) -> Self {
        Self::new(error.code, "", error.to_string())
    }
}

/// A place in a JSON value, kept on the stack: written out only when there is a problem.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Path<'p> {
    Root,
    Name(&'p Path<'p>, &'p str),
    At(&'p Path<'p>, usize),
}

impl<'p> Path<'p> {
    pub(crate) const fn name(&'p self, name: &'p str) -> Self {
        Self::Name(self, name)
    }

    pub(crate) const fn at(&'p self, at: usize) -> Self {
        Self::At(self, at)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Name(Self::Root, name) => f.write_str(name),
            Self::Name(parent, name) => write!(f, "{parent}.{name}"),
            Self::At(parent, at) => write!(f, "{parent}[{at}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_people_write_them() {
        let root = Path::Root;
        let list = root.name("epcList");
        assert_eq!(list.at(3).to_string(), "epcList[3]");
        let element = list.at(0);
        assert_eq!(element.name("id").to_string(), "epcList[0].id");
        let inside = Problem::new("malformed_key", list.at(3).to_string(), "").inside("epcisBody");
        assert_eq!(inside.field, "epcisBody.epcList[3]");
    }

    #[test]
    fn codes_stand_once() {
        let mut sorted = ERROR_CODES.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), ERROR_CODES.len());
    }
}
