//! A slow reader of the day, for tests alone: it knows the network and what devices say up to
//! an instant, and tells by the plainest reading of the ledger's rules what does not add up.
//!
//! It shares nothing with the ledger, nor with how the day was made but the list of sites and
//! lanes. So it can say of every act that it can be known when its row says so, and of all else
//! that it adds up.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use countersign_model::claim::{Step, StepRole};
use countersign_model::ids::canonical_uri;
use countersign_model::network::{ContractMode, SiteKind};
use countersign_model::time::Timestamp;
use serde_json::Value;

use crate::atlas::{Atlas, GRACE_MIN, PICK_UP_GRACE_MIN};
use crate::world::{Sizes, World, generate};

const MINUTE_MS: i64 = 60_000;

/// Something that does not add up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Oddity {
    kind: &'static str,
    /// Manifest, count or event that it hangs on.
    of: String,
    /// Units, or a counted lot.
    units: BTreeSet<String>,
}

/// One observation of one unit.
#[derive(Clone, Debug)]
struct Seen {
    at: i64,
    role: StepRole,
    place: String,
    site: String,
    document: Option<String>,
    party: String,
}

struct Manifest {
    lane: String,
    from: String,
    to: String,
    depart_by: i64,
    arrive_by: i64,
    units: BTreeSet<String>,
    amounts: BTreeMap<String, i64>,
}

struct CountPlan {
    place: String,
    opens: i64,
    due: i64,
}

/// One event, read.
struct Said {
    /// (issuer, event id, declaration).
    key: (String, String, String),
    seen: Seen,
    units: BTreeSet<String>,
    amounts: Vec<(String, i64)>,
    /// Kilograms, unless the scale said it was out of order.
    weight: Option<f64>,
}

/// One claim, read.
enum Claim {
    Event(Rc<Said>),
    Manifest(String, Rc<Manifest>),
    Count(String, Rc<CountPlan>),
    Alias(String, String),
}

/// Everything said up to an instant.
#[derive(Default)]
struct Heard {
    /// By (issuer, event id, declaration): the first saying.
    events: BTreeMap<(String, String, String), Rc<Said>>,
    /// Units whose naming differs between two sayings of one event.
    conflicts: BTreeMap<String, BTreeSet<String>>,
    manifests: BTreeMap<String, Rc<Manifest>>,
    counts: BTreeMap<String, Rc<CountPlan>>,
    same_as: BTreeMap<String, String>,
}

struct Oracle {
    places: Rc<Places>,
    heard: Heard,
    seen: BTreeMap<String, Vec<Seen>>,
    weights: BTreeMap<String, Vec<(i64, f64)>>,
    /// (manifest, lot, given or taken) → pieces.
    amounts: BTreeMap<(String, String, bool), i64>,
    /// Count → units that it found.
    counted: BTreeMap<String, BTreeSet<String>>,
    out: BTreeSet<Oddity>,
}

/// What the network says, by name.
struct Places {
    site_of: BTreeMap<String, String>,
    customers: BTreeSet<String>,
    /// Lane → carrier's party, and whether both must sign.
    lanes: BTreeMap<String, (Option<String>, bool)>,
    /// Device → party and how far its clock is off.
    devices: BTreeMap<String, (String, i64)>,
}

impl Places {
    fn of(atlas: &Atlas) -> Self {
        let site = |no| atlas.site(no).name.link.clone();
        let places = atlas.places.iter();
        let customers = atlas.of_kind(SiteKind::Customer).into_iter();
        let lanes = atlas.lanes.iter().map(|lane| {
            let carrier = lane.carrier.map(|at| atlas.carriers[at].party.link.clone());
            (lane.id.clone(), (carrier, lane.mode == ContractMode::Both))
        });
        let devices = atlas.devices.iter().map(|device| {
            let known = (device.party.link.clone(), device.clock_offset_ms);
            (device.id.clone(), known)
        });
        Self {
            site_of: places
                .map(|p| (p.name.link.clone(), site(p.site)))
                .collect(),
            customers: customers.map(site).collect(),
            lanes: lanes.collect(),
            devices: devices.collect(),
        }
    }

