//! tlog-checkpoint, tlog-cosignature and tlog-proof.

use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::cosignature::cosign;
use countersign_tlog::note::{Note, Signer as _, VerifierKey};
use countersign_tlog::proof::prove_inclusion;
use countersign_tlog::tlog_proof::TlogProof;
use countersign_tlog::tree::NodeTable;
use countersign_tlog::{Hash, LeafIndex, TreeSize};
use serde_json::{Value, json};

use super::{check, error, log_signer, text, witness_signer};
use crate::data;

const TIME_S: u64 = 1_767_225_600;

/// The entry at an index: 32 bytes, as the digest of a statement has.
fn entry(index: u64) -> [u8; 32] {
    *Hash::leaf(&index.to_be_bytes()).as_bytes()
}

pub(super) fn table(size: u64) -> NodeTable {
    let mut table = NodeTable::new();
    for index in 0..size {
        table.append(Hash::leaf(&entry(index))).unwrap();
    }
    table
}

pub(super) fn head(size: u64) -> Checkpoint {
    let origin = log_signer();
    let root = table(size).frontier().root();
    Checkpoint::new(origin.key().name().as_str(), TreeSize(size), root).unwrap()
}

pub(super) fn signed(size: u64) -> Note {
    head(size).sign(&[&log_signer()]).unwrap()
}

fn run_checkpoint(case: &Value) -> Value {
    match Checkpoint::parse(text(&case["text"])) {
        Ok(checkpoint) => json!({
            "origin": checkpoint.origin(),
            "size": checkpoint.size().0.to_string(),
            "root": checkpoint.root().to_base64(),
            "extensions": checkpoint.extensions(),
        }),
        Err(why) => error(why.code()),
    }
}

#[test]
fn checkpoint() {
    let good = head(7).to_string();
    let mut cases = vec![];
    for (name, size) in [("empty-tree", 0), ("one-leaf", 1), ("seven-leaves", 7)] {
        let checkpoint = head(size);
        let expect = json!({
            "origin": "log.example/site-1", "size": size.to_string(),
            "root": checkpoint.root().to_base64(), "extensions": [],
        });
        cases.push(json!({"name": name, "text": checkpoint.to_string(), "expect": expect}));
    }
    let largest = good.replace("\n7\n", "\n18446744073709551615\n");
    let extended = format!("{good}extension one\nextension two\n");
    for (name, text) in [("largest-size", largest), ("extension-lines", extended)] {
        let expect = run_checkpoint(&json!({"text": text}));
        cases.push(json!({"name": name, "text": text, "expect": expect}));
    }
    for (name, bad) in [
        ("leading-zero", good.replace("\n7\n", "\n07\n")),
        ("sign", good.replace("\n7\n", "\n+7\n")),
        (
            "size-too-large",
            good.replace("\n7\n", "\n18446744073709551616\n"),
        ),
        ("short-root", good.replace("=\n", "\n")),
        ("no-origin", good.replace("log.example/site-1", "")),
        ("no-root", "log.example/site-1\n7\n".to_owned()),
        ("no-final-newline", good.trim_end().to_owned()),
        ("blank-extension", format!("{good}\n")),
        ("carriage-returns", good.replace('\n', "\r\n")),
    ] {
        cases.push(json!({"name": name, "text": bad, "expect": error("checkpoint_malformed")}));
    }
    let made = json!({
        "page": "c2sp.org/tlog-checkpoint@v1.0.0",
        "about": "Texts of notes. The tree of n leaves has the entries SHA-256(0x00 || u64be i), \
                  each a leaf once more.",
        "cases": cases,
    });
    check("checkpoint", &made, run_checkpoint);
}

fn run_cosignature(case: &Value) -> Value {
    let key = VerifierKey::parse(text(&case["vkey"])).unwrap();
    let note = Note::parse(text(&case["note"]).as_bytes()).unwrap();
    match note.verify([&key]) {
        Ok(verified) => json!({"time_s": verified[0].cosigned_at_s.unwrap().to_string()}),
        Err(why) => error(why.code()),
    }
}

