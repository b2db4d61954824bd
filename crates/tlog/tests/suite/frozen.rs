//! Our own vectors, frozen: `testdata/vectors/<page>/v1/vectors.json`.
//!
//! Each file is made here from fixed keys and compared byte for byte with the committed one;
//! `COUNTERSIGN_BLESS=1 cargo test -p countersign-tlog` writes it anew. Then the committed file is
//! read back and every case is run, so that another implementation can do the same.

mod log_cases;
mod note_cases;
mod tile_cases;
mod trust_cases;

use countersign_tlog::note::{Ed25519Signer, KeyName, SignatureType};
use serde_json::{Value, json};

use crate::data;

/// Compares the made vectors with the committed ones, runs each case of those, and demands that
/// `run` gives what the case expects.
fn check(page: &str, made: &Value, run: fn(&Value) -> Value) {
    let path = data::workspace().join(format!("testdata/vectors/{page}/v1/vectors.json"));
    let made = format!("{}\n", serde_json::to_string_pretty(made).unwrap());
    if std::env::var_os("COUNTERSIGN_BLESS").is_some_and(|bless| bless == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    let hint = "the format drifted: if that is meant, make a v2 and keep v1";
    assert!(committed == made, "{page}: {hint}");
    let committed: Value = serde_json::from_str(&committed).unwrap();
    let cases = committed["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        assert_eq!(run(case), case["expect"], "{page}: {}", case["name"]);
    }
}

/// A key of 32 equal bytes.
fn signer(name: &str, kind: SignatureType, seed: u8) -> Ed25519Signer {
    Ed25519Signer::new(KeyName::new(name).unwrap(), kind, &[seed; 32])
}

fn log_signer() -> Ed25519Signer {
    signer("log.example/site-1", SignatureType::Ed25519, 1)
}

fn witness_signer(number: u8) -> Ed25519Signer {
    let name = format!("witness.example/w{number}");
    signer(&name, SignatureType::CosignatureV1, 10 + number)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn error(code: &str) -> Value {
    json!({"error": code})
}
