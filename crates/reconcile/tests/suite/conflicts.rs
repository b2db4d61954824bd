//! The same thing said twice.

use super::story::check;

#[test]
fn a_claim_said_again_with_other_units_names_the_difference() {
    let story = "06:00 wms manifest m1 A>B 10:00 12:00 u1 u2\n09:00 a-dock departing A/dock u1 u2 #m1\ne1: 11:00 b-dock receiving B u1 u2 #m1\n";
    check(
        &format!("{story}11:00 b-dock conflict e1 receiving B u1 #m1\ntick 13:00"),
        &["conflicting_claim e1 u2"],
    );
    // It says the same units with another time: all of them.
    check(
        &format!("{story}11:40 b-dock conflict e1 receiving B u1 u2 #m1"),
        &["conflicting_claim e1 u1,u2"],
    );
    // A duplicate is nothing.
    check(
        &format!("{story}11:00 b-dock duplicate e1 receiving B u1 u2 #m1\ntick 13:00"),
        &[],
    );
}

#[test]
fn the_covered_edit_shows_with_the_loss() {
    // The first word left out what was taken away; the honest one came second.
    check(
        "06:00 wms manifest m1 A>B 10:00 12:00 u1 u2\n09:00 a-dock departing A/dock u1 u2 #m1\ne1: 11:00 b-dock receiving B u1 #m1\n11:00 b-dock conflict e1 receiving B u1 u2 #m1\ntick 13:00",
        &["conflicting_claim e1 u2", "missing m1/2/arrive u2"],
    );
}

#[test]
fn a_conflicting_claim_makes_no_unit_known() {
    let story = super::story::Story::read(
        "e1: 11:00 b-dock receiving B u1\n11:00 b-dock conflict e1 receiving B u1 u7",
    );
    let (ledger, _) = story.run();
    assert_eq!(ledger.totals().units, 1);
    assert_eq!(story.standing(&ledger), ["conflicting_claim e1 u7"]);
}

#[test]
fn a_plan_cannot_be_replaced_by_saying_it_again() {
    let story = "m: 06:00 wms manifest m1 A>B 10:00 12:00 u1 u2\nn: 07:00 wms manifest m1 A>B 10:00 12:00 u1\n";
    check(story, &["conflicting_claim n u2"]);
    // Both lines are still expected.
    check(
        &format!("{story}09:00 a-dock departing A/dock u1 #m1\ntick 11:00"),
        &["conflicting_claim n u2", "missing m1/2/depart u2"],
    );
    // Whoever made it takes the first back: then the second stands.
    check(&format!("{story}07:10 wms declare m\ntick 09:00"), &[]);
    check(
        "06:00 wms count k1 A/z1 08:00 09:00\nn: 07:00 wms count k1 A/z2 08:00 09:00",
        &["conflicting_claim n"],
    );
    check(
        "06:00 wms count k1 A/z1 08:00 09:00\n07:00 wms count k1 A/z1 08:00 09:00",
        &[],
    );
}
