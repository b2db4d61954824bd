//! Error declarations: what was taken back was not said.

use super::story::{Story, check, check_changes, unit};
use countersign_reconcile::{Effect, Link};

#[test]
fn a_claim_that_its_issuer_declares_wrong_counts_no_more() {
    let story = "08:00 a-zone storing A/z1 u1\ne1: 09:00 h-dock storing H/z1 u1\n";
    check(story, &["custody_gap e1 u1"]);
    check_changes(
        &format!("{story}10:00 h-dock declare e1"),
        &["+ custody_gap e1 u1", "- custody_gap e1 u1"],
    );
    // Only its own issuer may.
    check(
        &format!("{story}10:00 a-dock declare e1"),
        &["custody_gap e1 u1"],
    );
    // The declaration may come before the claim.
    check(
        "10:00 h-dock declare e1\n08:00 a-zone storing A/z1 u1\ne1: 09:00 h-dock storing H/z1 u1",
        &[],
    );
}

#[test]
fn the_corrective_claim_stands_by_itself() {
    check(
        "06:00 wms manifest m1 A>B 10:00 12:00 u1 u2\n09:00 a-dock departing A/dock u1 u2 #m1\ne1: 11:00 b-dock receiving B u1 #m1\n11:30 b-dock declare e1\n11:00 b-dock receiving B u1 u2 #m1\ntick 13:00",
        &[],
    );
}

#[test]
fn what_was_taken_back_is_shown() {
    let story = Story::read("e1: 08:00 a-zone storing A/z1 u1\n09:00 a-zone declare e1");
    let (ledger, _) = story.run();
    let timeline = ledger.timeline(&unit("u1")).expect("known");
    let effects = timeline.links.iter().map(|link| match link {
        Link::Claim { effect, .. } => *effect,
        other => panic!("{other:?}"),
    });
    assert_eq!(effects.collect::<Vec<_>>(), [Effect::TakenBack]);
}

#[test]
fn a_plan_that_was_taken_back_expects_nothing() {
    let story = "m: 06:00 wms manifest m1 A>B 10:00 12:00 u1 3*c1\ntick 11:00\n";
    check(
        story,
        &["missing m1/1/depart u1", "quantity_mismatch m1/2/depart"],
    );
    check(&format!("{story}11:10 wms declare m"), &[]);
    check(
        "k: 06:00 wms count k1 A/z1 08:00 09:00\ntick 10:00\n10:10 wms declare k",
        &[],
    );
}

#[test]
fn amounts_of_a_claim_taken_back_are_not_given() {
    check(
        "06:00 wms manifest m1 A>B 10:00 12:00 3*c1\ne1: 09:00 a-dock departing A/dock 2*c1 #m1\n09:05 a-dock departing A/dock 3*c1 #m1\n09:10 a-dock declare e1\ntick 10:30",
        &[],
    );
}
