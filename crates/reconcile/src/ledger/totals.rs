//! How many expectations stand how, in all, by group and by stage.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Ledger;
use crate::judge::State;
use crate::kind::{Kind, STAGE_ARRIVE, STAGE_COUNT, STAGE_DEPART, STAGE_DOCUMENT};
use crate::known::units::LineRef;
use crate::number::UnitNo;

/// Group of the lines of manifests without a lane.
const GROUP_MANIFEST: &str = "manifest";
/// Group of count plans.
const GROUP_COUNT: &str = "count";
/// The group of documents that are due.
const GROUP_DOCUMENT: &str = "document";

/// How many expectations there are, and how they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateCounts {
    /// All; the sum of the others.
    pub expectations: u64,
    /// Seen in time.
    pub met: u64,
    /// Seen late, or elsewhere.
    pub late: u64,
    /// Not seen since.
    pub missing: u64,
    /// Deadline not passed.
    pub pending: u64,
    /// Deadline passed, and a source that may have seen it owes statements.
    pub awaited: u64,
    /// Deadline passed, and nobody read it, which may be chance.
    pub unproven: u64,
    /// An earlier loss of the same unit, or a write-off, answers for it.
    pub not_judged: u64,
}

impl StateCounts {
    pub(super) fn add(&mut self, state: State) {
        self.expectations += 1;
        *match state {
            State::Met => &mut self.met,
            State::Late | State::Elsewhere => &mut self.late,
            State::Missing => &mut self.missing,
            State::Pending => &mut self.pending,
            State::Awaited => &mut self.awaited,
            State::Unproven => &mut self.unproven,
            State::NotJudged => &mut self.not_judged,
        } += 1;
    }
}

/// One group: milestones carry theirs, a manifest's lane is its lines' group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupTotals {
    /// All of the group.
    pub counts: StateCounts,
    /// Units with at least one late expectation in the group.
    pub units_late: u64,
    /// By stage.
    pub stages: BTreeMap<Arc<str>, StateCounts>,
}

/// The whole ledger in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Units known, aliases counted once.
    pub units: u64,
    /// All expectations.
    pub counts: StateCounts,
    /// By group.
    pub groups: BTreeMap<Arc<str>, GroupTotals>,
    /// Standing discrepancies by kind.
    pub discrepancies: BTreeMap<Kind, u64>,
}

#[derive(Default)]
struct Counter {
    totals: Totals,
    late: BTreeMap<Arc<str>, BTreeSet<UnitNo>>,
}

impl Counter {
    fn add(&mut self, group: &Arc<str>, stage: &Arc<str>, state: State, unit: Option<UnitNo>) {
        self.totals.counts.add(state);
        let group_totals = self.totals.groups.entry(Arc::clone(group)).or_default();
        group_totals.counts.add(state);
        group_totals
            .stages
            .entry(Arc::clone(stage))
            .or_default()
            .add(state);
        if matches!(state, State::Late | State::Elsewhere)
            && let Some(unit) = unit
        {
            self.late.entry(Arc::clone(group)).or_default().insert(unit);
        }
    }
}

impl Ledger {
    /// Counts everything; costs time for every expectation.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut counter = Counter::default();
        self.count_lines(&mut counter);
        self.count_milestones(&mut counter);
        self.count_counts(&mut counter);
        self.count_documents(&mut counter);
        let mut totals = counter.totals;
        totals.units = self.units_known() as u64;
        for (group, units) in counter.late {
            totals.groups.entry(group).or_default().units_late = units.len() as u64;
        }
        for discrepancy in self.standing() {
            *totals.discrepancies.entry(discrepancy.kind).or_default() += 1;
        }
        totals
    }

    fn count_lines(&self, counter: &mut Counter) {
        let known = &self.known;
        let stages: [Arc<str>; 2] = [STAGE_DEPART.into(), STAGE_ARRIVE.into()];
        let without_lane: Arc<str> = GROUP_MANIFEST.into();
        for (doc, manifest) in known.manifests.all() {
            let lane = known.lane_of(&manifest.terms);
            let group = lane.map_or(&without_lane, |lane| {
                known.atlas.names.words.name(lane.name)
            });
            for line in manifest.terms.lines.numbers() {
                let states = self.progress.line(LineRef {
                    manifest: doc,
                    line,
                });
                let unit = known.aliases.root(known.lines.unit(line));
                for (stage, state) in stages.iter().zip(states) {
                    counter.add(group, stage, state, Some(unit));
                }
            }
        }
    }

    fn count_milestones(&self, counter: &mut Counter) {
        let known = &self.known;
        for (number, row) in known.milestones.rows() {
            let Some((_, terms)) = known.expected(number) else {
                continue;
            };
            let group = known.atlas.names.words.name(terms.group);
            let stage = known.atlas.names.words.name(row.stage);
            let state = self.progress.milestone(number);
            let unit = known.aliases.root(terms.unit);
            counter.add(group, stage, state, Some(unit));
        }
    }

    fn count_counts(&self, counter: &mut Counter) {
        let group: Arc<str> = GROUP_COUNT.into();
        let stage: Arc<str> = STAGE_COUNT.into();
        for (_, count) in self.known.counts.all() {
            counter.add(&group, &stage, count.state.as_state(), None);
        }
    }

    fn count_documents(&self, counter: &mut Counter) {
        let group: Arc<str> = GROUP_DOCUMENT.into();
        let stage: Arc<str> = STAGE_DOCUMENT.into();
        for (_, state) in self.known.due.states() {
            counter.add(&group, &stage, state, None);
        }
    }
}
