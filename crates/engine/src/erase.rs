//! Erasure: the sealed parts of a claim are destroyed, and everything else still proves.
//!
//! First the act is logged, then the record is overwritten. If the process ends between the
//! two, the next start finds the act and overwrites then.

use countersign_model::digest::Digest;
use countersign_model::entry::ClaimRef;
use countersign_record::sealing::fingerprint_of;
use countersign_record::segment::wiped_head;

use crate::engine::{Engine, Fatal, stored_statement};
use crate::ground::Group;
use crate::raw::RawError;

impl Engine {
    /// Where the claim with that digest stands; looks through the whole log.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn find_claim(&self, digest: Digest) -> Result<Option<ClaimRef>, Fatal> {
        for index in (0..self.size().0).map(countersign_model::entry::Index) {
            let Some(group) = self.group(index)? else {
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
        let group = self.group(at.index)?.ok_or(RawError::NoClaim(at))?;
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
    pub(crate) fn destroy(&mut self, group: &Group, digest: Digest) -> Result<usize, Fatal> {
        let mut destroyed = 0;
        for record in &group.sealed {
            let owner = record
                .payload
                .as_deref()
                .and_then(fingerprint_of)
                .map(|(owner, _)| owner);
            if owner != Some(digest) {
                continue;
            }
            let payload_len = record.len - countersign_record::segment::RECORD_HEAD_LEN;
            let mut bytes = wiped_head(payload_len).to_vec();
            bytes.resize(record.len, 0);
            self.world.ground.overwrite(record.at, &bytes)?;
            destroyed += 1;
        }
        Ok(destroyed)
    }

    /// Finishes erasures that were logged but perhaps not carried out before the last run ended:
    /// one pass over the log, and only if anything was ever erased.
    pub(crate) fn finish_erasures(&mut self) -> Result<(), Fatal> {
        let erased = self.folds.erased().clone();
        if erased.is_empty() {
            return Ok(());
        }
        for index in (0..self.size().0).map(countersign_model::entry::Index) {
            let Some(group) = self.group(index)? else {
                continue;
            };
            let payloads = group
                .sealed
                .iter()
                .filter_map(|record| record.payload.as_deref());
            let owners: Vec<Digest> = payloads
                .filter_map(|p| fingerprint_of(p).map(|(owner, _)| owner))
                .collect();
            for owner in owners.into_iter().filter(|owner| erased.contains(owner)) {
                self.destroy(&group, owner)?;
            }
        }
        Ok(())
    }
}
