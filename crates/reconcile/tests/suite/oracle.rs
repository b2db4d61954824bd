//! A slow reading of docs/formats/custody.md, from the list of claims alone, against the ledger.
//!
//! For each unit the whole story is told again from its first word; nothing is indexed, nothing
//! is kept. Read are sightings of units, manifests with units, and counts, in the network of
//! [`super::story::network`].

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::order::{UNITS, event, plan};
use super::story::{Item, Story, batch, clock, define, network, unit};
use countersign_model::claim::{Claim, Fact, Sighting, Step, StepRole};
use countersign_model::fold::{AdmittedStatement, Fold, Said};
use countersign_model::plan::{CountPlan, Goods, Manifest};
use countersign_model::time::{Span, Timestamp};
use countersign_reconcile::Ledger;

const GRACE: Span = Span::from_secs(900);
const PICK_UP: Span = Span::from_secs(1800);

/// `kind anchor`, to the units that it names.
type Found = BTreeMap<String, BTreeSet<String>>;

#[derive(Clone)]
struct Seen {
    label: String,
    time: Timestamp,
    signer: String,
    role: StepRole,
    accepting: bool,
    place: Option<String>,
    papers: BTreeSet<String>,
}

#[derive(Clone, PartialEq)]
enum At {
    Nowhere,
    Held(String),
    Moving(usize),
    Delivered(String),
    Ended(Option<String>),
}

#[derive(Clone)]
struct Trip {
    origin: String,
    origin_place: String,
    gave: Option<usize>,
    accepted: Option<usize>,
    over: Option<String>,
    voided: bool,
    returned: bool,
    flagged: bool,
    /// Seen where it arrived, other than by who takes over there.
    arrived: Option<usize>,
    received: bool,
}

struct World {
    manifests: BTreeMap<String, (Timestamp, Manifest)>,
    counts: BTreeMap<String, CountPlan>,
    seen: BTreeMap<String, Vec<Seen>>,
    /// Named by any manifest, standing or not.
    planned: BTreeSet<String>,
    tick: Timestamp,
}

fn short(text: &str) -> String {
    text.replace("urn:x:", "").replace(':', "/")
}

fn site(place: &str) -> String {
    let site = place.split('/').next().unwrap_or_default();
    if ["A", "B", "C", "H"].contains(&site) {
        site.to_owned()
    } else {
        place.to_owned()
    }
}

fn party_of_site(place: &str) -> Option<&'static str> {
    ["A", "B", "C", "H"]
        .into_iter()
        .find(|known| *known == site(place))
}

fn party_of(signer: &str) -> Option<&'static str> {
    match signer {
        "a-dock" | "a-zone" | "wms" => Some("A"),
        "b-dock" => Some("B"),
        "h-dock" => Some("H"),
        "c-store" => Some("C"),
        "x-van" => Some("X"),
        _ => None,
    }
}

/// Whether whoever receives must sign, on the lane between two sites.
fn asks_receiver(from: &str, to: &str) -> Option<bool> {
    match (from, to) {
        ("A" | "H", "H" | "C") if from != to => Some((from, to) != ("A", "C")),
        _ => None,
    }
}

/// (carrier, giver asked for, both asked for) of the lane between two sites.
fn lane(from: &str, to: &str) -> Option<(Option<&'static str>, bool, bool)> {
    match (from, to) {
        ("A", "H") => Some((Some("X"), true, true)),
        ("A", "C") => Some((Some("X"), true, false)),
        ("H", "C") => Some((None, false, false)),
        _ => None,
    }
}

impl World {
    fn read(story: &Story, tick: Timestamp) -> Self {
        let mut said: Vec<(&AdmittedStatement, &Claim)> = Vec::new();
        for item in &story.items {
            if let Item::Statement(statement) = item
                && let Some(Said::Claim(claim)) = &statement.claims[0].said
            {
                said.push((statement, claim));
            }
        }
        said.sort_by_key(|(statement, claim)| {
            (
                claim.time.at,
                statement.issuer.clone(),
                statement.chain,
                statement.claims[0].digest,
            )
        });
        let mut world = Self {
            manifests: BTreeMap::new(),
            counts: BTreeMap::new(),
            seen: BTreeMap::new(),
            planned: BTreeSet::new(),
            tick,
        };
        for (statement, claim) in said {
            for fact in &claim.facts {
                match fact {
                    Fact::Manifest(m) => {
                        let lines = world.lines(m);
                        world
                            .planned
                            .extend(lines.into_iter().map(|(_, unit)| unit));
                        let first = (claim.time.at, m.clone());
                        world.manifests.entry(short(m.id.as_str())).or_insert(first);
                    }
                    Fact::CountDue(c) => {
                        world
                            .counts
                            .entry(short(c.id.as_str()))
                            .or_insert_with(|| c.clone());
                    }
                    Fact::Sighting(s) => world.see(&story.label(claim.id), statement, s),
                    _ => {}
                }
            }
        }
        world
    }

