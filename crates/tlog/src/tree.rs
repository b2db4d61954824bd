//! The tree that only grows: RFC 9162 section 2.1, kept by its right edge.
//!
//! A [`Frontier`] holds the roots of the complete subtrees of a size, one for each bit that is set
//! in it; that is all a log needs to append and to name its root. Every node that an append
//! completes is handed out once, for tiles. A [`NodeReader`] gives such nodes back, for proofs.

use crate::hash::Hash;

/// Number of leaves of a tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeSize(pub u64);

/// Place of a leaf, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafIndex(pub u64);

/// A tree has 2^64 - 1 leaves: one more would not have a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the tree is full")]
pub struct TreeFull;

impl TreeFull {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        "tree_full"
    }
}

/// A node that a reader should have and did not give: fetch it, or the store is incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("node {index} at level {level} is missing")]
pub struct NodeMissing {
    /// The node covers 2^level leaves.
    pub level: u8,
    /// Its place among the nodes of its level, counted from 0.
    pub index: u64,
}

impl NodeMissing {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        "node_missing"
    }
}

/// Gives the hashes of complete subtrees.
pub trait NodeReader {
    /// MTH(D[index * 2^level : (index + 1) * 2^level]), or `None` where the tree is not that large
    /// or the store does not have it. `level` 0 is the leaf hashes.
    fn node(&self, level: u8, index: u64) -> Option<Hash>;
}

impl<R: NodeReader + ?Sized> NodeReader for &R {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        (**self).node(level, index)
    }
}

/// The right edge of a tree: the roots of its complete subtrees, the largest (leftmost) first.
///
/// Invariant: as many roots as bits are set in the size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// The tree without leaves.
    pub const fn new() -> Self {
        Self {
            size: 0,
            roots: Vec::new(),
        }
    }

    /// Restores a frontier from its size and [`Frontier::roots`]; `None` if their number does not
    /// fit the size.
    pub fn from_roots(size: TreeSize, roots: Vec<Hash>) -> Option<Self> {
        let fits = u32::try_from(roots.len()) == Ok(size.0.count_ones());
        fits.then_some(Self {
            size: size.0,
            roots,
        })
    }

    /// Reads the frontier of a tree of this size out of stored nodes.
    ///
    /// # Errors
    /// [`NodeMissing`] names the first node that the reader does not have.
    pub fn read(nodes: &impl NodeReader, size: TreeSize) -> Result<Self, NodeMissing> {
        let roots = complete_roots(nodes, 0, size.0)?;
        Ok(Self {
            size: size.0,
            roots,
        })
    }

    /// Number of leaves.
    pub const fn size(&self) -> TreeSize {
        TreeSize(self.size)
    }

    /// Roots of the complete subtrees, the largest first.
    pub fn roots(&self) -> &[Hash] {
        &self.roots
    }

    /// The root of the tree (RFC 9162 section 2.1.1); of no leaves, [`Hash::EMPTY_ROOT`].
    pub fn root(&self) -> Hash {
        join(&self.roots)
    }

    /// Appends a leaf hash. `completed(level, index, hash)` is called for every node that is now
    /// complete: the leaf itself (level 0), then its parents upwards.
    ///
    /// # Errors
    /// [`TreeFull`] at 2^64 - 1 leaves; nothing changed then.
    pub fn append(
        &mut self,
        leaf: Hash,
        completed: impl FnMut(u8, u64, Hash),
    ) -> Result<LeafIndex, TreeFull> {
        let index = self.size;
        let size = index.checked_add(1).ok_or(TreeFull)?;
        self.carry(leaf, completed);
        self.size = size;
        Ok(LeafIndex(index))
    }

    /// Adds one to the binary counter that the roots are: each bit that was set joins its root to
    /// the left of the node that rises.
    fn carry(&mut self, leaf: Hash, mut completed: impl FnMut(u8, u64, Hash)) {
        let mut hash = leaf;
        let mut index = self.size;
        let mut level = 0;
        completed(level, index, hash);
        while index & 1 == 1 {
            let left = self
                .roots
                .pop()
                .expect("one root for each bit set in the size");
            hash = Hash::node(&left, &hash);
            index >>= 1;
            level += 1;
            completed(level, index, hash);
        }
        self.roots.push(hash);
    }
}

/// Every node of a small tree, in memory: the oracle of stores, and enough for whole-log checks of
/// what fits (64 bytes a leaf).
#[derive(Clone, Debug, Default)]
pub struct NodeTable {
    frontier: Frontier,
    levels: Vec<Vec<Hash>>,
}

impl NodeTable {
    /// The tree without leaves.
    pub const fn new() -> Self {
        Self {
            frontier: Frontier::new(),
            levels: Vec::new(),
        }
    }

    /// Appends a leaf hash.
    ///
    /// # Errors
    /// [`TreeFull`] at 2^64 - 1 leaves.
    pub fn append(&mut self, leaf: Hash) -> Result<LeafIndex, TreeFull> {
        let levels = &mut self.levels;
        self.frontier.append(leaf, |level, _, hash| {
            match levels.get_mut(usize::from(level)) {
                Some(row) => row.push(hash),
                None => levels.push(vec![hash]),
            }
        })
    }

    /// The right edge.
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }
}

impl NodeReader for NodeTable {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        let row = self.levels.get(usize::from(level))?;
        row.get(usize::try_from(index).ok()?).copied()
    }
}

/// The root that the tree had at a size, from stored nodes.
///
/// # Errors
/// [`NodeMissing`] names the first node that the reader does not have.
pub fn root_at(nodes: &impl NodeReader, size: TreeSize) -> Result<Hash, NodeMissing> {
    Frontier::read(nodes, size).map(|frontier| frontier.root())
}

