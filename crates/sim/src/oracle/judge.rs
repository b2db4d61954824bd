//! The rules: what plans and claims, taken together, cannot mean.

mod papers;
mod road;
mod stock;
mod tallies;
mod weights;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use countersign_model::claim::StepRole;
use countersign_model::time::MINUTE_MS;

use super::ground::ROAD;
use super::said::{Claim, Heard, Manifest, Places, Said, Seen};
use super::words::Who;
use crate::atlas::{GRACE_MIN, PICK_UP_GRACE_MIN};
use papers::Named;
use weights::Weighed;

/// So likely may readers have missed, one after the other, what is taken for gone.
const MISSED_MAX: f64 = 0.001;

/// Something that does not add up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Oddity {
    pub(super) kind: &'static str,
    /// Manifest, count or event that it hangs on.
    pub(super) of: String,
    /// Units, or a counted lot.
    pub(super) units: BTreeSet<String>,
}

/// What is known at one instant.
pub(super) struct Oracle {
    places: Rc<Places>,
    heard: Heard,
    seen: BTreeMap<String, Vec<Seen>>,
    weights: BTreeMap<String, Vec<Weighed>>,
    /// What was taken back, as its declaration says it.
    taken_back: Vec<Rc<Said>>,
    named: Named,
    /// (manifest, lot, given or taken) → pieces.
    amounts: BTreeMap<(String, String, bool), i64>,
    /// What speaks of amounts.
    of_amounts: Vec<Rc<Said>>,
    /// What says how many things passed.
    tallies: Vec<Rc<Said>>,
    /// What gives, takes or voids under a manifest.
    handed: Vec<Rc<Said>>,
    /// What may be said of a trailer, or of what is in it.
    of_trailers: Vec<Rc<Said>>,
    /// What was ever packed with something.
    holds: BTreeSet<String>,
    /// Count → units that it found.
    counted: BTreeMap<String, BTreeSet<String>>,
    /// Count → who counted.
    counters: BTreeMap<String, BTreeSet<String>>,
    /// What was read where, if some reads are missed: (site, when, by whom, of which units).
    reads: Vec<(String, i64, String, Rc<BTreeSet<String>>)>,
    now: i64,
    out: BTreeSet<Oddity>,
}