    fn see(&mut self, label: &str, statement: &AdmittedStatement, s: &Sighting) {
        let seen = Seen {
            label: label.to_owned(),
            time: s.time.at,
            signer: statement.issuer.to_string(),
            role: s.step.as_ref().map_or(StepRole::Sees, Step::role),
            accepting: s.step == Some(Step::parse("accepting")),
            place: s.place.as_ref().map(|place| short(place.as_str())),
            papers: s
                .documents
                .iter()
                .map(|paper| short(paper.as_str()))
                .collect(),
        };
        let units: BTreeSet<String> = s.units.iter().map(|unit| short(unit.as_str())).collect();
        for unit in units {
            self.seen.entry(unit).or_default().push(seen.clone());
        }
    }

    fn lines(&self, manifest: &Manifest) -> Vec<(String, String)> {
        let units = manifest.lines.iter().filter_map(|line| match &line.what {
            Goods::Unit(unit) => Some((line.line.to_string(), short(unit.as_str()))),
            Goods::Amount { .. } => None,
        });
        units.collect()
    }

    fn lists(&self, doc: &str, unit: &str) -> bool {
        let lines = self
            .manifests
            .get(doc)
            .map(|(_, m)| self.lines(m))
            .unwrap_or_default();
        lines.iter().any(|(_, listed)| listed == unit)
    }

    /// The manifest that papers name for a unit.
    fn named(&self, papers: &BTreeSet<String>, unit: &str) -> Option<String> {
        let known: Vec<&String> = papers
            .iter()
            .filter(|doc| self.manifests.contains_key(*doc))
            .collect();
        let listing = known.iter().find(|doc| self.lists(doc, unit));
        listing.or_else(|| known.first()).map(|doc| (**doc).clone())
    }

    fn ends(&self, doc: &str) -> (String, String) {
        let (_, manifest) = &self.manifests[doc];
        (
            site(&short(manifest.from.as_str())),
            site(&short(manifest.to.as_str())),
        )
    }

    fn grace(&self, doc: &str) -> Span {
        let (from, to) = self.ends(doc);
        lane(&from, &to).map_or(Span::ZERO, |_| GRACE)
    }

    fn plan_of(&self, unit: &str, seen: &[Seen], trip: &Trip) -> Option<String> {
        let words: Vec<&Seen> = trip
            .gave
            .iter()
            .chain(&trip.accepted)
            .map(|at| &seen[*at])
            .collect();
        let named: Vec<String> = words
            .iter()
            .filter_map(|word| self.named(&word.papers, unit))
            .collect();
        let listing = named.iter().find(|doc| self.lists(doc, unit));
        if let Some(doc) = listing.or_else(|| named.first()) {
            return Some(doc.clone());
        }
        let start = words.iter().map(|word| word.time).min()?;
        let mut own: Vec<(Timestamp, String)> = Vec::new();
        for (doc, (_, manifest)) in &self.manifests {
            if self.lists(doc, unit) && self.ends(doc).0 == trip.origin {
                own.push((manifest.arrive_by, doc.clone()));
            }
        }
        own.sort();
        let current = own.iter().find(|(arrive_by, _)| start <= *arrive_by);
        current.or_else(|| own.last()).map(|(_, doc)| doc.clone())
    }
}

/// One unit's story.
struct Tale<'a> {
    world: &'a World,
    unit: &'a str,
    seen: &'a [Seen],
    at: At,
    /// The trip by which it came where it is.
    by: Option<usize>,
    trips: Vec<Trip>,
    odd: Vec<(&'static str, usize)>,
}

