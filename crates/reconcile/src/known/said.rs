//! One thing of which several claims speak: the first of them in the total order stands.
//!
//! A plan that is said again with other content does not replace the first: else whoever
//! wants to hide a loss would edit the manifest. It stands when two people choose it, or when the
//! first is taken back, and is a conflict until then. What comes under the identity of an earlier
//! claim (a row of a table, edited) stands only when two people choose it.

use super::Known;
use super::choices::Choice;
use crate::history::bytes::{Reader, Writer};
use crate::number::{ClaimNo, DocNo};
use crate::snapshot::coded::Coded;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<T> {
    pub(crate) claim: ClaimNo,
    /// Which part of its claim.
    pub(crate) part: u32,
    pub(crate) terms: T,
}

/// All that stands of a plan: first the claim that two people chose, then in the total order.
pub(crate) fn effective<'a, T>(
    known: &Known,
    plan: DocNo,
    said: impl Iterator<Item = &'a Said<T>>,
) -> Vec<&'a Said<T>> {
    let said: Vec<&Said<T>> = said.collect();
    let chosen = chosen(known, plan, &said.iter().copied()).map(|(chosen, _)| chosen);
    let is_chosen = |said: &Said<T>| chosen.is_some_and(|chosen| std::ptr::eq(chosen, said));
    let mut standing: Vec<&Said<T>> = said
        .into_iter()
        .filter(|said| is_chosen(said) || known.is_claim_effective(said.claim))
        .collect();
    standing.sort_by(|a, b| {
        is_chosen(b)
            .cmp(&is_chosen(a))
            .then_with(|| known.order_of_claims(a.claim, b.claim))
            .then(a.part.cmp(&b.part))
    });
    standing
}

/// The one that counts: the claim that two people chose, else the first.
pub(crate) fn first<'a, T: 'a>(
    known: &Known,
    plan: DocNo,
    said: impl Iterator<Item = &'a Said<T>> + Clone,
) -> Option<&'a Said<T>> {
    if let Some((chosen, _)) = chosen(known, plan, &said) {
        return Some(chosen);
    }
    let standing = said.filter(|said| known.is_claim_effective(said.claim));
    standing.min_by(|a, b| {
        known
            .order_of_claims(a.claim, b.claim)
            .then(a.part.cmp(&b.part))
    })
}

/// The newest choice among what is there.
pub(crate) fn chosen<'a, 'k, T: 'a>(
    known: &'k Known,
    plan: DocNo,
    said: &(impl Iterator<Item = &'a Said<T>> + Clone),
) -> Option<(&'a Said<T>, &'k Choice)> {
    known.choices.of(plan).find_map(|choice| {
        let is_it = |said: &&Said<T>| {
            let row = known.claims.row(said.claim);
            row.digest == choice.claim && row.may_be_chosen()
        };
        Some((said.clone().find(is_it)?, choice))
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
