//! Our own vectors, frozen: `testdata/vectors/cose-receipt/v1/vectors.json`.
//!
//! They are made here from fixed keys and compared with the committed file;
//! `COUNTERSIGN_BLESS=1 cargo test -p countersign-pack --test cose_receipt` writes it anew. Then the
//! committed file is read and every case is run, so that another implementation can do the same.

use countersign_attest::{Algorithm, Header, Kind, PublicKey, SecretKey, sign1};
use countersign_model::digest::hex as to_hex;
use countersign_model::ids::{Origin, PrincipalId};
use countersign_pack::cose_receipt::{CoseReceipt, CoseReceiptError, ScittStatement};
use countersign_tlog::TreeSize;
use serde_json::{Map, Value, json};

use crate::data::{hash, hex, read, workspace};
use crate::ours::{Log, entry};

fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case[member].as_str().unwrap()
}

/// What comes of a case, from its members alone.
fn run(case: &Value) -> Value {
    let key = PublicKey::parse(text(case, "key")).unwrap();
    let bytes = hex(text(case, "bytes"));
    let proven = match text(case, "kind") {
        "inclusion" => inclusion(&bytes, &hex(text(case, "entry")), &key),
        "consistency" => {
            let old_size = TreeSize(case["old_size"].as_u64().unwrap());
            CoseReceipt::parse(&bytes).and_then(|receipt| {
                let old_root = hash(text(case, "old_root"));
                let proven = receipt.verify_consistency(old_size, &old_root, &key)?;
                Ok(json!({
                    "root": to_hex(proven.new_root.as_bytes()),
                    "stated_size": proven.stated_new_size.0,
                }))
            })
        }
        "statement" => statement(&bytes, &key),
        other => panic!("a case of kind {other}"),
    };
    proven.unwrap_or_else(|why| json!({"refused": why.code()}))
}

fn inclusion(bytes: &[u8], entry: &[u8], key: &PublicKey) -> Result<Value, CoseReceiptError> {
    let proven = CoseReceipt::parse(bytes)?.verify_inclusion(entry, key)?;
    Ok(json!({
        "root": to_hex(proven.root.as_bytes()),
        "stated_size": proven.stated_size.0,
        "stated_index": proven.stated_index.0,
    }))
}

fn statement(bytes: &[u8], key: &PublicKey) -> Result<Value, CoseReceiptError> {
    let statement = ScittStatement::parse(bytes)?;
    statement.verify_signature(key)?;
    let receipts = statement.receipts().iter();
    Ok(json!({
        "entry": statement.entry().to_string(),
        "logged": to_hex(&statement.logged_bytes()),
        "receipts": receipts.map(|receipt| to_hex(receipt)).collect::<Vec<_>>(),
    }))
}

/// A case, and the code it is meant to end with (`proven` or a refusal): the rest of what is
/// expected is what comes of it now.
fn case(name: &str, code: &str, members: &Value) -> Value {
    let mut case = Map::new();
    case.insert("name".into(), json!(name));
    case.extend(members.as_object().unwrap().clone());
    let expect = run(&Value::Object(case.clone()));
    let came = expect["refused"].as_str().unwrap_or("proven");
    assert_eq!(came, code, "{name}");
    case.insert("expect".into(), expect);
    Value::Object(case)
}

/// A receipt of inclusion with some bytes (hex) in the place of others.
fn changed(log: &Log, index: u64, from: &str, to: &str) -> Value {
    let honest = to_hex(&log.inclusion(index));
    assert_eq!(honest.matches(from).count(), 1, "{from} stands there once");
    let bytes = honest.replacen(from, to, 1);
    json!({
        "kind": "inclusion", "key": log.public().to_string(),
        "entry": to_hex(&entry(index)), "bytes": bytes,
    })
}

