use serde_json::json;

use super::*;
use crate::limits::WIDTH;
use crate::sample::{Day, unit};

fn check(n: usize, expect: &str) {
    let day = Day::played();
    let timeline = day.ledger.timeline(&unit(n)).expect("known");
    let value = timeline_json(&timeline, day.ledger.network());
    let text = timeline_text(&value);
    assert_eq!(text, expect, "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
}

#[test]
fn a_unit_that_arrived() {
    check(0, include_str!("../../testdata/timeline_arrived.txt"));
}

#[test]
fn a_unit_that_did_not() {
    check(1, include_str!("../../testdata/timeline_missing.txt"));
}

#[test]
fn anything_else_is_no_timeline() {
    for other in [json!(null), json!({"unit": "x"}), json!([])] {
        assert_eq!(timeline_text(&other), "This is not a timeline.\n");
    }
}

#[test]
fn gaps_write_offs_and_words_without_effect() {
    let claim = |effect: &str| {
        json!({"link": "claim", "claim": "9.0", "time": "2026-03-02T23:30:00Z", "site": "urn:x:ams",
            "documents": [], "signer": "device:a", "assurance": "import", "effect": effect,
            "account_after": {"account": "opening_stock"}, "basis": "assumed"})
    };
    let value = json!({
        "unit": "urn:x:1", "keys": ["urn:x:1", "urn:x:2"], "account": {"account": "written_off"},
        "links": [
            claim("taken_back"),
            {"link": "gap", "from": "urn:x:ams", "since": "2026-03-02T20:00:00Z",
                "to": "urn:x:lis", "until": "2026-03-02T23:40:00Z"},
            claim("locked"),
            {"link": "written_off", "claim": "12.0", "time": "2026-03-04T08:00:00Z"},
        ],
        "forgotten": 2,
        "expectations": [],
        "discrepancies": [],
        "names": {"urn:x:ams": {"label": "Amsterdam", "time_zone": "Europe/Amsterdam"}},
    });
    let expect = "unit      urn:x:1
  also    urn:x:2
now       written off
          2 older observations are in the log alone

2026-03-03
  00:30:00+01:00 seen - Amsterdam
            unsigned, from device:a, claim 9.0
            no effect: its own issuer declared it wrong

2026-03-02
  GAP: nobody said how it came from Amsterdam (last word 2026-03-02 21:00:00+01:00) to urn:x:lis

2026-03-03
  00:30:00+01:00 seen - Amsterdam
            unsigned, from device:a, claim 9.0
            no effect: the key was locked

2026-03-04
  08:00:00Z      written off by two people; approval 12.0
";
    let text = timeline_text(&value);
    assert_eq!(text, expect, "{text}");
}
