//! Which claims are in the log, by identity: exact, on the disk, built again from the ground.
//!
//! A claim with a known identity is a duplicate when it says the same, else a conflict
//! (format law 7). 'Says the same' is judged by two fingerprints: of the typed open fields,
//! and, keyed, of the sealed values. After an erasure the second is gone and the first decides.
//!
//! The index knows where a claim of an identity may stand; what stands there is read back from the
//! log and compared. Claims that wait for their commit are in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;

use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, ClaimStatus, Index};
use countersign_model::ids::ClaimId;
use countersign_ports::StoreError;

use crate::limits::READ_BACK_STATEMENTS_MAX;
use crate::log_index::Past;

/// What the log has under an identity.
#[derive(Clone, Copy, Debug)]
struct Known {
    at: ClaimRef,
    open: Digest,
    sealed: SealedValues,
}

/// What is known of the sealed values of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedValues {
    /// It has none.
    None,
    /// Their keyed fingerprint.
    Fingerprint(Digest),
    /// They were erased: there is nothing to compare with.
    Erased,
}

/// A claim that was read back: its identity, and the fingerprints of its open and sealed values.
#[derive(Clone, Copy, Debug)]
pub struct ReadClaim {
    /// Its identity.
    pub id: ClaimId,
    /// Of the typed open fields.
    pub open: Digest,
    /// Of the sealed values.
    pub sealed: SealedValues,
}

/// The claims of a statement, by ordinal; `None` for one without an identity.
pub type ReadClaims = Vec<Option<ReadClaim>>;

/// Reads the claims of the statement at an index back.
pub type ReadBack<'a> = dyn Fn(Index) -> Result<ReadClaims, StoreError> + 'a;

/// The identities of all effective claims.
#[derive(Debug, Default)]
pub struct Identities {
    /// Claims that are not in the index: those that wait for their commit.
    waiting: BTreeMap<ClaimId, Known>,
    /// How many claims count.
    count: usize,
    /// Statements that were read back last.
    read: RefCell<BTreeMap<Index, ReadClaims>>,
}

impl Identities {
    /// How many claims count.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// What a claim of this identity is, given what the log has.
    ///
    /// # Errors
    /// [`StoreError`] when that cannot be read.
    pub fn judge(
        &self,
        said: &ReadClaim,
        past: Past<'_>,
        read: &ReadBack<'_>,
    ) -> Result<ClaimStatus, StoreError> {
        let known = match self.waiting.get(&said.id) {
            Some(known) => Some(*known),
            None => self.find(said.id, past, read)?,
        };
        let Some(known) = known else {
            return Ok(ClaimStatus::Effective);
        };
        let is_erased = known.sealed == SealedValues::Erased;
        let sealed_differs = !is_erased && known.sealed != said.sealed;
        Ok(if known.open != said.open || sealed_differs {
            ClaimStatus::Conflicting(known.at)
        } else {
            ClaimStatus::Duplicate(known.at)
        })
    }

    /// The first claim of the log under an identity.
    fn find(
        &self,
        id: ClaimId,
        past: Past<'_>,
        read: &ReadBack<'_>,
    ) -> Result<Option<Known>, StoreError> {
        for at in past.find(id.0)? {
            let claim = self.read_back(at, read)?;
            if let Some(claim) = claim.filter(|claim| claim.id == id) {
                return Ok(Some(Known {
                    at,
                    open: claim.open,
                    sealed: claim.sealed,
                }));
            }
        }
        Ok(None)
    }

    fn read_back(
        &self,
        at: ClaimRef,
        read: &ReadBack<'_>,
    ) -> Result<Option<ReadClaim>, StoreError> {
        let mut kept = self.read.borrow_mut();
        if !kept.contains_key(&at.index) {
            if kept.len() >= READ_BACK_STATEMENTS_MAX {
                kept.clear();
            }
            kept.insert(at.index, read(at.index)?);
        }
        let claims = kept.get(&at.index);
        Ok(claims.and_then(|claims| *claims.get(at.ordinal as usize)?))
    }

    /// Where nothing waits for its commit: how many count is all that the index has not.
    pub(crate) fn resumed(count: usize) -> Self {
        Self {
            count,
            ..Self::default()
        }
    }

    /// Keeps an effective claim that waits for its commit.
    pub fn keep(&mut self, id: ClaimId, at: ClaimRef, open: Digest, sealed: SealedValues) {
        self.count += 1;
        self.waiting.entry(id).or_insert(Known { at, open, sealed });
    }

    /// What waited is committed: what goes into the index.
    pub fn committed(&mut self) -> impl Iterator<Item = (Digest, ClaimRef)> + use<> {
        let claims = std::mem::take(&mut self.waiting).into_iter();
        claims.map(|(id, known)| (id.0, known.at))
    }

    /// Something of the ground was overwritten: what was read before says nothing any more.
    pub fn forget_read(&self) {
        self.read.borrow_mut().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log_index::LogIndex;

    fn fingerprint(sealed: &[u8]) -> SealedValues {
        SealedValues::Fingerprint(Digest::of(sealed))
    }

    fn check(known: SealedValues, open: &[u8], sealed: SealedValues, expect: &str) {
        let id = ClaimId(Digest::of(b"id"));
        let mut identities = Identities::default();
        let at = ClaimRef {
            index: Index(4),
            ordinal: 1,
        };
        identities.keep(id, at, Digest::of(b"open"), known);
        let said = ReadClaim {
            id,
            open: Digest::of(open),
            sealed,
        };
        let (mut index, ground) = (LogIndex::default(), Vec::new());
        let no_claims = |_: Index| Err(StoreError::other("reading", "it waits for its commit"));
        let past = Past::new(&index, &ground);
        let got = identities.judge(&said, past, &no_claims).expect("judges");
        assert_eq!(got.as_str(), expect);
        // The same once it is committed and read back.
        for (key, at) in identities.committed() {
            index.insert(key, at).expect("inserts");
        }
        let past = Past::new(&index, &ground);
        let stands = ReadClaim {
            open: Digest::of(b"open"),
            sealed: known,
            ..said
        };
        let read = |_: Index| Ok(vec![None, Some(stands)]);
        let got = identities.judge(&said, past, &read).expect("judges");
        assert_eq!(got.as_str(), expect);
        // Where only the place is the same, it is another claim.
        let other = ReadClaim {
            id: ClaimId(Digest::of(b"another id")),
            ..stands
        };
        identities.forget_read();
        let read = |_: Index| Ok(vec![None, Some(other)]);
        let got = identities.judge(&said, past, &read).expect("judges");
        assert_eq!(got.as_str(), "effective");
    }

    #[test]
    fn the_same_is_a_duplicate_and_anything_else_a_conflict() {
        let (sealed, none) = (fingerprint(b"sealed"), SealedValues::None);
        check(sealed, b"open", sealed, "duplicate");
        check(sealed, b"open", fingerprint(b"other"), "conflicting_claim");
        check(sealed, b"open", none, "conflicting_claim");
        check(sealed, b"other", sealed, "conflicting_claim");
        check(none, b"open", none, "duplicate");
        check(none, b"open", sealed, "conflicting_claim");
    }

    #[test]
    fn after_an_erasure_the_open_fields_decide() {
        let erased = SealedValues::Erased;
        check(erased, b"open", fingerprint(b"sealed"), "duplicate");
        check(erased, b"open", SealedValues::None, "duplicate");
        check(
            erased,
            b"other",
            fingerprint(b"sealed"),
            "conflicting_claim",
        );
    }
}
