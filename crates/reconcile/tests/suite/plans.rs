//! Manifests and counts: what is missing, what is late, and what later evidence does to it.

use super::story::{Story, check, check_changes, clock, euro, place};
use countersign_reconcile::Kind;

/// u1 and u2 lie in A; m1 sends u1 from A to H, departing by 10:00, arriving by 12:00, grace
/// 15 minutes each.
const PLAN: &str =
    "06:00 wms manifest m1 A/dock>H 10:00 12:00 u1=20\n07:00 a-zone storing A/z1 u1 u2\n";
const GIVEN: &str = "09:50 a-dock departing A/dock u1 #m1\n09:55 x-van accepting A/dock u1 #m1\n";

#[test]
fn not_loaded_and_not_seen_again_is_missing_at_departure() {
    check(&format!("{PLAN}tick 10:15"), &[]);
    check(&format!("{PLAN}tick 10:16"), &["missing m1/1/depart u1"]);
    // Its arrival is not judged a second time.
    check(&format!("{PLAN}tick 13:00"), &["missing m1/1/depart u1"]);
    // Still at the origin after the time to leave: late, not missing; and late to arrive.
    check(
        &format!("{PLAN}11:00 a-zone storing A/z1 u1\ntick 11:30"),
        &["late m1/1/depart u1"],
    );
    check(
        &format!("{PLAN}11:00 a-zone storing A/z1 u1\ntick 13:00"),
        &["late m1/1/arrive u1", "late m1/1/depart u1"],
    );
}

#[test]
fn left_and_not_seen_again_is_missing_at_arrival() {
    check(&format!("{PLAN}{GIVEN}tick 12:15"), &[]);
    check(
        &format!("{PLAN}{GIVEN}tick 12:16"),
        &["missing m1/1/arrive u1"],
    );
    check(
        &format!("{PLAN}{GIVEN}11:00 h-dock receiving H/dock u1 #m1\ntick 13:00"),
        &[],
    );
    // Seen at another site: in the wrong place, and late when it comes after all.
    let astray = format!("{PLAN}{GIVEN}11:00 b-dock storing B/z1 u1\ntick 13:00");
    check(&astray, &["wrong_place m1/1/arrive u1"]);
    check_changes(
        &format!(
            "{astray}\n13:00 b-dock departing B/dock u1\n14:00 h-dock receiving H/dock u1\ntick 14:30"
        ),
        &[
            "+ wrong_place m1/1/arrive u1",
            "~ wrong_place m1/1/arrive u1",
            "+ late m1/1/arrive u1",
            "- wrong_place m1/1/arrive u1 > late m1/1/arrive u1",
        ],
    );
    // Seen at the origin after it should have arrived: late as well, and out of sequence.
    check(
        &format!("{PLAN}{GIVEN}e: 12:30 a-zone storing A/z1 u1\ntick 13:00"),
        &["late m1/1/arrive u1", "out_of_sequence e u1"],
    );
}

#[test]
fn late_is_what_comes_after_the_grace() {
    check(
        &format!(
            "{PLAN}10:15 a-dock departing A/dock u1 #m1\n10:15 x-van accepting A/dock u1\n12:15 h-dock receiving H u1 #m1\ntick 14:00"
        ),
        &[],
    );
    check(
        &format!(
            "{PLAN}10:16 a-dock departing A/dock u1 #m1\n10:16 x-van accepting A/dock u1\n12:16 h-dock receiving H u1 #m1\ntick 14:00"
        ),
        &["late m1/1/arrive u1", "late m1/1/depart u1"],
    );
}

#[test]
fn the_truck_that_comes_late_takes_the_loss_back() {
    check_changes(
        &format!("{PLAN}{GIVEN}tick 12:16\n12:40 h-dock receiving H/dock u1 #m1"),
        &[
            "+ missing m1/1/arrive u1",
            "+ late m1/1/arrive u1",
            "- missing m1/1/arrive u1 > late m1/1/arrive u1",
        ],
    );
    // The handheld that uploads hours late: it was in time all along.
    check_changes(
        &format!("{PLAN}{GIVEN}tick 12:16\n11:40 h-dock receiving H/dock u1 #m1"),
        &["+ missing m1/1/arrive u1", "- missing m1/1/arrive u1"],
    );
}

#[test]
fn a_forgotten_departure_scan_is_no_loss() {
    // It came, so it left; only the signature is missing.
    check(
        &format!("{PLAN}e: 11:00 h-dock receiving H/dock u1 #m1\ntick 13:00"),
        &["custody_gap e u1"],
    );
    check_changes(
        &format!("{PLAN}tick 10:30\ne: 11:00 h-dock receiving H/dock u1 #m1\ntick 13:00"),
        &[
            "+ missing m1/1/depart u1",
            "+ custody_gap e u1",
            "- missing m1/1/depart u1",
        ],
    );
}

