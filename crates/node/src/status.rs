//! How a log and its folder are: docs/status.md.

use std::path::Path;

use countersign_attest::{PublicKey, SecretKey, TermsAt};
use countersign_engine::Counted;
use countersign_ports::Clock as _;
use countersign_store_local::{DiskLeft, MachineClock};
use countersign_tlog::note::{Signer as _, VerifierKey};
use serde_json::{Value, json};

use crate::compose::Opened;
use crate::key_files::kind as key_kind;

/// Bytes left on a disk below which the status warns: 1 GiB, sixteen segments.
pub const DISK_LEFT_BYTES_MIN: u64 = 1 << 30;

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

/// The node's keys: what each is for, its id, since which entry, whether the log signs with it now,
/// how often it signed in this run, and whether its file is encrypted.
fn keys(opened: &Opened) -> Value {
    let keys = opened.engine.keys();
    let register = &opened.engine.intake().register;
    let checkpoint = |key: &VerifierKey, uses: u64| {
        let vkey = key.to_string();
        let mut terms = register.terms().iter();
        let first = terms.find(|terms| terms.checkpoint_keys.contains(&vkey));
        Told {
            id: Some(key.id().to_string()),
            since: first.map(|terms| terms.since.0),
            in_force: register.checkpoint_keys().contains(&vkey),
            uses: Some(uses),
        }
    };
    let principal = |key: &PublicKey, in_force: bool, uses: Option<u64>| Told {
        id: Some(key.id().to_string()),
        since: register.resolve(&key.id()).map(|entry| entry.since.0),
        in_force,
        uses,
    };
    let node = register.node_key();
    let of_statement = |key: &Counted<SecretKey>| {
        let public = key.public();
        principal(&public, public.id() == node, Some(key.uses()))
    };
    let of_receipt = |key: &PublicKey| Told {
        since: None,
        ..principal(key, key == register.receipt_key(), None)
    };
    let ed25519 = keys.checkpoint.iter();
    let ml_dsa_44 = keys.checkpoint_pq.iter();
    let told: [(&str, &str, Vec<Told>); 6] = [
        (
            "checkpoint",
            "Ed25519",
            ed25519
                .map(|one| checkpoint(one.key(), one.uses()))
                .collect(),
        ),
        (
            "checkpoint-pq",
            "ML-DSA-44",
            ml_dsa_44
                .map(|one| checkpoint(one.key(), one.uses()))
                .collect(),
        ),
        (
            "statement",
            "Ed25519",
            keys.statement.iter().map(of_statement).collect(),
        ),
        (
            "receipt",
            "Ed25519",
            keys.receipt.iter().map(of_receipt).collect(),
        ),
        ("sealing", "secret", vec![Told::secret()]),
        ("fingerprint", "secret", vec![Told::secret()]),
    ];
    let files = opened.dir.key_files().found().unwrap_or_default();
    let mut rows = Vec::new();
    for (kind, algorithm, told) in told {
        // Both are in the order of the file names.
        let mut names = files.iter().filter(|(name, _)| key_kind(name) == kind);
        for one in told {
            let file = names.next();
            rows.push(json!({
                "name": file.map_or(kind, |(name, _)| name.as_str()),
                "kind": algorithm,
                "id": one.id,
                "since": one.since,
                "in_force": one.in_force,
                "uses": one.uses,
                "protected": file.map(|(_, locked)| *locked),
            }));
        }
    }
    Value::Array(rows)
}

/// What is told of a key.
struct Told {
    id: Option<String>,
    since: Option<u64>,
    in_force: bool,
    uses: Option<u64>,
}

impl Told {
    /// One that signs nothing.
    const fn secret() -> Self {
        Self {
            id: None,
            since: Some(0),
            in_force: true,
            uses: None,
        }
    }
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
