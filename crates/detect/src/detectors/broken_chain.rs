//! Broken chain: what a device signed does not follow on what it signed before.
//!
//! Looks at: marks of statements. `chain_broken`: the statement before is not the one that is
//! named. `equivocation`: the same place in the chain was signed twice with different content.
//! `chain_gap`: statements in between are missing, and have not come [`GAP_GRACE_MS`] after it
//! was noticed. All of one key in one epoch are one finding.
//!
//! Silent when: a device that was offline delivers what was missing within the grace; if it
//! comes later the gap is taken back. Someone who copied a key, or drops statements on their
//! way, cannot hide from it.

use countersign_model::entry::Mark;
use countersign_model::time::{DAY_MS, Span};

use crate::detector::{Detector, Heed, Watches};
use crate::finding::Severity;
use crate::group::Group;
use crate::marks::MarkSeen;
use crate::severity::Stake;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "broken_chain";

/// How long missing statements may still come, in milliseconds: a handheld that ran empty is
/// charged and back within a day.
const GAP_GRACE_MS: i64 = DAY_MS;

/// A gap alone is low; two stories from one key are medium. Never high: it names no goods.
pub(crate) const DETECTOR: Detector = Detector {
    id: ID,
    version: 1,
    constants: &[("gap_grace_ms", GAP_GRACE_MS)],
    watches: Watches::Marks { heed, group },
    severity,
    template,
};

const fn heed(mark: Mark) -> Heed {
    match mark {
        Mark::ChainBroken | Mark::Equivocation => Heed::AtOnce,
        Mark::ChainGap => Heed::UnlessClosedIn(Span::from_ms(GAP_GRACE_MS)),
        Mark::Locked
        | Mark::ClockOff
        | Mark::BodyAbsent
        | Mark::SignerMissing
        | Mark::UnknownCheckpoint => Heed::Never,
    }
}

fn group(seen: &MarkSeen) -> Group {
    Group::Chain {
        key: seen.key,
        epoch: seen.chain.map_or(0, |chain| chain.epoch),
    }
}

fn severity(stake: &Stake<'_>) -> Severity {
    if is_only_gap(stake) {
        Severity::Low
    } else {
        Severity::Medium
    }
}

fn template(stake: &Stake<'_>) -> &'static str {
    if stake.marks.contains(&Mark::Equivocation) {
        "broken_chain.equivocation"
    } else if is_only_gap(stake) {
        "broken_chain.gap"
    } else {
        ID
    }
}

fn is_only_gap(stake: &Stake<'_>) -> bool {
    stake.marks == [Mark::ChainGap]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Detect;
    use crate::sample::{batch, minute, statement, verdicts};

    const DAY_MIN: i64 = 24 * 60;

    /// Statements by (minute of the tick, counter, marks), each a batch of its own.
    fn check(said: &[(i64, u64, &[Mark])], until: i64, expect: &[(Severity, &'static str)]) {
        let mut detect = Detect::default();
        for (index, (tick, counter, marks)) in (3..).step_by(2).zip(said) {
            let statements = vec![statement(index, *counter, marks)];
            detect.apply(&batch(index + 1, minute(*tick), statements), &[]);
        }
        detect.apply(&batch(100, minute(until), Vec::new()), &[]);
        let standing: Vec<_> = detect.standing().cloned().collect();
        assert_eq!(verdicts(&standing), expect, "{ID}: {said:?}");
    }

    #[test]
    fn table() {
        use Mark::{ChainBroken, ChainGap, ClockOff, Equivocation};
        let gap = (Severity::Low, "broken_chain.gap");
        check(&[(0, 5, &[ChainBroken])], 0, &[(Severity::Medium, ID)]);
        check(
            &[(0, 5, &[ChainBroken]), (1, 5, &[Equivocation])],
            1,
            &[(Severity::Medium, "broken_chain.equivocation")],
        );
        // A gap waits for its grace, and the grace for the tick.
        check(&[(0, 5, &[ChainGap])], DAY_MIN, &[]);
        check(&[(0, 5, &[ChainGap])], DAY_MIN + 1, &[gap]);
        check(&[(0, 5, &[ChainGap]), (60, 4, &[])], DAY_MIN + 1, &[]);
        // The missing one had a missing one before it.
        check(
            &[(0, 5, &[ChainGap]), (60, 4, &[ChainGap])],
            DAY_MIN + 61,
            &[gap],
        );
        // It comes after all, too late: taken back.
        check(
            &[
                (0, 5, &[ChainGap]),
                (DAY_MIN + 1, 9, &[]),
                (DAY_MIN + 2, 4, &[]),
            ],
            DAY_MIN + 3,
            &[],
        );
        check(
            &[(0, 5, &[ClockOff])],
            DAY_MIN,
            &[(Severity::Low, "clock_off")],
        );
    }
}
