//! Hashes of the Merkle tree: RFC 9162 section 2.1.1 (the same tree as RFC 6962), SHA-256.

use core::fmt;

use sha2::{Digest as _, Sha256};

use crate::lexeme::{base64_decode, base64_encode};

/// Domain byte before an entry (RFC 9162 section 2.1.1).
const LEAF_PREFIX: u8 = 0x00;

/// Domain byte before two child hashes (RFC 9162 section 2.1.1).
const NODE_PREFIX: u8 = 0x01;

/// A SHA-256 value in the tree: of a leaf, of a node, or of a whole tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Bytes of a hash.
    pub const LEN: usize = 32;

    /// The root of the tree without leaves: SHA-256 of nothing.
    pub const EMPTY_ROOT: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    /// Takes a value that was computed elsewhere.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A hash of exactly 32 bytes, or `None`.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The hash of a leaf: SHA-256(0x00 || entry).
    pub fn leaf(entry: &[u8]) -> Self {
        let digest = Sha256::new_with_prefix([LEAF_PREFIX]).chain_update(entry);
        Self(digest.finalize().into())
    }

    /// The hash of an inner node: SHA-256(0x01 || left || right).
    pub fn node(left: &Self, right: &Self) -> Self {
        let digest = Sha256::new_with_prefix([NODE_PREFIX])
            .chain_update(left.0)
            .chain_update(right.0);
        Self(digest.finalize().into())
    }

    /// Padded standard base64, as checkpoints and proofs write hashes.
    pub fn to_base64(self) -> String {
        base64_encode(&self.0)
    }

    /// Reads what [`Hash::to_base64`] writes, and nothing else.
    pub fn from_base64(text: &str) -> Option<Self> {
        Self::from_slice(&base64_decode(text)?)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Hash({})", self.to_base64())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_base64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hash: Hash, expect: &str) {
        assert_eq!(hash.to_base64(), expect);
        assert_eq!(Hash::from_base64(expect), Some(hash));
    }

    #[test]
    fn known_hashes() {
        check(
            Hash::EMPTY_ROOT,
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        );
        assert_eq!(Hash::EMPTY_ROOT.0, <[u8; 32]>::from(Sha256::digest([])));
        // SHA-256 of one zero byte: the leaf of an empty entry.
        check(
            Hash::leaf(b""),
            "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=",
        );
        let leaf = Hash::leaf(b"");
        let mut message = vec![1];
        message.extend_from_slice(leaf.as_bytes());
        message.extend_from_slice(leaf.as_bytes());
        assert_eq!(
            Hash::node(&leaf, &leaf).0,
            <[u8; 32]>::from(Sha256::digest(message))
        );
    }

    #[test]
    fn only_32_bytes_are_a_hash() {
        assert_eq!(Hash::from_slice(&[0; 31]), None);
        assert_eq!(Hash::from_slice(&[0; 33]), None);
        assert_eq!(Hash::from_base64("AAAA"), None);
    }
}
