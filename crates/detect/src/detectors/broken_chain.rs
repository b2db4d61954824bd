//! Broken chain: what a device signed contradicts what it signed before.
//!
//! Looks at: marks of statements. `chain_broken`: the statement before is not the one that is
//! named. `equivocation`: the same place in the chain was signed twice with different content.
//! All of one key in one epoch are one finding.
//!
//! Silent when: statements in between are missing; what never comes is a `suppressed_statement`.

use countersign_model::entry::Mark;

use crate::detector::{Detector, Watches};
use crate::finding::Severity;
use crate::group::Group;
use crate::marks::MarkSeen;
use crate::severity::Stake;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "broken_chain";

/// Two stories from one key are medium. Never high: it names no goods.
pub(crate) const DETECTOR: Detector = Detector {
    id: ID,
    version: 2,
    constants: &[],
    watches: Watches::Marks { heed, group },
    severity: |_| Severity::Medium,
    template,
};

const fn heed(mark: Mark) -> bool {
    match mark {
        Mark::ChainBroken | Mark::Equivocation => true,
        Mark::ChainGap
        | Mark::Locked
        | Mark::ClockOff
        | Mark::BodyAbsent
        | Mark::SignerMissing
        | Mark::UnknownCheckpoint => false,
    }
}

fn group(seen: &MarkSeen) -> Group {
    Group::Chain {
        key: seen.key,
        epoch: seen.chain.map_or(0, |chain| chain.epoch),
    }
}

fn template(stake: &Stake<'_>) -> &'static str {
    if stake.marks.contains(&Mark::Equivocation) {
        "broken_chain.equivocation"
    } else {
        ID
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Detect;
    use crate::sample::{batch, minute, statement, verdicts};

    /// Statements by (counter, marks), each a batch of its own.
    fn check(said: &[(u64, &[Mark])], expect: &[(Severity, &'static str)]) {
        let mut detect = Detect::default();
        for (index, (counter, marks)) in (3..).step_by(2).zip(said) {
            let statements = vec![statement(index, *counter, marks)];
            detect.apply(&batch(index + 1, minute(0), statements), &[]);
        }
        let standing: Vec<_> = detect.standing().cloned().collect();
        assert_eq!(verdicts(&standing), expect, "{ID}: {said:?}");
    }

    #[test]
    fn table() {
        use Mark::{ChainBroken, ChainGap, ClockOff, Equivocation};
        check(&[(5, &[ChainBroken])], &[(Severity::Medium, ID)]);
        check(
            &[(5, &[ChainBroken]), (5, &[Equivocation])],
            &[(Severity::Medium, "broken_chain.equivocation")],
        );
        check(&[(5, &[ChainGap])], &[]);
        check(&[(5, &[ClockOff])], &[(Severity::Low, "clock_off")]);
    }
}
