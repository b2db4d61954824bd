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
    pub fn judge(&self, id: ClaimId, open: Digest, sealed: SealedValues) -> ClaimStatus {
        match self.known.get(&id) {
            None => ClaimStatus::Effective,
            Some(known) => {
                let is_erased = known.sealed == SealedValues::Erased;
                let sealed_differs = !is_erased && known.sealed != sealed;
                if known.open != open || sealed_differs {
                    ClaimStatus::Conflicting(known.at)
                } else {
                    ClaimStatus::Duplicate(known.at)
                }
            }
        }
    }

    /// Keeps an effective claim.
    pub fn keep(&mut self, id: ClaimId, at: ClaimRef, open: Digest, sealed: SealedValues) {
        self.known.entry(id).or_insert(Known { at, open, sealed });
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::entry::Index;

    use super::*;

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
        let got = identities.judge(id, Digest::of(open), sealed);
        assert_eq!(got.as_str(), expect);
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
