//! Names, ids and public keys of note signers: c2sp.org/signed-note, "Signatures" and
//! "Verifier keys".

use core::fmt;

use ed25519_dalek::VerifyingKey;
use sha2::{Digest as _, Sha256};

use crate::lexeme::{base64_decode, base64_encode};
use crate::limits::VKEY_BYTES_MAX;
use crate::ml_dsa;

/// Why a text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Empty, or with a space, a plus, or a control character.
    #[error("not the name of a key")]
    BadName,
    /// Not `name+id+base64`.
    #[error("not a verifier key")]
    Malformed,
    /// This crate does not verify signatures of this type.
    #[error("signatures of type 0x{0:02x} are not supported")]
    UnsupportedType(u8),
    /// Not a point of the curve, or one of small order, which verifies nothing.
    #[error("not a usable public key")]
    BadPublicKey,
    /// The id is not the hash of name, type and public key.
    #[error("the key id does not belong to this key")]
    IdMismatch,
}

impl KeyError {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadName => "key_bad_name",
            Self::Malformed => "key_malformed",
            Self::UnsupportedType(_) => "key_unsupported_type",
            Self::BadPublicKey => "key_bad_public_key",
            Self::IdMismatch => "key_id_mismatch",
        }
    }
}

/// Name of a key: not empty, without Unicode spaces and `+`. Advised is a URL without a scheme.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyName(String);

impl KeyName {
    /// Takes a name.
    ///
    /// # Errors
    /// [`KeyError::BadName`].
    pub fn new(name: &str) -> Result<Self, KeyError> {
        let bad = |letter: char| letter.is_whitespace() || letter == '+' || letter < ' ';
        if name.is_empty() || name.contains(bad) {
            return Err(KeyError::BadName);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Short identifier of a key, unique only together with its name. Not a strong hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 4]);

impl KeyId {
    /// The first 4 bytes of SHA-256(name || 0x0A || type || public key).
    pub fn compute(name: &KeyName, kind: SignatureType, public_key: &[u8]) -> Self {
        let digest = Sha256::new_with_prefix(name.as_str())
            .chain_update([b'\n', kind.byte()])
            .chain_update(public_key);
        let [first, second, third, fourth, ..]: [u8; 32] = digest.finalize().into();
        Self([first, second, third, fourth])
    }
}

impl fmt::Display for KeyId {
    /// Eight lower-case hexadecimal digits.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// What the bytes of a signature are, and what they sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignatureType {
    /// 0x01: Ed25519 over the text of the note.
    Ed25519,
    /// 0x04: timed Ed25519 cosignature of a checkpoint (c2sp.org/tlog-cosignature).
    CosignatureV1,
    /// 0x06: ML-DSA-44 cosignature of a checkpoint that names its cosigner (the same page).
    SubtreeV1,
}

impl SignatureType {
    /// The identifier byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
            Self::SubtreeV1 => 0x06,
        }
    }

    /// The type with this identifier byte.
    ///
    /// # Errors
    /// [`KeyError::UnsupportedType`].
    pub const fn from_byte(byte: u8) -> Result<Self, KeyError> {
        match byte {
            0x01 => Ok(Self::Ed25519),
            0x04 => Ok(Self::CosignatureV1),
            0x06 => Ok(Self::SubtreeV1),
            _ => Err(KeyError::UnsupportedType(byte)),
        }
    }
}

/// A public key with its name and signature type: what a verifier pins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    id: KeyId,
    kind: SignatureType,
    public: PublicKey,
}

/// The bytes of a public key, as its algorithm keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    Ed25519(VerifyingKey),
    MlDsa44(Box<[u8; ml_dsa::PUBLIC_KEY_BYTES]>),
}

impl PublicKey {
    fn read(kind: SignatureType, bytes: &[u8]) -> Option<Self> {
        match kind {
            SignatureType::Ed25519 | SignatureType::CosignatureV1 => {
                let key = VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
                (!key.is_weak()).then_some(Self::Ed25519(key))
            }
            // FIPS 204, Algorithm 23: all bytes of that length are a key.
            SignatureType::SubtreeV1 => Some(Self::MlDsa44(Box::new(bytes.try_into().ok()?))),
        }
    }
}

