//! COSE receipts as the program gives them out, before a verifier that knows nothing of it: the
//! Python package scitt-cose, which `cargo xtask test` installs.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use countersign_model::digest::hex;
use countersign_pack::cose_receipt::ScittStatement;
use run::samples::{self, event};
use run::{Log, Node, ends_with, json, new_log, ok, program};
use serde_json::{Value, json};

/// What scitt-cose answers to a question (crates/pack/tests/cose_receipt/scitt_cose.py).
fn ask(question: &Value) -> Value {
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scitt-cose-0.5.0/bin/python");
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let child = Command::new(&python)
        .args(["-B", "-I"])
        .arg(crates.join("pack/tests/cose_receipt/scitt_cose.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|error| {
        panic!(
            "{}: {error}; the Python package scitt-cose 0.5.0 is not installed there, `cargo xtask test` does it",
            python.display()
        )
    });
    let mut stdin = child.stdin.take().expect("piped");
    writeln!(stdin, "{question}").expect("asks");
    drop(stdin);
    let output = child.wait_with_output().expect("ends");
    serde_json::from_slice(&output.stdout).expect("an answer")
}

/// A log in which a device has said something, and where that stands.
fn log_with_a_statement() -> (Log, String) {
    let log = new_log();
    let name = "device:dock-1";
    let (key, table) = samples::principal(&log, "device", name, "urn:x:party:a");
    samples::apply(&log, &(samples::network("giver") + &table));
    let submission = samples::signed_and_taken(&log, &key, name, &event(1, &[]));
    let again = json(&["submit", "--data", &log.data, "--json", &submission]);
    (log, again["entry"].to_string())
}

fn receipt(log: &Log, entry: &str, more: &[&str]) -> (Value, Vec<u8>) {
    let out = log.path("entry.cose");
    let what = ["export", "--data", &log.data, "--cose", entry, "--json"];
    let told = json(&[&what[..], &["--out", &out], more].concat());
    (told, fs::read(&out).expect("reads"))
}

/// Both verify a receipt of the entry, and the log's size is in it.
fn convinces(log: &Log, entry: &str) -> Value {
    let (told, transparent) = receipt(log, entry, &["--transparent"]);
    let statement = ScittStatement::parse(&transparent).expect("a statement");
    let leaf = hex(statement.entry().as_bytes());
    let (_, alone) = receipt(log, entry, &[]);
    for bytes in [&alone, &statement.receipts()[0]] {
        let question = json!({
            "do": "verify", "receipt": hex(bytes), "entry": leaf, "key": told["pem"],
        });
        let answer = ask(&question);
        assert_eq!(answer["ok"], true, "{answer}");
        assert_eq!(answer["index"].to_string(), entry);
        assert_eq!(answer["issuer"], log.origin.as_str());
        assert_eq!(answer["subject"], "device:dock-1");
        let status = json(&["status", "--data", &log.data, "--json"]);
        assert_eq!(answer["size"], status["size"]);
        let other = json!({
            "do": "verify", "receipt": hex(bytes), "entry": hex(&[7; 32]), "key": told["pem"],
        });
        assert_eq!(ask(&other)["ok"], false, "another entry");
    }
    told
}

#[test]
fn a_receipt_convinces_who_knows_nothing_of_us() {
    let (log, entry) = log_with_a_statement();
    let before = convinces(&log, &entry);
    // From a running node the same, and it counts.
    let node = Node::start(program(), &log.data);
    assert_eq!(convinces(&log, &entry), before);
    let status = json(&["status", "--data", &log.data, "--json"]);
    let keys = status["keys"].as_array().expect("a list");
    let uses = keys.iter().find(|key| key["name"] == "receipt");
    assert_eq!(uses.expect("a key")["uses"], 2, "{status}");
    drop(node);
    // A rotation gives receipts another key at once.
    ok(&["key", "rotate", "--data", &log.data]);
    assert_ne!(convinces(&log, &entry)["key"], before["key"]);
}

#[test]
fn what_has_no_receipt_says_why() {
    let (log, entry) = log_with_a_statement();
    let out = log.path("none.cose");
    let without = |entry: &str| {
        let what = ["export", "--data", &log.data, "--cose", entry];
        ends_with(1, &[&what[..], &["--out", &out]].concat())
    };
    let batch = entry.parse::<u64>().expect("a number") + 1;
    for none in [batch.to_string(), "999".to_owned()] {
        let text = without(&none);
        assert!(text.contains("unknown_entry"), "{text}");
    }
    assert!(!Path::new(&out).exists());
    let words = ok(&[
        "export", "--data", &log.data, "--cose", &entry, "--out", &out,
    ]);
    assert!(words.contains("BEGIN PUBLIC KEY"), "{words}");
}
