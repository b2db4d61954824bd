//! Record tampering: a correction made a loss disappear, and nobody else confirms it.
//!
//! Looks at: `record_tampering` discrepancies of the ledger: declarations that took back the word by
//! which a loss was seen, and plans that two people changed when the goods were under way.
//!
//! Silent when: a slip was put right at once; somebody else says what the correction says; what was dropped from
//! the plan came after all.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::finding::Severity;
use crate::severity::by_value;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "record_tampering";

/// Medium at least: whoever bends the record once knows how.
pub(crate) const DETECTOR: Detector = Detector {
    severity: |stake| by_value(stake).max(Severity::Medium),
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::RecordTampering, |_| ID)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let one = discrepancy(Kind::RecordTampering, 1, 1, "change");
        check(std::slice::from_ref(&one), &[(Severity::Medium, ID)]);
        check(&[worth(one, "90000")], &[(Severity::High, ID)]);
        check(&[discrepancy(Kind::ConflictingClaim, 1, 1, "change")], &[]);
    }
}
