//! The story of one unit.

use super::story::{Story, unit};
use countersign_reconcile::{Link, State};

#[test]
fn links_gaps_expectations_and_discrepancies() {
    let story = Story::read(
        "06:00 wms manifest m1 A/dock>H 10:00 12:00 u1\n07:00 a-zone storing A/z1 u1\n\
         09:00 h-dock storing H/z1 u1\n11:00 b-dock receiving B/dock u1\ntick 13:00",
    );
    let (ledger, _) = story.run();
    let timeline = ledger.timeline(&unit("u1")).expect("known");
    let links = timeline.links.iter().map(|link| match link {
        Link::Claim {
            signer,
            account,
            basis,
            ..
        } => format!("{signer} {} {}", account.kind.as_str(), basis.as_str()),
        Link::Gap { from, to, .. } => format!("gap {from} {}", to.as_ref().expect("a site")),
        Link::WrittenOff { .. } => "written off".to_owned(),
    });
    assert_eq!(
        links.collect::<Vec<_>>(),
        [
            "a-zone held sighted",
            "gap urn:x:A urn:x:H",
            "h-dock held sighted",
            "gap urn:x:H urn:x:B",
            "b-dock held receiver_only",
        ]
    );
    let states: Vec<(&str, State)> = timeline
        .expectations
        .iter()
        .map(|e| (&*e.key.stage, e.state))
        .collect();
    assert_eq!(states, [("depart", State::Met), ("arrive", State::Met)]);
    assert_eq!(timeline.discrepancies.len(), 2);
    assert!(ledger.timeline(&unit("u2")).is_none());
}
