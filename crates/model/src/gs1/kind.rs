//! The kinds of keys and what each of them is made of.

use super::charset::{Charset, Rule};
use super::error::Part;

/// Which GS1 key this is, by its finest part.
///
/// The order is that of the application identifiers and of no further meaning: keys are
/// ordered by their text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Logistic unit, AI 00.
    Sscc,
    /// Trade item class, AI 01.
    Gtin,
    /// Trade item class at a lot, AI 01 and 10.
    Lgtin,
    /// One trade item, AI 01 and 21.
    Sgtin,
    /// One trade item with a third party's serial (tobacco), AI 01 and 235.
    Upui,
    /// Document type, or one document, AI 253.
    Gdti,
    /// Coupon type, or one coupon, AI 255.
    Sgcn,
    /// Consignment, AI 401.
    Ginc,
    /// Shipment, AI 402.
    Gsin,
    /// Physical location, AI 414, perhaps with an extension, AI 254.
    Sgln,
    /// Party, AI 417.
    Pgln,
    /// Returnable asset type, or one returnable asset, AI 8003.
    Grai,
    /// One asset, AI 8004.
    Giai,
    /// Piece of a trade item, AI 8006, perhaps with a serial (21) or a lot (10).
    Itip,
    /// Component or part class, or one of them with its serial, AI 8010 and 8011.
    Cpi,
    /// Service provider's relation, AI 8017.
    Gsrnp,
    /// Service recipient's relation, AI 8018.
    Gsrn,
}

impl Kind {
    /// Every kind, in order.
    pub const ALL: [Self; 17] = [
        Self::Sscc,
        Self::Gtin,
        Self::Lgtin,
        Self::Sgtin,
        Self::Upui,
        Self::Gdti,
        Self::Sgcn,
        Self::Ginc,
        Self::Gsin,
        Self::Sgln,
        Self::Pgln,
        Self::Grai,
        Self::Giai,
        Self::Itip,
        Self::Cpi,
        Self::Gsrnp,
        Self::Gsrn,
    ];

    /// Name in lower case: the EPC scheme where there is one, else `gtin`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sscc => "sscc",
            Self::Gtin => "gtin",
            Self::Lgtin => "lgtin",
            Self::Sgtin => "sgtin",
            Self::Upui => "upui",
            Self::Gdti => "gdti",
            Self::Sgcn => "sgcn",
            Self::Ginc => "ginc",
            Self::Gsin => "gsin",
            Self::Sgln => "sgln",
            Self::Pgln => "pgln",
            Self::Grai => "grai",
            Self::Giai => "giai",
            Self::Itip => "itip",
            Self::Cpi => "cpi",
            Self::Gsrnp => "gsrnp",
            Self::Gsrn => "gsrn",
        }
    }

    /// Application identifier of the primary key.
    #[must_use]
    pub const fn ai(self) -> &'static str {
        match self {
            Self::Sscc => "00",
            Self::Gtin | Self::Lgtin | Self::Sgtin | Self::Upui => "01",
            Self::Gdti => "253",
            Self::Sgcn => "255",
            Self::Ginc => "401",
            Self::Gsin => "402",
            Self::Sgln => "414",
            Self::Pgln => "417",
            Self::Grai => "8003",
            Self::Giai => "8004",
            Self::Itip => "8006",
            Self::Cpi => "8010",
            Self::Gsrnp => "8017",
            Self::Gsrn => "8018",
        }
    }

    /// How many digits, from the start of the number, end in a check digit; zero if none do.
    pub(super) const fn checked_digits(self) -> usize {
        match self {
            Self::Gtin | Self::Lgtin | Self::Sgtin | Self::Upui | Self::Itip | Self::Grai => 14,
            Self::Gdti | Self::Sgcn | Self::Sgln | Self::Pgln => 13,
            Self::Sscc | Self::Gsrn | Self::Gsrnp => 18,
            Self::Gsin => 17,
            Self::Ginc | Self::Giai | Self::Cpi => 0,
        }
    }

    /// The rule for the number: the primary key's value without an embedded serial.
    pub(super) const fn number_rule(self) -> Rule {
        match self {
            Self::Giai | Self::Ginc => Rule::ai82(Part::Number, NUMBER_LEN_MAX),
            Self::Cpi => Rule::new(Part::Number, Charset::Ai39, 1, NUMBER_LEN_MAX),
            Self::Itip => Rule::digits(Part::Number, 18),
            Self::Sscc
            | Self::Gtin
            | Self::Lgtin
            | Self::Sgtin
            | Self::Upui
            | Self::Gdti
            | Self::Sgcn
            | Self::Gsin
            | Self::Sgln
            | Self::Pgln
            | Self::Grai
            | Self::Gsrnp
            | Self::Gsrn => Rule::digits(Part::Number, self.checked_digits()),
        }
    }

    /// The rule for a serial embedded behind the number, where a key has one.
    pub(super) const fn embedded_serial_rule(self) -> Option<Rule> {
        match self {
            Self::Grai => Some(Rule::ai82(Part::Serial, 16)),
            Self::Gdti => Some(Rule::ai82(Part::Serial, 17)),
            Self::Sgcn => Some(Rule::new(Part::Serial, Charset::Digits, 1, 12)),
            Self::Sscc
            | Self::Gtin
            | Self::Lgtin
            | Self::Sgtin
            | Self::Upui
            | Self::Ginc
            | Self::Gsin
            | Self::Sgln
            | Self::Pgln
            | Self::Giai
            | Self::Itip
            | Self::Cpi
            | Self::Gsrnp
            | Self::Gsrn => None,
        }
    }
}

/// Longest value of a GIAI, GINC or CPI, in characters (AIs 8004, 401, 8010).
pub(super) const NUMBER_LEN_MAX: usize = 30;

/// Serial of a trade item or piece, AI 21.
pub(super) const SERIAL: Rule = Rule::ai82(Part::Serial, 20);
/// Third party's serial, AI 235.
pub(super) const THIRD_PARTY_SERIAL: Rule = Rule::ai82(Part::Serial, 28);
/// Batch or lot, AI 10.
pub(super) const LOT: Rule = Rule::ai82(Part::Lot, 20);
/// Extension of a location, AI 254.
pub(super) const EXTENSION: Rule = Rule::ai82(Part::Extension, 20);
/// Consumer product variant, AI 22.
pub(super) const VARIANT: Rule = Rule::ai82(Part::Variant, 20);
/// Serial of a component or part, AI 8011.
pub(super) const COMPONENT_SERIAL: Rule = Rule::new(Part::Serial, Charset::Digits, 1, 12);
