//! The days: the first is 2026-03-02 in UTC, all are worked in Amsterdam's local time.

use countersign_model::time::{DAY_MS, Span, Timestamp, date_ms};

const HOUR_MS: i64 = 3_600_000;

/// One day of the world, by its number from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(pub(crate) usize);

impl Day {
    /// Midnight (UTC) at which it starts.
    pub(crate) fn start(self) -> Timestamp {
        let first = date_ms(2026, 3, 2).expect("2026-03-02 is a date");
        Timestamp::from_ms(first + i64::try_from(self.0).unwrap_or(0) * DAY_MS)
    }

    /// Midnight at which it ends.
    pub(crate) fn end(self) -> Timestamp {
        Self(self.0 + 1).start()
    }

    /// That time of the day, in UTC.
    pub(crate) fn at(self, hour: i64, minute: i64) -> Timestamp {
        self.start().plus(minutes(hour * 60 + minute))
    }
}

/// A span of minutes.
pub(crate) const fn minutes(n: i64) -> Span {
    Span::from_secs(n * 60)
}

/// The instant moved by a number of minutes, back when negative.
pub(crate) const fn shifted(at: Timestamp, n: i64) -> Timestamp {
    Timestamp::from_ms(at.ms() + n * 60_000)
}

/// What local time adds to UTC at that instant: an hour, two in summer.
fn offset_hours(at: Timestamp) -> i64 {
    let year = year_of(at);
    // The clocks change at 01:00 UTC on the last Sundays of March and October.
    let changes = |month| last_sunday(year, month) + HOUR_MS;
    if (changes(3)..changes(10)).contains(&at.ms()) {
        2
    } else {
        1
    }
}

fn year_of(at: Timestamp) -> i64 {
    let mut year = 1970 + at.ms() / (366 * DAY_MS);
    while date_ms(year + 1, 1, 1).is_some_and(|next| next <= at.ms()) {
        year += 1;
    }
    year
}

/// Midnight of the last Sunday of a month of 31 days.
fn last_sunday(year: i64, month: i64) -> i64 {
    let last = date_ms(year, month, 31).expect("March and October have 31 days");
    // 1970-01-01 was a Thursday.
    last - (last / DAY_MS + 4).rem_euclid(7) * DAY_MS
}

/// `+01:00`: what devices write beside their event times.
pub(crate) fn offset_text(at: Timestamp) -> String {
    format!("+{:02}:00", offset_hours(at))
}

/// `2026-03-02T09:15:00.250+01:00`: an event time as devices write it, in local time.
pub(crate) fn local_text(at: Timestamp) -> String {
    let text = Timestamp::from_ms(at.ms() + offset_hours(at) * HOUR_MS).to_string();
    let text = text.trim_end_matches('Z');
    let fraction = if text.contains('.') { "" } else { ".000" };
    format!("{text}{fraction}{}", offset_text(at))
}

/// The instant that divides `from`..`until` as `step` of `steps`.
pub(crate) fn spread(from: Timestamp, until: Timestamp, step: usize, steps: usize) -> Timestamp {
    let width = until.since(from).ms();
    let (step, steps) = (
        i64::try_from(step).unwrap_or(0),
        i64::try_from(steps.max(1)).unwrap_or(1),
    );
    Timestamp::from_ms(from.ms() + width * step / steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_texts_read_back() {
        let day = Day(0);
        let instant = Timestamp::from_ms(day.at(8, 15).ms() + 250);
        assert_eq!(local_text(instant), "2026-03-02T09:15:00.250+01:00");
        assert_eq!(local_text(day.at(8, 15)), "2026-03-02T09:15:00.000+01:00");
        assert_eq!(Timestamp::parse(&local_text(instant)), Ok((instant, 60)));
        assert_eq!(spread(day.at(8, 0), day.at(9, 0), 1, 4), day.at(8, 15));
        assert_eq!(shifted(day.at(8, 0), -30), day.at(7, 30));
    }

    #[test]
    fn the_clocks_change_on_the_last_sundays_of_march_and_october() {
        let check = |utc: &str, local: &str| {
            let (at, _) = Timestamp::parse(utc).expect("a time");
            assert_eq!(local_text(at), local);
        };
        check("2026-03-29T00:59:59Z", "2026-03-29T01:59:59.000+01:00");
        check("2026-03-29T01:00:00Z", "2026-03-29T03:00:00.000+02:00");
        check("2026-10-25T00:59:59Z", "2026-10-25T02:59:59.000+02:00");
        check("2026-10-25T01:00:00Z", "2026-10-25T02:00:00.000+01:00");
        check("2027-12-31T23:00:00Z", "2028-01-01T00:00:00.000+01:00");
    }

    #[test]
    fn days_follow_each_other() {
        assert_eq!(Day(0).end(), Day(1).start());
        assert_eq!(Day(1).at(24, 0), Day(1).end());
        assert_eq!(local_text(Day(30).start()), "2026-04-01T02:00:00.000+02:00");
    }
}