/// MTH(D[start:end]) where `start` is a multiple of the next power of two of the width, as it is
/// for every subtree that proofs meet.
pub(crate) fn range_hash(
    nodes: &impl NodeReader,
    start: u64,
    end: u64,
) -> Result<Hash, NodeMissing> {
    complete_roots(nodes, start, end).map(|roots| join(&roots))
}

/// Roots of the complete subtrees that D[start:end] splits into, the largest first.
fn complete_roots(nodes: &impl NodeReader, start: u64, end: u64) -> Result<Vec<Hash>, NodeMissing> {
    let width = end.saturating_sub(start);
    let mut roots = Vec::new();
    let mut position = start;
    for level in (0..64u8).rev().filter(|level| width >> level & 1 == 1) {
        let index = position >> level;
        let missing = NodeMissing { level, index };
        roots.push(nodes.node(level, index).ok_or(missing)?);
        position += 1 << level;
    }
    Ok(roots)
}

/// Joins complete subtrees, the largest first, into the root above them.
pub(crate) fn join(roots: &[Hash]) -> Hash {
    let above = |right: Hash, left: &Hash| Hash::node(left, &right);
    match roots.split_last() {
        Some((last, left)) => left.iter().rev().fold(*last, above),
        None => Hash::EMPTY_ROOT,
    }
}

/// Root above a power of two of hashes: of a full tile, the node above it. Of another number, as of a
/// tile that is damaged, it is no root that a tree has.
pub fn complete_root(hashes: &[Hash]) -> Hash {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row_above(&row);
    }
    join(&row)
}

/// The nodes over pairs of nodes; one without its pair has none yet.
pub fn row_above(row: &[Hash]) -> Vec<Hash> {
    let (pairs, _) = row.as_chunks();
    pairs
        .iter()
        .map(|[left, right]| Hash::node(left, right))
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 9162 section 2.1.1 word for word: slow, obvious, the oracle.
    pub(crate) fn naive_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::EMPTY_ROOT,
            [leaf] => *leaf,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(split);
                Hash::node(&naive_root(left), &naive_root(right))
            }
        }
    }

    pub(crate) fn leaves(count: u64) -> Vec<Hash> {
        (0..count)
            .map(|index| Hash::leaf(&index.to_be_bytes()))
            .collect()
    }

    pub(crate) fn table(leaves: &[Hash]) -> NodeTable {
        let mut table = NodeTable::new();
        for leaf in leaves {
            table.append(*leaf).unwrap();
        }
        table
    }

    fn check(size: u64) {
        let leaves = leaves(size);
        let table = table(&leaves);
        assert_eq!(table.frontier().root(), naive_root(&leaves), "size {size}");
        assert_eq!(table.frontier().size(), TreeSize(size));
        for earlier in 0..=size {
            let expect = naive_root(&leaves[..usize::try_from(earlier).unwrap()]);
            assert_eq!(
                root_at(&table, TreeSize(earlier)),
                Ok(expect),
                "{earlier} of {size}"
            );
        }
    }

    #[test]
    fn roots_agree_with_the_naive_tree() {
        for size in (0..=20).chain([31, 32, 33, 255, 256, 257]) {
            check(size);
        }
    }

    #[test]
    fn a_full_tree_refuses_and_stays() {
        let roots = vec![Hash::EMPTY_ROOT; 64];
        let mut frontier = Frontier::from_roots(TreeSize(u64::MAX), roots).unwrap();
        let before = frontier.clone();
        assert_eq!(
            frontier.append(Hash::EMPTY_ROOT, |_, _, _| ()),
            Err(TreeFull)
        );
        assert_eq!(frontier, before);
    }

    #[test]
    fn a_frontier_has_one_root_for_each_bit() {
        assert_eq!(
            Frontier::from_roots(TreeSize(3), vec![Hash::EMPTY_ROOT]),
            None
        );
        assert_eq!(
            Frontier::from_roots(TreeSize(0), vec![]),
            Some(Frontier::new())
        );
    }

    #[test]
    fn a_hole_is_named() {
        let missing = root_at(&table(&leaves(4)), TreeSize(6));
        assert_eq!(missing, Err(NodeMissing { level: 1, index: 2 }));
    }

    proptest! {
        #[test]
        fn every_completed_node_is_handed_out_once(size in 0u64..600) {
            let leaves = leaves(size);
            let mut frontier = Frontier::new();
            let mut seen = std::collections::BTreeMap::new();
            for leaf in &leaves {
                frontier.append(*leaf, |level, index, hash| {
                    assert_eq!(seen.insert((level, index), hash), None);
                }).unwrap();
            }
            let expect: u64 = (0..64).map(|level| size >> level).sum();
            prop_assert_eq!(seen.len() as u64, expect);
            for ((level, index), hash) in seen {
                let start = usize::try_from(index << level).unwrap();
                let end = usize::try_from((index + 1) << level).unwrap();
                prop_assert_eq!(hash, naive_root(&leaves[start..end]));
            }
        }

        #[test]
        fn a_frontier_resumes_where_it_stopped(first in 0u64..300, more in 0u64..300) {
            let leaves = leaves(first + more);
            let table = table(&leaves);
            let mut resumed = Frontier::read(&table, TreeSize(first)).unwrap();
            resumed = Frontier::from_roots(resumed.size(), resumed.roots().to_vec()).unwrap();
            for leaf in leaves.iter().skip(usize::try_from(first).unwrap()) {
                resumed.append(*leaf, |_, _, _| ()).unwrap();
            }
            prop_assert_eq!(&resumed, table.frontier());
        }
    }
}
