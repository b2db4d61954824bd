//! What is wrong with bytes that should be a pack: a code, a place, words.

use std::fmt;
use std::ops::Range;

/// Stable codes of [`Damage`], each with its page under docs/errors.
pub const ERROR_CODES: &[&str] = &[
    "pack_too_large",
    "archive_damaged",
    "archive_file_damaged",
    "manifest_malformed",
    "manifest_unsupported",
    "manifest_mismatch",
    "pack_file_missing",
    "pack_file_unknown",
    "receipt_malformed",
];

/// Kinds of damage, one for each code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DamageKind {
    /// More bytes or files than a pack may have.
    TooLarge,
    /// A byte of the archive's structure (headers, directory, end) is not what it must be.
    Archive,
    /// The bytes of a file do not have their CRC-32.
    FileData,
    /// `manifest.json` is not written as the format asks.
    ManifestMalformed,
    /// A kind or version of pack that this release does not know.
    ManifestUnsupported,
    /// The manifest and the archive name different files or different bytes.
    ManifestMismatch,
    /// A file that every pack has is missing.
    FileMissing,
    /// A file has a name that the format does not know.
    FileUnknown,
    /// A receipt is not written as the format asks.
    ReceiptMalformed,
}

impl DamageKind {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "pack_too_large",
            Self::Archive => "archive_damaged",
            Self::FileData => "archive_file_damaged",
            Self::ManifestMalformed => "manifest_malformed",
            Self::ManifestUnsupported => "manifest_unsupported",
            Self::ManifestMismatch => "manifest_mismatch",
            Self::FileMissing => "pack_file_missing",
            Self::FileUnknown => "pack_file_unknown",
            Self::ReceiptMalformed => "receipt_malformed",
        }
    }
}

/// Where bytes stop being a pack, and why. One damage is named, the first that was met.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Damage {
    /// Which kind.
    pub kind: DamageKind,
    /// The file in question, where one can be named.
    pub file: Option<String>,
    /// The bytes of the archive in question, where they can be named.
    pub at: Option<Range<u64>>,
    /// What is wrong there.
    pub words: String,
}

impl Damage {
    /// A damage without a place.
    #[must_use]
    pub fn new(kind: DamageKind, words: impl Into<String>) -> Self {
        Self {
            kind,
            file: None,
            at: None,
            words: words.into(),
        }
    }

    /// The same in this file.
    #[must_use]
    pub fn within(self, file: &str) -> Self {
        Self {
            file: Some(file.to_owned()),
            ..self
        }
    }

    /// The same at these bytes of the archive.
    #[must_use]
    pub fn at(self, at: Range<usize>) -> Self {
        Self {
            at: Some(at.start as u64..at.end as u64),
            ..self
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(out, "{file}: ")?;
        }
        out.write_str(&self.words)?;
        match &self.at {
            Some(at) if at.end == at.start + 1 => write!(out, " (byte {})", at.start),
            Some(at) => write!(out, " (bytes {} to {})", at.start, at.end.saturating_sub(1)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_registered_code() {
        let all = [
            DamageKind::TooLarge,
            DamageKind::Archive,
            DamageKind::FileData,
            DamageKind::ManifestMalformed,
            DamageKind::ManifestUnsupported,
            DamageKind::ManifestMismatch,
            DamageKind::FileMissing,
            DamageKind::FileUnknown,
            DamageKind::ReceiptMalformed,
        ];
        let codes: Vec<&str> = all.into_iter().map(DamageKind::code).collect();
        assert_eq!(codes, ERROR_CODES);
    }

    #[test]
    fn a_damage_says_where() {
        let damage = Damage::new(DamageKind::Archive, "cut off")
            .within("a")
            .at(5..6);
        assert_eq!(damage.to_string(), "a: cut off (byte 5)");
        assert_eq!(damage.at(5..9).to_string(), "a: cut off (bytes 5 to 8)");
    }
}
