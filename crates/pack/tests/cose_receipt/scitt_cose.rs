//! Our receipts before another verifier, and its receipts before ours: the Python package
//! scitt-cose 0.5.0. `cargo xtask test` installs it, as pinned in `scitt_cose.txt`, below the target
//! folder; `scitt_cose.py` asks it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use countersign_attest::{Algorithm, Header, Kind, PublicKey, SecretKey, sign1};
use countersign_model::digest::{hex as to_hex, hex_decode};
use countersign_model::ids::{Origin, PrincipalId};
use countersign_pack::cose_receipt::{CoseReceipt, CoseReceiptError, ScittStatement};
use countersign_tlog::Hash;
use serde_json::{Value, json};

use crate::data::{hash, hex, pem_key_of, read, workspace};
use crate::ours::{Log, entry};

/// Where it lies in the folder that cargo gives to tests.
const ENVIRONMENT: &str = "scitt-cose-0.5.0";

/// One answer for each question, in order.
fn ask(questions: &[Value]) -> Vec<Value> {
    let python = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(ENVIRONMENT)
        .join("bin/python");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cose_receipt/scitt_cose.py");
    let child = Command::new(&python)
        .args(["-B", "-I"])
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|error| {
        panic!(
            "{}: {error}; the Python package scitt-cose 0.5.0 is not installed there, `cargo xtask test` does it",
            python.display()
        )
    });
    let mut stdin = child.stdin.take().unwrap();
    let lines: String = questions.iter().map(|line| format!("{line}\n")).collect();
    // Its answers are many: they are read while it is still being asked.
    let asking = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let asked = asking.join().unwrap();
    assert!(
        output.status.success(),
        "scitt_cose.py failed; asking it: {asked:?}"
    );
    let answers: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), questions.len());
    answers
}

/// A receipt, an entry and a key: a question to both.
struct Case {
    name: String,
    receipt: Vec<u8>,
    entry: Vec<u8>,
    key: PublicKey,
}

impl Case {
    fn question(&self) -> Value {
        json!({
            "do": "verify", "receipt": to_hex(&self.receipt), "entry": to_hex(&self.entry),
            "key": self.key.to_pem(),
        })
    }

    /// Root, size and index, or why not.
    fn ours(&self) -> Result<(String, u64, u64), CoseReceiptError> {
        let proven = CoseReceipt::parse(&self.receipt)?.verify_inclusion(&self.entry, &self.key)?;
        let root = to_hex(proven.root.as_bytes());
        Ok((root, proven.stated_size.0, proven.stated_index.0))
    }

    /// Whether both say the same, of root, size and index too.
    fn agrees(&self, theirs: &Value) -> bool {
        match self.ours() {
            Err(_) => theirs["ok"] == false,
            Ok((root, size, index)) => {
                theirs["ok"] == true
                    && theirs["root"] == root
                    && theirs["size"] == size
                    && theirs["index"] == index
            }
        }
    }
}

/// Asks both; the cases in which they differ.
fn differing(cases: &[Case]) -> Vec<String> {
    let questions: Vec<Value> = cases.iter().map(Case::question).collect();
    let answers = ask(&questions);
    let pairs = cases.iter().zip(&answers);
    pairs
        .filter(|(case, theirs)| !case.agrees(theirs))
        .map(|(case, theirs)| format!("{}: ours {:?}, theirs {theirs}", case.name, case.ours()))
        .collect()
}

const ALGORITHMS: [Algorithm; 2] = [Algorithm::Ed25519, Algorithm::Es256];

