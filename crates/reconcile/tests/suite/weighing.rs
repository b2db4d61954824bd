//! Readers miss some of what passes. What one of them did not read may be there; what several of
//! them did not read is not.

use super::story::{Story, check};

/// u1 to u4 leave A and u4 is not read at H by its dock.
const TRUCK: &str = "\
06:00 wms manifest m1 A>H 10:00 12:00 u1 u2 u3 u4
09:50 a-dock departing A/dock u1 u2 u3 u4 #m1
09:55 x-van accepting A/dock u1 u2 u3 u4 #m1
11:30 h-dock receiving H/dock u1 u2 u3 #m1
";

#[test]
fn what_one_reader_missed_may_be_there() {
    let missing = ["missing m1/4/arrive u4"];
    check(&format!("{TRUCK} tick 13:00"), &missing);
    check(
        &format!("reads h-dock 0.9991\n{TRUCK} tick 13:00"),
        &missing,
    );
    let text = format!("reads h-dock 0.85\n{TRUCK} tick 13:00");
    check(&text, &[]);
    let (ledger, _) = Story::read(&text).run();
    assert_eq!(ledger.totals().counts.unproven, 1, "{text}");
    assert_eq!(ledger.totals().counts.missing, 0, "{text}");
}

#[test]
fn what_several_missed_is_not_there() {
    // 0.15 x 0.15 is more than one in a thousand, 0.15 x 0.15 x 0.02 is less.
    let two = format!(
        "reads h-dock 0.85\nreads b-dock 0.85\n{TRUCK} 11:10 b-dock arriving H/dock u1 u2 u3 #m1\n tick 13:00"
    );
    check(&two, &[]);
    check(
        &format!("reads c-store 0.98\n{two}\n 13:10 c-store storing H/z1 u1 u2 #m1"),
        &["missing m1/4/arrive u4"],
    );
}

#[test]
fn who_was_read_later_came_with_its_mates() {
    let late = "14:00 h-dock storing H/z1 u4\n tick 14:30";
    check(
        &format!("{TRUCK} tick 13:00\n {late}"),
        &["late m1/4/arrive u4", "unaccepted #5 u4"],
    );
    check(
        &format!("reads h-dock 0.85\n{TRUCK} tick 13:00\n {late}"),
        &[],
    );
}

#[test]
fn a_truck_of_which_nothing_was_read_did_not_come() {
    let none = TRUCK.replace("11:30 h-dock receiving H/dock u1 u2 u3 #m1\n", "");
    check(
        &format!("reads h-dock 0.85\n{none} tick 13:00"),
        &[
            "missing m1/1/arrive u1",
            "missing m1/2/arrive u2",
            "missing m1/3/arrive u3",
            "missing m1/4/arrive u4",
        ],
    );
}

#[test]
fn what_a_giver_does_not_name_was_not_given() {
    let short = "\
reads a-dock 0.85
06:00 wms manifest m1 A>H 10:00 12:00 u1 u2
07:00 a-dock storing A/dock u1 u2
09:50 a-dock departing A/dock u1 #m1
09:55 x-van accepting A/dock u1 #m1
tick 10:30";
    check(short, &["missing m1/2/depart u2"]);
}

#[test]
fn one_count_that_missed_it_proves_nothing_and_two_good_ones_do() {
    let counts = "\
06:00 wms count k1 A/z1 10:00 11:00
06:00 wms count k2 A/z1 14:00 15:00
07:00 a-zone storing A/z1 u1 u2
10:30 a-zone cycle_counting A/z1 u2 #k1
14:30 a-zone cycle_counting A/z1 u2 #k2
";
    check(&format!("reads a-zone 0.9\n{counts} tick 16:00"), &[]);
    let good = format!("reads a-zone 0.97\n{counts}");
    check(&format!("{good} tick 12:00"), &[]);
    check(&format!("{good} tick 16:00"), &["missing k1/count u1"]);
}
