//! Deadlines that have not passed. A stale one does no harm: what it wakes is judged again
//! and gives the same.

use std::collections::BTreeSet;

use countersign_model::time::Timestamp;

use crate::number::{DocNo, MilestoneNo, UnitNo};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    Manifest(DocNo),
    Count(DocNo),
    Milestone(MilestoneNo),
    Unit(UnitNo),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeSet<(Timestamp, Timer)>,
}

impl Timers {
    /// Wakes `timer` at the first tick past `deadline`.
    pub(crate) fn set(&mut self, deadline: Timestamp, timer: Timer) {
        self.queue.insert((deadline, timer));
    }

    /// The next one whose deadline the tick has passed.
    pub(crate) fn next_due(&mut self, tick: Timestamp) -> Option<Timer> {
        let (deadline, _) = self.queue.first()?;
        if *deadline >= tick {
            return None;
        }
        self.queue.pop_first().map(|(_, timer)| timer)
    }

    pub(crate) fn clear(&mut self) {
        self.queue.clear();
    }
}
