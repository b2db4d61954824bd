//! Checkpoints of this log, known again by the keys that the log itself names.

use countersign_attest::Register;
use countersign_model::entry::Size;
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::{Note, VerifierKey};

/// A note that was read and of which nothing is known yet.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    note: Note,
    checkpoint: Checkpoint,
}

impl Read {
    /// Reads a note; a sentence for what is none.
    pub(crate) fn parse(note: &[u8]) -> Result<Self, String> {
        let note = Note::parse(note).map_err(|error| error.to_string())?;
        let checkpoint = Checkpoint::parse(note.text()).map_err(|error| error.to_string())?;
        Ok(Self { note, checkpoint })
    }

    /// How many entries it covers.
    pub(crate) fn size(&self) -> u64 {
        self.checkpoint.size().0
    }

    /// The root that it names.
    pub(crate) fn root(&self) -> [u8; 32] {
        *self.checkpoint.root().as_bytes()
    }

    /// How many of these verifier keys signed it; `None` if none did, or if a line in the name of
    /// one of them is wrong.
    pub(crate) fn signed_by(&self, vkeys: &[String]) -> Option<usize> {
        let keys: Vec<VerifierKey> = vkeys
            .iter()
            .filter_map(|key| VerifierKey::parse(key).ok())
            .collect();
        self.note.verify(&keys).ok().map(|verified| verified.len())
    }

    /// How many of the log's keys signed it, of how many that were in force for it; `None` if it is
    /// of another log, or as [`Read::signed_by`].
    pub(crate) fn signed(&self, register: &Register) -> Option<(usize, usize)> {
        let terms = register.terms_of(self.checkpoint.origin(), Size(self.size()))?;
        let signed = self.signed_by(&terms.checkpoint_keys)?;
        Some((signed, terms.checkpoint_keys.len()))
    }

    /// How many lines it has.
    pub(crate) fn lines(&self) -> usize {
        self.note.signatures().len()
    }
}
