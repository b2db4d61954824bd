//! A slow reader: it knows the network and the texts of what was sent up to an instant, and tells
//! by the plainest reading of plans and claims what does not add up.
//!
//! It shares nothing with the ledger, nor with how the day was made but the list of sites and
//! lanes. It does not conclude from what was not said while somebody who could have said it still may
//! ([`words`]), nor from what was not read while a reader may have missed it. So it can say from when on an act can be known at all; and of everything else, in the
//! tests, that it adds up.

mod ground;
mod judge;
mod said;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use countersign_model::claim::StepRole;
use countersign_model::time::{MINUTE_MS, Timestamp};

use crate::atlas::{GRACE_MIN, PICK_UP_GRACE_MIN, WEIGHT_GRACE_MIN};
use crate::truth::{Cause, Detectable, TruthRow};
use judge::Oracle;
use said::Claim;
use words::Turn;

pub(crate) use said::Places;
pub(crate) use words::Words;

/// What was said of the goods of one act.
#[derive(Debug)]
pub(crate) struct Case {
    places: Rc<Places>,
    /// Units and lots; none of a matter of documents.
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
        let deadlines = self.deadlines(row);
        let sendings = self.claims.iter().map(|(sent, _)| *sent);
        let seen = self.claims.iter().filter_map(|(_, claim)| claim.seen_at());
        let asked: BTreeSet<i64> = seen.chain(deadlines.keys().copied()).collect();
        let turns = self.places.words.turns(&row.places, &asked);
        let instants: BTreeSet<i64> = sendings
            .chain(deadlines.keys().copied())
            .chain(turns.keys().copied())
            .filter(|at| *at >= row.from.ms())
            .collect();
        let known = instants
            .iter()
            .rev()
            .take_while(|at| self.is_known(row, **at));
        let at = *known.last()?;
        let (cause, of) = match (turns.get(&at), deadlines.range(..=at).next_back()) {
            (_, Some((by, of))) if *by == at => (Cause::Deadline, of.clone()),
            _ if self.is_said_at(at) => (Cause::Claim, self.said_at(at)),
            (Some(Turn::Over(of)), _) => (Cause::Deadline, of.clone()),
            // The last who could have said otherwise was heard, and had not seen it either.
            (Some(Turn::Came(_)), Some((_, of))) => (Cause::Deadline, of.clone()),
            (Some(Turn::Came(claim)), None) => (Cause::Claim, claim.clone()),
            (None, _) => (Cause::Claim, self.said_at(at)),
        };
        let at = Timestamp::from_ms(at);
        Some(Detectable { at, cause, of })
    }

    /// A claim that speaks of the goods was sent at that instant, or says again, without them, what did.
    fn is_said_at(&self, at: i64) -> bool {
        let speaks = |id: &str| {
            let mut claims = self.claims.iter();
            claims.any(|(_, claim)| claim.names_goods() && claim.id() == id)
        };
        let mut sent = self.claims.iter().filter(|(sent, _)| *sent == at);
        sent.any(|(_, claim)| speaks(&claim.id()))
    }

    fn is_known(&self, row: &TruthRow, now: i64) -> bool {
        if self.is_heard_in_silence(row, now) {
            return true;
        }
        let heard = self.claims.iter().take_while(|(sent, _)| *sent <= now);
        let odd = Oracle::judge(&self.places, heard.map(|(_, claim)| claim), now);
        let kinds = |kind: &str| row.kinds.iter().any(|listed| listed == kind);
        let mut odd = odd.iter().filter(|one| kinds(one.kind));
        if self.concerned.is_empty() {
            return odd.any(|one| row.manifests.contains(&one.of));
        }
        let named: BTreeSet<&String> = odd
            .flat_map(|one| &one.units)
            .filter(|unit| self.concerned.contains(*unit))
            .collect();
        if row.classes.iter().any(|class| named.contains(class)) {
            return true;
        }
        named.len() >= row.units.len().div_ceil(2).max(1)
    }

    /// A source of the row owes what its grace no longer forgives, or was silent.
    fn is_heard_in_silence(&self, row: &TruthRow, now: i64) -> bool {
        let lists = |kind: &str| row.kinds.iter().any(|listed| listed == kind);
        let words = &self.places.words;
        lists("suppressed_statement") && words.is_suppressed(&row.sources, now)
            || lists("source_silent") && self.silences(row).first().is_some_and(|at| *at <= now)
    }

    fn silences(&self, row: &TruthRow) -> BTreeSet<i64> {
        let during = (row.from.ms(), row.until.ms());
        self.places.words.silences(&row.sources, during)
    }

    /// Every instant at which something was owed, and under which document, or by which source.
    fn deadlines(&self, row: &TruthRow) -> BTreeMap<i64, String> {
        let mut out = BTreeMap::new();
        if let (Some(source), true) = (
            row.sources.first(),
            row.kinds.iter().any(|kind| kind == "source_silent"),
        ) {
            let silences = self.silences(row).into_iter();
            out.extend(silences.map(|at| (at, source.clone())));
        }
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
                Claim::Papers(id, plan) => owed(plan.due, id),
                Claim::Event(said) => {
                    if said.weight.is_some() {
                        owed(said.seen.at + WEIGHT_GRACE_MIN * MINUTE_MS, &said.key.1);
                    }
                    if let Some(document) = said.seen.document.as_ref().filter(|_| said.is_tally) {
                        owed(said.seen.at + PICK_UP_GRACE_MIN * MINUTE_MS, document);
                    }
                    let is_given = said.seen.role == StepRole::Gives;
                    if let Some(document) = said.seen.document.as_ref().filter(|_| is_given) {
                        owed(said.seen.at + PICK_UP_GRACE_MIN * MINUTE_MS, document);
                    }
                }
                Claim::Alias(..) | Claim::Alive(_) => {}
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
