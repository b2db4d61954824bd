//! The fold: discrepancies and marks in, moves of findings out.

mod kept;

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::act::{Act, FindingRecord};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimStatus, Index};
use countersign_model::fold::{AdmittedStatement, FoldBatch, Said};
use countersign_model::time::Timestamp;
use countersign_reconcile::{Change, Discrepancy};

use crate::detector::Detector;
use crate::detectors::DETECTORS;
use crate::finding::{Finding, Moved, Status};
use crate::group::Group;
use crate::json::content_of;
use crate::limits::MARKS_KEPT_MAX;
use crate::marks::MarkSeen;
use crate::matter::{Matter, Member};

/// What the log has of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Recorded {
    transition: u64,
    content: Digest,
}

/// All findings, and what of them the log has.
#[derive(Clone, Debug, Default)]
pub struct Detect {
    matters: BTreeMap<Digest, Matter>,
    /// The findings that each standing discrepancy is a member of.
    homes: BTreeMap<Digest, Vec<Digest>>,
    recorded: BTreeMap<Digest, Recorded>,
    /// Moves that were handed out and are not seen in the log yet. No part of the state: what
    /// a node did with its moves before it stopped is forgotten with it.
    handed_out: BTreeMap<Digest, u64>,
    tick: Timestamp,
    index: Index,
}

impl Detect {
    /// Takes a commit in, with the changes that the ledger made of it, and returns the findings
    /// that differ from what was last recorded of them, by id. While a move waits to be seen
    /// in the log the same finding gives no other.
    pub fn apply(&mut self, batch: &FoldBatch, changes: &[Change]) -> Vec<Moved> {
        let touched = self.take(batch, changes);
        let moves = touched.into_iter();
        moves.filter_map(|id| self.hand_out(id)).collect()
    }

    /// Takes a commit of the past in; what it moved stands recorded behind it, or is
    /// [`Detect::unrecorded`] at the end.
    pub fn replay(&mut self, batch: &FoldBatch, changes: &[Change]) {
        self.take(batch, changes);
    }

    /// The next move of every finding that differs from what was last recorded of it, by id,
    /// whether it was handed out or not.
    #[must_use]
    pub fn unrecorded(&self) -> Vec<Moved> {
        let ids = self.matters.keys();
        ids.filter_map(|id| self.next_move(*id)).collect()
    }

