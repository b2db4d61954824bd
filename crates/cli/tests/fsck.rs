//! `countersign fsck`: what is derived is put right, what is ground state is found, and what is
//! not read is said.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use run::samples::noted;
use run::{Log, countersign, ends_with, json, new_log, ok};
use serde_json::Value;

/// Bits that are flipped, one at a time; `flips.rs` flips many more.
const FLIPS: u64 = 40;

/// A log with more entries than one tile, with sealed values, an erasure, and old checkpoints.
fn filled() -> Log {
    let log = new_log();
    let mut files = Vec::new();
    for n in 0..150 {
        files.push(log.write(&format!("{n}.json"), &noted(n)));
    }
    let mut capture = vec!["capture", "--data", &log.data];
    capture.extend(files.iter().map(String::as_str));
    ok(&capture);
    ok(&["erase", "--data", &log.data, "--claim", "4.0"]);
    log
}

fn files(log: &Log) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    let second = format!("{}.second", log.data);
    let mut folders = vec![PathBuf::from(&log.data), PathBuf::from(second)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("reads") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).expect("reads");
                out.insert(path, bytes);
            }
        }
    }
    out
}

#[test]
fn what_is_derived_is_put_right() {
    let log = filled();
    let before = files(&log);
    assert!(ok(&["fsck", "--data", &log.data]).contains("The folder is in order."));
    assert!(files(&log) == before, "nothing to do, nothing done");
    let published = |path: &str| Path::new(&log.data).join("log").join(path);
    let spoil = |path: &str| {
        let mut bytes = std::fs::read(published(path)).expect("reads");
        bytes[7] ^= 1;
        std::fs::write(published(path), &bytes).expect("writes");
    };
    spoil("tile/0/000");
    spoil("checkpoint");
    std::fs::remove_file(published("tile/entries/000")).expect("removes");
    std::fs::write(published("tile/0/000.tmp"), b"half").expect("writes");
    std::fs::write(published("index.html"), b"hello").expect("writes");
    let told = json_of(1, &["fsck", "--data", &log.data, "--dry-run", "--json"]);
    assert_eq!(told["published"]["mended"], false, "{told}");
    let mended = json(&["fsck", "--data", &log.data, "--json"]);
    let wrong = mended["published"]["wrong"].as_array().expect("a list");
    let named: Vec<String> = wrong
        .iter()
        .map(|one| format!("{} {}", one["file"], one["wrong"]))
        .collect();
    assert_eq!(
        named,
        [
            r#""checkpoint" "differed""#,
            r#""tile/0/000" "differed""#,
            r#""tile/0/000.tmp" "half_written""#,
            r#""tile/entries/000" "missing""#,
        ]
    );
    assert_eq!(mended["published"]["stray"][0], "index.html");
    ok(&["verify", "--key", &log.vkey, &log.data]);
    let mut after = files(&log);
    // The ML-DSA signature is made anew; the note says the same.
    after.remove(&published("checkpoint"));
    after.remove(&published("index.html"));
    let mut before = before;
    before.remove(&published("checkpoint"));
    assert!(after == before, "put right is as it was");
}

#[test]
fn a_wrong_history_is_named_and_made_again() {
    let log = filled();
    let history = Path::new(&log.data).join("index/history");
    let right = std::fs::read(&history).expect("is there");
    assert!(right.len() > 1_000, "claims are in it");
    let remarks = |more: &[&str]| {
        let all = [&["fsck", "--data", log.data.as_str(), "--json"], more].concat();
        json(&all)["remarks"].as_array().expect("a list").clone()
    };
    assert!(remarks(&[]).is_empty(), "nothing is wrong yet");
    for at in [7, right.len() / 2, right.len() - 1] {
        let mut bytes = right.clone();
        bytes[at] ^= 16;
        std::fs::write(&history, bytes).expect("writes");
        let expect = format!("index/history is wrong at byte {at}");
        assert_eq!(remarks(&["--dry-run"]), [expect.as_str()]);
        let told = remarks(&[]);
        let told = told.first().and_then(Value::as_str);
        assert!(
            told.is_some_and(|told| told.contains(&format!("wrong at byte {at} and was removed")))
        );
        // The next start makes it again.
        ok(&[
            "capture",
            "--data",
            &log.data,
            &log.write("again.json", &more(0)),
        ]);
        assert!(remarks(&[]).is_empty(), "{at}");
        let again = std::fs::read(&history).expect("is there");
        assert!(again.starts_with(&right), "{at}: the same records");
    }
    // A process that ended wrote no more: that is not wrong.
    std::fs::write(&history, &right[..right.len() / 2]).expect("writes");
    assert!(remarks(&[]).is_empty());
}

