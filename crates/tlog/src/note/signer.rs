//! Who signs notes: c2sp.org/signed-note, seen from the side of the private key.

use core::fmt;

use aws_lc_rs::signature::{KeyPair as _, ML_DSA_44_SIGNING, PqdsaKeyPair};
use ed25519_dalek::{Signer as _, SigningKey};

use crate::ml_dsa;
use crate::note::key::{KeyName, SignatureType, VerifierKey};

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The holder of the key did not answer or refused: the world failed, not the input.
    #[error("the signer could not sign")]
    Unavailable,
    /// A key of this type does not sign this.
    #[error("a key of this type does not sign this")]
    WrongKeyType,
    /// Not a text that a note can carry.
    #[error("the text cannot be the text of a note")]
    BadText,
    /// The note has as many signatures as it may have, or none was asked for.
    #[error("a note has 1 to 160 signatures")]
    SignatureCount,
    /// A log signs no checkpoint below two leaves.
    #[error("no checkpoint of a size below 2 is signed")]
    CheckpointTooSmall,
    /// Zero, or above 2^63 - 1.
    #[error("not a time that a cosignature can carry")]
    BadTime,
}

impl SignError {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable => "signer_unavailable",
            Self::WrongKeyType => "sign_wrong_key_type",
            Self::BadText => "sign_bad_text",
            Self::SignatureCount => "sign_signature_count",
            Self::CheckpointTooSmall => "sign_checkpoint_too_small",
            Self::BadTime => "sign_bad_time",
        }
    }
}

/// Holder of a private key, in memory or in hardware. What is signed and how it is framed follows
/// from the type of the key; a signer only ever sees the message.
pub trait Signer {
    /// The public half, with the name and the signature type.
    fn key(&self) -> &VerifierKey;

    /// The bare signature over these bytes, without key id or time.
    ///
    /// # Errors
    /// [`SignError::Unavailable`].
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// An ML-DSA-44 key in memory, for cosignatures of type 0x06. Signatures are hedged (FIPS 204,
/// Section 3.4): the library draws fresh random bytes, so no two are equal.
pub struct MlDsa44Signer {
    key: VerifierKey,
    private: PqdsaKeyPair,
}

impl MlDsa44Signer {
    /// A signer from the seed of FIPS 204, drawn at random by the caller.
    ///
    /// # Errors
    /// [`SignError::Unavailable`] if the library cannot make the key.
    pub fn new(name: KeyName, seed: &[u8; ml_dsa::SEED_BYTES]) -> Result<Self, SignError> {
        let private = PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, seed);
        let private = private.map_err(|_| SignError::Unavailable)?;
        let public = private.public_key().as_ref();
        let key = VerifierKey::new(name, SignatureType::SubtreeV1, public);
        let key = key.map_err(|_| SignError::Unavailable)?;
        Ok(Self { key, private })
    }
}

impl Signer for MlDsa44Signer {
    fn key(&self) -> &VerifierKey {
        &self.key
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let mut signature = vec![0; ml_dsa::SIGNATURE_BYTES];
        let signed = self.private.sign(message, &mut signature);
        signed
            .map(|_| signature)
            .map_err(|_| SignError::Unavailable)
    }
}

impl fmt::Debug for MlDsa44Signer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("MlDsa44Signer")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// An Ed25519 key in memory, wiped when dropped.
pub struct Ed25519Signer {
    key: VerifierKey,
    private: SigningKey,
}

impl Ed25519Signer {
    /// A signer from the 32-byte private key of RFC 8032, drawn at random by the caller. Use a key
    /// for one name and one type only: a cosignature does not say who made it.
    pub fn new(name: KeyName, kind: SignatureType, seed: &[u8; 32]) -> Self {
        let private = SigningKey::from_bytes(seed);
        let public = private.verifying_key();
        let key = VerifierKey::new(name, kind, public.as_bytes())
            .expect("RFC 8032: a clamped scalar gives a point of large order");
        Self { key, private }
    }
}

impl Signer for Ed25519Signer {
    fn key(&self) -> &VerifierKey {
        &self.key
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(self.private.sign(message).to_bytes().to_vec())
    }
}

impl fmt::Debug for Ed25519Signer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Ed25519Signer")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
