use super::super::pattern::read_iso;
use super::*;

/// The instant, or the interval of a day, `?` if it was ambiguous, and the offset.
fn check(zone: &str, text: &str, expect: &str) {
    let zone = Zones::built_in().find(zone).expect("is a zone");
    let got = match zone.event_time(read_iso(text).expect("is ISO 8601")) {
        Err(error) => format!("{error:?}"),
        Ok(time) => {
            let until = if time.until == time.at {
                String::new()
            } else {
                format!("..{}", time.until)
            };
            let mark = if time.ambiguous { "?" } else { "" };
            format!(
                "{}{until}{mark} {}",
                time.at,
                time.offset_min.unwrap_or(-9999)
            )
        }
    };
    assert_eq!(got, expect, "{text}");
}

const AMSTERDAM: &str = "Europe/Amsterdam";

#[test]
fn local_times() {
    check(AMSTERDAM, "2026-03-02 08:15:00", "2026-03-02T07:15:00Z 60");
    check(
        AMSTERDAM,
        "2026-07-02 08:15:00.25",
        "2026-07-02T06:15:00.250Z 120",
    );
    check(
        AMSTERDAM,
        "2026-07-02T08:15:00-05:00",
        "2026-07-02T13:15:00Z -300",
    );
    check("+05:30", "2026-07-02 08:15", "2026-07-02T02:45:00Z 330");
    check("Z", "2026-07-02 08:15", "2026-07-02T08:15:00Z 0");
    // Rules go on for ever: a table of changes up to now is not enough.
    check(AMSTERDAM, "2150-07-02 08:15", "2150-07-02T06:15:00Z 120");
}

#[test]
fn times_that_were_twice_or_never() {
    // The clock went from 03:00 back to 02:00.
    check(AMSTERDAM, "2026-10-25 01:59:59", "2026-10-24T23:59:59Z 120");
    check(AMSTERDAM, "2026-10-25 02:30", "2026-10-25T00:30:00Z? 120");
    check(AMSTERDAM, "2026-10-25 03:00", "2026-10-25T02:00:00Z 60");
    // The clock went from 02:00 to 03:00.
    check(AMSTERDAM, "2026-03-29 01:59:59", "2026-03-29T00:59:59Z 60");
    check(AMSTERDAM, "2026-03-29 02:30", "2026-03-29T00:30:00Z? 120");
    check(AMSTERDAM, "2026-03-29 03:00", "2026-03-29T01:00:00Z 120");
    // An offset in the text leaves no doubt.
    check(
        AMSTERDAM,
        "2026-10-25 02:30+01:00",
        "2026-10-25T01:30:00Z 60",
    );
}

#[test]
fn days_are_intervals() {
    check(
        "Z",
        "2026-03-02",
        "2026-03-02T00:00:00Z..2026-03-02T23:59:59.999Z 0",
    );
    check(
        AMSTERDAM,
        "2026-03-02",
        "2026-03-01T23:00:00Z..2026-03-02T22:59:59.999Z 60",
    );
    check(
        AMSTERDAM,
        "2026-03-29",
        "2026-03-28T23:00:00Z..2026-03-29T21:59:59.999Z 60",
    );
    check(
        AMSTERDAM,
        "2026-10-25",
        "2026-10-24T22:00:00Z..2026-10-25T22:59:59.999Z 120",
    );
    // Midnight was left out: the day began at one o'clock.
    check(
        "America/Sao_Paulo",
        "2018-11-04",
        "2018-11-04T03:00:00Z..2018-11-05T01:59:59.999Z -180",
    );
    // Samoa changed sides of the date line and had no 30 December.
    check(
        "Pacific/Apia",
        "2011-12-29",
        "2011-12-29T10:00:00Z..2011-12-30T09:59:59.999Z -600",
    );
    check("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z? -600");
    check(
        "Pacific/Apia",
        "2011-12-31",
        "2011-12-30T10:00:00Z..2011-12-31T09:59:59.999Z 840",
    );
}

#[test]
fn absurd_dates() {
    check("Z", "1969-12-31 23:59:59", "OutOfRange");
    check(AMSTERDAM, "1970-01-01", "OutOfRange");
    check(
        "Z",
        "1970-01-01",
        "1970-01-01T00:00:00Z..1970-01-01T23:59:59.999Z 0",
    );
    check(
        "Z",
        "2199-12-31",
        "2199-12-31T00:00:00Z..2199-12-31T23:59:59.999Z 0",
    );
    check("Z", "2200-01-01", "OutOfRange");
    check(AMSTERDAM, "9999-12-31 23:59", "OutOfRange");
    check(AMSTERDAM, "9999-12-31", "OutOfRange");
    check(AMSTERDAM, "0000-01-01 00:00", "OutOfRange");
}

#[test]
fn zones_by_name() {
    let zones = Zones::built_in();
    for bad in [
        "",
        "Mars/Base",
        "Etc/Unknown",
        "../../etc/passwd",
        "+25:00",
        "CEST?",
    ] {
        assert!(zones.find(bad).is_none(), "{bad}");
    }
    assert!(zones.find(&"A".repeat(1000)).is_none());
    assert!(zones.find("UTC").is_some());
    assert!(zones.names().len() > 400);
}
