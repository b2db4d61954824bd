//! Decimals that never pass through a binary float (format law 14).
//!
//! A quantity, weight or amount of money is a whole number of units of 10^-scale. Equal
//! values are equal whatever their spelling (`1.50` is `1.5` is `15e-1`).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use crate::limits::DECIMAL_DIGITS_MAX;

/// Bytes of a text whose digits always fit 64 bits.
const SHORT_BYTES_MAX: usize = 19;

/// A decimal of at most [`DECIMAL_DIGITS_MAX`] digits, kept without trailing zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i128,
    scale: u8,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self {
        mantissa: 0,
        scale: 0,
    };
    /// One.
    pub const ONE: Self = Self {
        mantissa: 1,
        scale: 0,
    };

    /// `mantissa` × 10^-`scale`. `None` beyond [`DECIMAL_DIGITS_MAX`] digits.
    #[must_use]
    pub fn new(mantissa: i128, scale: u8) -> Option<Self> {
        let (mut mantissa, mut scale) = (mantissa, scale);
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        let limit = 10_i128.pow(u32::try_from(DECIMAL_DIGITS_MAX).unwrap_or(28));
        let fits = mantissa.abs() < limit && usize::from(scale) <= DECIMAL_DIGITS_MAX;
        fits.then_some(Self { mantissa, scale })
    }

    /// The whole number of units of 10^-[`Decimal::scale`].
    #[must_use]
    pub const fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// Digits behind the point.
    #[must_use]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// A whole number.
    #[must_use]
    pub const fn whole(n: i64) -> Self {
        Self {
            mantissa: n as i128,
            scale: 0,
        }
    }

    /// Reads `xsd:decimal` and JSON numbers: sign, digits, point, exponent.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::parse_short(text).or_else(|| Self::parse_long(text))
    }

    /// Reads digits with a point among them or without, up to [`SHORT_BYTES_MAX`]; `None` for any
    /// other spelling.
    fn parse_short(text: &str) -> Option<Self> {
        if text.len() > SHORT_BYTES_MAX {
            return None;
        }
        let (mut mantissa, mut scale, mut has_digit, mut has_point) = (0_u64, 0_u8, false, false);
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' => {
                    mantissa = mantissa * 10 + u64::from(byte - b'0');
                    scale += u8::from(has_point);
                    has_digit = true;
                }
                b'.' if !has_point => has_point = true,
                _ => return None,
            }
        }
        while scale > 0 && mantissa.is_multiple_of(10) {
            mantissa /= 10;
            scale -= 1;
        }
        let mantissa = i128::from(mantissa);
        has_digit.then_some(Self { mantissa, scale })
    }

    fn parse_long(text: &str) -> Option<Self> {
        let (number, exponent) = match text.find(['e', 'E']) {
            Some(at) => (text.get(..at)?, text.get(at + 1..)?.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match number.as_bytes().first()? {
            b'-' => (true, number.get(1..)?),
            b'+' => (false, number.get(1..)?),
            _ => (false, number),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let only_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let empty = whole.is_empty() && fraction.is_empty();
        if empty || !only_digits(whole) || !only_digits(fraction) || digits.len() > 60 {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        let mut mantissa = 0_i128;
        for digit in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa
                .checked_mul(10)?
                .checked_add(i128::from(digit - b'0'))?;
        }
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        if mantissa == 0 {
            return Some(Self::ZERO);
        }
        let mantissa = if negative { -mantissa } else { mantissa };
        match u8::try_from(scale) {
            Ok(scale) => Self::new(mantissa, scale),
            Err(_) if (-60..0).contains(&scale) => {
                let factor = 10_i128.checked_pow(scale.unsigned_abs())?;
                Self::new(mantissa.checked_mul(factor)?, 0)
            }
            Err(_) => None,
        }
    }

    /// The sum, or `None` when it has too many digits.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Self::new(a.checked_add(b)?, scale)
    }

    /// The difference, or `None` when it has too many digits.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(other.negated())
    }

    /// The product, or `None` when it has too many digits.
    #[must_use]
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let scale = self.scale.checked_add(other.scale)?;
        Self::new(self.mantissa.checked_mul(other.mantissa)?, scale)
    }

    /// The same with the other sign.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self {
            mantissa: -self.mantissa,
            scale: self.scale,
        }
    }

    /// Without sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self {
            mantissa: self.mantissa.abs(),
            scale: self.scale,
        }
    }

    /// True below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// True for zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// The whole number nearest to zero, for counting; `None` when it does not fit.
    #[must_use]
    pub fn trunc(self) -> Option<i64> {
        i64::try_from(self.mantissa / 10_i128.pow(u32::from(self.scale))).ok()
    }

    fn aligned(self, other: Self) -> Option<(i128, i128, u8)> {
        let scale = self.scale.max(other.scale);
        let lift = |d: Self| {
            d.mantissa
                .checked_mul(10_i128.checked_pow(u32::from(scale - d.scale))?)
        };
        Some((lift(self)?, lift(other)?, scale))
    }
}

