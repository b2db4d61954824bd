//! Conflicting claim: the same claim, or the same plan, was said twice with different content.
//! An edit that was to pass as the original.
//!
//! Looks at: `conflicting_claim` discrepancies of the ledger: an identity that is in the log
//! with other content. The first one keeps its effect.
//!
//! Silent when: the second is the same but for spelling (a duplicate), or a correction that
//! declares the first an error, as it should.

use countersign_reconcile::Kind;

use crate::detector::Detector;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "conflicting_claim";

/// Severity is by the value of the units that only one of the versions names, up to high.
pub(crate) const DETECTOR: Detector =
    Detector::over_discrepancies(ID, |it| it.kind == Kind::ConflictingClaim, |_| ID);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let twice = || discrepancy(Kind::ConflictingClaim, 1, 1, "depart");
        check(&[twice()], &[(Severity::Low, ID)]);
        check(&[worth(twice(), "5000")], &[(Severity::High, ID)]);
        check(&[discrepancy(Kind::OutOfSequence, 1, 1, "depart")], &[]);
    }
}
