//! Corrections that make a loss disappear. The tolerance of weights is 0.5 kg or one in a hundred.

use super::story::{check, check_changes};

/// Ten kilograms less come than left.
const WEIGHED: &str = "e1: 08:00 a-dock inspecting A/dock u1 w=100
e2: 11:00 h-dock inspecting A/dock u1 w=90
";

#[test]
fn a_weight_is_taken_back_that_showed_a_loss() {
    check(WEIGHED, &["weight_mismatch e1 u1"]);
    check_changes(
        &format!("{WEIGHED}d: 12:00 h-dock declare e2"),
        &[
            "+ weight_mismatch e1 u1",
            "+ record_tampering d u1",
            "- weight_mismatch e1 u1 > record_tampering d u1",
        ],
    );
    // What stands instead hides it no better,
    let instead = "d: 12:00 h-dock declare e2\ne3: 11:00 h-dock inspecting A/dock u1 w=100";
    check(&format!("{WEIGHED}{instead}"), &["record_tampering d u1"]);
    // nor does the first weight, set right behind the second.
    check(
        &format!("{WEIGHED}d: 12:00 a-dock declare e1\n08:00 a-dock inspecting A/dock u1 w=90"),
        &["record_tampering d u1"],
    );
}

#[test]
fn honest_corrections_of_weights() {
    // At once.
    check(
        &format!("{WEIGHED}11:10 h-dock declare e2\n11:00 h-dock inspecting A/dock u1 w=100"),
        &[],
    );
    // Before anybody could see a loss.
    check(
        "e1: 08:00 a-dock inspecting A/dock u1 w=110\n10:00 a-dock declare e1
        08:00 a-dock inspecting A/dock u1 w=100\n11:00 h-dock inspecting A/dock u1 w=100",
        &[],
    );
    // Somebody else weighs it, and says the same.
    let story =
        format!("{WEIGHED}d: 12:00 h-dock declare e2\n12:30 b-dock inspecting A/dock u1 w=100");
    check(&story, &[]);
    // He may have weighed it before the correction, whatever the identities are.
    for label in ["l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8", "l9", "l10"] {
        let wrong = WEIGHED.replace("e2:", &format!("{label}:"));
        let check_first =
            format!("11:40 b-dock inspecting A/dock u1 w=100\n12:00 h-dock declare {label}");
        check(&format!("{wrong}{check_first}"), &[]);
        let check_behind =
            format!("12:00 h-dock declare {label}\n12:30 b-dock inspecting A/dock u1 w=100");
        check(&format!("{wrong}{check_behind}"), &[]);
    }
    // Who weighed it before the loss confirms nothing.
    check(
        &format!("07:00 b-dock inspecting A/dock u1 w=100\n{WEIGHED}d: 12:00 h-dock declare e2"),
        &["record_tampering d u1"],
    );
    // The loss is seen still.
    check(
        &format!("{WEIGHED}12:00 h-dock declare e2\ne3: 11:00 h-dock inspecting A/dock u1 w=92"),
        &["weight_mismatch e1 u1"],
    );
    // Nobody else ever weighed it.
    check(
        "e1: 08:00 a-dock inspecting A/dock u1 w=10\n12:00 a-dock declare e1
        08:00 a-dock inspecting A/dock u1 w=100",
        &[],
    );
}

#[test]
fn a_declaration_is_no_older_than_its_statement() {
    check(
        &format!("{WEIGHED}d: 11:10 h-dock declare e2 signed=13:00"),
        &["record_tampering d u1"],
    );
}

#[test]
fn open_doors_are_taken_back() {
    let load = "06:00 wms manifest m1 A>H 10:00 12:00 s1
08:00 a-dock departing A/dock s1 #m1
08:05 x-van accepting A/dock s1 #m1
e1: 11:00 h-dock inspecting H/dock s1 doors=open
11:30 h-dock receiving H/dock s1 #m1
";
    check(load, &["seal_broken e1 s1"]);
    let back = format!("{load}d: 13:00 h-dock declare e1");
    check(&back, &["record_tampering d s1"]);
    check(
        &format!("{back}\n11:20 b-dock inspecting H/dock s1 doors=closed"),
        &[],
    );
}

#[test]
fn an_amount_that_was_short_is_corrected_behind_the_deadline() {
    let load = "06:00 wms manifest m1 A>B 10:00 12:00 40*c1
09:00 a-dock departing A/dock 40*c1 #m1
e1: 11:00 b-dock receiving B/dock 37*c1 #m1
tick 13:00
";
    check(load, &["quantity_mismatch m1/1/arrive"]);
    let instead = "11:00 b-dock receiving B/dock 40*c1 #m1";
    check(
        &format!("{load}d: 13:30 b-dock declare e1\n{instead}"),
        &["record_tampering d"],
    );
    // Before it, whoever counts again may say so.
    check(&format!("{load}11:45 b-dock declare e1\n{instead}"), &[]);
    check(
        &format!("{load}d: 13:30 b-dock declare e1\n11:00 b-dock receiving B/dock 38*c1 #m1"),
        &["quantity_mismatch m1/1/arrive"],
    );
}

#[test]
fn a_plan_is_changed_when_its_goods_are_on_the_way() {
    let load = "06:00 wms manifest m1 A>H 10:00 12:00 u1 u2
08:00 a-dock departing A/dock u1 u2 #m1
08:05 x-van accepting A/dock u1 u2 #m1
";
    let changed = format!(
        "{load}11:00 h-dock receiving H/dock u1 #m1
        again: 06:30 wms manifest m1 A>H 10:00 12:00 u1\n11:30 choose m1 again\n"
    );
    check(&format!("{changed}tick 12:05"), &[]);
    check(
        &format!("{changed}tick 13:00"),
        &["record_tampering m1/change u2"],
    );
    // It came after all,
    check(
        &format!("{changed}tick 13:00\n12:30 h-dock receiving H/dock u2"),
        &[],
    );
    // or had not left when the plan was changed.
    let before = changed.replace("11:30 choose", "07:30 choose");
    let without = before.replace("departing A/dock u1 u2", "departing A/dock u1");
    let without = without.replace("accepting A/dock u1 u2", "accepting A/dock u1");
    check(&format!("{without}tick 13:00"), &[]);
}