    fn read(&self, issuer: &str, text: &str) -> Claim {
        let value: Value = serde_json::from_str(text).expect("JSON");
        let key = |field: &str| canonical(value[field].as_str().expect("a key"));
        match value["type"].as_str().expect("a type") {
            "Manifest" => Claim::Manifest(key("id"), Rc::new(manifest(&value))),
            "CountPlan" => {
                let plan = CountPlan {
                    place: key("place"),
                    opens: ms(&value["opens"]),
                    due: ms(&value["due"]),
                };
                Claim::Count(key("id"), Rc::new(plan))
            }
            "Alias" => Claim::Alias(key("unit"), key("sameAs")),
            _ => Claim::Event(Rc::new(self.read_event(issuer, &value))),
        }
    }

    fn read_event(&self, issuer: &str, event: &Value) -> Said {
        let (party, clock_offset_ms) = self.devices[issuer].clone();
        let id = event["eventID"].as_str().expect("id");
        let declared = event["errorDeclaration"]["declarationTime"].as_str();
        let step = event["bizStep"].as_str().expect("a step");
        let place = event["bizLocation"]["id"].as_str();
        let place = canonical(
            place
                .or_else(|| event["readPoint"]["id"].as_str())
                .expect("a place"),
        );
        let document = event["bizTransactionList"][0]["bizTransaction"].as_str();
        let amounts = event["quantityList"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let report = &event["sensorElementList"][0]["sensorReport"][0];
        Said {
            key: (
                issuer.to_owned(),
                id.to_owned(),
                declared.unwrap_or_default().to_owned(),
            ),
            seen: Seen {
                at: ms(&event["eventTime"]) - clock_offset_ms,
                role: Step::parse(step).role(),
                site: self.site_of[&place].clone(),
                place,
                document: document.map(canonical),
                party,
            },
            units: named(event),
            amounts: amounts
                .iter()
                .map(|amount| {
                    let class = canonical(amount["epcClass"].as_str().expect("class"));
                    (class, amount["quantity"].as_i64().expect("pieces"))
                })
                .collect(),
            weight: report["value"]
                .as_f64()
                .filter(|_| report.get("exception").is_none()),
        }
    }
}

fn canonical(text: &str) -> String {
    canonical_uri(text).expect("valid keys").as_ref().to_owned()
}

fn ms(text: &Value) -> i64 {
    let text = text.as_str().expect("a time");
    Timestamp::parse(text).expect("a time").0.ms()
}

fn named(event: &Value) -> BTreeSet<String> {
    let lists = ["epcList", "childEPCs"].map(|field| event[field].as_array());
    let listed = lists.into_iter().flatten().flatten().map(Value::as_str);
    let all = listed.chain([event["parentID"].as_str()]).flatten();
    all.map(canonical).collect()
}

fn manifest(value: &Value) -> Manifest {
    let key = |field: &str| canonical(value[field].as_str().expect("key"));
    let mut manifest = Manifest {
        lane: value["lane"].as_str().expect("lane").to_owned(),
        from: key("from"),
        to: key("to"),
        depart_by: ms(&value["departBy"]),
        arrive_by: ms(&value["arriveBy"]),
        units: BTreeSet::new(),
        amounts: BTreeMap::new(),
    };
    for line in value["lines"].as_array().expect("lines") {
        if let Some(unit) = line["unit"].as_str() {
            manifest.units.insert(canonical(unit));
        } else {
            let class = canonical(line["class"].as_str().expect("class"));
            let pieces = line["quantity"].as_i64().expect("pieces");
            manifest.amounts.insert(class, pieces);
        }
    }
    manifest
}

impl Heard {
    fn hear(&mut self, claim: &Claim) {
        match claim {
            Claim::Event(said) => {
                let first = self.events.entry(said.key.clone());
                let first = first.or_insert_with(|| said.clone());
                let differ = first.units.symmetric_difference(&said.units);
                let differ: BTreeSet<String> = differ.cloned().collect();
                if !differ.is_empty() {
                    self.conflicts.insert(said.key.1.clone(), differ);
                }
            }
            Claim::Manifest(id, manifest) => {
                self.manifests.insert(id.clone(), manifest.clone());
            }
            Claim::Count(id, plan) => {
                self.counts.insert(id.clone(), plan.clone());
            }
            Claim::Alias(unit, same_as) => {
                self.same_as.insert(unit.clone(), same_as.clone());
            }
        }
    }
}

impl Oracle {
    /// What does not add up by `now`, from what was sent by then.
    fn judge(day: &Day, now: i64) -> BTreeSet<Oddity> {
        let mut heard = Heard::default();
        for (_, claim) in day.claims.iter().take_while(|(sent, _)| *sent <= now) {
            heard.hear(claim);
        }
        let mut oracle = Self {
            places: day.places.clone(),
            heard,
            seen: BTreeMap::new(),
            weights: BTreeMap::new(),
            amounts: BTreeMap::new(),
            counted: BTreeMap::new(),
            out: BTreeSet::new(),
        };
        oracle.look();
        oracle.judge_conflicts();
        oracle.judge_walks(now);
        oracle.judge_manifests(now);
        oracle.judge_counts(now);
        oracle.judge_weights();
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
            if !withdrawn.contains(&(issuer, id)) {
                self.look_at(said);
            }
        }
        for seen in self.seen.values_mut() {
            seen.sort_by_key(|one| one.at);
        }
        drop(withdrawn);
        self.heard.events = events;
    }

