//! Two weights of one thing, and a reading that is taken back.

use std::collections::{BTreeSet, VecDeque};

use countersign_model::time::MINUTE_MS;

use super::super::said::Said;
use super::super::words::Who;
use super::Oracle;
use crate::atlas::WEIGHT_GRACE_MIN;

/// Whoever puts a reading right within so long has made a slip.
const SLIP_MS: i64 = WEIGHT_GRACE_MIN * MINUTE_MS;

/// What a scale said of one unit.
#[derive(Clone, Debug)]
pub(super) struct Weighed {
    at: i64,
    kilograms: f64,
    by: String,
    site: String,
}

impl Weighed {
    pub(super) fn of(said: &Said) -> Option<Self> {
        Some(Self {
            at: said.seen.at,
            kilograms: said.weight?,
            by: said.key.0.clone(),
            site: said.seen.site.clone(),
        })
    }

    fn differs(&self, other: &Self) -> bool {
        let (one, other) = (self.kilograms, other.kilograms);
        (one - other).abs() > (0.01 * one.max(other)).max(0.5)
    }
}

/// Readings that follow each other and differ.
fn gaps(weights: &[Weighed]) -> impl Iterator<Item = (&Weighed, &Weighed)> {
    let pairs = weights.windows(2).filter_map(|pair| match pair {
        [one, other] => Some((one, other)),
        _ => None,
    });
    pairs.filter(|(one, other)| one.differs(other))
}

fn in_order(mut weights: Vec<Weighed>) -> Vec<Weighed> {
    weights.sort_by(|a, b| a.at.cmp(&b.at).then(a.kilograms.total_cmp(&b.kilograms)));
    weights
}

/// The readings without those that the next other source contradicts, which says what was read before.
fn not_outvoted(weights: Vec<Weighed>) -> Vec<Weighed> {
    let mut kept: Vec<Weighed> = Vec::new();
    let mut rest = weights.into_iter().collect::<VecDeque<_>>();
    while let Some(one) = rest.pop_front() {
        let next = rest.iter().find(|other| other.by != one.by);
        let is_outvoted = kept
            .last()
            .zip(next)
            .is_some_and(|(before, next)| before.differs(&one) && !before.differs(next));
        if !is_outvoted {
            kept.push(one);
        }
    }
    kept
}

impl Oracle {
    pub(super) fn judge_weights(&mut self) {
        for (unit, weights) in self.weights.clone() {
            let weights = not_outvoted(in_order(weights));
            let mut gaps = gaps(&weights);
            if gaps.any(|(_, now)| self.is_final(now)) {
                self.add_one("weight_gap", "scale", &unit);
            }
        }
        for said in std::mem::take(&mut self.taken_back) {
            let units: BTreeSet<String> = said.units.iter().map(|u| self.known_as(u)).collect();
            if let Some(unit) = units.first().filter(|unit| self.is_covered(unit, &said)) {
                self.add_one("record_tampering", &said.key.1, unit);
            }
        }
    }

    /// Whoever could put the reading right, or weigh again, was heard until it was too late.
    fn is_final(&self, one: &Weighed) -> bool {
        let until = one.at + SLIP_MS;
        self.now > until && !self.is_awaited(Who::At(&one.site), (one.at, until))
    }

    /// A reading was taken back that showed, beside somebody else's, a loss which nobody sees any more;
    /// nobody else has weighed it since, nor may still say so.
    fn is_covered(&self, unit: &str, said: &Said) -> bool {
        let Some((gone, declared)) = Weighed::of(said).zip(said.declared) else {
            return false;
        };
        let Some(stand) = self.weights.get(unit).cloned().map(in_order) else {
            return false;
        };
        if declared - gone.at <= SLIP_MS || gaps(&not_outvoted(stand.clone())).next().is_some() {
            return false;
        }
        let others = stand.into_iter().filter(|one| one.by != gone.by);
        let others: Vec<Weighed> = others.collect();
        let is_confirmed = others.iter().any(|one| one.at >= gone.at);
        let together = others.into_iter().chain([gone.clone()]).collect();
        let showed = gaps(&not_outvoted(in_order(together))).next().is_some();
        let during = (gone.at, declared);
        showed && !is_confirmed && !self.is_awaited(Who::At(&said.seen.site), during)
    }
}
