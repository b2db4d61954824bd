//! The proof vectors of transparency-dev/merkle: positive and negative, of trees and subtrees.

use std::path::Path;

use countersign_tlog::proof::{
    ProofError, Subtree, verify_consistency, verify_inclusion, verify_subtree_consistency,
    verify_subtree_inclusion,
};
use countersign_tlog::{Hash, LeafIndex, TreeSize};
use serde_json::Value;

use crate::data;

/// Runs every vector of a folder. A hash that is not 32 bytes is refused before verification.
fn check(folder: &str, count: usize, verify: fn(&Value) -> Option<Result<(), ProofError>>) {
    let Some(folder) = data::find(&format!("tlog/merkle-proofs/{folder}")) else {
        return;
    };
    let files = data::files(&folder, ".json");
    assert_eq!(files.len(), count);
    for file in files {
        check_one(&file, verify);
    }
}

fn check_one(file: &Path, verify: fn(&Value) -> Option<Result<(), ProofError>>) {
    let case = data::json(file);
    let verdict = verify(&case);
    let accepted = verdict == Some(Ok(()));
    assert_eq!(
        accepted,
        case["wantErr"] != true,
        "{}: {verdict:?}",
        file.display()
    );
}

fn hash(value: &Value) -> Option<Hash> {
    Hash::from_base64(value.as_str()?)
}

/// The vectors compare roots as strings of any length; what is not a hash is stood in for by one of
/// its own, so that equal stays equal.
fn root(value: &Value) -> Option<Hash> {
    let text = value.as_str()?;
    Some(Hash::from_base64(text).unwrap_or_else(|| Hash::leaf(text.as_bytes())))
}

fn proof(case: &Value) -> Option<Vec<Hash>> {
    match &case["proof"] {
        Value::Null => Some(vec![]),
        hashes => hashes.as_array()?.iter().map(hash).collect(),
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn subtree(case: &Value) -> Result<Subtree, ProofError> {
    Subtree::new(
        LeafIndex(number(&case["start"])),
        TreeSize(number(&case["end"])),
    )
}

#[test]
fn inclusion() {
    check("inclusion", 98, |case| {
        let index = LeafIndex(number(&case["leafIdx"]));
        let size = TreeSize(number(&case["treeSize"]));
        let (leaf, root) = (hash(&case["leafHash"])?, root(&case["root"])?);
        Some(verify_inclusion(&leaf, index, size, &proof(case)?, &root))
    });
}

#[test]
fn consistency() {
    check("consistency", 98, |case| {
        let (old, new) = (
            TreeSize(number(&case["size1"])),
            TreeSize(number(&case["size2"])),
        );
        let (old_root, new_root) = (root(&case["root1"])?, root(&case["root2"])?);
        Some(verify_consistency(
            old,
            new,
            &proof(case)?,
            &old_root,
            &new_root,
        ))
    });
}

#[test]
fn subtree_inclusion() {
    check("subtreeinclusion", 204, |case| {
        let index = LeafIndex(number(&case["leafIdx"]));
        let (leaf, root) = (hash(&case["leafHash"])?, root(&case["root"])?);
        let proof = proof(case)?;
        Some(
            subtree(case)
                .and_then(|subtree| verify_subtree_inclusion(&leaf, index, subtree, &proof, &root)),
        )
    });
}

#[test]
fn subtree_consistency() {
    check("subtreeconsistency", 118, |case| {
        let size = TreeSize(number(&case["size"]));
        let (hash, root, proof) = (root(&case["root1"])?, root(&case["root2"])?, proof(case)?);
        Some(
            subtree(case).and_then(|subtree| {
                verify_subtree_consistency(subtree, size, &proof, &hash, &root)
            }),
        )
    });
}
