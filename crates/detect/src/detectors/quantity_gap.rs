//! Quantity gap: a counted class left or arrived in another amount than was said.
//!
//! Looks at: `quantity_mismatch` discrepancies of the ledger. Stage `depart`: given is not
//! what was planned. Stage `arrive`: taken is not what was given. All classes of one plan and
//! stage are one finding.
//!
//! Silent when: the deadline has not passed, or the amounts agree. Later evidence changes the
//! difference or retracts it.

use countersign_reconcile::Kind;
use countersign_reconcile::kind::{STAGE_ARRIVE, STAGE_DEPART};

use crate::detector::Detector;
use crate::severity::Stake;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "quantity_gap";

/// Severity is by value at risk, up to high; pieces count as units where no value is known.
pub(crate) const DETECTOR: Detector =
    Detector::over_discrepancies(ID, |it| it.kind == Kind::QuantityMismatch, template);

fn template(stake: &Stake<'_>) -> &'static str {
    match stake.stage {
        Some(STAGE_DEPART) => "quantity_gap.depart",
        Some(STAGE_ARRIVE) => "quantity_gap.arrive",
        _ => ID,
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
        let short = |line, stage, pieces| {
            short_of(discrepancy(Kind::QuantityMismatch, 1, line, stage), pieces)
        };
        check(
            &[short(1, "arrive", 9)],
            &[(Severity::Low, "quantity_gap.arrive")],
        );
        check(
            &[short(1, "arrive", 10)],
            &[(Severity::Medium, "quantity_gap.arrive")],
        );
        // More than was said is a gap too.
        check(
            &[short(1, "depart", -12)],
            &[(Severity::Medium, "quantity_gap.depart")],
        );
        check(
            &[worth(short(1, "depart", 3), "7200")],
            &[(Severity::High, "quantity_gap.depart")],
        );
        check(&[discrepancy(Kind::Missing, 1, 1, "arrive")], &[]);
    }
}
