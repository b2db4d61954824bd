//! From a time on the wall to an instant.
//!
//! Zones come from the tables that are built into this release, never from the machine: the
//! same row gives the same instant everywhere. (A release with newer tables may give another
//! one; that is a new fold version.)

use countersign_model::limits::{EVENT_TIME_MS_MAX, EVENT_TIME_MS_MIN};
use countersign_model::time::{DAY_MS, EventTime, TimeError, Timestamp, parse_offset};
use jiff::Timestamp as Instant;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use super::pattern::Local;
use crate::limits::COMPARED_BYTES_MAX;

/// What turns a local time into an instant.
#[derive(Clone, Debug)]
pub(crate) enum Zone {
    /// Minutes east of UTC.
    Fixed(i16),
    /// An IANA zone.
    Named(TimeZone),
}

/// The built-in zones.
#[derive(Clone, Debug)]
pub(crate) struct Zones(TimeZoneDatabase);

impl Zones {
    pub(crate) fn built_in() -> Self {
        Self(TimeZoneDatabase::bundled())
    }

    /// `Z`, `+01:00` or an IANA name.
    pub(crate) fn find(&self, text: &str) -> Option<Zone> {
        if let Ok(offset) = parse_offset(text) {
            return Some(Zone::Fixed(offset));
        }
        // "Etc/Unknown" is what a system says that knows no zone.
        let possible =
            text.len() <= COMPARED_BYTES_MAX && !text.eq_ignore_ascii_case("etc/unknown");
        let zone = possible.then(|| self.0.get(text).ok()).flatten()?;
        Some(Zone::Named(zone))
    }

    /// Every IANA name.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.available().map(|name| name.to_string()).collect()
    }
}

impl Zone {
    /// The instant of a local time, or the interval of a day (format law 9). An offset in the
    /// text goes before the zone. Of a time that existed twice or never, the earlier reading
    /// is taken and marked.
    pub(crate) fn event_time(&self, local: Local) -> Result<EventTime, TimeError> {
        let Some(clock_ms) = local.clock_ms else {
            return self.day(local.day_ms);
        };
        let local_ms = local.day_ms + clock_ms;
        let (offset_s, ambiguous) = match (local.offset_min, self) {
            (Some(offset), _) | (None, &Self::Fixed(offset)) => (i32::from(offset) * 60, false),
            (None, Self::Named(zone)) => offset_s(zone, local_ms)?,
        };
        let at = in_range(local_ms - i64::from(offset_s) * 1000)?;
        Ok(EventTime {
            ambiguous,
            ..EventTime::instant(at, i16::try_from(offset_s / 60).ok())
        })
    }

    /// From the first instant of a local day to its last millisecond.
    fn day(&self, day_ms: i64) -> Result<EventTime, TimeError> {
        let (start, next) = match self {
            Self::Fixed(offset) => {
                let start = day_ms - i64::from(*offset) * 60_000;
                (start, start + DAY_MS)
            }
            Self::Named(zone) => (first_ms(zone, day_ms)?, first_ms(zone, day_ms + DAY_MS)?),
        };
        let at = in_range(start)?;
        let until = Timestamp::from_ms(next - 1).max(at);
        Ok(EventTime {
            at,
            until,
            offset_min: i16::try_from((day_ms - start) / 60_000).ok(),
            // A day that a zone left out, when it changed sides of the date line.
            ambiguous: next <= start,
        })
    }
}

fn in_range(ms: i64) -> Result<Timestamp, TimeError> {
    if (EVENT_TIME_MS_MIN..EVENT_TIME_MS_MAX).contains(&ms) {
        Ok(Timestamp::from_ms(ms))
    } else {
        Err(TimeError::OutOfRange)
    }
}

fn wall_clock(local_ms: i64) -> Result<jiff::civil::DateTime, TimeError> {
    let at = Instant::from_millisecond(local_ms).map_err(|_| TimeError::OutOfRange)?;
    Ok(Offset::UTC.to_datetime(at))
}

/// Seconds east of UTC in force at a local time, and whether there was a choice.
fn offset_s(zone: &TimeZone, local_ms: i64) -> Result<(i32, bool), TimeError> {
    let found = zone.to_ambiguous_timestamp(wall_clock(local_ms)?);
    Ok(match found.offset() {
        AmbiguousOffset::Unambiguous { offset } => (offset.seconds(), false),
        // The greater offset gives the earlier instant.
        AmbiguousOffset::Gap { before, after } | AmbiguousOffset::Fold { before, after } => {
            (before.seconds().max(after.seconds()), true)
        }
    })
}

/// The first instant of a local day.
fn first_ms(zone: &TimeZone, day_ms: i64) -> Result<i64, TimeError> {
    let found = zone.to_ambiguous_timestamp(wall_clock(day_ms)?);
    // Where midnight was left out, the offset before the change leads to the change itself;
    // where it came twice, the first one begins the day.
    let first = found.compatible().map_err(|_| TimeError::OutOfRange)?;
    Ok(first.as_millisecond())
}

#[cfg(test)]
mod tests;
