//! Ed25519: RFC 8032, with the one acceptance rule of this log, `verify_strict`.
//!
//! Verifiers disagree on signatures with points of small order and on cofactors. The strict rule
//! accepts only what every single-signature verifier accepts, so nobody can make a signature that
//! the log takes and another verifier refuses. A batch check follows other rules and is never used.

use ed25519_dalek::{Signature, VerifyingKey};

/// Bytes of a public key.
pub const PUBLIC_KEY_BYTES: usize = 32;

/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;

/// Whether this is the key's signature over the message, by the strict rule. False for a key that
/// is no point, and for a signature that does not have 64 bytes.
pub fn verify_strict(public_key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    VerifyingKey::from_bytes(public_key).is_ok_and(|key| verify(&key, message, signature))
}

pub(crate) fn verify(key: &VerifyingKey, message: &[u8], signature: &[u8]) -> bool {
    let signature = Signature::from_slice(signature);
    signature.is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The point of order one as key and as R, and S = 0: by the equation of RFC 8032 a signature
    /// over every message. Nobody has that secret key, so nobody may have signed.
    #[test]
    fn a_key_of_small_order_signs_nothing() {
        let mut point = [0; PUBLIC_KEY_BYTES];
        point[0] = 1;
        let mut signature = [0; SIGNATURE_BYTES];
        signature[0] = 1;
        assert!(VerifyingKey::from_bytes(&point).is_ok());
        assert!(!verify_strict(&point, b"anything", &signature));
    }
}
