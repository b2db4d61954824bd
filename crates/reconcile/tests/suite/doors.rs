//! Doors and seals that were found open.

use super::story::{check, check_changes};

/// The seal `s1` leaves with its load.
const LOAD: &str = "06:00 wms manifest m1 A>H 10:00 12:00 s1
08:00 a-dock departing A/dock s1 #m1
08:05 x-van accepting A/dock s1 #m1";

#[test]
fn what_comes_open_was_opened_on_the_way() {
    let gate = "e1: 11:00 h-dock inspecting H/dock s1 doors=open";
    let taken = "11:30 h-dock receiving H/dock s1 #m1";
    check(
        &format!("{LOAD}\n{gate}\n{taken}\ntick 13:00"),
        &["seal_broken e1 s1"],
    );
    check(
        &format!("{LOAD}\n{}\n{taken}", gate.replace("=open", "=closed")),
        &[],
    );
    // The receiver may open it, and does so by unloading.
    let opens = gate.replace("inspecting", "unloading");
    check(&format!("{LOAD}\n{opens}\n{taken}"), &[]);
    check(
        &format!("{LOAD}\n{taken}\n{}", gate.replace("11:00", "11:40")),
        &[],
    );
    // The one who takes it over finds it open.
    check(
        &format!("{LOAD}\ne1: 11:30 h-dock receiving H/dock s1 #m1 doors=open"),
        &["seal_broken e1 s1"],
    );
}

#[test]
fn it_is_said_once_until_it_is_closed_again() {
    let story = format!(
        "{LOAD}
        e1: 11:00 h-dock inspecting H/dock s1 doors=open
        11:05 h-dock inspecting H/dock s1 doors=open"
    );
    check(&story, &["seal_broken e1 s1"]);
    let again = format!(
        "{story}
        11:10 h-dock inspecting H/dock s1 doors=closed
        e2: 11:20 h-dock inspecting H/dock s1 doors=open"
    );
    check(&again, &["seal_broken e1 s1", "seal_broken e2 s1"]);
}

#[test]
fn what_was_closed_is_closed_until_somebody_opens_it() {
    let closed = "08:00 a-zone inspecting A/z1 p1 doors=closed";
    let open = "e1: 12:00 a-zone inspecting A/z1 p1 doors=open";
    check(&format!("{closed}\n{open}"), &["seal_broken e1 p1"]);
    check(
        &format!("{closed}\n11:00 a-dock unpacking A/z1 p1 doors=open\n{open}"),
        &[],
    );
    // Of what nobody said that it was closed, and what lies where it is, nothing is said.
    check(open, &[]);
    // Whoever opened it says so late.
    check_changes(
        &format!("{closed}\n{open}\n11:00 a-dock unpacking A/z1 p1 doors=open"),
        &["+ seal_broken e1 p1", "- seal_broken e1 p1"],
    );
}

#[test]
fn a_way_that_was_taken_back_closes_nothing() {
    let open = "12:00 a-dock inspecting A/dock s1 doors=open";
    check(
        &format!("08:00 a-dock departing A/dock s1\n09:00 a-dock void_shipping A/dock s1\n{open}"),
        &[],
    );
}

const PLANNED: &str = "urn:countersign:key:1:seal:71";
const OTHER: &str = "urn:countersign:key:1:seal:99";

#[test]
fn another_seal_than_the_plan_says() {
    let load = format!(
        "06:00 wms manifest m1 A>H 10:00 12:00 u1 seal:{PLANNED}
        08:00 a-dock departing A/dock u1 {PLANNED} #m1
        08:05 x-van accepting A/dock u1 {PLANNED} #m1
        "
    );
    let (planned, other) = (PLANNED.replace(':', "/"), OTHER.replace(':', "/"));
    let comes =
        |seal: &str| format!("{load}11:00 h-dock receiving H/dock u1 {seal} #m1\ntick 13:00");
    check(&comes(PLANNED), &[]);
    check(
        &comes(""),
        &[&format!("seal_mismatch m1/2/arrive {planned}")],
    );
    check(
        &comes(OTHER),
        &[&format!("seal_mismatch m1/2/arrive {planned},{other}")],
    );
    // Seen before the term is over, by the one that should not be there.
    check(
        &comes(OTHER).replace("\ntick 13:00", ""),
        &[&format!("seal_mismatch m1/2/arrive {other}")],
    );
    // What is no seal is unexpected, as ever.
    check(&comes(&format!("{PLANNED} u7")), &["unexpected #3 u7"]);
    // Of a load that did not come at all the seal is missing like the rest.
    check(
        &format!("{load}tick 13:00"),
        &[
            "missing m1/1/arrive u1",
            &format!("missing m1/2/arrive {planned}"),
        ],
    );
    // It was never put on.
    let without = comes("").replace(&format!("A/dock u1 {PLANNED}"), "A/dock u1");
    check(&without, &[&format!("seal_mismatch m1/2/depart {planned}")]);
}
