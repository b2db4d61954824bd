//! Who must be heard and is not; and what of a chain never came.

use super::story::{check, check_changes};

/// a-dock may say what it says four hours late, and speaks every ten minutes.
const HANDHELD: &str = "contract a-dock 240 10
08:00 a-dock storing A/dock u1
08:10 a-dock storing A/dock u1";

#[test]
fn a_source_is_silent_behind_its_heartbeat_and_its_grace() {
    check(&format!("{HANDHELD}\ntick 12:20"), &[]);
    check(
        &format!("{HANDHELD}\ntick 12:21"),
        &["source_silent a-dock 08:10-"],
    );
    let heard = format!("{HANDHELD}\n08:20 a-dock storing A/dock u1\ntick 12:21");
    check(&heard, &[]);
}

#[test]
fn being_heard_again_ends_a_silence_and_does_not_take_it_back() {
    let told = format!(
        "{HANDHELD}\ntick 12:21\n09:00 a-dock storing A/dock u1\n09:05 a-dock storing A/dock u1"
    );
    check_changes(
        &format!("{told}\ntick 12:30"),
        &[
            "+ source_silent a-dock 08:10-",
            "~ source_silent a-dock 08:10-09:00",
        ],
    );
}

#[test]
fn a_clock_that_was_ahead_makes_the_newest_word_an_earlier_one() {
    // Since its second statement its clock is known to be 20 minutes ahead.
    check(
        "contract x-van 240 60
        clock x-van 20 2
        07:15 x-van storing A/z1 u1
        07:15 x-van storing A/z1 u2
        tick 12:10",
        &["source_silent x-van 06:55-"],
    );
}

#[test]
fn whoever_signs_lives_whatever_it_speaks_of() {
    // Ten minutes later it says once more what it saw before.
    let again = format!(
        "{HANDHELD}\n08:10 a-dock storing A/dock u1 signed=08:20\n08:30 a-dock storing A/dock u1"
    );
    check(&format!("{again}\ntick 12:30"), &[]);
    check(
        &format!(
            "{}\ntick 12:30",
            again.replace("signed=08:20", "signed=08:11")
        ),
        &["source_silent a-dock 08:11-08:30"],
    );
}

#[test]
fn what_was_said_in_between_takes_it_back_however_late_it_comes() {
    let told = format!(
        "{HANDHELD}\nkept: 08:20 a-dock storing A/dock u1 late\n08:30 a-dock storing A/dock u1\ntick 12:29\ncomes kept"
    );
    check_changes(
        &told,
        &[
            "+ source_silent a-dock 08:10-08:30",
            "- source_silent a-dock 08:10-08:30",
        ],
    );
}

#[test]
fn what_has_ended_is_found_when_nothing_more_can_come() {
    let told = format!("{HANDHELD}\n08:40 a-dock storing A/dock u1");
    check(&format!("{told}\ntick 12:20"), &[]);
    check(
        &format!("{told}\ntick 12:21"),
        &["source_silent a-dock 08:10-08:40"],
    );
}

#[test]
fn who_hangs_on_a_wire_lives_when_it_is_heard() {
    // Its clock is an hour behind, and nobody knows.
    let camera = "contract a-zone 0 10\ntick 08:00\n07:00 a-zone storing A/z1 u1\ntick 08:10\n07:10 a-zone storing A/z1 u1";
    check(&format!("{camera}\ntick 08:20"), &[]);
    check(
        &format!("{camera}\ntick 08:21"),
        &["source_silent a-zone 08:10-"],
    );
    let back = format!("{camera}\ntick 08:40\n07:40 a-zone storing A/z1 u1\ntick 08:50");
    check(&back, &["source_silent a-zone 08:10-08:40"]);
}

#[test]
fn what_is_under_way_for_a_while_is_no_silence() {
    // Every ten minutes, and the second word takes half a minute longer.
    let camera = "contract a-zone 0 10\ntick 08:00\n07:59 a-zone storing A/z1 u1\ntick 08:10\n08:09 a-zone storing A/z1 u1";
    check(
        &format!("{camera}\ntick 08:21\n08:19 a-zone storing A/z1 u1\ntick 08:25"),
        &[],
    );
    let late = format!("{camera}\ntick 08:21\n08:10 a-zone storing A/z1 u1\ntick 08:25");
    check(&late, &["source_silent a-zone 08:10-08:21"]);
}

#[test]
fn who_was_never_heard_or_has_no_heartbeat_is_not_missed() {
    check("contract a-dock 240 10\ntick 23:00", &[]);
    check(
        "contract a-dock 240\n08:00 a-dock storing A/dock u1\ntick 23:00",
        &[],
    );
}

#[test]
fn sources_of_one_site_that_are_silent_together_say_so() {
    let site = "contract a-zone 0 10 A/z1\ncontract a-dock 0 10 A/dock\ncontract h-dock 0 10 H/dock
        tick 08:00\n08:00 a-zone storing A/z1 u1\n08:00 a-dock storing A/dock u2\n08:00 h-dock storing H/dock u3
        tick 08:05\n08:05 a-dock storing A/dock u2";
    check(
        &format!("{site}\ntick 08:11"),
        &[
            "source_silent a-zone (1 of 2) 08:00-",
            "source_silent h-dock (1 of 1) 08:00-",
        ],
    );
    let both = format!("{site}\ntick 08:16");
    check(
        &both,
        &[
            "source_silent a-dock (2 of 2) 08:05-",
            "source_silent a-zone (2 of 2) 08:00-",
            "source_silent h-dock (1 of 1) 08:00-",
        ],
    );
    // One comes back before the other is silent again: not together.
    let apart = format!(
        "{both}\ntick 08:20\n08:20 a-zone storing A/z1 u1\n08:20 a-dock storing A/dock u2\n08:20 h-dock storing H/dock u3
        tick 08:30\n08:30 a-zone storing A/z1 u1\n08:30 h-dock storing H/dock u3\ntick 08:31"
    );
    check(
        &apart,
        &[
            "source_silent a-dock (1 of 2) 08:20-",
            "source_silent a-dock (2 of 2) 08:05-08:20",
            "source_silent a-zone (2 of 2) 08:00-08:20",
            "source_silent h-dock (1 of 1) 08:00-08:20",
        ],
    );
}

