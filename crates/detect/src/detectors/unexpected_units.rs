//! Unexpected units: goods that were taken where no plan sends them. Swapped, slipped in, or
//! put on the wrong truck.
//!
//! Looks at: `unexpected` discrepancies of the ledger: a receipt under a manifest that does
//! not list the unit, or of a unit that a manifest sends elsewhere. All of one plan, or at one
//! site, are one finding.
//!
//! Silent when: the receipt names no manifest and the unit is not under way to another site.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::severity;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "unexpected_units";

/// Severity is by value, medium at most: what is here is not gone.
pub(crate) const DETECTOR: Detector = Detector {
    severity: severity::by_value_at_most_medium,
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::Unexpected, |_| ID)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let stray = || discrepancy(Kind::Unexpected, 1, 1, "arrive");
        check(&[stray()], &[(Severity::Low, ID)]);
        check(&[worth(stray(), "90000")], &[(Severity::Medium, ID)]);
        check(&[discrepancy(Kind::Late, 1, 1, "arrive")], &[]);
    }
}