    fn look_at(&mut self, said: &Said) {
        let units: BTreeSet<String> = said.units.iter().map(|u| self.known_as(u)).collect();
        if let (StepRole::Counts, Some(count)) = (said.seen.role, &said.seen.document) {
            let counted = self.counted.entry(count.clone()).or_default();
            counted.extend(units.iter().cloned());
        }
        if let Some(kilograms) = said.weight {
            let unit = units.first().expect("one unit on the scale");
            let weights = self.weights.entry(unit.clone()).or_default();
            weights.push((said.seen.at, kilograms));
        }
        self.look_at_amounts(said);
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

    fn judge_walks(&mut self, now: i64) {
        let seen = std::mem::take(&mut self.seen);
        for (unit, walk) in &seen {
            self.judge_walk(unit, walk, now);
        }
        self.seen = seen;
    }

    /// Follows one unit; see the rules of the ledger.
    fn judge_walk(&mut self, unit: &str, walk: &[Seen], now: i64) {
        let mut held: Option<String> = None;
        let mut under_way: Option<(String, String, i64, bool)> = None;
        let mut ended: Option<String> = None;
        for one in walk {
            if let Some(at) = &ended {
                if *at != one.site || one.role == StepRole::Gives {
                    self.add_one("broken_sequence", "walk", unit);
                }
                continue;
            }
            match (one.role, under_way.clone()) {
                (StepRole::Takes, Some((from, document, since, _))) if one.site == from => {
                    if self.is_carrier(&document, &one.party) {
                        under_way = Some((from, document, since, true));
                    } else {
                        self.add_one("broken_sequence", "walk", unit);
                    }
                }
                (StepRole::Gives, Some((from, ..))) if one.site == from => {}
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
                    self.check_contract(unit, (&document, since, accepted), now);
                    if role == StepRole::Takes {
                        self.check_expected(unit, one, Some(&document));
                    }
                    let _ = from;
                    under_way = None;
                    held = Some(one.site.clone());
                }
                (role, None) => {
                    self.check_held(unit, held.as_ref(), one);
                    if role == StepRole::Takes && held.as_ref() != Some(&one.site) {
                        self.check_expected(unit, one, None);
                    }
                    held = Some(one.site.clone());
                }
            }
            let is_customer = self.places.customers.contains(&one.site);
            if is_customer && under_way.is_none() || one.role == StepRole::Ends {
                ended = Some(one.site.clone());
            }
        }
        if let Some((_, document, since, accepted)) = under_way {
            self.check_contract(unit, (&document, since, accepted), now);
        }
    }

