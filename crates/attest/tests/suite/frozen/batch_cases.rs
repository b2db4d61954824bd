//! Batches and verdict records: their bytes, and the leaf of a record.

use countersign_model::digest::{Digest, hex};
use countersign_model::entry::{
    Assurance, Batch, ClaimRef, ClaimStatus, Index, MARKS, Mark, RECORD_SALT_LEN, VerdictRecord,
    verdict_leaf,
};
use countersign_model::time::Timestamp;
use serde_json::{Value, json};

use super::{bytes, case, check, error};
use crate::world::NOW;

fn run(case: &Value) -> Value {
    if case["batch"].is_string() {
        Batch::decode(&bytes(&case["batch"])).map_or_else(|| error("shape"), |b| batch(&b))
    } else {
        let encoded = bytes(&case["record"]);
        VerdictRecord::decode(&encoded).map_or_else(|| error("shape"), |r| record(&r, &encoded))
    }
}

fn batch(batch: &Batch) -> Value {
    json!({
        "first": batch.first.0,
        "count": batch.count,
        "recorded_ms": batch.recorded.ms(),
        "uncertainty_ms": batch.uncertainty_ms,
        "tick_ms": batch.tick.ms(),
        "previous": batch.previous.map(|digest| digest.to_string()),
        "verdict_root": batch.verdict_root.to_string(),
    })
}

fn record(record: &VerdictRecord, encoded: &[u8]) -> Value {
    let marks: Vec<&str> = record.marks.iter().map(|mark| mark.as_str()).collect();
    let claim = |claim: &ClaimStatus| match claim {
        ClaimStatus::Duplicate(at) | ClaimStatus::Conflicting(at) => {
            json!({"status": claim.as_str(), "index": at.index.0, "ordinal": at.ordinal})
        }
        other => json!({"status": other.as_str()}),
    };
    let claims: Vec<Value> = record.claims.iter().map(claim).collect();
    json!({
        "salt": hex(&record.salt),
        "assurance": record.assurance.as_str(),
        "marks": marks,
        "claims": claims,
        "leaf": verdict_leaf(encoded).to_string(),
    })
}

#[test]
fn batches() {
    let batches = batch_bytes();
    let batches = batches
        .iter()
        .map(|(name, bytes)| case(name, &json!({"batch": hex(bytes)}), run));
    let records = record_bytes();
    let records = records
        .iter()
        .map(|(name, bytes)| case(name, &json!({"record": hex(bytes)}), run));
    let about = "Payloads of batch statements, and verdict records with their leaf hash.";
    let cases: Vec<Value> = batches.chain(records).collect();
    let made = json!({"about": about, "cases": cases});
    check("batch", "vectors", &made, run);
}

type Named = Vec<(&'static str, Vec<u8>)>;

fn batch_bytes() -> Named {
    let first = Batch {
        first: Index(0),
        count: 1,
        recorded: NOW,
        uncertainty_ms: 50,
        tick: NOW,
        previous: None,
        verdict_root: verdict_leaf(b"record"),
    };
    let empty = Batch {
        first: Index(1_000_000),
        count: 0,
        tick: Timestamp::from_ms(NOW.ms() - 1),
        previous: Some(Digest::of(b"batch")),
        verdict_root: Digest::of(b""),
        ..first
    };
    let early = Batch {
        recorded: Timestamp::from_ms(-1),
        ..first
    };
    let bytes = first.encode();
    vec![
        ("batch-first", bytes.clone()),
        ("batch-without-statements", empty.encode()),
        ("batch-before-1970", early.encode()),
        (
            "batch-a-field-less",
            [&[0xa6], &bytes[1..bytes.len() - 35]].concat(),
        ),
        (
            "batch-label-twice",
            [&[0xa8, 0x01, 0x00], &bytes[1..]].concat(),
        ),
        (
            "batch-not-shortest",
            [&[0xa7, 0x18, 0x01], &bytes[2..]].concat(),
        ),
    ]
}

fn record_bytes() -> Named {
    let at = ClaimRef {
        index: Index(70_000),
        ordinal: u32::MAX,
    };
    let plain = VerdictRecord {
        salt: [3; RECORD_SALT_LEN],
        assurance: Assurance::SoftwareKey,
        marks: Vec::new(),
        claims: vec![ClaimStatus::Effective],
    };
    let all = VerdictRecord {
        assurance: Assurance::HardwareKey,
        marks: MARKS.iter().map(|(mark, _)| *mark).collect(),
        claims: vec![
            ClaimStatus::Effective,
            ClaimStatus::Duplicate(at),
            ClaimStatus::Conflicting(at),
            ClaimStatus::Unfoldable,
            ClaimStatus::BodyAbsent,
            ClaimStatus::Unauthorised,
        ],
        ..plain
    };
    let without = VerdictRecord {
        assurance: Assurance::Import,
        claims: Vec::new(),
        ..plain.clone()
    };
    let channel = VerdictRecord {
        assurance: Assurance::Channel,
        marks: vec![Mark::BodyAbsent],
        claims: vec![ClaimStatus::BodyAbsent],
        ..plain
    };
    let bytes = plain.encode();
    let mut version = bytes.clone();
    version[1] = 2;
    let unknown_mark = [
        &bytes[..bytes.len() - 13],
        &[0x81, 0x63],
        b"odd",
        &bytes[bytes.len() - 12..],
    ]
    .concat();
    vec![
        ("record-plain", bytes),
        ("record-everything", all.encode()),
        ("record-without-claims", without.encode()),
        ("record-channel", channel.encode()),
        ("record-version-2", version),
        ("record-unknown-mark", unknown_mark),
    ]
}