impl Tale<'_> {
    fn tell(&mut self) {
        for n in 0..self.seen.len() {
            let word = &self.seen[n];
            // Whoever takes, gives or counts where it is says that it is there to stay.
            let is_there = match (&self.at, &word.place) {
                (At::Held(at) | At::Delivered(at), Some(place)) => site(at) == site(place),
                _ => false,
            };
            let is_word = [StepRole::Takes, StepRole::Gives, StepRole::Counts].contains(&word.role);
            if let Some(trip) = self.by.filter(|_| is_there && is_word) {
                self.trips[trip].received = true;
            }
            match &word.place {
                Some(place) => self.word(n, &place.clone()),
                None => self.word_from_nowhere(n),
            }
        }
    }

    fn origin(&self, trip: usize) -> String {
        self.trips[trip].origin.clone()
    }

    fn word_from_nowhere(&mut self, n: usize) {
        match (self.seen[n].role, self.at.clone()) {
            (StepRole::Gives, At::Held(place)) => self.leave(n, &place),
            (StepRole::Gives, At::Moving(trip)) => self.give_again(n, trip),
            (StepRole::Ends, At::Held(place) | At::Delivered(place)) => {
                self.at = At::Ended(Some(place))
            }
            (StepRole::Ends, At::Moving(trip)) => {
                self.trips[trip].returned = true;
                self.at = At::Ended(None);
            }
            (StepRole::Ends, At::Nowhere) => self.at = At::Ended(None),
            (StepRole::Voids, At::Moving(trip)) => self.void(trip),
            _ => {}
        }
    }

    fn word(&mut self, n: usize, place: &str) {
        let here = site(place);
        let leaving = match &self.at {
            At::Moving(trip) if self.trips[*trip].origin == here => Some(*trip),
            _ => None,
        };
        let ended_here = matches!(&self.at, At::Ended(Some(at)) if site(at) == here);
        match self.seen[n].role {
            StepRole::Sees | StepRole::Counts | StepRole::Issues => match leaving {
                Some(trip) => self.flag(n, trip),
                None if ended_here => {}
                None => self.come(n, place),
            },
            StepRole::Gives => match leaving {
                Some(trip) => self.give_again(n, trip),
                None => {
                    self.come(n, place);
                    self.leave(n, place);
                }
            },
            StepRole::Ends => {
                match leaving {
                    Some(trip) => {
                        self.flag(n, trip);
                        self.trips[trip].returned = true;
                    }
                    None if ended_here => {}
                    None => self.come(n, place),
                }
                self.at = At::Ended(Some(place.to_owned()));
            }
            StepRole::Voids => match self.at {
                At::Moving(trip) => self.void(trip),
                At::Nowhere => self.come(n, place),
                _ => {}
            },
            StepRole::Takes => self.take(n, place),
        }
    }

    fn flag(&mut self, n: usize, trip: usize) {
        if self.trips[trip].gave.is_some() && !self.trips[trip].flagged {
            self.trips[trip].flagged = true;
            self.odd.push(("out_of_sequence", n));
        }
    }

    fn arrive(&mut self, place: &str) {
        self.by = None;
        self.at = if site(place) == "C" {
            At::Delivered(place.to_owned())
        } else {
            At::Held(place.to_owned())
        };
    }

    fn come(&mut self, n: usize, place: &str) {
        let here = site(place);
        match self.at.clone() {
            At::Nowhere => self.at = At::Held(place.to_owned()),
            At::Held(before) if site(&before) == here => self.at = At::Held(place.to_owned()),
            At::Delivered(before) if site(&before) == here => {
                self.at = At::Delivered(place.to_owned())
            }
            At::Held(_) => {
                self.odd.push(("custody_gap", n));
                self.arrive(place);
            }
            At::Moving(trip) if self.origin(trip) == here => {
                self.trips[trip].returned = true;
                self.at = At::Held(place.to_owned());
            }
            At::Moving(trip) => {
                self.trips[trip].over = Some(here);
                self.trips[trip].arrived = Some(n);
                self.arrive(place);
                self.by = Some(trip);
            }
            At::Ended(Some(before)) if site(&before) == here => {
                self.by = None;
                self.at = At::Held(place.to_owned())
            }
            At::Delivered(_) | At::Ended(_) => {
                self.odd.push(("out_of_sequence", n));
                self.by = None;
                self.at = At::Held(place.to_owned());
            }
        }
    }

    fn leave(&mut self, n: usize, place: &str) {
        self.begin(place, Some(n), None);
    }

    fn begin(&mut self, place: &str, gave: Option<usize>, accepted: Option<usize>) {
        self.trips.push(Trip {
            origin: site(place),
            origin_place: place.to_owned(),
            gave,
            accepted,
            over: None,
            voided: false,
            returned: false,
            flagged: false,
            arrived: None,
            received: false,
        });
        self.by = None;
        self.at = At::Moving(self.trips.len() - 1);
    }

    fn give_again(&mut self, n: usize, trip: usize) {
        let Some(first) = self.trips[trip].gave else {
            self.trips[trip].gave = Some(n);
            return;
        };
        let manifests = |word: &Seen| -> BTreeSet<String> {
            let known = word
                .papers
                .iter()
                .filter(|doc| self.world.manifests.contains_key(*doc));
            known.cloned().collect()
        };
        let (before, now) = (manifests(&self.seen[first]), manifests(&self.seen[n]));
        if !before.is_empty() && !now.is_empty() && before.is_disjoint(&now) {
            let origin = self.trips[trip].origin_place.clone();
            self.trips[trip].flagged = true;
            self.begin(&origin, Some(n), None);
        }
    }

    fn void(&mut self, trip: usize) {
        self.trips[trip].voided = true;
        self.at = At::Held(self.trips[trip].origin_place.clone());
    }

    fn take(&mut self, n: usize, place: &str) {
        let here = site(place);
        if self.is_unexpected(n, &here) {
            self.odd.push(("unexpected", n));
        }
        match self.at.clone() {
            At::Moving(trip) if self.origin(trip) == here => {
                if self.accepts(n, &here, Some(trip)) {
                    self.trips[trip].accepted.get_or_insert(n);
                } else {
                    self.flag(n, trip);
                    self.trips[trip].returned = true;
                    self.at = At::Held(place.to_owned());
                }
            }
            At::Moving(trip) => {
                self.trips[trip].over = Some(here);
                self.trips[trip].received = true;
                self.arrive(place);
                self.by = Some(trip);
            }
            At::Held(before) if site(&before) != here => {
                if lane(&site(&before), &here).is_none_or(|(_, giver, _)| giver) {
                    self.odd.push(("custody_gap", n));
                }
                self.arrive(place);
            }
            At::Ended(Some(before)) if site(&before) == here => {}
            At::Ended(_) => self.come(n, place),
            At::Delivered(before) if site(&before) != here && !self.accepts(n, &here, None) => {
                self.come(n, place)
            }
            _ if self.accepts(n, &here, None) => {
                self.come(n, place);
                self.begin(place, None, Some(n));
            }
            _ => self.come(n, place),
        }
    }

    fn accepts(&self, n: usize, here: &str, trip: Option<usize>) -> bool {
        let word = &self.seen[n];
        let Some(party) = party_of(&word.signer) else {
            return false;
        };
        let plan = self.world.named(&word.papers, self.unit);
        let plan = plan.or_else(|| self.world.plan_of(self.unit, self.seen, &self.trips[trip?]));
        let (leaves, comes, carrier) = match &plan {
            Some(doc) => {
                let (from, to) = self.world.ends(doc);
                let carrier = lane(&from, &to).and_then(|lane| lane.0);
                (from == here, to == here, carrier)
            }
            None => (false, false, None),
        };
        let is_other = party_of_site(here).is_some_and(|own| own != party);
        let goes = trip.is_some() || word.accepting || leaves;
        let stays = comes && !leaves;
        (is_other && goes && !stays) || (carrier == Some(party) && word.accepting && leaves)
    }

    fn is_unexpected(&self, n: usize, here: &str) -> bool {
        let word = &self.seen[n];
        let known: Vec<&String> = word
            .papers
            .iter()
            .filter(|doc| self.world.manifests.contains_key(*doc))
            .collect();
        let touches = |doc: &str| {
            let (from, to) = self.world.ends(doc);
            from == here || to == here
        };
        if known
            .iter()
            .any(|doc| self.world.lists(doc, self.unit) && touches(doc))
        {
            return false;
        }
        let names_other =
            !known.is_empty() && !known.iter().any(|doc| self.world.lists(doc, self.unit));
        let is_astray = match self.at {
            At::Moving(trip) if self.origin(trip) != here => {
                let plan = self.world.plan_of(self.unit, self.seen, &self.trips[trip]);
                plan.is_some_and(|doc| !touches(&doc))
            }
            _ => false,
        };
        names_other || is_astray
    }

    fn site_of(&self, n: usize) -> Option<String> {
        self.seen[n].place.as_deref().map(site)
    }

    /// Arrivals for which nobody signed, with where.
    fn unaccepted(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (number, trip) in self.trips.iter().enumerate() {
            let (Some(n), Some(to), false) = (trip.arrived, &trip.over, trip.received) else {
                continue;
            };
            let plan = self.world.plan_of(self.unit, self.seen, trip);
            let of_plan = plan.as_ref().and_then(|doc| {
                let (from, to) = self.world.ends(doc);
                asks_receiver(&from, &to)
            });
            if of_plan.or_else(|| asks_receiver(&trip.origin, to)) != Some(true) {
                continue;
            }
            let mut due = self.seen[n].time.plus(GRACE);
            if let Some(doc) = plan {
                if self.world.ends(&doc).1 != *to {
                    continue;
                }
                let (_, manifest) = &self.world.manifests[&doc];
                due = due.max(manifest.arrive_by.plus(self.world.grace(&doc)));
            }
            if self.world.tick > due {
                found.push((number, n));
            }
        }
        found
    }

    /// Unanswered signatures at a pick-up.
    fn unsigned(&self) -> Vec<usize> {
        let mut found = Vec::new();
        for trip in &self.trips {
            if trip.voided || trip.returned {
                continue;
            }
            let (present, giver_missing) = match (trip.gave, trip.accepted) {
                (Some(n), None) => (n, false),
                (None, Some(n)) => (n, true),
                _ => continue,
            };
            let ends = match self.world.plan_of(self.unit, self.seen, trip) {
                Some(doc) => Some(self.world.ends(&doc)),
                None => trip.over.clone().map(|to| (trip.origin.clone(), to)),
            };
            let plan_lane = ends.and_then(|(from, to)| lane(&from, &to));
            let by_sites = trip.over.as_ref().and_then(|to| lane(&trip.origin, to));
            let terms = plan_lane.or(by_sites);
            let since = self.seen[present].time;
            let is_open = match terms {
                Some((Some(_), _, true)) => self.world.tick > since.plus(PICK_UP),
                terms => {
                    giver_missing
                        && trip.over.is_some()
                        && terms.is_none_or(|t| t.1)
                        && self.world.tick > since
                }
            };
            if is_open {
                found.push(present);
            }
        }
        found
    }

    fn departed(&self, doc: &str) -> Option<usize> {
        let from = self.world.ends(doc).0;
        let trips = self
            .trips
            .iter()
            .filter(|trip| trip.origin == from && !trip.voided);
        let mut under = trips.filter(|trip| {
            trip.gave.is_some()
                && self.world.plan_of(self.unit, self.seen, trip).as_deref() == Some(doc)
        });
        under.find_map(|trip| trip.gave)
    }

    fn arrived(&self, doc: &str, departed: Option<usize>) -> Option<usize> {
        let (planned, manifest) = &self.world.manifests[doc];
        let (from, to) = self.world.ends(doc);
        let others = self.world.manifests.iter().filter(|(other, (_, m))| {
            *other != doc
                && self.world.lists(other, self.unit)
                && self.world.ends(other).0 == from
                && m.depart_by < manifest.depart_by
        });
        let earlier = others.map(|(_, (_, m))| m.depart_by).max();
        let this_trip = |n: usize| earlier.is_none_or(|until| self.seen[n].time > until);
        let all = 0..self.seen.len();
        let begin = departed.or_else(|| {
            all.clone()
                .find(|n| self.site_of(*n).as_ref() == Some(&from) && this_trip(*n))
        });
        let mut there = all.filter(|n| self.site_of(*n).as_ref() == Some(&to));
        there.find(|n| match begin {
            Some(begin) => *n > begin,
            None => self.seen[*n].time >= *planned && this_trip(*n),
        })
    }

    /// Whether it was seen at a third site after it was given.
    fn is_elsewhere(&self, doc: &str, giver: usize) -> bool {
        let from = self.world.ends(doc).0;
        let mut sites = (giver + 1..self.seen.len()).filter_map(|n| self.site_of(n));
        sites.any(|site| site != from)
    }

    /// Whether a carrier has it from there, nobody gave it to him, and nobody saw it since it was due.
    fn is_carried_off(&self, doc: &str) -> bool {
        let (_, manifest) = &self.world.manifests[doc];
        let At::Moving(trip) = self.at else {
            return false;
        };
        let trip = &self.trips[trip];
        let is_seen = self.seen.iter().any(|word| word.time > manifest.arrive_by);
        trip.gave.is_none() && trip.origin == self.world.ends(doc).0 && !is_seen
    }

    /// Whether it was at its origin after it should have come, or nobody says where.
    fn is_beyond(&self, doc: &str, giver: usize) -> bool {
        let (_, manifest) = &self.world.manifests[doc];
        (giver + 1..self.seen.len()).any(|n| match self.site_of(n) {
            Some(_) => self.seen[n].time > manifest.arrive_by,
            None => self.seen[n].role != StepRole::Gives,
        })
    }

    /// (deadline, plan, line, stage rank, word of the outcome, whether it was seen at all).
    fn verdicts(&self) -> Vec<(Timestamp, String, String, u8, &'static str, bool)> {
        let tick = self.world.tick;
        let mut all = Vec::new();
        for (doc, (_, manifest)) in &self.world.manifests {
            for (line, listed) in self.world.lines(manifest) {
                if listed != self.unit {
                    continue;
                }
                let grace = self.world.grace(doc);
                let (leave_by, come_by) = (
                    manifest.depart_by.plus(grace),
                    manifest.arrive_by.plus(grace),
                );
                let departed = self.departed(doc);
                let arrived = self.arrived(doc, departed);
                let seen_after = self.seen.iter().any(|word| word.time > manifest.depart_by);
                let left = match departed {
                    Some(n) if self.seen[n].time <= leave_by => "met",
                    Some(_) if tick > leave_by => "late",
                    None if arrived.is_some() => "met",
                    None if tick > leave_by && seen_after => "late",
                    None if tick > leave_by => "missing",
                    _ => "pending",
                };
                let came = match (arrived, departed) {
                    (Some(n), _) if self.seen[n].time <= come_by => "met",
                    (Some(_), _) if tick > come_by => "late",
                    _ if tick <= come_by => "pending",
                    (_, None) if left == "missing" => "not judged",
                    (_, None) if self.is_carried_off(doc) => "missing",
                    (_, None) => "late",
                    (_, Some(giver)) if self.is_elsewhere(doc, giver) => "wrong_place",
                    (_, Some(giver)) if self.is_beyond(doc, giver) => "late",
                    _ => "missing",
                };
                all.push((
                    leave_by,
                    doc.clone(),
                    line.clone(),
                    0,
                    left,
                    departed.is_some(),
                ));
                all.push((
                    come_by,
                    doc.clone(),
                    line.clone(),
                    1,
                    came,
                    arrived.is_some(),
                ));
            }
        }
        all.extend(self.not_counted());
        all.sort();
        let mut is_lost = false;
        for verdict in &mut all {
            let unseen = !verdict.5 && ["late", "wrong_place", "missing"].contains(&verdict.4);
            if unseen && is_lost {
                verdict.4 = "not judged";
            }
            is_lost |= verdict.4 == "missing";
        }
        all
    }

    fn not_counted(&self) -> Option<(Timestamp, String, String, u8, &'static str, bool)> {
        let At::Held(place) = &self.at else {
            return None;
        };
        let last = self.seen.last()?.time;
        let mut asked: Vec<(Timestamp, String)> = Vec::new();
        for (doc, count) in &self.world.counts {
            let is_here = short(count.place.as_str()) == *place;
            if is_here
                && self.world.is_made(doc)
                && self.world.tick > count.due
                && last < count.opens
            {
                asked.push((count.due, doc.clone()));
            }
        }
        asked.sort();
        let (due, doc) = asked.into_iter().next()?;
        Some((due, doc, String::new(), 2, "missing", false))
    }
}

