//! Milestones out of tables: what must be reached by when, and what was.

use std::collections::BTreeMap;

use countersign_model::time::{Span, Timestamp};

use super::Known;
use super::said::{self, Said};
use crate::number::{ClaimNo, DocNo, MilestoneNo, PlaceNo, SaidNo, UnitNo, WordNo};
use crate::packed::chains::Chains;
use crate::packed::paged::Paged;
use crate::snapshot::Unreadable;
use crate::snapshot::coded::coded;
use crate::snapshot::sections::{Keeper, Kept};

/// What one claim says must be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExpectedTerms {
    pub(crate) group: WordNo,
    pub(crate) unit: UnitNo,
    pub(crate) place: Option<PlaceNo>,
    /// The end of the due interval.
    pub(crate) due: Timestamp,
    pub(crate) grace: Span,
    /// Of a stop: it is reached by being seen at the place from then on.
    pub(crate) opens: Option<Timestamp>,
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

#[derive(Clone, Copy, Debug)]
pub(crate) struct MilestoneRow {
    pub(crate) plan: DocNo,
    pub(crate) line: WordNo,
    pub(crate) stage: WordNo,
    expected: Option<SaidNo>,
    reached: Option<SaidNo>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Milestones {
    rows: Paged<MilestoneNo, Option<MilestoneRow>>,
    expected: Chains<SaidNo, Said<ExpectedTerms>>,
    reached: Chains<SaidNo, Said<ReachedTerms>>,
    by_key: BTreeMap<(DocNo, WordNo, WordNo), MilestoneNo>,
    by_plan: BTreeMap<DocNo, Vec<MilestoneNo>>,
}

impl Milestones {
    pub(crate) fn number(&mut self, plan: DocNo, line: WordNo, stage: WordNo) -> MilestoneNo {
        let rows = &mut self.rows;
        let by_plan = &mut self.by_plan;
        *self.by_key.entry((plan, line, stage)).or_insert_with(|| {
            let number = rows.push(Some(MilestoneRow {
                plan,
                line,
                stage,
                expected: None,
                reached: None,
            }));
            by_plan.entry(plan).or_default().push(number);
            number
        })
    }

    pub(crate) fn row(&self, milestone: MilestoneNo) -> &MilestoneRow {
        let row = self.rows.row(milestone).as_ref();
        row.expect("a number is given out for a milestone")
    }

    pub(crate) fn expect(&mut self, milestone: MilestoneNo, said: Said<ExpectedTerms>) {
        if let Some(row) = self.rows.row_mut(milestone) {
            self.expected.add(&mut row.expected, said);
        }
    }

    pub(crate) fn reach(&mut self, milestone: MilestoneNo, said: Said<ReachedTerms>) {
        if let Some(row) = self.rows.row_mut(milestone) {
            self.reached.add(&mut row.reached, said);
        }
    }

    /// What is said that must be reached.
    pub(crate) fn expected(
        &self,
        milestone: MilestoneNo,
    ) -> impl Iterator<Item = &Said<ExpectedTerms>> + Clone {
        self.expected.of(self.row(milestone).expected)
    }

    /// What is said that was reached.
    pub(crate) fn reached(
        &self,
        milestone: MilestoneNo,
    ) -> impl Iterator<Item = &Said<ReachedTerms>> + Clone {
        self.reached.of(self.row(milestone).reached)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = (MilestoneNo, &MilestoneRow)> {
        let rows = self.rows.rows();
        rows.filter_map(|(number, row)| Some((number, row.as_ref()?)))
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
        let first = said::first(
            self,
            self.milestones.row(milestone).plan,
            self.milestones.expected(milestone),
        )?;
        Some((first.claim, first.terms))
    }

    /// Claims of suspect keys that say it was reached.
    pub(crate) fn reached_by_suspects(
        &self,
        milestone: MilestoneNo,
    ) -> impl Iterator<Item = ClaimNo> {
        let said = self.milestones.reached(milestone);
        said.map(|said| said.claim)
            .filter(|claim| self.is_claim_suspect(*claim))
    }

    /// When the milestone was first reached, by corrected time. What a suspect key says of it counts
    /// for nothing.
    pub(crate) fn reached(&self, milestone: MilestoneNo) -> Option<ReachedBy> {
        let said = self.milestones.reached(milestone);
        let standing = said
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

coded! {
    ExpectedTerms { group, unit, place, due, grace, opens }
    ReachedTerms { unit, time, place }
    MilestoneRow { plan, line, stage, expected, reached }
}

impl Milestones {
    pub(crate) fn keep(&self, out: &mut Keeper) {
        out.rows("milestones", &self.rows);
        self.expected.keep("milestones_expected", out);
        self.reached.keep("milestones_reached", out);
    }

    pub(crate) fn resume(from: &mut Kept<'_>) -> Result<Self, Unreadable> {
        let rows: Paged<MilestoneNo, Option<MilestoneRow>> = from.rows("milestones")?;
        let own = || rows.rows().filter_map(|(_, row)| row.as_ref());
        let heads = own().filter_map(|row| row.expected);
        let expected = Chains::resume("milestones_expected", from, heads)?;
        let heads = own().filter_map(|row| row.reached);
        let reached = Chains::resume("milestones_reached", from, heads)?;
        let mut milestones = Self {
            rows,
            expected,
            reached,
            ..Self::default()
        };
        for number in milestones.rows.numbers() {
            if let Some(row) = milestones.rows.row(number) {
                let key = (row.plan, row.line, row.stage);
                milestones.by_key.insert(key, number);
                let of_plan = milestones.by_plan.entry(row.plan).or_default();
                of_plan.push(number);
            }
        }
        Ok(milestones)
    }
}
