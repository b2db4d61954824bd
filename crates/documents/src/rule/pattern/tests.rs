use countersign_model::time::Timestamp;
use proptest::prelude::*;

use super::*;

fn shown(local: Result<Local, TimeError>) -> String {
    match local {
        Err(error) => format!("{error:?}"),
        Ok(local) => {
            let at = Timestamp::from_ms(local.day_ms + local.clock_ms.unwrap_or(0));
            let day = if local.clock_ms.is_none() { " day" } else { "" };
            let offset = local
                .offset_min
                .map_or_else(String::new, |m| format!(" {m}"));
            format!("{}{day}{offset}", at.to_string().trim_end_matches('Z'))
        }
    }
}

fn check(pattern: &str, text: &str, expect: &str) {
    let got = match pattern {
        "iso" => read_iso(text),
        pattern => Pattern::compile(pattern).expect("compiles").read(text),
    };
    assert_eq!(shown(got), expect, "{pattern} {text}");
}

#[test]
fn iso_texts() {
    check("iso", "2026-03-02T08:15:00Z", "2026-03-02T08:15:00 0");
    check(
        "iso",
        "2026-03-02 08:15:00.5+01:00",
        "2026-03-02T08:15:00.500 60",
    );
    check("iso", "2026-03-02 08:15", "2026-03-02T08:15:00");
    check(
        "iso",
        "2026-03-02  08:15:07,25 -0330",
        "2026-03-02T08:15:07.250 -210",
    );
    check("iso", "2026-03-02", "2026-03-02T00:00:00 day");
    check("iso", "2016-12-31T23:59:60.9Z", "2017-01-01T00:00:00 0");
    check("iso", "2026-02-29", "NoSuchTime");
    check("iso", "2026-03-02T24:00:00Z", "NoSuchTime");
    check("iso", "2026-03-02T08:15:00+15:00", "NoSuchTime");
    check("iso", "02.03.2026", "Form");
    check("iso", "2026-03-02T", "Form");
    check("iso", "2026-03-02T08:15:00Zx", "Form");
    check("iso", "2026-03-02T08:15:00é", "Form");
    check("iso", "", "Form");
}

#[test]
fn patterns() {
    check("%d.%m.%Y %H:%M", "2.3.2026   8:05", "2026-03-02T08:05:00");
    check(
        "%d.%m.%Y %H:%M:%S%f",
        "02.03.2026 08:05:07",
        "2026-03-02T08:05:07",
    );
    check(
        "%d.%m.%Y %H:%M:%S%f",
        "02.03.2026 08:05:07,1239",
        "2026-03-02T08:05:07.123",
    );
    check("%Y%m%d%H%M%S", "20260302080507", "2026-03-02T08:05:07");
    check(
        "%m/%d/%y %I:%M %p",
        "3/2/26 12:05 AM",
        "2026-03-02T00:05:00",
    );
    check(
        "%m/%d/%y %I:%M %p",
        "3/2/70 12:05 pm",
        "1970-03-02T12:05:00",
    );
    check("%m/%d/%y %I:%M %p", "3/2/26 13:05 pm", "NoSuchTime");
    check("%d-%b-%Y", "02-MAR-2026", "2026-03-02T00:00:00 day");
    check("%d %B %Y", "2 September 2026", "2026-09-02T00:00:00 day");
    check("%d %b %Y", "2 Sept 2026", "Form");
    check(
        "%Y-%m-%dT%H:%M:%S%z",
        "2026-03-02T08:05:07+01",
        "2026-03-02T08:05:07 60",
    );
    check("%d.%m.%Y", "31.04.2026", "NoSuchTime");
    check("%d.%m.%Y", "1.1.26", "Form");
    check("%d%%%m%%%Y", "1%2%2026", "2026-02-01T00:00:00 day");
}

fn refuse(pattern: &str, expect: &str) {
    let error = Pattern::compile(pattern).expect_err("is refused");
    assert!(error.contains(expect), "{pattern}: {error}");
}

#[test]
fn patterns_that_make_no_time() {
    refuse("%H:%M", "%Y, %y");
    refuse("%Y-%y-%m-%d", "%Y, %y");
    refuse("%Y-%m", "%d");
    refuse("%Y-%m-%d %M", "%M needs %H");
    refuse("%Y-%m-%d %I:%M", "%I needs %p");
    refuse("%Y-%m-%d %H:%S", "%S needs %M");
    refuse("%Y-%m-%d %d", "twice");
    refuse("%Y-%m-%d %Q", "%Q is unknown");
    refuse("%Y-%m-%d %", "single %");
    refuse("%Y-%m-%d %z", "%z needs %H");
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,30}", pattern in "[%YymbdHIpMSfz :.]{0,20}") {
        let _ = read_iso(&text);
        if let Ok(pattern) = Pattern::compile(&pattern) {
            let _ = pattern.read(&text);
        }
    }

    #[test]
    fn what_is_written_is_read(day in 0_i64..80_000, clock in 0_i64..86_400_000) {
        let at = Timestamp::from_ms(day * 86_400_000 + clock);
        let local = read_iso(&at.to_string()).expect("is ISO 8601");
        prop_assert_eq!(local.day_ms + local.clock_ms.unwrap_or(0), at.ms());
    }
}
