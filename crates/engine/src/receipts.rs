//! Receipts and proofs out of the committed tree (format law 5).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_model::ids::KeyId;
use countersign_pack::ClaimReceipt;
use countersign_pack::cose_receipt::{CoseReceiptBuilder, InclusionProof, ScittStatement};
use countersign_tlog::TreeSize;
use countersign_tlog::tlog_proof::TlogProof;
use countersign_tlog::tree::LeafIndex;

use crate::engine::{Engine, Fatal, stored_statement};
use crate::ground::Group;
use crate::node_statement;
use crate::raw::{RawError, bodies};

impl Engine {
    /// The receipt of a claim, against the committed checkpoint.
    ///
    /// # Errors
    /// [`RawError::NoClaim`] when the log has no such claim.
    pub fn claim_receipt(&self, at: ClaimRef) -> Result<ClaimReceipt, RawError> {
        let entry = self.entry_receipt(at.index)?;
        entry
            .and_then(|entry| entry.of(at.ordinal))
            .ok_or(RawError::NoClaim(at))
    }

    /// What the receipts of all claims of an entry have in common; `None` where there is none.
    fn entry_receipt(&self, index: Index) -> Result<Option<EntryReceipt>, Fatal> {
        let Some(group) = self.log.group(index)? else {
            return Ok(None);
        };
        let Some(batch_index) = self.log.batch_of(index)? else {
            return Ok(None);
        };
        let absent = || Fatal::Damaged(format!("there is no batch at index {batch_index}"));
        let read = || self.log.batch(batch_index)?.ok_or_else(absent);
        let read = self.last_batch.at(batch_index, read)?;
        let batch = &read.group;
        let offset = index.0 - (batch_index.0 - batch.verdicts.len() as u64);
        let record = usize::try_from(offset)
            .ok()
            .and_then(|at| batch.verdicts.get(at));
        let (Some(record), Some(record_path)) = (record, read.record_path(offset)) else {
            let text =
                format!("the verdict records at index {batch_index} are not those of the batch");
            return Err(Fatal::Damaged(text));
        };
        let claims = stored_statement(&group.statement)?.claim_digests().to_vec();
        let first = ClaimReceipt {
            claim: Digest::ZERO,
            at: ClaimRef { index, ordinal: 0 },
            statement: group.statement.clone(),
            path: self.log.path(index)?,
            batch: batch.statement.clone(),
            batch_index,
            batch_path: self.log.path(batch_index)?,
            record: record.clone(),
            record_path,
            checkpoint: self.outward()?.to_vec(),
        };
        Ok(Some(EntryReceipt {
            group,
            claims,
            first,
        }))
    }

