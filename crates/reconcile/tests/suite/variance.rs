//! Counts of classes against the books.

use super::story::{Story, check, check_changes, class, decimal};

/// Forty came, five left.
const BOOKS: &str = "07:00 a-dock receiving A/dock 40*c1
08:00 a-dock departing A/dock 5*c1
06:00 wms count k1 A 09:00 11:00
";

#[test]
fn a_count_of_a_site_is_held_against_its_books() {
    check(
        &format!("{BOOKS}10:00 a-zone cycle_counting A/z1 35*c1 #k1\ntick 12:00"),
        &[],
    );
    let short = format!("{BOOKS}10:00 a-zone cycle_counting A/z1 33*c1 #k1\n");
    check(&short, &[]);
    let short = format!("{short}tick 12:00");
    check(&short, &["inventory_variance k1/urn:x:c1/count"]);
    let story = Story::read(&short);
    let (ledger, _) = story.run();
    let found = ledger.standing().next().expect("two are short");
    let amount = found.amount.as_ref().expect("an amount");
    assert_eq!(
        (&amount.class, amount.difference.value),
        (&class("c1"), decimal("2"))
    );
}

#[test]
fn zones_add_up_and_the_last_word_on_each_stands() {
    let both =
        "10:00 a-zone cycle_counting A/z1 20*c1 #k1\n10:10 a-zone cycle_counting A/z2 15*c1 #k1\n";
    check(&format!("{BOOKS}{both}tick 12:00"), &[]);
    let again = format!(
        "10:00 a-zone cycle_counting A/z1 9*c1 #k1\n{}",
        both.replace("10:00", "10:05")
    );
    check(&format!("{BOOKS}{again}tick 12:00"), &[]);
    // Behind its term nobody counts for it.
    check(
        &format!("{BOOKS}{}tick 12:00", both.replace("10:10", "11:10")),
        &["inventory_variance k1/urn:x:c1/count"],
    );
    // A count of a part of the site says nothing of the books of the whole.
    check(
        &format!("{BOOKS}{both}tick 12:00").replace("count k1 A ", "count k1 A/z1 "),
        &[],
    );
}

#[test]
fn what_moves_while_people_count() {
    let count =
        "10:00 a-zone cycle_counting A/z1 20*c1 #k1\n10:20 a-zone cycle_counting A/z2 15*c1 #k1\n";
    let leaves = "10:10 a-dock departing A/dock 6*c1\n";
    check(&format!("{BOOKS}{count}{leaves}tick 12:00"), &[]);
    check(
        &format!("{BOOKS}{}{leaves}tick 12:00", count.replace("15*", "8*")),
        &["inventory_variance k1/urn:x:c1/count"],
    );
    // It left before the count, and that is told late.
    check_changes(
        &format!(
            "{BOOKS}{}tick 12:00\n09:30 a-dock departing A/dock 6*c1",
            count.replace("15*", "9*")
        ),
        &[
            "+ inventory_variance k1/urn:x:c1/count",
            "- inventory_variance k1/urn:x:c1/count",
        ],
    );
}

#[test]
fn more_than_the_books_have() {
    let more = "10:00 a-zone cycle_counting A/z1 36*c1 #k1\n";
    // What nobody counted before may have been there.
    check(&format!("{BOOKS}{more}tick 12:00"), &[]);
    // Nor does a count of a part say how much there is.
    let part = "07:30 a-zone stock_taking A/z1 40*c1\n";
    check(&format!("{BOOKS}{part}{more}tick 12:00"), &[]);
    let before = "06:00 wms count k0 A 07:10 07:50\n07:30 a-zone stock_taking A/z1 40*c1 #k0\n";
    check(
        &format!("{BOOKS}{before}{more}tick 12:00"),
        &["inventory_variance k1/urn:x:c1/count"],
    );
}

