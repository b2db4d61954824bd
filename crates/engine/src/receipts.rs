//! Receipts and proofs out of the committed tree (format law 5).

use countersign_model::entry::{ClaimRef, Index};
use countersign_pack::receipt::ClaimReceipt;
use countersign_record::commit::verdict_path;
use countersign_tlog::hash::Hash;
use countersign_tlog::proof::prove_inclusion;
use countersign_tlog::tlog_proof::TlogProof;
use countersign_tlog::tree::{LeafIndex, TreeSize};

use crate::engine::{Engine, Fatal, stored_statement};
use crate::ground;
use crate::raw::RawError;

impl Engine {
    /// The receipt of a claim, against the committed checkpoint.
    ///
    /// # Errors
    /// [`RawError::NoClaim`] when the log has no such claim.
    pub fn claim_receipt(&self, at: ClaimRef) -> Result<ClaimReceipt, RawError> {
        let group = self.group(at.index)?.ok_or(RawError::NoClaim(at))?;
        let statement = stored_statement(&group.statement)?;
        let claim = statement.claim_digests().get(at.ordinal as usize).ok_or(RawError::NoClaim(at))?;
        let batch_index = self.batch_of(at).ok_or(RawError::NoClaim(at))?;
        let place = self.place_of(batch_index).ok_or(RawError::NoClaim(at))?;
        let batch = ground::read_batch(&*self.world.ground, place).map_err(Fatal::Store)?;
        let first = batch_index.0 - batch.verdicts.len() as u64;
        let offset = at.index.0 - first;
        let lost = || Fatal::Damaged(format!("the verdict records at index {batch_index} are not those of the batch"));
        let record = usize::try_from(offset).ok().and_then(|at| batch.verdicts.get(at)).ok_or_else(lost)?;
        let verdicts = batch.verdicts.iter().map(Vec::as_slice);
        Ok(ClaimReceipt {
            claim: *claim,
            at,
            statement: group.statement.clone(),
            path: self.path(at.index)?,
            batch: batch.statement.clone(),
            batch_index,
            batch_path: self.path(batch_index)?,
            record: record.clone(),
            record_path: verdict_path(verdicts, offset).ok_or_else(lost)?,
            checkpoint: self.checkpoint.clone(),
        })
    }

    /// The `.tlog-proof` of a statement, against the committed checkpoint.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn statement_proof(&self, index: Index) -> Result<Vec<u8>, Fatal> {
        let note = countersign_tlog::note::Note::parse(&self.checkpoint);
        let note = note.map_err(|error| Fatal::Damaged(error.to_string()))?;
        let proof = TlogProof::new(LeafIndex(index.0), self.path(index)?, note);
        let proof = proof.map_err(|error| Fatal::Damaged(error.to_string()))?;
        Ok(proof.to_string().into_bytes())
    }

    fn path(&self, index: Index) -> Result<Vec<Hash>, Fatal> {
        let size = TreeSize(self.sequencer.size().0);
        prove_inclusion(self.sequencer.nodes(), LeafIndex(index.0), size)
            .map_err(|error| Fatal::Damaged(format!("no proof for index {index}: {error}")))
    }
}
