//! `countersign suspect`: a hand-over that rests on a stolen key alone is a gap, whether the word
//! about the key came before the claims or behind them.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use run::samples::{self, network};
use run::{Log, Node, ends_with, json, new_log, ok, program};
use serde_json::json;

const UNIT: &str = "340123451111111111";
const LONG_AGO: &str = "2020-01-01T00:00:00Z";

/// A log with a device at each end of a lane.
fn log_with_devices() -> Log {
    let log = new_log();
    let mut network = network("both");
    for end in ["a", "b"] {
        let (name, party) = (format!("device:{end}"), format!("urn:x:party:{end}"));
        network.push_str(&samples::principal(&log, "device", &name, &party).1);
    }
    samples::apply(&log, &network);
    log
}

fn say(log: &Log, n: usize, end: &str, step: &str) {
    let place = json!({"id": format!("urn:x:{end}:dock")});
    let event = samples::event(n, &[("bizStep", json!(step)), ("readPoint", place)]);
    let issuer = format!("device:{end}");
    let key = log.path(&format!("{issuer}.key"));
    samples::signed_and_taken(log, &key, &issuer, &event);
}

fn hand_over(log: &Log) {
    say(log, 1, "a", "departing");
    say(log, 2, "b", "receiving");
}

fn suspect(log: &Log, key: &str, more: &[&str]) -> serde_json::Value {
    let mut arguments = vec!["suspect", "--data", &log.data, "--key", key, "--json"];
    arguments.extend(["--reason", "lost at the gate on Friday"]);
    arguments.extend(more);
    json(&arguments)
}

/// Kinds of the findings, and the basis after each link of the unit.
fn stands(log: &Log) -> (Vec<String>, Vec<String>) {
    let findings = ok(&["findings", "--data", &log.data, "--json"]);
    let findings = findings.lines().map(|line| {
        let finding: serde_json::Value = serde_json::from_str(line).expect("JSON");
        finding["kind"].to_string()
    });
    let trace = json(&["trace", "--data", &log.data, "--json", UNIT]);
    let links = trace["links"].as_array().expect("links").iter();
    let basis = links.filter_map(|link| link["basis"].as_str());
    (findings.collect(), basis.map(str::to_owned).collect())
}

#[test]
fn the_word_about_a_key_counts_for_what_came_and_what_will_come() {
    let (behind, before) = (log_with_devices(), log_with_devices());
    let nodes = [&behind, &before].map(|log| Node::start(program(), &log.data));
    hand_over(&behind);
    let countersigned = ["giver_only", "countersigned"].map(str::to_owned).to_vec();
    assert_eq!(stands(&behind), (vec![], countersigned.clone()));
    let said = suspect(&behind, "device:b", &["--from", LONG_AGO]);
    assert_eq!(said["findings"], 1, "{said}");
    suspect(&before, "device:b", &["--from", LONG_AGO]);
    hand_over(&before);
    let lowered = ["giver_only", "sighted"].map(str::to_owned).to_vec();
    for (log, node) in [&behind, &before].into_iter().zip(nodes) {
        let (kinds, basis) = stands(log);
        assert_eq!((kinds.len(), &basis), (1, &lowered), "{kinds:?}");
        let words = ok(&["trace", "--data", &log.data, UNIT]);
        assert!(
            words.contains("suspect") && words.contains("basis sighted"),
            "{words}"
        );
        let findings = ok(&["findings", "--data", &log.data, "--json"]);
        assert!(findings.contains("suspect"), "{findings}");
        let digest = || json(&["status", "--data", &log.data, "--json"])["state_digest"].clone();
        let incremental = digest();
        // What it concluded one by one, and what a start concludes from the whole ground.
        drop(node);
        assert_eq!(incremental, digest(), "a replay concludes the same");
        ok(&["verify", "--key", &log.vkey, &log.data]);
    }
    // Taken back, by the key's id: everything is as it was.
    let key = said["key"].as_str().expect("a key id").to_owned();
    suspect(&behind, &key, &["--from", LONG_AGO, "--to", LONG_AGO]);
    assert_eq!(stands(&behind), (vec![], countersigned));
}

#[test]
fn times_bound_it_and_only_an_administrator_says_it() {
    let log = log_with_devices();
    hand_over(&log);
    suspect(
        &log,
        "device:b",
        &["--from", LONG_AGO, "--to", "2020-02-01T00:00:00Z"],
    );
    assert!(stands(&log).0.is_empty(), "it was recorded later");
    let (person, table) = samples::principal(&log, "person", "person:p", "urn:x:party:a");
    let network = std::fs::read_to_string(log.path("network.toml")).expect("reads");
    samples::apply(&log, &(network + &table));
    let suspect = [
        "suspect", "--data", &log.data, "--reason", "x", "--from", LONG_AGO,
    ];
    let text = ends_with(
        1,
        &joined(&suspect, &["--key", "device:b", "--as", &person]),
    );
    assert!(text.contains("not_authorised"), "{text}");
    let text = ends_with(1, &joined(&suspect, &["--key", "device:nobody"]));
    assert!(text.contains("unknown_key"), "{text}");
    let text = ends_with(1, &joined(&suspect, &["--key", "node"]));
    assert!(text.contains("the node's own key"), "{text}");
    let status = json(&["status", "--data", &log.data, "--json"]);
    let old = status["keys"][2]["id"].as_str().expect("an id");
    ok(&["key", "rotate", "--data", &log.data]);
    let text = ends_with(1, &joined(&suspect, &["--key", old]));
    assert!(text.contains("the node's own key"), "{text}");
    ends_with(
        2,
        &joined(
            &suspect,
            &["--key", "device:b", "--to", "2019-01-01T00:00:00Z"],
        ),
    );
    ends_with(
        2,
        &joined(&suspect, &["--key", "device:b", "--to", "yesterday"]),
    );
    assert!(stands(&log).0.is_empty());
}

fn joined<'a>(first: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [first, more].concat()
}
