//! What devices say, read from its text alone.
#![expect(
    clippy::indexing_slicing,
    reason = "the world's own texts; what JSON does not have reads as null"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use countersign_model::claim::{Step, StepRole};
use countersign_model::ids::canonical_uri;
use countersign_model::network::{ContractMode, SiteKind};
use countersign_model::time::Timestamp;
use serde_json::Value;

use super::ground::Ground;
use super::words::Words;
use crate::atlas::Atlas;
use crate::disorder::SIGNED_FROM_A_LIST;
use crate::names::Name;

/// Whether an event puts things into another or takes them out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Into,
    OutOf,
}

/// One observation of one unit.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) at: i64,
    pub(super) role: StepRole,
    pub(super) place: String,
    pub(super) site: String,
    pub(super) document: Option<String>,
    pub(super) party: String,
}

#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub(super) said: i64,
    pub(super) lane: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) depart_by: i64,
    pub(super) arrive_by: i64,
    pub(super) units: BTreeSet<String>,
    /// Every unit that it sends, also where `units` are those of one matter.
    pub(super) load: Rc<BTreeSet<String>>,
    /// Those of them that are seals.
    pub(super) seals: BTreeSet<String>,
    pub(super) amounts: BTreeMap<String, i64>,
}

#[derive(Clone, Debug)]
pub(super) struct CountPlan {
    pub(super) place: String,
    pub(super) opens: i64,
    pub(super) due: i64,
}

/// A document that must be there before a load leaves.
#[derive(Clone, Debug)]
pub(super) struct PaperPlan {
    pub(super) said: i64,
    pub(super) load: String,
    pub(super) due: i64,
}

/// One event, read.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// (issuer, event id, declaration).
    pub(super) key: (String, String, String),
    /// When it was declared to be wrong, if it says that.
    pub(super) declared: Option<i64>,
    pub(super) seen: Seen,
    pub(super) step: String,
    /// What it packs, and into or out of what.
    pub(super) packing: Option<Packing>,
    pub(super) parent: Option<String>,
    /// It says where a tracker is.
    pub(super) is_fix: bool,
    /// It says that doors are open, or closed.
    pub(super) doors_open: Option<bool>,
    /// It says how many things passed.
    pub(super) is_tally: bool,
    /// Every document that it names.
    pub(super) documents: Vec<String>,
    pub(super) units: BTreeSet<String>,
    /// Every unit that it names, also where `units` are those of one matter.
    pub(super) named: Rc<BTreeSet<String>>,
    /// It is a read, of which some may be missed.
    pub(super) is_read: bool,
    pub(super) amounts: Vec<(String, i64)>,
    /// Kilograms, unless the scale said it was out of order.
    pub(super) weight: Option<f64>,
}

/// One claim, read.
#[derive(Clone, Debug)]
pub(super) enum Claim {
    Event(Rc<Said>),
    Manifest(String, Rc<Manifest>),
    Count(String, Rc<CountPlan>),
    Papers(String, Rc<PaperPlan>),
    Alias(String, String),
    /// A sign of life, by its event id.
    Alive(String),
}

/// Everything said up to an instant.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// By (issuer, event id, declaration): the first saying.
    pub(super) events: BTreeMap<(String, String, String), Rc<Said>>,
    /// Units whose naming differs between two sayings of one event.
    pub(super) conflicts: BTreeMap<String, BTreeSet<String>>,
    pub(super) manifests: BTreeMap<String, Rc<Manifest>>,
    pub(super) counts: BTreeMap<String, Rc<CountPlan>>,
    pub(super) papers: BTreeMap<String, Rc<PaperPlan>>,
    pub(super) same_as: BTreeMap<String, String>,
}

/// What the network says, by name.
#[derive(Debug)]
pub(crate) struct Places {
    pub(super) site_of: BTreeMap<String, String>,
    pub(super) sites: BTreeSet<String>,
    pub(super) customers: BTreeSet<String>,
    /// Lane → carrier's party, and whether both must sign.
    pub(super) lanes: BTreeMap<String, (Option<String>, bool)>,
    /// Device → party and how far its clock is off.
    pub(super) devices: BTreeMap<String, (String, i64)>,
    /// Where sites lie.
    pub(super) ground: Ground,
    /// The class that stands for units.
    pub(super) counts_units: String,
    /// Who was heard when.
    pub(super) words: Words,
}

impl Claim {
    /// Event id, or the document's.
    pub(super) fn id(&self) -> String {
        match self {
            Self::Event(said) => said.key.1.clone(),
            Self::Manifest(id, _)
            | Self::Count(id, _)
            | Self::Papers(id, _)
            | Self::Alias(id, _)
            | Self::Alive(id) => id.clone(),
        }
    }