#[test]
fn two_people_set_it_right() {
    let short = format!("{BOOKS}10:00 a-zone cycle_counting A/z1 33*c1 #k1\ntick 12:00\n");
    check(
        &format!("{short}12:10 adjust c1 A/z1 -2"),
        &["inventory_variance k1/urn:x:c1/count  settled"],
    );
    check(
        &format!("{short}12:10 adjust c1 A/z1 -1"),
        &["inventory_variance k1/urn:x:c1/count"],
    );
    // Set right before the count there is nothing to find.
    check(
        &format!(
            "{BOOKS}09:30 adjust c1 A/z1 -2\n10:00 a-zone cycle_counting A/z1 33*c1 #k1\ntick 12:00"
        ),
        &[],
    );
}

#[test]
fn stock_is_never_negative() {
    let left = "e1: 12:30 a-dock departing A/dock 40*c1\n";
    // Nobody had said how much there is: the rest was opening stock.
    check(&format!("{BOOKS}{left}"), &[]);
    let counted = format!(
        "{BOOKS}10:00 a-zone cycle_counting A/z1 20*c1 #k1\n10:10 a-zone cycle_counting A/z2 15*c1 #k1\n"
    );
    check(&format!("{counted}{left}"), &["inventory_variance e1"]);
    check(&format!("{counted}{}", left.replace("40*", "35*")), &[]);
    // The count may come behind, and so may what arrived before.
    check_changes(
        &format!("{left}{counted}11:30 a-dock receiving A/dock 5*c1"),
        &["+ inventory_variance e1", "- inventory_variance e1"],
    );
    // The count found more than the books had: that was there before.
    let more = counted.replace("20*", "60*");
    check(&format!("{more}{left}"), &[]);
    // It is no count of the whole site.
    check(
        &format!("{counted}{left}").replace("count k1 A ", "count k1 A/z1 "),
        &[],
    );
}

#[test]
fn a_place_that_is_counted_again_opens_no_more_than_it_has() {
    let story = Story::read(
        "06:00 wms count k1 A 09:00 11:00
        10:00 a-zone cycle_counting A/z1 200*c1 #k1
        10:05 a-zone cycle_counting A/z2 15*c1 #k1
        10:10 a-zone cycle_counting A/z1 20*c1 #k1",
    );
    let (ledger, _) = story.run();
    let balance = ledger.balance(&class("c1"));
    let accounts = balance.iter().flat_map(|one| &one.accounts);
    let held: Vec<_> = accounts
        .filter(|(account, _)| account.as_str() == "held")
        .map(|(_, amount)| amount.value)
        .collect();
    assert_eq!(held, [decimal("35")]);
}

#[test]
fn whoever_may_still_speak_is_waited_for() {
    let plan = "contract a-zone 240\n06:00 a-zone receiving A/dock 40*c1\n06:00 wms count k1 A 09:00 11:00\n";
    // Another zone of the same count,
    let zones = "10:00 a-zone cycle_counting A/z1 30*c1 #k1
        e1: 10:10 a-zone cycle_counting A/z2 10*c1 #k1 late
        11:10 a-zone storing A/z1 u1\ntick 11:20\n";
    check(&format!("{plan}{zones}"), &[]);
    check(&format!("{plan}{zones}comes e1"), &[]);
    check(
        &format!("{plan}{zones}tick 16:00"),
        &[
            "inventory_variance k1/urn:x:c1/count",
            "suppressed_statement a-zone 3",
        ],
    );
    // and what had left before it.
    let left = "e1: 08:00 a-zone departing A/dock 5*c1 late
        08:30 a-zone storing A/z1 u1
        10:00 a-zone cycle_counting A/z1 35*c1 #k1
        11:10 a-zone storing A/z1 u1\ntick 11:20\n";
    check(&format!("{plan}{left}"), &[]);
    check(&format!("{plan}{left}comes e1\ntick 16:00"), &[]);
}

#[test]
fn a_count_lasts_from_its_first_event_to_its_last() {
    check(
        "07:00 a-dock receiving A/dock 35*c1
        07:00 a-dock receiving A/dock 9*c2
        06:00 wms count k1 A 09:00 11:00
        10:00 a-zone cycle_counting A/z1 30*c1 #k1
        10:10 a-dock departing A/dock 5*c1
        10:20 a-zone cycle_counting A/dock 9*c2 #k1
        tick 12:00",
        &[],
    );
}