/// The one spelling of the decimal that `text` is: what [`Decimal::parse`] reads, written out. Most
/// are written so already.
#[must_use]
pub fn canonical_text(text: &str) -> Option<Cow<'_, str>> {
    if is_canonical(text) {
        Some(Cow::Borrowed(text))
    } else {
        Some(Cow::Owned(Decimal::parse(text)?.to_string()))
    }
}

/// Whether `text` is a decimal without a sign in its one spelling; `false` of some that are.
fn is_canonical(text: &str) -> bool {
    let bytes = text.as_bytes();
    let point = bytes.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = bytes.split_at(point.unwrap_or(bytes.len()));
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    let whole_fits = matches!(whole, [b'0'] | [b'1'..=b'9', ..]) && digits(whole);
    let fraction_fits = match fraction {
        [] => true,
        [b'.', fraction @ ..] => matches!(fraction, [.., b'1'..=b'9']) && digits(fraction),
        _ => false,
    };
    whole_fits && fraction_fits && bytes.len() <= DECIMAL_DIGITS_MAX
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.aligned(*other) {
            Some((a, b, _)) => a.cmp(&b),
            // Too far apart to align: the whole parts decide.
            None => {
                let whole = |d: &Self| d.mantissa / 10_i128.pow(u32::from(d.scale));
                whole(self)
                    .cmp(&whole(other))
                    .then(self.mantissa.signum().cmp(&other.mantissa.signum()))
            }
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if fraction.is_empty() {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{fraction}")
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        let got = Decimal::parse(text).map(|d| d.to_string());
        assert_eq!(got.as_deref(), expect, "{text}");
    }

    #[test]
    fn spellings() {
        check("1.50", Some("1.5"));
        check("15e-1", Some("1.5"));
        check("1E3", Some("1000"));
        check("-0.0", Some("0"));
        check("+.5", Some("0.5"));
        check("0.000001", Some("0.000001"));
        check("123456789012345678", Some("123456789012345678"));
        check("", None);
        check(".", None);
        check("1,5", None);
        check("twenty", None);
        check("NaN", None);
        check("1e999999999999", None);
        check("1e99", None);
        check("99999999999999999999999999999", None);
    }

    proptest! {
        #[test]
        fn the_one_spelling_is_what_is_read_written_out(text in "-?[0-9]{0,20}[.]?[0-9]{0,12}(0{1,3}|[eE][+-]?[0-9])?") {
            let expect = Decimal::parse(&text).map(|decimal| decimal.to_string());
            prop_assert_eq!(canonical_text(&text).map(Cow::into_owned), expect);
        }

        #[test]
        fn short_ones_are_read_as_long_ones(text in "[0-9]{0,14}[.]?[0-9.e+-]{0,5}") {
            if let Some(short) = Decimal::parse_short(&text) {
                prop_assert_eq!(Some(short), Decimal::parse_long(&text));
            }
        }

        #[test]
        fn arithmetic_agrees_with_integers(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000) {
            let cents = |n: i64| Decimal::new(i128::from(n), 2).expect("small");
            let sum = cents(a).checked_add(cents(b)).expect("small");
            prop_assert_eq!(sum, cents(a + b));
            prop_assert_eq!(cents(a).cmp(&cents(b)), a.cmp(&b));
            prop_assert_eq!(Decimal::parse(&cents(a).to_string()), Some(cents(a)));
        }
    }
}