#[test]
fn cosignature() {
    let (witness, other) = (witness_signer(1), witness_signer(2));
    let cosigned = |time_s| {
        let mut note = signed(7);
        note.push(cosign(&head(7), time_s, &witness).unwrap())
            .unwrap();
        note.to_string()
    };
    let good = cosigned(TIME_S);
    let mut late = signed(8);
    late.push(cosign(&head(7), TIME_S, &witness).unwrap())
        .unwrap();
    let extended = Checkpoint::parse(&format!("{}extension\n", head(7))).unwrap();
    let by_extended = cosign(&extended, TIME_S, &witness).unwrap();
    let stripped = Note::new(head(7).to_string(), vec![by_extended.clone()]).unwrap();
    let extended_note = Note::new(extended.to_string(), vec![by_extended]).unwrap();
    let time = |time_s: u64| json!({"time_s": time_s.to_string()});
    let invalid = error("note_invalid_signature");
    let largest = (1 << 63) - 1;
    let case = |name: &str, note: &str, vkey: &VerifierKey, expect: &Value| json!({"name": name, "note": note, "vkey": vkey.to_string(), "expect": expect});
    let cases = vec![
        case("good", &good, witness.key(), &time(TIME_S)),
        case("first-second", &cosigned(1), witness.key(), &time(1)),
        case(
            "last-second",
            &cosigned(largest),
            witness.key(),
            &time(largest),
        ),
        case(
            "of-another-size",
            &late.to_string(),
            witness.key(),
            &invalid,
        ),
        case(
            "of-another-key",
            &good,
            other.key(),
            &error("note_unverified"),
        ),
        case(
            "extension-lines-are-signed",
            &extended_note.to_string(),
            witness.key(),
            &time(TIME_S),
        ),
        case(
            "extension-lines-stripped",
            &stripped.to_string(),
            witness.key(),
            &invalid,
        ),
    ];
    let made = json!({
        "page": "c2sp.org/tlog-cosignature@v1.0.1",
        "about": "Type 0x04. Witness seeds: 32 bytes of 11 and of 12.",
        "cases": cases,
    });
    check("cosignature", &made, run_cosignature);
}

fn proof(index: u64, size: u64) -> TlogProof {
    let path = prove_inclusion(&table(size), LeafIndex(index), TreeSize(size)).unwrap();
    TlogProof::new(LeafIndex(index), path, signed(size)).unwrap()
}

fn run_proof(case: &Value) -> Value {
    let key = VerifierKey::parse(text(&case["log_vkey"])).unwrap();
    let entry = data::hex(text(&case["entry_hex"]));
    let proof = match TlogProof::parse(text(&case["proof"]).as_bytes()) {
        Ok(proof) => proof,
        Err(why) => return error(why.code()),
    };
    match proof.verify(&entry, &key) {
        Ok(proven) => json!({
            "index": proven.index.0.to_string(),
            "size": proven.checkpoint.size().0.to_string(),
            "extra_hex": proof.extra().map(data::to_hex),
        }),
        Err(why) => error(why.code()),
    }
}

fn proof_case(name: &str, proof: &str, index: u64, expect: &Value) -> Value {
    json!({
        "name": name, "proof": proof, "entry_hex": data::to_hex(&entry(index)),
        "log_vkey": log_signer().key().to_string(), "expect": expect,
    })
}

fn proven(index: u64, size: u64, extra: Option<&[u8]>) -> Value {
    let extra = extra.map(data::to_hex);
    json!({"index": index.to_string(), "size": size.to_string(), "extra_hex": extra})
}

fn refused_proofs() -> impl Iterator<Item = Value> {
    let good = proof(5, 7).to_string();
    let path = proof(5, 7).path()[0].to_base64();
    let twice = format!("{path}\n{path}");
    [
        ("of-another-entry", good.clone(), 4, "proof_root_mismatch"),
        (
            "at-another-index",
            good.replace("index 5", "index 4"),
            5,
            "proof_root_mismatch",
        ),
        (
            "beyond-the-tree",
            good.replace("index 5", "index 7"),
            5,
            "proof_out_of_range",
        ),
        (
            "hash-missing",
            good.replace(&format!("{path}\n"), ""),
            5,
            "proof_wrong_length",
        ),
        (
            "hash-twice",
            good.replace(&path, &twice),
            5,
            "proof_wrong_length",
        ),
        (
            "other-size",
            good.replace("\n7\n", "\n8\n"),
            5,
            "note_invalid_signature",
        ),
        (
            "leading-zero",
            good.replace("index 5", "index 05"),
            5,
            "tlog_proof_malformed",
        ),
        (
            "no-header",
            good.replace("@v1", "@v2"),
            5,
            "tlog_proof_malformed",
        ),
        (
            "empty-extra",
            good.replace("index 5", "extra \nindex 5"),
            5,
            "tlog_proof_malformed",
        ),
    ]
    .into_iter()
    .map(|(name, bad, index, code)| proof_case(name, &bad, index, &error(code)))
}

#[test]
fn tlog_proof() {
    let mut cases = vec![];
    for (index, size) in [
        (0, 2),
        (1, 2),
        (0, 7),
        (5, 7),
        (6, 7),
        (255, 256),
        (256, 257),
        (9, 300),
    ] {
        let name = format!("entry-{index}-of-{size}");
        let proof = proof(index, size).to_string();
        cases.push(proof_case(&name, &proof, index, &proven(index, size, None)));
    }
    let extra = proof(5, 7)
        .with_extra(b"context".to_vec())
        .unwrap()
        .to_string();
    let expect = proven(5, 7, Some(b"context"));
    cases.push(proof_case("extra-is-not-authenticated", &extra, 5, &expect));
    cases.extend(refused_proofs());
    let made = json!({
        "page": "c2sp.org/tlog-proof",
        "about": "The log of the checkpoint vectors. An entry is in the proof as the leaf \
                  SHA-256(0x00 || entry).",
        "cases": cases,
    });
    check("tlog-proof", &made, run_proof);
}
