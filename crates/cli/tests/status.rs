//! `countersign status`: what an operator asks for, of a folder and of a running node.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::fs;
use std::path::Path;

use run::samples::{KEY_NAMES, say};
use run::{Log, copied, json, new_log, ok};

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
    assert!(
        status["snapshot"]["size"].is_null(),
        "so little is folded at once: {status}"
    );
    for disk in ["data", "second_place"] {
        assert!(
            status["disk"][disk]["left_bytes"].as_u64() > Some(0),
            "{status}"
        );
    }
    let keys = status["keys"].as_array().expect("a list");
    let names: Vec<&str> = keys.iter().filter_map(|key| key["name"].as_str()).collect();
    assert_eq!(names, KEY_NAMES);
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
        "snapshot       none",
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

/// The line about the key in the file of that name.
fn line(log: &Log, name: &str) -> String {
    let text = ok(&["status", "--data", &log.data]);
    let name = format!(" {name} (");
    let line = text.lines().find(|line| line.contains(&name));
    line.unwrap_or_else(|| panic!("{name}: {text}")).to_owned()
}

#[test]
fn a_key_that_the_log_does_not_use_is_named_as_such() {
    let log = new_log();
    let (data, second) = (log.data.clone(), format!("{}.second", log.data));
    let kept = |folder: &str| log.path(&format!("kept-{}", folder.len()));
    for folder in [&data, &second] {
        copied(Path::new(folder), Path::new(&kept(folder)));
    }
    let rotated = json(&["key", "rotate", "--data", &data, "--json"]);
    let entry = format!("since entry {}", rotated["renewal"]);
    let (old, new) = (line(&log, "statement"), line(&log, "statement-2"));
    assert!(old.contains("since entry 0, no longer in force"), "{old}");
    assert!(
        new.contains(&entry) && !new.contains("no longer"),
        "{entry}: {new}"
    );

    // As a rotation leaves it that ended before its act: the files are there, and the log knows nothing.
    let next = Path::new(&data).join("keys/statement-2.key");
    let next = fs::read(next).expect("a key");
    for folder in [&data, &second] {
        fs::remove_dir_all(folder).expect("is removed");
        copied(Path::new(&kept(folder)), Path::new(folder));
    }
    fs::write(Path::new(&data).join("keys/statement-2.key"), next).expect("writes");
    let never = line(&log, "statement-2");
    assert!(never.contains(") not taken by the log"), "{never}");
    let status = json(&["status", "--data", &data, "--json"]);
    let mut keys = status["keys"].as_array().expect("keys").iter();
    let key = keys.find(|key| key["name"] == "statement-2").expect("told");
    assert!(key["since"].is_null() && key["in_force"] == false, "{key}");
}
