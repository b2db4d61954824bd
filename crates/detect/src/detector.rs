//! What a detector is: an id, what it watches, how severe what it finds is, and the constants
//! by which it judges.

use countersign_model::digest::Digest;
use countersign_model::entry::Mark;
use countersign_model::quantity::Money;
use countersign_model::time::Span;
use countersign_reconcile::Discrepancy;

use crate::detectors::DETECTORS;
use crate::finding::Severity;
use crate::group::Group;
use crate::marks::MarkSeen;

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
        heed: fn(Mark) -> Heed,
        /// What it belongs with, at a tick.
        group: fn(&MarkSeen) -> Group,
    },
}

/// Whether a mark makes a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heed {
    /// No.
    Never,
    /// As soon as it is seen.
    AtOnce,
    /// A gap in a chain, if what is missing has not come so long after.
    UnlessClosedIn(Span),
}

/// What severity and explanation may depend on.
#[derive(Debug)]
pub(crate) struct Stake<'a> {
    /// What the members are worth, one sum a currency, as far as is known.
    pub(crate) value: &'a [Money],
    /// Units, and pieces of counted classes.
    pub(crate) count: u64,
    /// The milestone that the members have in common.
    pub(crate) stage: Option<&'a str>,
    /// Marks among the members, sorted.
    pub(crate) marks: &'a [Mark],
}

impl Detector {
    /// Whether it makes the discrepancy a member of a finding.
    pub(crate) fn takes(&self, discrepancy: &Discrepancy) -> bool {
        match self.watches {
            Watches::Discrepancies(takes) => takes(discrepancy),
            Watches::Marks { .. } => false,
        }
    }

    /// Whether it makes the mark a member of a finding.
    pub(crate) fn heeds(&self, mark: Mark) -> Heed {
        match self.watches {
            Watches::Marks { heed, .. } => heed(mark),
            Watches::Discrepancies(_) => Heed::Never,
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

/// A registered detector, for those who list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The detector's id, the `kind` of its findings.
    pub id: &'static str,
    /// Its version.
    pub version: u32,
    /// Digest of id, version and constants, as findings carry it.
    pub digest: Digest,
}

/// All registered detectors, by id.
pub fn rules() -> impl Iterator<Item = Rule> {
    DETECTORS.iter().map(|detector| Rule {
        id: detector.id,
        version: detector.version,
        digest: detector.rule(),
    })
}