    fn check_held(&mut self, unit: &str, held: Option<&String>, one: &Seen) {
        if held.is_some_and(|site| *site != one.site) {
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
        if !lists(one.document.as_ref()) || !belongs {
            self.add_one("unexpected_units", "walk", unit);
        }
    }

    fn is_carrier(&self, document: &str, party: &str) -> bool {
        let manifest = self.heard.manifests.get(document);
        let lane = manifest.and_then(|m| self.places.lanes.get(&m.lane));
        lane.is_some_and(|(carrier, _)| carrier.as_deref() == Some(party))
    }

    fn check_contract(
        &mut self,
        unit: &str,
        (document, since, accepted): (&str, i64, bool),
        now: i64,
    ) {
        let manifest = self.heard.manifests.get(document);
        let lane = manifest.and_then(|m| self.places.lanes.get(&m.lane));
        let both = lane.is_some_and(|(_, both)| *both);
        if both && !accepted && now >= since + PICK_UP_GRACE_MIN * MINUTE_MS {
            let document = document.to_owned();
            self.add_one("unsigned_handover", &document, unit);
        }
    }

    fn judge_manifests(&mut self, now: i64) {
        let manifests = std::mem::take(&mut self.heard.manifests);
        for (id, manifest) in &manifests {
            for unit in &manifest.units {
                self.judge_line(id, manifest, &self.known_as(unit), now);
            }
            for (class, planned) in &manifest.amounts {
                self.judge_amount(id, manifest, (class, *planned), now);
            }
        }
        self.heard.manifests = manifests;
    }

    fn judge_line(&mut self, id: &str, manifest: &Manifest, unit: &str, now: i64) {
        let walk = self.seen.get(unit).cloned().unwrap_or_default();
        let grace = GRACE_MIN * MINUTE_MS;
        let gave = walk
            .iter()
            .find(|one| one.role == StepRole::Gives && one.site == manifest.from)
            .map(|one| one.at);
        let depart = manifest.depart_by + grace;
        let later = |after: i64| walk.iter().any(|one| one.at > after);
        if now >= depart && gave.is_none() {
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
                let elsewhere = walk
                    .iter()
                    .any(|one| one.at > left && one.site != manifest.from);
                let kind = if elsewhere {
                    "late_units"
                } else {
                    "missing_units"
                };
                self.add_one(kind, id, unit);
            }
        }
    }

    fn judge_amount(&mut self, id: &str, manifest: &Manifest, lot: (&String, i64), now: i64) {
        let (class, planned) = lot;
        let pieces = |given: bool| {
            let key = (id.to_owned(), class.clone(), given);
            self.amounts.get(&key).copied().unwrap_or(0)
        };
        let (given, taken) = (pieces(true), pieces(false));
        let grace = GRACE_MIN * MINUTE_MS;
        let short = now >= manifest.depart_by + grace && given != planned
            || now >= manifest.arrive_by + grace && taken != given;
        if short {
            self.add_one("quantity_gap", id, class);
        }
    }