    /// Every finding that ever opened, by id.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.matters.values().filter_map(Matter::finding)
    }

    /// The findings that stand, by id.
    pub fn standing(&self) -> impl Iterator<Item = &Finding> {
        self.findings().filter(|finding| finding.is_standing())
    }

    /// The finding of that id.
    #[must_use]
    pub fn finding(&self, id: Digest) -> Option<&Finding> {
        self.matters.get(&id)?.finding()
    }

    /// The findings that a standing discrepancy is a member of.
    pub fn findings_of(&self, discrepancy: Digest) -> impl Iterator<Item = &Finding> {
        let homes = self.homes.get(&discrepancy).into_iter().flatten();
        homes.filter_map(|id| self.finding(*id))
    }

    /// Digest of the whole state: equal on every machine at the same index.
    #[must_use]
    pub fn state_digest(&self) -> Digest {
        let mut rows: Vec<Vec<u8>> = Vec::new();
        for (id, matter) in &self.matters {
            let mut row = id.as_bytes().to_vec();
            row.extend(matter.content().as_bytes());
            row.extend(matter.members_digest().as_bytes());
            if let Some(finding) = matter.finding() {
                row.extend(finding.opened_at.ms().to_be_bytes());
                row.extend(finding.changed_at.ms().to_be_bytes());
            }
            rows.push(row);
        }
        for (id, recorded) in &self.recorded {
            let mut row = id.as_bytes().to_vec();
            row.extend(recorded.transition.to_be_bytes());
            row.extend(recorded.content.as_bytes());
            rows.push(row);
        }
        let (tick, index) = (self.tick.ms().to_be_bytes(), self.index.0.to_be_bytes());
        let mut parts: Vec<&[u8]> = vec![&tick, &index];
        parts.extend(rows.iter().map(Vec::as_slice));
        Digest::of_parts("countersign/detect/v1", &parts)
    }

    /// Returns the findings that may have to move.
    fn take(&mut self, batch: &FoldBatch, changes: &[Change]) -> BTreeSet<Digest> {
        self.tick = self.tick.max(batch.tick);
        self.index = batch.index;
        let mut changed = BTreeSet::new();
        for statement in &batch.statements {
            self.take_marks(statement, &mut changed);
        }
        let mut successions = Vec::new();
        for change in changes {
            self.take_change(change, &mut changed, &mut successions);
        }
        for (finding, discrepancy) in successions {
            self.take_succession(finding, discrepancy);
        }
        for id in &changed {
            self.refresh(*id);
        }
        self.take_records(batch, &mut changed);
        changed
    }

    fn take_records(&mut self, batch: &FoldBatch, touched: &mut BTreeSet<Digest>) {
        let claims = batch.statements.iter().flat_map(|it| &it.claims);
        for claim in claims.filter(|claim| claim.status == ClaimStatus::Effective) {
            if let Some(Said::Act(Act::Finding(record))) = &claim.said {
                self.take_record(record);
                touched.insert(record.id);
            }
        }
    }

    /// Of records with one number the first counts.
    fn take_record(&mut self, record: &FindingRecord) {
        let FindingRecord {
            id,
            transition,
            json,
        } = record;
        let known = self.recorded.get(id).map_or(0, |it| it.transition);
        if *transition <= known {
            return;
        }
        let recorded = Recorded {
            transition: *transition,
            content: content_of(json),
        };
        self.recorded.insert(*id, recorded);
        if self.handed_out.get(id).is_some_and(|out| out <= transition) {
            self.handed_out.remove(id);
        }
        if let Some(matter) = self.matters.get_mut(id) {
            matter.set_recorded(*transition);
        }
    }

    /// Of a retracted member it is noted which discrepancy stands in its place.
    fn take_change(
        &mut self,
        change: &Change,
        changed: &mut BTreeSet<Digest>,
        successions: &mut Vec<(Digest, Digest)>,
    ) {
        let id = change.id();
        for home in self.homes.remove(&id).unwrap_or_default() {
            if let Some(matter) = self.matters.get_mut(&home) {
                matter.take(id);
                changed.insert(home);
            }
            if let Change::Retracted {
                superseded_by: Some(by),
                ..
            } = change
            {
                successions.push((home, *by));
            }
        }
        if let Change::Opened(discrepancy) | Change::Changed(discrepancy) = change {
            changed.extend(self.put_discrepancies(discrepancy));
        }
    }

    /// Makes a discrepancy a member wherever a detector takes it.
    fn put_discrepancies(&mut self, discrepancy: &Discrepancy) -> Vec<Digest> {
        let takes = DETECTORS.iter().filter(|it| it.takes(discrepancy));
        let homes: Vec<Digest> = takes
            .map(|detector| self.put_discrepancy(detector, discrepancy))
            .collect();
        if !homes.is_empty() {
            self.homes.insert(discrepancy.id, homes.clone());
        }
        homes
    }

    fn put_discrepancy(
        &mut self,
        detector: &'static Detector,
        discrepancy: &Discrepancy,
    ) -> Digest {
        let group = Group::Matter(discrepancy.group.clone());
        let finding = group.finding_id(detector.id);
        let matter = self.matters.entry(finding);
        let matter = matter.or_insert_with(|| Matter::new(finding, detector, group));
        let member = Member::Discrepancy(Box::new(discrepancy.clone()));
        matter.put(discrepancy.id, member);
        finding
    }

    /// The findings that `discrepancy` is in stand where a member of `finding` stood.
    fn take_succession(&mut self, finding: Digest, discrepancy: Digest) {
        let Some(matter) = self.matters.get_mut(&finding) else {
            return;
        };
        for home in self.homes.get(&discrepancy).into_iter().flatten() {
            matter.supersede(*home);
        }
    }

    fn take_marks(&mut self, statement: &AdmittedStatement, changed: &mut BTreeSet<Digest>) {
        for mark in &statement.marks {
            let seen = MarkSeen::of(*mark, statement, self.tick);
            for detector in DETECTORS {
                if detector.heeds(*mark) {
                    changed.extend(self.put_mark(detector, &seen));
                }
            }
        }
    }

    /// The finding that has the mark now; `None` when it has as many as it keeps.
    fn put_mark(&mut self, detector: &'static Detector, seen: &MarkSeen) -> Option<Digest> {
        let group = detector.group_of(seen)?;
        let finding = group.finding_id(detector.id);
        let matter = self.matters.entry(finding);
        let matter = matter.or_insert_with(|| Matter::new(finding, detector, group));
        (matter.member_count() < MARKS_KEPT_MAX).then(|| {
            matter.put(seen.member_id(), Member::Mark(seen.clone()));
            finding
        })
    }

    fn refresh(&mut self, id: Digest) {
        if let Some(matter) = self.matters.get_mut(&id) {
            matter.refresh(self.tick);
            if let Some(recorded) = self.recorded.get(&id) {
                matter.set_recorded(recorded.transition);
            }
        }
    }

    fn hand_out(&mut self, id: Digest) -> Option<Moved> {
        if self.handed_out.contains_key(&id) {
            return None;
        }
        let moved = self.next_move(id)?;
        self.handed_out.insert(id, moved.transition);
        Some(moved)
    }

    fn next_move(&self, id: Digest) -> Option<Moved> {
        let matter = self.matters.get(&id)?;
        let finding = matter.finding()?;
        let transition = match self.recorded.get(&id) {
            Some(recorded) if recorded.content == matter.content() => return None,
            Some(recorded) => recorded.transition.saturating_add(1),
            None if finding.status == Status::Retracted => return None,
            None => 1,
        };
        let mut finding = finding.clone();
        finding.transition = transition;
        let json = finding.to_json();
        Some(Moved {
            id,
            transition,
            finding,
            json,
        })
    }
}

#[cfg(test)]
mod tests;
