//! One thing of which several claims speak: the first of them in the total order stands.
//!
//! A plan that is said again with other content does not replace the first: else whoever
//! wants to hide a loss would edit the manifest. It stands when the first is taken back, and
//! is a conflict until then.

use super::Known;
use crate::history::bytes::{Reader, Writer};
use crate::number::ClaimNo;
use crate::snapshot::coded::Coded;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<T> {
    pub(crate) claim: ClaimNo,
    /// Which part of its claim.
    pub(crate) part: u32,
    pub(crate) terms: T,
}

/// All that stands, in the total order.
pub(crate) fn effective<'a, T>(
    known: &Known,
    said: impl Iterator<Item = &'a Said<T>>,
) -> Vec<&'a Said<T>> {
    let mut standing: Vec<&Said<T>> = said
        .filter(|said| known.is_claim_effective(said.claim))
        .collect();
    standing.sort_by(|a, b| {
        known
            .order_of_claims(a.claim, b.claim)
            .then(a.part.cmp(&b.part))
    });
    standing
}

/// The one that counts.
pub(crate) fn first<'a, T>(
    known: &Known,
    said: impl Iterator<Item = &'a Said<T>>,
) -> Option<&'a Said<T>> {
    let standing = said.filter(|said| known.is_claim_effective(said.claim));
    standing.min_by(|a, b| {
        known
            .order_of_claims(a.claim, b.claim)
            .then(a.part.cmp(&b.part))
    })
}

impl<T: Coded> Coded for Said<T> {
    fn put(&self, out: &mut Writer) {
        let Self { claim, part, terms } = self;
        claim.put(out);
        part.put(out);
        terms.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            claim: Coded::take(from)?,
            part: Coded::take(from)?,
            terms: Coded::take(from)?,
        })
    }
}
