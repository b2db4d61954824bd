//! Every unit is in one account, and the accounts show it (CUS-1).

use super::story::Story;

#[track_caller]
fn check(text: &str, expect: &[&str]) {
    let (ledger, _) = Story::read(text).run();
    let short = |text: &str| {
        text.rsplit("urn:x:")
            .next()
            .unwrap_or_default()
            .replace(':', "/")
    };
    let rows: Vec<String> = ledger
        .accounts()
        .iter()
        .map(|(account, count)| {
            let party = account
                .party
                .as_ref()
                .map(|party| short(party.as_str()).replace("party/", ""));
            let place = account.place.as_ref().map(|place| short(place.as_str()));
            let place = party.into_iter().chain(place).collect::<Vec<_>>().join(" ");
            format!("{} {place}: {count}", account.kind.as_str())
        })
        .collect();
    assert_eq!(rows, expect, "{text}");
    let sum: u64 = ledger.accounts().iter().map(|(_, count)| count).sum();
    assert_eq!(sum, ledger.totals().units);
}

#[test]
fn accounts_add_up_to_the_units_known() {
    check("", &[]);
    check(
        "06:00 wms manifest m1 A>H 10:00 12:00 u1 u9\n07:00 a-zone storing A/z1 u1 u2 u3 u4\n08:00 a-dock departing A/dock u1\n\
         08:10 x-van accepting A/dock u1\n08:00 a-zone destroying A/z1 u4\n",
        &[
            "opening_stock : 1",
            "held A A/z1: 2",
            "in_transfer X A/dock: 1",
            "consumed A A/z1: 1",
        ],
    );
    check(
        "06:00 wms manifest m1 A>H 10:00 12:00 u1 u9\n07:00 a-zone storing A/z1 u1\n08:00 a-dock departing A/dock u1\n08:10 x-van accepting A/dock u1\ntick 13:00",
        &["discrepancy : 1", "discrepancy X A/dock: 1"],
    );
}