#[test]
fn every_receipt_of_ours_is_proven_and_with_anything_else_refused() {
    let mut cases = Vec::new();
    for algorithm in ALGORITHMS {
        let other = SecretKey::generate(algorithm, [8; 32]).public();
        for size in (2..=17).chain([31, 32, 33, 255, 256, 257]) {
            let log = Log::new(size, algorithm);
            let step = if size < 100 { 1 } else { 51 };
            for index in (0..size).step_by(step) {
                let receipt = log.inclusion(index);
                let mut add = |what: &str, about: u64, key: &PublicKey, expect: bool| {
                    let case = Case {
                        name: format!("{what}, {} {index} of {size}", algorithm.as_str()),
                        receipt: receipt.clone(),
                        entry: entry(about).to_vec(),
                        key: key.clone(),
                    };
                    assert_eq!(case.ours().is_ok(), expect, "{}", case.name);
                    cases.push(case);
                };
                add("proven", index, &log.public(), true);
                add("another entry", index + 1, &log.public(), false);
                add("another key", index, &other, false);
            }
        }
    }
    let differing = differing(&cases);
    assert!(differing.is_empty(), "{differing:#?}");
}

#[test]
fn every_changed_byte_is_judged_alike() {
    let mut cases = Vec::new();
    for algorithm in ALGORITHMS {
        let log = Log::new(7, algorithm);
        let receipt = log.inclusion(3);
        for at in 0..receipt.len() {
            for bit in 0..8 {
                let mut receipt = receipt.clone();
                receipt[at] ^= 1 << bit;
                cases.push(Case {
                    name: format!("{} byte {at} bit {bit}", algorithm.as_str()),
                    receipt,
                    entry: entry(3).to_vec(),
                    key: log.public(),
                });
            }
        }
    }
    let proven = cases.iter().filter(|case| case.ours().is_ok()).count();
    assert!(
        proven < cases.len() / 100,
        "nearly all is refused: {proven}"
    );
    let differing = differing(&cases);
    assert!(differing.is_empty(), "{differing:#?}");
}

/// The one difference, named in docs/formats/cose-receipt.md.
const LAX: &str = "the size in two bytes";

#[test]
fn our_frozen_vectors() {
    let path = workspace().join("testdata/vectors/cose-receipt/v1/vectors.json");
    let vectors: Value = serde_json::from_slice(&read(&path)).unwrap();
    let of_kind = |kind: &'static str| {
        let cases = vectors["cases"].as_array().unwrap();
        cases.iter().filter(move |case| case["kind"] == kind)
    };
    let text = |case: &Value, member: &str| case[member].as_str().unwrap().to_owned();
    let cases: Vec<Case> = of_kind("inclusion")
        .map(|case| Case {
            name: text(case, "name"),
            receipt: hex(&text(case, "bytes")),
            entry: hex(&text(case, "entry")),
            key: PublicKey::parse(&text(case, "key")).unwrap(),
        })
        .collect();
    let differing = differing(&cases);
    assert_eq!(differing.len(), ALGORITHMS.len(), "{differing:#?}");
    assert!(
        differing.iter().all(|name| name.contains(LAX)),
        "{differing:#?}"
    );

    let questions: Vec<Value> = of_kind("statement")
        .map(|case| {
            let key = PublicKey::parse(&text(case, "key")).unwrap();
            json!({"do": "statement", "statement": case["bytes"], "key": key.to_pem()})
        })
        .collect();
    for (case, theirs) in of_kind("statement").zip(ask(&questions)) {
        let proven = case["expect"]["refused"].is_null();
        assert_eq!(theirs["ok"], proven, "{case} {theirs}");
        if proven {
            assert_eq!(theirs["receipts"], case["expect"]["receipts"], "{case}");
        }
    }
}

