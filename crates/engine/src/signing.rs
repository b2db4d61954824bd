//! What the node signs for its log: batches, the checkpoint of a commit, and the checkpoint as it
//! leaves the node.
//!
//! The log has no keys: who holds them passes this with each call.

use countersign_attest::{Register, SecretKey};
use countersign_model::entry::Size;
use countersign_model::time::Timestamp;
use countersign_ports::StoreError;
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::cosignature::cosign;
use countersign_tlog::hash::Hash;
use countersign_tlog::note::{Note, NoteSignature, VerifierKey};
use countersign_tlog::tree::TreeSize;

use crate::components::NodeKeys;
use crate::counted::Counted;
use crate::engine::Fatal;
use crate::node_statement::no_key;

/// Signs for a log with those of the node's keys that the log itself names.
#[derive(Clone, Copy, Debug)]
pub struct LogSigner<'a> {
    /// What the log names: itself, and its keys.
    pub register: &'a Register,
    /// The keys.
    pub keys: &'a NodeKeys,
}

impl LogSigner<'_> {
    /// The key with which the node signs what it says now.
    pub(crate) fn node_key(&self) -> Result<&Counted<SecretKey>, Fatal> {
        let key = self.keys.statement(self.register.node_key());
        key.ok_or_else(no_key)
    }

    /// The checkpoint of a commit: a note with one Ed25519 signature alone (ADR 0006), by the first
    /// such key of the log.
    ///
    /// # Errors
    /// [`Fatal`] when the signer does not answer.
    pub fn checkpoint(&self, size: Size, root: Hash) -> Result<Vec<u8>, Fatal> {
        let origin = self.register.identity().origin.as_str();
        let checkpoint = Checkpoint::new(origin, TreeSize(size.0), root).map_err(failed)?;
        let mut vkeys = self.register.checkpoint_keys().iter();
        let signer = vkeys.find_map(|vkey| self.keys.ed25519(vkey));
        let signer = signer.ok_or_else(|| failed("the key is not in this data folder"))?;
        let note: Note = checkpoint.sign(&[signer]).map_err(failed)?;
        Ok(note.to_string().into_bytes())
    }

    /// A committed checkpoint as it leaves the node: with a line by each checkpoint key of the log
    /// (ADR 0006). `recorded` is the recorded time of its commit, and that of the lines.
    ///
    /// # Errors
    /// [`Fatal`] when a signer does not answer.
    pub fn outward(&self, committed: &[u8], recorded: Timestamp) -> Result<Vec<u8>, Fatal> {
        let mut note = Note::parse(committed).map_err(failed)?;
        let checkpoint = Checkpoint::parse(note.text()).map_err(failed)?;
        let time_s = u64::try_from(recorded.ms() / 1000).unwrap_or_default();
        for vkey in self.register.checkpoint_keys() {
            let key = VerifierKey::parse(vkey).map_err(failed)?;
            if note.verify([&key]).is_ok() {
                continue;
            }
            let line = match (self.keys.ed25519(vkey), self.keys.ml_dsa_44(vkey)) {
                (Some(signer), _) => NoteSignature::make(note.text(), signer),
                (None, Some(signer)) => cosign(&checkpoint, time_s.max(1), signer),
                (None, None) => return Err(failed("a key is not in this data folder")),
            };
            let pushed = line.and_then(|line| note.push(line));
            pushed.map_err(failed)?;
        }
        Ok(note.to_string().into_bytes())
    }
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fatal {
    Fatal::Store(StoreError::other(
        "signing the checkpoint",
        error.into().to_string(),
    ))
}
