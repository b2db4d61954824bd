//! How a log and its folder are: docs/status.md.

use std::path::Path;

use countersign_model::ids::KeyId;
use countersign_ports::Clock as _;
use countersign_store_local::{DiskLeft, MachineClock};
use countersign_tlog::note::{Signer as _, VerifierKey};
use serde_json::{Value, json};

use crate::compose::Opened;

/// Bytes left on a disk below which the status warns: 1 GiB, sixteen segments.
pub const DISK_LEFT_BYTES_MIN: u64 = 1 << 30;

/// The status, as JSON.
#[must_use]
pub fn status(opened: &Opened) -> Value {
    let engine = &opened.engine;
    let folds = engine.folds();
    let dir = &opened.dir;
    json!({
        "origin": engine.intake().identity.origin.as_str(),
        "vkey": engine.vkey(),
        "vkeys": engine.vkeys(),
        "size": engine.size().0,
        "batches": engine.batch_count(),
        "published": engine.published_size().0,
        "as_of": folds.index().0,
        "claims": engine.intake().identities.count(),
        "sync": sync(opened),
        "second_place": dir.second().display().to_string(),
        "second_place_on_same_disk": dir.shares_disk_with_second(),
        "keys": keys(opened),
        "disk": disks(opened),
        "fold_version": countersign_engine::folds::FOLD_VERSION,
        "state_digest": folds.state_digest().to_string(),
        "clock": clock(opened),
        "findings": {
            "open": folds.detect().standing().count(),
        },
        "sequenced_again": opened.recovered.sequenced_again,
    })
}

/// Times of this run's syncs in microseconds; null before the first.
fn sync(opened: &Opened) -> Value {
    let times = opened.syncs.last_and_worst_us();
    times.map_or(Value::Null, |(last_us, worst_us)| {
        json!({ "count": opened.syncs.count(), "last_us": last_us, "worst_us": worst_us })
    })
}

/// The node's keys: what each is for, its id, since which entry, how often it signed in this run,
/// and whether its file is encrypted.
fn keys(opened: &Opened) -> Value {
    let keys = opened.engine.keys();
    let register = &opened.engine.intake().register;
    let found = opened.dir.key_files().found().unwrap_or_default();
    let is_protected = |name: &str| {
        let file = found.iter().find(|(file, _)| *file == name);
        file.map(|(_, locked)| *locked)
    };
    let since = |id: &KeyId| register.resolve(id).map_or(0, |entry| entry.since.0);
    let row = |name: &str, kind: &str, id: Option<String>, (since, uses): (u64, Option<u64>)| {
        json!({
            "name": name, "kind": kind, "id": id, "since": since, "uses": uses,
            "protected": is_protected(name),
        })
    };
    let checkpoint_id = |key: &VerifierKey| Some(key.id().to_string());
    let (statement, receipt) = (keys.statement.public(), &keys.receipt);
    let mut rows = vec![row(
        "checkpoint",
        "Ed25519",
        checkpoint_id(keys.checkpoint.key()),
        (0, Some(keys.checkpoint.uses())),
    )];
    if let Some(second) = &keys.checkpoint_pq {
        let uses = (0, Some(second.uses()));
        rows.push(row(
            "checkpoint-pq",
            "ML-DSA-44",
            checkpoint_id(second.key()),
            uses,
        ));
    }
    let id = statement.id();
    rows.push(row(
        "statement",
        statement.algorithm().as_str(),
        Some(id.to_string()),
        (since(&id), Some(keys.statement.uses())),
    ));
    let id = receipt.id();
    rows.push(row(
        "receipt",
        receipt.algorithm().as_str(),
        Some(id.to_string()),
        (since(&id), None),
    ));
    for name in ["sealing", "fingerprint"] {
        rows.push(row(name, "secret", None, (0, None)));
    }
    Value::Array(rows)
}

/// Room on the disks of the data folder and of the second place.
fn disks(opened: &Opened) -> Value {
    let dir = &opened.dir;
    let disk = |path: &Path| {
        DiskLeft::at(path).map_or(Value::Null, |disk| {
            json!({
                "left_bytes": disk.left_bytes,
                "total_bytes": disk.total_bytes,
                "is_low": disk.left_bytes < DISK_LEFT_BYTES_MIN,
            })
        })
    };
    json!({ "data": disk(dir.root()), "second_place": disk(&dir.second()) })
}

fn clock(opened: &Opened) -> Value {
    let engine = &opened.engine;
    let reading = MachineClock.read();
    json!({
        "now": engine.now().to_string(),
        "scenario": engine.intake().register.has_scenario_clock(),
        "synchronised": reading.synchronised,
        "uncertainty_ms": reading.uncertainty_ms,
        "jumped": engine.clock_jumped(),
    })
}
