//! Time: instants in UTC milliseconds, and event times as they were written.
//!
//! Instants are read from `xsd:dateTimeStamp` (RFC 3339 with an offset; EPCIS requires
//! one). Digits beyond milliseconds are cut off, not rounded, so a time never moves past
//! its second; the original text stays in the body. A leap second `:60` is read as the
//! first instant of the next minute. A date without a time is the interval of that local
//! day (format law 9).

use std::fmt;

use crate::limits::{EVENT_TIME_MS_MAX, EVENT_TIME_MS_MIN};

/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A length of time in milliseconds, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

/// Why a text is not an event time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not `YYYY-MM-DDThh:mm:ss[.fff](Z|±hh:mm)`.
    #[error("not a date-time with an offset (like 2026-11-20T08:15:00.000+01:00)")]
    Form,
    /// A month 13, a 30 February, an offset of 15 hours.
    #[error("no such date or time of day")]
    NoSuchTime,
    /// Before 1970 or after 2199.
    #[error("the time lies outside 1970 to 2199")]
    OutOfRange,
}

impl Timestamp {
    /// From milliseconds since 1970 (UTC).
    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since 1970 (UTC).
    #[must_use]
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Later by `span`, at most the end of time.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// Earlier by `span`.
    #[must_use]
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// From `earlier` until this; zero if that is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        let ms = self.0.saturating_sub(earlier.0);
        Span(if ms < 0 { 0 } else { ms })
    }

    /// Reads RFC 3339 with an offset; returns the instant and the offset in minutes.
    ///
    /// # Errors
    /// [`TimeError`] says whether form, calendar or range was wrong.
    pub fn parse(text: &str) -> Result<(Self, i16), TimeError> {
        let (local_ms, rest) = parse_local(text)?;
        let offset = parse_offset(rest)?;
        let ms = local_ms - i64::from(offset) * 60_000;
        if (EVENT_TIME_MS_MIN..EVENT_TIME_MS_MAX).contains(&ms) {
            Ok((Self(ms), offset))
        } else {
            Err(TimeError::OutOfRange)
        }
    }
}

impl Span {
    /// No time.
    pub const ZERO: Self = Self(0);

    /// From milliseconds; negative ones are taken as zero.
    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        Self(if ms < 0 { 0 } else { ms })
    }

    /// From seconds.
    #[must_use]
    pub const fn from_secs(s: i64) -> Self {
        Self::from_ms(s.saturating_mul(1000))
    }

    /// Milliseconds.
    #[must_use]
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Reads an ISO 8601 duration of days, hours, minutes and seconds: `PT15M`, `P1DT2H`, `PT0.5S`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('P')?;
        let (days, times) = rest.split_once('T').unwrap_or((rest, ""));
        let mut total = 0_i64;
        let mut fields = 0;
        for (part, units) in [
            (days, &[('D', DAY_MS)][..]),
            (times, &[('H', 3_600_000), ('M', 60_000), ('S', 1000)]),
        ] {
            let mut part = part;
            for (unit, ms) in units {
                let Some((number, after)) = part.split_once(*unit) else {
                    continue;
                };
                let number = crate::decimal::Decimal::parse(number).filter(|n| !n.is_negative())?;
                let ms = number
                    .checked_mul(crate::decimal::Decimal::whole(*ms))?
                    .trunc()?;
                total = total.checked_add(ms)?;
                part = after;
                fields += 1;
            }
            if !part.is_empty() {
                return None;
            }
        }
        (fields > 0).then_some(Self(total))
    }
}

/// Reads `YYYY-MM-DDThh:mm:ss[.fff…]`; returns local milliseconds and what follows.
///
/// # Errors
/// [`TimeError`].
pub fn parse_local(text: &str) -> Result<(i64, &str), TimeError> {
    #[rustfmt::skip]
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', i1, i2, b':', s1, s2, ..] =
        *text.as_bytes()
    else {
        return Err(TimeError::Form);
    };
    let two = |tens, ones| two_digits(tens, ones).ok_or(TimeError::Form);
    let (hour, minute, second) = (two(h1, h2)?, two(i1, i2)?, two(s1, s2)?);
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let date = date_ms(year, two(m1, m2)?, two(d1, d2)?).ok_or(TimeError::NoSuchTime)?;
    if hour > 23 || minute > 59 || second > 60 {
        return Err(TimeError::NoSuchTime);
    }
    let rest = text.get(19..).ok_or(TimeError::Form)?;
    let (fraction, rest) = match rest.strip_prefix('.') {
        None => (0, rest),
        Some(after) => {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            let padded = after.bytes().take(digits).chain(std::iter::repeat(b'0'));
            let ms = padded.take(3).fold(0, |n, d| n * 10 + i64::from(d - b'0'));
            if digits == 0 {
                return Err(TimeError::Form);
            }
            // A fraction of a leap second has no instant of its own.
            (
                if second == 60 { 0 } else { ms },
                after.get(digits..).ok_or(TimeError::Form)?,
            )
        }
    };
    Ok((
        date + ((hour * 60 + minute) * 60 + second) * 1000 + fraction,
        rest,
    ))
}

