//! Two verifiers, written apart from the same pages, judge damaged and forged evidence alike.
//!
//! `tools/countersign_verify.py` is the other one. Logs are made by the program (a plain one, one in
//! a rotation of its keys, one behind it, one that goes on under another name), their packs and
//! receipts damaged by `oracles/second_verifier.py` in ways that a seed draws, some of them forged
//! with the log's own keys; both say what they hold of each. `COUNTERSIGN_CASES` draws more of them,
//! `COUNTERSIGN_CASES_SEED` others.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Cases for each of the four logs, unless `COUNTERSIGN_CASES` says otherwise: 1,000 in all.
const CASES: u64 = 250;

/// The Python of the environment that `cargo xtask test` makes for scitt-cose; it has `cryptography`.
fn python() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("scitt-cose-0.5.0")
        .join("bin/python")
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

/// Runs a script of `oracles/`; what it said.
fn run(script: &str, arguments: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = python();
    let output = Command::new(&python)
        .arg("-B")
        .arg(root.join("tests/oracles").join(script))
        .args(arguments)
        .output();
    let output = output.unwrap_or_else(|error| {
        panic!("{}: {error}; `cargo xtask test` makes it", python.display())
    });
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{script} {}\n{text}{complaint}",
        arguments.join(" ")
    );
    text
}

#[test]
fn both_verifiers_judge_damaged_evidence_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let worlds = folder.path().join("worlds");
    let binary = env!("CARGO_BIN_EXE_countersign");
    run(
        "second_verifier_worlds.py",
        &[binary, &worlds.display().to_string()],
    );
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/countersign_verify.py");
    let tool = tool.display().to_string();
    let cases = number("COUNTERSIGN_CASES", CASES);
    let each = cases.to_string();
    let seed = number("COUNTERSIGN_CASES_SEED", 1).to_string();
    std::thread::scope(|scope| {
        for world in ["plain", "rotated", "retired", "linked"] {
            let folder = worlds.join(world).display().to_string();
            let (tool, seed, each) = (&tool, &seed, &each);
            scope.spawn(move || {
                let arguments = [tool.as_str(), &folder, seed, "0", each, binary];
                let said = run("second_verifier.py", &arguments);
                assert!(said.contains(" 0 differences"), "{world}: {said}");
                check_verdicts(cases, &said);
            });
        }
    });
}

/// That there was something to agree about: few cases leave no file, and each verdict is given often
/// (to about one case in eight, that which is given least).
fn check_verdicts(cases: u64, said: &str) {
    let counts = ["proven", "cannot_tell", "disproven"].map(|verdict| {
        let (_, behind) = said.split_once(&format!("'{verdict}': "))?;
        let digits = behind.split(|one: char| !one.is_ascii_digit()).next();
        digits.and_then(|digits| digits.parse::<u64>().ok())
    });
    let counts = counts.map(Option::unwrap_or_default);
    let is_many = counts.iter().sum::<u64>() >= cases * 9 / 10;
    let is_each = counts.iter().all(|count| *count >= cases / 25);
    assert!(is_many && is_each, "{cases} cases asked for: {said}");
}
