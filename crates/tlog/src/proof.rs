//! Merkle proofs: RFC 9162 sections 2.1.3 (inclusion) and 2.1.4 (consistency), and the subtree
//! forms of draft-ietf-plants-merkle-tree-certs section 4, of which the two others are cases.
//!
//! Verification is total: any sizes, any number of hashes, no panic, work bounded by the depth of
//! the tree. A proof that is longer or shorter than the one right length is refused.

use crate::hash::Hash;
use crate::tree::{LeafIndex, NodeMissing, NodeReader, TreeSize, range_hash};

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf or subtree does not lie inside the tree, or the sizes are the wrong way round.
    #[error("the index or size lies outside the tree")]
    OutOfRange,
    /// `start` is not a multiple of the next power of two of the subtree's width.
    #[error("these leaves are not a subtree")]
    NotASubtree,
    /// Every tree extends the empty one; a proof of that says nothing, so none is accepted.
    #[error("a consistency proof from the empty tree says nothing")]
    EmptyTree,
    /// Too many or too few hashes for this place in a tree of this size.
    #[error("the proof has the wrong number of hashes")]
    WrongLength,
    /// The hashes lead to another root.
    #[error("the proof leads to another root")]
    RootMismatch,
}

impl ProofError {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OutOfRange => "proof_out_of_range",
            Self::NotASubtree => "proof_not_a_subtree",
            Self::EmptyTree => "proof_empty_tree",
            Self::WrongLength => "proof_wrong_length",
            Self::RootMismatch => "proof_root_mismatch",
        }
    }
}

/// Why no proof could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MakeProofError {
    /// There is no such proof: ask for another.
    #[error(transparent)]
    Refused(#[from] ProofError),
    /// The store lacks a node: fetch it and ask again.
    #[error(transparent)]
    Missing(#[from] NodeMissing),
}

impl MakeProofError {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(why) => why.code(),
            Self::Missing(node) => node.code(),
        }
    }
}

/// Leaves [start, end) that form a subtree: `start` is a multiple of the next power of two of
/// `end - start`. May be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtree {
    start: u64,
    end: u64,
}

impl Subtree {
    /// Leaves from `start` up to, not including, `end`.
    ///
    /// # Errors
    /// [`ProofError::OutOfRange`] if they are the wrong way round, [`ProofError::NotASubtree`] if
    /// they do not form one.
    pub const fn new(start: LeafIndex, end: TreeSize) -> Result<Self, ProofError> {
        let (start, end) = (start.0, end.0);
        if end < start {
            return Err(ProofError::OutOfRange);
        }
        let aligned = match (end - start).checked_next_power_of_two() {
            Some(width) => start % width == 0,
            // The next power of two is 2^64: only 0 is a multiple of it.
            None => start == 0,
        };
        if aligned {
            Ok(Self { start, end })
        } else {
            Err(ProofError::NotASubtree)
        }
    }

    /// The first `size` leaves: a whole tree.
    pub const fn prefix(size: TreeSize) -> Self {
        Self {
            start: 0,
            end: size.0,
        }
    }

    /// Index of the first leaf.
    pub const fn start(&self) -> LeafIndex {
        LeafIndex(self.start)
    }

    /// One more than the index of the last leaf.
    pub const fn end(&self) -> TreeSize {
        TreeSize(self.end)
    }
}

/// Makes the inclusion proof of a leaf in the tree of a size: hashes from the leaf's sibling
/// upwards (RFC 9162 section 2.1.3.1).
///
/// # Errors
/// [`MakeProofError::Refused`] if the leaf is not in the tree, [`MakeProofError::Missing`] if the
/// reader lacks a node.
pub fn prove_inclusion(
    nodes: &impl NodeReader,
    index: LeafIndex,
    size: TreeSize,
) -> Result<Vec<Hash>, MakeProofError> {
    if index.0 >= size.0 {
        return Err(ProofError::OutOfRange.into());
    }
    let leaf = Subtree {
        start: index.0,
        end: index.0 + 1,
    };
    prove_subtree_consistency(nodes, leaf, size)
}

/// Checks that the leaf with this hash stands at `index` in the tree of `size` leaves with this
/// root (RFC 9162 section 2.1.3.2).
///
/// # Errors
/// Why the proof does not hold.
pub fn verify_inclusion(
    leaf: &Hash,
    index: LeafIndex,
    size: TreeSize,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    let computed = root_from_inclusion(leaf, index, size, proof)?;
    if computed == *root {
        Ok(())
    } else {
        Err(ProofError::RootMismatch)
    }
}

