//! Genesis: payloads and statements.

use countersign_attest::genesis::node_header;
use countersign_attest::{Genesis, Kind, Statement, sign1};
use countersign_model::digest::hex;
use serde_json::{Value, json};

use super::{bytes, case, check, check_version, error, keys_as_json};
use crate::world::{
    ORIGIN, admin, carrier, ed25519, genesis, header, node, origin, service, terms, vkey,
};

fn run(case: &Value) -> Value {
    let opened = Statement::parse(&bytes(&case["statement"])).and_then(|s| {
        let genesis = Genesis::open(&s)?;
        Ok((genesis, s))
    });
    let (genesis, statement) = match opened {
        Ok(opened) => opened,
        Err(refusal) => return error(refusal.code),
    };
    let terms = genesis.terms();
    let administrators: Vec<String> = terms
        .administrators
        .iter()
        .map(ToString::to_string)
        .collect();
    let predecessors: Vec<&str> = terms.predecessors.iter().map(|o| o.as_str()).collect();
    json!({
        "origin": terms.origin.as_str(),
        "fold_version": terms.fold_version,
        "checkpoint_key": checkpoint_keys(terms),
        "receipt_key": terms.receipt_key.to_string(),
        "node_key": terms.node_key.to_string(),
        "administrators": administrators,
        "predecessors": predecessors,
        "registration_policy": terms.registration_policy,
        "nonce": hex(&terms.nonce),
        "payload": hex(statement.payload()),
        "entry": statement.entry().to_string(),
    })
}

/// The one of version 1, the list of version 2.
fn checkpoint_keys(terms: &countersign_attest::genesis::Terms) -> Value {
    match terms.checkpoint_keys.as_slice() {
        [only] => json!(only),
        several => json!(several),
    }
}

#[test]
fn geneses_of_several_checkpoint_keys() {
    let cases: Vec<Value> = of_several_keys()
        .iter()
        .map(|(name, statement)| case(name, &json!({"statement": hex(statement)}), run))
        .collect();
    let about = "Genesis statements of version 2, which name several checkpoint keys.";
    let made = json!({"about": about, "keys": keys_as_json(), "cases": cases});
    check_version("genesis", 2, "vectors", &made, run);
}

/// A list of these keys as the payload of version 2 has it, signed.
fn listing(keys: &[String]) -> Vec<u8> {
    let payload = genesis().encode();
    let [only] = genesis()
        .terms()
        .checkpoint_keys
        .clone()
        .try_into()
        .unwrap();
    let text = |key: &str| [&[0x78, u8::try_from(key.len()).unwrap()], key.as_bytes()].concat();
    let old = [&[0x02, 0x01, 0x03, 0x01, 0x04][..], &text(&only)].concat();
    let at = payload.windows(old.len()).position(|w| w == old).unwrap();
    let list: Vec<u8> = keys.iter().flat_map(|key| text(key)).collect();
    let head = [
        0x02,
        0x02,
        0x03,
        0x01,
        0x04,
        0x80 + u8::try_from(keys.len()).unwrap(),
    ];
    let payload = [&payload[..at], &head, &list, &payload[at + old.len()..]].concat();
    sign1(
        &node_header(&origin(ORIGIN), Kind::genesis()),
        &payload,
        &node(),
    )
}

fn of_several_keys() -> Named {
    let ed25519 = |seed| format!("{ORIGIN}+0a1b2c3d+{}", vkey(&ed25519(seed).public()));
    // Type 6 (ML-DSA-44) with as many bytes as it likes: not ours to judge.
    let other_type = || format!("{ORIGIN}+0a1b2c3d+BgAA");
    let mut two = terms();
    two.checkpoint_keys = vec![ed25519(7), other_type()];
    let nine: Vec<String> = (40..49).map(ed25519).collect();
    let foreign = ed25519(8).replacen("log", "dog", 1);
    vec![
        (
            "two-keys",
            Genesis::new(two).unwrap().sign(&node()).unwrap(),
        ),
        ("other-type-first", listing(&[other_type(), ed25519(7)])),
        ("eight-keys", listing(&nine[..8])),
        ("nine-keys", listing(&nine)),
        ("one-key", listing(&[ed25519(7)])),
        ("no-key", listing(&[])),
        ("twice-the-same", listing(&[ed25519(7), ed25519(7)])),
        (
            "none-is-ed25519",
            listing(&[other_type(), format!("{ORIGIN}+0a1b2c3d+BgAB")]),
        ),
        ("of-another-origin", listing(&[ed25519(7), foreign])),
    ]
}

