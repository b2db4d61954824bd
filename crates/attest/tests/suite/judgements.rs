//! Judgements, from bytes to verdict.

use countersign_attest::sign::{Signature, cosign, cosignature, protected_for};
use countersign_attest::webauthn::{Assertion, challenge};
use countersign_attest::{ChainLink, Header, Kind, Verdict, sign1};
use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, Batch, Index};
use countersign_model::ids::PrincipalId;
use countersign_model::time::{Span, Timestamp};

use crate::world::{
    Log, NOW, OLD_ORIGIN, ORIGIN, act, admin, carrier, define, device, dock, ed25519, es256,
    header, header_for, line, next, node, origin, parse, passkey, payload, person, service,
    stranger,
};

/// Submits to a fresh log, one after the other.
fn check(statements: &[Vec<u8>], expect: &[&str]) {
    let mut log = Log::new();
    let got: Vec<String> = statements
        .iter()
        .map(|bytes| line(&log.submit(bytes)))
        .collect();
    assert_eq!(got, expect);
}

fn first(issuer: &str) -> Header {
    header(issuer).with_chain(ChainLink::first(1))
}

#[test]
fn who_says_so() {
    let one = dock(ChainLink::first(1), "a");
    let two = dock(next(&one), "b");
    check(&[one.clone(), two, one], &["dock-1", "dock-1", "replay 10"]);
    let by = |issuer: &str, key| sign1(&first(issuer), &payload("a"), &key);
    check(
        &[
            by("wms", service()),
            by("dock-1", stranger()),
            by("wms", device()),
        ],
        &["wms", "unknown_key", "issuer_mismatch"],
    );
    let mut spoiled = by("dock-1", device());
    *spoiled.last_mut().unwrap() ^= 1;
    check(&[spoiled], &["bad_signature"]);
}

#[test]
fn for_whom() {
    let to = |audiences: &[&str]| {
        let header = header_for("dock-1", audiences).with_chain(ChainLink::first(1));
        sign1(&header, &payload("a"), &device())
    };
    check(&[to(&["log.example/elsewhere"])], &["wrong_audience"]);
    check(&[to(&[OLD_ORIGIN])], &["dock-1"]);
    // Chains of different audiences have nothing to do with one another.
    check(
        &[to(&[ORIGIN]), to(&["log.example/elsewhere", ORIGIN])],
        &["dock-1", "dock-1"],
    );
}

#[test]
fn chains_are_for_those_who_can_count() {
    let bare = |issuer: &str, key| sign1(&header(issuer), &payload("a"), &key);
    check(
        &[
            bare("dock-1", device()),
            bare("wms", service()),
            bare("p-17", person()),
            bare("admin-1", admin()),
            bare("node", node()),
            bare("p-17", person()),
        ],
        &[
            "chain_missing",
            "chain_missing",
            "p-17",
            "admin-1",
            "node",
            "replay 10",
        ],
    );
}

#[test]
fn keys_out_of_force() {
    let mut log = Log::new();
    let old = dock(ChainLink::first(1), "a");
    assert_eq!(line(&log.submit(&old)), "dock-1");
    let new = define("dock-1", "device", &es256(33).public());
    log.register
        .apply(Index(11), &admin().public().id(), &act(&new))
        .unwrap();
    // What is logged is answered as before; what is new is not taken.
    assert_eq!(line(&log.submit(&old)), "replay 10");
    assert_eq!(line(&log.submit(&dock(next(&old), "b"))), "revoked_key");
    let with_new = sign1(&first("dock-1"), &payload("b"), &es256(33));
    assert_eq!(line(&log.submit(&with_new)), "dock-1");
}

#[test]
fn kinds() {
    let of = |kind: Kind| {
        let issuer = PrincipalId::parse("dock-1").unwrap();
        Header::new(issuer, "urn:x", vec![origin(ORIGIN)], kind)
            .unwrap()
            .with_chain(ChainLink::first(1))
    };
    let later = sign1(&of(Kind::new("later", 1).unwrap()), b"", &device());
    let batch = Batch {
        first: Index(0),
        count: 1,
        recorded: NOW,
        uncertainty_ms: 1,
        tick: NOW,
        previous: None,
        verdict_root: Digest::ZERO,
    };
    let forged = sign1(&of(Kind::batch()), &batch.encode(), &device());
    check(&[later, forged], &["unknown_kind", "reserved_kind"]);
    let header = countersign_attest::genesis::node_header(&origin(ORIGIN), Kind::batch());
    check(&[sign1(&header, &batch.encode(), &node())], &["node"]);
}

