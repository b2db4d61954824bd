//! When somebody is there to be heard: the hours of a source, while the node listened.

use countersign_model::hours::Hours;
use countersign_model::time::{DAY_MS, Span, Timestamp};
use jiff::Timestamp as Instant;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

use super::outages::Outages;
use crate::limits::OPENING_DAYS_MAX;

/// Hours by the clock of a site. Zones come from the tables that are built into this release.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    hours: Hours,
    zone: TimeZone,
}

/// What of time counts for a source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listening<'a> {
    pub(crate) outages: &'a Outages,
    /// Always, if it has none.
    pub(crate) opening: Option<&'a Opening>,
}

impl Opening {
    /// Hours in an IANA zone; in UTC, if there is none of that name.
    pub(crate) fn new(hours: Hours, zone: &str) -> Self {
        let zone = TimeZoneDatabase::bundled().get(zone);
        Self {
            hours,
            zone: zone.unwrap_or(TimeZone::UTC),
        }
    }

    /// The times in which it is open, from the day of an instant on, by time.
    fn since(&self, from: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        // A zone is less than a day away from UTC.
        let first = date_of(from.plus(Span::from_ms(-DAY_MS)));
        let days = std::iter::successors(first, |day| day.tomorrow().ok());
        let spans = days.take(OPENING_DAYS_MAX).flat_map(|day| {
            let weekday = day.weekday().to_monday_zero_offset().unsigned_abs();
            let spans: Vec<(u16, u16)> = self.hours.on(weekday).collect();
            spans.into_iter().map(move |span| (day, span))
        });
        let spans = spans.filter_map(|(day, (open, close))| {
            Some((self.instant(day, open)?, self.instant(day, close)?))
        });
        spans.filter(move |(open, close)| open < close && *close > from)
    }

    /// When it is so many minutes behind midnight by the clock there; of two such times the first, of none
    /// the one at which the clock was set.
    fn instant(&self, day: Date, minute: u16) -> Option<Timestamp> {
        let midnight = day.to_datetime(jiff::civil::Time::midnight());
        let minutes = jiff::Span::new().minutes(minute);
        let local: DateTime = midnight.checked_add(minutes).ok()?;
        let zoned = self.zone.to_ambiguous_timestamp(local).compatible().ok()?;
        Some(Timestamp::from_ms(zoned.as_millisecond()))
    }
}

fn date_of(at: Timestamp) -> Option<Date> {
    let at = Instant::from_millisecond(at.ms()).ok()?;
    Some(Offset::UTC.to_datetime(at).date())
}

impl Listening<'_> {
    /// When `span` of listening is over that began then.
    pub(crate) fn term(&self, from: Timestamp, span: Span) -> Timestamp {
        let Some(opening) = self.opening else {
            return self.outages.term(from, span);
        };
        let mut left = span;
        let mut last = from;
        for (open, close) in opening.since(from) {
            let open = open.max(from);
            let listened = self.outages.listened(open, close);
            if left <= listened {
                return self.outages.term(open, left);
            }
            left = Span::from_ms(left.ms() - listened.ms());
            last = close;
        }
        last.plus(left)
    }

    /// How much of an interval counts.
    pub(crate) fn listened(&self, from: Timestamp, until: Timestamp) -> Span {
        let Some(opening) = self.opening else {
            return self.outages.listened(from, until);
        };
        let open = opening.since(from).take_while(|(open, _)| *open < until);
        let counted = open.map(|(open, close)| {
            let (open, close) = (open.max(from), close.min(until));
            self.outages.listened(open, close).ms()
        });
        Span::from_ms(counted.sum())
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::time::MINUTE_MS as MINUTE;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time").0
    }

    fn check(hours: &str, zone: &str, from: &str, minutes: i64, term: &str) {
        let opening = Opening::new(Hours::parse(hours).expect("hours"), zone);
        let outages = Outages::default();
        let listening = Listening {
            outages: &outages,
            opening: Some(&opening),
        };
        let span = Span::from_ms(minutes * MINUTE);
        let found = listening.term(at(from), span);
        assert_eq!(found, at(term), "{hours} {zone}: {from} + {minutes} min");
        assert_eq!(listening.listened(at(from), found), span);
    }

    #[test]
    fn time_stands_still_while_nobody_is_there() {
        let office = "Mon-Fri 06:00-22:00";
        // 2026-03-02 is a Monday.
        check(
            office,
            "UTC",
            "2026-03-02T12:00:00Z",
            30,
            "2026-03-02T12:30:00Z",
        );
        check(
            office,
            "UTC",
            "2026-03-02T21:50:00Z",
            30,
            "2026-03-03T06:20:00Z",
        );
        check(
            office,
            "UTC",
            "2026-03-06T21:50:00Z",
            30,
            "2026-03-09T06:20:00Z",
        );
        check(
            office,
            "UTC",
            "2026-03-07T12:00:00Z",
            30,
            "2026-03-09T06:30:00Z",
        );
        check(
            office,
            "Europe/Amsterdam",
            "2026-03-02T20:50:00Z",
            30,
            "2026-03-03T05:20:00Z",
        );
        check(
            office,
            "Nowhere/At-all",
            "2026-03-02T21:50:00Z",
            30,
            "2026-03-03T06:20:00Z",
        );
        check(
            "Mon-Sun 00:00-24:00",
            "UTC",
            "2026-03-02T23:50:00Z",
            30,
            "2026-03-03T00:20:00Z",
        );
        // The night in which an hour is left out, and the one that has it twice.
        let night = "Sat 22:00-06:00";
        check(
            night,
            "Europe/Amsterdam",
            "2026-03-28T21:00:00Z",
            7 * 60,
            "2026-03-29T04:00:00Z",
        );
        check(
            night,
            "Europe/Amsterdam",
            "2026-10-24T20:00:00Z",
            9 * 60,
            "2026-10-25T05:00:00Z",
        );
    }

    #[test]
    fn nor_while_the_node_does_not_run() {
        let opening = Opening::new(Hours::parse("Mon-Sun 06:00-22:00").expect("hours"), "UTC");
        let mut outages = Outages::default();
        outages.add(countersign_model::act::Outage {
            from: at("2026-03-02T21:00:00Z"),
            until: at("2026-03-03T07:00:00Z"),
        });
        let listening = Listening {
            outages: &outages,
            opening: Some(&opening),
        };
        let hour = Span::from_ms(60 * MINUTE);
        let begin = at("2026-03-02T20:30:00Z");
        assert_eq!(listening.term(begin, hour), at("2026-03-03T07:30:00Z"));
        assert_eq!(
            listening.listened(begin, at("2026-03-03T08:00:00Z")).ms(),
            90 * MINUTE
        );
    }
}
