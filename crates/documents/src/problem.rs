//! Why a row gives no claim: a value, counted and shown, never a panic.

use std::fmt;

use crate::limits::QUOTED_BYTES_MAX;

/// Every code of this crate; each has a page `docs/errors/<code>.md`.
pub const ERROR_CODES: [&str; 18] = [
    "mapping_column_missing",
    "mapping_invalid",
    "table_ambiguous_time",
    "table_bad_code",
    "table_bad_header",
    "table_bad_key",
    "table_bad_number",
    "table_bad_quote",
    "table_bad_time",
    "table_check_digit",
    "table_column_count",
    "table_missing_value",
    "table_not_utf8",
    "table_quote_open",
    "table_row_too_long",
    "table_stray_quote",
    "table_too_many_units",
    "table_unknown_value",
];

/// The mapping file is wrong.
pub const MAPPING_INVALID: &str = "mapping_invalid";
/// The table lacks a column that the map reads.
pub const MAPPING_COLUMN_MISSING: &str = "mapping_column_missing";
/// A warning: a local time existed twice or never.
pub const AMBIGUOUS_TIME: &str = "table_ambiguous_time";
/// No unit of measure, currency or business step.
pub const BAD_CODE: &str = "table_bad_code";
/// The header line cannot be read.
pub const BAD_HEADER: &str = "table_bad_header";
/// No key of a unit, class, place, party or document.
pub const BAD_KEY: &str = "table_bad_key";
/// No decimal number, or one outside what is possible.
pub const BAD_NUMBER: &str = "table_bad_number";
/// A quote or line break where none may be.
pub const BAD_QUOTE: &str = "table_bad_quote";
/// A warning: a cell that the map does not read has a quote inside.
pub const STRAY_QUOTE: &str = "table_stray_quote";
/// No time, or none that a clock can show.
pub const BAD_TIME: &str = "table_bad_time";
/// A warning: the check digit of a GS1 key is wrong.
pub const CHECK_DIGIT: &str = "table_check_digit";
/// The row has more or fewer cells than the header.
pub const COLUMN_COUNT: &str = "table_column_count";
/// A cell that must say something is empty.
pub const MISSING_VALUE: &str = "table_missing_value";
/// A cell that is read is not UTF-8.
pub const NOT_UTF8: &str = "table_not_utf8";
/// A quote is not closed before the table ends.
pub const QUOTE_OPEN: &str = "table_quote_open";
/// A row is longer than a claim may be.
pub const ROW_TOO_LONG: &str = "table_row_too_long";
/// One row names more units than a claim may.
pub const TOO_MANY_UNITS: &str = "table_too_many_units";
/// A cell holds a word that the map's value table does not list.
pub const UNKNOWN_VALUE: &str = "table_unknown_value";

/// Why a row gives no claim.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    /// One of [`ERROR_CODES`].
    pub code: &'static str,
    /// Name of the column, or the map's own path where no column is to blame; empty for the
    /// whole row.
    pub field: String,
    /// What is wrong, in words. It may repeat the beginning of an open cell, never of a
    /// sealed one.
    pub reason: String,
}

impl Problem {
    /// Makes one.
    #[must_use]
    pub fn new(code: &'static str, field: &str, reason: impl Into<String>) -> Self {
        Self {
            code,
            field: field.to_owned(),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "column \"{}\": {}", self.field, self.reason)
        }
    }
}

/// The beginning of a text, in quotes and without control characters, for a message.
pub(crate) fn quoted(text: &str) -> String {
    let mut end = text.len().min(QUOTED_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (shown, rest) = text.split_at(end);
    let shown: String = shown
        .chars()
        .map(|c| {
            if c.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect();
    let more = if rest.is_empty() { "" } else { "…" };
    format!("\"{shown}{more}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(quoted(text), expect);
    }

    #[test]
    fn what_is_repeated_is_short_and_harmless() {
        check("a\tb", "\"a\u{fffd}b\"");
        check("", "\"\"");
        check(&"é".repeat(40), &format!("\"{}…\"", "é".repeat(24)));
    }

    #[test]
    fn codes_are_sorted_and_once() {
        assert!(ERROR_CODES.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
