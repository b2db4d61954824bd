//! Late units: goods that came, but after their deadline; a count that nobody made; a document that
//! came late.
//!
//! Looks at: `late` discrepancies of the ledger. All of one plan are one finding, whatever
//! the stage: who leaves late arrives late.
//!
//! Silent when: within the lane's grace. Severity is always low: lateness alone is no loss.

use countersign_reconcile::Kind;
use countersign_reconcile::kind::STAGE_DOCUMENT;

use crate::detector::Detector;
use crate::finding::Severity;
use crate::severity::Stake;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "late_units";

/// Always low.
pub(crate) const DETECTOR: Detector = Detector {
    constants: &[],
    severity: |_| Severity::Low,
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::Late, template)
};

/// A count that nobody made names no unit.
fn template(stake: &Stake<'_>) -> &'static str {
    match (stake.stage, stake.count) {
        (Some(STAGE_DOCUMENT), _) => "late_units.document",
        (_, 0) => "late_units.no_count",
        _ => ID,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let late = discrepancy(Kind::Late, 1, 1, "arrive");
        check(&[worth(late.clone(), "90000")], &[(Severity::Low, ID)]);
        let mut nobody_counted = late;
        nobody_counted.units.clear();
        check(&[nobody_counted], &[(Severity::Low, "late_units.no_count")]);
        check(&[discrepancy(Kind::Missing, 1, 1, "arrive")], &[]);
    }
}