impl Oracle {
    /// What does not add up by `now`, of what was said by then.
    pub(super) fn judge<'a>(
        places: &Rc<Places>,
        said: impl Iterator<Item = &'a Claim>,
        now: i64,
    ) -> BTreeSet<Oddity> {
        let mut heard = Heard::default();
        said.for_each(|claim| heard.hear(claim));
        let mut oracle = Self {
            places: places.clone(),
            heard,
            seen: BTreeMap::new(),
            weights: BTreeMap::new(),
            taken_back: Vec::new(),
            named: Named::default(),
            amounts: BTreeMap::new(),
            of_amounts: Vec::new(),
            tallies: Vec::new(),
            handed: Vec::new(),
            of_trailers: Vec::new(),
            holds: BTreeSet::new(),
            counted: BTreeMap::new(),
            counters: BTreeMap::new(),
            reads: Vec::new(),
            now,
            out: BTreeSet::new(),
        };
        oracle.look();
        oracle.judge_conflicts();
        oracle.judge_walks();
        oracle.judge_manifests();
        oracle.judge_counts();
        oracle.judge_weights();
        oracle.judge_papers();
        oracle.judge_stock();
        oracle.judge_doors();
        oracle.judge_tallies();
        oracle.out
    }

    fn add(&mut self, kind: &'static str, of: &str, units: BTreeSet<String>) {
        let of = of.to_owned();
        self.out.insert(Oddity { kind, of, units });
    }

    fn add_one(&mut self, kind: &'static str, of: &str, unit: &str) {
        self.add(kind, of, BTreeSet::from([unit.to_owned()]));
    }

    /// One key a unit.
    fn known_as(&self, unit: &str) -> String {
        let same = self.heard.same_as.get(unit);
        same.cloned().unwrap_or_else(|| unit.to_owned())
    }

    /// Turns events into observations, leaving out what was taken back.
    fn look(&mut self) {
        let events = std::mem::take(&mut self.heard.events);
        let withdrawn: BTreeSet<(&String, &String)> = events
            .keys()
            .filter(|(_, _, declared)| !declared.is_empty())
            .map(|(issuer, id, _)| (issuer, id))
            .collect();
        for ((issuer, id, _), said) in &events {
            if said.declared.is_some() {
                self.taken_back.push(said.clone());
            }
            if !withdrawn.contains(&(issuer, id)) {
                self.look_at(said);
                self.keep(said);
            }
        }
        self.follow_trailers();
        for seen in self.seen.values_mut() {
            seen.sort_by_key(|one| one.at);
        }
        drop(withdrawn);
        self.heard.events = events;
    }

    /// What is looked at once more when all was heard.
    fn keep(&mut self, said: &Rc<Said>) {
        if said.is_tally {
            self.tallies.push(said.clone());
        } else if !said.amounts.is_empty() {
            self.of_amounts.push(said.clone());
        }
        let hands = [StepRole::Gives, StepRole::Takes, StepRole::Voids];
        if hands.contains(&said.seen.role) && said.seen.document.is_some() {
            self.handed.push(said.clone());
        }
        self.holds.extend(said.parent.iter().cloned());
        self.of_trailers.push(said.clone());
    }

    fn look_at(&mut self, said: &Said) {
        let units: BTreeSet<String> = said.units.iter().map(|u| self.known_as(u)).collect();
        if let (StepRole::Counts, Some(count)) = (said.seen.role, &said.seen.document) {
            let counted = self.counted.entry(count.clone()).or_default();
            counted.extend(units.iter().cloned());
            let counters = self.counters.entry(count.clone()).or_default();
            counters.insert(said.key.0.clone());
        }
        if let (Some(weighed), Some(unit)) = (Weighed::of(said), units.first()) {
            self.weights.entry(unit.clone()).or_default().push(weighed);
        }
        if said.is_read && self.places.words.some_miss() {
            let seen = &said.seen;
            let named = said.named.clone();
            self.reads
                .push((seen.site.clone(), seen.at, said.key.0.clone(), named));
        }
        self.look_at_amounts(said);
        self.named.look_at(said);
        for unit in units {
            self.seen.entry(unit).or_default().push(said.seen.clone());
        }
    }

    fn look_at_amounts(&mut self, said: &Said) {
        let Some(document) = &said.seen.document else {
            return;
        };
        let to = self.heard.manifests.get(document).map(|m| m.to.clone());
        let given = match said.seen.role {
            StepRole::Gives => true,
            StepRole::Takes if to.as_ref() == Some(&said.seen.site) => false,
            _ => return,
        };
        for (class, pieces) in &said.amounts {
            let key = (document.clone(), class.clone(), given);
            *self.amounts.entry(key).or_default() += pieces;
        }
    }

    fn judge_conflicts(&mut self) {
        for (id, units) in self.heard.conflicts.clone() {
            self.add("conflicting_claim", &id, units);
        }
    }

    fn judge_walks(&mut self) {
        let seen = std::mem::take(&mut self.seen);
        for (unit, walk) in &seen {
            self.judge_walk(unit, walk);
        }
        self.seen = seen;
    }

    /// Follows one unit; see the rules of the ledger.
    fn judge_walk(&mut self, unit: &str, walk: &[Seen]) {
        let mut held: Option<(String, i64)> = None;
        let mut under_way: Option<(String, String, i64, bool)> = None;
        let mut ended: Option<(String, bool)> = None;
        for one in walk {
            if let Some((at, may_give)) = &ended {
                let gives_back = *may_give && *at == one.site && one.role == StepRole::Gives;
                if !gives_back {
                    if *at != one.site || one.role == StepRole::Gives {
                        self.add_one("broken_sequence", "walk", unit);
                    }
                    continue;
                }
                ended = None;
            }
            match (one.role, under_way.clone()) {
                (StepRole::Voids, Some((from, ..))) if one.site == from => {
                    under_way = None;
                    held = Some((from, one.at));
                }
                (StepRole::Takes, Some((from, document, since, _))) if one.site == from => {
                    if self.is_accepted(unit, &document, one) {
                        under_way = Some((from, document, since, true));
                    }
                }
                (StepRole::Gives, Some((from, ..))) if one.site == from => {}
                (_, Some(_)) if one.site == ROAD => {}
                (_, None) if one.site == ROAD => {
                    self.check_held(unit, held.as_ref(), one);
                    let from = held.take();
                    under_way = from.map(|(from, _)| (from, String::new(), one.at, true));
                }
                (_, Some((from, ..))) if one.site == from => {
                    self.add_one("broken_sequence", "walk", unit);
                }
                (StepRole::Gives, _) => {
                    self.check_held(unit, held.as_ref(), one);
                    let document = one.document.clone().expect("giving names a manifest");
                    under_way = Some((one.site.clone(), document, one.at, false));
                    held = None;
                }
                (role, Some((from, document, since, accepted))) => {
                    self.check_contract(unit, (&document, since, accepted));
                    if role == StepRole::Takes {
                        self.check_expected(unit, one, Some(&document));
                    }
                    let _ = from;
                    under_way = None;
                    held = Some((one.site.clone(), one.at));
                }
                (role, None) => {
                    self.check_held(unit, held.as_ref(), one);
                    let is_held = held.as_ref().is_some_and(|(site, _)| *site == one.site);
                    if role == StepRole::Takes && !is_held {
                        self.check_expected(unit, one, None);
                    }
                    held = Some((one.site.clone(), one.at));
                }
            }
            let is_customer = self.places.customers.contains(&one.site);
            if one.role == StepRole::Ends {
                ended = Some((one.site.clone(), false));
            } else if is_customer && under_way.is_none() {
                ended = Some((one.site.clone(), true));
            }
        }
        if let Some((_, document, since, accepted)) = under_way {
            self.check_contract(unit, (&document, since, accepted));
        }
    }

    /// Whether it is the carrier who takes over what was given; nobody else may, where it left.
    fn is_accepted(&mut self, unit: &str, document: &str, one: &Seen) -> bool {
        let is_accepted = self.is_carrier(document, &one.party);
        if !is_accepted {
            self.add_one("broken_sequence", "walk", unit);
        }
        is_accepted
    }

    /// Somebody there may still say what they signed between these instants.
    fn is_awaited(&self, who: Who<'_>, during: (i64, i64)) -> bool {
        self.places.words.is_awaited(who, during, self.now)
    }

    fn check_held(&mut self, unit: &str, held: Option<&(String, i64)>, one: &Seen) {
        let elsewhere = held.filter(|(site, _)| *site != one.site);
        if elsewhere.is_some_and(|(site, since)| !self.is_awaited(Who::At(site), (*since, one.at)))
        {
            self.add_one("unsigned_handover", "walk", unit);
        }
    }

    /// The manifest named must list the unit, and the unit must belong here.
    fn check_expected(&mut self, unit: &str, one: &Seen, under_way: Option<&String>) {
        let lists = |document: Option<&String>| {
            let manifest = document.and_then(|id| self.heard.manifests.get(id));
            manifest.is_none_or(|manifest| manifest.units.contains(unit))
        };
        let belongs = under_way
            .and_then(|id| self.heard.manifests.get(id))
            .is_none_or(|manifest| manifest.to == one.site);
        // Nobody plans in what a load travels.
        let holds = self.holds.contains(unit);
        if !holds && (!lists(one.document.as_ref()) || !belongs) {
            self.add_one("unexpected_units", "walk", unit);
        }
    }

    fn is_carrier(&self, document: &str, party: &str) -> bool {
        let manifest = self.heard.manifests.get(document);
        let lane = manifest.and_then(|m| self.places.lanes.get(&m.lane));
        lane.is_some_and(|(carrier, _)| carrier.as_deref() == Some(party))
    }

    fn check_contract(&mut self, unit: &str, (document, since, accepted): (&str, i64, bool)) {
        let manifest = self.heard.manifests.get(document);
        let lane = manifest.and_then(|m| self.places.lanes.get(&m.lane));
        let term = since + PICK_UP_GRACE_MIN * MINUTE_MS;
        let Some((carrier, true)) = lane.filter(|_| !accepted && self.now >= term) else {
            return;
        };
        let carrier = carrier.as_deref().unwrap_or_default();
        if !self.is_awaited(Who::Of(carrier), (since, term)) {
            let document = document.to_owned();
            self.add_one("unsigned_handover", &document, unit);
        }
    }

    fn judge_manifests(&mut self) {
        let manifests = std::mem::take(&mut self.heard.manifests);
        for (id, manifest) in &manifests {
            for unit in &manifest.units {
                self.judge_line(id, manifest, &self.known_as(unit));
            }
            for (class, planned) in &manifest.amounts {
                self.judge_amount(id, manifest, (class, *planned));
            }
        }
        self.heard.manifests = manifests;
    }

    fn judge_line(&mut self, id: &str, manifest: &Manifest, unit: &str) {
        let now = self.now;
        let walk = self.seen.get(unit).cloned().unwrap_or_default();
        let grace = GRACE_MIN * MINUTE_MS;
        let at_origin = || walk.iter().filter(|one| one.site == manifest.from);
        let voided = at_origin().rfind(|one| one.role == StepRole::Voids);
        let voided = voided.map_or(i64::MIN, |one| one.at);
        let gave = at_origin()
            .find(|one| one.role == StepRole::Gives && one.at > voided)
            .map(|one| one.at);
        let depart = manifest.depart_by + grace;
        let at_a_site = || walk.iter().filter(|one| one.site != ROAD);
        let later = |after: i64| at_a_site().any(|one| one.at > after);
        let seen_by = |until: i64| walk.iter().map(|one| one.at).filter(move |at| *at <= until);
        if now >= depart && gave.is_none() {
            let last = seen_by(depart).max().unwrap_or(manifest.said);
            if self.is_awaited(Who::At(&manifest.from), (last, depart)) {
                return;
            }
            let kind = if later(manifest.depart_by) {
                "late_units"
            } else {
                "missing_units"
            };
            self.add_one(kind, id, unit);
            return;
        }
        if gave.is_some_and(|at| at > depart) {
            self.add_one("late_units", id, unit);
        }
        let arrive = manifest.arrive_by + grace;
        let came = walk.iter().find(|one| one.site == manifest.to);
        if now < arrive {
            return;
        }
        match came {
            Some(one) if one.at > arrive => self.add_one("late_units", id, unit),
            Some(_) => {}
            None => {
                let left = gave.unwrap_or(i64::MAX);
                let last = gave.unwrap_or(manifest.depart_by);
                if self.is_awaited(Who::At(&manifest.to), (last, arrive)) {
                    return;
                }
                let elsewhere = at_a_site().any(|one| one.at > left && one.site != manifest.from);
                let kind = if elsewhere {
                    "late_units"
                } else {
                    "missing_units"
                };
                if elsewhere || !self.may_be_missed(manifest, last) {
                    self.add_one(kind, id, unit);
                }
            }
        }
    }

    /// A unit that came may have been missed by every reader that it passed: by all that read some
    /// of its load, or by one of them with the whole of the load.
    fn may_be_missed(&self, manifest: &Manifest, left: i64) -> bool {
        let words = &self.places.words;
        if !words.some_miss() {
            return false;
        }
        let there = self.reads.iter().filter(|(site, at, _, named)| {
            *site == manifest.to && *at > left && !named.is_disjoint(&manifest.load)
        });
        let readers: BTreeSet<&String> = there.map(|(_, _, issuer, _)| issuer).collect();
        let chance = if readers.is_empty() {
            let units = i32::try_from(manifest.load.len()).unwrap_or(i32::MAX);
            words.misses_at(&manifest.to).powi(units)
        } else {
            readers.iter().map(|reader| words.misses(reader)).product()
        };
        chance > MISSED_MAX
    }

    fn judge_amount(&mut self, id: &str, manifest: &Manifest, lot: (&String, i64)) {
        let (class, planned) = lot;
        let pieces = |given: bool| {
            let key = (id.to_owned(), class.clone(), given);
            self.amounts.get(&key).copied().unwrap_or(0)
        };
        let (given, taken) = (pieces(true), pieces(false));
        let grace = GRACE_MIN * MINUTE_MS;
        let is_due = |site: &str, by: i64| {
            let by = by + grace;
            self.now >= by && !self.is_awaited(Who::At(site), (manifest.said, by))
        };
        let short = given != planned && is_due(&manifest.from, manifest.depart_by)
            || taken != given && is_due(&manifest.to, manifest.arrive_by);
        if short {
            self.add_one("quantity_gap", id, class);
        }
    }

    fn judge_counts(&mut self) {
        let counts = std::mem::take(&mut self.heard.counts);
        for (id, plan) in &counts {
            if self.now < plan.due {
                continue;
            }
            let site = self.places.site_of.get(&plan.place);
            let site = site.unwrap_or(&plan.place).clone();
            let awaited = |since| self.is_awaited(Who::At(&site), (since, plan.due));
            let Some(found) = self.counted.get(id).cloned() else {
                if !awaited(plan.opens) {
                    self.add("late_units", id, BTreeSet::new());
                }
                continue;
            };
            let counters = self.counters.get(id).into_iter().flatten();
            let misses = counters.map(|counter| self.places.words.misses(counter));
            if misses.product::<f64>() > MISSED_MAX {
                continue;
            }
            let missing: BTreeSet<String> = self
                .seen
                .iter()
                .filter(|(unit, walk)| {
                    let before = walk.iter().rev().find(|one| one.at < plan.opens);
                    let is_held =
                        |one: &Seen| one.place == plan.place && one.role != StepRole::Ends;
                    before.is_some_and(|one| is_held(one) && !awaited(one.at))
                        && !found.contains(*unit)
                        && walk.iter().all(|one| one.at < plan.opens)
                })
                .map(|(unit, _)| unit.clone())
                .collect();
            if !missing.is_empty() {
                self.add("missing_units", id, missing);
            }
        }
        self.heard.counts = counts;
    }
}
