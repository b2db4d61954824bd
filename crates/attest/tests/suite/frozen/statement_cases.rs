//! Statements: what is read, and what is refused.

use countersign_attest::header::SeenCheckpoint;
use countersign_attest::sign::{Signature, assemble_many, cosign, protected};
use countersign_attest::statement::Proof;
use countersign_attest::webauthn::{Assertion, challenge};
use countersign_attest::{ChainLink, Header, Kind, Statement, claims_payload, sign1, to_be_signed};
use countersign_model::cbor::Writer;
use countersign_model::digest::{Digest, hex};
use countersign_model::entry::Size;
use countersign_model::time::Timestamp;
use serde_json::{Map, Value, json};

use super::{bytes, case, check, error, keys, keys_as_json};
use crate::world::{
    NOW, ORIGIN, carrier, cose_sign1, device, header, header_for, next, origin, other_s, parse,
    passkey, payload, person, service, stranger,
};

fn run(case: &Value) -> Value {
    match Statement::parse(&bytes(&case["statement"])) {
        Ok(statement) => described(&statement),
        Err(refusal) => error(refusal.code),
    }
}

fn described(statement: &Statement) -> Value {
    let form = match statement.proof() {
        Proof::One(_) => "COSE_Sign1",
        Proof::Many { .. } => "COSE_Sign",
        Proof::Passkey { .. } => "WebAuthn",
    };
    let ids: Vec<String> = statement
        .key_ids()
        .iter()
        .map(|id| id.to_string())
        .collect();
    let claims: Vec<String> = statement
        .claim_digests()
        .iter()
        .map(|d| d.to_string())
        .collect();
    let audiences: Vec<&str> = statement.audiences().iter().map(|o| o.as_str()).collect();
    let chain = statement.chain().map(|link| {
        let previous = link.previous().map(|digest| digest.to_string());
        json!({"epoch": link.epoch(), "counter": link.counter(), "previous": previous})
    });
    let seen = statement
        .seen()
        .map(|seen| json!({"size": seen.size.0, "root": seen.root.to_string()}));
    json!({
        "form": form,
        "issuer": statement.issuer().as_str(),
        "subject": statement.subject(),
        "audiences": audiences,
        "kind": statement.kind().name(),
        "version": statement.kind().version(),
        "chain": chain,
        "seen": seen,
        "clock_ms": statement.clock().map(Timestamp::ms),
        "key_ids": ids,
        "claims": claims,
        "payload": hex(statement.payload()),
        "sig_digest": statement.sig_digest().to_string(),
        "logged": hex(&statement.logged_bytes()),
        "entry": statement.entry().to_string(),
        "signed_by": signed_by(statement),
    })
}

/// For each key of the file of which a signature is there: whether it verifies.
fn signed_by(statement: &Statement) -> Value {
    let verified = |(name, key): (&str, countersign_attest::SecretKey)| {
        let good = statement.verify_by(&key.public())?;
        Some((name.to_owned(), json!(good)))
    };
    Value::Object(
        keys()
            .into_iter()
            .filter_map(verified)
            .collect::<Map<_, _>>(),
    )
}

#[test]
fn statements() {
    let cases: Vec<Value> = [good(), several(), passkeys(), hostile(), hostile_headers()]
        .concat()
        .iter()
        .map(|(name, statement)| case(name, &json!({"statement": hex(statement)}), run))
        .collect();
    let about = "Statements: what a reader finds in them, and what is refused, without regard to \
                 any log. `signed_by` says for each key whose signature is there if it verifies.";
    let made = json!({"about": about, "keys": keys_as_json(), "cases": cases});
    check("statement", "vectors", &made, run);
}

