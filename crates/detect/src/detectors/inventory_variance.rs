//! Inventory variance: a count of a site found another amount of a class than the books have there;
//! or more of it left than the books had, though a count had said how much there is.
//!
//! Looks at: `inventory_variance` discrepancies of the ledger. All classes of one count are one finding.
//!
//! Silent when: the count lies within what the books had while it was made; a count of a part of a site; more than
//! the books have of what nobody counted before. Settled once two people set the amount right.

use countersign_reconcile::Kind;
use countersign_reconcile::kind::STAGE_COUNT;

use crate::detector::Detector;
use crate::severity::Stake;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "inventory_variance";

/// Severity is by value at risk, up to high; pieces count as units where no value is known.
pub(crate) const DETECTOR: Detector =
    Detector::over_discrepancies(ID, |it| it.kind == Kind::InventoryVariance, template);

fn template(stake: &Stake<'_>) -> &'static str {
    match stake.stage {
        Some(STAGE_COUNT) => ID,
        _ => "inventory_variance.left",
    }
}

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
        let left = short_of(discrepancy(Kind::InventoryVariance, 1, 1, "depart"), -2);
        check(&[left], &[(Severity::Low, "inventory_variance.left")]);
        check(&[discrepancy(Kind::QuantityMismatch, 1, 1, "arrive")], &[]);
    }
}
