//! Containment change: a carton is no longer on the pallet on which it was packed, and nobody took it
//! off.
//!
//! Looks at: `containment_change` discrepancies of the ledger: the container was seen where the unit
//! cannot be. All of one plan, or between the same sites on one day, are one finding.
//!
//! Silent when: the unit was unpacked, packed elsewhere, or the container emptied; when the container
//! itself is where it cannot be.

use countersign_reconcile::Kind;

use crate::detector::Detector;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "containment_change";

/// Severity is by value, up to high: what is not in its container may be anywhere.
pub(crate) const DETECTOR: Detector =
    Detector::over_discrepancies(ID, |it| it.kind == Kind::ContainmentChange, |_| ID);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let gone = |line| discrepancy(Kind::ContainmentChange, 1, line, "arrive");
        check(&[gone(1)], &[(Severity::Low, ID)]);
        check(&[worth(gone(1), "5000")], &[(Severity::High, ID)]);
        let two = [worth(gone(1), "300"), worth(gone(2), "300")];
        check(&two, &[(Severity::Medium, ID)]);
        check(&[discrepancy(Kind::WeightMismatch, 1, 1, "arrive")], &[]);
    }
}
