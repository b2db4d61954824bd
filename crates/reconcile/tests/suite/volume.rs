//! Many claims with many units: the ledger stays whole, and (in a release build) quick.
//!
//! `cargo test --release -p countersign-reconcile volume` folds 100,000 claims of 40 units.

use super::story::{Story, batch, clock, define, network, unit};
use countersign_model::claim::{Claim, EventKind, Fact, Sighting, Step};
use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, ClaimRef, ClaimStatus, Index};
use countersign_model::fold::{AdmittedClaim, AdmittedStatement, ChainPosition, Fold, Said};
use countersign_model::ids::{ClaimId, KeyId, PrincipalId, UnitId};
use countersign_model::time::{EventTime, Timestamp};
use countersign_reconcile::Ledger;
use countersign_reconcile::limits::OBSERVATIONS_PER_KEY_MAX;

const UNITS_PER_CLAIM: usize = 40;

/// One event about some units.
fn event(
    n: u64,
    at: Timestamp,
    signer: &str,
    step: &str,
    place: &str,
    units: &[UnitId],
) -> AdmittedStatement {
    let issuer = PrincipalId::parse(signer).expect("name");
    let time = EventTime::instant(at, None);
    let sighting = Sighting {
        kind: EventKind::Object,
        action: None,
        time,
        step: Some(Step::parse(step)),
        disposition: None,
        place: Some(super::story::place(place)),
        location: None,
        units: units.to_vec(),
        parent: None,
        outputs: Vec::new(),
        quantities: Vec::new(),
        output_quantities: Vec::new(),
        from: None,
        to: None,
        documents: Vec::new(),
        weights: Vec::new(),
        value: None,
    };
    let id = ClaimId::of_event(&issuer, &n.to_string(), None);
    let at = ClaimRef {
        index: Index(n),
        ordinal: 0,
    };
    AdmittedStatement {
        index: at.index,
        key: KeyId(id.0),
        issuer,
        assurance: Assurance::SoftwareKey,
        marks: Vec::new(),
        signed: None,
        chain: Some(ChainPosition {
            epoch: 1,
            counter: n,
        }),
        claims: vec![AdmittedClaim {
            at,
            digest: id.0,
            status: ClaimStatus::Effective,
            said: Some(Said::Claim(Claim {
                id,
                fingerprint: Digest::ZERO,
                time,
                facts: vec![Fact::Sighting(sighting)],
                correction: None,
                warnings: Vec::new(),
            })),
        }],
    }
}

#[test]
fn many_claims_with_many_units() {
    let (claims, units) = if cfg!(debug_assertions) {
        (2_000, 4_000)
    } else {
        (100_000, 100_000)
    };
    let names: Vec<UnitId> = (0..units)
        .map(|n| UnitId::parse(&format!("https://id.gs1.org/00/{n:018}")).expect("unit"))
        .collect();
    let groups: Vec<&[UnitId]> = names.chunks(UNITS_PER_CLAIM).collect();
    let way = [
        ("a-zone", "storing", "A/z1"),
        ("a-dock", "departing", "A/dock"),
        ("x-van", "accepting", "A/dock"),
        ("h-dock", "receiving", "H/dock"),
        ("h-dock", "departing", "H/dock"),
        ("a-dock", "receiving", "A/dock"),
    ];
    let mut ledger = Ledger::default();
    let mut out = Vec::new();
    let start = clock("00:00");
    ledger.apply(&batch(1, start, vec![define(network())]), &mut out);
    let mut statements = Vec::new();
    let mut n = 0;
    while n < claims {
        let (round, group) = (n / groups.len(), n % groups.len());
        let (signer, step, place) = way[round % way.len()];
        let at = Timestamp::from_ms(start.ms() + 1000 * n as i64);
        statements.push(event(n as u64 + 10, at, signer, step, place, groups[group]));
        n += 1;
        if statements.len() == 100 {
            ledger.apply(
                &batch(n as u64 + 10, at, std::mem::take(&mut statements)),
                &mut out,
            );
        }
    }
    ledger.check_conservation();
    assert_eq!(ledger.totals().units, names.len() as u64);
    assert_eq!(ledger.standing().count(), 0);
    let timeline = ledger.timeline(&names[0]).expect("known");
    assert_eq!(timeline.links.len(), claims / groups.len());
}

#[test]
fn the_oldest_observations_are_forgotten_beyond_the_limit() {
    let mut ledger = Ledger::default();
    let mut out = Vec::new();
    let start = clock("00:00");
    let units = [unit("u1")];
    ledger.apply(&batch(1, start, vec![define(network())]), &mut out);
    let many = OBSERVATIONS_PER_KEY_MAX as u64 + 5;
    // The newest comes first: what is forgotten depends on the set alone.
    let statements = (0..many).rev().map(|n| {
        let at = Timestamp::from_ms(start.ms() + n as i64);
        event(n + 10, at, "a-zone", "storing", "A/z1", &units)
    });
    let mut statements: Vec<_> = statements.collect();
    statements.sort_by_key(|statement| statement.index.0 % 7);
    ledger.apply(&batch(2, start, statements), &mut out);
    let timeline = ledger.timeline(&units[0]).expect("known");
    assert_eq!(timeline.forgotten, 5);
    assert_eq!(timeline.links.len(), OBSERVATIONS_PER_KEY_MAX);
    let story = Story::read("");
    assert!(story.standing(&ledger).is_empty());
}