fn inclusion_cases(log: &Log) -> Vec<Value> {
    let key = log.public().to_string();
    let of = |index: u64, about: u64| {
        let (bytes, entry) = (to_hex(&log.inclusion(index)), to_hex(&entry(about)));
        json!({"kind": "inclusion", "key": key, "entry": entry, "bytes": bytes})
    };
    let algorithm = log.public().algorithm().as_str().to_owned();
    let case =
        |name: &str, code, members: &Value| case(&format!("{algorithm}: {name}"), code, members);
    let alg = if algorithm == "ES256" { "0126" } else { "0127" };
    let path = to_hex(log.inclusion_proof(6).path()[0].as_bytes());
    let other_path = format!("00{}", &path[2..]);
    vec![
        case("the first entry", "proven", &of(0, 0)),
        case("an entry inside", "proven", &of(3, 3)),
        case("the last entry, on a short path", "proven", &of(6, 6)),
        case("another entry", "signature_invalid", &of(3, 2)),
        case(
            "a hash of the path changed",
            "signature_invalid",
            &changed(log, 6, &path, &other_path),
        ),
        case(
            "vds 2, the profile of CCF",
            "unsupported_vds",
            &changed(log, 6, "19018b01", "19018b02"),
        ),
        case(
            "alg -9, which names the curve",
            "unsupported_alg",
            &changed(log, 6, &format!("a4{alg}"), "a40128"),
        ),
        case(
            "the size is zero",
            "zero_size_tree",
            &changed(log, 6, "83070682", "83000682"),
        ),
        case(
            "the index is the size",
            "index_beyond_tree",
            &changed(log, 6, "83070682", "83070782"),
        ),
        case(
            "the path is too short for the index",
            "path_length_wrong",
            &changed(log, 6, "83070682", "83070582"),
        ),
        case(
            "another size with the same path: it is not signed",
            "proven",
            &changed(log, 3, "83070383", "83080383"),
        ),
        case(
            "the size in two bytes",
            "cbor_malformed",
            &changed(log, 6, "5848830706", "584983180706"),
        ),
        case(
            "without the tag",
            "not_cose_sign1",
            &changed(log, 6, "d284", "84"),
        ),
    ]
}

fn other_cases() -> Vec<Value> {
    let log = Log::new(7, Algorithm::Es256);
    let key = log.public().to_string();
    let from = |old: u64, bytes: &[u8], old_root: &str| {
        json!({
            "kind": "consistency", "key": key, "old_size": old,
            "old_root": old_root, "bytes": to_hex(bytes),
        })
    };
    let root = |size| to_hex(log.root_at(size).as_bytes());
    let receipt = log.consistency(4);
    let wrong_key = json!({
        "kind": "inclusion", "key": Log::new(1, Algorithm::Ed25519).public().to_string(),
        "entry": to_hex(&entry(1)), "bytes": to_hex(&log.inclusion(1)),
    });
    let issuer = SecretKey::generate(Algorithm::Ed25519, [3; 32]);
    let header = Header::new(
        PrincipalId::parse("dock-7").unwrap(),
        "goods",
        vec![Origin::parse("log.example/site-1").unwrap()],
        Kind::new("note", 1).unwrap(),
    );
    let signed = sign1(&header.unwrap(), b"payload", &issuer);
    let plain = ScittStatement::parse(&signed).unwrap();
    let transparent = plain
        .transparent(&[log.inclusion(0), log.inclusion(1)])
        .unwrap();
    let said = |bytes: &[u8], key: &PublicKey| json!({"kind": "statement", "key": key.to_string(), "bytes": to_hex(bytes)});
    vec![
        case("from 4 to 7", "proven", &from(4, &receipt, &root(4))),
        case(
            "from 3 to 7",
            "proven",
            &from(3, &log.consistency(3), &root(3)),
        ),
        case(
            "from 4 with the root of 3",
            "signature_invalid",
            &from(4, &receipt, &root(3)),
        ),
        case(
            "from 3 with the root of 4",
            "old_root_differs",
            &from(3, &log.consistency(3), &root(4)),
        ),
        case(
            "from a size it is not about",
            "proof_missing",
            &from(3, &receipt, &root(3)),
        ),
        case(
            "a key of the other algorithm",
            "key_alg_differs",
            &wrong_key,
        ),
        case("a statement", "proven", &said(&signed, &issuer.public())),
        case(
            "a transparent statement",
            "proven",
            &said(&transparent, &issuer.public()),
        ),
        case(
            "a statement and the key of another",
            "statement_signature_invalid",
            &said(
                &transparent,
                &SecretKey::generate(Algorithm::Ed25519, [4; 32]).public(),
            ),
        ),
    ]
}

#[test]
fn vectors() {
    let mut cases = inclusion_cases(&Log::new(7, Algorithm::Ed25519));
    cases.extend(inclusion_cases(&Log::new(7, Algorithm::Es256)));
    cases.extend(other_cases());
    let made = json!({
        "about": "COSE receipts (RFC 9942) and statements that carry them, docs/formats/cose-receipt.md; \
                  bytes, entry and hashes in hex",
        "cases": cases,
    });
    let made = format!("{}\n", serde_json::to_string_pretty(&made).unwrap());
    let path = workspace().join("testdata/vectors/cose-receipt/v1/vectors.json");
    if std::env::var_os("COUNTERSIGN_BLESS").is_some_and(|bless| bless == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &made).unwrap();
    }
    let committed = read(&path);
    let hint = "the format drifted: if that is meant, make a v2 and keep v1";
    assert!(committed == made.as_bytes(), "{hint}");
    let committed: Value = serde_json::from_slice(&committed).unwrap();
    for case in committed["cases"].as_array().unwrap() {
        assert_eq!(run(case), case["expect"], "{}", case["name"]);
    }
}
