//! Late evidence: an observation was recorded when what is concluded of its time was settled.
//!
//! Looks at: `late_evidence` discrepancies of the ledger. All of one plan, or of one site and day of
//! recording, are one finding.
//!
//! Silent when: the network does not say when anything settles; of what is imported.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::finding::Severity;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "late_evidence";

/// Always low: a person must look, and nothing is known to be wrong.
pub(crate) const DETECTOR: Detector = Detector {
    severity: |_| Severity::Low,
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::LateEvidence, |_| ID)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let one = discrepancy(Kind::LateEvidence, 1, 1, "arrive");
        check(std::slice::from_ref(&one), &[(Severity::Low, ID)]);
        check(&[worth(one, "90000")], &[(Severity::Low, ID)]);
        check(&[discrepancy(Kind::Late, 1, 1, "arrive")], &[]);
    }
}