/// Reads `Z` or `±hh:mm` up to 14:00 as XML Schema has it; minutes east of UTC.
///
/// # Errors
/// [`TimeError`].
pub fn parse_offset(text: &str) -> Result<i16, TimeError> {
    if text == "Z" {
        return Ok(0);
    }
    let [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = *text.as_bytes() else {
        return Err(TimeError::Form);
    };
    let two = |tens, ones| two_digits(tens, ones).ok_or(TimeError::Form);
    let (hours, minutes): (i16, i16) = (two(h1, h2)?, two(m1, m2)?);
    if hours > 14 || minutes > 59 || (hours == 14 && minutes > 0) {
        return Err(TimeError::NoSuchTime);
    }
    let minutes = hours * 60 + minutes;
    Ok(if sign == b'-' { -minutes } else { minutes })
}

/// The number that two digits are.
fn two_digits<N: From<u8>>(tens: u8, ones: u8) -> Option<N> {
    let both = tens.is_ascii_digit() && ones.is_ascii_digit();
    both.then(|| N::from((tens - b'0') * 10 + (ones - b'0')))
}

/// Milliseconds of midnight of a date of the proleptic Gregorian calendar; `None` if there is no such date.
#[must_use]
pub fn date_ms(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days_in_month = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=days_in_month).contains(&day) {
        return None;
    }
    // Days from civil (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some((era * 146_097 + day_of_era - 719_468) * DAY_MS)
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, milliseconds only when there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0.div_euclid(DAY_MS);
        let ms = self.0.rem_euclid(DAY_MS);
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let (day, month) = (
            doy - (153 * mp + 2) / 5 + 1,
            if mp < 10 { mp + 3 } else { mp - 9 },
        );
        let year = yoe + era * 400 + i64::from(month <= 2);
        let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}")?;
        if ms % 1000 != 0 {
            write!(f, ".{:03}", ms % 1000)?;
        }
        f.write_str("Z")
    }
}

impl fmt::Display for Span {
    /// For people: `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0 / 1000;
        match s {
            0..60 => write!(f, "{s} s"),
            60..3600 => write!(f, "{} min", s / 60),
            3600..86_400 if s / 60 % 60 == 0 => write!(f, "{} h", s / 3600),
            3600..86_400 => write!(f, "{} h {} min", s / 3600, s / 60 % 60),
            _ if s / 3600 % 24 == 0 => write!(f, "{} d", s / 86_400),
            _ => write!(f, "{} d {} h", s / 86_400, s / 3600 % 24),
        }
    }
}

/// When something happened, as far as its source said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventTime {
    /// The instant, or the start of the local day; this orders events.
    pub at: Timestamp,
    /// The end of the interval: equal to `at` for an instant.
    pub until: Timestamp,
    /// Minutes east of UTC that the source gave, if it did.
    pub offset_min: Option<i16>,
    /// The local time existed twice or never (a change of the clocks); the earlier reading was taken.
    pub ambiguous: bool,
}

impl EventTime {
    /// An instant with the offset that it was written with.
    #[must_use]
    pub const fn instant(at: Timestamp, offset_min: Option<i16>) -> Self {
        Self {
            at,
            until: at,
            offset_min,
            ambiguous: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expect: Result<&str, TimeError>) {
        let got = Timestamp::parse(text).map(|(t, _)| t.to_string());
        assert_eq!(got.as_deref().map_err(|e| *e), expect, "{text}");
    }

    #[test]
    fn event_times() {
        check(
            "2005-04-03T20:33:31.116-06:00",
            Ok("2005-04-04T02:33:31.116Z"),
        );
        check("2024-02-29T00:00:00Z", Ok("2024-02-29T00:00:00Z"));
        check("2024-12-31T23:59:59.9996Z", Ok("2024-12-31T23:59:59.999Z"));
        check("2016-12-31T23:59:60Z", Ok("2017-01-01T00:00:00Z"));
        check("2023-02-29T00:00:00Z", Err(TimeError::NoSuchTime));
        check("2024-02-29T24:00:00Z", Err(TimeError::NoSuchTime));
        check("2024-02-29T00:00:00", Err(TimeError::Form));
        check("2024-02-29 00:00:00Z", Err(TimeError::Form));
        check("22-07-2026", Err(TimeError::Form));
        check("2024-02-29T00:00:00+15:00", Err(TimeError::NoSuchTime));
        check("1024-02-29T00:00:00Z", Err(TimeError::OutOfRange));
        check("9999-12-31T00:00:00Z", Err(TimeError::OutOfRange));
        check("2024-02-29T00:00:00.Z", Err(TimeError::Form));
    }

    #[test]
    fn spans() {
        assert_eq!(Span::parse("PT15M"), Some(Span::from_secs(900)));
        assert_eq!(Span::parse("P1DT2H"), Some(Span::from_secs(93_600)));
        assert_eq!(Span::parse("PT0.5S"), Some(Span::from_ms(500)));
        for bad in ["", "P", "PT", "15M", "P1Y", "PT-5M", "PT5", "PT5M3"] {
            assert_eq!(Span::parse(bad), None, "{bad}");
        }
        assert_eq!(Span::from_secs(12_000).to_string(), "3 h 20 min");
    }

    proptest! {
        #[test]
        fn display_reads_back(ms in EVENT_TIME_MS_MIN..EVENT_TIME_MS_MAX) {
            let time = Timestamp::from_ms(ms);
            prop_assert_eq!(Timestamp::parse(&time.to_string()), Ok((time, 0)));
        }

        #[test]
        fn no_panic(text in ".{0,40}") {
            let _ = Timestamp::parse(&text);
            let _ = Span::parse(&text);
        }
    }
}
