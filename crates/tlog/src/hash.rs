//! Hashes of the Merkle tree: RFC 9162 section 2.1.1 (the same tree as RFC 6962), SHA-256.

use core::fmt;

use aws_lc_rs::digest::{Context, SHA256, digest};

use crate::lexeme::{base64_decode, base64_encode};

/// Domain byte before an entry (RFC 9162 section 2.1.1).
const LEAF_PREFIX: u8 = 0x00;

/// Domain byte before two child hashes (RFC 9162 section 2.1.1).
const NODE_PREFIX: u8 = 0x01;

/// Bytes of an entry that are hashed in one call.
const HELD_BYTES: usize = 128;

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
        // Entries of a log of digests are short: one call spares the state of a hash in progress.
        let mut held = [LEAF_PREFIX; 1 + HELD_BYTES];
        if let Some(place) = held.get_mut(1..=entry.len()) {
            place.copy_from_slice(entry);
            let bytes = held.get(..=entry.len()).unwrap_or_default();
            return Self::narrow(digest(&SHA256, bytes).as_ref());
        }
        let mut state = Context::new(&SHA256);
        state.update(&[LEAF_PREFIX]);
        state.update(entry);
        Self::narrow(state.finish().as_ref())
    }

    /// The hash of an inner node: SHA-256(0x01 || left || right).
    pub fn node(left: &Self, right: &Self) -> Self {
        let mut bytes = [NODE_PREFIX; 1 + 2 * Self::LEN];
        for (place, half) in bytes[1..].chunks_exact_mut(Self::LEN).zip([left, right]) {
            place.copy_from_slice(&half.0);
        }
        Self::narrow(digest(&SHA256, &bytes).as_ref())
    }

    fn narrow(digest: &[u8]) -> Self {
        Self(digest.try_into().expect("SHA-256 has 32 bytes"))
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
    use sha2::Digest as _;

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
        assert_eq!(
            Hash::EMPTY_ROOT.0,
            <[u8; 32]>::from(sha2::Sha256::digest([]))
        );
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
            <[u8; 32]>::from(sha2::Sha256::digest(message))
        );
    }

    #[test]
    fn only_32_bytes_are_a_hash() {
        assert_eq!(Hash::from_slice(&[0; 31]), None);
        assert_eq!(Hash::from_slice(&[0; 33]), None);
        assert_eq!(Hash::from_base64("AAAA"), None);
    }
}
