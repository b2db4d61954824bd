//! Marks of statements as members of findings, and the gaps that wait for their grace.
//!
//! A `chain_gap` names the place before the marked statement as empty. It is closed when a
//! statement of that place comes, in this batch or years later; only if the grace has passed
//! by tick before that does it count. Statements and ticks come in log order, so equal logs
//! give equal gaps.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::digest::Digest;
use countersign_model::entry::{Index, Mark};
use countersign_model::fold::{AdmittedStatement, ChainPosition};
use countersign_model::ids::{KeyId, PrincipalId};
use countersign_model::time::{Span, Timestamp};

use crate::detector::Detector;

/// One mark of one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MarkSeen {
    pub(crate) mark: Mark,
    pub(crate) index: Index,
    pub(crate) signer: PrincipalId,
    pub(crate) key: KeyId,
    pub(crate) chain: Option<ChainPosition>,
    /// The tick of its batch.
    pub(crate) seen: Timestamp,
}

impl MarkSeen {
    pub(crate) fn of(mark: Mark, statement: &AdmittedStatement, tick: Timestamp) -> Self {
        Self {
            mark,
            index: statement.index,
            signer: statement.issuer.clone(),
            key: statement.key,
            chain: statement.chain,
            seen: tick,
        }
    }

    /// A statement has each mark at most once.
    pub(crate) fn member_id(&self) -> Digest {
        let index = self.index.0.to_be_bytes();
        let parts = [self.mark.as_str().as_bytes(), &index];
        Digest::of_parts("countersign/mark/v1", &parts)
    }

    /// The place in the chain that was empty; `None` for what is no gap.
    fn awaited(&self) -> Option<Place> {
        let chain = self.chain.filter(|_| self.mark == Mark::ChainGap)?;
        Some(Place {
            key: self.key,
            epoch: chain.epoch,
            counter: chain.counter.checked_sub(1)?,
        })
    }
}

/// A place in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    key: KeyId,
    epoch: u64,
    counter: u64,
}

/// A gap that became a member of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reported {
    pub(crate) finding: Digest,
    pub(crate) member: Digest,
}

#[derive(Clone, Debug, Default)]
struct Gap {
    /// Detectors that wait for it, with the statement behind it.
    waiting: Vec<(Timestamp, &'static Detector, MarkSeen)>,
    reported: Vec<Reported>,
}

/// Empty places in chains.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gaps {
    open: BTreeMap<Place, Gap>,
    due: BTreeSet<(Timestamp, Place)>,
}

impl Gaps {
    /// Has a detector wait until `grace` after the mark was seen. A second statement behind the
    /// same empty place adds nothing.
    pub(crate) fn wait(&mut self, detector: &'static Detector, seen: &MarkSeen, grace: Span) {
        let Some(place) = seen.awaited() else { return };
        let gap = self.open.entry(place).or_default();
        let is_known = gap.waiting.iter().any(|(_, it, _)| it.id == detector.id);
        if is_known || !gap.reported.is_empty() {
            return;
        }
        let deadline = seen.seen.plus(grace);
        gap.waiting.push((deadline, detector, seen.clone()));
        self.due.insert((deadline, place));
    }

    /// A statement came: the gap at its place is closed. Returns what was reported of it.
    pub(crate) fn close(&mut self, key: KeyId, chain: ChainPosition) -> Vec<Reported> {
        let place = Place {
            key,
            epoch: chain.epoch,
            counter: chain.counter,
        };
        let Some(gap) = self.open.remove(&place) else {
            return Vec::new();
        };
        for (deadline, _, _) in &gap.waiting {
            self.due.remove(&(*deadline, place));
        }
        gap.reported
    }

    /// Takes the gaps out whose grace ended before `tick`, with the detector that waited.
    pub(crate) fn fall_due(&mut self, tick: Timestamp) -> Vec<(&'static Detector, MarkSeen)> {
        let mut out = Vec::new();
        while let Some((deadline, place)) = self.due.first().copied() {
            if deadline >= tick {
                break;
            }
            self.due.pop_first();
            let Some(gap) = self.open.get_mut(&place) else {
                continue;
            };
            for (at, detector, seen) in std::mem::take(&mut gap.waiting) {
                if at < tick {
                    out.push((detector, seen));
                } else {
                    gap.waiting.push((at, detector, seen));
                }
            }
        }
        out
    }

    /// Keeps where a gap was reported, so that closing it takes the member back.
    pub(crate) fn report(&mut self, seen: &MarkSeen, reported: Reported) {
        if let Some(gap) = seen.awaited().and_then(|place| self.open.get_mut(&place)) {
            gap.reported.push(reported);
        }
    }

    /// Digest of what is open.
    pub(crate) fn state_digest(&self) -> Digest {
        let row = |(place, gap): (&Place, &Gap)| {
            let mut bytes = place.key.0.as_bytes().to_vec();
            bytes.extend(place.epoch.to_be_bytes());
            bytes.extend(place.counter.to_be_bytes());
            for (deadline, detector, seen) in &gap.waiting {
                bytes.extend(deadline.ms().to_be_bytes());
                bytes.extend(seen.index.0.to_be_bytes());
                bytes.extend(Digest::of(detector.id.as_bytes()).as_bytes());
            }
            for reported in &gap.reported {
                bytes.extend(reported.finding.as_bytes());
                bytes.extend(reported.member.as_bytes());
            }
            bytes
        };
        let rows: Vec<Vec<u8>> = self.open.iter().map(row).collect();
        let parts: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
        Digest::of_parts("countersign/gaps/v1", &parts)
    }
}