#[test]
fn a_giver_who_takes_it_back_did_not_give() {
    let voided = "09:58 a-dock void_shipping A/dock u1 #m1\n";
    check(
        &format!("{PLAN}{GIVEN}{voided}tick 13:00"),
        &["missing m1/1/depart u1"],
    );
}

#[test]
fn a_loss_is_named_once() {
    let second = "06:00 wms manifest m2 H>C 14:00 16:00 u1\n";
    check(
        &format!("{PLAN}{second}{GIVEN}tick 17:00"),
        &["missing m1/1/arrive u1"],
    );
    // Found at the hub: now the second leg is judged.
    check(
        &format!("{PLAN}{second}{GIVEN}12:05 h-dock receiving H/dock u1 #m1\ntick 17:00"),
        &["missing m2/1/depart u1"],
    );
    // Gone at the count before the truck came for it.
    check(
        &format!(
            "{PLAN}06:00 wms count k1 A/z1 08:00 09:00\n08:30 a-zone cycle_counting A/z1 u2 #k1\ntick 10:30"
        ),
        &["missing k1/count u1"],
    );
}

#[test]
fn the_same_way_twice_needs_two_departures() {
    // Both trips without papers in the events: the second departure belongs to the second plan.
    let plans =
        "06:00 wms manifest m1 A>B 08:00 09:00 u1\n06:00 wms manifest m2 A>B 12:00 13:00 u1\n";
    let first = "07:30 a-dock departing A/dock u1\n08:30 b-dock receiving B/dock u1\n";
    let back = "10:00 b-dock departing B/dock u1\n11:00 a-dock receiving A/dock u1\n";
    check(&format!("{plans}{first}{back}tick 11:30"), &[]);
    check(
        &format!("{plans}{first}{back}tick 13:30"),
        &["missing m2/1/depart u1"],
    );
    check(
        &format!("{plans}{first}{back}11:50 a-dock departing A/dock u1\ntick 14:00"),
        &["missing m2/1/arrive u1"],
    );
    check(
        &format!(
            "{plans}{first}{back}11:50 a-dock departing A/dock u1\n12:50 b-dock receiving B/dock u1\ntick 14:00"
        ),
        &[],
    );
}

#[test]
fn a_count_asks_for_what_lay_there_when_it_opened() {
    let story = "06:00 wms count k1 A/z1 14:00 15:00\n08:00 a-zone storing A/z1 u1 u2\n08:00 a-zone storing A/z2 u3\n";
    let counted = "14:30 a-zone cycle_counting A/z1 u1 #k1\n";
    check(&format!("{story}{counted}tick 15:00"), &[]);
    check(
        &format!("{story}{counted}tick 15:01"),
        &["missing k1/count u2"],
    );
    // Several are one matter.
    check(
        &format!("{story}08:05 a-zone storing A/z1 u4\n{counted}tick 15:01"),
        &["missing k1/count u2,u4"],
    );
    // Found later, counted or not.
    check(
        &format!("{story}{counted}tick 15:01\n15:30 a-zone storing A/z2 u2"),
        &[],
    );
    // Moved in before the count opened, by a late upload.
    check(
        &format!(
            "{story}{counted}tick 15:01\n15:30 a-zone storing A/z2 u2\n13:00 a-zone storing A/z1 u3"
        ),
        &["missing k1/count u3"],
    );
    // Came in after it opened.
    check(
        &format!(
            "{story}14:10 a-zone storing A/z1 u3\n14:30 a-zone cycle_counting A/z1 u1 u2 #k1\ntick 16:00"
        ),
        &[],
    );
}

#[test]
fn a_count_that_nobody_makes_is_late_and_nothing_is_missing() {
    let story = "06:00 wms count k1 A/z1 14:00 15:00\n08:00 a-zone storing A/z1 u1 u2\n";
    check(&format!("{story}tick 15:01"), &["late k1/count"]);
    // Counted too late: still not made in time.
    check(
        &format!("{story}tick 15:01\n15:20 a-zone cycle_counting A/z1 u1 #k1"),
        &["late k1/count"],
    );
    // The device was offline: the count was made.
    check_changes(
        &format!("{story}tick 15:01\n14:20 a-zone cycle_counting A/z1 u1 #k1"),
        &[
            "+ late k1/count",
            "+ missing k1/count u2",
            "- late k1/count > missing k1/count u2",
        ],
    );
}

