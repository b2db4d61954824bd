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

/// Takes the second copy of a slot's value away, which slots had not when the vectors were made. It
/// is the first once more.
fn without_second_copy(slot: &mut [u8]) {
    let (first, second) = slot.split_at_mut(slot.len() / 2);
    let is_blank = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    assert!(
        first == second || is_blank(second) || is_blank(first),
        "two copies differ"
    );
    second.fill(0);
}

#[test]
fn one_damaged_byte_does_not_turn_back() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("checkpoint");
    let mut cell = SlotFile::create(&path).expect("creates");
    cell.swap(None, b"one").expect("swaps");
    cell.swap(Some(b"one"), b"two").expect("swaps");
    drop(cell);
    let whole = std::fs::read(&path).expect("reads");
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        std::fs::write(&path, &damaged).expect("writes");
        let read = SlotFile::open(&path).expect("opens").read().expect("reads");
        assert_eq!(read.as_deref(), Some(&b"two"[..]), "byte {at}");
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
        let mut file = std::fs::read(&path).expect("reads");
        for slot in file.chunks_exact_mut(slot_bytes) {
            without_second_copy(slot);
        }
        assert!(file == file_of(&step["slots"], slot_bytes), "{step}");
        before = Some(value);
    }
    assert!(before.is_some());
}
