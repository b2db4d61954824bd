use serde_json::json;

use super::*;
use crate::limits::WIDTH;
use crate::sample::Day;
use crate::text::day_bounds;

fn bounds(day: &str, zone: &str) -> Option<(i64, i64)> {
    let (from, until) = day_bounds(day, zone)?;
    Some((from.ms(), until.ms()))
}

#[test]
fn a_day_ends_where_the_next_begins() {
    let midnight = 1_772_409_600_000;
    let hour = 3_600_000;
    assert_eq!(
        bounds("2026-03-02", "UTC"),
        Some((midnight, midnight + 24 * hour))
    );
    assert_eq!(
        bounds("2026-03-02", "Europe/Amsterdam"),
        Some((midnight - hour, midnight + 23 * hour))
    );
    // The night in which clocks are put forward.
    let (from, until) = bounds("2026-03-29", "Europe/Amsterdam").expect("a day");
    assert_eq!(until - from, 23 * hour);
    assert_eq!(bounds("2026-02-30", "UTC"), None);
    assert_eq!(bounds("2026-03-02", "Mars"), None);
}

#[test]
fn what_was_due_and_what_does_not_add_up() {
    let ledger = Day::played().ledger;
    let day = day_bounds("2026-03-02", "UTC").expect("a day");
    let text = day_text(&day_json(&ledger, day, "UTC"));
    assert_eq!(text, include_str!("../../testdata/day.txt"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
    let other = day_bounds("2026-03-09", "UTC").expect("a day");
    let text = day_text(&day_json(&ledger, other, "UTC"));
    assert!(
        text.ends_with("\nNothing was due, and nothing is known to be wrong.\n"),
        "{text}"
    );
    assert_eq!(
        day_text(&json!({"from": 3})),
        "This is no reconciliation.\n"
    );
}
