//! What a renewal makes of the keys of a log, if it may (docs/formats/renewal.md).
//!
//! Two things are called so. *Rotation*: the log keeps its name, and of the checkpoint keys before
//! one stays at least, so that whoever pinned it can follow; it goes with the next renewal. A
//! *linked origin*: the log goes on under another name with other keys from a point at which it
//! was restored, or at which a key of it was in the wrong hands; nothing of the old keys signs there.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_model::act::Renewal;
use countersign_model::digest::Digest;
use countersign_model::entry::Index;
use countersign_model::ids::{KeyId, Origin};

use crate::genesis::checkpoint_key;
use crate::judge::LogIdentity;
use crate::key::PublicKey;
use crate::limits::{CHECKPOINT_KEYS_MAX, PREDECESSORS_MAX};
use crate::refusal::{Refusal, code};
use crate::register::Register;

/// The keys of a log behind a renewal.
#[derive(Debug)]
pub(crate) struct Renewed {
    pub(crate) identity: LogIdentity,
    pub(crate) checkpoint_keys: Vec<String>,
    pub(crate) node: PublicKey,
    pub(crate) receipt: PublicKey,
    /// Ids of its keys that sign no statements.
    pub(crate) reserved: BTreeSet<KeyId>,
}

/// What a renewal at `index` makes of the keys.
pub(crate) fn renewed(
    register: &Register,
    index: Index,
    renewal: &Renewal,
) -> Result<Renewed, Refusal> {
    let identity = identity(register, index, renewal)?;
    let is_linked = renewal.continues.is_some();
    let key =
        |text: &str| PublicKey::parse(text).map_err(|e| Refusal::new(code::BAD_KEY, e.to_string()));
    let (node, receipt) = (key(&renewal.node_key)?, key(&renewal.receipt_key)?);
    let keeps_node = !is_linked && node.id() == register.node_key();
    if !keeps_node {
        free(register, &node.id())?;
    }
    if is_linked || receipt != *register.receipt_key() {
        free(register, &receipt.id())?;
    }
    let checkpoints = checkpoints(register, renewal)?;
    let mut seen = checkpoints;
    if !seen.insert(receipt.id()) {
        return Err(bad("a key stands for two things"));
    }
    let reserved = seen.clone();
    if !seen.insert(node.id()) {
        return Err(bad("a key stands for two things"));
    }
    let checkpoint_keys = renewal.checkpoint_keys.iter();
    Ok(Renewed {
        identity,
        checkpoint_keys: checkpoint_keys.map(|key| (**key).to_owned()).collect(),
        node,
        receipt,
        reserved,
    })
}

/// The name of the log, and whose audience it accepts too: also that which it had.
fn identity(register: &Register, index: Index, renewal: &Renewal) -> Result<LogIdentity, Refusal> {
    let now = register.identity();
    let Some(continued) = &renewal.continues else {
        return if renewal.origin == now.origin {
            Ok(now.clone())
        } else {
            Err(bad(
                "another name needs `continues`: what the log goes on from",
            ))
        };
    };
    let names = |origin: &Origin| *origin == now.origin || now.predecessors.contains(origin);
    if names(&renewal.origin) {
        return Err(bad("a linked origin has a name that the log never had"));
    }
    if continued.origin != now.origin || continued.size.0 != index.0 {
        return Err(bad(
            "what it goes on from is not this log, or not at this size",
        ));
    }
    let mut predecessors = now.predecessors.clone();
    predecessors.push(now.origin.clone());
    predecessors.sort();
    if predecessors.len() > PREDECESSORS_MAX {
        return Err(bad("there are at most 64 predecessors"));
    }
    Ok(LogIdentity {
        origin: renewal.origin.clone(),
        predecessors,
    })
}

/// Ids of the Ed25519 checkpoint keys, which must be there, be named like the log, and be nobody's.
fn checkpoints(register: &Register, renewal: &Renewal) -> Result<BTreeSet<KeyId>, Refusal> {
    let keys = &renewal.checkpoint_keys;
    if !(1..=CHECKPOINT_KEYS_MAX).contains(&keys.len()) {
        return Err(bad("there are 1 to 8 checkpoint keys"));
    }
    let texts: BTreeSet<&str> = keys.iter().map(|key| &**key).collect();
    let stays = |key: &str| register.checkpoint_keys().iter().any(|now| now == key);
    if renewal.continues.is_none() && !texts.iter().any(|key| stays(key)) {
        return Err(bad(
            "of the checkpoint keys before none stays: who pinned one could not follow",
        ));
    }
    let mut out = BTreeSet::new();
    let mut is_distinct = texts.len() == keys.len();
    for key in keys {
        if !has_right_hash(&renewal.origin, key) {
            return Err(bad("the hash in a checkpoint key is not that of the key"));
        }
        let read = checkpoint_key(&renewal.origin, key);
        let Some(ed25519) = read.map_err(|refusal| bad(&refusal.reason))? else {
            continue;
        };
        if !stays(key) {
            free(register, &ed25519.id())?;
        }
        is_distinct &= out.insert(ed25519.id());
    }
    match (is_distinct, out.is_empty()) {
        (true, false) => Ok(out),
        (false, _) => Err(bad("a key stands for two things")),
        (_, true) => Err(bad("of the checkpoint keys one is Ed25519 at least")),
    }
}

/// Whether `name+hash+base64(type ‖ key)` has the hash of a C2SP verifier key: the first 4 bytes of
/// SHA-256(name ‖ 0x0A ‖ type ‖ key), in lower case. A key that is none of that form is for others
/// to refuse.
fn has_right_hash(origin: &Origin, key: &str) -> bool {
    let rest = key
        .strip_prefix(origin.as_str())
        .and_then(|rest| rest.strip_prefix('+'));
    let Some((hash, encoded)) = rest.and_then(|rest| rest.split_once('+')) else {
        return true;
    };
    let bytes = STANDARD.decode(encoded).unwrap_or_default();
    let text = [origin.as_str().as_bytes(), b"\n", &bytes].concat();
    let digest = Digest::of(&text);
    digest.to_string().get(..8) == Some(hash)
}

/// A key that nobody has or had, the log included.
fn free(register: &Register, key: &KeyId) -> Result<(), Refusal> {
    if register.reserved.contains(key) || register.resolve(key).is_some() {
        let reason = "a key of a renewal belongs, or belonged, to somebody";
        return Err(Refusal::new(code::KEY_TAKEN, reason));
    }
    Ok(())
}

fn bad(why: &str) -> Refusal {
    Refusal::new(code::BAD_RENEWAL, why)
}
