//! Proof missing: a document that was due did not come, or came when what it is for had left.
//!
//! Looks at: `proof_missing` discrepancies of the ledger, one finding for each document.
//!
//! Silent when: somebody named the document in time, before anything left under the manifest that it is for.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::finding::Severity;
use crate::severity::by_value;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "proof_missing";

/// Medium at least: goods without their papers can be stopped, fined or never paid.
pub(crate) const DETECTOR: Detector = Detector {
    severity: |stake| by_value(stake).max(Severity::Medium),
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::ProofMissing, |_| ID)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let one = discrepancy(Kind::ProofMissing, 1, 1, "document");
        check(std::slice::from_ref(&one), &[(Severity::Medium, ID)]);
        check(&[worth(one, "90000")], &[(Severity::High, ID)]);
        check(&[discrepancy(Kind::Late, 1, 1, "document")], &[]);
    }
}
