//! The lane's contract at the pick-up.

use super::story::{check, check_changes};

const GIVEN: &str = "e: 08:00 a-dock departing A/dock u1 u2 #m1\n";
const PLAN: &str = "06:00 wms manifest m1 A>H 10:00 20:00 u1 u2\n";

#[test]
fn giver_and_carrier_must_both_sign_within_the_grace() {
    check(&format!("{PLAN}{GIVEN}tick 08:30"), &[]);
    check(
        &format!("{PLAN}{GIVEN}tick 08:31"),
        &["custody_gap e u1,u2"],
    );
    check(
        &format!("{PLAN}{GIVEN}08:10 x-van accepting A/dock u1 u2\ntick 09:00"),
        &[],
    );
    check(
        &format!("{PLAN}{GIVEN}08:10 x-van accepting A/dock u1\ntick 09:00"),
        &["custody_gap e u2"],
    );
    check(
        &format!("{PLAN}e: 08:00 x-van accepting A/dock u1 u2 #m1\ntick 08:31"),
        &["custody_gap e u1,u2"],
    );
}

#[test]
fn the_second_signature_takes_the_gap_away_whenever_it_comes() {
    check_changes(
        &format!("{PLAN}{GIVEN}tick 09:00\n10:00 x-van accepting A/dock u1 u2 #m1"),
        &["+ custody_gap e u1,u2", "- custody_gap e u1,u2"],
    );
    check_changes(
        &format!("{PLAN}{GIVEN}tick 09:00\n10:00 x-van accepting A/dock u1 #m1"),
        &["+ custody_gap e u1,u2", "~ custody_gap e u2"],
    );
    // Arriving well does not: the contract asked for a signature.
    check(
        &format!("{PLAN}{GIVEN}tick 09:00\n11:00 h-dock receiving H/dock u1 u2 #m1"),
        &["custody_gap e u1,u2"],
    );
}

#[test]
fn without_a_plan_the_lane_is_known_on_arrival() {
    check(&format!("{GIVEN}tick 09:00"), &[]);
    check(
        &format!("{GIVEN}11:00 h-dock receiving H/dock u1 u2\ntick 12:00"),
        &["custody_gap e u1,u2"],
    );
}

#[test]
fn other_modes_ask_for_less() {
    // The giver alone.
    let plan = "06:00 wms manifest m2 A>C 10:00 20:00 u1\n";
    check(
        &format!("{plan}08:00 a-dock departing A/dock u1 #m2\ntick 12:00"),
        &[],
    );
    check(
        &format!(
            "{plan}e: 08:00 x-van accepting A/dock u1 #m2\n11:00 c-store receiving C/dock u1 #m2\ntick 12:00"
        ),
        &["custody_gap e u1"],
    );
    // The receiver alone.
    check(
        "06:00 wms manifest m3 H>C 10:00 20:00 u1\n08:00 h-dock departing H/dock u1 #m3\n11:00 c-store receiving C u1 #m3\ntick 12:00",
        &[],
    );
}

#[test]
fn a_hand_over_taken_back_needs_no_carrier() {
    check(
        &format!("{PLAN}{GIVEN}08:05 a-dock void_shipping A/dock u1 u2\ntick 09:00"),
        &[],
    );
}

#[test]
fn a_fictitious_pick_up_shows_twice() {
    check(
        "06:00 wms manifest m1 A>H 10:00 12:00 u1\ne: 09:00 a-dock departing A/dock u1 #m1\ntick 13:00",
        &["custody_gap e u1", "missing m1/1/arrive u1"],
    );
}