impl World {
    fn is_made(&self, doc: &str) -> bool {
        let due = self.counts[doc].due;
        let mut words = self.seen.values().flatten();
        words.any(|word| {
            word.role == StepRole::Counts && word.papers.contains(doc) && word.time <= due
        })
    }

    fn conclude(&self) -> (Found, BTreeMap<String, String>) {
        let mut found = Found::new();
        let mut accounts = BTreeMap::new();
        let mut add = |what: String, unit: &str| {
            found.entry(what).or_default().insert(unit.to_owned());
        };
        for unit in UNITS {
            let seen = self.seen.get(unit).cloned().unwrap_or_default();
            let mut tale = Tale {
                world: self,
                unit,
                seen: &seen,
                at: At::Nowhere,
                by: None,
                trips: Vec::new(),
                odd: Vec::new(),
            };
            tale.tell();
            for (kind, n) in &tale.odd {
                add(format!("{kind} {}", seen[*n].label), unit);
            }
            for n in tale.unsigned() {
                add(format!("custody_gap {}", seen[n].label), unit);
            }
            let mut is_unaccepted = false;
            for (trip, n) in tale.unaccepted() {
                let is_there = matches!(tale.at, At::Held(_) | At::Delivered(_));
                is_unaccepted |= is_there && tale.by == Some(trip);
                add(format!("unaccepted {}", seen[n].label), unit);
            }
            let mut is_missing = false;
            for (_, doc, line, stage, word, _) in tale.verdicts() {
                is_missing |= word == "missing";
                if ["missing", "late", "wrong_place"].contains(&word) {
                    let what = match stage {
                        0 => format!("{word} {doc}/{line}/depart"),
                        1 => format!("{word} {doc}/{line}/arrive"),
                        _ => format!("{word} {doc}/count"),
                    };
                    add(what, unit);
                }
            }
            if self.planned.contains(unit) || !seen.is_empty() {
                let account = match &tale.at {
                    _ if is_missing => "discrepancy".to_owned(),
                    _ if is_unaccepted => "unaccepted".to_owned(),
                    At::Nowhere
                        if seen
                            .first()
                            .is_some_and(|word| word.role == StepRole::Issues) =>
                    {
                        "issued".to_owned()
                    }
                    At::Nowhere => "opening_stock".to_owned(),
                    At::Held(place) => format!("held {place}"),
                    At::Moving(_) => "in_transfer".to_owned(),
                    At::Delivered(place) => format!("delivered {place}"),
                    At::Ended(_) => "consumed".to_owned(),
                };
                accounts.insert(unit.to_owned(), account);
            }
        }
        for (doc, count) in &self.counts {
            if self.tick > count.due && !self.is_made(doc) {
                found.entry(format!("late {doc}/count")).or_default();
            }
        }
        (found, accounts)
    }
}