/// The root that an inclusion proof leads to, for formats in which the root is not carried (a COSE
/// receipt, RFC 9942, detaches it).
///
/// # Errors
/// [`ProofError::OutOfRange`] or [`ProofError::WrongLength`].
pub fn root_from_inclusion(
    leaf: &Hash,
    index: LeafIndex,
    size: TreeSize,
    proof: &[Hash],
) -> Result<Hash, ProofError> {
    if index.0 >= size.0 {
        return Err(ProofError::OutOfRange);
    }
    let mut path = Path {
        from: index.0,
        node: index.0,
        last: size.0 - 1,
    };
    let mut hash = *leaf;
    for sibling in proof {
        hash = match path.climb()? {
            Side::Left => Hash::node(sibling, &hash),
            Side::Right => Hash::node(&hash, sibling),
        };
    }
    path.finish().map(|()| hash)
}

/// Makes the consistency proof between two sizes of one tree (RFC 9162 section 2.1.4.1).
///
/// # Errors
/// [`MakeProofError::Refused`] if `old` is 0 or beyond `new`, [`MakeProofError::Missing`] if the
/// reader lacks a node.
pub fn prove_consistency(
    nodes: &impl NodeReader,
    old: TreeSize,
    new: TreeSize,
) -> Result<Vec<Hash>, MakeProofError> {
    if old.0 == 0 {
        return Err(ProofError::EmptyTree.into());
    }
    prove_subtree_consistency(nodes, Subtree::prefix(old), new)
}

