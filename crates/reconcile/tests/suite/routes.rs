//! Routes and appointments: a unit is seen at its stops.

use super::story::{check, check_changes};

const ROUTE: &str = "06:00 wms route r1 t1 B,09:00,10:00 A,12:00,13:00\n";
const LEFT: &str = "07:00 a-dock departing A/dock t1\n";
const FIRST: &str = "09:30 b-dock receiving B/dock t1\n";
const SECOND: &str = "12:30 a-dock receiving A/dock t1\n";

#[test]
fn a_stop_is_reached_in_its_window() {
    let on = "10:10 b-dock departing B/dock t1\n";
    check(&format!("{ROUTE}{LEFT}{FIRST}{on}{SECOND}tick 14:00"), &[]);
    check(ROUTE, &[]);
    let gone = format!("{ROUTE}{LEFT}tick 10:30\n");
    check(&gone, &["missing r1/1/stop t1"]);
    // Behind a stop at which it is missing nothing is asked of it.
    check(&format!("{gone}tick 14:00"), &["missing r1/1/stop t1"]);
    // It went by.
    check_changes(
        &format!("{gone}{}", SECOND.replace("A/dock", "D")),
        &[
            "+ missing r1/1/stop t1",
            "+ wrong_place r1/1/stop t1",
            "- missing r1/1/stop t1 > wrong_place r1/1/stop t1",
        ],
    );
    // It came late.
    let late = FIRST.replace("09:30", "10:20");
    check(&format!("{gone}{late}"), &["late r1/1/stop t1"]);
}

#[test]
fn what_is_there_when_a_window_begins_is_there() {
    let route = "06:00 wms route r1 t1 A,09:00,10:00\n";
    let stands = "07:00 a-dock inspecting A/dock t1\n";
    check(&format!("{route}{stands}tick 11:00"), &[]);
    check(
        &format!("{route}{stands}08:00 a-dock departing A/dock t1\ntick 11:00"),
        &["missing r1/1/stop t1"],
    );
}

#[test]
fn readers_that_miss_much_prove_nothing() {
    check(
        &format!("reads b-dock 0.85 B/dock\n{ROUTE}{LEFT}tick 10:30"),
        &[],
    );
}

#[test]
fn a_route_is_said_anew_and_approved() {
    let again = "again: 06:30 wms route r1 t1 B,09:00,11:00 A,12:00,13:00\n";
    let late = "10:30 b-dock receiving B/dock t1\n";
    let story = format!("{ROUTE}{again}{late}tick 11:30\n");
    check(&story, &["conflicting_claim again", "late r1/1/stop t1"]);
    check(&format!("{story}11:40 choose r1 again"), &[]);
}

#[test]
fn what_left_before_its_window_is_told_late() {
    let route =
        "06:00 wms route r1 t1 A,09:00,10:00\n07:00 a-dock inspecting A/dock t1\ntick 11:00\n";
    check(route, &[]);
    check(
        &format!("{route}08:00 a-dock departing A/dock t1"),
        &["missing r1/1/stop t1"],
    );
}
