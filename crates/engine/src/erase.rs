//! Erasure: the sealed parts of a claim are destroyed, and everything else still proves.
//!
//! First the act is logged, then the record is overwritten in steps (docs/formats/segment.md). If
//! the process ends before the last of them, the next start finds the act and goes on.

use countersign_model::digest::Digest;
use countersign_model::entry::ClaimRef;
use countersign_ports::Position;
use countersign_record::sealing::fingerprint_of;
use countersign_record::segment::erasure;

use crate::committed_end::short;
use crate::engine::{Engine, Fatal, stored_statement};
use crate::ground::{Group, Left, SealedRecord};
use crate::raw::RawError;

impl Engine {
    /// Where the claim with that digest stands; looks through the whole log.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn find_claim(&self, digest: Digest) -> Result<Option<ClaimRef>, Fatal> {
        for index in (0..self.size().0).map(countersign_model::entry::Index) {
            let Some(group) = self.log.group(index)? else {
                continue;
            };
            let statement = stored_statement(&group.statement)?;
            let ordinal = statement
                .claim_digests()
                .iter()
                .position(|claim| *claim == digest);
            if let Some(ordinal) = ordinal.and_then(|at| u32::try_from(at).ok()) {
                return Ok(Some(ClaimRef { index, ordinal }));
            }
        }
        Ok(None)
    }

    /// Destroys the sealed parts of a claim: logs the act, then overwrites value, salt and key.
    /// Returns how many sealed records were destroyed.
    ///
    /// # Errors
    /// [`RawError`].
    pub fn erase(&mut self, at: ClaimRef) -> Result<usize, RawError> {
        let group = self.log.group(at.index)?.ok_or(RawError::NoClaim(at))?;
        let statement = stored_statement(&group.statement)?;
        let digest = *statement
            .claim_digests()
            .get(at.ordinal as usize)
            .ok_or(RawError::NoClaim(at))?;
        self.say(&[&format!(r#"{{"type":"Erasure","claim":"{digest}"}}"#)])?;
        self.commit()?;
        Ok(self.destroy(&group, digest)?)
    }

    /// Overwrites the sealed records of `digest`; those that are wiped already are left.
    fn destroy(&mut self, group: &Group, digest: Digest) -> Result<usize, Fatal> {
        let of_claim = |record: &&SealedRecord| owner(record) == Some(digest);
        let records = group.sealed.iter().filter(of_claim);
        records
            .map(|record| self.overwrite(record))
            .try_fold(0, |count, done| done.map(|()| count + 1))
    }

    fn overwrite(&mut self, record: &SealedRecord) -> Result<(), Fatal> {
        for (offset, bytes) in erasure(record.payload_len) {
            let at = Position {
                segment: record.at.segment,
                offset: record.at.offset + short(offset),
            };
            self.log.overwrite(at, &bytes)?;
        }
        self.state.identities.forget_read();
        Ok(())
    }

    /// Finishes erasures that were logged but perhaps not carried out before the last run ended:
    /// one pass over the log, and only if anything was ever erased.
    pub(crate) fn finish_erasures(&mut self) -> Result<(), Fatal> {
        let erased = self.folds.erased().clone();
        if erased.is_empty() {
            return Ok(());
        }
        for index in (0..self.size().0).map(countersign_model::entry::Index) {
            let Some(group) = self.log.group(index)? else {
                continue;
            };
            let is_due = |record: &&SealedRecord| {
                record.left == Left::Erasing
                    || owner(record).is_some_and(|owner| erased.contains(&owner))
            };
            for record in group.sealed.iter().filter(is_due) {
                self.overwrite(record)?;
            }
        }
        Ok(())
    }
}

/// Whose sealed parts it holds, while it holds any.
fn owner(record: &SealedRecord) -> Option<Digest> {
    record
        .payload()
        .and_then(fingerprint_of)
        .map(|(owner, _)| owner)
}
