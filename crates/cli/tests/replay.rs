//! A world from a seed through a log of its own to its score.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::path::Path;

use countersign_model::time::{Span, Timestamp};
use countersign_ports::Clock as _;
use countersign_store_local::MachineClock;
use run::{countersign, ok};
use serde_json::{Value, json};

/// Plays a scenario; its score.
fn score(dir: &Path, world: &Path, more: &[&str]) -> Value {
    let path = |name: &str| dir.join(name).display().to_string();
    let findings = path("findings.jsonl");
    let (scenario, data) = (world.display().to_string(), path("data"));
    let call = ["replay", &scenario, "--data", &data];
    let rest = ["--findings", &findings, "--json"];
    let played = run::json(&[&call[..], &rest[..], more].concat());
    assert_eq!(played["refused"], 0, "{played}");
    let scenario = std::fs::read_to_string(world.join("scenario.json")).expect("reads");
    let scenario: Value = serde_json::from_str(&scenario).expect("JSON");
    assert_eq!(played["submissions"], scenario["sizes"]["submissions"]);
    let truth = world.join("truth.jsonl").display().to_string();
    run::json(&["sim", "score", &truth, &findings, "--json"])
}

#[test]
fn a_world_is_played_and_scored() {
    let folder = tempfile::tempdir().expect("a folder");
    let world = folder.path().join("world");
    let out = world.display().to_string();
    let generate = ["sim", "generate", "--seed", "5", "--units", "1000"];
    ok(&[&generate[..], &["--duplicates", "10", "--out", &out]].concat());
    let score = score(folder.path(), &world, &[]);
    assert!(score["detectable"].as_u64() >= Some(2), "{score}");
    assert_eq!(score["recall"], 1.0, "seed 5: {score}");
    assert_eq!(score["precision"], 1.0, "seed 5: {score}");
    assert_eq!(score["false_per_10k_units"], 0.0, "{score}");
    let seconds = &score["seconds_to_finding"];
    // The ledger may wait for the next word of more sources than the oracle does.
    let heartbeat_s = 35 * 60;
    assert!(seconds["median"].as_i64() <= Some(heartbeat_s), "{score}");
    assert!(
        score["families"][0]["planted"].as_u64() >= Some(1),
        "{score}"
    );
}

#[test]
fn clocks_that_are_off_are_measured_and_set_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let world = folder.path().join("world");
    let out = world.display().to_string();
    let generate = ["sim", "generate", "--seed", "5", "--units", "1000"];
    ok(&[&generate[..], &["--skew", "3600", "--out", &out]].concat());
    let score = score(folder.path(), &world, &[]);
    assert_eq!(score["recall"], 1.0, "seed 5: {score}");
    assert_eq!(score["precision"], 1.0, "seed 5: {score}");
    let data = folder.path().join("data").display().to_string();
    let status = run::json(&["status", "--data", &data, "--json"]);
    let clocks = status["device_clocks"].as_array().expect("a list");
    assert!(clocks.len() > 10, "{status}");
    for clock in clocks {
        let off = clock["offset_ms"].as_i64().expect("a number").abs();
        assert!((60_000..=3_660_000).contains(&off), "{clock}");
    }
    let text = ok(&["status", "--data", &data]);
    assert!(
        text.contains("min ahead") && text.contains("min behind"),
        "{text}"
    );
}

#[test]
fn a_scenario_by_hand_is_played_and_scored() {
    let folder = tempfile::tempdir().expect("a folder");
    let world = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/by-hand");
    // Six hours in a second: the program waits, not the test.
    let began = MachineClock.wall();
    let score = score(folder.path(), &world, &["--in-time=21600"]);
    assert!(MachineClock.wall().since(began) >= in_time(&world, 21_600));
    assert_eq!((&score["planted"], &score["found"]), (&json!(1), &json!(1)));
    assert_eq!(score["false_findings"], 0, "{score}");
    assert_eq!(score["lookalikes"], 1, "{score}");
}

/// How long a scenario takes in time with a clock that is so many times as fast.
fn in_time(world: &Path, factor: i64) -> Span {
    let scenario = std::fs::read_to_string(world.join("scenario.json")).expect("reads");
    let scenario: Value = serde_json::from_str(&scenario).expect("JSON");
    let at = |field: &str| {
        let text = scenario[field].as_str().expect("a time");
        let (at, _) = Timestamp::parse(text).expect("a time");
        at.ms()
    };
    Span::from_ms((at("end") - at("start")) / factor)
}

#[test]
fn a_scenario_is_played_into_a_log_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    ok(&["init", &path("data")]);
    ok(&[
        "sim",
        "generate",
        "--units",
        "1000",
        "--out",
        &path("world"),
    ]);
    let replay = |data: &str| {
        let findings = path("findings.jsonl");
        countersign(&[
            "replay",
            &path("world"),
            "--data",
            data,
            "--findings",
            &findings,
        ])
    };
    assert!(!replay(&path("data")).status.success());
    let nowhere = countersign(&[
        "replay",
        &path("none"),
        "--data",
        &path("d"),
        "--findings",
        "f",
    ]);
    assert!(!nowhere.status.success());
    assert!(!folder.path().join("d").exists(), "nothing is made for it");
}
