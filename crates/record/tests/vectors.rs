//! The vectors of docs/formats/segment.md, which were made from that page alone.

use countersign_model::body::{PART_SALT_LEN, Part};
use countersign_model::digest::{Digest, hex, hex_decode};
use countersign_record::sealing::{KEY_LEN, SealingError, SealingKey, fingerprint_of};
use countersign_record::segment::{
    HEADER_LEN, Kind, Record, SegmentError, check_header, erasure, header, push_record, records,
};
use countersign_record::stored::{
    StoredCommit, StoredError, StoredStatement, batch_payload, read_commit, read_tail,
    statement_payload,
};
use serde_json::{Value, json};

const VECTORS: &str = include_str!("../../../testdata/vectors/segment/v1/vectors.json");

fn vectors() -> Value {
    serde_json::from_str(VECTORS).expect("JSON")
}

fn list(value: &Value) -> &[Value] {
    let list = value.as_array().expect("a list");
    assert!(!list.is_empty());
    list
}

fn bytes(value: &Value) -> Vec<u8> {
    hex_decode(value.as_str().expect("a text")).expect("hexadecimal")
}

fn digest(value: &Value) -> Digest {
    Digest::from_slice(&bytes(value)).expect("a digest")
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

fn offset(value: &Value) -> usize {
    usize::try_from(number(value)).expect("small")
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Blob => "blob",
        Kind::Envelope => "envelope",
        Kind::Body => "body",
        Kind::Sealed => "sealed",
        Kind::Statement => "statement",
        Kind::Batch => "batch",
        Kind::Erasing => "erasing",
        Kind::Wiped => "wiped",
    }
}

fn kind_of(name: &Value) -> Kind {
    let mut kinds = (0..=255).filter_map(Kind::of);
    kinds
        .find(|kind| kind_name(*kind) == name)
        .expect("a kind's name")
}

fn error_of(error: SegmentError) -> Value {
    match error {
        SegmentError::Header => json!("header"),
        SegmentError::CutOff(at) => json!(["cut_off", at]),
        SegmentError::UnknownKind(at) => json!(["unknown_kind", at]),
        SegmentError::Damaged(at) => json!(["damaged", at]),
        SegmentError::Padding(at) => json!(["padding", at]),
    }
}

fn commit_error_of(error: StoredError) -> Value {
    match error {
        StoredError::Segment(error) => error_of(error),
        StoredError::Shape(at) => json!(["shape", at]),
        StoredError::Order(at) => json!(["order", at]),
    }
}

#[test]
fn headers() {
    let vectors = vectors();
    let headers = &vectors["headers"];
    let segment = u32::try_from(number(&headers["number"])).expect("small");
    let log = digest(&headers["log"]);
    for case in list(&headers["cases"]) {
        let read = check_header(&bytes(&case["bytes"]), segment, log);
        assert_eq!(json!(read.is_ok()), case["accepted"], "{}", case["name"]);
        let made = header(segment, log).to_vec() == bytes(&case["bytes"]);
        assert_eq!(json!(made), case["accepted"], "{}", case["name"]);
    }
}

fn record_of(record: Record<'_>) -> Value {
    json!({
        "offset": record.offset,
        "kind": kind_name(record.kind),
        "payload": hex(record.payload),
        "end": record.end(),
    })
}

fn hex_list(pieces: &[&[u8]]) -> Value {
    pieces.iter().map(|piece| json!(hex(piece))).collect()
}

fn statement_of(read: &StoredStatement<'_>) -> Value {
    json!({
        "index": read.index.0,
        "statement": hex(read.statement),
        "blobs": hex_list(&read.blobs),
        "envelopes": hex_list(&read.envelopes),
        "bodies": hex_list(&read.bodies),
        "sealed": read.sealed.iter().map(|record| record.offset).collect::<Vec<_>>(),
        "offset": read.offset,
    })
}

fn commit_of(offset: usize, read: &StoredCommit<'_>) -> Value {
    json!({
        "offset": offset,
        "statements": read.statements.iter().map(statement_of).collect::<Vec<_>>(),
        "batch_index": read.batch_index.0,
        "batch": hex(read.batch),
        "verdicts": hex_list(&read.verdicts),
        "batch_offset": read.batch_offset,
        "end": read.end,
    })
}

#[test]
fn a_segment_is_read_as_records_commits_and_a_tail() {
    let vectors = vectors();
    let segment = &vectors["segment"];
    let whole = bytes(&segment["bytes"]);
    let name = u32::try_from(number(&segment["number"])).expect("small");
    check_header(&whole, name, digest(&segment["log"])).expect("in order");
    let read: Result<Vec<_>, _> = records(&whole, HEADER_LEN)
        .map(|record| record.map(record_of))
        .collect();
    assert_eq!(json!(read.expect("in order")), segment["records"]);
    let mut at = HEADER_LEN;
    for expect in list(&segment["commits"]) {
        let commit = read_commit(&whole, at).expect("reads").expect("is there");
        assert_eq!(commit_of(at, &commit), *expect);
        at = commit.end;
    }
    assert_eq!(json!(at), segment["tail"]["offset"]);
    assert!(read_commit(&whole, at).expect("reads").is_none());
    let tail: Vec<_> = read_tail(&whole, at).iter().map(statement_of).collect();
    assert_eq!(json!(tail), segment["tail"]["statements"]);
}

