//! What was counted and what was found wrong, and the pieces that come of it.

use std::collections::BTreeMap;

use crate::limits::FAULTS_TOLD_MAX;
use crate::reason::Reason;
use crate::report::{Fault, Piece, Verdict};

/// The pieces of the report on a log, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// The first entry.
    Genesis,
    /// Segments and records.
    Ground,
    /// Who said what.
    Statements,
    /// What the node recorded.
    Batches,
    /// What the claims say.
    Bodies,
    /// The root over all entries.
    Tree,
    /// Tiles and bundles.
    Published,
}

impl Part {
    /// The name of its pieces.
    const fn name(self) -> &'static str {
        match self {
            Self::Genesis => "genesis",
            Self::Ground => "ground",
            Self::Statements => "statements",
            Self::Batches => "batches",
            Self::Bodies => "bodies",
            Self::Tree => "tree",
            Self::Published => "published tree",
        }
    }
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) statements: u64,
    pub(super) batches: u64,
    pub(super) bodies: u64,
    pub(super) envelopes: u64,
    pub(super) sealed: u64,
    pub(super) erased: u64,
    /// Erasures that were begun and not finished.
    pub(super) erasing: u64,
    /// Claims whose body never came, as the node recorded.
    pub(super) bodies_absent: u64,
    /// Bodies of a format or version that this release does not decode.
    pub(super) unknown_formats: u64,
    /// Verdict records of a later version.
    pub(super) unknown_records: u64,
    /// Statements of a kind or version that this release does not know.
    pub(super) unknown_kinds: u64,
}

impl Counts {
    /// Adds what was counted elsewhere.
    pub(super) const fn add(&mut self, other: &Self) {
        self.statements += other.statements;
        self.batches += other.batches;
        self.bodies += other.bodies;
        self.envelopes += other.envelopes;
        self.sealed += other.sealed;
        self.erased += other.erased;
        self.erasing += other.erasing;
        self.bodies_absent += other.bodies_absent;
        self.unknown_formats += other.unknown_formats;
        self.unknown_records += other.unknown_records;
        self.unknown_kinds += other.unknown_kinds;
    }
}

/// Faults by the piece that they spoil: some told, all counted.
#[derive(Debug, Default)]
pub(super) struct Faults(BTreeMap<Part, Found>);

#[derive(Debug, Default)]
struct Found {
    told: Vec<Fault>,
    /// Those that are not told, by verdict.
    more: BTreeMap<Verdict, (Fault, u64)>,
}

impl Faults {
    /// Notes a fault. Of very many the first are told, and the others counted.
    pub(super) fn push(&mut self, part: Part, fault: Fault) {
        let found = self.0.entry(part).or_default();
        if found.told.len() < FAULTS_TOLD_MAX {
            found.told.push(fault);
            return;
        }
        let verdict = fault.verdict;
        found.more.entry(verdict).or_insert((fault, 0)).1 += 1;
    }

    /// Notes what follows by itself from what is said already: only where nothing else is.
    pub(super) fn push_if_none(&mut self, part: Part, reason: Reason, detail: impl Into<String>) {
        if !self.has(part) {
            self.push(part, Fault::new(reason, detail));
        }
    }

    /// Whether something spoils this piece.
    pub(super) fn has(&self, part: Part) -> bool {
        self.0.contains_key(&part)
    }

    /// The pieces of a part: that it holds, or each fault.
    pub(super) fn pieces(&self, part: Part, claim: &str, detail: String) -> Vec<Piece> {
        let Some(found) = self.0.get(&part) else {
            return vec![Piece::proven(part.name(), claim, detail)];
        };
        let fails = |fault: &Fault| Piece::fails(part.name(), claim, fault.clone());
        let told = found.told.iter().map(fails);
        let more = found.more.values().map(|(fault, count)| {
            let mut fault = fault.clone();
            fault.detail = format!("{}; of such and others, {count} more", fault.detail);
            fails(&fault)
        });
        told.chain(more).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_faults_is_counted() {
        let mut faults = Faults::default();
        for at in 0..100 {
            let reason = if at % 2 == 0 {
                Reason::SignatureWrong
            } else {
                Reason::BodyAbsent
            };
            faults.push(Part::Statements, Fault::new(reason, format!("entry {at}")));
        }
        let pieces = faults.pieces(Part::Statements, "signed", String::new());
        assert_eq!(pieces.len(), FAULTS_TOLD_MAX + 2);
        assert_eq!(
            pieces
                .iter()
                .filter(|piece| piece.detail.contains(", 40 more"))
                .count(),
            2
        );
        assert_eq!(faults.pieces(Part::Tree, "root", "x".to_owned()).len(), 1);
    }
}
