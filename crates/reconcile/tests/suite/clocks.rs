//! What a device says counts by its clock as acts set it right, whether they came before or behind.

use super::story::{Story, check, check_changes, clock, unit};
use countersign_reconcile::Link;

/// The hub's device is an hour ahead: what arrived in time seems late.
const ARRIVED: &str = "06:00 wms manifest m1 A>H 10:00 12:00 u1
    e1: 09:00 a-dock departing A/dock u1 #m1
    e2: 09:10 x-van accepting A/dock u1 #m1
    e3: 12:30 h-dock receiving H/dock u1 #m1";

#[test]
fn a_clock_that_is_ahead_makes_nothing_late() {
    check(&format!("{ARRIVED}\ntick 14:00"), &["late m1/1/arrive u1"]);
    check(&format!("{ARRIVED}\nclock h-dock 60\ntick 14:00"), &[]);
    check(&format!("clock h-dock 60\n{ARRIVED}\ntick 14:00"), &[]);
    check(
        &format!("{ARRIVED}\nclock x-van 60\ntick 14:00"),
        &["late m1/1/arrive u1"],
    );
}

#[test]
fn what_was_found_is_retracted_and_opens_again() {
    let told = format!("{ARRIVED}\ntick 14:00\nclock h-dock 60\nclock h-dock 1");
    check_changes(
        &told,
        &[
            "+ late m1/1/arrive u1",
            "- late m1/1/arrive u1",
            "+ late m1/1/arrive u1",
        ],
    );
}

#[test]
fn an_order_that_a_clock_turned_round_is_set_right() {
    let story = "e1: 09:00 a-dock departing A/dock u1
        e2: 08:30 b-dock receiving B/dock u1";
    let found = |more: &str| {
        let (ledger, _) = Story::read(&format!("{story}\n{more}\ntick 12:00")).run();
        ledger.standing().count()
    };
    assert_eq!(found(""), 1);
    assert_eq!(found("clock b-dock -60"), 0);
    assert_eq!(found("clock a-dock 60"), 0);
}

#[test]
fn it_holds_from_a_statement_on() {
    let story =
        "08:00 a-zone storing A/z1 u1\n09:00 a-zone storing A/z2 u1\n10:00 a-zone storing A/z1 u1
        clock a-zone 30 2\nclock a-zone 0 3";
    let (ledger, _) = Story::read(story).run();
    let timeline = ledger.timeline(&unit("u1")).expect("known");
    let times: Vec<_> = timeline
        .links
        .iter()
        .filter_map(|link| match link {
            Link::Claim { time, .. } => Some(*time),
            _ => None,
        })
        .collect();
    assert_eq!(times, ["08:00", "08:30", "10:00"].map(clock));
}

#[test]
fn what_is_awaited_follows() {
    // Its second statement has not come, and was signed at 10:30 by a clock that is an hour ahead: it may
    // say that the unit left in time.
    let story = "contract a-dock 120
        06:00 wms manifest m1 A>B 10:00 12:00 u1
        08:00 a-dock storing A/z1 u2
        e2: 10:15 a-dock departing A/dock u1 #m1 late
        10:30 a-dock storing A/z1 u2";
    check(&format!("{story}\ntick 12:15"), &[]);
    let waited = format!("{story}\ntick 12:15\nclock a-dock 60\ntick 12:20");
    check(
        &waited,
        &["missing m1/1/depart u1", "suppressed_statement a-dock 2"],
    );
}

#[test]
fn a_count_was_planned_by_the_clock_of_its_planner() {
    check_changes(
        "06:00 a-zone storing A/z1 u1
        08:00 wms count k1 A/z1 09:00 10:00
        09:30 a-zone cycle_counting A/z1 u2 #k1
        tick 11:00
        clock wms 20",
        &["+ missing k1/count u1", "~ missing k1/count u1"],
    );
}
