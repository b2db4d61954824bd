//! Duplicate identity: a unit was seen there and back again, each time sooner than anybody makes the
//! way. Two things bear one name.
//!
//! Looks at: `duplicate_identity` discrepancies of the ledger. All of one plan, or between the same
//! sites on one day, are one finding.
//!
//! Silent when: no lane between the sites says how long the way takes.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::severity::by_value_at_most_medium;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "duplicate_identity";

/// By value, never high: which of the two is the real one nobody knows yet.
pub(crate) const DETECTOR: Detector = Detector {
    severity: by_value_at_most_medium,
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::DuplicateIdentity, |_| ID)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let one = discrepancy(Kind::DuplicateIdentity, 1, 1, "arrive");
        check(std::slice::from_ref(&one), &[(Severity::Low, ID)]);
        check(&[worth(one, "90000")], &[(Severity::Medium, ID)]);
        check(&[discrepancy(Kind::Late, 1, 1, "arrive")], &[]);
    }
}
