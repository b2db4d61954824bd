//! An import is judged once, when it is closed.

use super::story::{Item, Story, batch, class, clock, define, network, unit};
use countersign_model::act::Act;
use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, ClaimRef, ClaimStatus, Index};
use countersign_model::fold::{AdmittedClaim, AdmittedStatement, Fold, Said};
use countersign_model::ids::{KeyId, PrincipalId};
use countersign_reconcile::Ledger;

pub(crate) fn import(opens: bool) -> AdmittedStatement {
    let at = ClaimRef {
        index: Index(9),
        ordinal: 0,
    };
    let id = "6f0b".into();
    AdmittedStatement {
        index: at.index,
        issuer: PrincipalId::parse("node").expect("name"),
        key: KeyId(Digest::of(b"node")),
        assurance: Assurance::SoftwareKey,
        marks: Vec::new(),
        signed: None,
        chain: None,
        claims: vec![AdmittedClaim {
            at,
            digest: Digest::of(&[u8::from(opens)]),
            status: ClaimStatus::Effective,
            said: Some(Said::Act(Act::Import { id, opens })),
        }],
    }
}

#[test]
fn nothing_is_judged_before_the_import_is_closed() {
    let story = Story::read(
        "06:00 wms manifest m1 A>B 10:00 12:00 u1 u2\n09:00 a-dock departing A/dock u1 u2 #m1\n11:00 b-dock receiving B u1 #m1",
    );
    let mut ledger = Ledger::default();
    let mut out = Vec::new();
    let late = clock("20:00");
    ledger.apply(&batch(1, late, vec![define(network())]), &mut out);
    ledger.apply(&batch(2, late, vec![import(true)]), &mut out);
    for item in &story.items {
        if let Item::Statement(statement) = item {
            ledger.apply(&batch(3, late, vec![(**statement).clone()]), &mut out);
        }
    }
    assert!(out.is_empty());
    assert_eq!(ledger.open_imports().collect::<Vec<_>>(), ["6f0b"]);
    // Whoever asks meanwhile is answered.
    let before = ledger.state_digest();
    assert_eq!(ledger.account_of(&unit("u1")), None);
    let timeline = ledger.timeline(&unit("u1")).expect("known");
    assert_eq!(timeline.links.len(), 2);
    assert_eq!(
        (ledger.accounts(), ledger.balance(&class("c1"))),
        (vec![], vec![])
    );
    let _ = ledger.totals();
    ledger.apply(&batch(4, late, vec![import(false)]), &mut out);
    assert_eq!(story.standing(&ledger), ["missing m1/2/arrive u2"]);
    assert_ne!(ledger.state_digest(), before);
    assert_eq!(out.len(), 1, "judged once, nothing opened and taken back");
}
