//! What nobody has said yet is not concluded from while somebody owes statements, and may be late
//! by contract.

use super::story::{Story, check};
use countersign_reconcile::Change;

/// u1 is to leave A by 10:00 (grace 15 minutes); the dock's second statement says that it did.
const DEPARTURE: &str = "\
contract a-dock 240
06:00 wms manifest m1 A>H 10:00 12:00 u1
06:05 a-dock storing A/dock u1 u2
gone: 09:50 a-dock departing A/dock u1 #m1 late
10:20 a-dock storing A/dock u3
";

#[track_caller]
fn check_opened(text: &str, expect: &[&str]) {
    let story = Story::read(text);
    let (_, changes) = story.run();
    let opened = changes.iter().filter_map(|change| match change {
        Change::Opened(found) => Some(story.show(found)),
        Change::Changed(_) | Change::Retracted { .. } => None,
    });
    assert_eq!(opened.collect::<Vec<_>>(), expect, "{text}");
}

/// u1 comes to H in time, and the word for it is late; the next says where it is too late.
const ARRIVAL: &str = "\
contract h-dock 240
06:00 wms manifest m1 A>H 10:00 12:00 u1
06:05 h-dock storing H/dock u2
09:50 a-dock departing A/dock u1 #m1
09:55 x-van accepting A/dock u1
came: 11:50 h-dock receiving H/dock u1 #m1 late
13:00 h-dock storing H/dock u1
";

#[test]
fn what_was_seen_too_late_may_have_been_seen_before() {
    check_opened(
        &format!("{ARRIVAL} tick 13:30\n comes came\n tick 14:00"),
        &[],
    );
    check(
        &format!("{ARRIVAL} tick 17:01"),
        &[
            "late m1/1/arrive u1",
            "suppressed_statement h-dock 2",
            "unaccepted #6 u1",
        ],
    );
}

#[test]
fn a_skipped_number_is_awaited_and_what_it_says_counts() {
    check(&format!("{DEPARTURE} tick 10:30"), &[]);
    check_opened(
        &format!(
            "{DEPARTURE} 10:05 x-van accepting A/dock u1\n tick 10:30\n comes gone\n tick 11:00"
        ),
        &[],
    );
}

#[test]
fn it_is_awaited_no_longer_than_its_contract_lets_it_be_late() {
    // The statement behind it was signed at 10:20.
    check(&format!("{DEPARTURE} tick 14:20"), &[]);
    check(
        &format!("{DEPARTURE} tick 14:21"),
        &["missing m1/1/depart u1", "suppressed_statement a-dock 2"],
    );
    // What comes later still counts.
    let late = format!(
        "{DEPARTURE} tick 14:21\n comes gone\n 10:05 x-van accepting A/dock u1\n 11:50 h-dock receiving H/dock u1 #m1\n tick 15:00"
    );
    check(&late, &[]);
}

#[test]
fn without_a_grace_nobody_is_awaited() {
    let strict = DEPARTURE.replace("contract a-dock 240\n", "");
    check(&format!("{strict} tick 10:30"), &["missing m1/1/depart u1"]);
}

#[test]
fn a_number_skipped_before_it_was_seen_there_says_nothing_of_its_leaving() {
    let earlier = "\
contract a-dock 240
06:00 wms manifest m1 A>H 10:00 12:00 u1
06:05 a-dock storing A/dock u2
06:10 a-dock storing A/dock u3 late
07:00 a-dock storing A/dock u1
10:20 a-dock storing A/dock u2
tick 10:30";
    check(earlier, &["missing m1/1/depart u1"]);
}

#[test]
fn somebody_elsewhere_is_not_asked() {
    let elsewhere = "\
contract b-dock 240
06:00 wms manifest m1 A>H 10:00 12:00 u1
06:05 a-dock storing A/dock u1
06:30 b-dock storing B/dock u8
09:30 b-dock storing B/dock u9 late
10:20 b-dock storing B/dock u8
tick 10:30";
    check(elsewhere, &["missing m1/1/depart u1"]);
}

#[test]
fn who_must_be_heard_is_awaited_until_it_is_heard() {
    let story = "\
contract a-dock 240 10
06:00 wms manifest m1 A>H 10:00 12:00 u1
09:55 a-dock storing A/dock u1
10:00 a-dock storing A/dock u2
tick 10:20";
    check(story, &[]);
    // Heard at 10:16, and nothing is outstanding.
    check(
        &format!("{story}\n 10:16 a-dock storing A/dock u3\n tick 10:21"),
        &["missing m1/1/depart u1"],
    );
    // Silent for its heartbeat and its grace.
    check(&format!("{story}\n tick 14:10"), &[]);
    check(
        &format!("{story}\n tick 14:11"),
        &["missing m1/1/depart u1", "source_silent a-dock 10:00-"],
    );
}

#[test]
fn what_is_odd_waits_for_what_may_explain_it() {
    let story = "\
contract a-dock 240
06:05 a-dock storing A/dock u1 u2
gone: 09:50 a-dock departing A/dock u1 late
10:20 a-dock storing A/dock u3
11:00 b-dock storing B/dock u1";
    check(story, &[]);
    check_opened(&format!("{story}\n comes gone\n tick 12:00"), &[]);
    check(
        &format!("{story}\n tick 14:21"),
        &["custody_gap #4 u1", "suppressed_statement a-dock 2"],
    );
}

#[test]
fn a_count_and_an_amount_wait_too() {
    let story = "\
contract a-zone 240
06:00 wms count k1 A/z1 14:00 15:00
06:00 wms manifest m1 A>H 10:00 12:00 5*c1
06:05 a-zone storing A/z1 u1
given: 09:00 a-zone departing A/dock 5*c1 #m1 late
11:00 h-dock receiving H/dock 5*c1 #m1
counted: 14:30 a-zone cycle_counting A/z1 u1 #k1 late
15:20 a-zone storing A/z1 u2
tick 15:30";
    check_opened(
        &format!("{story}\n comes counted\n comes given\n tick 16:00"),
        &[],
    );
    check(
        &format!("{story}\n tick 19:21"),
        &[
            "late k1/count",
            "quantity_mismatch m1/1/arrive",
            "quantity_mismatch m1/1/depart",
            "suppressed_statement a-zone 2-3",
        ],
    );
}
