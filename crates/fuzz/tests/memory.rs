//! Inputs too large for the corpus, in a process that has no more memory than a worker.

use std::process::Command;

/// As large as an envelope may be.
const BYTES: u32 = 4 * 1024 * 1024;

fn check(target: &str, input: &[u8]) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), input).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_countersign-fuzz"))
        .args([target, "--input"])
        .arg(file.path())
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{target}: {}: {said}",
        output.status
    );
}

/// Lists within lists, each said to hold as many items as bytes follow.
#[test]
fn a_count_reserves_no_memory() {
    for major in [0x80, 0xa0] {
        let mut input = Vec::new();
        for _ in 0..32 {
            input.push(major | 26);
            input.extend((BYTES / 2).to_be_bytes());
        }
        input.resize(BYTES as usize, 0);
        for target in ["cbor", "cbor-any-order", "claim-body", "envelope-body"] {
            check(target, &input);
        }
    }
}

#[test]
fn depth_needs_no_stack() {
    for byte in *b"[{\x81\xc0\xa1\"(" {
        let input = vec![byte; BYTES as usize];
        for target in [
            "cbor",
            "json",
            "mapping",
            "network",
            "epcis-document",
            "frame",
        ] {
            check(target, &input);
        }
    }
}
