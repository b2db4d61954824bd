//! How each expectation stands, for totals.

use std::collections::BTreeMap;

use crate::judge::State;
use crate::known::units::LineRef;
use crate::number::MilestoneNo;

#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    lines: BTreeMap<LineRef, [State; 2]>,
    milestones: BTreeMap<MilestoneNo, State>,
}

impl Progress {
    pub(crate) fn set_line(&mut self, line: LineRef, states: [State; 2]) {
        self.lines.insert(line, states);
    }

    pub(crate) fn set_milestone(&mut self, milestone: MilestoneNo, state: State) {
        self.milestones.insert(milestone, state);
    }

    /// Depart and arrive.
    pub(crate) fn line(&self, line: LineRef) -> [State; 2] {
        self.lines.get(&line).copied().unwrap_or_default()
    }

    pub(crate) fn milestone(&self, milestone: MilestoneNo) -> State {
        self.milestones.get(&milestone).copied().unwrap_or_default()
    }
}