#[test]
fn what_a_discrepancy_carries() {
    let story = Story::read(&format!(
        "{PLAN}06:00 wms manifest m9 A>H 10:00 12:00 u7\n{GIVEN}12:00 h-dock receiving H/dock u2 #m1\ntick 12:16"
    ));
    let (ledger, _) = story.run();
    let mut missing = ledger
        .standing()
        .filter(|d| d.kind == Kind::Missing && d.stage().is_some_and(|s| &*s.stage == "arrive"));
    let missing = missing.next().expect("u1 is missing");
    assert_eq!(missing.value, [euro("20")]);
    assert_eq!(missing.place, Some(place("H")));
    assert_eq!(missing.site, Some(place("H")));
    assert_eq!(missing.from, Some(clock("09:55")));
    assert_eq!(missing.until, Some(clock("12:15")));
    let proof = missing.last_proven.as_ref().expect("the van had it");
    assert_eq!(proof.signer.as_str(), "x-van");
    assert_eq!(proof.basis.as_str(), "countersigned");
    let words = |all: &[countersign_reconcile::discrepancy::SourceWord]| {
        let words = all
            .iter()
            .map(|word| format!("{} {}", word.signer, word.what.as_str()));
        words.collect::<Vec<_>>()
    };
    assert_eq!(words(&missing.agreeing), ["wms planned", "x-van accepted"]);
    assert_eq!(words(&missing.disagreeing), ["h-dock took"]);
    assert_eq!(missing.group.stage.as_deref(), Some("arrive"));
    let index = |n: u64| countersign_model::entry::Index(n);
    assert_eq!(missing.entries, [index(2), index(6), index(7)]);
}

/// m1 is said again, without u2, which is not there.
const SAID_AGAIN: &str = "first: 06:00 wms manifest m1 A>H 10:00 12:00 u1 u2
07:00 a-zone storing A/z1 u1 u2
again: 08:00 wms manifest m1 A>H 10:00 12:00 u1
09:50 a-dock departing A/dock u1 #m1
09:55 x-van accepting A/dock u1 #m1
11:00 h-dock receiving H/dock u1 #m1";

#[test]
fn a_plan_is_changed_by_two_people() {
    let alone = format!("{SAID_AGAIN}\ntick 13:00");
    let found = ["conflicting_claim again u2", "missing m1/2/depart u2"];
    check(&alone, &found);
    check(&format!("{alone}\n13:10 choose m1 again"), &[]);
    check(
        &format!("09:00 choose m1 first\n{alone}").replace("09:00 choose m1 first\n", ""),
        &found,
    );
    // What two people have not seen is a conflict still.
    let thrice = format!(
        "{alone}\n13:10 choose m1 again\ntick 13:20\nthird: 08:30 wms manifest m1 A>H 10:00 12:00 u3"
    );
    check(&thrice, &["conflicting_claim third u1,u3"]);
    // The newest word of two people counts.
    let back = format!("{alone}\n13:10 choose m1 again\n13:20 choose m1 first");
    check(&back, &["missing m1/2/depart u2"]);
    // What was chosen and then taken back stands no more.
    let taken_back = format!("{alone}\n13:10 choose m1 again\n14:00 wms declare again");
    check(&taken_back, &["missing m1/2/depart u2"]);
}

#[test]
fn a_plan_said_again_under_one_identity_is_changed_by_two_people() {
    let again = SAID_AGAIN.replace(
        "wms manifest m1 A>H 10:00 12:00 u1\n",
        "wms conflict first manifest m1 A>H 10:00 12:00 u1\n",
    );
    let alone = format!("{again}\ntick 13:00");
    let found = ["conflicting_claim first u2", "missing m1/2/depart u2"];
    check(&alone, &found);
    check(&format!("{alone}\n13:10 choose m1 again"), &[]);
    let chosen = format!("{alone}\n13:10 choose m1 again\ntick 13:20");
    let third = "third: 08:30 wms conflict first manifest m1 A>H 10:00 12:00 u3";
    check(
        &format!("{chosen}\n{third}"),
        &["conflicting_claim first u1,u2,u3"],
    );
    check(
        &format!("{chosen}\n13:30 choose m1 first"),
        &["missing m1/2/depart u2"],
    );
    // Of a signer who was locked nothing can be chosen.
    let locked = alone.replace("10:00 12:00 u1\n", "10:00 12:00 u1 locked\n");
    check(&format!("{locked}\n13:10 choose m1 again"), &found);
    // It came under an earlier time, and yet the first stands.
    let back_dated = alone.replace("08:00 wms conflict", "05:00 wms conflict");
    check(&back_dated, &found);
}

#[test]
fn a_count_is_changed_by_two_people() {
    let story = "07:00 a-zone storing A/z1 u1\nfirst: 06:00 wms count k1 A/z1 10:00 11:00
        again: 08:00 wms count k1 A/z2 10:00 11:00
        10:30 a-zone cycle_counting A/z1 u9 #k1\ntick 12:00";
    check(story, &["conflicting_claim again", "missing k1/count u1"]);
    check(&format!("{story}\n12:10 choose k1 again"), &[]);
}
