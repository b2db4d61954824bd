//! SHA-256, for digests that are made of several pieces (docs/adr/0010-sha-256-by-the-crypto-library.md).
//!
//! What the log hashes is mostly short: a few fields, a path of two hashes, a claim of some hundred
//! bytes. Such pieces are put together on the stack and hashed in one call, which spares the state
//! of a hash in progress; longer ones go through one.

use std::fmt;

use aws_lc_rs::digest::{self, Context, SHA256};

/// Bytes that are put together before a state is begun: most claims and statements fit.
const HELD_BYTES: usize = 768;

/// A hash in progress.
#[derive(Clone)]
pub struct Sha256 {
    held: [u8; HELD_BYTES],
    len: usize,
    /// Begun when the pieces outgrew what is held.
    state: Option<Context>,
}

impl Sha256 {
    /// Nothing hashed yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            held: [0; HELD_BYTES],
            len: 0,
            state: None,
        }
    }

    /// SHA-256 of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> [u8; 32] {
        narrow(&digest::digest(&SHA256, bytes))
    }

    /// Takes in the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        if let Some(state) = &mut self.state {
            return state.update(bytes);
        }
        let end = self.len.saturating_add(bytes.len());
        if let Some(place) = self.held.get_mut(self.len..end) {
            place.copy_from_slice(bytes);
            self.len = end;
            return;
        }
        let mut state = Context::new(&SHA256);
        state.update(self.held.get(..self.len).unwrap_or_default());
        state.update(bytes);
        self.state = Some(state);
    }

    /// The hash of all pieces.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        match self.state {
            Some(state) => narrow(&state.finish()),
            None => Self::of(self.held.get(..self.len).unwrap_or_default()),
        }
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sha256(…)")
    }
}

fn narrow(digest: &digest::Digest) -> [u8; 32] {
    let bytes: Result<[u8; 32], _> = digest.as_ref().try_into();
    bytes.expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::Digest as _;

    use super::*;

    proptest! {
        #[test]
        fn pieces_of_any_length_give_the_hash_of_their_bytes(
            pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..500), 0..6)
        ) {
            let mut hash = Sha256::new();
            for piece in &pieces {
                hash.update(piece);
            }
            let expect: [u8; 32] = sha2::Sha256::digest(pieces.concat()).into();
            prop_assert_eq!(hash.finish(), expect);
            prop_assert_eq!(Sha256::of(&pieces.concat()), expect);
        }
    }

    #[test]
    fn the_edge_of_what_is_held() {
        for len in [
            0,
            1,
            HELD_BYTES - 1,
            HELD_BYTES,
            HELD_BYTES + 1,
            3 * HELD_BYTES,
        ] {
            let bytes = vec![7; len];
            let mut hash = Sha256::new();
            hash.update(&bytes);
            hash.update(&[]);
            let expect: [u8; 32] = sha2::Sha256::digest(&bytes).into();
            assert_eq!(hash.finish(), expect, "{len}");
        }
    }
}
