//! Seal broken: doors or a seal were found open, and nobody said that he opened them.
//!
//! Looks at: `seal_broken` discrepancies of the ledger. All of one plan, or between the same sites on
//! one day, are one finding.
//!
//! Silent when: whoever finds it open opens it (unpacks, unloads, removes), or somebody did before;
//! when nobody said that it was closed and it lies where it was.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::finding::Severity;
use crate::severity::by_value;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "seal_broken";

/// Medium at least: a seal is worth nothing, and what was behind it is not known yet.
pub(crate) const DETECTOR: Detector = Detector {
    severity: |stake| by_value(stake).max(Severity::Medium),
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::SealBroken, |_| ID)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let one = discrepancy(Kind::SealBroken, 1, 1, "arrive");
        check(std::slice::from_ref(&one), &[(Severity::Medium, ID)]);
        check(&[worth(one, "90000")], &[(Severity::High, ID)]);
        check(&[discrepancy(Kind::Late, 1, 1, "arrive")], &[]);
    }
}
