//! Weights of one unit, one after the other. The smaller identity of the two claims is the anchor. The tolerance is 0.5 kg or one in a hundred.

use super::story::{check, check_changes};

#[test]
fn a_unit_weighs_what_it_weighed() {
    let first = "e1: 08:00 a-dock inspecting A/dock u1 w=100\n";
    check(
        &format!("{first}e2: 09:00 a-dock inspecting A/dock u1 w=99"),
        &[],
    );
    check(
        &format!("{first}e2: 09:00 a-dock inspecting A/dock u1 w=98.9"),
        &["weight_mismatch e1 u1"],
    );
    check(
        "08:00 a-dock inspecting A/dock u1 w=2\n09:00 a-dock inspecting A/dock u1 w=1.5",
        &[],
    );
    // The scale said it was out of order.
    check(
        &format!("{first}09:00 a-dock inspecting A/dock u1 w=50?"),
        &[],
    );
    // Not of one unit: nobody knows whose weight it is.
    check(
        &format!("{first}09:00 a-dock inspecting A/dock u1 u2 w=50"),
        &[],
    );
}

#[test]
fn the_weight_of_a_load_is_its_containers() {
    check(
        "e2: 08:00 a-dock loading A/dock u1 u2 parent=p1 w=100\ne4: 09:00 a-dock inspecting A/dock p1 w=80",
        &["weight_mismatch e4 p1"],
    );
    // Packed again in between.
    check(
        "08:00 a-dock loading A/dock u1 u2 parent=p1 w=100\n08:30 a-dock packing A/dock u3 parent=p1\n09:00 a-dock inspecting A/dock p1 w=120",
        &[],
    );
}

#[test]
fn each_weight_is_compared_with_the_one_before() {
    check(
        "e1: 08:00 a-dock inspecting A/dock u1 w=100\n09:00 a-dock inspecting A/dock u1 w=80\n10:00 a-dock inspecting A/dock u1 w=80",
        &["weight_mismatch e1 u1"],
    );
}

/// Twenty kilograms less for the dock.
const LESS: &str =
    "e1: 08:00 a-zone inspecting A/dock u1 w=100\ne2: 09:00 a-dock inspecting A/dock u1 w=80\n";

#[test]
fn a_reading_that_others_outvote_counts_for_nothing() {
    check(LESS, &["weight_mismatch e2 u1"]);
    let again =
        |who: &str, kilograms: u8| format!("{LESS}10:00 {who} inspecting A/dock u1 w={kilograms}");
    check(&again("a-zone", 100), &[]);
    check_changes(
        &again("b-dock", 100),
        &["+ weight_mismatch e2 u1", "- weight_mismatch e2 u1"],
    );
    // The same scale once more is no other word,
    check(&again("a-dock", 100), &["weight_mismatch e2 u1"]);
    // nor does it count whose second word is another than his first.
    check(
        &format!(
            "{LESS}09:30 b-dock inspecting A/dock u1 w=80\n10:00 b-dock inspecting A/dock u1 w=80"
        ),
        &["weight_mismatch e2 u1"],
    );
    // Packed in between.
    check(
        &format!(
            "{}09:30 a-dock packing A/dock u2 parent=u1\n10:00 b-dock inspecting A/dock u1 w=100",
            LESS
        ),
        &["weight_mismatch e2 u1"],
    );
}

#[test]
fn a_weight_may_be_put_right_in_its_grace() {
    let story = format!("limit all weight 15\n{LESS}");
    check(&format!("{story}tick 09:15"), &[]);
    check(&format!("{story}tick 09:16"), &["weight_mismatch e2 u1"]);
    let right = "09:10 a-dock declare e2\n09:00 a-dock inspecting A/dock u1 w=100\ntick 12:00";
    check_changes(&format!("{story}{right}"), &[]);
    let outvoted = "09:12 b-dock inspecting A/dock u1 w=100\n11:00 a-dock declare e2\ntick 12:00";
    check_changes(&format!("{story}{outvoted}"), &[]);
    // With a longer grace a later correction hides nothing.
    let late = "09:40 a-dock declare e2\ntick 12:00";
    check(&format!("{story}{late}"), &["record_tampering #3 u1"]);
    let longer = story.replace("weight 15", "weight 60");
    check_changes(&format!("{longer}{late}"), &[]);
    // Whoever is there and may still say so is heard first.
    let late = "contract a-zone 120 \n08:55 a-zone storing A/dock u9
        again: 09:10 a-zone inspecting A/dock u1 w=100 late\n09:20 a-zone storing A/dock u9";
    let awaited = format!("{story}{late}\ntick 10:30\n");
    check_changes(&awaited, &[]);
    check_changes(&format!("{awaited}comes again\ntick 12:00"), &[]);
}
