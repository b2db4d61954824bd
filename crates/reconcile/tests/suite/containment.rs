//! A scan of the outer speaks for the inner, until evidence says otherwise.

use super::story::{Story, check, unit};
use countersign_reconcile::Link;

const PACKED: &str = "06:00 wms manifest m1 A>H 10:00 12:00 u1 u2
08:00 a-dock packing A/dock u1 u2 parent=p1";

/// The account of a unit, and each word of its story: who says it, and in what the unit was.
#[track_caller]
fn check_story(text: &str, name: &str, account: &str, expect: &[&str]) {
    let (ledger, _) = Story::read(text).run();
    let timeline = ledger.timeline(&unit(name)).expect("known");
    let links = timeline.links.iter().map(|link| match link {
        Link::Claim { signer, inside, .. } => match inside {
            Some(container) => format!("{signer} {}", container.as_str().replace("urn:x:", "in ")),
            None => signer.to_string(),
        },
        Link::Gap { .. } => "gap".to_owned(),
        Link::WrittenOff { .. } => "written off".to_owned(),
    });
    assert_eq!(links.collect::<Vec<_>>(), expect, "{text}");
    let place = timeline.account.place.map(|place| place.to_string());
    let at = format!(
        "{} {}",
        timeline.account.kind.as_str(),
        place.unwrap_or_default()
    );
    assert_eq!(at.replace("urn:x:", ""), account, "{text}");
}

#[test]
fn what_is_in_a_container_moves_with_it() {
    let story = format!(
        "{PACKED}
        09:50 a-dock departing A/dock p1 #m1
        09:55 x-van accepting A/dock p1 #m1
        11:30 h-dock receiving H/dock p1 #m1
        tick 14:00"
    );
    check(&story, &[]);
    let words = ["a-dock", "a-dock in p1", "x-van in p1", "h-dock in p1"];
    check_story(&story, "u1", "held H:dock", &words);
    check_story(
        &story,
        "p1",
        "held H:dock",
        &["a-dock", "a-dock", "x-van", "h-dock"],
    );
}

#[test]
fn names_of_the_container_and_of_the_content_come_later() {
    // `p1` is found to be `p0`, which travels, when `u9` is already known as `u1`.
    check_story(
        "08:00 a-dock packing A/dock u9 parent=p1
        08:10 wms alias u1 u9
        09:50 a-dock departing A/dock p0
        09:55 x-van accepting A/dock p0
        11:30 h-dock receiving H/dock p0
        11:40 wms alias p0 p1",
        "u9",
        "held H:dock",
        &["a-dock", "a-dock in p0", "x-van in p0", "h-dock in p0"],
    );
}

#[test]
fn a_container_is_expected_for_what_is_in_it() {
    // The plan lists what is in a carton on the pallet, by a name that is known last.
    let story = "06:00 wms manifest m1 A>H 10:00 12:00 u1
        08:00 a-dock packing A/dock p4 parent=p5
        09:50 a-dock departing A/dock p5 #m1
        09:55 x-van accepting A/dock p5 #m1
        11:30 h-dock receiving H/dock p5 #m1
        08:10 a-dock packing A/dock u9 parent=p4";
    check(story, &["unexpected #3 p5", "unexpected #4 p5"]);
    check(&format!("{story}\n11:40 wms alias u1 u9"), &[]);
}

#[test]
fn whoever_was_taken_out_stays() {
    let story = format!(
        "{PACKED}
        08:30 a-dock unpacking A/dock u2 parent=p1
        09:50 a-dock departing A/dock p1 #m1
        09:55 x-van accepting A/dock p1 #m1
        11:30 h-dock receiving H/dock p1 #m1
        tick 14:00"
    );
    check(&story, &["missing m1/2/depart u2"]);
    check_story(
        &story,
        "u2",
        "discrepancy A:dock",
        &["a-dock", "a-dock", "gap"],
    );
    // The container was emptied: nobody is named, and nobody is in it.
    let emptied = story.replace(
        "unpacking A/dock u2 parent=p1",
        "unpacking A/dock parent=p1",
    );
    check(
        &emptied,
        &["missing m1/1/depart u1", "missing m1/2/depart u2"],
    );
}

#[test]
fn it_comes_in_any_order() {
    let late = "06:00 wms manifest m1 A>H 10:00 12:00 u1 u2
        09:50 a-dock departing A/dock p1 #m1
        09:55 x-van accepting A/dock p1 #m1
        11:30 h-dock receiving H/dock p1 #m1
        tick 14:00
        08:00 a-dock packing A/dock u1 u2 parent=p1";
    check(late, &[]);
}

#[test]
fn an_error_declaration_takes_the_content_out_again() {
    let story = PACKED.replace("08:00", "e1: 08:00");
    let moved = format!(
        "{story}
        09:50 a-dock departing A/dock p1 #m1
        09:55 x-van accepting A/dock p1 #m1
        11:30 h-dock receiving H/dock p1 #m1
        08:05 a-dock storing A/dock u1 u2
        tick 14:00
        14:00 a-dock declare e1"
    );
    check(
        &moved,
        &["missing m1/1/depart u1", "missing m1/2/depart u2"],
    );
}

