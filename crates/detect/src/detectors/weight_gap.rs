//! Weight gap: two weights of one unit differ by more than its tolerance. Something was taken
//! out, or put in, while the unit itself stayed in sight.
//!
//! Looks at: `weight_mismatch` discrepancies of the ledger: consecutive weights of one unit.
//! All of one plan, or between the same sites, are one finding.
//!
//! Silent when: the difference is within the tolerance, the scale itself reported an
//! exception, or the content of the container was changed by an event in between.

use countersign_reconcile::Kind;

use crate::detector::Detector;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "weight_gap";

/// Severity is by the value of the whole unit, up to high: the scale does not say what is gone.
pub(crate) const DETECTOR: Detector =
    Detector::over_discrepancies(ID, |it| it.kind == Kind::WeightMismatch, |_| ID);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let lighter = |line| discrepancy(Kind::WeightMismatch, 1, line, "arrive");
        check(&[lighter(1)], &[(Severity::Low, ID)]);
        check(&[worth(lighter(1), "5000")], &[(Severity::High, ID)]);
        let two = [worth(lighter(1), "300"), worth(lighter(2), "300")];
        check(&two, &[(Severity::Medium, ID)]);
        check(&[discrepancy(Kind::Late, 1, 1, "arrive")], &[]);
    }
}
