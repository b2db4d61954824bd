//! Several units, one discrepancy: what each contributes is laid together.
//!
//! The result depends on the set of contributions alone: they are taken in the order of
//! their first unit's text.

use countersign_model::quantity::Money;

use super::{Discrepancy, Disproof, Proof, SourceWord, Status};
use crate::limits::SOURCES_MAX;

impl Discrepancy {
    /// Lays contributions to one discrepancy together; `None` without any.
    pub(crate) fn merged<'a>(parts: impl Iterator<Item = &'a Self>) -> Option<Self> {
        let mut parts: Vec<&Self> = parts.collect();
        parts.sort_by(|a, b| a.units.cmp(&b.units).then(a.from.cmp(&b.from)));
        let (first, rest) = parts.split_first()?;
        let mut whole = (*first).clone();
        for part in rest {
            whole.add(part);
        }
        whole.tidy();
        Some(whole)
    }

    /// Adds what another unit contributes. Group, plan and place stay those of the first, and so do its
    /// facts; what only the other says is added.
    pub(crate) fn add(&mut self, part: &Self) {
        self.units.extend(part.units.iter().cloned());
        for money in &part.value {
            add_money(&mut self.value, *money);
        }
        self.from = earlier(self.from, part.from);
        self.until = self.until.max(part.until);
        self.last_proven = first_proof(self.last_proven.take(), part.last_proven.clone());
        self.first_disproven =
            first_disproof(self.first_disproven.take(), part.first_disproven.clone());
        self.agreeing.extend(part.agreeing.iter().cloned());
        self.disagreeing.extend(part.disagreeing.iter().cloned());
        self.entries.extend(&part.entries);
        for (name, value) in &part.facts {
            self.facts.entry(name).or_insert_with(|| value.clone());
        }
        if part.status == Status::Open {
            self.status = Status::Open;
        }
    }

    /// Adds what the same unit says once more.
    pub(crate) fn absorb(&mut self, again: Self) {
        self.until = self.until.max(again.until);
        self.agreeing.extend(again.agreeing);
        self.disagreeing.extend(again.disagreeing);
        self.entries.extend(again.entries);
        self.tidy();
    }

    /// Brings every list into its order, without repetitions.
    pub(crate) fn tidy(&mut self) {
        self.units.sort();
        self.units.dedup();
        tidy_words(&mut self.agreeing);
        tidy_words(&mut self.disagreeing);
        self.entries.sort();
        self.entries.dedup();
    }
}

fn tidy_words(words: &mut Vec<SourceWord>) {
    words.sort_by(|a, b| {
        let key = |word: &SourceWord| (word.time, word.what);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.signer.cmp(&b.signer))
            .then_with(|| a.at.cmp(&b.at))
    });
    words.dedup();
    words.truncate(SOURCES_MAX);
}

/// Adds to the sum of its currency; the list is sorted by currency.
pub(crate) fn add_money(sums: &mut Vec<Money>, money: Money) {
    match sums.binary_search_by_key(&money.currency, |sum| sum.currency) {
        Ok(at) => {
            if let Some(sum) = sums.get_mut(at) {
                // Values are within `amount_fits`, so the sum has room.
                sum.amount = sum.amount.checked_add(money.amount).unwrap_or(sum.amount);
            }
        }
        Err(at) => sums.insert(at, money),
    }
}

fn earlier<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn first_proof(a: Option<Proof>, b: Option<Proof>) -> Option<Proof> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let key = |proof: &Proof| (proof.time, proof.signer.clone());
            Some(if key(&b) < key(&a) { b } else { a })
        }
        (a, b) => a.or(b),
    }
}

fn first_disproof(a: Option<Disproof>, b: Option<Disproof>) -> Option<Disproof> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.time() < a.time() { b } else { a }),
        (a, b) => a.or(b),
    }
}
