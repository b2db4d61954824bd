//! ML-DSA-44: FIPS 204, pure (no pre-hash), with an empty context string.

use aws_lc_rs::signature::{ML_DSA_44, UnparsedPublicKey};

/// Bytes of a public key.
pub const PUBLIC_KEY_BYTES: usize = 1_312;

/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 2_420;

/// Bytes of the seed that a private key is kept as (FIPS 204, Algorithm 1: xi).
pub const SEED_BYTES: usize = 32;

/// Whether this is the key's signature over the message. False for a key or signature of another
/// length, and for a signature that is not in its one encoding.
pub fn verify(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let lengths = (public_key.len(), signature.len());
    lengths == (PUBLIC_KEY_BYTES, SIGNATURE_BYTES)
        && UnparsedPublicKey::new(&ML_DSA_44, public_key)
            .verify(message, signature)
            .is_ok()
}
