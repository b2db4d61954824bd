//! How each expectation stands, for totals.

use crate::judge::State;
use crate::known::units::LineRef;
use crate::number::{DocNo, LineNo, MilestoneNo, Number as _};
use crate::packed::paged::Paged;
use crate::snapshot::Unreadable;
use crate::snapshot::sections::{Keeper, Kept};

/// The stages of a line with a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineStage {
    Depart,
    Arrive,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    lines: Paged<LineNo, [State; 2]>,
    milestones: Paged<MilestoneNo, State>,
}

impl Progress {
    pub(crate) fn set_line(&mut self, line: LineRef, states: [State; 2]) {
        self.lines.fill(line.line.at() + 1);
        *self.lines.row_mut(line.line) = states;
    }

    pub(crate) fn set_milestone(&mut self, milestone: MilestoneNo, state: State) {
        self.milestones.fill(milestone.at() + 1);
        *self.milestones.row_mut(milestone) = state;
    }

    /// Of a unit's lines of a new plan nothing is met yet.
    pub(crate) fn begin(&mut self, lines: impl Iterator<Item = LineRef>, doc: DocNo) {
        for line in lines.filter(|line| line.manifest == doc) {
            self.set_line(line, [State::Pending; 2]);
        }
    }

    /// One stage of a line is met.
    pub(crate) fn meet(&mut self, line: LineRef, stage: LineStage) {
        let [depart, arrive] = self.line(line);
        let states = match stage {
            LineStage::Depart => [State::Met, arrive],
            LineStage::Arrive => [depart, State::Met],
        };
        self.set_line(line, states);
    }

    /// Depart and arrive.
    pub(crate) fn line(&self, line: LineRef) -> [State; 2] {
        self.lines.get(line.line).copied().unwrap_or_default()
    }

    pub(crate) fn milestone(&self, milestone: MilestoneNo) -> State {
        self.milestones.get(milestone).copied().unwrap_or_default()
    }
}

impl Progress {
    pub(crate) fn keep(&self, out: &mut Keeper) {
        out.rows("line_progress", &self.lines);
        out.rows("milestone_progress", &self.milestones);
    }

    pub(crate) fn resume(from: &mut Kept<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            lines: from.rows("line_progress")?,
            milestones: from.rows("milestone_progress")?,
        })
    }
}
