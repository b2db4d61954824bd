//! Broken sequence: a unit was seen where its own history says it cannot be: at the origin
//! after it left, or anywhere after it was used up or delivered.
//!
//! Looks at: `out_of_sequence` discrepancies of the ledger. All of one plan, or at one site,
//! are one finding. A label that was copied, a scan from a stale screen, or goods that never
//! left look like this.
//!
//! Silent when: the device's clock is corrected so that the order holds, or the odd claim was
//! declared an error by its own issuer.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::severity;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "broken_sequence";

/// Severity is by value, medium at most: on its own it proves no loss.
pub(crate) const DETECTOR: Detector = Detector {
    severity: severity::by_value_at_most_medium,
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::OutOfSequence, |_| ID)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let odd = || discrepancy(Kind::OutOfSequence, 1, 1, "arrive");
        check(&[odd()], &[(Severity::Low, ID)]);
        check(&[worth(odd(), "90000")], &[(Severity::Medium, ID)]);
        check(&[discrepancy(Kind::CustodyGap, 1, 1, "arrive")], &[]);
    }
}
