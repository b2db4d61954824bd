//! Late units: goods that came, but after their deadline or to another place first; or a count
//! that nobody made.
//!
//! Looks at: `late` discrepancies of the ledger. All of one plan are one finding, whatever
//! the stage: who leaves late arrives late.
//!
//! Silent when: within the lane's grace. Severity is always low: lateness alone is no loss.

use countersign_reconcile::{Discrepancy, Kind};

use crate::detector::{Detector, Stake, Watches};
use crate::finding::Severity;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "late_units";

/// Always low.
pub(crate) const DETECTOR: Detector = Detector {
    id: ID,
    version: 1,
    constants: &[],
    watches: Watches::Discrepancies(takes),
    severity,
    template,
};

fn takes(discrepancy: &Discrepancy) -> bool {
    discrepancy.kind == Kind::Late
}

const fn severity(_: &Stake<'_>) -> Severity {
    Severity::Low
}

/// A count that nobody made names no unit.
const fn template(stake: &Stake<'_>) -> &'static str {
    if stake.count == 0 {
        "late_units.no_count"
    } else {
        ID
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{discrepancy, found, verdicts, worth};

    fn check(discrepancies: &[Discrepancy], expect: &[(Severity, &'static str)]) {
        assert_eq!(verdicts(&found(&DETECTOR, discrepancies)), expect, "{ID}");
    }

    #[test]
    fn table() {
        let late = discrepancy(Kind::Late, 1, 1, "arrive");
        check(&[worth(late.clone(), "90000")], &[(Severity::Low, ID)]);
        let mut nobody_counted = late;
        nobody_counted.units.clear();
        check(&[nobody_counted], &[(Severity::Low, "late_units.no_count")]);
        check(&[discrepancy(Kind::Missing, 1, 1, "arrive")], &[]);
    }
}
