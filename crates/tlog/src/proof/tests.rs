use proptest::prelude::*;

use super::*;
use crate::tree::tests::{leaves, naive_root, table};

/// RFC 9162 section 2.1.3.1 word for word.
fn naive_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return vec![];
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut path, sibling) = if index < left.len() {
        (naive_path(index, left), right)
    } else {
        (naive_path(index - left.len(), right), left)
    };
    path.push(naive_root(sibling));
    path
}

/// RFC 9162 section 2.1.4.1 word for word.
fn naive_subproof(old: usize, leaves: &[Hash], known: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if known {
            vec![]
        } else {
            vec![naive_root(leaves)]
        };
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut proof, sibling) = if old <= left.len() {
        (naive_subproof(old, left, known), right)
    } else {
        (naive_subproof(old - left.len(), right, false), left)
    };
    proof.push(naive_root(sibling));
    proof
}

fn at(count: usize) -> u64 {
    u64::try_from(count).unwrap()
}

fn check(size: usize) {
    let leaves = leaves(at(size));
    let table = table(&leaves);
    let root = naive_root(&leaves);
    for (index, leaf) in leaves.iter().enumerate() {
        let place = (LeafIndex(at(index)), TreeSize(at(size)));
        let proof = prove_inclusion(&table, place.0, place.1).unwrap();
        assert_eq!(proof, naive_path(index, &leaves), "{index} of {size}");
        assert_eq!(
            verify_inclusion(leaf, place.0, place.1, &proof, &root),
            Ok(())
        );
    }
    for old in 1..=size {
        let (from, to) = (TreeSize(at(old)), TreeSize(at(size)));
        let proof = prove_consistency(&table, from, to).unwrap();
        assert_eq!(proof, naive_subproof(old, &leaves, true), "{old} to {size}");
        let old_root = naive_root(&leaves[..old]);
        assert_eq!(
            verify_consistency(from, to, &proof, &old_root, &root),
            Ok(())
        );
        let reached = root_from_consistency(from, to, &proof, &old_root);
        assert_eq!(reached, Ok(root), "{old} to {size}");
        let other = root_from_consistency(from, to, &proof, &Hash::EMPTY_ROOT);
        assert_ne!(other, Ok(root), "{old} to {size}");
    }
    for (start, end) in (0..=size).flat_map(|end| (0..=end).map(move |start| (start, end))) {
        let Ok(subtree) = Subtree::new(LeafIndex(at(start)), TreeSize(at(end))) else {
            continue;
        };
        let size = TreeSize(at(size));
        let proof = prove_subtree_consistency(&table, subtree, size).unwrap();
        let hash = naive_root(&leaves[start..end]);
        let verdict = verify_subtree_consistency(subtree, size, &proof, &hash, &root);
        assert_eq!(verdict, Ok(()), "{start}..{end} of {size:?}");
    }
}

#[test]
fn proofs_agree_with_the_naive_tree() {
    for size in (1..=34).chain([63, 64, 65]) {
        check(size);
    }
}

#[test]
fn subtrees_are_aligned() {
    let subtree = |start, end| Subtree::new(LeafIndex(start), TreeSize(end)).is_ok();
    assert!(subtree(0, 0) && subtree(5, 5) && subtree(4, 7) && subtree(8, 16));
    assert!(subtree(0, u64::MAX) && subtree(1 << 63, u64::MAX));
    assert!(!subtree(1, 3) && !subtree(2, 5) && !subtree(3, 2) && !subtree(1, u64::MAX));
}

#[test]
fn the_largest_tree_has_64_hashes_on_its_longest_path() {
    let hash = Hash::leaf(b"");
    let proof = vec![hash; 64];
    let size = TreeSize(u64::MAX);
    assert!(root_from_inclusion(&hash, LeafIndex(0), size, &proof).is_ok());
    let longer = vec![hash; 65];
    let verdict = root_from_inclusion(&hash, LeafIndex(0), size, &longer);
    assert_eq!(verdict, Err(ProofError::WrongLength));
}

/// Sizes at which a careless shift or addition overflows.
fn edge() -> impl Strategy<Value = u64> {
    prop_oneof![
        0u64..20,
        any::<u64>(),
        (u64::MAX - 20)..=u64::MAX,
        (0u32..64).prop_map(|bit| 1 << bit),
        (0u32..64).prop_map(|bit| (1 << bit) - 1),
    ]
}

proptest! {
    #[test]
    fn verification_is_total(
        index in edge(), old in edge(), new in edge(), count in 0usize..70,
    ) {
        let hash = Hash::leaf(b"x");
        let proof = vec![hash; count];
        let inclusion =
            verify_inclusion(&hash, LeafIndex(index), TreeSize(new), &proof, &hash);
        prop_assert_eq!(inclusion.is_ok(), index == 0 && new == 1 && count == 0);
        let consistency =
            verify_consistency(TreeSize(old), TreeSize(new), &proof, &hash, &hash);
        prop_assert_eq!(consistency.is_ok(), old == new && old > 0 && count == 0);
        let reached =
            root_from_consistency(TreeSize(old), TreeSize(new), &proof, &hash);
        prop_assert_eq!(reached == Ok(hash), consistency.is_ok());
        if let Ok(subtree) = Subtree::new(LeafIndex(old), TreeSize(new)) {
            let size = TreeSize(index);
            let _ = verify_subtree_consistency(subtree, size, &proof, &hash, &hash);
            let _ = verify_subtree_inclusion(&hash, LeafIndex(index), subtree, &proof, &hash);
        }
    }

    #[test]
    fn a_changed_proof_is_refused(
        size in 2u64..200, pick in any::<prop::sample::Index>(),
        spot in any::<prop::sample::Index>(), bit in 0usize..256,
    ) {
        let leaves = leaves(size);
        let table = table(&leaves);
        let index = pick.index(leaves.len());
        let (place, size) = (LeafIndex(at(index)), TreeSize(size));
        let root = table.frontier().root();
        let mut proof = prove_inclusion(&table, place, size).unwrap();
        let leaf = &leaves[index];
        prop_assert_eq!(verify_inclusion(leaf, place, size, &proof, &root), Ok(()));
        let spot = spot.index(proof.len());
        let mut bytes = *proof[spot].as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        proof[spot] = Hash::from_bytes(bytes);
        let verdict = verify_inclusion(leaf, place, size, &proof, &root);
        prop_assert_eq!(verdict, Err(ProofError::RootMismatch));
        proof.pop();
        let verdict = verify_inclusion(leaf, place, size, &proof, &root);
        prop_assert_eq!(verdict, Err(ProofError::WrongLength));
    }
}
