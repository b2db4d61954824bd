//! What is counted without being read, held against those who sign.

use countersign_model::decimal::Decimal;

use super::story::{Story, check, class};

/// Three cartons and a pallet go from A to H; a camera over A's dock, one over H's.
const LOAD: &str = "\
counts things
06:00 wms manifest m1 A>H 10:00 12:00 u1 u2 u3 p1 seal:s1
07:00 a-zone packing A/z1 u1 u2 u3 parent=p1
";
const LEFT: &str = "\
09:50 a-dock departing A/dock u1 u2 u3 p1 s1 #m1
09:55 x-van accepting A/dock u1 u2 u3 p1 s1 #m1
";
const CAME: &str = "\
11:30 h-dock receiving H/dock u1 u2 u3 p1 s1 #m1
";

fn seen(counted: &str, more: &str, expect: &[&str]) {
    check(
        &format!("{LOAD}{LEFT}{CAME}{counted}\n{more}\ntick 13:00"),
        expect,
    );
}

#[test]
fn as_many_as_were_signed_for_are_no_matter() {
    seen("09:40 a-cam loading A/dock 3*things #m1", "", &[]);
    seen("11:20 h-cam inspecting H/dock 3*things #m1", "", &[]);
    // In two goes, and by two doors.
    seen(
        "09:40 a-cam loading A/dock 2*things #m1",
        "09:45 a-cam loading A/dock 1*things #m1",
        &[],
    );
    seen(
        "09:40 a-cam loading A/dock 2*things #m1",
        "09:45 b-cam loading A/z2 1*things #m1",
        &[],
    );
    // Two that count at one door count the same things.
    seen(
        "09:40 a-cam loading A/dock 3*things #m1",
        "09:40 b-cam loading A/dock 2*things #m1",
        &[],
    );
    // Under no papers, and of what is no unit.
    seen("09:40 a-cam loading A/dock 1*things", "", &[]);
    seen("09:40 a-cam loading A/dock 1*c1 #m1", "", &[]);
    // In the middle of the way.
    seen("10:40 b-cam inspecting B/dock 1*things #m1", "", &[]);
}

#[test]
fn both_signed_for_what_nobody_carried() {
    seen(
        "09:40 a-cam loading A/dock 2*things #m1",
        "",
        &["quantity_mismatch m1/depart"],
    );
    seen(
        "11:20 h-cam inspecting H/dock 1*things #m1",
        "",
        &["quantity_mismatch m1/arrive"],
    );
}

#[test]
fn something_left_that_is_on_no_paper() {
    let more = "09:40 a-cam loading A/dock 5*things #m1";
    seen(more, "", &["quantity_mismatch m1/depart"]);
    // A pallet that holds nothing is a unit, too.
    let loose = LOAD.replace("07:00 a-zone packing A/z1 u1 u2 u3 parent=p1\n", "");
    let four = "09:40 a-cam loading A/dock 4*things #m1";
    check(&format!("{loose}{LEFT}{CAME}{four}\ntick 13:00"), &[]);
    check(
        &format!("{LOAD}{LEFT}{CAME}{four}\ntick 13:00"),
        &["quantity_mismatch m1/depart"],
    );
}

#[test]
fn what_is_missing_is_not_told_twice() {
    let short = "\
09:50 a-dock departing A/dock u1 u2 p1 s1 #m1
09:55 x-van accepting A/dock u1 u2 p1 s1 #m1
09:40 a-cam loading A/dock 2*things #m1
11:30 h-dock receiving H/dock u1 u2 p1 s1 #m1
tick 13:00";
    check(&format!("{LOAD}{short}"), &["missing m1/3/depart u3"]);
}

#[test]
fn a_camera_that_misses_some_is_weighed() {
    let two = "09:40 a-cam loading A/dock 2*things #m1";
    let two = two.replace("a-cam", "a-zone");
    check(
        &format!("reads a-zone 0.9 A/dock\n{LOAD}{LEFT}{CAME}{two}\ntick 13:00"),
        &[],
    );
    let none = "09:40 a-zone loading A/dock 0*things #m1";
    check(
        &format!("reads a-zone 0.99 A/dock\n{LOAD}{LEFT}{CAME}{none}\ntick 13:00"),
        &["quantity_mismatch m1/depart"],
    );
}

#[test]
fn it_is_judged_past_the_deadline_and_when_all_were_heard() {
    let two = "09:40 a-cam loading A/dock 2*things #m1";
    check(&format!("{LOAD}{LEFT}{two}\ntick 10:15"), &[]);
    check(
        &format!("{LOAD}{LEFT}{two}\ntick 10:16"),
        &["quantity_mismatch m1/depart"],
    );
    let two = two.replace("a-cam", "a-zone");
    let owed = format!(
        "contract a-zone 240\n06:10 a-zone inspecting A/dock u9\n{LOAD}{LEFT}{two}\n\
         rest: 09:45 a-zone loading A/dock 1*things #m1 late\n10:30 a-zone inspecting A/dock u9\ntick 11:00"
    );
    check(&owed, &[]);
    check(&format!("{owed}\ncomes rest\ntick 11:10"), &[]);
    check(&format!("{owed}\ntick 11:59"), &[]);
}

#[test]
fn the_difference_is_what_was_signed_for_less_what_was_counted() {
    let check = |counted: u32, expect: i64| {
        let text = format!(
            "{LOAD}{LEFT}{CAME}09:40 a-cam loading A/dock {counted}*things #m1\ntick 13:00"
        );
        let (ledger, _) = Story::read(&text).run();
        let found = ledger.standing().next().expect("a mismatch");
        let amount = found.amount.as_ref().expect("an amount");
        assert_eq!(amount.class, class("things"));
        assert_eq!(amount.difference.value, Decimal::whole(expect), "{counted}");
    };
    check(1, 2);
    check(0, 3);
    check(7, -4);
}

#[test]
fn it_is_nobodys_stock() {
    check(
        "counts things
06:00 wms count k1 A 08:00 09:00
06:00 wms count k2 A 11:00 12:00
07:00 a-zone receiving A/z1 9*c1
08:30 a-zone cycle_counting A/z1 9*c1 7*things #k1
11:30 a-zone cycle_counting A/z1 9*c1 2*things #k2
tick 13:00",
        &[],
    );
}
