//! Suppressed statement: a device numbered what it signed, and some of it never came.
//!
//! Looks at: `suppressed_statement` discrepancies of the ledger. All of one site on one day are one
//! finding.
//!
//! Silent when: a device that was offline delivers within its grace (a day where its contract says
//! none). What comes later takes it back.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::finding::Severity;
use crate::severity::Stake;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "suppressed_statement";

/// Always low: it says that something is not known, not what.
pub(crate) const DETECTOR: Detector = Detector {
    constants: &[],
    severity: |_| Severity::Low,
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::SuppressedStatement, template)
};

const fn template(_: &Stake<'_>) -> &'static str {
    ID
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{check_of, discrepancy};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let suppressed = discrepancy(Kind::SuppressedStatement, 1, 1, "");
        check(&[suppressed], &[(Severity::Low, ID)]);
        check(&[discrepancy(Kind::SourceSilent, 1, 1, "")], &[]);
    }
}
