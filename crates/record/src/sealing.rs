//! Sealed parts at rest: each under a key of its own, wrapped by the log's sealing key.
//!
//! The payload of a `Sealed` record is deterministic CBOR (docs/formats/segment.md):
//! `[owner digest, keyed fingerprint, [[ordinal, wrapped key, ciphertext], …]]`. A part's
//! salt and bytes are encrypted together with XChaCha20-Poly1305 under a random 32-byte
//! key used once; that key is wrapped the same way under the sealing key, with a random
//! nonce in front. Wiping the record destroys key, salt and ciphertext at once: what stays,
//! the commitment in the body, cannot be guessed against.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use countersign_model::body::{PART_SALT_LEN, Part};
use countersign_model::cbor::{self, Writer};
use countersign_model::digest::Digest;
use zeroize::{Zeroize as _, Zeroizing};

/// Bytes of the sealing key and of each part's key.
pub const KEY_LEN: usize = 32;
const NONCE_LEN: usize = 24;
/// A part's key is used once, so its nonce may be fixed.
const PART_NONCE: [u8; NONCE_LEN] = [0; NONCE_LEN];

/// The key that wraps the parts' keys; kept outside the ground.
pub struct SealingKey(Zeroizing<[u8; KEY_LEN]>);

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey(…)")
    }
}

/// A sealed record cannot be opened: damaged, of another key, or not of the documented shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed parts cannot be opened with this sealing key")]
pub struct SealingError;

/// What a sealed record holds, opened.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened {
    /// Digest of the body or envelope that the parts belong to.
    pub owner: Digest,
    /// Keyed fingerprint of the sealed values: tells a duplicate from a conflict.
    pub fingerprint: Digest,
    /// Place among the parts, salt, bytes.
    pub parts: Vec<(u32, [u8; PART_SALT_LEN], Vec<u8>)>,
}

impl SealingKey {
    /// Takes the key's bytes.
    #[must_use]
    pub fn new(bytes: [u8; KEY_LEN]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }

    /// Encrypts the sealed parts of a body. `random` gives fresh random bytes. `None` when
    /// the body has no sealed part.
    ///
    /// # Errors
    /// [`SealingError`] only if a part is too long for the cipher (256 GiB).
    pub fn seal(
        &self,
        owner: Digest,
        fingerprint: Digest,
        parts: &[Part],
        random: &mut dyn FnMut(&mut [u8]),
    ) -> Result<Option<Vec<u8>>, SealingError> {
        let mut sealed = Vec::new();
        for (ordinal, part) in (0_u64..).zip(parts) {
            let Part::Sealed { bytes, salt } = part else {
                continue;
            };
            let mut key = Zeroizing::new([0; KEY_LEN]);
            random(&mut *key);
            let mut plain = Zeroizing::new(salt.to_vec());
            plain.extend(bytes);
            let aad = associated(owner, ordinal);
            let text = encrypt(
                &XChaCha20Poly1305::new((&*key).into()),
                &PART_NONCE,
                &plain,
                &aad,
            )?;
            let mut nonce = [0; NONCE_LEN];
            random(&mut nonce);
            let mut wrapped = nonce.to_vec();
            wrapped.extend(encrypt(&self.cipher(), &nonce, &*key, &aad)?);
            sealed.push((ordinal, wrapped, text));
        }
        if sealed.is_empty() {
            return Ok(None);
        }
        let mut out = Writer::default();
        out.array(3);
        out.bytes(owner.as_bytes());
        out.bytes(fingerprint.as_bytes());
        out.array(sealed.len());
        for (ordinal, wrapped, text) in sealed {
            out.array(3);
            out.uint(ordinal);
            out.bytes(&wrapped);
            out.bytes(&text);
        }
        Ok(Some(out.into_bytes()))
    }

    /// Opens a sealed record's payload.
    ///
    /// # Errors
    /// [`SealingError`].
    pub fn open(&self, payload: &[u8]) -> Result<Opened, SealingError> {
        let value = cbor::decode(payload).map_err(|_| SealingError)?;
        let Some([owner, fingerprint, items]) = value.as_array() else {
            return Err(SealingError);
        };
        let digest = |v: &cbor::Value<'_>| {
            v.as_bytes()
                .and_then(Digest::from_slice)
                .ok_or(SealingError)
        };
        let owner = digest(owner)?;
        let mut parts = Vec::new();
        for item in items.as_array().ok_or(SealingError)? {
            let Some([ordinal, wrapped, text]) = item.as_array() else {
                return Err(SealingError);
            };
            let ordinal = ordinal.as_u64().ok_or(SealingError)?;
            let bytes = |v: &cbor::Value<'_>| v.as_bytes().map(<[u8]>::to_vec).ok_or(SealingError);
            let (salt, plain) = self.open_part(owner, ordinal, &bytes(wrapped)?, &bytes(text)?)?;
            parts.push((
                u32::try_from(ordinal).map_err(|_| SealingError)?,
                salt,
                plain,
            ));
        }
        Ok(Opened {
            owner,
            fingerprint: digest(fingerprint)?,
            parts,
        })
    }

    fn open_part(
        &self,
        owner: Digest,
        ordinal: u64,
        wrapped: &[u8],
        text: &[u8],
    ) -> Result<([u8; PART_SALT_LEN], Vec<u8>), SealingError> {
        let aad = associated(owner, ordinal);
        let (nonce, wrapped) = wrapped
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(SealingError)?;
        let key = Zeroizing::new(decrypt(&self.cipher(), nonce, wrapped, &aad)?);
        let key: &[u8; KEY_LEN] = key.as_slice().try_into().map_err(|_| SealingError)?;
        let mut plain = decrypt(&XChaCha20Poly1305::new(key.into()), &PART_NONCE, text, &aad)?;
        let (salt, bytes) = plain
            .split_first_chunk::<PART_SALT_LEN>()
            .ok_or(SealingError)?;
        let out = (*salt, bytes.to_vec());
        plain.zeroize();
        Ok(out)
    }
}

