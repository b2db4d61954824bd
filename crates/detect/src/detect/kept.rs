//! The findings in a snapshot, and back.
//!
//! Members that are discrepancies are not in it: they are those that stand in the ledger, which judges
//! them again. Of each matter there is a digest of its members, so that others are noticed.

use std::collections::BTreeMap;

use countersign_model::coded::bytes::{Reader, Writer};
use countersign_model::coded::{Coded, put_text, take_text};
use countersign_model::digest::Digest;
use countersign_model::{coded, coded_cases, coded_words};
use countersign_reconcile::Discrepancy;

use super::{Detect, Recorded};
use crate::detectors::DETECTORS;
use crate::finding::{Evidence, Finding, Severity, Status};
use crate::group::Group;
use crate::marks::MarkSeen;
use crate::matter::{Matter, Member};

impl Detect {
    /// Writes all findings, and what of them the log has.
    pub fn keep(&self, out: &mut Writer) {
        let Self {
            matters,
            // Follow from what stands.
            homes: _,
            recorded,
            // No part of the state.
            handed_out: _,
            tick,
            index,
        } = self;
        matters.len().put(out);
        for matter in matters.values() {
            put_matter(matter, out);
        }
        recorded.put(out);
        tick.put(out);
        index.put(out);
    }

    /// The findings that were written, over the discrepancies that stood then. `None` if this is not
    /// what this version wrote, or others stand.
    #[must_use]
    pub fn resume<'a>(
        from: &mut Reader<'_>,
        standing: impl Iterator<Item = &'a Discrepancy>,
    ) -> Option<Self> {
        let mut detect = Self::default();
        let mut members = Vec::new();
        for _ in 0..usize::take(from)? {
            let (matter, of_members) = take_matter(from)?;
            members.push((matter.id, of_members));
            detect.matters.insert(matter.id, matter);
        }
        detect.recorded = Coded::take(from)?;
        detect.tick = Coded::take(from)?;
        detect.index = Coded::take(from)?;
        for discrepancy in standing {
            detect.put_discrepancies(discrepancy);
        }
        let matters = detect.matters.iter();
        let same = matters.map(|(id, matter)| (*id, matter.members_digest()));
        same.eq(members).then_some(detect)
    }
}

fn put_matter(matter: &Matter, out: &mut Writer) {
    let Matter {
        // Follows from detector and group.
        id: _,
        detector,
        group,
        members,
        superseded_by,
        finding,
        content,
    } = matter;
    put_text(detector.id, out);
    group.put(out);
    let marks = members.iter().filter_map(|(id, member)| match member {
        Member::Mark(mark) => Some((*id, mark.clone())),
        Member::Discrepancy(_) => None,
    });
    marks.collect::<BTreeMap<_, _>>().put(out);
    superseded_by.put(out);
    finding.put(out);
    content.put(out);
    matter.members_digest().put(out);
}

/// A matter with its marks alone, and the digest of all its members.
fn take_matter(from: &mut Reader<'_>) -> Option<(Matter, Digest)> {
    let detector = take_text(from)?;
    let detector = DETECTORS.iter().find(|it| it.id == detector)?;
    let group = Group::take(from)?;
    let id = group.finding_id(detector.id);
    let marks = BTreeMap::<Digest, MarkSeen>::take(from)?.into_iter();
    let matter = Matter {
        id,
        detector,
        group,
        members: marks.map(|(id, mark)| (id, Member::Mark(mark))).collect(),
        superseded_by: Coded::take(from)?,
        finding: Coded::take(from)?,
        content: Coded::take(from)?,
    };
    Some((matter, Digest::take(from)?))
}

coded! {
    Recorded { transition, content }
    MarkSeen { mark, index, signer, key, chain, seen }
    Finding {
        id, transition, status, kind, severity, units, units_more, amounts, value, place, site, from,
        until, plan, stage, opened_at, changed_at, last_proven, first_disproven, agreeing,
        disagreeing, entries, entries_more, evidence, evidence_more, superseded_by, rule, fold,
        template, arguments,
    }
}

coded_words! {
    Status { Open, Confirmed, Retracted }
    Severity { Low, Medium, High }
}

coded_cases! {
    Group {
        0 Matter(0 key),
        1 Chain(key key, epoch epoch),
        2 SignerDay(signer signer, day day),
    }
    Evidence {
        0 Discrepancy(
            id id, kind kind, is_settled is_settled, plan plan, stage stage, line line, units units,
            value value
        ),
        1 Mark(mark mark, index index, signer signer, key key, chain chain, seen seen),
    }
}
