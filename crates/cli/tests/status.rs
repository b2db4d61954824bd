//! `countersign status`: what an operator asks for, of a folder and of a running node.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use run::{Log, json, new_log, ok};

fn say(log: &Log, n: u32) {
    let alias = format!(r#"{{"type":"Alias","unit":"urn:x:{n}","sameAs":"urn:y:{n}"}}"#);
    ok(&["say", "--data", &log.data, &log.write("alias.json", &alias)]);
}

#[test]
fn status_says_what_an_operator_asks_for() {
    let log = new_log();
    for n in 0..3 {
        say(&log, n);
    }
    let status = json(&["status", "--data", &log.data, "--json"]);
    let size = status["size"].as_u64().expect("a number");
    assert!(
        status["batches"]
            .as_u64()
            .is_some_and(|batches| batches > 3 && batches < size)
    );
    assert!(
        status["sync"].is_null(),
        "nothing was committed in this run: {status}"
    );
    for disk in ["data", "second_place"] {
        assert!(
            status["disk"][disk]["left_bytes"].as_u64() > Some(0),
            "{status}"
        );
    }
    let keys = status["keys"].as_array().expect("a list");
    let names: Vec<&str> = keys.iter().filter_map(|key| key["name"].as_str()).collect();
    let all = [
        "checkpoint",
        "checkpoint-pq",
        "statement",
        "receipt",
        "sealing",
        "fingerprint",
    ];
    assert_eq!(names, all);
    assert!(keys.iter().all(|key| key["protected"] == true), "{status}");
    assert!(
        log.vkey.contains(keys[0]["id"].as_str().expect("an id")),
        "{status}"
    );
    assert!(
        status["clock"]["uncertainty_ms"].as_u64() > Some(0),
        "{status}"
    );
    let text = ok(&["status", "--data", &log.data]);
    for part in [
        "batches",
        "disk left",
        "ML-DSA-44",
        "time ",
        "since entry 0",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }

    let node = run::Node::start(run::program(), &log.data);
    say(&log, 3);
    let status = json(&["status", "--data", &log.data, "--json"]);
    assert_eq!(status["node_running"], true);
    assert!(status["sync"]["worst_us"].as_u64() >= status["sync"]["last_us"].as_u64());
    assert!(status["sync"]["count"].as_u64() > Some(0), "{status}");
    let statement = &status["keys"][2];
    assert!(statement["uses"].as_u64() > Some(0), "{status}");
    drop(node);
}
