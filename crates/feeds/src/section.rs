//! Sections of an import: claims with their envelope, and what became of each line.

use std::io;

use countersign_model::body::{BODY_SALT_LEN, ClaimBody, EnvelopeBody, PART_SALT_LEN};
use countersign_model::digest::Digest;

/// Fresh random salts.
pub struct Salts<'a> {
    random: &'a mut dyn FnMut(&mut [u8]),
}

impl std::fmt::Debug for Salts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salts")
    }
}

impl<'a> Salts<'a> {
    /// Takes the source of random bytes.
    pub fn new(random: &'a mut dyn FnMut(&mut [u8])) -> Self {
        Self { random }
    }

    pub(crate) fn body(&mut self) -> [u8; BODY_SALT_LEN] {
        let mut salt = [0; BODY_SALT_LEN];
        (self.random)(&mut salt);
        salt
    }

    pub(crate) fn part(&mut self) -> [u8; PART_SALT_LEN] {
        let mut salt = [0; PART_SALT_LEN];
        (self.random)(&mut salt);
        salt
    }
}

/// What is odd about a claim that was taken: code and field.
pub type Warnings = Vec<(&'static str, String)>;

/// A line of the file, or an event in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// It became the claim of that digest.
    Claim {
        /// Number in the file, from 1.
        line: u64,
        /// Its digest.
        digest: Digest,
        /// What was odd about it.
        warnings: Warnings,
    },
    /// It was refused.
    Refused {
        /// Number in the file, from 1.
        line: u64,
        /// Stable code.
        code: &'static str,
        /// Which field.
        field: String,
        /// A sentence.
        reason: String,
    },
}

/// A part of an import: what one statement of the node will cover.
#[derive(Clone, Debug, Default)]
pub struct ImportSection {
    /// New envelopes.
    pub envelopes: Vec<EnvelopeBody>,
    /// Mapping files, with the first section of a table.
    pub blobs: Vec<Vec<u8>>,
    /// Bodies in the order of the file.
    pub bodies: Vec<ClaimBody>,
    /// Every line of the section, in the order of the file.
    pub lines: Vec<Line>,
    /// Bytes of the file up to the end of the section, for progress.
    pub done: u64,
}

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError<E> {
    /// The file.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The document as a whole is wrong: code, field, reason.
    #[error("{reason}")]
    Document {
        /// Stable code.
        code: &'static str,
        /// Line, if it is known.
        line: Option<u64>,
        /// Which field.
        field: String,
        /// A sentence.
        reason: String,
    },
    /// The sink.
    #[error("{0}")]
    Sink(E),
}
