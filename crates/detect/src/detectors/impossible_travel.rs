//! Impossible travel: a unit was seen at another site sooner than anybody makes the way.
//!
//! Looks at: `impossible_travel` discrepancies of the ledger. All of one plan, or between the same
//! sites on one day, are one finding.
//!
//! Silent when: no lane between the sites says how long the way takes; when the unit is seen at the
//! first site again, too soon: that is `duplicate_identity`.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::severity::by_value_at_most_medium;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "impossible_travel";

/// By value, never high: on its own it proves no loss.
pub(crate) const DETECTOR: Detector = Detector {
    severity: by_value_at_most_medium,
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::ImpossibleTravel, |_| ID)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let one = discrepancy(Kind::ImpossibleTravel, 1, 1, "arrive");
        check(std::slice::from_ref(&one), &[(Severity::Low, ID)]);
        check(&[worth(one, "90000")], &[(Severity::Medium, ID)]);
        check(&[discrepancy(Kind::Late, 1, 1, "arrive")], &[]);
    }
}