    fn judge_counts(&mut self, now: i64) {
        let counts = std::mem::take(&mut self.heard.counts);
        for (id, plan) in &counts {
            if now < plan.due {
                continue;
            }
            let Some(found) = self.counted.get(id).cloned() else {
                self.add("late_units", id, BTreeSet::new());
                continue;
            };
            let missing: BTreeSet<String> = self
                .seen
                .iter()
                .filter(|(unit, walk)| {
                    let before = walk.iter().rev().find(|one| one.at < plan.opens);
                    before.is_some_and(|one| one.place == plan.place)
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

    fn judge_weights(&mut self) {
        for (unit, mut weights) in self.weights.clone() {
            weights.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
            let differs = weights.windows(2).any(|pair| {
                let (one, other) = (pair[0].1, pair[1].1);
                (one - other).abs() > (0.01 * one.max(other)).max(0.5)
            });
            if differs {
                self.add_one("weight_gap", "scale", &unit);
            }
        }
    }
}

/// A world with its claims read, by time of sending.
struct Day {
    world: World,
    places: Rc<Places>,
    claims: Vec<(i64, Claim)>,
}

impl Day {
    fn of(seed: u64) -> Self {
        let sizes = Sizes {
            units: crate::limits::UNITS_MIN,
            ..Sizes::default()
        };
        let origin = countersign_model::ids::Origin::parse("sim.example/day").expect("a name");
        let world = generate(seed, sizes, &origin).expect("sizes in bounds");
        let places = Rc::new(Places::of(&world.draft.atlas));
        let claims = world.claims();
        let read = |one: crate::SaidClaim<'_>| {
            let claim = places.read(one.principal, &one.text);
            (one.sent.ms(), claim)
        };
        let claims = claims.map(read).collect();
        Self {
            places,
            claims,
            world,
        }
    }
}

/// Units of a row that are named by oddities of the row's kinds.
fn units_found(row: &crate::TruthRow, odd: &BTreeSet<Oddity>) -> usize {
    let concerned: BTreeSet<&String> = row.units.iter().chain(&row.classes).collect();
    let found: BTreeSet<&String> = odd
        .iter()
        .filter(|one| row.kinds.iter().any(|kind| kind == one.kind))
        .flat_map(|one| &one.units)
        .filter(|unit| concerned.contains(unit))
        .collect();
    found.len()
}

#[test]
fn every_act_can_be_known_from_its_instant_on_and_not_before() {
    for seed in [1, 2, 3] {
        let day = Day::of(seed);
        let world = &day.world;
        for row in world.truth().iter().filter(|row| row.act) {
            let from = row.detectable_from.clone().expect("acts can be known");
            let needed = (row.units.len() + row.classes.len()).div_ceil(2);
            let odd = Oracle::judge(&day, from.at.ms() + 200_000);
            let found = units_found(row, &odd);
            let context = format!("seed {seed} {} {}", row.id, row.family);
            assert!(found >= needed, "{context}: {found} of {needed}");
            let before = Oracle::judge(&day, from.at.ms() - 1);
            let found = units_found(row, &before);
            assert_eq!(found, 0, "{context}: known before");
        }
    }
}

/// True when a row of the truth speaks for it.
fn is_spoken_for(odd: &Oddity, world: &World) -> bool {
    world.truth().iter().any(|row| {
        let kinds = row.kinds.iter().chain(&row.allowed);
        let kind_fits = kinds.into_iter().any(|kind| kind == odd.kind);
        let concerned: BTreeSet<&String> = row.units.iter().chain(&row.classes).collect();
        let units_fit = odd.units.iter().all(|unit| concerned.contains(unit));
        let count_fits = !odd.units.is_empty() || row.manifests.contains(&odd.of);
        kind_fits && units_fit && count_fits
    })
}

#[test]
fn everything_else_adds_up_at_every_half_hour() {
    for seed in [4, 5, 6] {
        let day = Day::of(seed);
        let world = &day.world;
        let (start, end) = (world.start().ms(), world.end().ms());
        for now in (start..=end).step_by(30 * 60_000) {
            let odd = Oracle::judge(&day, now);
            let stray: Vec<&Oddity> = odd
                .iter()
                .filter(|one| !is_spoken_for(one, world))
                .collect();
            let at = Timestamp::from_ms(now);
            assert!(
                stray.is_empty(),
                "seed {seed} at {at}: {} of {}, first {:?}",
                stray.len(),
                odd.len(),
                stray.first()
            );
        }
    }
}

#[test]
fn at_the_end_of_the_day_innocents_have_only_what_stays() {
    let day = Day::of(7);
    let world = &day.world;
    let odd = Oracle::judge(&day, world.end().ms());
    let thefts = [
        "missing_units",
        "quantity_gap",
        "weight_gap",
        "conflicting_claim",
    ];
    for row in world.truth().iter().filter(|row| !row.act) {
        let units: BTreeSet<&String> = row.units.iter().chain(&row.classes).collect();
        let of_theft = odd.iter().find(|one| {
            thefts.contains(&one.kind) && one.units.iter().any(|unit| units.contains(unit))
        });
        assert_eq!(of_theft, None, "{} {}", row.id, row.family);
    }
}
