//! Milestones out of tables: what must be reached by when, and what was.

use std::collections::BTreeMap;

use countersign_model::time::{Span, Timestamp};

use super::Known;
use super::said::{self, Said};
use crate::number::{ClaimNo, DocNo, MilestoneNo, PlaceNo, Table, UnitNo, WordNo};

/// What one claim says must be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExpectedTerms {
    pub(crate) group: WordNo,
    pub(crate) unit: UnitNo,
    pub(crate) place: Option<PlaceNo>,
    /// The end of the due interval.
    pub(crate) due: Timestamp,
    pub(crate) grace: Span,
}

impl ExpectedTerms {
    /// Until when reaching it is in time.
    pub(crate) const fn deadline(&self) -> Timestamp {
        self.due.plus(self.grace)
    }
}

/// What one claim says was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReachedTerms {
    pub(crate) unit: UnitNo,
    /// As said: the start of its interval.
    pub(crate) time: Timestamp,
    pub(crate) place: Option<PlaceNo>,
}

#[derive(Clone, Debug)]
pub(crate) struct MilestoneRow {
    pub(crate) plan: DocNo,
    pub(crate) line: WordNo,
    pub(crate) stage: WordNo,
    pub(crate) expected: Vec<Said<ExpectedTerms>>,
    pub(crate) reached: Vec<Said<ReachedTerms>>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Milestones {
    rows: Table<MilestoneNo, MilestoneRow>,
    by_key: BTreeMap<(DocNo, WordNo, WordNo), MilestoneNo>,
    by_plan: BTreeMap<DocNo, Vec<MilestoneNo>>,
}

impl Milestones {
    pub(crate) fn number(&mut self, plan: DocNo, line: WordNo, stage: WordNo) -> MilestoneNo {
        let rows = &mut self.rows;
        let by_plan = &mut self.by_plan;
        *self.by_key.entry((plan, line, stage)).or_insert_with(|| {
            let number = rows.push(MilestoneRow {
                plan,
                line,
                stage,
                expected: Vec::new(),
                reached: Vec::new(),
            });
            by_plan.entry(plan).or_default().push(number);
            number
        })
    }

    pub(crate) fn row(&self, milestone: MilestoneNo) -> &MilestoneRow {
        self.rows.row(milestone)
    }

    pub(crate) fn row_mut(&mut self, milestone: MilestoneNo) -> &mut MilestoneRow {
        self.rows.row_mut(milestone)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = (MilestoneNo, &MilestoneRow)> {
        self.rows.rows()
    }

    pub(crate) fn of_plan(&self, plan: DocNo) -> &[MilestoneNo] {
        self.by_plan.get(&plan).map_or(&[], Vec::as_slice)
    }
}

/// A milestone that was reached, as the first claim says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReachedBy {
    pub(crate) claim: ClaimNo,
    pub(crate) time: Timestamp,
    pub(crate) place: Option<PlaceNo>,
}

impl Known {
    /// What is expected at the milestone, by the claim that stands.
    pub(crate) fn expected(&self, milestone: MilestoneNo) -> Option<(ClaimNo, ExpectedTerms)> {
        let row = self.milestones.row(milestone);
        let first = said::first(self, &row.expected)?;
        Some((first.claim, *first.terms))
    }

    /// Claims of suspect keys that say it was reached.
    pub(crate) fn reached_by_suspects(
        &self,
        milestone: MilestoneNo,
    ) -> impl Iterator<Item = ClaimNo> {
        let said = self.milestones.row(milestone).reached.iter();
        said.map(|said| said.claim)
            .filter(|claim| self.is_claim_suspect(*claim))
    }

    /// When the milestone was first reached, by corrected time. What a suspect key says of it counts
    /// for nothing.
    pub(crate) fn reached(&self, milestone: MilestoneNo) -> Option<ReachedBy> {
        let row = self.milestones.row(milestone);
        let standing = row
            .reached
            .iter()
            .filter(|said| self.is_claim_effective(said.claim))
            .filter(|said| !self.is_claim_suspect(said.claim));
        let when = |said: &Said<ReachedTerms>| {
            let signed = self.claims.row(said.claim).signed();
            self.atlas.corrected(signed, said.terms.time)
        };
        let first = standing.min_by(|a, b| {
            when(a)
                .cmp(&when(b))
                .then_with(|| self.order_of_claims(a.claim, b.claim))
                .then(a.part.cmp(&b.part))
        })?;
        Some(ReachedBy {
            claim: first.claim,
            time: when(first),
            place: first.terms.place,
        })
    }
}
