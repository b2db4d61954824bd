//! The day: 2026-03-02 in UTC, worked in Amsterdam's winter time.

use countersign_model::time::{Span, Timestamp, date_ms};

/// What every site's local time adds to UTC on that day.
pub(crate) const OFFSET_TEXT: &str = "+01:00";
const OFFSET_MS: i64 = 3_600_000;

/// Midnight (UTC) at which the scenario starts.
pub(crate) fn start() -> Timestamp {
    Timestamp::from_ms(date_ms(2026, 3, 2).expect("2026-03-02 is a date"))
}

/// Midnight at which it ends.
pub(crate) fn end() -> Timestamp {
    start().plus(minutes(24 * 60))
}

/// That time of the day, in UTC.
pub(crate) fn at(hour: i64, minute: i64) -> Timestamp {
    start().plus(minutes(hour * 60 + minute))
}

/// A span of minutes.
pub(crate) const fn minutes(n: i64) -> Span {
    Span::from_secs(n * 60)
}

/// The instant moved by a number of minutes, back when negative.
pub(crate) const fn shifted(at: Timestamp, n: i64) -> Timestamp {
    Timestamp::from_ms(at.ms() + n * 60_000)
}

/// `2026-03-02T09:15:00.250+01:00`: an event time as devices write it, in local time.
pub(crate) fn local_text(at: Timestamp) -> String {
    let text = Timestamp::from_ms(at.ms() + OFFSET_MS).to_string();
    let text = text.trim_end_matches('Z');
    let fraction = if text.contains('.') { "" } else { ".000" };
    format!("{text}{fraction}{OFFSET_TEXT}")
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
        let instant = Timestamp::from_ms(at(8, 15).ms() + 250);
        assert_eq!(local_text(instant), "2026-03-02T09:15:00.250+01:00");
        assert_eq!(local_text(at(8, 15)), "2026-03-02T09:15:00.000+01:00");
        assert_eq!(Timestamp::parse(&local_text(instant)), Ok((instant, 60)));
        assert_eq!(spread(at(8, 0), at(9, 0), 1, 4), at(8, 15));
        assert_eq!(shifted(at(8, 0), -30), at(7, 30));
    }
}
