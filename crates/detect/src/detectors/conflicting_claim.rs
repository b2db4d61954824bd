//! Conflicting claim: the same claim, or the same plan, was said twice with different content.
//! An edit that was to pass as the original.
//!
//! Looks at: `conflicting_claim` discrepancies of the ledger: an identity that is in the log
//! with other content. The first one keeps its effect.
//!
//! Silent when: the second is the same but for spelling (a duplicate), or a correction that
//! declares the first an error, as it should.

use countersign_reconcile::{Discrepancy, Kind};

use crate::detector::{Detector, Stake, Watches};
use crate::severity;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "conflicting_claim";

/// Severity is by the value of the units that only one of the versions names, up to high.
pub(crate) const DETECTOR: Detector = Detector {
    id: ID,
    version: 1,
    constants: severity::CONSTANTS,
    watches: Watches::Discrepancies(takes),
    severity: severity::by_value,
    template,
};

fn takes(discrepancy: &Discrepancy) -> bool {
    discrepancy.kind == Kind::ConflictingClaim
}

const fn template(_: &Stake<'_>) -> &'static str {
    ID
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::sample::{discrepancy, found, verdicts, worth};

    fn check(discrepancies: &[Discrepancy], expect: &[(Severity, &'static str)]) {
        assert_eq!(verdicts(&found(&DETECTOR, discrepancies)), expect, "{ID}");
    }

    #[test]
    fn table() {
        let twice = || discrepancy(Kind::ConflictingClaim, 1, 1, "depart");
        check(&[twice()], &[(Severity::Low, ID)]);
        check(&[worth(twice(), "5000")], &[(Severity::High, ID)]);
        check(&[discrepancy(Kind::OutOfSequence, 1, 1, "depart")], &[]);
    }
}
