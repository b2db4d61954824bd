//! The demo on fixed seeds: every planted loss found, none missed, at most one false finding; and
//! no planted personal value anywhere that it must not be.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use run::{files_below, found_in, json, ok};
use serde_json::Value;

/// Fixed for ever; seeds that failed once are added.
const SEEDS: [u64; 20] = [
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    42,
    99,
    1234,
    20_251_221,
    31_337,
    65_537,
    424_242,
    8_675_309,
    4_294_967_297,
    18_446_744_073_709_551_615,
];

fn check(result: &Value) {
    let number = |name: &str| {
        result[name]
            .as_u64()
            .unwrap_or_else(|| panic!("{name}: {result}"))
    };
    let reproduce = format!(
        "countersign demo --one-day --seed {} --json: {result}",
        result["seed"]
    );
    assert!(
        number("planted") >= 8 && number("claims") > 5_000,
        "{reproduce}"
    );
    assert_eq!(
        (number("found"), number("missed")),
        (number("planted"), 0),
        "{reproduce}"
    );
    assert!(number("false_findings") <= 1, "{reproduce}");
}

#[test]
fn every_planted_loss_is_found_on_fixed_seeds() {
    let next = AtomicU64::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(seed) =
                    SEEDS.get(usize::try_from(next.fetch_add(1, Ordering::SeqCst)).expect("small"))
                {
                    let folder = tempfile::tempdir().expect("a folder");
                    let dir = folder.path().join("demo").display().to_string();
                    let result = run::countersign(&[
                        "demo",
                        "--one-day",
                        "--seed",
                        &seed.to_string(),
                        "--json",
                        "--without-receipts",
                        "--dir",
                        &dir,
                    ]);
                    let text = String::from_utf8_lossy(&result.stdout).into_owned();
                    let said = String::from_utf8_lossy(&result.stderr).into_owned();
                    let result: Value = serde_json::from_str(&text)
                        .unwrap_or_else(|error| panic!("seed {seed}: {error}: {text}{said}"));
                    results
                        .lock()
                        .expect("no thread panics while it holds the lock")
                        .push(result);
                }
            });
        }
    });
    let results = results.into_inner().expect("no thread panicked");
    assert_eq!(results.len(), SEEDS.len());
    results.iter().for_each(check);
}

#[test]
fn a_whole_demo_verifies_and_no_canary_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("demo");
    let result = json(&[
        "demo",
        "--seed",
        "1",
        "--json",
        "--dir",
        &dir.display().to_string(),
    ]);
    for share in ["recall", "precision"] {
        let share = result[share].as_f64().expect("something was planted");
        assert!(share >= 0.95, "countersign demo --json: {result}");
    }
    assert!(result["planted"].as_u64() > Some(20), "{result}");
    assert_eq!(result["verified"], true, "{result}");
    assert!(
        result["receipts"].as_u64() >= result["claims"].as_u64(),
        "{result}"
    );
    let canaries = std::fs::read_to_string(dir.join("world/canaries.txt")).expect("canaries");
    let canaries: Vec<&str> = canaries.lines().filter(|line| !line.is_empty()).collect();
    assert!(canaries.len() >= 10, "{} canaries", canaries.len());
    let sent = std::fs::read(dir.join("world/submissions.bin")).expect("reads");
    assert_eq!(
        found_in(&sent, &canaries).len(),
        canaries.len(),
        "each was sent"
    );
    let data = dir.join("data");
    let mut places = vec![dir.join("findings.jsonl"), dir.join("pack.zip")];
    for folder in [
        data.join("log"),
        data.join("ground"),
        dir.join("data.second"),
    ] {
        places.extend(files_below(&folder));
    }
    for place in places {
        let bytes = std::fs::read(&place).expect("reads");
        let none: [&str; 0] = [];
        assert_eq!(found_in(&bytes, &canaries), none, "{}", place.display());
    }
    let data_text = data.display().to_string();
    for command in ["status", "findings", "ledger", "reconcile", "network"] {
        let show: &[&str] = if command == "network" { &["show"] } else { &[] };
        let said = ok(&[&[command], show, &["--data", &data_text, "--json"]].concat());
        let none: [&str; 0] = [];
        assert_eq!(found_in(said.as_bytes(), &canaries), none, "{command}");
    }
    assert!(
        files_below(Path::new(&data.join("log"))).len() > 50,
        "tiles were published"
    );
}