#[test]
fn what_is_wrong_in_the_index_is_named_and_made_again() {
    let log = filled();
    let places = Path::new(&log.data).join("index/places");
    let right = std::fs::read(&places).expect("is there");
    let remarks = || {
        let told = json(&["fsck", "--data", &log.data, "--json"]);
        told["remarks"].as_array().expect("a list").clone()
    };
    assert!(remarks().is_empty(), "nothing is wrong yet");
    let damages: [(&str, Vec<u8>); 4] = [
        ("nothing", Vec::new()),
        ("half", right[..right.len() / 2].to_vec()),
        ("zeros", vec![0; right.len()]),
        ("a flipped bit", {
            let mut bytes = right.clone();
            bytes[1_234] ^= 8;
            bytes
        }),
    ];
    for (n, (what, bytes)) in damages.iter().enumerate() {
        std::fs::write(&places, bytes).expect("writes");
        let told = remarks();
        assert!(
            told.iter().any(|one| one
                .as_str()
                .is_some_and(|text| text.contains("index/places"))),
            "{what}: {told:?}"
        );
        ok(&["verify", "--key", &log.vkey, &log.data]);
        // The next start makes it again.
        let event = log.write(&format!("more-{n}.json"), &more(n));
        ok(&["capture", "--data", &log.data, &event]);
        assert!(remarks().is_empty(), "{what}");
        let again = std::fs::read(&places).expect("is there");
        assert!(
            again[..8 * 300] == right[..8 * 300],
            "{what}: the same places"
        );
    }
    std::fs::remove_dir_all(Path::new(&log.data).join("index")).expect("removes");
    let first = log.write("again.json", &more(0));
    assert!(
        ok(&["capture", "--data", &log.data, &first]).contains("duplicate"),
        "identities are known without the index, too"
    );
    assert!(remarks().is_empty(), "and the index is there again");
}

fn more(n: usize) -> String {
    format!(
        r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventID":"urn:uuid:0192c0de-0000-7000-9000-{n:012}","eventTime":"2026-03-02T08:00:00Z","eventTimeZoneOffset":"+00:00","action":"OBSERVE","bizStep":"storing","readPoint":{{"id":"urn:x:a:dock"}},"epcList":["urn:epc:id:sscc:4012345.3{n:09}"]}}"#
    )
}

#[test]
fn ground_state_is_never_touched() {
    let log = filled();
    let segment = Path::new(&log.data).join("ground/00000000.seg");
    let mut bytes = std::fs::read(&segment).expect("reads");
    bytes[5_000] ^= 4;
    std::fs::write(&segment, &bytes).expect("writes");
    let text = ends_with(1, &["fsck", "--data", &log.data]);
    assert!(
        text.contains("not in order") && text.contains("segment"),
        "{text}"
    );
    assert!(
        std::fs::read(&segment).expect("reads") == bytes,
        "it was left as it is"
    );
}

#[test]
fn the_program_says_what_became_of_a_flipped_bit() {
    let log = filled();
    let all = files(&log);
    let seed = 20_260_302_u64;
    let places: Vec<(&PathBuf, usize)> = all
        .iter()
        .flat_map(|(path, bytes)| (0..used(path, bytes)).map(move |at| (path, at)))
        .collect();
    let mut state = seed;
    for n in 0..FLIPS {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let (path, at) = places[usize::try_from(state >> 16).expect("fits") % places.len()];
        let bit = (state >> 8) & 7;
        let mut bytes = all[path].clone();
        bytes[at] ^= 1 << bit;
        std::fs::write(path, &bytes).expect("writes");
        let output = countersign(&["fsck", "--data", &log.data, "--json"]);
        let hint = format!(
            "flip {n} of seed {seed}: {}, byte {at}, bit {bit}",
            path.display()
        );
        assert_noticed(&output, path, at, &log, &hint);
        for (path, bytes) in &all {
            if std::fs::read(path).ok().as_ref() != Some(bytes) {
                std::fs::write(path, bytes).expect("writes");
            }
        }
    }
}

/// Of a segment little more than what is used, so that the flips meet something.
fn used(path: &Path, bytes: &[u8]) -> usize {
    if path.extension().is_some_and(|ending| ending == "seg") {
        let last = bytes.iter().rposition(|byte| *byte != 0);
        last.map_or(0, |last| (last + 500).min(bytes.len()))
    } else {
        bytes.len()
    }
}

fn assert_noticed(output: &std::process::Output, path: &Path, at: usize, log: &Log, hint: &str) {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!complaint.contains("panicked"), "{hint}: {complaint}");
    if output.status.code() != Some(0) {
        assert!(
            !complaint.is_empty() || !output.stdout.is_empty(),
            "{hint}: no word"
        );
        return;
    }
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let inside = path
        .strip_prefix(&log.data)
        .unwrap_or(path)
        .display()
        .to_string();
    let in_log = inside.strip_prefix("log/").unwrap_or_default();
    let mut wrong = report["published"]["wrong"]
        .as_array()
        .into_iter()
        .flatten();
    let is_mended = wrong.any(|one| one["file"] == in_log);
    let mut unread = report["unread"].as_array().into_iter().flatten();
    let at = at as u64;
    let is_unread = unread.any(|one| {
        one["file"] == inside.as_str()
            && one["from"].as_u64().is_some_and(|from| from <= at)
            && one["to"].as_u64().is_some_and(|to| at < to)
    });
    let is_remarked = report["remarks"]
        .as_array()
        .is_some_and(|remarks| !remarks.is_empty());
    assert!(
        is_mended || is_unread || is_remarked,
        "{hint}: unnoticed: {report}"
    );
}

fn json_of(code: i32, arguments: &[&str]) -> Value {
    let output = countersign(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?} {output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}
