//! Quantities with units of measure, and money (format law 14).

use std::fmt;

use crate::decimal::Decimal;

/// A UN/ECE Recommendation 20 code, two or three characters; `C62` ("one") counts pieces.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Uom([u8; 3]);

impl Uom {
    /// Pieces.
    pub const PIECES: Self = Self(*b"C62");
    /// Kilograms.
    pub const KILOGRAM: Self = Self(*b"KGM");

    /// Reads a code of two or three capital letters or digits; `EA` ("each") is read as pieces.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let ok = text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        match (text.as_bytes(), ok) {
            (b"EA", _) => Some(Self::PIECES),
            ([a, b], true) => Some(Self([*a, *b, 0])),
            ([a, b, c], true) => Some(Self([*a, *b, *c])),
            _ => None,
        }
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = std::str::from_utf8(&self.0).unwrap_or_default();
        text.trim_end_matches('\0')
    }

    /// Kilograms in one of this unit of mass; `None` for anything that is not mass.
    #[must_use]
    pub fn kilograms(&self) -> Option<Decimal> {
        match self.as_str() {
            "KGM" => Some(Decimal::ONE),
            "GRM" => Decimal::new(1, 3),
            "MGM" => Decimal::new(1, 6),
            "TNE" => Some(Decimal::whole(1000)),
            "LBR" => Decimal::new(45_359_237, 8),
            "ONZ" => Decimal::new(28_349_523_125, 12),
            _ => None,
        }
    }
}

impl fmt::Display for Uom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A decimal of some unit of measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// How many.
    pub value: Decimal,
    /// Of what.
    pub uom: Uom,
}

impl Quantity {
    /// The mass in kilograms; `None` when the unit is not one of mass.
    #[must_use]
    pub fn kilograms(&self) -> Option<Decimal> {
        self.value.checked_mul(self.uom.kilograms()?)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.value, self.uom)
    }
}

/// An ISO 4217 alphabetic code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Reads three capital letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 3] = text.as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_uppercase)
            .then_some(Self(bytes))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// How much.
    pub amount: Decimal,
    /// In which currency.
    pub currency: Currency,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        let got = Uom::parse(text).map(|u| u.to_string());
        assert_eq!(got.as_deref(), expect, "{text}");
    }

    #[test]
    fn codes() {
        check("KGM", Some("KGM"));
        check("EA", Some("C62"));
        check("4L", Some("4L"));
        check("kgm", None);
        check("KILO", None);
        check("K", None);
        assert_eq!(
            Currency::parse("EUR").map(|c| c.as_str().to_owned()),
            Some("EUR".into())
        );
        assert!(Currency::parse("eur").is_none());
    }

    #[test]
    fn mass_is_exact() {
        let quantity = Quantity {
            value: Decimal::whole(2),
            uom: Uom::parse("LBR").expect("code"),
        };
        assert_eq!(
            quantity.kilograms().map(|d| d.to_string()).as_deref(),
            Some("0.90718474")
        );
        assert!(
            Quantity {
                value: Decimal::ONE,
                uom: Uom::PIECES
            }
            .kilograms()
            .is_none()
        );
    }
}