#[test]
fn a_segment_is_written_as_it_stands_there() {
    let vectors = vectors();
    let segment = &vectors["segment"];
    let whole = bytes(&segment["bytes"]);
    for record in list(&segment["records"]) {
        let kind = kind_of(&record["kind"]);
        // These two are never appended: an erasure makes them in place.
        if matches!(kind, Kind::Erasing | Kind::Wiped) {
            continue;
        }
        let mut made = Vec::new();
        push_record(&mut made, kind, &bytes(&record["payload"]));
        let there = offset(&record["offset"])..offset(&record["end"]);
        assert_eq!(made, whole[there], "{record}");
    }
    for commit in list(&segment["commits"]) {
        for statement in commit["statements"].as_array().expect("a list") {
            let index = countersign_model::entry::Index(number(&statement["index"]));
            let payload = statement_payload(index, &bytes(&statement["statement"]));
            assert!(has_record(segment, "statement", &payload), "{statement}");
        }
        let verdicts = commit["verdicts"].as_array().expect("a list");
        let verdicts: Vec<_> = verdicts.iter().map(bytes).collect();
        let index = countersign_model::entry::Index(number(&commit["batch_index"]));
        let payload = batch_payload(index, &bytes(&commit["batch"]), &verdicts);
        assert!(has_record(segment, "batch", &payload), "{commit}");
    }
}

fn has_record(segment: &Value, kind: &str, payload: &[u8]) -> bool {
    list(&segment["records"])
        .iter()
        .any(|record| record["kind"] == kind && record["payload"] == hex(payload))
}

#[test]
fn hostile_records() {
    let vectors = vectors();
    for case in list(&vectors["hostile_records"]["cases"]) {
        let whole = bytes(&case["bytes"]);
        let mut kinds = Vec::new();
        let mut error = Value::Null;
        for record in records(&whole, 0) {
            match record {
                Ok(record) => kinds.push(kind_name(record.kind)),
                Err(refused) => error = error_of(refused),
            }
        }
        assert_eq!(json!(kinds), case["kinds"], "{}", case["name"]);
        assert_eq!(error, case["error"], "{}", case["name"]);
    }
}

#[test]
fn what_makes_no_commit() {
    let vectors = vectors();
    for case in list(&vectors["commits"]["cases"]) {
        let whole = bytes(&case["bytes"]);
        let error = match read_commit(&whole, 0) {
            Ok(None) => Value::Null,
            Ok(Some(commit)) => panic!("{}: {commit:?}", case["name"]),
            Err(error) => commit_error_of(error),
        };
        assert_eq!(error, case["error"], "{}", case["name"]);
    }
}

#[test]
fn erasures() {
    let vectors = vectors();
    for case in list(&vectors["erasures"]["cases"]) {
        let writes: Vec<Value> = erasure(offset(&case["payload_length"]))
            .iter()
            .map(|(at, written)| json!([at, hex(written)]))
            .collect();
        assert_eq!(json!(writes), case["writes"]);
    }
}

#[test]
fn sealed_records() {
    let vectors = vectors();
    let sealed = &vectors["sealed"];
    let key: [u8; KEY_LEN] = bytes(&sealed["sealing_key"]).try_into().expect("a key");
    let key = SealingKey::new(key);
    let (owner, fingerprint) = (digest(&sealed["owner"]), digest(&sealed["fingerprint"]));
    let payload = bytes(&sealed["payload"]);
    assert_eq!(fingerprint_of(&payload), Some((owner, fingerprint)));

    let mut parts = Vec::new();
    let mut drawn = Vec::new();
    let mut expect = Vec::new();
    for part in list(&sealed["parts"]) {
        let ordinal = offset(&part["ordinal"]);
        let salt: [u8; PART_SALT_LEN] = bytes(&part["salt"]).try_into().expect("a salt");
        parts.resize(ordinal, Part::Open(b"open".to_vec()));
        parts.push(Part::Sealed {
            bytes: bytes(&part["bytes"]),
            salt,
        });
        drawn.push(bytes(&part["key"]));
        drawn.push(bytes(&part["nonce"]));
        expect.push((
            u32::try_from(ordinal).expect("small"),
            salt,
            bytes(&part["bytes"]),
        ));
    }
    let opened = key.open(&payload).expect("opens");
    assert_eq!(
        (opened.owner, opened.fingerprint, opened.parts),
        (owner, fingerprint, expect)
    );
    let mut drawn = drawn.into_iter();
    let mut random = |out: &mut [u8]| out.copy_from_slice(&drawn.next().expect("enough"));
    let made = key.seal(owner, fingerprint, &parts, &mut random);
    assert_eq!(made.expect("seals").expect("has parts"), payload);

    for case in list(&sealed["refused"]) {
        let refused = key.open(&bytes(&case["payload"]));
        assert_eq!(refused, Err(SealingError), "{}", case["name"]);
    }
}
