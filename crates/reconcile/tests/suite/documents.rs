//! Documents that are due, and before which nothing leaves.

use super::story::{Story, check, check_changes};

const LOAD: &str = "06:00 wms manifest m1 A>C 10:00 12:00 u1
06:00 wms document d1 09:00 m1
";

#[test]
fn nothing_leaves_without_its_papers() {
    let named = "07:00 a-zone inspecting A/z1 u9 #d1\n";
    let leaves = "08:00 a-dock departing A/dock u1 #m1\n08:05 x-van accepting A/dock u1 #m1\n";
    let comes = "11:00 c-store receiving C u1 #m1\n";
    check(&format!("{LOAD}{named}{leaves}{comes}tick 13:00"), &[]);
    check(
        &format!("{LOAD}{leaves}"),
        &["proof_missing d1/document u1"],
    );
    // What leaves names it: that is in time.
    let with = leaves.replace("departing A/dock u1 #m1", "departing A/dock u1 #m1 #d1");
    check(&format!("{LOAD}{with}{comes}tick 13:00"), &[]);
    // It came behind; that the load left without it stays.
    check(
        &format!("{LOAD}{leaves}{}", named.replace("07:00", "08:30")),
        &["proof_missing d1/document u1"],
    );
    // It had been there before, and that is told late.
    check_changes(
        &format!("{LOAD}{leaves}{named}"),
        &[
            "+ proof_missing d1/document u1",
            "- proof_missing d1/document u1",
        ],
    );
    // All that left without it is named.
    let two = LOAD.replace("u1\n", "u1 u2\n");
    check(
        &format!(
            "{two}08:00 a-dock departing A/dock u1 #m1\n08:02 a-dock departing A/dock u2 #m1\n08:05 x-van accepting A/dock u1 u2 #m1"
        ),
        &["proof_missing d1/document u1,u2"],
    );
    // The load of another plan may leave.
    check(&format!("{LOAD}{}", leaves.replace("#m1", "#m2")), &[]);
}

#[test]
fn what_never_comes_is_missing_and_what_comes_late_is_late() {
    let due = "06:00 wms document d1 09:00\n";
    check(due, &[]);
    check(&format!("{due}tick 09:30"), &["proof_missing d1/document"]);
    let late = "09:10 a-zone inspecting A/z1 u9 #d1";
    check_changes(
        &format!("{due}tick 09:30\n{late}"),
        &[
            "+ proof_missing d1/document",
            "+ late d1/document",
            "- proof_missing d1/document > late d1/document",
        ],
    );
    check(
        &format!("{due}08:10 a-zone inspecting A/z1 u9 #d1\ntick 09:30"),
        &[],
    );
    // Whoever signs with a suspect key proves nothing.
    check(
        &format!("suspect a-zone 00:00\n{due}08:10 a-zone inspecting A/z1 u9 #d1\ntick 09:30"),
        &["proof_missing d1/document"],
    );
}

#[test]
fn who_may_still_name_it_is_waited_for() {
    let story = "contract a-zone 120 10 A/z1
08:00 a-zone inspecting A/z1 u9
06:00 wms manifest m1 A>C 10:00 12:00 u1
06:00 wms document d1 09:00 m1
tick 09:30
";
    check(story, &[]);
    check(
        &format!("{story}09:20 a-zone inspecting A/z1 u9\ntick 09:40"),
        &["proof_missing d1/document"],
    );
}

#[test]
fn it_is_said_once_or_two_people_choose() {
    let story = "06:00 wms document d1 09:00\ntwice: 06:10 wms document d1 11:00\ntick 09:30\n";
    check(
        story,
        &["conflicting_claim twice", "proof_missing d1/document"],
    );
    check(&format!("{story}09:40 choose d1 twice"), &[]);
}

#[test]
fn they_are_counted_among_what_is_expected() {
    let story = Story::read(
        "06:00 wms document d1 09:00\n06:00 wms document d2 09:00\n06:00 wms document d3 11:00
        08:10 a-zone inspecting A/z1 u9 #d1\ntick 09:30",
    );
    let (ledger, _) = story.run();
    let totals = ledger.totals();
    let group = totals.groups.get("document").expect("a group of its own");
    let counts = &group.counts;
    assert_eq!((counts.met, counts.missing, counts.pending), (1, 1, 1));
}
