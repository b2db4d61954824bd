//! Clock off: the clock of a device and the node's differ by more than its contract allows.
//!
//! Looks at: the mark `clock_off` of statements. What one principal signed on one day (UTC, by
//! the tick) is one finding. Event time decides what the ledger concludes, so a clock that is
//! off can make goods late, early or out of sequence, by mistake or on purpose.
//!
//! Silent when: the clock's offset is known and set in the network. The day's first
//! statements are kept as evidence; more of them say nothing new.

use countersign_model::entry::Mark;

use crate::detector::{Detector, Watches};
use crate::finding::Severity;
use crate::group::Group;
use crate::marks::MarkSeen;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "clock_off";

/// Always low: it says whom to doubt, not what is gone.
pub(crate) const DETECTOR: Detector = Detector {
    id: ID,
    version: 1,
    constants: &[],
    watches: Watches::Marks { heed, group },
    severity: |_| Severity::Low,
    template: |_| ID,
};

const fn heed(mark: Mark) -> bool {
    match mark {
        Mark::ClockOff => true,
        Mark::ChainGap
        | Mark::ChainBroken
        | Mark::Equivocation
        | Mark::Locked
        | Mark::BodyAbsent
        | Mark::SignerMissing
        | Mark::UnknownCheckpoint => false,
    }
}

fn group(seen: &MarkSeen) -> Group {
    Group::signer_day(&seen.signer, seen.seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Detect;
    use crate::limits::MARKS_KEPT_MAX;
    use crate::sample::{batch, minute, statement};

    /// Statements with the mark at these minutes; how many are evidence, by finding.
    fn check(minutes: &[i64], expect: &[usize]) {
        let mut detect = Detect::default();
        for (index, tick) in (3..).step_by(2).zip(minutes) {
            let statements = vec![statement(index, index, &[Mark::ClockOff])];
            detect.apply(&batch(index + 1, minute(*tick), statements), &[]);
        }
        let mut found: Vec<_> = detect.standing().collect();
        found.sort_by_key(|finding| finding.opened_at);
        assert!(found.iter().all(|finding| finding.kind == ID));
        let counts: Vec<usize> = found.iter().map(|finding| finding.evidence.len()).collect();
        assert_eq!(counts, expect, "{ID}: {minutes:?}");
    }

    #[test]
    fn table() {
        check(&[], &[]);
        check(&[0, 5, 1439], &[3]);
        check(&[0, 1439, 1440], &[2, 1]);
        let busy: Vec<i64> = (0..100).collect();
        check(&busy, &[MARKS_KEPT_MAX]);
    }
}