#[test]
fn geneses() {
    let cases: Vec<Value> = [good(), hostile()]
        .concat()
        .iter()
        .map(|(name, statement)| case(name, &json!({"statement": hex(statement)}), run))
        .collect();
    let about = "Genesis statements: what a reader finds in them, and what is refused.";
    let made = json!({"about": about, "keys": keys_as_json(), "cases": cases});
    check("genesis", "vectors", &made, run);
}

#[test]
fn terms_that_make_no_genesis() {
    let refused = |change: fn(&mut countersign_attest::genesis::Terms)| {
        let mut terms = terms();
        change(&mut terms);
        assert_eq!(Genesis::new(terms).map_err(|e| e.code), Err("bad_genesis"));
    };
    refused(|terms| terms.administrators.clear());
    refused(|terms| terms.administrators = vec![admin().public(); 2]);
    refused(|terms| terms.receipt_key = node().public());
    refused(|terms| terms.node_key = ed25519(7).public());
    refused(|terms| terms.registration_policy.clear());
    refused(|terms| terms.predecessors = vec![terms.origin.clone()]);
    refused(|terms| {
        terms.checkpoint_keys = vec![format!("other+0a1b2c3d+{}", vkey(&ed25519(7).public()))];
    });
    refused(|terms| terms.checkpoint_keys = vec![format!("{ORIGIN}+0a1b2c3d+AQ==")]);
    refused(|terms| terms.checkpoint_keys = vec![ORIGIN.to_owned()]);
}

type Named = Vec<(&'static str, Vec<u8>)>;

fn good() -> Named {
    let mut two = terms();
    two.administrators.push(carrier().public());
    two.predecessors = vec![origin("log.example/z"), origin("log.example/b")];
    let mut other_type = terms();
    // Type 6 (ML-DSA-44) with as many bytes as it likes: not ours to judge.
    other_type.checkpoint_keys = vec![format!("{ORIGIN}+0a1b2c3d+BgAA")];
    let sign = |terms| Genesis::new(terms).unwrap().sign(&node()).unwrap();
    vec![
        ("one-administrator", genesis().sign(&node()).unwrap()),
        ("two-administrators-and-predecessors", sign(two)),
        ("checkpoint-key-of-another-type", sign(other_type)),
    ]
}

fn hostile() -> Named {
    let payload = genesis().encode();
    let header_of_node = node_header(&origin(ORIGIN), Kind::genesis());
    let sign = |payload: &[u8]| sign1(&header_of_node, payload, &node());
    let replaced = |from: &[u8], to: &[u8]| {
        let at = payload.windows(from.len()).position(|w| w == from).unwrap();
        [&payload[..at], to, &payload[at + from.len()..]].concat()
    };
    let old = b"log.example/old".as_slice();
    let two_old = [&[0x81, 0x6f], old].concat();
    let unsorted = [&[0x82, 0x6f], old, &[0x6f], b"log.example/new"].concat();
    let other_header = node_header(&origin("log.example/b"), Kind::genesis());
    vec![
        (
            "signed-by-another",
            sign1(&header_of_node, &payload, &service()),
        ),
        ("for-another-log", sign1(&other_header, &payload, &node())),
        (
            "of-another-kind",
            sign1(&header("node"), &crate::world::payload("a"), &node()),
        ),
        (
            "format-version-2",
            sign(&replaced(&[0x02, 0x01, 0x03], &[0x02, 0x02, 0x03])),
        ),
        (
            "predecessors-unsorted",
            sign(&replaced(&two_old, &unsorted)),
        ),
        (
            "predecessor-is-itself",
            sign(&replaced(
                &two_old,
                &[&[0x81, 0x72], ORIGIN.as_bytes()].concat(),
            )),
        ),
        (
            "nonce-short",
            sign(&replaced(
                &[&[0x0a, 0x50][..], &[7; 16]].concat(),
                &[&[0x0a, 0x4f][..], &[7; 15]].concat(),
            )),
        ),
        (
            "label-not-shortest",
            sign(&replaced(&[0x02, 0x01, 0x03], &[0x18, 0x02, 0x01, 0x03])),
        ),
        (
            "a-field-too-many",
            sign(&[&[0xab], &payload[1..], &[0x0b, 0x00]].concat()),
        ),
        (
            "administrator-is-node",
            sign(&replaced(
                admin().public().to_string().as_bytes(),
                node().public().to_string().as_bytes(),
            )),
        ),
    ]
}