impl VerifierKey {
    /// A key from its parts, a public key of 32 (Ed25519) or 1,312 bytes (ML-DSA-44); the id is
    /// computed.
    ///
    /// # Errors
    /// [`KeyError::BadPublicKey`].
    pub fn new(name: KeyName, kind: SignatureType, public_key: &[u8]) -> Result<Self, KeyError> {
        let public = PublicKey::read(kind, public_key).ok_or(KeyError::BadPublicKey)?;
        let id = KeyId::compute(&name, kind, public_key);
        Ok(Self {
            name,
            id,
            kind,
            public,
        })
    }

    /// Reads a vkey: `name+id+base64(type || public key)`, the id in lower-case hexadecimal.
    ///
    /// # Errors
    /// Why the text is not a key that this crate can use.
    pub fn parse(vkey: &str) -> Result<Self, KeyError> {
        if vkey.len() > VKEY_BYTES_MAX {
            return Err(KeyError::Malformed);
        }
        // Base64 has plus signs of its own: only the first two separate.
        let (name, rest) = vkey.split_once('+').ok_or(KeyError::Malformed)?;
        let (id, material) = rest.split_once('+').ok_or(KeyError::Malformed)?;
        let material = base64_decode(material).ok_or(KeyError::Malformed)?;
        let (kind, public_key) = material.split_first().ok_or(KeyError::Malformed)?;
        let kind = SignatureType::from_byte(*kind)?;
        let key = Self::new(KeyName::new(name)?, kind, public_key)?;
        if key.id.to_string() == id {
            Ok(key)
        } else {
            Err(KeyError::IdMismatch)
        }
    }

    /// Name of the key.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// Id of the key.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// What it signs, and how.
    pub const fn kind(&self) -> SignatureType {
        self.kind
    }

    /// The bytes of the public key.
    pub fn public_key(&self) -> &[u8] {
        match &self.public {
            PublicKey::Ed25519(key) => key.as_bytes(),
            PublicKey::MlDsa44(key) => key.as_slice(),
        }
    }

    pub(crate) const fn public(&self) -> &PublicKey {
        &self.public
    }
}

impl fmt::Display for VerifierKey {
    /// The vkey.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let material = [&[self.kind.byte()], self.public_key()].concat();
        write!(
            out,
            "{}+{}+{}",
            self.name,
            self.id,
            base64_encode(&material)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TESSERA: &str =
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

    fn check(vkey: &str, expect: Result<(), &str>) {
        let parsed = VerifierKey::parse(vkey);
        let verdict = parsed.as_ref().map(|_| ()).map_err(KeyError::code);
        assert_eq!(verdict, expect, "{vkey:?}");
        assert!(parsed.is_err() || parsed.is_ok_and(|key| key.to_string() == vkey));
    }

    #[test]
    fn vkeys_have_one_spelling() {
        check(TESSERA, Ok(()));
        check(
            &TESSERA.replace("33d7b496", "33D7B496"),
            Err("key_id_mismatch"),
        );
        check(
            &TESSERA.replace("33d7b496", "33d7b497"),
            Err("key_id_mismatch"),
        );
        check(
            &TESSERA.replace("33d7b496", "033d7b496"),
            Err("key_id_mismatch"),
        );
        check(
            &TESSERA.replace("testdata", "testdatb"),
            Err("key_id_mismatch"),
        );
        check(
            &TESSERA.replace("example.com", "example com"),
            Err("key_bad_name"),
        );
        check(
            &TESSERA.replace("example.com", "example\u{2003}com"),
            Err("key_bad_name"),
        );
        check(
            "+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
            Err("key_bad_name"),
        );
        check(&format!("{TESSERA}\n"), Err("key_malformed"));
        check("name+00000000+", Err("key_malformed"));
        check("name+00000000", Err("key_malformed"));
        check("name", Err("key_malformed"));
        check(
            &TESSERA.replace("+AeHT", "+AuHT"),
            Err("key_unsupported_type"),
        );
        check("name+00000000+AQ==", Err("key_bad_public_key"));
        check(&"x".repeat(VKEY_BYTES_MAX + 1), Err("key_malformed"));
    }

    #[test]
    fn a_key_of_small_order_is_refused() {
        let name = KeyName::new("name").unwrap();
        let mut identity = [0; 32];
        identity[0] = 1;
        let key = VerifierKey::new(name, SignatureType::Ed25519, &identity);
        assert_eq!(key, Err(KeyError::BadPublicKey));
    }
}
