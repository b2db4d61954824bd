//! Which claims are in the log, by identity: exact, in memory, built again from the ground.
//!
//! A claim with a known identity is a duplicate when it says the same, else a conflict
//! (format law 7). 'Says the same' is judged by two fingerprints: of the typed open fields,
//! and, keyed, of the sealed values. After an erasure the second is gone and the first decides.

use std::collections::BTreeMap;

use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, ClaimStatus};
use countersign_model::ids::ClaimId;

/// What the log has under an identity.
#[derive(Clone, Copy, Debug)]
struct Known {
    at: ClaimRef,
    open: Digest,
    sealed: Option<Digest>,
}

/// The identities of all effective claims.
#[derive(Debug, Default)]
pub struct Identities {
    known: BTreeMap<ClaimId, Known>,
}

impl Identities {
    /// How many claims count.
    #[must_use]
    pub fn count(&self) -> usize {
        self.known.len()
    }

    /// What a claim of this identity is, given what the log has.
    #[must_use]
    pub fn judge(&self, id: ClaimId, open: Digest, sealed: Option<Digest>) -> ClaimStatus {
        match self.known.get(&id) {
            None => ClaimStatus::Effective,
            Some(known) => {
                // An erased claim has no sealed fingerprint any more: nothing to compare with.
                let sealed_differs = known.sealed.is_some() && known.sealed != sealed;
                if known.open != open || sealed_differs {
                    ClaimStatus::Conflicting(known.at)
                } else {
                    ClaimStatus::Duplicate(known.at)
                }
            }
        }
    }

    /// Keeps an effective claim.
    pub fn keep(&mut self, id: ClaimId, at: ClaimRef, open: Digest, sealed: Option<Digest>) {
        self.known.entry(id).or_insert(Known { at, open, sealed });
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::entry::Index;

    use super::*;

    fn check(open: &[u8], sealed: Option<&[u8]>, expect: &str) {
        let id = ClaimId(Digest::of(b"id"));
        let mut identities = Identities::default();
        let at = ClaimRef {
            index: Index(4),
            ordinal: 1,
        };
        identities.keep(id, at, Digest::of(b"open"), Some(Digest::of(b"sealed")));
        let got = identities.judge(id, Digest::of(open), sealed.map(Digest::of));
        assert_eq!(got.as_str(), expect);
    }

    #[test]
    fn the_same_is_a_duplicate_and_anything_else_a_conflict() {
        check(b"open", Some(b"sealed"), "duplicate");
        check(b"open", Some(b"other"), "conflicting_claim");
        check(b"open", None, "conflicting_claim");
        check(b"other", Some(b"sealed"), "conflicting_claim");
    }

    #[test]
    fn after_an_erasure_the_open_fields_decide() {
        let id = ClaimId(Digest::of(b"id"));
        let mut identities = Identities::default();
        identities.keep(
            id,
            ClaimRef {
                index: Index(4),
                ordinal: 0,
            },
            Digest::of(b"open"),
            None,
        );
        let status = identities.judge(id, Digest::of(b"open"), Some(Digest::of(b"sealed")));
        assert_eq!(status.as_str(), "duplicate");
    }
}