fn from_ledger(story: &Story, ledger: &Ledger) -> (Found, BTreeMap<String, String>) {
    let mut found = Found::new();
    for discrepancy in ledger.standing() {
        let shown = story.show(discrepancy);
        let what: Vec<&str> = shown.split(' ').take(2).collect();
        // What is said twice is not read by the oracle.
        if what[0] != "conflicting_claim" {
            let units = discrepancy.units.iter().map(|unit| short(unit.as_str()));
            found.insert(what.join(" "), units.collect());
        }
    }
    let mut accounts = BTreeMap::new();
    for name in UNITS {
        if let Some(account) = ledger.account_of(&unit(name)) {
            let kind = account.kind.as_str();
            let place = account.place.map(|place| short(place.as_str()));
            let shown = match (kind, place) {
                ("held" | "delivered", Some(place)) => format!("{kind} {place}"),
                _ => kind.to_owned(),
            };
            accounts.insert(name.to_owned(), shown);
        }
    }
    (found, accounts)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_agrees_with_a_slow_reading(
        lines in prop::collection::vec(prop_oneof![4 => event(), 1 => plan()], 1..16),
        hour in 7_u32..20,
        quarter in 0_u32..4,
    ) {
        let text: String = lines.iter().zip(0..).map(|(line, n)| format!("e{n}: {line}\n")).collect();
        let story = Story::read(&text);
        let tick = clock(&format!("{hour:02}:{:02}", quarter * 15));
        let mut ledger = Ledger::default();
        let mut out = Vec::new();
        ledger.apply(&batch(1, clock("00:00"), vec![define(network())]), &mut out);
        let statements = story.items.iter().filter_map(|item| match item {
            Item::Statement(statement) => Some((**statement).clone()),
            _ => None,
        });
        ledger.apply(&batch(2, tick, statements.collect()), &mut out);
        let expect = World::read(&story, tick).conclude();
        let got = from_ledger(&story, &ledger);
        prop_assert_eq!(got, expect, "{}tick {}", text, tick);
    }
}
