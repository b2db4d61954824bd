//! Checkpoints: c2sp.org/tlog-checkpoint v1.0.0. A tree head as the text of a signed note.

use core::fmt;

use crate::hash::Hash;
use crate::lexeme::{decimal, has_control};
use crate::limits::SIGNED_SIZE_MIN;
use crate::note::{Note, SignError, Signer};
use crate::tree::TreeSize;

/// A text is not a checkpoint: three non-empty lines at least, of origin, size and root hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint")]
pub struct CheckpointError;

impl CheckpointError {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        "checkpoint_malformed"
    }
}

/// The size and root of a log, as its origin states them. Without a verified note around it, a
/// claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: TreeSize,
    root: Hash,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint without extension lines, which are not recommended and which this log never
    /// writes.
    ///
    /// # Errors
    /// [`CheckpointError`] if the origin is empty or holds a control character.
    pub fn new(origin: &str, size: TreeSize, root: Hash) -> Result<Self, CheckpointError> {
        if origin.is_empty() || origin.contains('\n') || has_control(origin) {
            return Err(CheckpointError);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions: Vec::new(),
        })
    }

    /// Reads the text of a note.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        Self::read(text).ok_or(CheckpointError)
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let origin = lines.next()?;
        let size = TreeSize(decimal(lines.next()?)?);
        let root = Hash::from_base64(lines.next()?)?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        let blank = extensions.iter().any(String::is_empty);
        let plain = !extensions.iter().any(|line| has_control(line));
        let checkpoint = Self::new(origin, size, root).ok()?;
        (!blank && plain).then_some(Self {
            extensions,
            ..checkpoint
        })
    }

    /// Identity of the log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Number of leaves.
    pub const fn size(&self) -> TreeSize {
        self.size
    }

    /// Root of the tree of that size.
    pub const fn root(&self) -> &Hash {
        &self.root
    }

    /// Lines after the root, kept as they are and not interpreted.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// Signs it as the log, with each of these keys of type 0x01.
    ///
    /// # Errors
    /// [`SignError::CheckpointTooSmall`] below two leaves, or another [`SignError`].
    pub fn sign(&self, signers: &[&dyn Signer]) -> Result<Note, SignError> {
        if self.size.0 < SIGNED_SIZE_MIN {
            return Err(SignError::CheckpointTooSmall);
        }
        Note::sign(&self.to_string(), signers)
    }
}

impl fmt::Display for Checkpoint {
    /// The text of the note.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}\n{}\n{}", self.origin, self.size.0, self.root)?;
        self.extensions
            .iter()
            .try_for_each(|line| writeln!(out, "{line}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::note::{Ed25519Signer, KeyName, SignatureType};

    const ROOT: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    fn check(text: &str, good: bool) {
        let checkpoint = Checkpoint::parse(text);
        assert_eq!(checkpoint.is_ok(), good, "{text:?}");
        assert!(checkpoint.is_err() || checkpoint.is_ok_and(|parsed| parsed.to_string() == text));
    }

    #[test]
    fn checkpoints_have_one_spelling() {
        check(&format!("a\n0\n{ROOT}\n"), true);
        check(&format!("a b+c\n18446744073709551615\n{ROOT}\n"), true);
        check(&format!("a\n7\n{ROOT}\nextension\nanother\n"), true);
        for bad in [
            format!("a\n0\n{ROOT}"),
            format!("\n0\n{ROOT}\n"),
            format!("a\n00\n{ROOT}\n"),
            format!("a\n-1\n{ROOT}\n"),
            format!("a\n+1\n{ROOT}\n"),
            format!("a\n18446744073709551616\n{ROOT}\n"),
            format!("a\n1\n{ROOT} \n"),
            format!("a\n1\n{ROOT}\n\n"),
            format!("a\n1\n{ROOT}\n\nextension\n"),
            format!("a\r\n1\n{ROOT}\n"),
            format!("a\n1\n{ROOT}\ntab\there\n"),
            format!("a\n1\n{}\n", &ROOT[..43]),
            "a\n1\nAAAA\n".to_owned(),
            "a\n1\n".to_owned(),
            "\n".to_owned(),
            String::new(),
        ] {
            check(&bad, false);
        }
    }

    #[test]
    fn no_checkpoint_below_two_leaves_is_signed() {
        let name = KeyName::new("log.example").unwrap();
        let signer = Ed25519Signer::new(name, SignatureType::Ed25519, &[7; 32]);
        for (size, good) in [(0, false), (1, false), (2, true)] {
            let checkpoint =
                Checkpoint::new("log.example", TreeSize(size), Hash::leaf(b"")).unwrap();
            let signed = checkpoint.sign(&[&signer]);
            assert_eq!(signed.is_ok(), good, "size {size}");
            assert!(good || signed == Err(SignError::CheckpointTooSmall));
        }
    }

    proptest! {
        #[test]
        fn round_trip(origin in "[^\\x00-\\x1f]{1,20}", size: u64, root: [u8; 32]) {
            let checkpoint =
                Checkpoint::new(&origin, TreeSize(size), Hash::from_bytes(root)).unwrap();
            prop_assert_eq!(Checkpoint::parse(&checkpoint.to_string()), Ok(checkpoint));
        }

        #[test]
        fn any_text_is_one_checkpoint_or_none(text in "(.{0,5}\n){0,2}[0-9]{0,3}\n.{0,50}\n?") {
            if let Ok(checkpoint) = Checkpoint::parse(&text) {
                prop_assert_eq!(checkpoint.to_string(), text);
            }
        }
    }
}