#[test]
fn to_any_depth() {
    let story = "08:00 a-dock packing A/dock u1 parent=c1
        08:10 a-dock packing A/dock c1 c2 parent=p1
        08:20 a-dock loading A/dock p1 parent=t1
        09:50 a-dock departing A/dock t1
        11:30 h-dock arriving H/dock t1
        11:40 h-dock unpacking H/dock p1 parent=t1
        11:50 h-dock storing H/z1 p1
        12:00 h-dock departing H/dock t1";
    let words = [
        "a-dock",
        "a-dock in c1",
        "a-dock in c1",
        "a-dock in c1",
        "h-dock in c1",
        "h-dock in c1",
        "h-dock in c1",
    ];
    check_story(story, "u1", "held H:z1", &words);
    check_story(
        story,
        "t1",
        "in_transfer H:dock",
        &["a-dock", "a-dock", "h-dock", "h-dock", "h-dock"],
    );
}

#[test]
fn a_container_in_itself_speaks_for_nothing_twice() {
    let story = "08:00 a-dock packing A/dock a parent=b
        08:10 a-dock packing A/dock b parent=a
        08:20 a-dock packing A/dock b parent=b
        09:00 a-dock storing A/z1 a
        09:10 a-dock storing A/z2 b";
    check(story, &[]);
    check_story(
        story,
        "a",
        "held A:z2",
        &["a-dock", "a-dock", "a-dock in b", "a-dock", "a-dock in b"],
    );
}

#[test]
fn where_the_content_was_read_the_container_does_not_speak_for_who_was_not() {
    // The gate reads the pallet and one of its cartons; later the pallet is weighed.
    let story = format!(
        "{PACKED}
        09:50 a-dock departing A/dock p1 u1 u2 #m1
        09:55 x-van accepting A/dock p1 u1 u2 #m1
        11:30 h-dock receiving H/dock p1 u1 #m1
        11:40 h-dock inspecting H/dock p1 w=20
        tick 14:00"
    );
    check(&story, &["missing m1/2/arrive u2"]);
    check_story(
        &story,
        "u1",
        "held H:dock",
        &["a-dock", "a-dock", "x-van", "h-dock", "h-dock in p1"],
    );
}

#[test]
fn who_is_seen_elsewhere_has_left_its_container() {
    let story = format!(
        "{PACKED}
        09:50 a-dock departing A/dock p1 #m1
        09:55 x-van accepting A/dock p1 #m1
        10:30 a-zone storing A/z2 u2
        e4: 11:30 h-dock receiving H/dock p1 #m1
        11:45 h-dock storing H/z1 p1
        tick 14:00"
    );
    // Seen at its origin behind the departure; that it arrives with the pallet is no contradiction.
    check(&story, &["out_of_sequence #4 u2"]);
    let gone = format!(
        "{story}
        14:10 b-dock storing B/z1 u2
        e9: 14:20 h-dock storing H/z2 p1
        14:30 h-dock storing H/z1 p1"
    );
    let found = [
        "containment_change e9 u2",
        "custody_gap #8 u2",
        "out_of_sequence #4 u2",
    ];
    check(&gone, &found);
    check_story(
        &gone,
        "u1",
        "held H:z1",
        &[
            "a-dock",
            "a-dock in p1",
            "x-van in p1",
            "h-dock in p1",
            "h-dock in p1",
            "h-dock in p1",
            "h-dock in p1",
        ],
    );
    // Put back into it, it moves with it again.
    let back =
        format!("{gone}\n15:00 b-dock packing B/z1 u2 parent=p1\n15:10 b-dock storing B/z2 p1");
    check_story(
        &back,
        "u2",
        "held B:z2",
        &[
            "a-dock",
            "a-dock in p1",
            "x-van in p1",
            "a-zone",
            "h-dock in p1",
            "h-dock in p1",
            "gap",
            "b-dock",
            "b-dock",
            "b-dock in p1",
        ],
    );
}

#[test]
fn what_is_odd_about_a_container_is_one_matter_with_its_content() {
    let story = "08:00 a-dock packing A/dock u1 u2 parent=p1\ne2: 09:00 b-dock storing B/z1 p1";
    check(story, &["custody_gap e2 p1,u1,u2"]);
}

#[test]
fn a_suspect_key_puts_nothing_into_a_container() {
    let story = "08:00 a-zone packing A/dock u1 parent=p1\n09:00 a-dock storing A/z1 p1";
    check_story(story, "u1", "held A:z1", &["a-zone", "a-dock in p1"]);
    let doubted = format!("{story}\nsuspect a-zone 00:00");
    check_story(&doubted, "u1", "held A:dock", &["a-zone"]);
}
