//! A slow reader: it knows the network and the texts of what was sent up to an instant, and tells
//! by the plainest reading of plans and claims what does not add up.
//!
//! It shares nothing with the ledger, nor with how the day was made but the list of sites and
//! lanes. So it can say from when on an act can be known at all; and of everything else, in the
//! tests, that it adds up.

mod judge;
mod said;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use countersign_model::claim::StepRole;
use countersign_model::time::Timestamp;

use crate::atlas::{GRACE_MIN, PICK_UP_GRACE_MIN};
use crate::truth::{Cause, Detectable, TruthRow};
use judge::Oracle;
use said::Claim;

pub(crate) use said::Places;

const MINUTE_MS: i64 = 60_000;

/// What was said of the goods of one act.
#[derive(Debug)]
pub(crate) struct Case {
    places: Rc<Places>,
    /// Units and lots.
    concerned: BTreeSet<String>,
    claims: Vec<(i64, Claim)>,
}

impl Case {
    /// Nothing said yet.
    pub(crate) fn new(places: Rc<Places>, row: &TruthRow) -> Self {
        Self {
            places,
            concerned: row.units.iter().chain(&row.classes).cloned().collect(),
            claims: Vec::new(),
        }
    }

    /// Hears a claim; what it says of other goods is left out.
    pub(crate) fn hear(&mut self, sent: Timestamp, issuer: &str, text: &str) {
        let claim = self.places.read(issuer, text).about(&self.concerned);
        self.claims.push((sent.ms(), claim));
    }

    /// The first instant from which on at least half of the goods are named in a kind that the
    /// row lists, and never cease to be; `None` if they are not in the end.
    pub(crate) fn detectable(mut self, row: &TruthRow) -> Option<Detectable> {
        self.claims.sort_by_key(|(sent, _)| *sent);
        let deadlines = self.deadlines();
        let sendings = self.claims.iter().map(|(sent, _)| *sent);
        let instants: BTreeSet<i64> = sendings
            .chain(deadlines.keys().copied())
            .filter(|at| *at >= row.from.ms())
            .collect();
        let known = instants
            .iter()
            .rev()
            .take_while(|at| self.is_known(row, **at));
        let at = *known.last()?;
        let (cause, of) = match deadlines.get(&at) {
            Some(document) => (Cause::Deadline, document.clone()),
            None => (Cause::Claim, self.said_at(at)),
        };
        let at = Timestamp::from_ms(at);
        Some(Detectable { at, cause, of })
    }

    fn is_known(&self, row: &TruthRow, now: i64) -> bool {
        let heard = self.claims.iter().take_while(|(sent, _)| *sent <= now);
        let odd = Oracle::judge(&self.places, heard.map(|(_, claim)| claim), now);
        let kinds = |kind: &str| row.kinds.iter().any(|listed| listed == kind);
        let named: BTreeSet<&String> = odd
            .iter()
            .filter(|one| kinds(one.kind))
            .flat_map(|one| &one.units)
            .filter(|unit| self.concerned.contains(*unit))
            .collect();
        named.len() >= self.concerned.len().div_ceil(2).max(1)
    }

    /// Every instant at which something was owed, and under which document.
    fn deadlines(&self) -> BTreeMap<i64, String> {
        let mut out = BTreeMap::new();
        let mut owed = |at: i64, document: &str| {
            out.entry(at).or_insert_with(|| document.to_owned());
        };
        for (_, claim) in &self.claims {
            match claim {
                Claim::Manifest(id, manifest) => {
                    owed(manifest.depart_by + GRACE_MIN * MINUTE_MS, id);
                    owed(manifest.arrive_by + GRACE_MIN * MINUTE_MS, id);
                }
                Claim::Count(id, plan) => owed(plan.due, id),
                Claim::Event(said) if said.seen.role == StepRole::Gives => {
                    if let Some(document) = &said.seen.document {
                        owed(said.seen.at + PICK_UP_GRACE_MIN * MINUTE_MS, document);
                    }
                }
                Claim::Event(_) | Claim::Alias(..) => {}
            }
        }
        out
    }

    /// The first claim sent at that instant that speaks of the goods.
    fn said_at(&self, at: i64) -> String {
        let sent = self.claims.iter().filter(|(sent, _)| *sent == at);
        let mut said = sent.map(|(_, claim)| claim);
        let first = said.clone().find(|claim| claim.names_goods());
        first
            .or_else(|| said.next())
            .map_or_else(String::new, Claim::id)
    }
}
