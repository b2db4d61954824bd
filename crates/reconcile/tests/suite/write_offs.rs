//! Approved actions: what two people agreed on.

use super::story::{Story, check, check_changes, unit};
use countersign_reconcile::{AccountKind, Link};

const LOST: &str = "06:00 wms manifest m1 A>B 10:00 12:00 u1 u2\n09:00 a-dock departing A/dock u1 u2 #m1\ntick 13:00\n";

fn kind(text: &str, name: &str) -> AccountKind {
    let (ledger, _) = Story::read(text).run();
    ledger.account_of(&unit(name)).expect("known").kind
}

#[test]
fn a_written_off_loss_is_settled() {
    assert_eq!(kind(LOST, "u1"), AccountKind::Discrepancy);
    let story = format!("{LOST}14:00 write_off u1\n");
    assert_eq!(kind(&story, "u1"), AccountKind::WrittenOff);
    assert_eq!(kind(&story, "u2"), AccountKind::Discrepancy);
    check(
        &story,
        &["missing m1/1/arrive u1 settled", "missing m1/2/arrive u2"],
    );
}

#[test]
fn one_discrepancy_of_many_is_settled_when_all_are() {
    let story = "06:00 wms count k1 A/z1 08:00 09:00\n07:00 a-zone storing A/z1 u1 u2 u3\n08:30 a-zone cycle_counting A/z1 u3 #k1\ntick 10:00\n";
    check_changes(
        &format!("{story}11:00 write_off u1\n11:10 write_off u2"),
        &[
            "+ missing k1/count u1,u2",
            "~ missing k1/count u1,u2 settled",
        ],
    );
}

#[test]
fn nothing_more_is_asked_of_what_was_written_off() {
    check(
        "06:00 wms manifest m1 A>B 10:00 12:00 u1\n07:00 a-zone storing A/z1 u1\n09:00 write_off u1\ntick 13:00",
        &[],
    );
}

#[test]
fn what_is_seen_after_its_write_off_was_found() {
    let story = format!("{LOST}14:00 write_off u1\ne: 15:00 b-dock storing B/z1 u1\n");
    assert_eq!(kind(&story, "u1"), AccountKind::Held);
    check(
        &story,
        &[
            "late m1/1/arrive u1",
            "missing m1/2/arrive u2",
            "out_of_sequence e u1",
        ],
    );
    // Seen before it, said after it: it stays written off, and the loss was none.
    let story = format!("{LOST}14:00 write_off u1\n11:00 b-dock receiving B/z1 u1\n");
    assert_eq!(kind(&story, "u1"), AccountKind::WrittenOff);
    check(&story, &["missing m1/2/arrive u2"]);
}

#[test]
fn a_write_off_is_a_link_of_the_chain() {
    let (ledger, _) = Story::read(&format!("{LOST}14:00 write_off u1")).run();
    let timeline = ledger.timeline(&unit("u1")).expect("known");
    assert!(matches!(
        timeline.links.last(),
        Some(Link::WrittenOff { .. })
    ));
}