type Named = Vec<(&'static str, Vec<u8>)>;

fn first(issuer: &str) -> Header {
    header(issuer).with_chain(ChainLink::first(1))
}

fn good() -> Named {
    let plain = sign1(&first("dock-1"), &payload("a"), &device());
    let second = sign1(
        &header("dock-1").with_chain(next(&plain)),
        &payload("b"),
        &device(),
    );
    let full = first("wms").with_clock(NOW).with_seen(SeenCheckpoint {
        size: Size(1_234_067),
        root: Digest::of(b"root"),
    });
    let three = ["log.example/c", "log.example/a", ORIGIN];
    let courier = header_for("carrier-1", &three).with_chain(ChainLink::first(u64::MAX));
    let three_claims: Vec<Digest> = [b"a", b"b", b"c"].map(|text| Digest::of(text)).to_vec();
    let later = Kind::new("later", 2).unwrap();
    let later = Header::new(
        header("wms").issuer().clone(),
        "urn:x",
        vec![origin(ORIGIN)],
        later,
    );
    vec![
        ("one-device-es256", plain.clone()),
        ("second-of-its-chain", second),
        (
            "everything-ed25519",
            sign1(&full, &claims_payload(&three_claims).unwrap(), &service()),
        ),
        (
            "three-audiences",
            sign1(&courier, &payload("a"), &carrier()),
        ),
        (
            "unknown-kind",
            sign1(&later.unwrap(), b"not CBOR", &service()),
        ),
        ("es256-r-n-minus-s", with_other_s(&plain)),
        (
            "unprotected-header",
            dressed(&plain, &[0xa1, 0x19, 0x01, 0x8a, 0x81, 0x41, 0x00]),
        ),
        ("extension-label", with_extension(-80_001)),
    ]
}

fn with_other_s(statement: &[u8]) -> Vec<u8> {
    let (head, signature) = statement.split_at(statement.len() - 64);
    [head, &other_s(signature)].concat()
}

fn dressed(statement: &[u8], unprotected: &[u8]) -> Vec<u8> {
    let read = parse(statement);
    let signature = &statement[statement.len() - 64..];
    cose_sign1(read.protected(), unprotected, read.payload(), signature)
}

/// A statement with one more label, signed.
fn with_extension(label: i64) -> Vec<u8> {
    let plain = protected_of_device();
    let mut out = Writer::default();
    out.raw(&[plain[0] + 1]);
    out.raw(&plain[1..]);
    out.int(label);
    out.text("mine");
    signed_raw(&out.into_bytes())
}

fn protected_of_device() -> Vec<u8> {
    let key = device();
    protected(&first("dock-1"), key.algorithm(), key.public().id())
}

/// A header of any bytes, signed by the device.
fn signed_raw(protected: &[u8]) -> Vec<u8> {
    let payload = payload("a");
    let signature = device().sign(&to_be_signed(protected, &payload));
    cose_sign1(protected, &[0xa0], &payload, &signature)
}

fn several() -> Named {
    let required = [device().public().id(), carrier().public().id()];
    let sign = |keys: &[&countersign_attest::SecretKey]| {
        cosign(&first("dock-1"), &payload("a"), &required, keys).unwrap()
    };
    let whole = sign(&[&device(), &carrier()]);
    let read = parse(&whole);
    let Proof::Many { signatures, .. } = read.proof() else {
        panic!("several signers");
    };
    let swapped = Signature {
        signature: signatures[0].signature.clone(),
        ..signatures[1].clone()
    };
    let signatures = [signatures[0].clone(), swapped];
    let false_one = assemble_many(read.protected(), read.payload(), &signatures);
    vec![
        ("hand-over", whole),
        ("hand-over-stripped", sign(&[&device()])),
        (
            "hand-over-with-a-stranger",
            sign(&[&device(), &stranger(), &carrier()]),
        ),
        ("hand-over-with-a-false-signature", false_one),
        ("hand-over-signed-twice", sign(&[&device(), &device()])),
        ("hand-over-unsigned", sign(&[])),
    ]
}

fn passkeys() -> Named {
    let key = person();
    let protected = protected(&header("p-17"), key.algorithm(), key.public().id());
    let chained =
        countersign_attest::sign::protected(&first("p-17"), key.algorithm(), key.public().id());
    let made = |protected: &[u8], challenged: &[u8], flags: u8| {
        let [authenticator, client, signature] =
            passkey(&key, &challenge(protected, challenged), flags);
        (authenticator, client, signature)
    };
    let raw = |protected: &[u8],
               (authenticator, client, signature): (Vec<u8>, Vec<u8>, Vec<u8>)| {
        let mut out = Writer::default();
        out.array(7);
        out.text("webauthn");
        out.uint(1);
        for part in [
            protected,
            &payload("a"),
            &authenticator,
            &client,
            &signature,
        ] {
            out.bytes(part);
        }
        out.into_bytes()
    };
    let good = made(&protected, &payload("a"), 0x05);
    assert!(Assertion::new(&good.0, &good.1, &good.2).is_ok());
    let created = good.1.clone();
    let created = String::from_utf8(created)
        .unwrap()
        .replace("webauthn.get", "webauthn.create");
    let created = (good.0.clone(), created.into_bytes(), good.2.clone());
    vec![
        ("passkey", raw(&protected, good)),
        (
            "passkey-other-challenge",
            raw(&protected, made(&protected, &payload("b"), 0x05)),
        ),
        (
            "passkey-nobody-there",
            raw(&protected, made(&protected, &payload("a"), 0x04)),
        ),
        ("passkey-registration", raw(&protected, created)),
        (
            "passkey-with-chain",
            raw(&chained, made(&chained, &payload("a"), 0x05)),
        ),
    ]
}

fn hostile() -> Named {
    let plain = sign1(&first("dock-1"), &payload("a"), &device());
    let mut spoiled = plain.clone();
    *spoiled.last_mut().unwrap() ^= 1;
    let mut trailing = plain.clone();
    trailing.push(0);
    let mut wide_tag = vec![0xd8, 0x12];
    wide_tag.extend(&plain[1..]);
    let short = cose_sign1(&protected_of_device(), &[0xa0], &payload("a"), &[0; 63]);
    let twice = {
        let mut out = Writer::default();
        out.array(2);
        out.bytes(&[1; 32]);
        out.bytes(&[1; 32]);
        out.into_bytes()
    };
    let with_payload = |payload: &[u8]| sign1(&first("dock-1"), payload, &device());
    vec![
        ("signature-spoiled", spoiled),
        ("signature-short", short),
        ("untagged", plain[1..].to_vec()),
        ("trailing-byte", trailing),
        ("tag-not-shortest", wide_tag),
        ("truncated", plain[..plain.len() - 1].to_vec()),
        (
            "unprotected-duplicate-keys",
            dressed(&plain, &[0xa2, 0x01, 0x01, 0x01, 0x01]),
        ),
        (
            "unprotected-indefinite",
            dressed(&plain, &[0xbf, 0x01, 0x01, 0xff]),
        ),
        ("claims-none", with_payload(&[0x80])),
        ("claims-twice", with_payload(&twice)),
        ("claims-no-digests", with_payload(&[0x81, 0x41, 0x00])),
        ("claims-not-an-array", with_payload(&[0xa0])),
    ]
}

fn hostile_headers() -> Named {
    let plain = protected_of_device();
    // The header begins a7 01 26: seven pairs, alg -7.
    assert_eq!(plain[..3], [0xa6, 0x01, 0x26]);
    let with_head = |head: &[u8]| signed_raw(&[head, &plain[3..]].concat());
    let names: Vec<String> = (1..=9).map(|n| format!("log.example/{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    vec![
        (
            "header-duplicate-keys",
            with_head(&[0xa7, 0x01, 0x26, 0x01, 0x26]),
        ),
        (
            "header-key-not-shortest",
            with_head(&[0xa6, 0x18, 0x01, 0x26]),
        ),
        (
            "header-alg-not-shortest",
            with_head(&[0xa6, 0x01, 0x38, 0x06]),
        ),
        ("header-alg-unknown", with_head(&[0xa6, 0x01, 0x38, 0x22])),
        (
            "header-without-alg",
            signed_raw(&[&[0xa5], &plain[3..]].concat()),
        ),
        ("header-label-unknown", with_extension(-80_000)),
        ("header-crit", with_head(&[0xa7, 0x01, 0x26, 0x02, 0x80])),
        ("audiences-nine", with_audiences(&names)),
        ("audiences-eight", with_audiences(&names[..8])),
        ("audiences-one-in-an-array", with_audiences(&names[..1])),
        (
            "audiences-unsorted",
            with_audiences(&["log.example/b", "log.example/a"]),
        ),
        (
            "audiences-twice",
            with_audiences(&["log.example/a", "log.example/a"]),
        ),
        ("counter-zero", with_chain(0, false)),
        ("first-with-previous", with_chain(1, true)),
        ("second-without-previous", with_chain(2, false)),
    ]
}

/// A header made by hand: the pairs up to the kind, and what follows.
fn by_hand(
    pairs: usize,
    audience: impl FnOnce(&mut Writer),
    rest: impl FnOnce(&mut Writer),
) -> Vec<u8> {
    let mut out = Writer::default();
    out.map(pairs);
    out.int(1);
    out.int(-7);
    out.int(3);
    out.text("application/vnd.countersign.claims+cbor");
    out.int(4);
    out.bytes(device().public().id().0.as_bytes());
    out.int(15);
    out.map(3);
    out.uint(1);
    out.text("dock-1");
    out.uint(2);
    out.text("urn:example:dock");
    out.uint(3);
    audience(&mut out);
    out.int(-70_001);
    out.array(2);
    out.text("claims");
    out.uint(1);
    rest(&mut out);
    signed_raw(&out.into_bytes())
}

fn with_audiences(names: &[&str]) -> Vec<u8> {
    let list = |out: &mut Writer| {
        out.array(names.len());
        for name in names {
            out.text(name);
        }
    };
    by_hand(5, list, |_| {})
}

fn with_chain(counter: u64, previous: bool) -> Vec<u8> {
    let chain = |out: &mut Writer| {
        out.int(-70_002);
        out.array(3);
        out.uint(1);
        out.uint(counter);
        if previous {
            out.bytes(&[0; 32]);
        } else {
            out.null();
        }
    };
    by_hand(6, |out| out.text(ORIGIN), chain)
}
