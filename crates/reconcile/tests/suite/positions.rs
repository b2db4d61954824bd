//! Positions on the ground: at a site, or on the road, where nothing arrives.

use countersign_reconcile::Kind;
use countersign_reconcile::discrepancy::Disproof;

use super::story::{Story, check};

/// A trailer with two cartons, at A; A and H lie somewhere.
const LOADED: &str = "\
fence A geo:52,4 250
fence H geo:52.5,4.5 300
06:00 wms manifest m1 A>H 10:00 12:00 u1 u2
07:00 a-dock loading A/dock u1 u2 t1
07:30 a-dock packing A/dock u1 u2 parent=t1
";
/// It leaves as it should.
const LEFT: &str = "\
09:50 a-dock departing A/dock u1 u2 t1 #m1
09:55 x-van accepting A/dock u1 u2 t1 #m1
10:10 x-gps sensor_reporting geo:52.1,4.1;u=20 t1
";

#[test]
fn what_is_in_the_yard_has_not_left_and_what_is_on_the_road_has() {
    let in_yard = format!("{LOADED} 08:00 x-gps sensor_reporting geo:52.001,4;u=20 t1");
    check(&in_yard, &[]);
    let off = format!("{in_yard}\n gone: 08:20 x-gps sensor_reporting geo:52.1,4.1;u=20 t1");
    check(&off, &["custody_gap gone t1,u1,u2"]);
    // Said once, however long it is under way, and where it comes to it has arrived.
    let far = format!("{off}\n 08:40 x-gps sensor_reporting geo:52.2,4.2 t1");
    check(&far, &["custody_gap gone t1,u1,u2"]);
    let came = format!("{far}\n 09:30 h-dock receiving H/dock u1 u2 t1 #m1\n tick 13:00");
    check(&came, &["custody_gap gone t1,u1,u2"]);
    // The giver's word came late.
    let given = format!("{off}\n 08:05 a-dock departing A/dock u1 u2 t1 #m1");
    check(&given, &[]);
}

#[test]
fn a_fix_that_may_be_in_the_yard_says_nothing() {
    let fix = |place: &str| format!("{LOADED} 08:20 x-gps sensor_reporting {place} t1");
    check(&fix("geo:52.003,4;u=120"), &[]);
    check(&fix("geo:52.1,4.1;u=20001"), &[]);
    check(&fix("geo:52.003,4;u=20"), &["custody_gap #5 t1,u1,u2"]);
    // Nobody says where A ends.
    let unfenced = fix("geo:52.1,4.1").replace("fence A geo:52,4 250\n", "");
    check(&unfenced, &[]);
}

#[test]
fn under_way_it_is_seen_under_way() {
    let arrived = format!(
        "{LOADED}{LEFT} 11:35 h-dock receiving H/dock u1 u2 t1 #m1\n 11:40 h-dock unpacking H/dock u1 u2 parent=t1\n tick 13:00"
    );
    check(&arrived, &[]);
    // In the yard of H it has arrived, though nobody signed for it yet.
    let there = format!("{LOADED}{LEFT} 11:40 x-gps sensor_reporting geo:52.5,4.5 t1\n tick 12:20");
    check(&there, &["unaccepted #8 t1,u1,u2"]);
    let lost = format!("{LOADED}{LEFT} tick 13:00");
    check(&lost, &["missing m1/1/arrive u1", "missing m1/2/arrive u2"]);
    // It is still coming.
    let late = format!("{LOADED}{LEFT} 12:20 x-gps sensor_reporting geo:52.4,4.4 t1\n tick 13:00");
    check(&late, &["late m1/1/arrive u1", "late m1/2/arrive u2"]);
}

#[test]
fn a_gate_that_signs_for_what_is_still_on_the_road_is_contradicted() {
    let signed = format!("{LOADED}{LEFT} 11:30 h-gate arriving H/dock u1 u2 t1 #m1");
    check(&format!("{signed}\n tick 13:00"), &[]);
    let seen = format!("{signed}\n there: 11:40 x-gps sensor_reporting geo:52.3,4.3 t1");
    check(
        &format!("{seen}\n tick 11:45"),
        &["custody_gap there t1,u1,u2"],
    );
}

#[test]
fn what_is_first_met_on_the_road_may_arrive_anywhere() {
    check(
        "fence A geo:52,4 250
08:00 x-gps sensor_reporting geo:52.1,4.1 t9
08:20 x-gps sensor_reporting geo:52.2,4.2 t9
09:00 a-gate arriving A/dock t9",
        &[],
    );
}

#[test]
fn a_stop_is_missed_and_not_elsewhere_while_it_is_on_the_road() {
    let route = "\
fence A geo:52,4 250
06:00 wms route r1 t1 H/dock,09:00,10:00
08:00 x-gps sensor_reporting geo:52.1,4.1 t1
10:20 x-gps sensor_reporting geo:52.2,4.2 t1
tick 10:30";
    check(route, &["missing r1/1/stop t1"]);
    let elsewhere = format!("{route}\n 10:25 b-dock storing B/dock t1");
    check(&elsewhere, &["wrong_place r1/1/stop t1"]);
}

#[test]
fn on_the_road_it_was_proven_there() {
    let story = Story::read(&format!("{LOADED}{LEFT} tick 13:00"));
    let (ledger, _) = story.run();
    let missing = ledger.standing().next().expect("it is missing");
    let proven = missing.last_proven.as_ref().expect("somebody saw it");
    let place = proven.place.as_ref().map(|place| place.as_str());
    assert_eq!(place, Some("geo:52.1,4.1"));
    assert_eq!(proven.signer.as_str(), "x-gps");
}

#[test]
fn what_was_proven_behind_a_deadline_came_about_later() {
    // A carrier has it, nobody gave it, and it was on the road when it should have left.
    let story = format!(
        "{LOADED} 09:55 x-van accepting A/dock u1 u2 t1 #m1
        10:50 x-gps sensor_reporting geo:52.1,4.1;u=20 t1
        tick 13:00"
    );
    let (ledger, _) = Story::read(&story).run();
    let mut missing = ledger.standing().filter(|one| one.kind == Kind::Missing);
    let missing = missing.next().expect("it did not leave by the door");
    let deadline = missing.first_disproven.as_ref().and_then(|no| match no {
        Disproof::Deadline(deadline) => Some(*deadline),
        Disproof::Claim { .. } => None,
    });
    assert!(missing.from > deadline, "{missing:?}");
    assert_eq!(missing.until, None);
}
