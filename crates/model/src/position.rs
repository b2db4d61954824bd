//! Positions on the ground: `geo:` URIs (RFC 5870, WGS 84), and how far apart two are.
//!
//! Whether a position lies within a circle is part of what a ledger concludes, so it must come out
//! the same on every machine: the arithmetic is that of IEEE 754 alone (add, multiply, square root),
//! without the machine's trigonometry.

use std::fmt;

use crate::decimal::Decimal;

/// Ten millionths of a degree: one hundredth of a metre at the equator.
const PER_DEGREE: i64 = 10_000_000;
/// A cell (see [`Position::cell`]) is so many of them wide: about a kilometre.
const CELL: i64 = PER_DEGREE / 100;
/// Metres of a degree on a sphere of the Earth's mean radius, 6,371,008.8 m (IUGG).
const METRES_PER_DEGREE: f64 = 111_195.079_734;

/// A place on the ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Northern latitude, in ten millionths of a degree.
    pub latitude: i32,
    /// Eastern longitude, in ten millionths of a degree.
    pub longitude: i32,
    /// Within so many metres it is true (parameter `u`, rounded up); 0 if nobody says.
    pub uncertainty_m: u32,
}

/// Why a text is no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PositionError {
    /// Not `geo:LATITUDE,LONGITUDE`, with a height and parameters behind it if need be.
    #[error("is not a geo: URI (RFC 5870), geo:LATITUDE,LONGITUDE in degrees")]
    Form,
    /// Latitude beyond 90 or longitude beyond 180 degrees.
    #[error("is not on the Earth: latitude is -90 to 90, longitude -180 to 180")]
    Range,
    /// Another reference system than WGS 84.
    #[error("is in another reference system than WGS 84")]
    System,
}

impl Position {
    /// Reads a `geo:` URI. A height is read over, and so are parameters but `crs` and `u`.
    ///
    /// # Errors
    /// [`PositionError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, PositionError> {
        let (scheme, rest) = text.split_once(':').ok_or(PositionError::Form)?;
        if !scheme.eq_ignore_ascii_case("geo") {
            return Err(PositionError::Form);
        }
        let mut parts = rest.split(';');
        let mut numbers = parts.next().unwrap_or_default().split(',');
        let mut next = || numbers.next().and_then(number);
        let (latitude, longitude) = next().zip(next()).ok_or(PositionError::Form)?;
        let is_height = numbers.next().is_none_or(|height| number(height).is_some());
        if !is_height || numbers.next().is_some() {
            return Err(PositionError::Form);
        }
        let mut uncertainty_m = 0;
        for parameter in parts {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            if name.eq_ignore_ascii_case("crs") && !value.eq_ignore_ascii_case("wgs84") {
                return Err(PositionError::System);
            }
            if name.eq_ignore_ascii_case("u") {
                uncertainty_m = metres(value).ok_or(PositionError::Form)?;
            }
        }
        Ok(Self {
            latitude: degrees(latitude, 90)?,
            longitude: degrees(longitude, 180)?,
            uncertainty_m,
        })
    }

    /// How far apart two are, in metres, on a sphere. Good to one in a thousand up to 100 km away from
    /// the poles, where the ways of a few kilometres lie that anybody asks for.
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        let north = f64::from(self.latitude) - f64::from(other.latitude);
        let mut east = f64::from(self.longitude) - f64::from(other.longitude);
        let whole = 360.0 * 1e7;
        if east > whole / 2.0 {
            east -= whole;
        } else if east < -whole / 2.0 {
            east += whole;
        }
        let middle = f64::midpoint(f64::from(self.latitude), f64::from(other.latitude)) / 1e7;
        let east = east * cosine(middle);
        (north * north + east * east).sqrt() / 1e7 * METRES_PER_DEGREE
    }

    /// Whether it is certain that the position lies outside a circle around `centre`.
    #[must_use]
    pub fn is_outside(self, centre: Self, radius_m: u32) -> bool {
        self.distance_m(centre) > f64::from(radius_m) + f64::from(self.uncertainty_m)
    }

    /// The cell of a hundredth of a degree in which it lies, as the `geo:` URI of the cell's south-west
    /// corner: so that there are no more names of places than a country has square kilometres.
    #[must_use]
    pub fn cell(self) -> String {
        let corner = |degrees: i32| i64::from(degrees).div_euclid(CELL) * CELL;
        let [latitude, longitude] = [corner(self.latitude), corner(self.longitude)].map(Degrees);
        format!("geo:{latitude},{longitude}")
    }
}

/// As a `geo:` URI, the numbers as short as they can be.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [latitude, longitude] = [self.latitude, self.longitude].map(|d| Degrees(d.into()));
        write!(f, "geo:{latitude},{longitude}")?;
        match self.uncertainty_m {
            0 => Ok(()),
            metres => write!(f, ";u={metres}"),
        }
    }
}

struct Degrees(i64);

impl fmt::Display for Degrees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let digits = self.0.unsigned_abs();
        let (whole, part) = (
            digits / PER_DEGREE.unsigned_abs(),
            digits % PER_DEGREE.unsigned_abs(),
        );
        let part = format!("{part:07}");
        match part.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            part => write!(f, "{sign}{whole}.{part}"),
        }
    }
}

/// `num` of RFC 5870: no exponent, no plus.
fn number(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (are_digits(whole) && are_digits(part))
        .then(|| Decimal::parse(text))
        .flatten()
}

fn degrees(value: Decimal, most: i64) -> Result<i32, PositionError> {
    let scaled = value.checked_mul(Decimal::whole(PER_DEGREE));
    let scaled = scaled.and_then(Decimal::trunc);
    let scaled = scaled.filter(|scaled| scaled.abs() <= most * PER_DEGREE);
    let is_in_range = value.abs() <= Decimal::whole(most);
    let scaled = scaled.filter(|_| is_in_range).ok_or(PositionError::Range)?;
    i32::try_from(scaled).map_err(|_| PositionError::Range)
}

/// Whole metres, rounded up; beyond a `u32` it is as uncertain as can be.
fn metres(text: &str) -> Option<u32> {
    let value = number(text).filter(|value| !value.is_negative())?;
    let whole = value.trunc()?;
    let is_whole = value == Decimal::whole(whole);
    let metres = whole.saturating_add(i64::from(!is_whole));
    Some(u32::try_from(metres).unwrap_or(u32::MAX))
}

/// Of an angle in degrees, -90 to 90, by its series: wrong by less than one in ten million.
fn cosine(degrees: f64) -> f64 {
    let x = degrees * (std::f64::consts::PI / 180.0);
    let square = x * x;
    let mut term = 1.0;
    let mut sum = 1.0;
    let mut n = 0.0;
    while n < 16.0 {
        term = -term * square / ((n + 1.0) * (n + 2.0));
        sum += term;
        n += 2.0;
    }
    sum
}

#[cfg(test)]
mod tests;