/// Checks that the tree of `old` leaves is a prefix of the tree of `new` leaves
/// (RFC 9162 section 2.1.4.2). Stricter than the RFC in one place: from size 0 nothing is
/// accepted, because nothing is proved; a caller who meets a log for the first time says so.
///
/// # Errors
/// Why the proof does not hold.
pub fn verify_consistency(
    old: TreeSize,
    new: TreeSize,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> Result<(), ProofError> {
    if old.0 == 0 {
        return Err(ProofError::EmptyTree);
    }
    verify_subtree_consistency(Subtree::prefix(old), new, proof, old_root, new_root)
}

/// The root of the tree of `new` leaves that a consistency proof leads to from the root of the tree
/// of `old` leaves, for formats in which the new root is not carried (a COSE receipt, RFC 9942,
/// detaches it).
///
/// # Errors
/// Those of [`verify_consistency`]; [`ProofError::RootMismatch`] if the proof does not hold for the
/// old root.
pub fn root_from_consistency(
    old: TreeSize,
    new: TreeSize,
    proof: &[Hash],
    old_root: &Hash,
) -> Result<Hash, ProofError> {
    if old.0 == 0 {
        return Err(ProofError::EmptyTree);
    }
    if old.0 > new.0 {
        return Err(ProofError::OutOfRange);
    }
    let (reached, root) = roots_from_subtree(Subtree::prefix(old), new, proof, old_root)?;
    if reached == *old_root {
        Ok(root)
    } else {
        Err(ProofError::RootMismatch)
    }
}

/// Checks that a leaf lies in a subtree with this root: the inclusion proof of the subtree taken
/// as a tree of its own (draft-ietf-plants-merkle-tree-certs section 4.3).
///
/// # Errors
/// Why the proof does not hold.
pub fn verify_subtree_inclusion(
    leaf: &Hash,
    index: LeafIndex,
    subtree: Subtree,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    let within = index
        .0
        .checked_sub(subtree.start)
        .ok_or(ProofError::OutOfRange)?;
    let width = TreeSize(subtree.end - subtree.start);
    verify_inclusion(leaf, LeafIndex(within), width, proof, root)
}

/// Makes the proof that a subtree belongs to the tree of a size
/// (draft-ietf-plants-merkle-tree-certs section 4.4.1). Of an empty subtree it is empty.
///
/// # Errors
/// [`MakeProofError::Refused`] if the subtree reaches beyond the tree, [`MakeProofError::Missing`]
/// if the reader lacks a node.
pub fn prove_subtree_consistency(
    nodes: &impl NodeReader,
    subtree: Subtree,
    size: TreeSize,
) -> Result<Vec<Hash>, MakeProofError> {
    let Subtree { start, end } = subtree;
    if end > size.0 {
        return Err(ProofError::OutOfRange.into());
    }
    if start == end {
        return Ok(Vec::new());
    }
    let (mut low, mut high) = (0, size.0);
    // What of the subtree lies in [low, high). Once a piece of it is in the proof, the verifier no
    // longer has the hash of the rest.
    let (mut from, mut known) = (start, true);
    let mut proof = Vec::new();
    while (low, high) != (from, end) {
        let middle = low + split(high - low);
        if end <= middle {
            proof.push(range_hash(nodes, middle, high)?);
            high = middle;
        } else {
            proof.push(range_hash(nodes, low, middle)?);
            if from < middle {
                (from, known) = (middle, false);
            }
            low = middle;
        }
    }
    if !known {
        proof.push(range_hash(nodes, low, high)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks that a subtree with this hash belongs to the tree of `size` leaves with this root
/// (draft-ietf-plants-merkle-tree-certs section 4.4.2). An empty subtree belongs to every tree
/// that reaches it; its hash is [`Hash::EMPTY_ROOT`] and the tree's root is not looked at.
///
/// # Errors
/// Why the proof does not hold.
pub fn verify_subtree_consistency(
    subtree: Subtree,
    size: TreeSize,
    proof: &[Hash],
    subtree_hash: &Hash,
    root: &Hash,
) -> Result<(), ProofError> {
    let Subtree { start, end } = subtree;
    if end > size.0 {
        return Err(ProofError::OutOfRange);
    }
    if start == end {
        return match (proof, *subtree_hash == Hash::EMPTY_ROOT) {
            ([], true) => Ok(()),
            ([], false) => Err(ProofError::RootMismatch),
            _ => Err(ProofError::WrongLength),
        };
    }
    let (old, new) = roots_from_subtree(subtree, size, proof, subtree_hash)?;
    let holds = old == *subtree_hash && new == *root;
    if holds {
        Ok(())
    } else {
        Err(ProofError::RootMismatch)
    }
}

/// The hash of the subtree, which is not empty and lies in the tree, and the root of the tree, as
/// the proof leads to them from `subtree_hash`. The proof holds only if the first is that hash.
fn roots_from_subtree(
    subtree: Subtree,
    size: TreeSize,
    proof: &[Hash],
    subtree_hash: &Hash,
) -> Result<(Hash, Hash), ProofError> {
    let Subtree { start, end } = subtree;
    let mut path = Path {
        from: start,
        node: end - 1,
        last: size.0 - 1,
    };
    let (seed, proof) = if path.descend_to_seed() {
        (*subtree_hash, proof)
    } else {
        let (seed, rest) = proof.split_first().ok_or(ProofError::WrongLength)?;
        (*seed, rest)
    };
    let (mut old, mut new) = (seed, seed);
    for sibling in proof {
        let inside = path.from < path.node;
        match path.climb()? {
            Side::Left => {
                if inside {
                    old = Hash::node(sibling, &old);
                }
                new = Hash::node(sibling, &new);
            }
            Side::Right => new = Hash::node(&new, sibling),
        }
    }
    path.finish()?;
    Ok((old, new))
}

/// Largest power of two below `width`, for a width of 2 or more.
const fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

/// On which side of the path a sibling stands.
enum Side {
    Left,
    Right,
}

/// A climb from a node to the root. All three are indexes at the level reached so far: of the
/// subtree's first leaf, of the node, and of the last leaf of the tree.
struct Path {
    from: u64,
    node: u64,
    last: u64,
}

impl Path {
    /// Rises to the largest complete subtree at the end of the subtree. True if that is the whole
    /// subtree, whose hash the verifier has; otherwise the proof starts with its hash.
    fn descend_to_seed(&mut self) -> bool {
        let at_edge = self.node == self.last;
        while self.from != self.node && (at_edge || self.node & 1 == 1) {
            self.rise();
        }
        self.from == self.node
    }

    /// Takes one sibling and rises above it.
    fn climb(&mut self) -> Result<Side, ProofError> {
        if self.last == 0 {
            return Err(ProofError::WrongLength);
        }
        if self.node & 1 == 0 && self.node != self.last {
            self.rise();
            return Ok(Side::Right);
        }
        // On the right edge an even node has no sibling on its level: it rises until it has one.
        while self.node & 1 == 0 {
            self.rise();
        }
        self.rise();
        Ok(Side::Left)
    }

    const fn rise(&mut self) {
        self.from >>= 1;
        self.node >>= 1;
        self.last >>= 1;
    }

    /// The climb must have ended at the root.
    const fn finish(&self) -> Result<(), ProofError> {
        if self.last == 0 {
            Ok(())
        } else {
            Err(ProofError::WrongLength)
        }
    }
}

#[cfg(test)]
mod tests;