/// The fingerprint of a sealed record without opening it: what a restart reads.
#[must_use]
pub fn fingerprint_of(payload: &[u8]) -> Option<(Digest, Digest)> {
    let value = cbor::decode(payload).ok()?;
    let [owner, fingerprint, _] = value.as_array()? else {
        return None;
    };
    Some((
        Digest::from_slice(owner.as_bytes()?)?,
        Digest::from_slice(fingerprint.as_bytes()?)?,
    ))
}

fn associated(owner: Digest, ordinal: u64) -> Vec<u8> {
    [
        b"countersign/seal/v1\0",
        owner.as_bytes().as_slice(),
        &ordinal.to_be_bytes(),
    ]
    .concat()
}

fn encrypt(
    cipher: &XChaCha20Poly1305,
    nonce: &[u8; NONCE_LEN],
    msg: &[u8],
    aad: &[u8],
) -> Result<Vec<u8>, SealingError> {
    cipher
        .encrypt(&XNonce::from(*nonce), Payload { msg, aad })
        .map_err(|_| SealingError)
}

fn decrypt(
    cipher: &XChaCha20Poly1305,
    nonce: &[u8; NONCE_LEN],
    msg: &[u8],
    aad: &[u8],
) -> Result<Vec<u8>, SealingError> {
    cipher
        .decrypt(&XNonce::from(*nonce), Payload { msg, aad })
        .map_err(|_| SealingError)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random() -> impl FnMut(&mut [u8]) {
        let mut n = 0_u8;
        move |out: &mut [u8]| {
            for byte in out {
                n = n.wrapping_mul(5).wrapping_add(13);
                *byte = n;
            }
        }
    }

    fn parts() -> Vec<Part> {
        vec![
            Part::Open(b"{\"a\":".to_vec()),
            Part::Sealed {
                bytes: b"\"Li Wei\"".to_vec(),
                salt: [9; PART_SALT_LEN],
            },
            Part::Open(b"}".to_vec()),
        ]
    }

    #[test]
    fn seals_and_opens() {
        let key = SealingKey::new([1; KEY_LEN]);
        let owner = Digest::of(b"owner");
        let fingerprint = Digest::of(b"fingerprint");
        let payload = key
            .seal(owner, fingerprint, &parts(), &mut random())
            .expect("seals")
            .expect("has one");
        assert!(
            !payload.windows(6).any(|w| w == b"Li Wei"),
            "the value is not in the record"
        );
        assert!(!payload.windows(8).any(|w| w == [9; 8]), "nor is its salt");
        let opened = key.open(&payload).expect("opens");
        assert_eq!(opened.owner, owner);
        assert_eq!(
            opened.parts,
            [(1, [9; PART_SALT_LEN], b"\"Li Wei\"".to_vec())]
        );
        assert_eq!(fingerprint_of(&payload), Some((owner, fingerprint)));
        assert_eq!(
            SealingKey::new([2; KEY_LEN]).open(&payload),
            Err(SealingError)
        );
    }

    #[test]
    fn any_changed_byte_is_refused() {
        let key = SealingKey::new([1; KEY_LEN]);
        let payload = key
            .seal(Digest::ZERO, Digest::ZERO, &parts(), &mut random())
            .expect("seals")
            .expect("has one");
        // The fingerprint (bytes 36..68) is authenticated by the record's check, not by the cipher.
        for at in (0..payload.len()).filter(|at| !(35..69).contains(at)) {
            let mut damaged = payload.clone();
            damaged[at] ^= 1;
            assert_eq!(key.open(&damaged), Err(SealingError), "byte {at}");
        }
    }

    #[test]
    fn nothing_sealed_is_no_record() {
        let key = SealingKey::new([1; KEY_LEN]);
        let none = key.seal(
            Digest::ZERO,
            Digest::ZERO,
            &[Part::Open(b"x".to_vec())],
            &mut random(),
        );
        assert_eq!(none, Ok(None));
    }
}
