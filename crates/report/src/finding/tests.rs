use serde_json::json;

use super::*;
use crate::limits::WIDTH;
use crate::sample::Day;

/// The texts are in `testdata/NAME.txt`: the lines, an empty line, the one line.
fn check(template: &str, expect: &str) {
    let day = Day::played();
    let value = finding_json(day.finding(template), day.ledger.network());
    let text = format!("{}\n{}\n", finding_text(&value), finding_line(&value));
    assert_eq!(text, expect, "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
    assert!(text.is_ascii());
}

#[test]
fn what_never_came() {
    check(
        "missing_units.arrive",
        include_str!("../../testdata/missing_units.arrive.txt"),
    );
}

#[test]
fn what_was_not_loaded() {
    check(
        "missing_units.depart",
        include_str!("../../testdata/missing_units.depart.txt"),
    );
}

#[test]
fn what_nobody_signed_for() {
    check(
        "unsigned_handover",
        include_str!("../../testdata/unsigned_handover.txt"),
    );
}

#[test]
fn what_was_signed_twice() {
    check(
        "broken_chain.equivocation",
        include_str!("../../testdata/broken_chain.equivocation.txt"),
    );
}

#[test]
fn a_recorded_finding_is_shown_without_names_and_anything_else_is_none() {
    let day = Day::played();
    let recorded = day.finding("missing_units.arrive").to_json();
    let recorded: Value = serde_json::from_str(&recorded).expect("JSON");
    let text = finding_text(&recorded);
    assert!(text.contains("where     GLN 4012345000023\n"), "{text}");
    for other in [
        json!(null),
        json!({}),
        json!([1]),
        json!({"id": 5}),
        json!("x"),
    ] {
        assert_eq!(finding_text(&other), "This is not a finding.\n");
        assert_eq!(finding_line(&other), "This is not a finding.");
    }
    let later = json!({"id": "ab", "kind": "dwell_too_long", "template": "dwell_too_long.zone",
        "new_field": {"x": 1}});
    assert!(
        finding_text(&later).starts_with("UNKNOWN: Dwell too long"),
        "{}",
        finding_text(&later)
    );
}

#[test]
fn of_a_change_what_is_another_is_shown() {
    let day = Day::played();
    let before = finding_json(day.finding("missing_units.arrive"), day.ledger.network());
    let line = format!("changed: {}\n", finding_line(&before));
    assert_eq!(finding_changes(&before, &before), line);
    assert_eq!(finding_changes(&json!(null), &before), line);

    let mut now = before.clone();
    now["entries"] = json!([7]);
    let only_entries = format!("{line}  entries   7\n");
    assert_eq!(finding_changes(&before, &now), only_entries);
    now["interval"] = json!({"from": null, "until": "2026-03-02T12:00:00Z"});
    let text = finding_changes(&before, &now);
    let rows: Vec<&str> = text.lines().skip(1).collect();
    assert!(
        matches!(rows.as_slice(), [when] if when.starts_with("  when      before 2026-03-02")),
        "{text}"
    );
}
