//! Missing units: goods that a plan expects, and that nobody saw when the deadline had passed.
//!
//! Looks at: `missing` discrepancies of the ledger. Stage `depart`: on the manifest, not
//! loaded, and not seen since. Stage `arrive`: left, and never came. Stage `count`: held at the
//! place when counting opened, not counted, not seen since. All of one plan and stage are one
//! finding.
//!
//! Silent when: the unit was seen anywhere after the deadline's reference (then it is late, or
//! in another place, and not missing), or nobody made the count. Later evidence retracts it.

use countersign_reconcile::Kind;
use countersign_reconcile::kind::{STAGE_ARRIVE, STAGE_COUNT, STAGE_DEPART};

use crate::detector::Detector;
use crate::severity::Stake;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "missing_units";

/// Severity is by value at risk, up to high; the numbers stand in [`crate::severity`].
pub(crate) const DETECTOR: Detector =
    Detector::over_discrepancies(ID, |it| it.kind == Kind::Missing, template);

fn template(stake: &Stake<'_>) -> &'static str {
    match stake.stage {
        Some(STAGE_DEPART) => "missing_units.depart",
        Some(STAGE_ARRIVE) => "missing_units.arrive",
        Some(STAGE_COUNT) => "missing_units.count",
        _ => ID,
    }
}

#[cfg(test)]
mod tests {
    use countersign_reconcile::Discrepancy;

    use super::*;
    use crate::finding::Severity;
    use crate::sample::{check_of, discrepancy, worth};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let missing = |line, stage| discrepancy(Kind::Missing, 1, line, stage);
        check(
            &[missing(1, "arrive")],
            &[(Severity::Low, "missing_units.arrive")],
        );
        check(
            &[worth(missing(1, "depart"), "650")],
            &[(Severity::Medium, "missing_units.depart")],
        );
        // Many small ones of one plan are one large matter.
        let carton = |line| worth(missing(line, "arrive"), "250");
        let load: Vec<Discrepancy> = (1..=20).map(carton).collect();
        check(&load, &[(Severity::High, "missing_units.arrive")]);
        let unpriced: Vec<Discrepancy> = (1..=10).map(|line| missing(line, "count")).collect();
        check(&unpriced, &[(Severity::Medium, "missing_units.count")]);
        check(&[missing(1, "gate_out")], &[(Severity::Low, ID)]);
        check(&[discrepancy(Kind::Late, 1, 1, "arrive")], &[]);
    }
}
