//! What a locked key says is kept, shown, and moves nothing until an unlocked party signs (ACT-4).

use super::story::{Story, check, unit};
use countersign_reconcile::{AccountKind, Effect, Link};

#[test]
fn a_locked_taker_does_not_close_a_loss() {
    let story = "06:00 wms manifest m1 A>B 10:00 12:00 u1\n09:00 a-dock departing A/dock u1 #m1\n";
    check(
        &format!("{story}11:00 b-dock receiving B u1 #m1 locked\ntick 13:00"),
        &["missing m1/1/arrive u1"],
    );
}

#[test]
fn a_locked_giver_counts_once_the_taker_countersigns() {
    let story = "08:00 a-zone storing A/z1 u1\n09:00 a-dock departing A/dock u1 locked\n";
    let (ledger, _) = Story::read(story).run();
    let timeline = ledger.timeline(&unit("u1")).expect("known");
    assert_eq!(timeline.account.kind, AccountKind::Held);
    let effects = timeline.links.iter().map(|link| match link {
        Link::Claim { effect, .. } => *effect,
        other => panic!("{other:?}"),
    });
    assert_eq!(
        effects.collect::<Vec<_>>(),
        [Effect::Effective, Effect::Locked]
    );
    check(&format!("{story}11:00 b-dock receiving B/dock u1"), &[]);
    check(
        "08:00 a-zone storing A/z1 u1\ne: 11:00 b-dock receiving B/dock u1",
        &["custody_gap e u1"],
    );
}

#[test]
fn locked_plans_and_declarations_do_nothing() {
    check(
        "06:00 wms manifest m1 A>B 10:00 12:00 u1 locked\ntick 11:00",
        &[],
    );
    check(
        "08:00 a-zone storing A/z1 u1\ne1: 09:00 h-dock storing H/z1 u1\n10:00 h-dock declare e1 locked",
        &["custody_gap e1 u1"],
    );
}
