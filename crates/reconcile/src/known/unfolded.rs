//! What a claim said that the ledger could not take: kept, counted and shown (LIM-1).

use std::collections::VecDeque;

use countersign_model::entry::ClaimRef;

use crate::history::bytes::{Reader, Writer};
use crate::limits::UNFOLDED_SHOWN_MAX;
use crate::snapshot::coded::{Coded, coded};

pub(crate) const AMOUNT_OUT_OF_RANGE: &str = "amount_out_of_range";
pub(crate) const VALUE_OUT_OF_RANGE: &str = "value_out_of_range";

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

/// Every word for why a part was not taken.
const REASONS: [&str; 2] = [AMOUNT_OUT_OF_RANGE, VALUE_OUT_OF_RANGE];

impl Coded for Unfolded {
    fn put(&self, out: &mut Writer) {
        self.at.put(out);
        let mut places = (0_u8..).zip(REASONS);
        let place = places.find(|(_, why)| *why == self.why);
        out.byte(place.map_or(u8::MAX, |(place, _)| place));
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            at: Coded::take(from)?,
            why: REASONS.get(usize::from(from.byte()?))?,
        })
    }
}

coded! {
    UnfoldedList { newest, count }
}
