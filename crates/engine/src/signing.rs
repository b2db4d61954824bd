//! What the node signs for its log: batches, the checkpoint of a commit, and the checkpoint as it
//! leaves the node.
//!
//! The log has no keys: who holds them passes this with each call.

use countersign_model::entry::Size;
use countersign_model::ids::Origin;
use countersign_model::time::Timestamp;
use countersign_ports::StoreError;
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::cosignature::cosign;
use countersign_tlog::hash::Hash;
use countersign_tlog::note::{Note, Signer};
use countersign_tlog::tree::TreeSize;

use crate::components::NodeKeys;
use crate::engine::Fatal;
use crate::node_statement;

/// Signs for a log under its name.
#[derive(Clone, Copy, Debug)]
pub struct LogSigner<'a> {
    /// Name of the log.
    pub origin: &'a Origin,
    /// The keys.
    pub keys: &'a NodeKeys,
}

impl LogSigner<'_> {
    /// The batch statement (logged form) around the payload of a batch.
    #[must_use]
    pub fn batch(&self, payload: &[u8]) -> Vec<u8> {
        node_statement::batch(self.origin, payload, self.keys.statement.to_sign_once())
    }

    /// The checkpoint of a commit: a note with the Ed25519 signature alone (ADR 0006).
    ///
    /// # Errors
    /// [`Fatal`] when the signer does not answer.
    pub fn checkpoint(&self, size: Size, root: Hash) -> Result<Vec<u8>, Fatal> {
        let checkpoint = Checkpoint::new(self.origin.as_str(), TreeSize(size.0), root);
        let checkpoint = checkpoint.map_err(|error| failed(error.to_string()))?;
        let note: Note = checkpoint
            .sign(&[&self.keys.checkpoint])
            .map_err(|error| failed(error.to_string()))?;
        Ok(note.to_string().into_bytes())
    }

    /// A committed checkpoint as it leaves the node: signed with every checkpoint key (ADR 0006).
    /// `recorded` is the recorded time of its commit.
    ///
    /// # Errors
    /// [`Fatal`] when a signer does not answer.
    pub fn outward(&self, committed: &[u8], recorded: Timestamp) -> Result<Vec<u8>, Fatal> {
        match &self.keys.checkpoint_pq {
            Some(signer) => signed_again(committed, recorded, signer),
            None => Ok(committed.to_vec()),
        }
    }
}

/// A checkpoint with one more signature. Its time is that of the commit.
fn signed_again(
    committed: &[u8],
    recorded: Timestamp,
    signer: &dyn Signer,
) -> Result<Vec<u8>, Fatal> {
    let mut note = Note::parse(committed).map_err(|e| failed(e.to_string()))?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(|e| failed(e.to_string()))?;
    let time_s = u64::try_from(recorded.ms() / 1000).unwrap_or_default();
    let signature = cosign(&checkpoint, time_s.max(1), signer);
    let pushed = signature.and_then(|signature| note.push(signature));
    pushed.map_err(|error| failed(error.to_string()))?;
    Ok(note.to_string().into_bytes())
}

fn failed(error: String) -> Fatal {
    Fatal::Store(StoreError::other("signing the checkpoint", error))
}
