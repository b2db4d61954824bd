//! How a log and its folder are: docs/status.md.

mod keys;

use std::collections::BTreeMap;
use std::path::Path;

use countersign_attest::TermsAt;
use countersign_model::act::ClockOffset;
use countersign_model::ids::KeyId;
use countersign_ports::Clock as _;
use countersign_store_local::{DiskLeft, MachineClock};
use serde_json::{Value, json};

use crate::compose::Opened;
use crate::limits::DISK_LEFT_BYTES_MIN;

/// The status, as JSON.
#[must_use]
pub fn status(opened: &Opened) -> Value {
    let engine = &opened.engine;
    let folds = engine.folds();
    let dir = &opened.dir;
    json!({
        "origin": engine.intake().register.identity().origin.as_str(),
        "vkey": engine.vkey(),
        "vkeys": engine.vkeys(),
        "terms": terms(opened),
        "size": engine.size().0,
        "batches": engine.batch_count(),
        "published": engine.published_size().0,
        "as_of": folds.index().0,
        "claims": engine.intake().identities.count(),
        "sync": sync(opened),
        "second_place": dir.second().display().to_string(),
        "second_place_on_same_disk": dir.shares_disk_with_second(),
        "keys": keys::keys(opened),
        "disk": disks(opened),
        "history_bytes": folds.ledger().history().bytes(),
        "snapshot": snapshot(opened),
        "fold_version": countersign_engine::folds::FOLD_VERSION,
        "state_digest": folds.state_digest().to_string(),
        "clock": clock(opened),
        "device_clocks": device_clocks(opened),
        "findings": {
            "open": folds.detect().standing().count(),
        },
        "sequenced_again": opened.recovered.sequenced_again,
    })
}

/// The names of the log and since which entry: more than one if it went on from a copy, or if its
/// keys were renewed.
fn terms(opened: &Opened) -> Value {
    let terms = opened.engine.intake().register.terms().iter();
    let row = |one: &TermsAt| {
        json!({
            "since": one.since.0,
            "origin": one.origin.as_str(),
            "vkeys": one.checkpoint_keys,
        })
    };
    terms.map(row).collect()
}

/// Times of this run's syncs in microseconds; null before the first.
fn sync(opened: &Opened) -> Value {
    let times = opened.syncs.last_and_worst_us();
    times.map_or(Value::Null, |(last_us, worst_us)| {
        json!({ "count": opened.syncs.count(), "last_us": last_us, "worst_us": worst_us })
    })
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

/// The devices whose clocks are off, as the last word about each key says.
fn device_clocks(opened: &Opened) -> Value {
    let engine = &opened.engine;
    let said = engine.folds().clock_offsets();
    let newest: BTreeMap<KeyId, ClockOffset> = said.map(|offset| (offset.key, offset)).collect();
    let row = |offset: ClockOffset| {
        let off = offset.offset_ms.filter(|ms| *ms != 0)?;
        let entry = engine.intake().register.resolve(&offset.key)?;
        Some(json!({
            "principal": entry.principal.as_str(),
            "key": offset.key.to_string(),
            "epoch": offset.from.epoch,
            "counter": offset.from.counter,
            "offset_ms": off,
        }))
    };
    newest.into_values().filter_map(row).collect()
}

/// How many entries the newest durable snapshot is of, and how many were taken up from one at the start.
fn snapshot(opened: &Opened) -> Value {
    let engine = &opened.engine;
    // A failure to write one is told by the next commit, which stops the node.
    let size = engine.snapshot_size().ok().flatten();
    json!({ "size": size.map(|size| size.0), "resumed_at": engine.resumed_at().0 })
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