#[test]
fn clocks() {
    let at = |ms: i64| {
        let header = first("dock-1").with_clock(Timestamp::from_ms(NOW.ms() + ms));
        sign1(&header, &payload("a"), &device())
    };
    check(&[at(300_000)], &["dock-1"]);
    check(&[at(-300_000)], &["dock-1"]);
    check(&[at(300_001)], &["dock-1 clock_off"]);
    check(&[at(-300_001)], &["dock-1 clock_off"]);
    // A clock that is known to be off by ten minutes is right when it is.
    let mut log = Log::new();
    let value = format!(
        r#"{{"id":"dock-1","role":"device","key":"{}","clock_offset_ms":"600000"}}"#,
        device().public()
    );
    let known = format!(r#"{{"type":"Define","object":"principal","value":{value}}}"#);
    log.register
        .apply(Index(11), &admin().public().id(), &act(&known))
        .unwrap();
    assert_eq!(line(&log.submit(&at(600_000))), "dock-1");
    // Where a scenario tells the time, no device clock is judged.
    let mut log = Log::new();
    log.register = countersign_attest::Register::new(&crate::world::genesis());
    let by = admin().public().id();
    let clock = act(r#"{"type":"ScenarioClock","start":"2026-03-02T00:00:00Z"}"#);
    log.register.apply(Index(2), &by, &clock).unwrap();
    let enrol = act(&define("dock-1", "device", &device().public()));
    log.register.apply(Index(3), &by, &enrol).unwrap();
    let later = NOW.plus(Span::from_secs(86_400));
    assert_eq!(line(&log.submit_at(&at(0), later)), "dock-1");
}

/// A hand-over that asks for the dock's and the carrier's key, signed by `keys`.
fn hand_over(issuer: &str, keys: &[&countersign_attest::SecretKey]) -> Vec<u8> {
    let required = [device().public().id(), carrier().public().id()];
    cosign(&first(issuer), &payload("a"), &required, keys).unwrap()
}

#[test]
fn hand_overs() {
    let (dock, carrier) = (device(), carrier());
    let whole = hand_over("dock-1", &[&dock, &carrier]);
    let stripped = hand_over("dock-1", &[&dock]);
    check(
        &[whole, stripped.clone()],
        &["dock-1 with carrier-1", "replay 10"],
    );
    check(&[stripped], &["dock-1 signer_missing"]);
    // The issuer himself must have signed.
    check(&[hand_over("dock-1", &[&carrier])], &["issuer_mismatch"]);
    check(
        &[hand_over("wms", &[&dock, &carrier])],
        &["issuer_mismatch"],
    );
    // Who was not asked is not heard, whatever he signs.
    check(
        &[hand_over("dock-1", &[&dock, &carrier, &stranger()])],
        &["dock-1 with carrier-1"],
    );
    check(
        &[hand_over("dock-1", &[&dock, &service()])],
        &["dock-1 signer_missing"],
    );
}

#[test]
fn hand_overs_with_a_false_signature() {
    let required = [device().public().id(), carrier().public().id()];
    let protected = protected_for(&first("dock-1"), &required).unwrap();
    let payload = payload("a");
    let good = cosignature(&protected, &payload, &device());
    let false_one = Signature {
        signature: good.signature.clone(),
        key: carrier().public().id(),
        ..good
    };
    let assemble = |signatures: &[Signature]| {
        countersign_attest::sign::assemble_many(&protected, &payload, signatures)
    };
    check(&[assemble(&[good.clone(), false_one])], &["bad_signature"]);
    // A signature nobody can check, by a key nobody was asked for, spoils nothing.
    let noise = Signature {
        signature: vec![0; 64],
        key: stranger().public().id(),
        ..good
    };
    check(&[assemble(&[noise, good])], &["dock-1 signer_missing"]);
}

#[test]
fn hand_overs_with_keys_that_are_not_known_here() {
    let both = [device(), stranger()];
    let required: Vec<_> = both.iter().map(|key| key.public().id()).collect();
    let sign = |issuer: &str, keys: &[&countersign_attest::SecretKey]| {
        cosign(&first(issuer), &payload("a"), &required, keys).unwrap()
    };
    check(
        &[sign("dock-1", &[&both[0], &both[1]])],
        &["dock-1 signer_missing"],
    );
    check(
        &[sign("courier", &[&both[0], &both[1]])],
        &["issuer_mismatch"],
    );
    let strangers = [stranger(), ed25519(99)];
    let required: Vec<_> = strangers.iter().map(|key| key.public().id()).collect();
    let unknown = cosign(&first("x"), &payload("a"), &required, &[&strangers[0]]).unwrap();
    check(&[unknown], &["unknown_key"]);
}

#[test]
fn a_cosigner_out_of_force_is_missing() {
    let mut log = Log::new();
    let gone = r#"{"type":"Withdraw","object":"principal","id":"carrier-1"}"#;
    log.register
        .apply(Index(11), &admin().public().id(), &act(gone))
        .unwrap();
    let whole = hand_over("dock-1", &[&device(), &carrier()]);
    assert_eq!(line(&log.submit(&whole)), "dock-1 signer_missing");
}

#[test]
fn passkeys_need_no_chain() {
    let key = person();
    let protected =
        countersign_attest::sign::protected(&header("p-17"), key.algorithm(), key.public().id());
    let [authenticator, client, signature] =
        passkey(&key, &challenge(&protected, &payload("a")), 0x05);
    let assertion = Assertion::new(&authenticator, &client, &signature).unwrap();
    let good = assertion.assemble(&protected, &payload("a"));
    let swapped = assertion.assemble(&protected, &payload("b"));
    check(
        &[good.clone(), swapped, good],
        &["p-17", "bad_signature", "replay 10"],
    );
}

#[test]
fn an_admission_says_who_and_how_sure() {
    let one = dock(ChainLink::first(1), "a");
    let Verdict::Admit {
        principal,
        key,
        assurance,
        ..
    } = Log::new().submit(&one)
    else {
        panic!("not admitted");
    };
    assert_eq!(&principal, parse(&one).issuer());
    assert_eq!(key, device().public().id());
    assert_eq!(assurance, Assurance::SoftwareKey);
}
