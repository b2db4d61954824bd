//! Why a text is not a GS1 key, and where in the text.

use std::fmt;

use super::KEY_TEXT_BYTES_MAX;

/// A part of a key, as named in error values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The GS1 company prefix of an EPC URN.
    CompanyPrefix,
    /// Indicator digit and item reference of a trade item.
    ItemReference,
    /// The digits after the company prefix of any other key.
    Reference,
    /// The whole GTIN in a Digital Link.
    Gtin,
    /// The whole primary key value in a Digital Link.
    Number,
    /// Piece number of an ITIP.
    Piece,
    /// Total count of an ITIP.
    Total,
    /// Serial number (AI 21, 235, 8011 or the end of a GRAI, GDTI or GCN).
    Serial,
    /// Batch or lot (AI 10).
    Lot,
    /// Extension of a location number (AI 254).
    Extension,
    /// Consumer product variant (AI 22); read, then dropped.
    Variant,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CompanyPrefix => "company prefix",
            Self::ItemReference => "item reference",
            Self::Reference => "reference",
            Self::Gtin => "GTIN",
            Self::Number => "key value",
            Self::Piece => "piece",
            Self::Total => "total",
            Self::Serial => "serial",
            Self::Lot => "lot",
            Self::Extension => "extension",
            Self::Variant => "variant",
        })
    }
}

/// A text that is not a GS1 key this crate can hold.
///
/// `at` is a byte offset into the text as it was given. Bytes are shown as numbers: no
/// message repeats a control character of its input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// More than [`KEY_TEXT_BYTES_MAX`] bytes.
    #[error("{len_bytes} bytes are too long for a key (at most {KEY_TEXT_BYTES_MAX})")]
    TooLong {
        /// Length of the text, in bytes.
        len_bytes: usize,
    },
    /// A control character, white space, a brace or a byte outside ASCII, anywhere.
    #[error("byte {byte:#04x} at {at} is not allowed in a key")]
    Forbidden {
        /// Where.
        at: usize,
        /// The byte.
        byte: u8,
    },
    /// Not a GS1 key and not claiming to be one: the caller may hold it as a private key.
    #[error("not a GS1 key: {reason}")]
    NotGs1 {
        /// What it is instead.
        reason: &'static str,
    },
    /// A GS1 key of a kind that has no canonical form here; it may be held as a private key.
    #[error("application identifier {ai} at {at} has no canonical form here")]
    Unsupported {
        /// The application identifier.
        ai: &'static str,
        /// Where.
        at: usize,
    },
    /// The domain of a Digital Link is empty, carries credentials or odd characters.
    #[error("the domain is malformed at {at}")]
    Authority {
        /// Where.
        at: usize,
    },
    /// The text ends before this part.
    #[error("{part} is missing at {at}")]
    Missing {
        /// The part.
        part: Part,
        /// Where it should begin.
        at: usize,
    },
    /// A part is too short or too long, counted after decoding of escapes.
    #[error("{part} at {at} has {len} characters, not {min} to {max}")]
    Length {
        /// The part.
        part: Part,
        /// Where it begins.
        at: usize,
        /// Its length in characters.
        len: usize,
        /// Shortest allowed.
        min: usize,
        /// Longest allowed.
        max: usize,
    },
    /// A GTIN has 8, 12, 13 or 14 digits; this has another number.
    #[error("GTIN at {at} has {len} digits, not 8, 12, 13 or 14")]
    GtinLength {
        /// Where it begins.
        at: usize,
        /// Its length in digits.
        len: usize,
    },
    /// A character outside the character set of this part.
    #[error("byte {found:#04x} at {at} does not belong in the {part}")]
    Character {
        /// The part.
        part: Part,
        /// Where (of an escape: its percent sign).
        at: usize,
        /// The byte, after decoding of its escape.
        found: u8,
    },
    /// A character that the EPC URN syntax wants written as a percent escape.
    #[error("byte {found:#04x} at {at} must be percent-encoded in an EPC URN")]
    Unescaped {
        /// Where.
        at: usize,
        /// The byte.
        found: u8,
    },
    /// A percent sign without two hexadecimal digits behind it.
    #[error("broken percent escape at {at}")]
    Escape {
        /// Where the percent sign is.
        at: usize,
    },
    /// A path segment behind the primary key is no qualifier of that key.
    #[error("{found:?} at {at} is no qualifier of this key")]
    Qualifier {
        /// Where.
        at: usize,
        /// The segment.
        found: Box<str>,
    },
    /// A qualifier stands twice, or behind one that must follow it.
    #[error("qualifier at {at} is out of order")]
    QualifierOrder {
        /// Where.
        at: usize,
    },
    /// An id pattern that is not exactly one class: its only `*` must be the last part.
    #[error("pattern at {at} does not name exactly one class")]
    Pattern {
        /// Where.
        at: usize,
    },
    /// A component serial with a leading zero, which would give one number two texts.
    #[error("{part} at {at} has a leading zero")]
    LeadingZero {
        /// The part.
        part: Part,
        /// Where it begins.
        at: usize,
    },
}

impl KeyError {
    /// Stable name of the variant, as in vectors, counters and answers.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too_long",
            Self::Forbidden { .. } => "forbidden",
            Self::NotGs1 { .. } => "not_gs1",
            Self::Unsupported { .. } => "unsupported",
            Self::Authority { .. } => "authority",
            Self::Missing { .. } => "missing",
            Self::Length { .. } => "length",
            Self::GtinLength { .. } => "gtin_length",
            Self::Character { .. } => "character",
            Self::Unescaped { .. } => "unescaped",
            Self::Escape { .. } => "escape",
            Self::Qualifier { .. } => "qualifier",
            Self::QualifierOrder { .. } => "qualifier_order",
            Self::Pattern { .. } => "pattern",
            Self::LeadingZero { .. } => "leading_zero",
        }
    }

    /// Byte offset of the fault, where there is one place to point at.
    #[must_use]
    pub const fn at(&self) -> Option<usize> {
        match self {
            Self::TooLong { .. } | Self::NotGs1 { .. } => None,
            Self::Forbidden { at, .. }
            | Self::Unsupported { at, .. }
            | Self::Authority { at }
            | Self::Missing { at, .. }
            | Self::Length { at, .. }
            | Self::GtinLength { at, .. }
            | Self::Character { at, .. }
            | Self::Unescaped { at, .. }
            | Self::Escape { at }
            | Self::Qualifier { at, .. }
            | Self::QualifierOrder { at }
            | Self::Pattern { at }
            | Self::LeadingZero { at, .. } => Some(*at),
        }
    }

    /// Whether the text is sound but of another system, so that the caller may hold it as
    /// a private key. Every other error is a text that claims to be a GS1 key and is not.
    #[must_use]
    pub const fn may_be_private(&self) -> bool {
        matches!(self, Self::NotGs1 { .. } | Self::Unsupported { .. })
    }
}
