//! The walk: where a unit is after each kind of word, and what contradicts its history.

use super::story::{Story, check, unit};
use countersign_reconcile::{AccountKind, Link};

/// The account of `u1` at the end, with the basis of its last link: `held H H/z1 countersigned`.
#[track_caller]
fn check_account(text: &str, expect: &str) {
    let story = Story::read(text);
    let (ledger, _) = story.run();
    let timeline = ledger.timeline(&unit("u1")).expect("u1 is known");
    let short = |text: &str| {
        text.rsplit("urn:x:")
            .next()
            .unwrap_or_default()
            .replace(':', "/")
    };
    let account = &timeline.account;
    let mut words = vec![account.kind.as_str().to_owned()];
    words.extend(
        account
            .party
            .as_ref()
            .map(|party| short(party.as_str()).replace("party/", "")),
    );
    words.extend(account.place.as_ref().map(|place| short(place.as_str())));
    if let Some(Link::Claim { basis, .. }) = timeline.links.last() {
        words.push(basis.as_str().to_owned());
    }
    assert_eq!(words.join(" "), expect, "{text}");
}

#[test]
fn the_first_word_opens_the_account() {
    check_account("08:00 a-zone storing A/z1 u1", "held A A/z1 sighted");
    check_account("08:00 a-zone commissioning A/z1 u1", "held A A/z1 sighted");
    check_account(
        "08:00 a-zone receiving A/z1 u1",
        "held A A/z1 receiver_only",
    );
    check_account("08:00 a-zone storing u1", "opening_stock assumed");
    check_account("08:00 a-zone commissioning u1", "issued assumed");
    check_account(
        "08:00 a-dock departing A/dock u1",
        "in_transfer A A/dock giver_only",
    );
    check_account(
        "08:00 x-van accepting A/dock u1",
        "in_transfer X A/dock receiver_only",
    );
    check_account("08:00 c-store storing C/z1 u1", "held C C/z1 sighted");
    check_account("06:00 wms manifest m1 A>H 10:00 12:00 u1", "opening_stock");
}

#[test]
fn a_hand_over_is_countersigned_when_both_spoke() {
    let given = "08:00 a-dock departing A/dock u1\n";
    let accepted = "08:05 x-van accepting A/dock u1\n";
    check_account(
        &format!("{given}{accepted}"),
        "in_transfer X A/dock countersigned",
    );
    check_account(
        &format!("07:50 x-van accepting A/dock u1\n{given}"),
        "in_transfer X A/dock countersigned",
    );
    check_account(
        &format!("{given}{accepted}11:00 h-dock receiving H/dock u1"),
        "held H H/dock countersigned",
    );
    check_account(
        &format!("{given}11:00 h-dock storing H/z1 u1"),
        "held H H/z1 sighted",
    );
    // The receiver signs for what a gate saw come in.
    check_account(
        &format!("{given}11:00 h-dock inspecting H/z1 u1\n11:05 h-dock receiving H/dock u1"),
        "held H H/dock countersigned",
    );
    check_account(
        &format!("{given}11:00 c-store receiving C/dock u1"),
        "delivered C C/dock countersigned",
    );
}

#[test]
fn custody_without_a_hand_over_is_a_gap() {
    let held = "08:00 a-zone storing A/z1 u1\n";
    check(
        &format!("{held}e: 09:00 h-dock storing H/z1 u1"),
        &["custody_gap e u1"],
    );
    check(
        &format!("{held}e: 09:00 h-dock receiving H/z1 u1"),
        &["custody_gap e u1"],
    );
    check(
        &format!("{held}e: 09:00 h-dock departing H/dock u1"),
        &["custody_gap e u1"],
    );
    check(
        &format!("{held}e: 09:00 h-dock destroying H/dock u1"),
        &["custody_gap e u1"],
    );
    // On H to C the receiver's word is enough.
    check(
        "08:00 h-dock storing H/z1 u1\n09:00 c-store receiving C/z1 u1",
        &[],
    );
    check(
        "08:00 h-dock storing H/z1 u1\ne: 09:00 c-store storing C/z1 u1",
        &["custody_gap e u1"],
    );
    check(&format!("{held}09:00 a-zone storing A/z2 u1"), &[]);
    // Several units, one claim, one discrepancy.
    check(
        "08:00 a-zone storing A/z1 u1 u2 u3\n08:10 a-dock departing A/dock u3\ne: 09:00 h-dock storing H/z1 u1 u2 u3",
        &["custody_gap e u1,u2"],
    );
}

#[test]
fn the_giver_who_uploads_late_closes_the_gap() {
    let story = "08:00 a-zone storing A/z1 u1\ne: 09:00 h-dock receiving H/z1 u1\n";
    check(story, &["custody_gap e u1"]);
    check(&format!("{story}08:30 a-dock departing A/dock u1"), &[]);
}

