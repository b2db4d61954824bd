//! How each expectation stands, for totals.

use crate::judge::State;
use crate::known::units::LineRef;
use crate::number::{DocNo, MilestoneNo, Number as _, Table};

/// The stages of a line with a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineStage {
    Depart,
    Arrive,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// Of each manifest, by the place of the line.
    lines: Table<DocNo, Vec<[State; 2]>>,
    milestones: Table<MilestoneNo, State>,
}

impl Progress {
    pub(crate) fn set_line(&mut self, line: LineRef, states: [State; 2]) {
        self.lines.fill(line.manifest.at() + 1, &Vec::new());
        let lines = self.lines.row_mut(line.manifest);
        let at = line.line as usize;
        if lines.len() <= at {
            lines.resize(at + 1, [State::Pending; 2]);
        }
        if let Some(line) = lines.get_mut(at) {
            *line = states;
        }
    }

    pub(crate) fn set_milestone(&mut self, milestone: MilestoneNo, state: State) {
        self.milestones.fill(milestone.at() + 1, &State::Pending);
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
        let lines = self.lines.get(line.manifest);
        let states = lines.and_then(|lines| lines.get(line.line as usize));
        states.copied().unwrap_or_default()
    }

    pub(crate) fn milestone(&self, milestone: MilestoneNo) -> State {
        self.milestones.get(milestone).copied().unwrap_or_default()
    }
}
