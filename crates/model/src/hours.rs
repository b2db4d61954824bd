//! Hours of a week: when somebody is there to be heard.
//!
//! Written as in `Mon-Fri 06:00-22:00, Sat 08:00-12:00`: days and times by the clock on the wall, a
//! time that ends before it begins ends on the next day, and `24:00` is midnight.

use std::fmt;

/// Minutes of a day and of a week, which begins on Monday at midnight.
const DAY: u16 = 24 * 60;
const WEEK: u16 = 7 * DAY;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Spans of one text: what people write on a door.
const SPANS_MAX: usize = 32;

/// See the module. At least one minute of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// Minutes of the week, each from one up to another, by time and apart from each other.
    spans: Vec<(u16, u16)>,
}

/// Why a text says no hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// No list of days with times.
    #[error("is not like `Mon-Fri 06:00-22:00, Sat 08:00-12:00`")]
    Form,
    /// A time from an instant up to the same.
    #[error("has a time that is over when it begins; all day is 00:00-24:00")]
    Empty,
    /// Too many of them.
    #[error("has more than {SPANS_MAX} times")]
    TooMany,
}

impl Hours {
    /// Reads the text.
    ///
    /// # Errors
    /// [`HoursError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, HoursError> {
        let mut minutes: Vec<(u16, u16)> = Vec::new();
        for (nth, part) in text.split(',').enumerate() {
            if nth == SPANS_MAX {
                return Err(HoursError::TooMany);
            }
            let (days, times) = part.trim().split_once(' ').ok_or(HoursError::Form)?;
            let (from, until) = times.trim().split_once('-').ok_or(HoursError::Form)?;
            let (from, until) = (minute(from)?, minute(until)?);
            if from == until || from == DAY {
                return Err(HoursError::Empty);
            }
            let length = if until > from {
                until - from
            } else {
                until + DAY - from
            };
            for day in days_of(days)? {
                let begin = day * DAY + from;
                let end = begin + length;
                minutes.push((begin, end.min(WEEK)));
                if end > WEEK {
                    minutes.push((0, end - WEEK));
                }
            }
        }
        Ok(Self {
            spans: joined(minutes),
        })
    }

    /// The minutes of the day that belong to them, each from one up to another, by time; the days are
    /// counted from Monday, which is 0.
    pub fn on(&self, day: u8) -> impl Iterator<Item = (u16, u16)> {
        let begin = u16::from(day % 7) * DAY;
        let spans = self.spans.iter().map(move |(from, until)| {
            let [from, until] = [from, until].map(|minute| (*minute).clamp(begin, begin + DAY));
            (from - begin, until - begin)
        });
        spans.filter(|(from, until)| from < until)
    }
}

/// As it is read, a day at a time.
impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut is_first = true;
        for (day, name) in (0_u8..).zip(DAYS) {
            for (from, until) in self.on(day) {
                if !std::mem::take(&mut is_first) {
                    f.write_str(", ")?;
                }
                let [from, until] = [from, until].map(|m| format!("{:02}:{:02}", m / 60, m % 60));
                write!(f, "{name} {from}-{until}")?;
            }
        }
        Ok(())
    }
}

fn joined(mut minutes: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    minutes.sort_unstable();
    let mut spans: Vec<(u16, u16)> = Vec::new();
    for (from, until) in minutes {
        match spans.last_mut() {
            Some((_, last)) if from <= *last => *last = until.max(*last),
            _ => spans.push((from, until)),
        }
    }
    spans
}

fn days_of(text: &str) -> Result<Vec<u16>, HoursError> {
    let day = |text: &str| {
        let at = DAYS.iter().position(|day| day.eq_ignore_ascii_case(text));
        at.and_then(|at| u16::try_from(at).ok())
            .ok_or(HoursError::Form)
    };
    let Some((first, last)) = text.split_once('-') else {
        return Ok(vec![day(text)?]);
    };
    let (first, last) = (day(first)?, day(last)?);
    let count = (last + 7 - first) % 7;
    Ok((0..=count).map(|nth| (first + nth) % 7).collect())
}

/// `HH:MM`, up to 24:00.
fn minute(text: &str) -> Result<u16, HoursError> {
    let (hours, minutes) = text.trim().split_once(':').ok_or(HoursError::Form)?;
    let number = |text: &str| {
        let is_two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_two.then(|| text.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = number(hours).zip(number(minutes)).ok_or(HoursError::Form)?;
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= DAY)
        .then_some(minute)
        .ok_or(HoursError::Form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_and_written() {
        let check = |text: &str, expect: &str| {
            let hours = Hours::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(hours.to_string(), expect, "{text}");
            assert_eq!(Hours::parse(expect), Ok(hours), "{text}");
        };
        check("Sat 08:00-12:00", "Sat 08:00-12:00");
        check("Mon-Tue 06:00-22:00", "Mon 06:00-22:00, Tue 06:00-22:00");
        check(
            "sat-mon 10:00-11:00",
            "Mon 10:00-11:00, Sat 10:00-11:00, Sun 10:00-11:00",
        );
        check("Mon 22:00-06:00", "Mon 22:00-24:00, Tue 00:00-06:00");
        check("Sun 22:00-06:00", "Mon 00:00-06:00, Sun 22:00-24:00");
        check(
            "Mon 08:00-12:00,Mon 11:00-13:00,  Mon 13:00-14:00",
            "Mon 08:00-14:00",
        );
        check("Wed 00:00-24:00", "Wed 00:00-24:00");
    }

    #[test]
    fn what_says_no_hours_says_why() {
        let check = |text: &str, expect| assert_eq!(Hours::parse(text), Err(expect), "{text}");
        for text in [
            "",
            "Mon",
            "Mon 8:00-12:00",
            "Mon 08:00",
            "Mon 08:00-25:00",
            "Mon 08:60-12:00",
            "Day 08:00-12:00",
            "Mon-Fri-Sat 08:00-12:00",
            "Mon 08:00-12:00,",
            "Mon 24:01-12:00",
            "Mon +8:00-12:00",
        ] {
            check(text, HoursError::Form);
        }
        check("Mon 08:00-08:00", HoursError::Empty);
        check("Mon 24:00-08:00", HoursError::Empty);
        check(&["Mon 08:00-09:00"; 33].join(","), HoursError::TooMany);
    }
}
