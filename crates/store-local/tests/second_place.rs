//! The vectors of docs/formats/segment.md about the second place, which were made from that page alone.

use std::path::Path;

use countersign_ports::{CheckpointCell as _, Swapped};
use countersign_store_local::SlotFile;
use serde_json::Value;

const VECTORS: &str = include_str!("../../../testdata/vectors/segment/v1/second-place.json");

fn hex_decode(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("a text");
    assert!(text.len().is_multiple_of(2), "{text}");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}

fn file_of(slots: &Value, slot_bytes: usize) -> Vec<u8> {
    let mut file = Vec::new();
    for (slot, end) in slots.as_array().expect("a list").iter().zip(1..) {
        file.extend(hex_decode(slot));
        file.resize(end * slot_bytes, 0);
    }
    assert_eq!(file.len(), 2 * slot_bytes);
    file
}

fn vectors() -> (Value, usize) {
    let vectors: Value = serde_json::from_str(VECTORS).expect("JSON");
    let slot_bytes = vectors.get("slot_bytes").and_then(Value::as_u64);
    (
        vectors,
        usize::try_from(slot_bytes.expect("a number")).expect("small"),
    )
}

fn check(path: &Path, case: &Value) {
    let read = SlotFile::open(path).expect("opens").read();
    let name = &case["name"];
    if case["lost"] == true {
        assert!(read.is_err(), "{name}: {read:?}");
    } else {
        let expect = Some(&case["value"]).filter(|value| !value.is_null());
        assert_eq!(read.expect("reads"), expect.map(hex_decode), "{name}");
    }
}

#[test]
fn what_the_slots_say() {
    let (vectors, slot_bytes) = vectors();
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("checkpoint");
    let cases = vectors["cases"].as_array().expect("a list");
    assert!(cases.len() > 10);
    for case in cases {
        std::fs::write(&path, file_of(&case["slots"], slot_bytes)).expect("writes");
        check(&path, case);
    }
}

#[test]
fn swaps_take_the_slots_in_turn() {
    let (vectors, slot_bytes) = vectors();
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("checkpoint");
    let mut cell = SlotFile::create(&path).expect("creates");
    let mut before: Option<Vec<u8>> = None;
    for step in vectors["swaps"]["steps"].as_array().expect("a list") {
        let value = hex_decode(&step["value"]);
        let swapped = cell.swap(before.as_deref(), &value).expect("swaps");
        assert_eq!(swapped, Swapped::Done);
        let file = std::fs::read(&path).expect("reads");
        assert!(file == file_of(&step["slots"], slot_bytes), "{step}");
        before = Some(value);
    }
    assert!(before.is_some());
}
