//! Plain text: keys as people say them, times where they happened, wrapped lines.

use countersign_model::decimal::Decimal;
use countersign_model::time::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::limits::{WIDTH, WORD_CHARS_MAX};

/// GS1 application identifiers whose keys have a name of their own.
const KEYS: [(&str, &str); 9] = [
    ("00", "SSCC"),
    ("01", "GTIN"),
    ("253", "GDTI"),
    ("401", "GINC"),
    ("402", "GSIN"),
    ("414", "GLN"),
    ("417", "GLN"),
    ("8003", "GRAI"),
    ("8004", "GIAI"),
];
/// Identifiers of what follows the number.
const TAILS: [(&str, &str); 4] = [
    ("10", "lot"),
    ("21", "serial"),
    ("235", "serial"),
    ("254", "extension"),
];

/// A key as people say it: `SSCC 340123451111111111`, `GTIN 04012345123456 serial 7`,
/// `plate LP-77`; any other identifier as it is.
#[must_use]
pub fn key(id: &str) -> String {
    let private = id.strip_prefix("urn:countersign:key:1:");
    if let Some((scheme, value)) = private.and_then(|rest| rest.split_once(':')) {
        return clean(&format!("{scheme} {}", percent_decoded(value)));
    }
    let parts: Vec<&str> = match id.strip_prefix("https://id.gs1.org/") {
        Some(rest) => rest.split('/').collect(),
        None => Vec::new(),
    };
    let said = |list: &[(&str, &'static str)], ai: &str| {
        let row = list.iter().find(|(known, _)| *known == ai);
        row.map(|(_, word)| *word)
    };
    let words = match parts.as_slice() {
        [ai, number] => said(&KEYS, ai).map(|word| format!("{word} {number}")),
        [ai, number, tail, value] => said(&KEYS, ai)
            .zip(said(&TAILS, tail))
            .map(|(word, tail)| format!("{word} {number} {tail} {value}")),
        _ => None,
    };
    clean(words.as_deref().unwrap_or(id))
}

/// A value of a private key as it was before its reserved bytes were percent-encoded; as it is if
/// that is no text.
fn percent_decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = hex.and_then(|two| u8::from_str_radix(two, 16).ok());
        match (first, byte, tail.get(2..)) {
            (b'%', Some(byte), Some(behind)) => {
                bytes.push(byte);
                rest = behind;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| value.to_owned())
}

/// The text without what could steer a terminal or turn words around, cut to [`WORD_CHARS_MAX`].
#[must_use]
pub fn clean(text: &str) -> String {
    let shown = text.chars().take(WORD_CHARS_MAX);
    shown
        .map(|c| {
            if c.is_control() || turns_words(c) {
                '?'
            } else {
                c
            }
        })
        .collect()
}

/// The marks of writing direction (Unicode Bidi_Control).
const fn turns_words(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A number with a comma before every third digit: `20,000`, `-1,204.5`.
#[must_use]
pub fn grouped(number: &str) -> String {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut out = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.chars().count() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// Money as people write it: `4,200.00 EUR`; what is no decimal stays as it is.
#[must_use]
pub fn money(amount: &str, currency: &str) -> String {
    let cents = Decimal::parse(amount).map(|decimal| {
        let text = decimal.to_string();
        let places = text.split_once('.').map_or(0, |(_, rest)| rest.len());
        match places {
            0 => format!("{text}.00"),
            1 => format!("{text}0"),
            _ => text,
        }
    });
    let number = cents.as_deref().map_or_else(|| clean(amount), grouped);
    format!("{number} {}", clean(currency))
}

/// A unit of measure as people say it; any other code as it is.
#[must_use]
pub fn uom(code: &str) -> String {
    match code {
        "C62" => "pieces".to_owned(),
        "KGM" => "kg".to_owned(),
        other => clean(other),
    }
}

/// `1 unit`, `2 units`, `20,000 units`.
#[must_use]
pub fn counted(count: u64, one: &str, many: &str) -> String {
    let word = if count == 1 { one } else { many };
    format!("{} {word}", grouped(&count.to_string()))
}

/// An instant by the clock of a time zone, with its offset: `2026-03-02 11:20:05+01:00`. Without
/// a known zone in UTC: `2026-03-02 10:20:05Z`.
#[must_use]
pub fn time(at: Timestamp, zone: Option<&str>) -> String {
    let (date, clock, offset) = clock(at, zone);
    format!("{date} {clock}{offset}")
}

/// Who stands behind a claim, in words: its signer and how sure that is, or the source that an
/// import named, which signed nothing. Takes the text forms of docs/formats/custody.md.
#[must_use]
pub fn signed(signer: &str, assurance: &str) -> String {
    let signer = clean(signer);
    match assurance {
        "import" => format!("unsigned, from {signer}"),
        other => format!("signed by {signer} ({})", clean(other).replace('_', " ")),
    }
}

/// Whether it is a name of the time zone database.
#[must_use]
pub fn is_time_zone(name: &str) -> bool {
    TimeZoneDatabase::bundled().get(name).is_ok()
}

/// The day of an instant in a time zone, as year, month and day; UTC if there is no such zone.
#[must_use]
pub fn day_of(at: Timestamp, zone: &str) -> String {
    clock(at, Some(zone)).0
}

/// When a day (`2026-03-02`) begins and ends in a time zone; `None` if that is no day, or no zone.
#[must_use]
pub fn day_bounds(day: &str, zone: &str) -> Option<(Timestamp, Timestamp)> {
    let zone = TimeZoneDatabase::bundled().get(zone).ok()?;
    let date: jiff::civil::Date = day.parse().ok()?;
    let begin = |date: jiff::civil::Date| {
        let zoned = date.to_zoned(zone.clone()).ok()?;
        Some(Timestamp::from_ms(zoned.timestamp().as_millisecond()))
    };
    Some((begin(date)?, begin(date.tomorrow().ok()?)?))
}

/// Date, time of day and offset of an instant in a time zone.
#[must_use]
pub fn clock(at: Timestamp, zone: Option<&str>) -> (String, String, String) {
    let known = zone.and_then(|name| TimeZoneDatabase::bundled().get(name).ok());
    let is_utc = known.is_none();
    let zoned = jiff::Timestamp::from_millisecond(at.ms())
        .map(|instant| instant.to_zoned(known.unwrap_or(TimeZone::UTC)));
    match zoned {
        Ok(zoned) => {
            let offset = if is_utc {
                "Z".to_owned()
            } else {
                zoned.strftime("%:z").to_string()
            };
            let date = zoned.strftime("%Y-%m-%d").to_string();
            (date, zoned.strftime("%H:%M:%S").to_string(), offset)
        }
        // Beyond the calendar: no instant that anything here gives.
        Err(_) => (at.to_string(), String::new(), String::new()),
    }
}

/// The text as one word for [`wrapped`], which gives it its blanks back.
#[must_use]
pub fn glued(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

/// Words in lines of at most [`WIDTH`] columns, each line but the first indented by `indent`
/// blanks. A longer word has a line of its own.
#[must_use]
pub fn wrapped(first: &str, words: &str, indent: usize) -> String {
    let mut out = String::from(first);
    let mut column = first.chars().count();
    let mut is_fresh = true;
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if !is_fresh && column + 1 + length > WIDTH {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if !is_fresh {
            out.push(' ');
            column += 1;
        }
        out.push_str(&word.replace('\u{a0}', " "));
        column += length;
        is_fresh = false;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(got: &str, expect: &str) {
        assert_eq!(got, expect);
    }

    #[test]
    fn keys_are_said_as_people_say_them() {
        check(
            &key("https://id.gs1.org/00/340123451111111111"),
            "SSCC 340123451111111111",
        );
        check(
            &key("https://id.gs1.org/01/04012345123456/21/7"),
            "GTIN 04012345123456 serial 7",
        );
        check(
            &key("https://id.gs1.org/01/04012345123456/10/L7"),
            "GTIN 04012345123456 lot L7",
        );
        check(
            &key("https://id.gs1.org/414/4012345000016"),
            "GLN 4012345000016",
        );
        check(
            &key("https://id.gs1.org/8018/401234500000000018"),
            "https://id.gs1.org/8018/401234500000000018",
        );
        check(&key("urn:countersign:key:1:plate:LP-77"), "plate LP-77");
        check(&key("urn:countersign:key:1:run:A%20%C3%A9/7"), "run A é/7");
        check(&key("urn:countersign:key:1:run:7%"), "run 7%");
        check(&key("urn:countersign:key:1:run:%FF%1B"), "run %FF%1B");
        check(&key("urn:countersign:key:1:run:a%1Bb"), "run a?b");
        check(&key("urn:example:dock:1"), "urn:example:dock:1");
        check(&key("a\u{1b}[31mb"), "a?[31mb");
        check(&key("a\u{202e}b"), "a?b");
    }

    #[test]
    fn numbers_and_money() {
        check(&grouped("7"), "7");
        check(&grouped("-1204.5"), "-1,204.5");
        check(&grouped("20000000"), "20,000,000");
        check(&money("4200", "EUR"), "4,200.00 EUR");
        check(&money("649.5", "EUR"), "649.50 EUR");
        check(&money("0.125", "EUR"), "0.125 EUR");
        check(&money("much", "EUR"), "much EUR");
        check(&counted(1, "unit", "units"), "1 unit");
        check(&counted(1204, "unit", "units"), "1,204 units");
    }

    #[test]
    fn times_are_those_of_the_place() {
        let at = |text| Timestamp::parse(text).expect("time").0;
        let winter = at("2026-03-02T10:20:05.700Z");
        let summer = at("2026-07-02T10:20:05Z");
        check(
            &time(winter, Some("Europe/Amsterdam")),
            "2026-03-02 11:20:05+01:00",
        );
        check(
            &time(summer, Some("Europe/Amsterdam")),
            "2026-07-02 12:20:05+02:00",
        );
        check(
            &time(winter, Some("Nowhere/At_All")),
            "2026-03-02 10:20:05Z",
        );
        check(&time(winter, None), "2026-03-02 10:20:05Z");
    }

    proptest! {
        #[test]
        fn lines_fit_and_words_stay(words in proptest::collection::vec("[a-z]{1,30}", 0..40)) {
            let text = wrapped("  Head   ", &words.join(" "), 9);
            prop_assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{}", text);
            let got: Vec<&str> = text.split_whitespace().skip(1).collect();
            prop_assert_eq!(&got, &words);
            let pairs: Vec<String> = words.chunks(2).map(|pair| glued(&pair.join(" "))).collect();
            let text = wrapped("", &pairs.join(" "), 0);
            for pair in words.chunks(2) {
                prop_assert!(text.contains(&pair.join(" ")), "{}", text);
            }
        }

        #[test]
        fn nothing_steers_a_terminal(text in any::<String>()) {
            prop_assert!(!key(&text).chars().any(char::is_control));
        }
    }
}
