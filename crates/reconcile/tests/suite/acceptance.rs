//! Who receives must sign, where the contract says so.

use super::story::{Story, check, unit};

/// u1 and u2 are given, carried, and seen where they arrive.
const SEEN: &str = "06:00 wms manifest m1 A>H 10:00 12:00 u1 u2
09:50 a-dock departing A/dock u1 u2 #m1
09:55 x-van accepting A/dock u1 u2 #m1
e3: 11:00 h-dock storing H/z1 u1 u2 #m1
11:10 h-dock receiving H/dock u2 #m1";

#[track_caller]
fn check_account(text: &str, expect: &str) {
    let (ledger, _) = Story::read(text).run();
    let account = ledger.account_of(&unit("u1")).expect("known");
    let place = account.place.expect("it is somewhere");
    let said = format!(
        "{} {}",
        account.kind.as_str(),
        place.as_str().replace("urn:x:", "")
    );
    assert_eq!(said, expect, "{text}");
}

#[test]
fn what_arrived_and_nobody_signed_for_is_in_nobodys_account() {
    check(&format!("{SEEN}\ntick 12:15"), &[]);
    check_account(&format!("{SEEN}\ntick 12:15"), "held H:z1");
    let past = format!("{SEEN}\ntick 12:16");
    check(&past, &["unaccepted e3 u1"]);
    check_account(&past, "unaccepted H:z1");
}

#[test]
fn whoever_takes_gives_or_counts_it_there_has_it() {
    for word in [
        "12:30 h-dock receiving H/dock u1",
        "12:30 h-dock departing H/dock u1",
        "12:30 h-dock cycle_counting H/z1 u1",
        "11:05 h-dock unloading H/dock u1",
    ] {
        check(&format!("{SEEN}\ntick 12:16\n{word}"), &[]);
    }
    for word in [
        "12:30 h-dock inspecting H/z1 u1",
        "12:30 h-dock storing H/z2 u1",
    ] {
        let found = ["unaccepted e3 u1"];
        check(&format!("{SEEN}\ntick 12:16\n{word}"), &found);
    }
}

#[test]
fn a_contract_without_a_receiver_asks_for_none() {
    let customer = "09:50 a-dock departing A/dock u1\n11:00 c-store storing C/z1 u1\ntick 15:00";
    check(customer, &[]);
    let signed = customer.replace("a-dock departing A/dock", "h-dock departing H/dock");
    check(&signed, &["unaccepted #1 u1"]);
    check_account(&signed, "unaccepted C:z1");
    let nobody = customer.replace("c-store storing C/z1", "b-dock storing B/z1");
    check(&nobody, &[]);
}

#[test]
fn it_waits_and_weighs() {
    // The dock's second word is on its way.
    let told = SEEN.replace(
        "11:10 h-dock receiving H/dock u2 #m1",
        "e5: 11:10 h-dock receiving H/dock u1 u2 #m1 late\n11:20 h-dock storing H/z2 u2",
    );
    let waited = format!("contract h-dock 240\n{told}");
    check(&format!("{waited}\ntick 13:00"), &[]);
    check(
        &format!("{waited}\ntick 15:21"),
        &["suppressed_statement h-dock 2", "unaccepted e3 u1,u2"],
    );
    check(&format!("{waited}\ntick 15:21\ncomes e5"), &[]);
    // It may have been taken over before anybody else saw it.
    let before = SEEN.replace(
        "e3: 11:00",
        "10:40 h-dock storing H/z1 u9\nt: 10:50 h-dock receiving H/dock u1 u2 #m1 late\ne3: 11:00",
    );
    let before = format!("contract h-dock 240\n{before}\ntick 13:00");
    check(&before, &[]);
    check(&format!("{before}\ncomes t"), &[]);
    check(&format!("reads h-dock 0.85\n{SEEN}\ntick 13:00"), &[]);
}
