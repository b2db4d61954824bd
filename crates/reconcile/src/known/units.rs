//! Keys of units: the observations of each in the total order, and the plans that name it.

use std::collections::BTreeMap;

use countersign_model::entry::ClaimRef;
use countersign_model::time::Timestamp;

use super::milestones::Milestones;
use crate::history::Place;
use crate::limits::OBSERVATIONS_PER_KEY_MAX;
use crate::number::{DocNo, LineNo, MilestoneNo, UnitNo};
use crate::packed::paged::Paged;
use crate::snapshot::Unreadable;
use crate::snapshot::coded::coded;
use crate::snapshot::sections::{Keeper, Kept};

/// A line of a standing manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LineRef {
    pub(crate) manifest: DocNo,
    pub(crate) line: LineNo,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UnitRow {
    /// The newest record that names it, by arrival.
    pub(crate) newest: Option<Place>,
    /// How many observations there were of it.
    pub(crate) observations: u32,
    /// Its lines of standing manifests.
    pub(crate) lines: Option<LineNo>,
}

impl UnitRow {
    /// Observations that are older than the newest [`OBSERVATIONS_PER_KEY_MAX`].
    pub(crate) fn forgotten(&self) -> u64 {
        u64::from(self.observations).saturating_sub(OBSERVATIONS_PER_KEY_MAX as u64)
    }
}

/// Two people agreed that the unit will not come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WriteOff {
    pub(crate) instant: Timestamp,
    /// The approval.
    pub(crate) at: ClaimRef,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Units {
    rows: Paged<UnitNo, UnitRow>,
    milestones: BTreeMap<UnitNo, Vec<MilestoneNo>>,
    write_offs: BTreeMap<UnitNo, Vec<WriteOff>>,
}

impl Units {
    pub(crate) fn row(&self, unit: UnitNo) -> &UnitRow {
        self.rows.row(unit)
    }

    pub(crate) fn row_mut(&mut self, unit: UnitNo) -> &mut UnitRow {
        self.rows.row_mut(unit)
    }

    pub(crate) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Makes room for every numbered key.
    pub(crate) fn fill(&mut self, len: usize) {
        self.rows.fill(len);
    }

    pub(crate) fn numbers(&self) -> impl Iterator<Item = UnitNo> + use<> {
        self.rows.numbers()
    }

    /// A plan has a milestone for the unit.
    pub(crate) fn add_milestone(&mut self, unit: UnitNo, milestone: MilestoneNo) {
        let own = self.milestones.entry(unit).or_default();
        if !own.contains(&milestone) {
            own.push(milestone);
        }
    }

    /// The milestones that plans have for the unit.
    pub(crate) fn milestones(&self, unit: UnitNo) -> &[MilestoneNo] {
        self.milestones.get(&unit).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn write_off(&mut self, unit: UnitNo, write_off: WriteOff) {
        let all = self.write_offs.entry(unit).or_default();
        if let Err(at) = all.binary_search(&write_off) {
            all.insert(at, write_off);
        }
    }

    /// Sorted.
    pub(crate) fn write_offs(&self, unit: UnitNo) -> &[WriteOff] {
        self.write_offs.get(&unit).map_or(&[], Vec::as_slice)
    }
}

coded! {
    UnitRow { newest, observations, lines }
    WriteOff { instant, at }
}

impl Units {
    pub(crate) fn keep(&self, out: &mut Keeper) {
        out.rows("unit_rows", &self.rows);
        out.whole("write_offs", self.write_offs.clone());
    }

    pub(crate) fn resume(from: &mut Kept<'_>, milestones: &Milestones) -> Result<Self, Unreadable> {
        let mut units = Self {
            rows: from.rows("unit_rows")?,
            milestones: BTreeMap::new(),
            write_offs: from.whole("write_offs")?,
        };
        for (milestone, _) in milestones.rows() {
            for said in milestones.expected(milestone) {
                units.add_milestone(said.terms.unit, milestone);
            }
        }
        Ok(units)
    }
}