#[test]
fn what_left_cannot_be_seen_at_its_origin() {
    let given = "08:00 a-dock departing A/dock u1\n";
    check(
        &format!("{given}e: 08:30 a-zone storing A/z1 u1\n08:40 a-zone storing A/z1 u1"),
        &["out_of_sequence e u1"],
    );
    check_account(
        &format!("{given}08:30 a-zone storing A/z1 u1"),
        "in_transfer A A/dock giver_only",
    );
    // Loading after the carrier signed, before the giver does.
    check(
        "08:00 x-van accepting A/dock u1\n08:05 a-dock loading A/dock u1\n08:10 a-dock departing A/dock u1",
        &[],
    );
    // Its own site takes it back.
    check(
        &format!("{given}e: 08:30 a-dock receiving A/dock u1"),
        &["out_of_sequence e u1"],
    );
    check_account(
        &format!("{given}08:30 a-dock receiving A/dock u1"),
        "held A A/dock receiver_only",
    );
    check_account(
        &format!("{given}08:30 a-dock void_shipping A/dock u1"),
        "held A A/dock giver_only",
    );
    check(
        &format!("{given}08:30 a-dock void_shipping A/dock u1\n08:40 a-zone storing A/z1 u1"),
        &[],
    );
}

#[test]
fn what_ended_or_was_delivered_does_not_come_back() {
    let sold = "08:00 a-zone retail_selling A/z1 u1\n";
    check(&format!("{sold}09:00 a-zone storing A/z2 u1"), &[]);
    check_account(
        &format!("{sold}09:00 a-zone storing A/z2 u1"),
        "consumed A A/z1 sighted",
    );
    check(
        &format!("{sold}e: 09:00 h-dock storing H/z1 u1"),
        &["out_of_sequence e u1"],
    );
    check_account(
        &format!("{sold}09:00 h-dock storing H/z1 u1"),
        "held H H/z1 sighted",
    );
    let delivered = "08:00 a-dock departing A/dock u1\n09:00 c-store receiving C/dock u1\n";
    check(&format!("{delivered}10:00 c-store storing C/z1 u1"), &[]);
    check(
        &format!("{delivered}e: 10:00 h-dock storing H/z1 u1"),
        &["out_of_sequence e u1"],
    );
    // Sent back with a signature.
    check(
        &format!("{delivered}10:00 c-store shipping C/dock u1\n12:00 h-dock receiving H/dock u1"),
        &[],
    );
}

#[test]
fn given_again_is_given_once() {
    check_account(
        "08:00 a-dock departing A/dock u1\n08:05 wms shipping A u1",
        "in_transfer A A/dock giver_only",
    );
    check(
        "08:00 a-dock departing A/dock u1\n08:05 wms shipping A u1\n11:00 h-dock receiving H u1",
        &[],
    );
    // Left again unseen: it must have come here.
    check_account(
        "08:00 a-dock departing A/dock u1\n12:00 h-dock departing H/dock u1",
        "in_transfer H H/dock giver_only",
    );
}

#[test]
fn a_transformation_ends_its_inputs_and_issues_its_outputs() {
    let story = Story::read("08:00 a-zone assembling A/z1 u1 u2 makes=u9");
    let (ledger, _) = story.run();
    let kind = |name: &str| ledger.account_of(&unit(name)).expect("known").kind;
    assert_eq!(kind("u1"), AccountKind::Consumed);
    assert_eq!(kind("u2"), AccountKind::Consumed);
    assert_eq!(kind("u9"), AccountKind::Held);
}

#[test]
fn what_comes_under_the_wrong_papers_is_unexpected() {
    let plan =
        "06:00 wms manifest m1 A>H 10:00 12:00 u1\n06:00 wms manifest m2 A>B 10:00 12:00 u2\n";
    let given = "08:00 a-dock departing A/dock u1 #m1\n";
    check(
        &format!("{plan}{given}e: 11:00 h-dock receiving H/dock u1 u3 #m1"),
        &["unexpected e u3"],
    );
    check(
        &format!("{plan}{given}e: 11:00 b-dock receiving B/dock u1"),
        &["unexpected e u1"],
    );
    check(
        &format!("{plan}{given}e: 11:00 b-dock receiving B/dock u1 #m2"),
        &["unexpected e u1"],
    );
    check(
        &format!("{plan}{given}11:00 h-dock receiving H/dock u1"),
        &[],
    );
    // The manifest may come after the goods.
    check(
        &format!("{given}e: 11:00 h-dock receiving H/dock u1 u3 #m1\n{plan}"),
        &["unexpected e u3"],
    );
}
