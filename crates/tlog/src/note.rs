//! Signed notes: c2sp.org/signed-note v1.0.0.
//!
//! A note is a text and the signatures of named keys over it. What parses is written again byte for
//! byte. The text means nothing until [`Note::verify`] has answered: signatures of unknown keys are
//! ignored, one failing signature of a known key refuses the whole note, and so does a note without
//! any signature of a known key.

mod key;
mod signer;

use core::fmt;
use std::collections::BTreeMap;

use key::PublicKey;
pub use key::{KeyError, KeyId, KeyName, SignatureType, VerifierKey};
pub use signer::{Ed25519Signer, MlDsa44Signer, SignError, Signer};

use crate::cosignature;
use crate::ed25519;
use crate::lexeme::{base64_decode, base64_encode, has_control};
use crate::limits::{NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX};
use crate::subtree;

/// Before a signature: em dash and space.
const SIGNATURE_PREFIX: &str = "\u{2014} ";

/// Why a note is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Larger than 1 MiB.
    #[error("the note is too large")]
    TooLarge,
    /// Not UTF-8, or with control characters.
    #[error("the note is not plain text")]
    NotText,
    /// No text, no blank line, or a line after it that is not a signature.
    #[error("not a signed note")]
    Malformed,
    /// More than 160 signatures.
    #[error("the note has too many signatures")]
    TooManySignatures,
    /// Two different known keys have the same name and id: the verifier is set up wrongly.
    #[error("two known keys are called {0}")]
    AmbiguousKey(KeyName),
    /// A known key's signature does not hold.
    #[error("the signature of {0} does not hold")]
    InvalidSignature(KeyName),
    /// No known key signed it.
    #[error("no known key signed the note")]
    Unverified,
}

impl NoteError {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "note_too_large",
            Self::NotText => "note_not_text",
            Self::Malformed => "note_malformed",
            Self::TooManySignatures => "note_too_many_signatures",
            Self::AmbiguousKey(_) => "note_ambiguous_key",
            Self::InvalidSignature(_) => "note_invalid_signature",
            Self::Unverified => "note_unverified",
        }
    }
}

/// One signature line: who, and the bytes after the key id (for a cosignature, time and signature).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: KeyName,
    id: KeyId,
    bytes: Vec<u8>,
}

impl NoteSignature {
    /// Signs the text of a note with a key of type 0x01.
    ///
    /// # Errors
    /// [`SignError::WrongKeyType`], [`SignError::BadText`], or what the signer answered.
    pub fn make(text: &str, signer: &dyn Signer) -> Result<Self, SignError> {
        if signer.key().kind() != SignatureType::Ed25519 {
            return Err(SignError::WrongKeyType);
        }
        if !is_note_text(text) {
            return Err(SignError::BadText);
        }
        Ok(Self::by(signer.key(), signer.sign(text.as_bytes())?))
    }

    /// A signature by this key, whose bytes were made elsewhere.
    pub(crate) fn by(key: &VerifierKey, bytes: Vec<u8>) -> Self {
        Self {
            name: key.name().clone(),
            id: key.id(),
            bytes,
        }
    }

    /// Reads one signature line, without its newline.
    ///
    /// # Errors
    /// [`NoteError::Malformed`].
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        Self::read(line).ok_or(NoteError::Malformed)
    }

    fn read(line: &str) -> Option<Self> {
        let (name, bytes) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
        let bytes = base64_decode(bytes)?;
        let (id, bytes) = bytes.split_first_chunk::<4>()?;
        let name = KeyName::new(name).ok()?;
        let present = !bytes.is_empty();
        present.then(|| Self {
            name,
            id: KeyId(*id),
            bytes: bytes.to_vec(),
        })
    }

    /// Name of the key.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// Id of the key.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// What follows the key id.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Display for NoteSignature {
    /// The signature line, without its newline.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.0.as_slice(), &self.bytes].concat();
        write!(
            out,
            "{SIGNATURE_PREFIX}{} {}",
            self.name,
            base64_encode(&bytes)
        )
    }
}

/// A signature that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedSignature<'k> {
    /// The known key that made it.
    pub key: &'k VerifierKey,
    /// The cosigner's word on when, in seconds since the epoch; absent where the signature
    /// carries no time.
    pub cosigned_at_s: Option<u64>,
}

