//! A matter: the members that one finding is made of, and the finding made of them.
//!
//! The content is a function of the members alone, whatever the order in which they came.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::digest::Digest;
use countersign_model::time::Timestamp;
use countersign_reconcile::Discrepancy;

use crate::detector::Detector;
use crate::finding::{Finding, Status};
use crate::gather::{Gathered, Head};
use crate::group::Group;
use crate::json::content_of;
use crate::limits::SUPERSEDED_LISTED_MAX;
use crate::marks::MarkSeen;

/// What a finding is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    Discrepancy(Box<Discrepancy>),
    Mark(MarkSeen),
}

#[derive(Clone, Debug)]
pub(crate) struct Matter {
    pub(crate) id: Digest,
    pub(crate) detector: &'static Detector,
    pub(crate) group: Group,
    pub(crate) members: BTreeMap<Digest, Member>,
    pub(crate) superseded_by: BTreeSet<Digest>,
    /// As made of the members; of none, as it last stood.
    pub(crate) finding: Option<Finding>,
    pub(crate) content: Digest,
}

impl Matter {
    pub(crate) fn new(id: Digest, detector: &'static Detector, group: Group) -> Self {
        Self {
            id,
            detector,
            group,
            members: BTreeMap::new(),
            superseded_by: BTreeSet::new(),
            finding: None,
            content: Digest::ZERO,
        }
    }

    pub(crate) const fn finding(&self) -> Option<&Finding> {
        self.finding.as_ref()
    }

    pub(crate) const fn content(&self) -> Digest {
        self.content
    }

    /// Digest of the members' ids.
    pub(crate) fn members_digest(&self) -> Digest {
        let ids: Vec<&[u8]> = self.members.keys().map(|id| &id.as_bytes()[..]).collect();
        Digest::of_parts("countersign/members/v1", &ids)
    }

    pub(crate) fn member_count(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn put(&mut self, id: Digest, member: Member) {
        self.members.insert(id, member);
    }

    pub(crate) fn take(&mut self, id: Digest) {
        self.members.remove(&id);
    }

    /// A finding that stands where a member of this one stood.
    pub(crate) fn supersede(&mut self, by: Digest) {
        if by != self.id {
            self.superseded_by.insert(by);
        }
        // The smallest stay, so that the order of coming does not matter.
        if self.superseded_by.len() > SUPERSEDED_LISTED_MAX {
            self.superseded_by.pop_last();
        }
    }

    pub(crate) const fn set_recorded(&mut self, transition: u64) {
        if let Some(finding) = &mut self.finding {
            finding.transition = transition;
        }
    }

    /// Makes the finding anew after the members changed.
    pub(crate) fn refresh(&mut self, tick: Timestamp) {
        let was_retracted = self.finding.as_ref().is_some_and(|it| !it.is_standing());
        if was_retracted && !self.members.is_empty() {
            self.superseded_by.clear();
        }
        let Some(mut finding) = self.made(tick) else {
            return;
        };
        let content = content_of(&finding.to_json());
        if let Some(before) = &self.finding {
            finding.opened_at = before.opened_at;
            finding.transition = before.transition;
            if content == self.content {
                finding.changed_at = before.changed_at;
            }
        }
        self.content = content;
        self.finding = Some(finding);
    }

    fn made(&self, tick: Timestamp) -> Option<Finding> {
        if self.members.is_empty() {
            let mut finding = self.finding.clone()?;
            finding.status = Status::Retracted;
            finding.changed_at = tick;
            finding.superseded_by = self.superseded_by.iter().copied().collect();
            return Some(finding);
        }
        let head = Head {
            id: self.id,
            detector: self.detector,
            stage: self.group.stage(),
            tick,
        };
        Some(Gathered::of(self.members.values()).into_finding(&head))
    }
}
