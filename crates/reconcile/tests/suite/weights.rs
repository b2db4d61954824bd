//! Weights of one unit, one after the other. The smaller identity of the two claims is the anchor. The tolerance is 0.5 kg or one in a hundred.

use super::story::check;

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
