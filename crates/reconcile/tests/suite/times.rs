//! How long a way takes, how long goods may stay, and how late a word may come.

use super::story::{check, check_changes};

#[test]
fn nobody_is_elsewhere_sooner_than_the_way_takes() {
    let story = "limit A-H min 60
        08:00 a-zone storing A/z1 u1
        e1: 08:59 h-dock storing H/z1 u1
        10:00 h-dock storing H/z1 u1";
    check(story, &["impossible_travel e1 u1"]);
    // In time it is a move that nobody saw.
    check(&story.replace("08:59", "09:00"), &["custody_gap e1 u1"]);
    // The way back has no lane of its own: it takes as long.
    let back = "limit A-H min 60
        08:00 h-dock storing H/z1 u1
        e1: 08:30 a-zone storing A/z1 u1";
    check(back, &["impossible_travel e1 u1"]);
    // Nobody says how long the way to B takes.
    check(
        &back.replace("08:00 h-dock storing H/z1", "08:00 b-dock storing B/z1"),
        &["custody_gap e1 u1"],
    );
}

#[test]
fn both_signatures_do_not_make_a_way_shorter() {
    let story = "limit A-H min 60
        06:00 wms manifest m1 A>H 10:00 12:00 u1 u2
        08:00 a-dock departing A/dock u1 #m1
        08:05 x-van accepting A/dock u1 #m1
        e1: 08:20 h-dock receiving H/dock u1 #m1
        09:30 a-dock departing A/dock u2 #m1
        09:35 x-van accepting A/dock u2 #m1
        11:00 h-dock receiving H/dock u2 #m1
        tick 13:00";
    check(story, &["impossible_travel e1 u1"]);
}

#[test]
fn there_and_back_too_soon_is_two_things_with_one_name() {
    let story = "limit A-H min 60
        08:00 a-zone storing A/z1 u1
        e1: 08:20 h-dock storing H/z1 u1
        08:40 a-zone storing A/z1 u1";
    check_changes(
        story,
        &[
            "+ impossible_travel e1 u1",
            "+ duplicate_identity e1 u1",
            "- impossible_travel e1 u1 > duplicate_identity e1 u1",
        ],
    );
    // However often.
    check(
        &format!("{story}\n08:50 h-dock storing H/z1 u1\n12:00 h-dock storing H/z1 u1"),
        &["duplicate_identity e1 u1"],
    );
    // The clock of the dock was an hour ahead: it went there and stayed.
    check(
        &format!("{story}\nclock h-dock -90"),
        &["custody_gap e1 u1"],
    );
}

#[test]
fn what_stays_too_long_is_found_when_it_has() {
    let story = "limit A stay 120
        e1: 08:00 a-zone storing A/z1 u1
        08:30 a-zone storing A/z2 u1";
    check(&format!("{story}\ntick 10:00"), &[]);
    check(&format!("{story}\ntick 10:01"), &["dwell e1 u1"]);
    // It left in time, which comes late.
    check_changes(
        &format!("{story}\ntick 10:01\n09:50 a-dock departing A/dock u1"),
        &["+ dwell e1 u1", "- dwell e1 u1"],
    );
    // It left too late: it stayed too long, and that remains.
    check_changes(
        &format!("{story}\ntick 10:01\n11:00 a-dock departing A/dock u1"),
        &["+ dwell e1 u1", "~ dwell e1 u1"],
    );
    // Another site has no limit.
    check(
        &format!("{}\ntick 15:00", story.replace("A stay", "B stay")),
        &[],
    );
    check(&format!("{story}\n09:00 write_off u1\ntick 12:00"), &[]);
}

#[test]
fn each_stay_has_its_own_time() {
    let story = "limit A stay 120
        08:00 a-zone storing A/z1 u1
        09:00 a-dock departing A/dock u1
        09:05 x-van accepting A/dock u1
        10:00 h-dock receiving H/dock u1
        11:00 h-dock departing H/dock u1
        e1: 12:00 a-dock receiving A/dock u1";
    check(&format!("{story}\ntick 14:00"), &[]);
    check(&format!("{story}\ntick 14:01"), &["dwell e1 u1"]);
}

#[test]
fn what_no_plan_sends_may_not_be_under_way_for_ever() {
    let story = "limit A-C max 120
        limit A-H max 180
        e1: 08:00 a-dock departing A/dock u1";
    check(&format!("{story}\ntick 11:00"), &[]);
    check(&format!("{story}\ntick 11:01"), &["dwell e1 u1"]);
    let came = "10:30 h-dock receiving H/dock u1";
    check(
        &format!("{story}\n{came}\n08:05 x-van accepting A/dock u1\ntick 12:00"),
        &[],
    );
    // One of the ways from there has no limit: it may be on that.
    let open = story.replace("limit A-C max 120\n", "");
    check(&format!("{open}\ntick 15:00"), &[]);
    // With a plan its deadlines hold.
    let planned = "06:00 wms manifest m1 A>H 10:00 20:00 u1";
    let signed = "08:05 x-van accepting A/dock u1";
    check(&format!("{planned}\n{story}\n{signed}\ntick 15:00"), &[]);
}

#[test]
fn what_is_missing_is_not_said_to_stay() {
    let story = "limit A stay 120
        06:00 wms manifest m1 A>H 10:00 12:00 u1
        08:00 a-zone storing A/z1 u1
        tick 13:00";
    check(story, &["missing m1/1/depart u1"]);
}

#[test]
fn what_comes_when_all_is_settled_moves_nothing() {
    let story = "limit all late 120
        08:00 a-zone storing A/z1 u1
        kept: 08:30 b-dock storing B/z1 u1 late
        tick 10:30";
    check(&format!("{story}\ncomes kept"), &["custody_gap kept u1"]);
    check(
        &format!("{story}\ntick 10:31\ncomes kept"),
        &["late_evidence kept u1"],
    );
    let opened = story.replace("limit all late 120\n", "");
    check(
        &format!("{opened}\ntick 23:00\ncomes kept"),
        &["custody_gap kept u1"],
    );
}
