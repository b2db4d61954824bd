//! Receipts and proofs out of the committed tree (format law 5).

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_model::ids::KeyId;
use countersign_pack::ClaimReceipt;
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
        let claim = statement
            .claim_digests()
            .get(at.ordinal as usize)
            .ok_or(RawError::NoClaim(at))?;
        let batch_index = self.batch_of(at).ok_or(RawError::NoClaim(at))?;
        let place = self.place_of(batch_index).ok_or(RawError::NoClaim(at))?;
        let batch = ground::read_batch(&*self.world.ground, place).map_err(Fatal::Store)?;
        let first = batch_index.0 - batch.verdicts.len() as u64;
        let offset = at.index.0 - first;
        let lost = || {
            Fatal::Damaged(format!(
                "the verdict records at index {batch_index} are not those of the batch"
            ))
        };
        let record = usize::try_from(offset)
            .ok()
            .and_then(|at| batch.verdicts.get(at))
            .ok_or_else(lost)?;
        let verdicts = batch.verdicts.iter().map(Vec::as_slice);
        Ok(ClaimReceipt {
            claim: *claim,
            at,
            statement: group.statement,
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

    /// Receipts of all claims of the entries `from..from + count`, with what they rest on: bodies
    /// (sealed parts withheld), envelopes, the enrolments of the keys that signed, and genesis;
    /// each file with a name.
    ///
    /// # Errors
    /// [`RawError`].
    pub fn receipts(&self, from: u64, count: u64) -> Result<Vec<(String, Vec<u8>)>, RawError> {
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut keys = BTreeSet::new();
        for index in (from..from.saturating_add(count).min(self.size().0)).map(Index) {
            for at in self.claims_at(index)? {
                self.receipt_files(at, &mut files, &mut keys)?;
            }
        }
        let mut done = BTreeSet::new();
        while let Some(key) = keys.pop_first() {
            if done.insert(key)
                && let Some(at) = self.enrolment(&key)?
            {
                self.receipt_files(at, &mut files, &mut keys)?;
            }
        }
        if let Some(genesis) = self.group(Index(0))? {
            files.insert("genesis.statement".to_owned(), genesis.statement);
            files.insert(
                "genesis.tlog-proof".to_owned(),
                self.statement_proof(Index(0))?,
            );
        }
        Ok(files.into_iter().collect())
    }

    fn receipt_files(
        &self,
        at: ClaimRef,
        files: &mut BTreeMap<String, Vec<u8>>,
        keys: &mut BTreeSet<KeyId>,
    ) -> Result<(), RawError> {
        let receipt = self.claim_receipt(at)?;
        keys.extend(stored_statement(&receipt.statement)?.key_ids());
        files.insert(format!("{at}.receipt"), receipt.encode());
        let body = self.body(at, false)?;
        let mut envelope = Some(body.envelope);
        while let Some(digest) = envelope {
            envelope = None;
            if let Some(whole) = self.envelope(digest)? {
                files.insert(format!("{digest}.envelope"), whole.encode());
                envelope = whole.head;
                if let Some(map) = whole
                    .mapping
                    .and_then(|map| self.state.envelopes.mapping_bytes(map))
                {
                    files.insert(
                        format!("{}.blob", whole.mapping.unwrap_or(Digest::ZERO)),
                        map.to_vec(),
                    );
                }
            }
        }
        files.insert(format!("{}.body", receipt.claim), body.encode());
        Ok(())
    }

    fn path(&self, index: Index) -> Result<Vec<Hash>, Fatal> {
        let size = TreeSize(self.sequencer.size().0);
        prove_inclusion(self.sequencer.nodes(), LeafIndex(index.0), size)
            .map_err(|error| Fatal::Damaged(format!("no proof for index {index}: {error}")))
    }
}
