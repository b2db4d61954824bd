//! Dwell: goods stayed at a site, or were under way without a plan, for longer than the network allows.
//!
//! Looks at: `dwell` discrepancies of the ledger. All that should have left one site on one day are one
//! finding.
//!
//! Silent when: the site has no limit; of what is missing; of what has a plan, as long as it is under
//! way: its deadlines hold.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::severity::by_value_at_most_medium;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "dwell";

/// By value, never high: it is late, or stuck, and was seen.
pub(crate) const DETECTOR: Detector = Detector {
    severity: by_value_at_most_medium,
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::Dwell, |_| ID)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let one = discrepancy(Kind::Dwell, 1, 1, "arrive");
        check(std::slice::from_ref(&one), &[(Severity::Low, ID)]);
        check(&[worth(one, "90000")], &[(Severity::Medium, ID)]);
        check(&[discrepancy(Kind::Late, 1, 1, "arrive")], &[]);
    }
}
