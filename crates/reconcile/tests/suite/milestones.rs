//! Milestones out of tables.

use super::story::{Story, check, check_changes};

const PLAN: &str = "06:00 wms expect p1/1/rcs leg u1 08:00\n06:00 wms expect p1/1/dep leg u1 10:00\n06:00 wms expect p1/1/dlv leg u1 12:00\n";

#[test]
fn reached_in_time_late_or_not_at_all() {
    let reached = |at: &str, stage: &str| format!("{at} wms reached p1/1/{stage} u1\n");
    let all = format!(
        "{}{}{}",
        reached("08:15", "rcs"),
        reached("09:00", "dep"),
        reached("12:00", "dlv")
    );
    check(&format!("{PLAN}{all}tick 20:00"), &[]);
    let late = format!(
        "{}{}{}",
        reached("08:16", "rcs"),
        reached("09:00", "dep"),
        reached("12:30", "dlv")
    );
    check(
        &format!("{PLAN}{late}tick 20:00"),
        &["late p1/1/dlv u1", "late p1/1/rcs u1"],
    );
    check(&format!("{PLAN}tick 08:16"), &["missing p1/1/rcs u1"]);
    // It reached a later one: late, not missing.
    check_changes(
        &format!("{PLAN}tick 08:16\n09:00 wms reached p1/1/dep u1"),
        &[
            "+ missing p1/1/rcs u1",
            "+ late p1/1/rcs u1",
            "- missing p1/1/rcs u1 > late p1/1/rcs u1",
        ],
    );
    // It was seen by somebody after its time.
    check(
        &format!("{PLAN}08:30 a-zone storing A/z1 u1\ntick 09:00"),
        &["late p1/1/rcs u1"],
    );
    // The first time it was reached counts.
    check(
        &format!(
            "{PLAN}{}{}tick 09:00",
            reached("08:40", "rcs"),
            reached("08:05", "rcs")
        ),
        &[],
    );
}

#[test]
fn late_is_grouped_by_plan_and_missing_by_stage() {
    let story = Story::read(&format!("{PLAN}09:00 wms reached p1/1/dep u1\ntick 20:00"));
    let (ledger, _) = story.run();
    let shown: Vec<(String, Option<&str>)> = ledger
        .standing()
        .map(|d| (story.show(d), d.group.stage.as_deref()))
        .collect();
    let mut shown: Vec<_> = shown.into_iter().collect();
    shown.sort();
    assert_eq!(
        shown,
        [
            ("late p1/1/rcs u1".to_owned(), None),
            ("missing p1/1/dlv u1".to_owned(), Some("dlv")),
        ]
    );
}

#[test]
fn totals_by_group_and_stage() {
    let story = Story::read(&format!(
        "{PLAN}06:00 wms expect p2/1/rcs leg u2 08:00\n06:00 wms expect p2/1/dlv other u2 23:00\n06:00 wms count k1 A/z1 08:00 09:00\n\
         08:20 wms reached p1/1/rcs u1\n10:20 wms reached p1/1/dep u1\n11:00 wms reached p1/1/dlv u1\ntick 20:00"
    ));
    let (ledger, _) = story.run();
    let totals = ledger.totals();
    assert_eq!(totals.units, 2);
    let c = totals.counts;
    assert_eq!(
        (c.expectations, c.met, c.late, c.missing, c.pending),
        (6, 1, 3, 1, 1)
    );
    let leg = &totals.groups["leg"];
    assert_eq!(
        (leg.counts.late, leg.units_late),
        (2, 1),
        "one unit is late twice"
    );
    assert_eq!(leg.stages["rcs"].missing, 1);
    assert_eq!(totals.groups["other"].counts.pending, 1);
    assert_eq!(totals.groups["count"].counts.late, 1);
    assert_eq!(totals.discrepancies.values().sum::<u64>(), 4);
}
