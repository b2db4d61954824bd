//! What a detector is: an id, what it watches, how severe what it finds is, and the constants
//! by which it judges.

use countersign_model::digest::Digest;
use countersign_model::entry::Mark;
use countersign_reconcile::Discrepancy;

use crate::finding::Severity;
use crate::group::Group;
use crate::marks::MarkSeen;
use crate::severity::{self, Stake};

/// One detector. Each has a file of its own under `detectors/`.
#[derive(Debug)]
pub(crate) struct Detector {
    /// Stable id: the `kind` of its findings.
    pub(crate) id: &'static str,
    /// Raised when its code judges otherwise with the same constants.
    pub(crate) version: u32,
    /// The numbers by which it judges, by name.
    pub(crate) constants: &'static [(&'static str, i64)],
    /// What it looks at.
    pub(crate) watches: Watches,
    /// How much its finding asks for attention.
    pub(crate) severity: fn(&Stake<'_>) -> Severity,
    /// Which explanation holds. Begins with the id.
    pub(crate) template: fn(&Stake<'_>) -> &'static str,
}

/// What a detector looks at.
#[derive(Debug)]
pub(crate) enum Watches {
    /// Discrepancies for which this is true, in the ledger's groups.
    Discrepancies(fn(&Discrepancy) -> bool),
    /// Marks of statements.
    Marks {
        /// Whether a mark is taken.
        heed: fn(Mark) -> bool,
        /// What it belongs with, at a tick.
        group: fn(&MarkSeen) -> Group,
    },
}

impl Detector {
    /// A detector over the discrepancies for which `takes` is true, as most are: version 1,
    /// severity by value, up to high. One that differs names what differs, and takes the rest
    /// by `..Detector::over_discrepancies(…)`.
    pub(crate) const fn over_discrepancies(
        id: &'static str,
        takes: fn(&Discrepancy) -> bool,
        template: fn(&Stake<'_>) -> &'static str,
    ) -> Self {
        Self {
            id,
            version: 1,
            constants: severity::CONSTANTS,
            watches: Watches::Discrepancies(takes),
            severity: severity::by_value,
            template,
        }
    }

    /// Whether it makes the discrepancy a member of a finding.
    pub(crate) fn takes(&self, discrepancy: &Discrepancy) -> bool {
        match self.watches {
            Watches::Discrepancies(takes) => takes(discrepancy),
            Watches::Marks { .. } => false,
        }
    }

    /// Whether it makes the mark a member of a finding.
    pub(crate) fn heeds(&self, mark: Mark) -> bool {
        match self.watches {
            Watches::Marks { heed, .. } => heed(mark),
            Watches::Discrepancies(_) => false,
        }
    }

    /// What a mark belongs with; `None` for a detector that watches no marks.
    pub(crate) fn group_of(&self, seen: &MarkSeen) -> Option<Group> {
        match self.watches {
            Watches::Marks { group, .. } => Some(group(seen)),
            Watches::Discrepancies(_) => None,
        }
    }

    /// Digest of what decides its findings: id, version, constants.
    pub(crate) fn rule(&self) -> Digest {
        let version = self.version.to_be_bytes();
        let values: Vec<(&str, [u8; 8])> = self
            .constants
            .iter()
            .map(|(name, value)| (*name, value.to_be_bytes()))
            .collect();
        let mut parts: Vec<&[u8]> = vec![self.id.as_bytes(), &version];
        for (name, value) in &values {
            parts.push(name.as_bytes());
            parts.push(value);
        }
        Digest::of_parts("countersign/rule/v1", &parts)
    }
}
