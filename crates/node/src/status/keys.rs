//! What the status tells of the node's keys.

use countersign_attest::{PublicKey, SecretKey};
use countersign_engine::Counted;
use countersign_tlog::note::{Signer as _, VerifierKey};
use serde_json::{Value, json};

use crate::compose::Opened;
use crate::key_files::{NAMES, kind as key_kind};

/// What each of [`NAMES`] is.
const ALGORITHMS: [&str; 6] = [
    "Ed25519",
    "ML-DSA-44",
    "Ed25519",
    "Ed25519",
    "secret",
    "secret",
];

/// The node's keys: what each is for, its id, since which entry, whether the log signs with it now,
/// how often it signed in this run, and whether its file is encrypted.
pub(super) fn keys(opened: &Opened) -> Value {
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
    let of_receipt = |one: &Counted<SecretKey>| {
        let key = one.public();
        let mut terms = register.terms().iter();
        let first = terms.find(|terms| terms.receipt_key == key);
        Told {
            since: first.map(|terms| terms.since.0),
            ..principal(&key, key == *register.receipt_key(), Some(one.uses()))
        }
    };
    rows(
        opened,
        [
            all(&keys.checkpoint, |one| checkpoint(one.key(), one.uses())),
            all(&keys.checkpoint_pq, |one| checkpoint(one.key(), one.uses())),
            all(&keys.statement, of_statement),
            all(&keys.receipt, of_receipt),
            vec![Told::secret()],
            vec![Told::secret()],
        ],
    )
}

fn all<T>(keys: &[T], tell: impl Fn(&T) -> Told) -> Vec<Told> {
    keys.iter().map(tell).collect()
}

/// The rows: of each kind as many as there are files.
fn rows(opened: &Opened, told: [Vec<Told>; 6]) -> Value {
    let files = opened.dir.key_files().found().unwrap_or_default();
    let mut rows = Vec::new();
    for ((kind, algorithm), told) in NAMES.into_iter().zip(ALGORITHMS).zip(told) {
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
