//! Unsigned hand-over: custody moved without the signatures that the lane's contract asks for.
//!
//! Looks at: `custody_gap` discrepancies of the ledger: the giver signed and the carrier did
//! not within the grace for pick-ups, somebody took what nobody gave, or a unit is at another
//! site without any hand-over. All between the same sites, or of one plan, are one finding.
//!
//! Silent when: the missing signature comes later, which retracts it, or the lane's contract
//! asks for less.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::severity;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "unsigned_handover";

/// Severity is by value, medium at most: mostly a forgotten scan. Goods that then do not arrive
/// are a finding of their own.
pub(crate) const DETECTOR: Detector = Detector {
    severity: severity::by_value_at_most_medium,
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::CustodyGap, |_| ID)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let unsigned = |plan, line| discrepancy(Kind::CustodyGap, plan, line, "depart");
        check(&[unsigned(1, 1)], &[(Severity::Low, ID)]);
        check(&[worth(unsigned(1, 1), "90000")], &[(Severity::Medium, ID)]);
        check(
            &[unsigned(1, 1), unsigned(1, 2), unsigned(2, 1)],
            &[(Severity::Low, ID), (Severity::Low, ID)],
        );
        check(&[discrepancy(Kind::Missing, 1, 1, "depart")], &[]);
    }
}