    /// The `.tlog-proof` of a statement, against the committed checkpoint.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn statement_proof(&self, index: Index) -> Result<Vec<u8>, Fatal> {
        let note = countersign_tlog::note::Note::parse(self.outward()?);
        let note = note.map_err(|error| Fatal::Damaged(error.to_string()))?;
        let proof = TlogProof::new(LeafIndex(index.0), self.log.path(index)?, note);
        let proof = proof.map_err(|error| Fatal::Damaged(error.to_string()))?;
        Ok(proof.to_string().into_bytes())
    }

    /// A COSE receipt (RFC 9942) of an entry, for the tools of others: that the committed tree has it,
    /// signed by the log's key for receipts. Its claims name the log, and what the statement is about.
    ///
    /// # Errors
    /// [`RawError::NoEntry`] where no statement stands; [`RawError::NoReceipt`].
    pub fn cose_receipt(&self, index: Index) -> Result<Vec<u8>, RawError> {
        let group = self.log.group(index)?.ok_or(RawError::NoEntry(index))?;
        let statement = stored_statement(&group.statement)?;
        let register = &self.state.register;
        let key = self.keys.receipt(register.receipt_key().id());
        let key = key.ok_or_else(node_statement::no_key)?;
        let receipts = CoseReceiptBuilder::new(&key.public())
            .with_claims(register.identity().origin.as_str(), statement.subject());
        let path = self.log.path(index)?;
        let (size, leaf) = (TreeSize(self.size().0), LeafIndex(index.0));
        let proof = InclusionProof::new(size, leaf, path)?;
        let sign = |message: &[u8]| key.to_sign_once().sign(message).to_vec();
        Ok(receipts.inclusion(&proof, &self.root(), sign)?)
    }

    /// The statement at an index as a transparent one (RFC 9943): as it was logged, with a receipt of
    /// [`Engine::cose_receipt`] in its unprotected header.
    ///
    /// # Errors
    /// As [`Engine::cose_receipt`]; [`RawError::NoReceipt`] for a statement of several signers, which
    /// is no COSE_Sign1.
    pub fn transparent_statement(&self, index: Index) -> Result<Vec<u8>, RawError> {
        let receipt = self.cose_receipt(index)?;
        let group = self.log.group(index)?.ok_or(RawError::NoEntry(index))?;
        let statement = ScittStatement::parse(&group.statement)?;
        Ok(statement.transparent(&[receipt])?)
    }

    /// Receipts of all claims of the entries `from..from + count`, with what they rest on: bodies
    /// (sealed parts withheld), envelopes, the enrolments of the keys that signed, and genesis;
    /// each file with a name.
    ///
    /// # Errors
    /// [`RawError`].
    pub fn receipts(&self, from: u64, count: u64) -> Result<Vec<(String, Vec<u8>)>, RawError> {
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut keys = self.state.renewed_keys();
        for index in (from..from.saturating_add(count).min(self.size().0)).map(Index) {
            if let Some(entry) = self.entry_receipt(index)? {
                let all = 0..u32::try_from(entry.claims.len()).unwrap_or(u32::MAX);
                self.receipt_files(&entry, all, &mut files, &mut keys)?;
            }
        }
        self.with_what_they_rest_on(files, keys)
    }

    /// The receipt of one claim, with what it rests on, as [`Engine::receipts`] gives them.
    ///
    /// # Errors
    /// [`RawError`].
    pub fn receipt_with_all(&self, at: ClaimRef) -> Result<Vec<(String, Vec<u8>)>, RawError> {
        let entry = self.entry_receipt(at.index)?.ok_or(RawError::NoClaim(at))?;
        let (mut files, mut keys) = (BTreeMap::new(), self.state.renewed_keys());
        self.receipt_files(&entry, at.ordinal..at.ordinal + 1, &mut files, &mut keys)?;
        self.with_what_they_rest_on(files, keys)
    }

    /// Adds the enrolments of the keys that signed, and genesis.
    fn with_what_they_rest_on(
        &self,
        mut files: BTreeMap<String, Vec<u8>>,
        mut keys: BTreeSet<KeyId>,
    ) -> Result<Vec<(String, Vec<u8>)>, RawError> {
        let mut done = BTreeSet::new();
        while let Some(key) = keys.pop_first() {
            if !done.insert(key) {
                continue;
            }
            for at in self.enrolments(&key) {
                if let Some(entry) = self.entry_receipt(at.index)? {
                    self.receipt_files(&entry, at.ordinal..at.ordinal + 1, &mut files, &mut keys)?;
                }
            }
        }
        if let Some(genesis) = self.log.group(Index(0))? {
            files.insert("genesis.statement".to_owned(), genesis.statement);
            files.insert(
                "genesis.tlog-proof".to_owned(),
                self.statement_proof(Index(0))?,
            );
        }
        Ok(files.into_iter().collect())
    }

    /// The files of some claims of an entry.
    fn receipt_files(
        &self,
        entry: &EntryReceipt,
        ordinals: Range<u32>,
        files: &mut BTreeMap<String, Vec<u8>>,
        keys: &mut BTreeSet<KeyId>,
    ) -> Result<(), RawError> {
        keys.extend(stored_statement(&entry.first.statement)?.key_ids());
        let bodies = bodies(&entry.group)?;
        for ordinal in ordinals {
            let at = ClaimRef {
                index: entry.first.at.index,
                ordinal,
            };
            let receipt = entry.of(ordinal).ok_or(RawError::NoClaim(at))?;
            files.insert(format!("{at}.receipt"), receipt.encode());
            // A body that never came is recorded as absent.
            if let Some(body) = bodies.get(&receipt.claim) {
                files.insert(format!("{}.body", receipt.claim), body.encode());
                self.envelope_files(body.envelope, files)?;
            }
        }
        Ok(())
    }

    /// An envelope with its head and mapping, unless they are there.
    fn envelope_files(
        &self,
        digest: Digest,
        files: &mut BTreeMap<String, Vec<u8>>,
    ) -> Result<(), Fatal> {
        let name = format!("{digest}.envelope");
        if files.contains_key(&name) {
            return Ok(());
        }
        let Some(envelope) = self.envelope(digest)? else {
            return Ok(());
        };
        files.insert(name, envelope.encode());
        if let Some(map) = envelope.mapping
            && let Some(bytes) = self.mapping(map)?
        {
            files.insert(format!("{map}.blob"), bytes);
        }
        match envelope.head {
            Some(head) => self.envelope_files(head, files),
            None => Ok(()),
        }
    }
}

/// An entry, and the receipt of each of its claims but for claim digest and ordinal.
struct EntryReceipt {
    group: Group,
    claims: Vec<Digest>,
    first: ClaimReceipt,
}

impl EntryReceipt {
    /// The receipt of the claim with that ordinal.
    fn of(&self, ordinal: u32) -> Option<ClaimReceipt> {
        let claim = *self.claims.get(ordinal as usize)?;
        let at = ClaimRef {
            ordinal,
            ..self.first.at
        };
        Some(ClaimReceipt {
            claim,
            at,
            ..self.first.clone()
        })
    }
}
