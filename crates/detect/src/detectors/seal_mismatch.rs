//! Seal mismatch: the seals on a load are not those that its plan says.
//!
//! Looks at: `seal_mismatch` discrepancies of the ledger. All of one plan and stage are one finding.
//!
//! Silent when: the plan says nothing of seals; the same seal was read that the plan names.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::finding::Severity;
use crate::severity::by_value;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "seal_mismatch";

/// Medium at least: a seal is worth nothing, and what was behind it is not known yet.
pub(crate) const DETECTOR: Detector = Detector {
    severity: |stake| by_value(stake).max(Severity::Medium),
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::SealMismatch, |_| ID)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let one = discrepancy(Kind::SealMismatch, 1, 1, "arrive");
        check(std::slice::from_ref(&one), &[(Severity::Medium, ID)]);
        check(&[worth(one, "90000")], &[(Severity::High, ID)]);
        check(&[discrepancy(Kind::Missing, 1, 1, "arrive")], &[]);
    }
}
