//! The proofs of RFC9162_SHA256 as RFC 9942 §5 writes them.

use countersign_model::cbor::{Value, Writer, decode_any_order};
use countersign_tlog::limits::INCLUSION_HASHES_MAX;
use countersign_tlog::proof::{ProofError, root_from_consistency, root_from_inclusion};
use countersign_tlog::{Hash, LeafIndex, TreeSize};

use super::error::CoseReceiptError as Error;

/// That a leaf is in a tree: `[tree-size, leaf-index, inclusion-path]` (RFC 9942 §5.2). The path
/// has exactly the length that size and index ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    size: TreeSize,
    index: LeafIndex,
    path: Vec<Hash>,
}

/// That a tree is the beginning of another: `[tree-size-1, tree-size-2, consistency-path]`
/// (RFC 9942 §5.3). The path has exactly the length that the sizes ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyProof {
    old_size: TreeSize,
    new_size: TreeSize,
    path: Vec<Hash>,
}

impl InclusionProof {
    /// A proof of the leaf at `index` in the tree of `size` leaves; `path` from the leaf's sibling
    /// upwards. A tree of one leaf has none: its path would be empty, and RFC 9942 asks for one hash
    /// or more.
    ///
    /// # Errors
    /// `zero_size_tree`, `index_beyond_tree`, `path_length_wrong`.
    pub fn new(size: TreeSize, index: LeafIndex, path: Vec<Hash>) -> Result<Self, Error> {
        let proof = Self { size, index, path };
        if size.0 == 0 {
            return Err(Error::ZeroSizeTree);
        }
        if index >= LeafIndex(size.0) {
            return Err(Error::IndexBeyondTree);
        }
        // Which leaf does not matter for the length.
        let fits = !proof.path.is_empty() && proof.root(&Hash::EMPTY_ROOT).is_some();
        fits.then_some(proof).ok_or(Error::PathLengthWrong)
    }

    /// Leaves of the tree, as stated.
    #[must_use]
    pub const fn size(&self) -> TreeSize {
        self.size
    }

    /// Place of the leaf, as stated.
    #[must_use]
    pub const fn index(&self) -> LeafIndex {
        self.index
    }

    /// From the leaf's sibling upwards.
    #[must_use]
    pub fn path(&self) -> &[Hash] {
        &self.path
    }

    /// The root that the proof leads to; there is one for every proof that was made.
    pub(super) fn root(&self, leaf: &Hash) -> Option<Hash> {
        root_from_inclusion(leaf, self.index, self.size, &self.path).ok()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        encode(self.size.0, self.index.0, &self.path)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let (size, index, path) = decode(bytes)?;
        Self::new(TreeSize(size), LeafIndex(index), path)
    }
}

impl ConsistencyProof {
    /// A proof that the tree of `old_size` leaves is the beginning of that of `new_size`; `path` as
    /// in RFC 9162 §2.1.4.1. Of one tree with itself there is none: the path would be empty.
    ///
    /// # Errors
    /// `zero_size_tree`, `sizes_reversed`, `path_length_wrong`.
    pub fn new(old_size: TreeSize, new_size: TreeSize, path: Vec<Hash>) -> Result<Self, Error> {
        let proof = Self {
            old_size,
            new_size,
            path,
        };
        // Which root does not matter for the sizes and the length.
        match proof.reach(&Hash::EMPTY_ROOT) {
            Err(ProofError::EmptyTree) => Err(Error::ZeroSizeTree),
            Err(ProofError::OutOfRange) => Err(Error::SizesReversed),
            Ok(_) | Err(ProofError::RootMismatch) if !proof.path.is_empty() => Ok(proof),
            _ => Err(Error::PathLengthWrong),
        }
    }

    /// Leaves of the older tree, as stated.
    #[must_use]
    pub const fn old_size(&self) -> TreeSize {
        self.old_size
    }

    /// Leaves of the newer tree, as stated.
    #[must_use]
    pub const fn new_size(&self) -> TreeSize {
        self.new_size
    }

    /// As in RFC 9162 §2.1.4.1.
    #[must_use]
    pub fn path(&self) -> &[Hash] {
        &self.path
    }

    fn reach(&self, old_root: &Hash) -> Result<Hash, ProofError> {
        root_from_consistency(self.old_size, self.new_size, &self.path, old_root)
    }

    /// The new root that the proof leads to, if it holds for the old one.
    pub(super) fn new_root(&self, old_root: &Hash) -> Option<Hash> {
        self.reach(old_root).ok()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        encode(self.old_size.0, self.new_size.0, &self.path)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let (old_size, new_size, path) = decode(bytes)?;
        Self::new(TreeSize(old_size), TreeSize(new_size), path)
    }
}

/// `[uint, uint, [hash]]`, the form of both proofs.
fn encode(first: u64, second: u64, path: &[Hash]) -> Vec<u8> {
    let mut out = Writer::default();
    out.array(3);
    out.uint(first);
    out.uint(second);
    out.array(path.len());
    for hash in path {
        out.bytes(hash.as_bytes());
    }
    out.into_bytes()
}

fn decode(bytes: &[u8]) -> Result<(u64, u64, Vec<Hash>), Error> {
    let value = decode_any_order(bytes).map_err(Error::Cbor)?;
    let Some([Value::Uint(first), Value::Uint(second), Value::Array(path)]) = value.as_array()
    else {
        return Err(Error::ProofMalformed);
    };
    // A consistency proof has at most one hash more than an inclusion proof.
    if path.len() > INCLUSION_HASHES_MAX + 1 {
        return Err(Error::TooLarge);
    }
    let hash = |item: &Value<'_>| item.as_bytes().and_then(Hash::from_slice);
    let path: Option<Vec<Hash>> = path.iter().map(hash).collect();
    Ok((*first, *second, path.ok_or(Error::ProofMalformed)?))
}
