//! Wrong place: goods did not arrive where their plan sends them, and were seen at another site.
//!
//! Looks at: `wrong_place` discrepancies of the ledger. All of one plan are one finding.
//!
//! Silent when: they come to the right place in time; later it is `late_units`.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::severity::by_value_at_most_medium;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "wrong_place";

/// By value, never high: somebody has seen them.
pub(crate) const DETECTOR: Detector = Detector {
    severity: by_value_at_most_medium,
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::WrongPlace, |_| ID)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let astray = discrepancy(Kind::WrongPlace, 1, 1, "arrive");
        check(std::slice::from_ref(&astray), &[(Severity::Low, ID)]);
        check(&[worth(astray, "90000")], &[(Severity::Medium, ID)]);
        check(&[discrepancy(Kind::Late, 1, 1, "arrive")], &[]);
    }
}