    /// The event time of what was seen of the goods; of what is taken back, when.
    pub(super) fn seen_at(&self) -> Option<i64> {
        match self {
            Self::Event(said) if self.names_goods() => Some(said.declared.unwrap_or(said.seen.at)),
            Self::Event(_)
            | Self::Manifest(..)
            | Self::Count(..)
            | Self::Papers(..)
            | Self::Alias(..)
            | Self::Alive(_) => None,
        }
    }

    /// Something of the goods is named in it.
    pub(super) fn names_goods(&self) -> bool {
        match self {
            Self::Event(said) => !said.units.is_empty() || !said.amounts.is_empty(),
            Self::Manifest(..) | Self::Count(..) | Self::Papers(..) | Self::Alias(..) => true,
            Self::Alive(_) => false,
        }
    }

    /// Without what it says of other goods; that an event of a count was, stays said. Of a matter
    /// that is about no goods everything is told.
    pub(super) fn about(self, goods: &BTreeSet<String>) -> Self {
        match self {
            _ if goods.is_empty() => self,
            Self::Event(said) => {
                let mut said = Rc::unwrap_or_clone(said);
                said.units.retain(|unit| goods.contains(unit));
                said.amounts.retain(|(class, _)| goods.contains(class));
                said.is_tally &= !said.amounts.is_empty();
                Self::Event(Rc::new(said))
            }
            Self::Manifest(id, manifest) => {
                let mut manifest = Rc::unwrap_or_clone(manifest);
                manifest.units.retain(|unit| goods.contains(unit));
                manifest.amounts.retain(|class, _| goods.contains(class));
                Self::Manifest(id, Rc::new(manifest))
            }
            Self::Count(..) | Self::Papers(..) | Self::Alias(..) | Self::Alive(_) => self,
        }
    }
}

impl Places {
    pub(crate) fn of(atlas: &Atlas, words: Words) -> Rc<Self> {
        let site = |no| atlas.site(no).name.link.clone();
        let places = atlas.places.iter();
        let customers = atlas.of_kind(SiteKind::Customer).into_iter();
        let lanes = atlas.lanes.iter().map(|lane| {
            let carrier = lane.carrier.and_then(|at| atlas.carriers.get(at));
            let carrier = carrier.map(|carrier| carrier.party.link.clone());
            (lane.id.clone(), (carrier, lane.mode == ContractMode::Both))
        });
        let devices = atlas.devices.iter().map(|device| {
            let known = (device.party.link.clone(), device.clock_offset_ms);
            (device.id.clone(), known)
        });
        Rc::new(Self {
            site_of: places
                .map(|p| (p.name.link.clone(), site(p.site)))
                .collect(),
            sites: atlas
                .sites
                .iter()
                .map(|site| site.name.link.clone())
                .collect(),
            customers: customers.map(site).collect(),
            lanes: lanes.collect(),
            devices: devices.collect(),
            ground: Ground::of(atlas),
            counts_units: Name::carton().link,
            words,
        })
    }

    pub(super) fn read(&self, issuer: &str, text: &str) -> Claim {
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
            "DocumentPlan" => {
                let plan = PaperPlan {
                    said: ms(&value["eventTime"]),
                    load: key("for"),
                    due: ms(&value["due"]),
                };
                Claim::Papers(key("id"), Rc::new(plan))
            }
            "Alias" => Claim::Alias(key("unit"), key("sameAs")),
            _ if is_sign_of_life(&value) => {
                Claim::Alive(value["eventID"].as_str().expect("id").to_owned())
            }
            _ => Claim::Event(Rc::new(self.read_event(issuer, &value))),
        }
    }

    pub(super) fn read_event(&self, issuer: &str, event: &Value) -> Said {
        let (party, clock_offset_ms) = self.devices[issuer].clone();
        let id = event["eventID"].as_str().expect("id");
        let declared = &event["errorDeclaration"]["declarationTime"];
        let off = clock_offset_ms + self.words.off(issuer);
        let step = event["bizStep"].as_str().expect("a step");
        let place = event["bizLocation"]["id"].as_str();
        let place = canonical(
            place
                .or_else(|| event["readPoint"]["id"].as_str())
                .expect("a place"),
        );
        let listed = event["bizTransactionList"].as_array().into_iter().flatten();
        let documents = listed.filter_map(|one| one["bizTransaction"].as_str());
        let documents: Vec<String> = documents.map(canonical).collect();
        let amounts = event["quantityList"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let amounts: Vec<(String, i64)> = amounts
            .iter()
            .map(|amount| {
                let class = canonical(amount["epcClass"].as_str().expect("class"));
                (class, amount["quantity"].as_i64().expect("pieces"))
            })
            .collect();
        let units = named(event);
        let parent = event["parentID"].as_str().map(canonical);
        let on_ground = self.ground.site_of(&place);
        let report = &event["sensorElementList"][0]["sensorReport"][0];
        Said {
            key: (
                issuer.to_owned(),
                id.to_owned(),
                declared.as_str().unwrap_or_default().to_owned(),
            ),
            declared: declared.is_string().then(|| ms(declared) - off),
            seen: Seen {
                at: ms(&event["eventTime"]) - off,
                role: Step::parse(step).role(),
                site: on_ground
                    .clone()
                    .unwrap_or_else(|| self.site_of[&place].clone()),
                place,
                document: documents.first().cloned(),
                party,
            },
            step: step.to_owned(),
            packing: packing(event).filter(|_| parent.is_some()),
            parent,
            is_fix: on_ground.is_some(),
            doors_open: doors_open(event),
            is_tally: amounts.iter().any(|(class, _)| *class == self.counts_units),
            documents,
            named: Rc::new(units.clone()),
            units,
            // A scale looks at one thing: it is no chance to see what travels with it.
            is_read: !SIGNED_FROM_A_LIST.contains(&step) && event["sensorElementList"].is_null(),
            amounts,
            weight: report["value"]
                .as_f64()
                .filter(|_| report["type"] == "Mass" && report.get("exception").is_none()),
        }
    }
}

