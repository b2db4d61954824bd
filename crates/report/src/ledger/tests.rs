use serde_json::json;

use super::*;
use crate::limits::WIDTH;
use crate::sample::Day;

fn check(value: &Value, expect: &str) {
    let text = ledger_text(value);
    assert_eq!(text, expect, "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
}

#[test]
fn sums() {
    let day = include_str!("../../testdata/ledger.txt");
    check(&ledger_json(&Day::played().ledger), day);
    let nothing = "0 units, as of entry 0, 1970-01-01 00:00:00Z\n\naccounts\n";
    check(&ledger_json(&Ledger::default()), nothing);
    check(&json!({"units": 3}), "This is no ledger.\n");
}
