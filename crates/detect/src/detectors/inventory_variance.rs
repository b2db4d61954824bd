//! Inventory variance: a count of a site found another amount of a class than the books have there.
//!
//! Looks at: `inventory_variance` discrepancies of the ledger. All classes of one count are one finding.
//!
//! Silent when: the count lies within what the books had while it was made; a count of a part of a site; more than
//! the books have of what nobody counted before. Settled once two people set the amount right.

use countersign_reconcile::Kind;

use crate::detector::Detector;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "inventory_variance";

/// Severity is by value at risk, up to high; pieces count as units where no value is known.
pub(crate) const DETECTOR: Detector =
    Detector::over_discrepancies(ID, |it| it.kind == Kind::InventoryVariance, |_| ID);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::sample::{check_of, discrepancy, short_of, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let short = |pieces| short_of(discrepancy(Kind::InventoryVariance, 1, 1, "count"), pieces);
        check(&[short(9)], &[(Severity::Low, ID)]);
        check(&[short(10)], &[(Severity::Medium, ID)]);
        check(&[short(-12)], &[(Severity::Medium, ID)]);
        check(&[worth(short(3), "7200")], &[(Severity::High, ID)]);
        check(&[discrepancy(Kind::QuantityMismatch, 1, 1, "arrive")], &[]);
    }
}
