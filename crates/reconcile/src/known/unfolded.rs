//! What a claim said that the ledger could not take: kept, counted and shown (LIM-1).

use std::collections::VecDeque;

use countersign_model::entry::ClaimRef;

use crate::limits::UNFOLDED_SHOWN_MAX;

/// A part of a claim without effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfolded {
    /// The claim.
    pub at: ClaimRef,
    /// Stable word: `amount_out_of_range` or `value_out_of_range`.
    pub why: &'static str,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct UnfoldedList {
    newest: VecDeque<Unfolded>,
    count: u64,
}

impl UnfoldedList {
    pub(crate) fn note(&mut self, at: ClaimRef, why: &'static str) {
        self.count += 1;
        if self.newest.len() >= UNFOLDED_SHOWN_MAX {
            self.newest.pop_front();
        }
        self.newest.push_back(Unfolded { at, why });
    }

    pub(crate) fn newest(&self) -> impl Iterator<Item = &Unfolded> {
        self.newest.iter()
    }

    pub(crate) const fn count(&self) -> u64 {
        self.count
    }
}