#[test]
fn a_clock_that_is_set_right_moves_a_silence() {
    let told = format!("{HANDHELD}\nclock a-dock -60\ntick 12:30");
    check(&told, &[]);
    check(
        &format!("{told}\ntick 13:21"),
        &["source_silent a-dock 09:10-"],
    );
}

#[test]
fn a_contract_that_is_withdrawn_takes_its_silences_back() {
    check_changes(
        &format!("{HANDHELD}\ntick 12:21\ncontract a-dock 240"),
        &[
            "+ source_silent a-dock 08:10-",
            "- source_silent a-dock 08:10-",
        ],
    );
}

/// Statements 2, 3 and 5 of a-dock do not come.
const HOLES: &str = "contract a-dock 240
08:00 a-dock storing A/dock u1
e2: 08:10 a-dock storing A/dock u1 late
e3: 08:20 a-dock storing A/dock u1 late
08:30 a-dock storing A/dock u1
e5: 08:40 a-dock storing A/dock u1 late
08:50 a-dock storing A/dock u1";

#[test]
fn what_never_came_is_suppressed_when_its_grace_is_over() {
    check(&format!("{HOLES}\ntick 12:30"), &[]);
    check(
        &format!("{HOLES}\ntick 12:31"),
        &["suppressed_statement a-dock 2-3"],
    );
    // Of one day it is one matter.
    check(
        &format!("{HOLES}\ntick 12:51"),
        &["suppressed_statement a-dock 2-5"],
    );
    // And what comes after all is no longer missed.
    check(
        &format!("{HOLES}\ntick 12:51\ncomes e3\ncomes e5"),
        &["suppressed_statement a-dock 2"],
    );
    check_changes(
        &format!("{HOLES}\ntick 12:31\ncomes e2\ncomes e3"),
        &[
            "+ suppressed_statement a-dock 2-3",
            "~ suppressed_statement a-dock 3",
            "- suppressed_statement a-dock 2-3",
        ],
    );
}

#[test]
fn who_has_no_grace_has_a_day() {
    let told = HOLES.replace("contract a-dock 240\n", "");
    check(&format!("{told}\ntick 08:30+1"), &[]);
    check(
        &format!("{told}\ntick 08:31+1"),
        &["suppressed_statement a-dock 2-3"],
    );
}

#[test]
fn while_the_node_does_not_run_nobody_is_silent() {
    // It ran until 08:15 and again from 13:00 on: five minutes of listening are gone, of 250.
    let told = format!("{HANDHELD}\noutage 08:15 13:00");
    check(&format!("{told}\ntick 17:05"), &[]);
    check(
        &format!("{told}\ntick 17:06"),
        &["source_silent a-dock 08:10-"],
    );
    let camera =
        "contract a-zone 0 10\ntick 08:00\n08:00 a-zone storing A/z1 u1\noutage 08:05 12:00";
    let back = format!("{camera}\ntick 12:04\n12:04 a-zone storing A/z1 u1\ntick 12:08");
    check(&back, &[]);
    check(
        &format!("{camera}\ntick 12:06"),
        &["source_silent a-zone 08:00-"],
    );
}

#[test]
fn while_the_node_does_not_run_nobody_is_late() {
    let told = "contract a-dock 240
        06:00 wms manifest m1 A>H 10:00 12:00 u1
        06:05 a-dock storing A/dock u1
        gone: 09:50 a-dock departing A/dock u1 #m1 late
        10:20 a-dock storing A/dock u3";
    let found = &["missing m1/1/depart u1", "suppressed_statement a-dock 2"];
    check(&format!("{told}\ntick 15:00"), found);
    check(&format!("{told}\noutage 11:00 15:00\ntick 15:00"), &[]);
    check(&format!("{told}\noutage 11:00 15:00\ntick 18:20"), &[]);
    check(&format!("{told}\noutage 11:00 15:00\ntick 18:21"), found);
    // What nobody could hear before was heard by nobody: what is found already is taken back.
    check(&format!("{told}\ntick 15:00\noutage 11:00 15:00"), &[]);
}

#[test]
fn outside_its_hours_a_source_may_be_silent() {
    // 2026-03-02 is a Monday.
    let heard = "hours a-dock A/dock Mon-Fri 06:00-12:00\n11:55 a-dock storing A/dock u1";
    check(&format!("{heard}\n tick 06:06+1"), &[]);
    check(
        &format!("{heard}\n tick 06:07+1"),
        &["source_silent a-dock (1 of 1) 11:55-"],
    );
    check(
        &format!("{heard}\n 06:04+1 a-dock storing A/dock u1\n tick 06:10+1"),
        &[],
    );
    // Within them it may not.
    check(
        &format!("{heard}\n 08:00+1 a-dock storing A/dock u1\n tick 08:10+1"),
        &["source_silent a-dock (1 of 1) 11:55-08:00"],
    );
}
