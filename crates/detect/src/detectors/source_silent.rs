//! Source silent: a camera, a reader or a handheld was not heard for longer than its contract allows.
//!
//! Looks at: `source_silent` discrepancies of the ledger. All of one site on one day are one finding,
//! and it says how many were silent at one time: a device breaks alone, a cable is cut for several.
//!
//! Silent when: within heartbeat and grace; when what was said in between comes in time. Being heard
//! again ends a silence and does not take it back.

use countersign_reconcile::Kind;

use crate::detector::Detector;
use crate::finding::Severity;
use crate::severity::Stake;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "source_silent";

/// From so many sources of one site on, silent at one time, it asks for attention today. Ours: the
/// smallest number that is no single broken device.
const TOGETHER_MEDIUM_MIN: i64 = 2;

/// Low for one device, medium for several at one time. Never high: it names no goods.
pub(crate) const DETECTOR: Detector = Detector {
    constants: &[("together_medium_min", TOGETHER_MEDIUM_MIN)],
    severity,
    ..Detector::over_discrepancies(ID, |it| it.kind == Kind::SourceSilent, template)
};

const fn is_together(stake: &Stake<'_>) -> bool {
    stake.silent.together >= TOGETHER_MEDIUM_MIN.unsigned_abs()
}

const fn severity(stake: &Stake<'_>) -> Severity {
    if is_together(stake) {
        Severity::Medium
    } else {
        Severity::Low
    }
}

const fn template(stake: &Stake<'_>) -> &'static str {
    if !is_together(stake) {
        ID
    } else if stake.silent.together == stake.silent.listened {
        "source_silent.site"
    } else {
        "source_silent.together"
    }
}

#[cfg(test)]
mod tests {
    use countersign_reconcile::Discrepancy;
    use countersign_reconcile::discrepancy::FactValue;

    use super::*;
    use crate::sample::{check_of, discrepancy};

    /// One that is silent together with others, of so many that are listened to.
    fn silent(n: u64, together: u64, listened: u64) -> Discrepancy {
        let mut silent = discrepancy(Kind::SourceSilent, 1, n, "");
        silent.units.clear();
        silent.facts.insert("together", FactValue::Count(together));
        silent.facts.insert("listened", FactValue::Count(listened));
        silent
    }

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        check(&[silent(1, 1, 4)], &[(Severity::Low, ID)]);
        check(&[silent(1, 1, 1)], &[(Severity::Low, ID)]);
        check(&[silent(1, 1, 4), silent(2, 1, 4)], &[(Severity::Low, ID)]);
        let together = (Severity::Medium, "source_silent.together");
        check(&[silent(1, 2, 4), silent(2, 2, 4)], &[together]);
        check(&[silent(1, 1, 4), silent(2, 2, 4)], &[together]);
        let site = (Severity::Medium, "source_silent.site");
        check(&[silent(1, 4, 4)], &[site]);
        check(&[discrepancy(Kind::Missing, 1, 1, "arrive")], &[]);
    }
}
