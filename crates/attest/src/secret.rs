//! Secret keys: made from the caller's entropy, kept in one line of text, wiped when dropped.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_model::digest::Digest;
use ed25519_dalek::Signer as _;
use zeroize::{Zeroize as _, Zeroizing};

use crate::key::{Algorithm, KeyError, PublicKey, SIGNATURE_LEN};

/// How the line of a key file begins; the `1` is the version of the line.
pub const SECRET_KEY_PREFIX: &str = "countersign-secret-key:1:";
/// Bytes of a secret key of either algorithm: a scalar (big-endian) or a seed.
pub const SECRET_LEN: usize = 32;

/// A key that signs. ES256 signs deterministically (RFC 6979), so that neither algorithm
/// needs randomness to sign.
#[derive(Clone)]
pub struct SecretKey {
    inner: Inner,
    /// Made once: every statement names it.
    public: PublicKey,
}

#[derive(Clone)]
enum Inner {
    Es256(p256::ecdsa::SigningKey),
    Ed25519(ed25519_dalek::SigningKey),
}

impl SecretKey {
    /// A key from 32 bytes of entropy, which the caller must not use again.
    ///
    /// For ES256 the bytes are the scalar; the one in 2^32 that is none is hashed until it is one.
    #[must_use]
    pub fn generate(algorithm: Algorithm, entropy: [u8; SECRET_LEN]) -> Self {
        let mut secret = Zeroizing::new(entropy);
        loop {
            if let Ok(key) = Self::from_bytes(algorithm, &secret) {
                return key;
            }
            let mut next = *Digest::of_parts("countersign/secret-key/v1", &[&*secret]).as_bytes();
            secret.copy_from_slice(&next);
            next.zeroize();
        }
    }

    /// Takes 32 bytes: the scalar (big-endian, from 1 to n − 1) or the seed.
    ///
    /// # Errors
    /// [`KeyError::Invalid`] for a scalar out of range.
    pub fn from_bytes(algorithm: Algorithm, secret: &[u8; SECRET_LEN]) -> Result<Self, KeyError> {
        let inner = match algorithm {
            Algorithm::Es256 => Inner::Es256(
                p256::ecdsa::SigningKey::from_slice(secret).map_err(|_| KeyError::Invalid)?,
            ),
            Algorithm::Ed25519 => Inner::Ed25519(ed25519_dalek::SigningKey::from_bytes(secret)),
        };
        let public = inner.public();
        Ok(Self { inner, public })
    }

    /// Reads the line of a key file; one line feed at its end is left aside.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let rest = line.strip_prefix(SECRET_KEY_PREFIX).ok_or(KeyError::Form)?;
        let (algorithm, encoded) = rest.split_once(':').ok_or(KeyError::Form)?;
        let algorithm = Algorithm::parse(algorithm).ok_or(KeyError::Form)?;
        let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| KeyError::Form)?);
        let mut secret = Zeroizing::new([0; SECRET_LEN]);
        if bytes.len() != SECRET_LEN {
            return Err(KeyError::Length);
        }
        secret.copy_from_slice(&bytes);
        Self::from_bytes(algorithm, &secret)
    }

    /// The line of a key file, without a line feed.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut secret = Zeroizing::new([0_u8; SECRET_LEN]);
        match &self.inner {
            Inner::Es256(key) => {
                let mut bytes = key.to_bytes();
                secret.copy_from_slice(&bytes);
                bytes.as_mut_slice().zeroize();
            }
            Inner::Ed25519(key) => secret.copy_from_slice(key.as_bytes()),
        }
        let encoded = Zeroizing::new(STANDARD.encode(*secret));
        let algorithm = self.algorithm().as_str();
        Zeroizing::new(format!("{SECRET_KEY_PREFIX}{algorithm}:{}", *encoded))
    }

    /// The algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.inner {
            Inner::Es256(_) => Algorithm::Es256,
            Inner::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.public.clone()
    }

    /// Signs: r ‖ s, or R ‖ S. The same message gives the same signature.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        match &self.inner {
            Inner::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_bytes().into()
            }
            Inner::Ed25519(key) => key.sign(message).to_bytes(),
        }
    }
}

impl Inner {
    fn public(&self) -> PublicKey {
        let key = match self {
            Self::Es256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                PublicKey::new(Algorithm::Es256, point.as_bytes())
            }
            Self::Ed25519(key) => {
                PublicKey::new(Algorithm::Ed25519, key.verifying_key().as_bytes())
            }
        };
        key.expect("the public half of a secret key is a valid point")
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({}, redacted)", self.algorithm().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Algorithm; 2] = [Algorithm::Es256, Algorithm::Ed25519];

    fn check(text: &str, expect: Option<KeyError>) {
        assert_eq!(SecretKey::parse(text).err(), expect, "{text}");
    }

    #[test]
    fn text_form() {
        for algorithm in BOTH {
            let key = SecretKey::generate(algorithm, [9; 32]);
            let text = key.to_text();
            check(&text, None);
            check(&format!("{}\n", *text), None);
            check(&format!("{}\r\n", *text), Some(KeyError::Form));
            let again = SecretKey::parse(&text).expect("just written");
            assert_eq!(again.public(), key.public());
        }
        let zero = STANDARD.encode([0; 32]);
        check(
            &format!("{SECRET_KEY_PREFIX}ES256:{zero}"),
            Some(KeyError::Invalid),
        );
        check(
            &format!("{SECRET_KEY_PREFIX}ES256:AAAA"),
            Some(KeyError::Length),
        );
        check("countersign-secret-key:2:ES256:AAAA", Some(KeyError::Form));
    }

    #[test]
    fn rfc_6979_a_2_5() {
        let scalar = countersign_model::digest::hex_decode(
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
        )
        .expect("hex");
        let secret: [u8; 32] = scalar.try_into().expect("32 bytes");
        let key = SecretKey::from_bytes(Algorithm::Es256, &secret).expect("a scalar");
        assert_eq!(
            countersign_model::digest::hex(&key.sign(b"sample")),
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
             f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
        );
    }

    #[test]
    fn signatures_verify_and_nothing_leaks() {
        for algorithm in BOTH {
            let key = SecretKey::generate(algorithm, [9; 32]);
            assert!(key.public().verify(b"m", &key.sign(b"m")));
            assert!(!key.public().verify(b"n", &key.sign(b"m")));
            let text = key.to_text();
            let secret = text.rsplit(':').next().expect("text");
            assert!(!format!("{key:?}").contains(secret));
        }
    }

    #[test]
    fn entropy_that_is_no_scalar_still_gives_a_key() {
        for entropy in [[0; 32], [0xff; 32]] {
            let key = SecretKey::generate(Algorithm::Es256, entropy);
            assert!(key.public().verify(b"m", &key.sign(b"m")));
        }
    }
}
