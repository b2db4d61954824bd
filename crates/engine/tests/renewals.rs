//! Renewals of the log's keys: made where the keys lie, alone in their commit, and whole or not at all.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod world;

use countersign_attest::{Algorithm, Header, Kind, SecretKey, Submission, claims_payload, cosign};
use countersign_engine::{Counted, Engine, NodeKeys, NotRenewed};
use countersign_model::body::ClaimBody;
use countersign_model::entry::Size;
use countersign_model::ids::{Origin, PrincipalId};
use countersign_tlog::note::{Ed25519Signer, KeyName, SignatureType};
use world::{Fault, ORIGIN, Shared, administrator, begin, components, keys, open, said};

/// The keys of the world, and a checkpoint key of a rotation that is prepared.
fn prepared() -> NodeKeys {
    let mut keys = keys();
    let name = KeyName::new(ORIGIN).expect("a name");
    let next = Ed25519Signer::new(name, SignatureType::Ed25519, &[21; 32]);
    keys.checkpoint.insert(0, Counted::new(next));
    keys
}

/// The act that puts all these keys in force.
fn renewal(keys: &NodeKeys) -> String {
    let (node, receipt) = (&keys.statement[0], keys.receipt[0].public());
    format!(
        r#"{{"type":"Renewal","origin":"{ORIGIN}","checkpointKeys":{:?},"nodeKey":"{}","receiptKey":"{receipt}"}}"#,
        keys.checkpoint_vkeys(),
        node.public()
    )
}

/// The same claims, signed by the administrator and somebody else.
fn cosigned(said: &Submission, other: &SecretKey) -> Submission {
    let issuer = PrincipalId::parse("admin-1").expect("a name");
    let origin = Origin::parse(ORIGIN).expect("an origin");
    let header = Header::new(issuer, "test", vec![origin], Kind::claims()).expect("a header");
    let digests: Vec<_> = said.bodies.iter().map(ClaimBody::digest).collect();
    let payload = claims_payload(&digests).expect("claims");
    let admin = administrator();
    let required = [admin.public().id(), other.public().id()];
    let statement = cosign(&header, &payload, &required, &[&admin, other]).expect("two signers");
    Submission {
        statement,
        ..said.clone()
    }
}

fn terms(engine: &Engine) -> usize {
    engine.intake().register.terms().len()
}

/// A renewal that is refused, and a log that goes on with the keys that it had.
fn check_refused(engine: &mut Engine, act: &Submission, why: &str) {
    let before = terms(engine);
    match engine.renew(act, prepared()) {
        Err(NotRenewed::Refused(refusal)) => {
            assert_eq!(refusal.code, "bad_renewal");
            assert!(refusal.reason.contains(why), "{}", refusal.reason);
        }
        other => panic!("{other:?} instead of: {why}"),
    }
    assert_eq!(terms(engine), before);
    engine.commit().expect("commits");
    assert_eq!(terms(engine), before);
}

#[test]
fn a_renewal_that_is_sent_is_refused() {
    let disk = Shared::default();
    let mut engine = begin(&disk).expect("begins");
    let size = engine.size();
    let act = said(&engine, 1, &[&renewal(&prepared())]);
    let refused = engine.submit(&act).expect_err("it was sent");
    assert!(refused.to_string().contains("bad_renewal"), "{refused}");
    engine.commit().expect("commits");
    assert_eq!((terms(&engine), engine.size()), (1, Size(size.0 + 1)));
    // What was refused is not taken for what was said: where the keys lie it is done.
    engine.renew(&act, prepared()).expect("renews");
    assert_eq!(terms(&engine), 2);
}

#[test]
fn a_renewal_stands_alone_and_does_something() {
    let disk = Shared::default();
    let mut engine = begin(&disk).expect("begins");
    let act = renewal(&prepared());
    let alias = r#"{"type":"Alias","unit":"urn:x:1","sameAs":"urn:y:1"}"#;
    let both = said(&engine, 1, &[&act, alias]);
    check_refused(&mut engine, &both, "only claim");
    let other = said(&engine, 2, &[alias]);
    check_refused(&mut engine, &other, "holds no renewal");
    let once = said(&engine, 3, &[&act]);
    let other = SecretKey::generate(Algorithm::Ed25519, [9; 32]);
    check_refused(&mut engine, &cosigned(&once, &other), "one signer");
    engine.renew(&once, prepared()).expect("renews");
    check_refused(&mut engine, &once, "stands in the log already");
    drop(engine);
    let (engine, _) = Engine::open(components(&disk), prepared()).expect("opens");
    assert_eq!(terms(&engine), 2);
}

#[test]
fn a_renewal_that_was_not_committed_leaves_no_trace() {
    // Operations of a commit: write, sync, swap.
    for (operation, cut_power) in [(2, false), (2, true), (3, false), (3, true)] {
        let what = format!("operation {operation}, power cut: {cut_power}");
        let disk = Shared::default();
        let mut engine = begin(&disk).expect("begins");
        let act = said(&engine, 1, &[&renewal(&prepared())]);
        let size = engine.size();
        disk.fail_at(Some((operation, Fault::Lost)));
        let failed = engine.renew(&act, prepared());
        assert!(matches!(failed, Err(NotRenewed::Fatal(_))), "{what}");
        drop(engine);
        disk.fail_at(None);
        if cut_power {
            disk.cut_power();
        }
        // It was to take effect with keys that the next start need not have.
        let (mut engine, recovered) = open(&disk).expect(&what);
        assert_eq!(terms(&engine), 1, "{what}");
        let is_there = operation == 3 || !cut_power;
        let (again, dropped) = (recovered.sequenced_again, recovered.dropped);
        assert_eq!((again, dropped), (0, usize::from(is_there)), "{what}");
        assert_eq!(engine.size(), size, "{what}");
        engine.renew(&act, prepared()).expect(&what);
        assert_eq!(terms(&engine), 2, "{what}");
    }
}