fn packing(event: &Value) -> Option<Packing> {
    match event["action"].as_str() {
        Some("ADD") => Some(Packing::Into),
        Some("DELETE") => Some(Packing::OutOf),
        _ => None,
    }
}

fn doors_open(event: &Value) -> Option<bool> {
    match event["disposition"].as_str() {
        Some("container_open") => Some(true),
        Some("container_closed") => Some(false),
        _ => None,
    }
}

/// It says that a source lives, and nothing of goods.
fn is_sign_of_life(event: &Value) -> bool {
    let names = |field: &str| !event[field].is_null();
    event["bizStep"] == "sensor_reporting" && !names("epcList") && !names("quantityList")
}

pub(super) fn canonical(text: &str) -> String {
    canonical_uri(text).expect("valid keys").as_ref().to_owned()
}

pub(super) fn ms(text: &Value) -> i64 {
    let text = text.as_str().expect("a time");
    Timestamp::parse(text).expect("a time").0.ms()
}

pub(super) fn named(event: &Value) -> BTreeSet<String> {
    let lists = ["epcList", "childEPCs"].map(|field| event[field].as_array());
    let listed = lists.into_iter().flatten().flatten().map(Value::as_str);
    let all = listed.chain([event["parentID"].as_str()]).flatten();
    all.map(canonical).collect()
}

pub(super) fn manifest(value: &Value) -> Manifest {
    let key = |field: &str| canonical(value[field].as_str().expect("key"));
    let mut manifest = Manifest {
        said: ms(&value["eventTime"]),
        lane: value["lane"].as_str().expect("lane").to_owned(),
        from: key("from"),
        to: key("to"),
        depart_by: ms(&value["departBy"]),
        arrive_by: ms(&value["arriveBy"]),
        units: BTreeSet::new(),
        load: Rc::default(),
        seals: BTreeSet::new(),
        amounts: BTreeMap::new(),
    };
    for line in value["lines"].as_array().expect("lines") {
        if let Some(unit) = line["unit"].as_str() {
            manifest.units.insert(canonical(unit));
            if line["seal"] == true {
                manifest.seals.insert(canonical(unit));
            }
        } else {
            let class = canonical(line["class"].as_str().expect("class"));
            let pieces = line["quantity"].as_i64().expect("pieces");
            manifest.amounts.insert(class, pieces);
        }
    }
    manifest.load = Rc::new(manifest.units.clone());
    manifest
}

impl Heard {
    /// The first by its own time stands; what the others say otherwise is a conflict.
    fn hear_manifest(&mut self, id: &str, manifest: &Rc<Manifest>) {
        let first = self.manifests.entry(id.to_owned());
        let first = first.or_insert_with(|| manifest.clone());
        let differ = first.units.symmetric_difference(&manifest.units);
        let differ: BTreeSet<String> = differ.cloned().collect();
        if !differ.is_empty() {
            self.conflicts
                .entry(id.to_owned())
                .or_default()
                .extend(differ);
        }
        if manifest.said < first.said {
            *first = manifest.clone();
        }
    }

    pub(super) fn hear(&mut self, claim: &Claim) {
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
            Claim::Manifest(id, manifest) => self.hear_manifest(id, manifest),
            Claim::Count(id, plan) => {
                self.counts.insert(id.clone(), plan.clone());
            }
            Claim::Papers(id, plan) => {
                self.papers.insert(id.clone(), plan.clone());
            }
            Claim::Alias(unit, same_as) => {
                self.same_as.insert(unit.clone(), same_as.clone());
            }
            Claim::Alive(_) => {}
        }
    }
}