#[test]
fn a_statement_with_its_receipt_and_what_the_header_says() {
    for algorithm in ALGORITHMS {
        let log = Log::new(5, algorithm);
        let issuer = SecretKey::generate(algorithm, [3; 32]);
        let header = Header::new(
            PrincipalId::parse("dock-7").unwrap(),
            "goods",
            vec![Origin::parse("log.example/site-1").unwrap()],
            Kind::new("note", 1).unwrap(),
        );
        let signed = sign1(&header.unwrap(), b"payload", &issuer);
        let receipt = log.inclusion(4);
        let statement = ScittStatement::parse(&signed).unwrap();
        let statement = statement
            .transparent(std::slice::from_ref(&receipt))
            .unwrap();
        let answers = ask(&[
            json!({"do": "statement", "statement": to_hex(&statement), "key": issuer.public().to_pem()}),
            json!({"do": "statement", "statement": to_hex(&statement), "key": log.public().to_pem()}),
            json!({
                "do": "verify", "receipt": to_hex(&receipt), "entry": to_hex(&entry(4)),
                "key": log.public().to_pem(),
            }),
        ]);
        let [by_issuer, by_another, verified] = answers.as_slice() else {
            panic!("{answers:?}");
        };
        assert_eq!(by_issuer["ok"], true, "{by_issuer}");
        assert_eq!(by_issuer["payload"], to_hex(b"payload"));
        assert_eq!(by_issuer["receipts"], json!([to_hex(&receipt)]));
        assert_eq!(by_another["ok"], false, "{by_another}");
        assert_eq!(verified["ok"], true, "{verified}");
        assert_eq!(verified["issuer"], "log.example/site-1");
        assert_eq!(verified["subject"], "shipment-7");
        assert_eq!(verified["kid"], to_hex(log.public().id().0.as_bytes()));
    }
}

#[test]
fn receipts_of_theirs_are_proven_here() {
    let mut questions = Vec::new();
    for alg in ["EdDSA", "ES256"] {
        for size in [2, 3, 4, 5, 7, 8, 9, 16, 17] {
            let entries: Vec<String> = (0..size).map(|at| to_hex(&entry(at))).collect();
            for index in 0..size {
                questions.push(json!({
                    "do": "make", "alg": alg, "seed": "07".repeat(32), "index": index,
                    "entries": entries,
                }));
            }
        }
    }
    for (question, made) in questions.iter().zip(ask(&questions)) {
        let receipt = hex_decode(made["receipt"].as_str().unwrap()).unwrap();
        let receipt = CoseReceipt::parse(&receipt).unwrap();
        let key = pem_key_of(made["key"].as_str().unwrap()).unwrap();
        let index = question["index"].as_u64().unwrap();
        let size = question["entries"].as_array().unwrap().len() as u64;
        let proven = receipt.verify_inclusion(&entry(index), &key).unwrap();
        assert_eq!(proven.root, Log::new(size, key.algorithm()).root());
        assert_eq!((proven.stated_size.0, proven.stated_index.0), (size, index));
        assert_eq!(receipt.issuer(), Some("log.example/site-2"));
        assert_eq!(receipt.key_id(), Some(b"key".as_slice()));
        let other = receipt.verify_inclusion(&entry(index + 1), &key);
        assert_eq!(other.unwrap_err().code(), "signature_invalid");
    }
}

#[test]
fn our_consistency_proofs_hold_in_their_tree() {
    let mut questions = Vec::new();
    for size in [3, 4, 7, 8, 17, 33] {
        let log = Log::new(size, Algorithm::Ed25519);
        for old in 1..size {
            let receipt = CoseReceipt::parse(&log.consistency(old)).unwrap();
            let path: Vec<String> = receipt.consistency_proofs()[0]
                .path()
                .iter()
                .map(|hash| to_hex(hash.as_bytes()))
                .collect();
            let proof = |from: &Hash| {
                json!({"do": "root", "proof": {
                    "first_root_hex": to_hex(from.as_bytes()), "first_size": old,
                    "second_root_hex": to_hex(log.root().as_bytes()), "second_size": size,
                    "proof_hex": path,
                }})
            };
            questions.push((proof(&log.root_at(old)), true));
            questions.push((proof(&hash(&"00".repeat(32))), false));
        }
    }
    let asked: Vec<Value> = questions.iter().map(|pair| pair.0.clone()).collect();
    for ((question, expect), theirs) in questions.iter().zip(ask(&asked)) {
        assert_eq!(theirs["ok"], *expect, "{question}");
    }
}