/// A text and its signatures, not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// A note of this text with these signatures.
    ///
    /// # Errors
    /// [`SignError::BadText`] or [`SignError::SignatureCount`].
    pub fn new(text: String, signatures: Vec<NoteSignature>) -> Result<Self, SignError> {
        if !is_note_text(&text) {
            return Err(SignError::BadText);
        }
        if signatures.is_empty() || signatures.len() > NOTE_SIGNATURES_MAX {
            return Err(SignError::SignatureCount);
        }
        Ok(Self { text, signatures })
    }

    /// Signs a text, which must end in a newline, with each of these keys of type 0x01.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(text: &str, signers: &[&dyn Signer]) -> Result<Self, SignError> {
        let make = |signer: &&dyn Signer| NoteSignature::make(text, *signer);
        let signatures = signers.iter().map(make).collect::<Result<_, _>>()?;
        Self::new(text.to_owned(), signatures)
    }

    /// Reads a note.
    ///
    /// # Errors
    /// [`NoteError::TooLarge`], [`NoteError::NotText`], [`NoteError::Malformed`] or
    /// [`NoteError::TooManySignatures`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLarge);
        }
        let note = core::str::from_utf8(bytes).map_err(|_| NoteError::NotText)?;
        if has_control(note) {
            return Err(NoteError::NotText);
        }
        // The last blank line separates; the text keeps the newline before it.
        let blank = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let (text, lines) = note.split_at(blank + 1);
        let lines = lines
            .strip_prefix('\n')
            .and_then(|lines| lines.strip_suffix('\n'));
        let mut signatures = Vec::new();
        for line in lines.ok_or(NoteError::Malformed)?.split('\n') {
            if signatures.len() == NOTE_SIGNATURES_MAX {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(NoteSignature::parse(line)?);
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// The text, with its final newline. To be ignored until the note is verified.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in the order of their lines.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature line at the end.
    ///
    /// # Errors
    /// [`SignError::SignatureCount`] if there are 160 already.
    pub fn push(&mut self, signature: NoteSignature) -> Result<(), SignError> {
        if self.signatures.len() >= NOTE_SIGNATURES_MAX {
            return Err(SignError::SignatureCount);
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Checks the note against known keys and returns the signatures that hold, in the order of
    /// their lines: at least one.
    ///
    /// # Errors
    /// [`NoteError::AmbiguousKey`], [`NoteError::InvalidSignature`] or [`NoteError::Unverified`].
    pub fn verify<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k VerifierKey>,
    ) -> Result<Vec<VerifiedSignature<'k>>, NoteError> {
        let mut known: BTreeMap<(&KeyName, KeyId), &VerifierKey> = BTreeMap::new();
        for key in keys {
            let other = known.insert((key.name(), key.id()), key);
            if other.is_some_and(|other| other != key) {
                return Err(NoteError::AmbiguousKey(key.name().clone()));
            }
        }
        let mut verified = Vec::new();
        for signature in &self.signatures {
            if let Some(key) = known.get(&(&signature.name, signature.id)) {
                let holds = verify_one(key, &self.text, &signature.bytes);
                let invalid = || NoteError::InvalidSignature(signature.name.clone());
                verified.push(holds.ok_or_else(invalid)?);
            }
        }
        if verified.is_empty() {
            Err(NoteError::Unverified)
        } else {
            Ok(verified)
        }
    }
}

impl fmt::Display for Note {
    /// The whole note.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| writeln!(out, "{signature}"))
    }
}

/// The signature if it holds, by the rule of the key's type.
fn verify_one<'k>(
    key: &'k VerifierKey,
    text: &str,
    signature: &[u8],
) -> Option<VerifiedSignature<'k>> {
    let cosigned_at_s = match (key.kind(), key.public()) {
        (SignatureType::Ed25519, PublicKey::Ed25519(public)) => {
            ed25519::verify(public, text.as_bytes(), signature).then_some(None)
        }
        (SignatureType::CosignatureV1, PublicKey::Ed25519(public)) => {
            cosignature::verify(public, text, signature).map(Some)
        }
        (_, PublicKey::MlDsa44(public)) => {
            let time_s = subtree::verify(key.name(), public.as_slice(), text, signature);
            time_s.map(|time_s| Some(time_s).filter(|time_s| *time_s > 0))
        }
        (SignatureType::SubtreeV1, PublicKey::Ed25519(_)) => None,
    };
    cosigned_at_s.map(|cosigned_at_s| VerifiedSignature { key, cosigned_at_s })
}

/// Ends in a newline, holds no other control character, and leaves room for signatures.
fn is_note_text(text: &str) -> bool {
    text.ends_with('\n') && !has_control(text) && text.len() < NOTE_BYTES_MAX / 2
}

#[cfg(test)]
mod tests;
