//! Unaccepted: goods were seen where they arrived, and nobody there signed for them.
//!
//! Looks at: `unaccepted` discrepancies of the ledger. All of one plan, or between the same sites on
//! one day, are one finding.
//!
//! Silent when: the lane's contract asks for no receiver; until its term; when somebody there takes
//! over, gives on or counts what arrived.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::severity::by_value_at_most_medium;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "unaccepted";

/// By value, never high: somebody has seen them.
pub(crate) const DETECTOR: Detector = Detector {
    severity: by_value_at_most_medium,
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::Unaccepted, |_| ID)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let unsigned = discrepancy(Kind::Unaccepted, 1, 1, "arrive");
        check(std::slice::from_ref(&unsigned), &[(Severity::Low, ID)]);
        check(&[worth(unsigned, "90000")], &[(Severity::Medium, ID)]);
        check(&[discrepancy(Kind::CustodyGap, 1, 1, "arrive")], &[]);
    }
}
