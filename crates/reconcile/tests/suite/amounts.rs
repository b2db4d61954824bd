//! Counted classes: planned, given, taken; and the accounts of each.

use super::story::{Story, check, class, euro};
use countersign_reconcile::Kind;

const PLAN: &str = "06:00 wms manifest m1 A>B 10:00 12:00 40*c1\n";

#[test]
fn what_leaves_must_be_what_was_planned() {
    check(
        &format!("{PLAN}tick 10:15"),
        &["quantity_mismatch m1/1/depart"],
    );
    check(
        &format!("{PLAN}09:00 a-dock departing A/dock 40*c1 #m1\ntick 10:15"),
        &[],
    );
    check(
        &format!(
            "{PLAN}09:00 a-dock departing A/dock 25*c1 #m1\n09:10 a-dock departing A/dock 15*c1 #m1\ntick 10:15"
        ),
        &[],
    );
    check(
        &format!("{PLAN}09:00 a-dock departing A/dock 38*c1 #m1\ntick 10:15"),
        &["quantity_mismatch m1/1/depart"],
    );
}

#[test]
fn what_arrives_must_be_what_left() {
    let given = "09:00 a-dock departing A/dock 40*c1 #m1\n";
    check(
        &format!("{PLAN}{given}11:00 b-dock receiving B/dock 37*c1 #m1\ntick 13:00"),
        &["quantity_mismatch m1/1/arrive"],
    );
    check(
        &format!(
            "{PLAN}{given}11:00 b-dock receiving B/dock 37*c1 #m1\n11:30 b-dock receiving B/z1 3*c1 #m1\ntick 13:00"
        ),
        &[],
    );
    // Taken elsewhere is not taken there.
    check(
        &format!("{PLAN}{given}11:00 h-dock receiving H/dock 40*c1 #m1\ntick 13:00"),
        &["quantity_mismatch m1/1/arrive"],
    );
    // Evidence that comes after the deadline changes or retracts it.
    check(
        &format!("{PLAN}{given}tick 13:00\n13:30 b-dock receiving B/dock 40*c1 #m1"),
        &[],
    );
}

#[test]
fn the_difference_is_worth_its_class() {
    let story = Story::read(&format!(
        "{PLAN}09:00 a-dock departing A/dock 40*c1 #m1\n11:00 b-dock receiving B/dock 37*c1 #m1\ntick 13:00"
    ));
    let (ledger, _) = story.run();
    let found = ledger.standing().next().expect("three are short");
    assert_eq!(found.kind, Kind::QuantityMismatch);
    let amount = found.amount.as_ref().expect("of a class");
    assert_eq!(amount.class, class("c1"));
    assert_eq!(amount.difference.to_string(), "3 C62");
    assert_eq!(found.value, [euro("7.5")]);
}

#[test]
fn a_lot_counts_for_its_class() {
    let gtin = "https://id.gs1.org/01/04012345123456";
    let plan = format!("06:00 wms manifest m1 A>B 10:00 12:00 40*{gtin}\n");
    check(
        &format!("{plan}09:00 a-dock departing A/dock 40*{gtin}/10/L7 #m1\ntick 10:15"),
        &[],
    );
}

/// Accounts of `c1` as `word amount`.
#[track_caller]
fn check_balance(text: &str, expect: &[&str]) {
    let story = Story::read(text);
    let (ledger, _) = story.run();
    let balance = ledger.balance(&class("c1"));
    let accounts = balance.iter().flat_map(|balance| &balance.accounts);
    let shown: Vec<String> = accounts
        .map(|(account, amount)| format!("{} {}", account.as_str(), amount.value))
        .collect();
    assert_eq!(shown, expect, "{text}");
}

#[test]
fn accounts_of_a_class_balance() {
    check_balance(
        "08:00 a-zone stock_taking A/z1 50*c1",
        &["opening_stock 50", "held 50"],
    );
    check_balance(
        "08:00 a-zone commissioning A/z1 50*c1\n09:00 a-dock departing A/dock 20*c1",
        &["issued 50", "held 30", "in_transfer 20"],
    );
    check_balance(
        "08:00 a-zone stock_taking A/z1 50*c1\n09:00 a-dock departing A/dock 60*c1\n10:00 c-store receiving C 55*c1\n11:00 c-store retail_selling C 5*c1",
        &[
            "opening_stock 60",
            "in_transfer 5",
            "delivered 50",
            "consumed 5",
        ],
    );
    check_balance(
        &format!(
            "{PLAN}09:00 a-dock departing A/dock 40*c1 #m1\n11:00 b-dock receiving B 37*c1 #m1\ntick 13:00"
        ),
        &["opening_stock 40", "held 37", "discrepancy 3"],
    );
    check_balance(
        "08:00 a-zone stock_taking A/z1 50*c1\n09:00 adjust c1 A/z1 -3\n10:00 a-zone commissioning A/z2 1*c1",
        &["issued 1", "opening_stock 50", "adjusted -3", "held 48"],
    );
    // The carrier's word moves nothing: the goods are under way by the giver's.
    check_balance(
        "08:00 a-dock departing A/dock 5*c1\n08:05 x-van accepting A/dock 5*c1",
        &["opening_stock 5", "in_transfer 5"],
    );
}

#[test]
fn an_amount_beyond_all_measure_is_noted_and_not_taken() {
    let story = Story::read("08:00 a-zone stock_taking A/z1 5000000000000*c1 2*c1");
    let (ledger, _) = story.run();
    assert_eq!(ledger.unfolded_count(), 1);
    let why: Vec<&str> = ledger.unfolded().map(|part| part.why).collect();
    assert_eq!(why, ["amount_out_of_range"]);
}
