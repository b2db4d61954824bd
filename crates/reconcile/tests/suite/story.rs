//! A language for stories, one line a statement, all on one day (2026-03-02, UTC).
//!
//! ```text
//! e1: 08:00 a-dock departing A/dock u1 u2 5*c1 #m1 w=12.5 parent=p1   an event, labelled e1
//! 08:00 a-dock packing A/dock u1 u2 parent=p1     u1 and u2 are in p1; also unpacking, or any step
//! 08:00 a-dock inspecting A/dock u1 doors=closed  or open
//! 06:00 wms manifest m1 A>H 10:00 12:00 u1 u2=20 5*c1 seal:s1         units are lines 1, 2, ...
//! 06:00 wms count k1 A/z1 14:00 15:00
//! 06:00 wms route r1 t1 H/dock,09:00,10:00 C,12:00,13:00              t1 is seen there in these times
//! 06:00 wms document d1 10:00 m1                                      m1 may not leave before #d1
//! 06:00 wms alias u1 u2                                               also: unalias
//! 06:00 wms expect p1/1/dlv group u1 10:00                            a milestone, grace 15 min
//! 10:05 wms reached p1/1/dlv u1
//! 11:00 a-dock declare e1                                             e1 did not happen
//! 08:30 a-dock conflict e1 A/dock u1                                  e1 again, with other units
//! suspect a-dock 08:00 10:00      what was recorded in that time; without the second time for ever
//! clock a-dock 60 3               its clock is 60 minutes ahead since its statement 3; without that: ever
//! outage 09:00 12:00              the node did not run in between
//! tick 13:00
//! 13:00 write_off u1
//! 13:00 adjust c1 A/z1 -3
//! 13:00 choose m1 e7              of what was said of m1, e7 stands
//! contract a-dock 480 10 A/dock   what it says may be 480 minutes late, it is heard every 10, and it
//!                                 stands there
//! hours a-dock A/dock Mon-Fri 06:00-22:00     it stands there, is heard every 10 minutes in these
//!                                 hours, and may be a minute late
//! reads h-dock 0.85 H/dock         it reports so much of what passes it, and may stand there
//! limit A-H min 30                 nobody makes the way in less minutes; max: no unplanned one takes more
//! limit A stay 240                 goods may stay there so many minutes
//! fence A geo:52,4 250             A lies there; so many metres around it are A
//! counts things                    an amount of that class is a number of units
//! limit all late 600               so late may be what still moves anything
//! limit all weight 15              within so many minutes a weight may be put right
//! e2: 08:40 a-dock storing A/z1 u2 late                               signed, and not come yet,
//! comes e2                                                            until here
//! ```
//!
//! At the end of a line `signed=08:10` is the clock of the device that signed, and `locked` marks the
//! statement as signed by a locked key. Names become URIs: place `A/z1` is `urn:x:A:z1` of the site
//! `urn:x:A`.

use std::collections::BTreeMap;

use countersign_model::act::{Act, ClockOffset, Outage, ProposedAction, Suspicion};
use countersign_model::claim::{
    Action, Alias, Claim, ClassQuantity, Correction, EventKind, Fact, Reached, Sighting, Step,
    Weight,
};
use countersign_model::decimal::Decimal;
use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, ClaimRef, ClaimStatus, Index, Mark};
use countersign_model::fold::{
    AdmittedClaim, AdmittedStatement, ChainPosition, Fold, FoldBatch, Said,
};
use countersign_model::hours::Hours;
use countersign_model::ids::{
    ClaimId, ClassId, DocId, KeyId, PartyId, PlaceId, PrincipalId, UnitId,
};
use countersign_model::network::{
    ContractMode, Fence, Lane, Object, Principal, Product, Role, Site, SiteKind, Tolerance,
};
use countersign_model::plan::{
    CountPlan, DocumentPlan, Expectation, Goods, Manifest, ManifestLine, Route, StageKey, Stop,
};
use countersign_model::position::Position;
use countersign_model::quantity::{Currency, Money, Quantity, Uom};
use countersign_model::time::{EventTime, Span, Timestamp};
use countersign_reconcile::discrepancy::{Anchor, FactValue};
use countersign_reconcile::{Change, Discrepancy, Ledger};

/// One step of a story.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Statement(Box<AdmittedStatement>),
    Tick(Timestamp),
    Approved(ProposedAction, Timestamp),
    /// The network changes.
    Defined(Object),
}

/// A story, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    pub(crate) items: Vec<Item>,
    labels: BTreeMap<ClaimId, String>,
    by_label: BTreeMap<String, (ClaimId, PrincipalId)>,
    /// Of the claims that count, by label.
    digests: BTreeMap<String, Digest>,
    counters: BTreeMap<String, u64>,
    /// Signed, and not come yet.
    late: BTreeMap<String, Box<AdmittedStatement>>,
    next_index: u64,
}

pub(crate) fn clock(text: &str) -> Timestamp {
    let (time, day) = match text.split_once('+') {
        Some((time, days)) => (time, 2 + days.parse::<i64>().expect("days")),
        None => (text, 2),
    };
    let (at, _) = Timestamp::parse(&format!("2026-03-{day:02}T{time}:00Z")).expect("HH:MM");
    at
}

fn uri(name: &str) -> String {
    if name.contains(':') {
        return name.to_owned();
    }
    format!("urn:x:{}", name.replace('/', ":"))
}

pub(crate) fn unit(name: &str) -> UnitId {
    UnitId::parse(&uri(name)).expect("unit")
}

pub(crate) fn place(name: &str) -> PlaceId {
    PlaceId::parse(&uri(name)).expect("place")
}

pub(crate) fn party(name: &str) -> PartyId {
    PartyId::parse(&format!("urn:x:party:{name}")).expect("party")
}

pub(crate) fn doc(name: &str) -> DocId {
    DocId::parse(&uri(name)).expect("doc")
}

pub(crate) fn class(name: &str) -> ClassId {
    ClassId::parse(&uri(name)).expect("class")
}

pub(crate) fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).expect("decimal")
}

pub(crate) fn euro(text: &str) -> Money {
    Money {
        amount: decimal(text),
        currency: Currency::parse("EUR").expect("code"),
    }
}

/// Sites A, B (warehouses), H (hub), C (customer); the carrier X drives A to H (both sign) and
/// A to C (the giver signs); H to C the receiver signs.
pub(crate) fn network() -> Vec<Object> {
    let site = |id: &str, kind: SiteKind| {
        let places = ["z1", "z2", "dock"].map(|zone| place(&format!("{id}/{zone}")));
        Object::Site(Site {
            id: place(id),
            label: id.to_owned(),
            party: party(id),
            kind,
            time_zone: "UTC".to_owned(),
            places: places.into(),
            dwell_max: None,
            fence: None,
        })
    };
    let lane = |from: &str, to: &str, carrier: Option<&str>, mode: ContractMode| {
        Object::Lane(Lane {
            id: format!("{from}-{to}").into(),
            from: place(from),
            to: place(to),
            carrier: carrier.map(party),
            mode,
            grace: Span::from_secs(900),
            pick_up_grace: Span::from_secs(1800),
            transit_max: None,
            transit_min: None,
        })
    };
    vec![
        site("A", SiteKind::Warehouse),
        site("B", SiteKind::Warehouse),
        site("H", SiteKind::Hub),
        site("C", SiteKind::Customer),
        lane("A", "H", Some("X"), ContractMode::Both),
        lane("A", "C", Some("X"), ContractMode::Giver),
        lane("H", "C", None, ContractMode::Receiver),
        Object::Product(Product {
            class: class("c1"),
            label: "c1".to_owned(),
            value: Some(euro("2.50")),
            counts_units: false,
        }),
        Object::Product(Product {
            class: class("https://id.gs1.org/01/04012345123456"),
            label: "phone".to_owned(),
            value: Some(euro("649")),
            counts_units: false,
        }),
        Object::Tolerance(Tolerance {
            id: "default".into(),
            weight_kg: decimal("0.5"),
            weight_ratio: decimal("0.01"),
            weight_grace: None,
            settles_after: None,
        }),
        device("a-dock", "A"),
        device("a-zone", "A"),
        device("b-dock", "B"),
        device("h-dock", "H"),
        device("c-store", "C"),
        device("x-van", "X"),
        device("wms", "A"),
    ]
}

fn device(id: &str, of: &str) -> Object {
    Object::Principal(Principal {
        id: PrincipalId::parse(id).expect("name"),
        role: Role::Device,
        key: "ES256:AA==".to_owned(),
        assurance: Assurance::SoftwareKey,
        party: Some(party(of)),
        place: None,
        clock_offset_ms: 0,
        heartbeat: None,
        hours: None,
        grace: Span::default(),
        read_rate: Decimal::ONE,
    })
}

pub(crate) fn define(objects: Vec<Object>) -> AdmittedStatement {
    let claims = objects
        .into_iter()
        .zip(0_u32..)
        .map(|(object, ordinal)| AdmittedClaim {
            at: ClaimRef {
                index: Index(0),
                ordinal,
            },
            digest: Digest::of(&ordinal.to_be_bytes()),
            status: ClaimStatus::Effective,
            said: Some(Said::Act(Act::Define(Box::new(object)))),
        });
    AdmittedStatement {
        index: Index(0),
        issuer: PrincipalId::parse("admin").expect("name"),
        key: KeyId(Digest::of(b"admin")),
        assurance: Assurance::SoftwareKey,
        marks: Vec::new(),
        signed: None,
        chain: None,
        claims: claims.collect(),
    }
}

fn key_of(who: &str) -> KeyId {
    KeyId(Digest::of(who.as_bytes()))
}

/// An administrator's word on a signer's key.
pub(crate) fn suspect(who: &str, from: Timestamp, to: Option<Timestamp>) -> AdmittedStatement {
    let key = key_of(who);
    administrator(who, Act::Suspect(Suspicion { key, from, to }))
}

/// The node's word on a device's clock.
fn clock_offset(who: &str, minutes: &str, counter: u64) -> AdmittedStatement {
    let minutes: i64 = minutes.parse().expect("minutes");
    let offset = ClockOffset {
        key: key_of(who),
        from: ChainPosition { epoch: 1, counter },
        offset_ms: Some(minutes * 60_000),
    };
    administrator(who, Act::ClockOffset(offset))
}

fn administrator(about: &str, act: Act) -> AdmittedStatement {
    let mut said = define(Vec::new());
    said.index = Index(1);
    said.claims.push(AdmittedClaim {
        at: ClaimRef {
            index: Index(1),
            ordinal: 0,
        },
        digest: Digest::of(about.as_bytes()),
        status: ClaimStatus::Effective,
        said: Some(Said::Act(act)),
    });
    said
}

pub(crate) fn batch(index: u64, tick: Timestamp, statements: Vec<AdmittedStatement>) -> FoldBatch {
    FoldBatch {
        index: Index(index),
        recorded: tick,
        tick,
        statements,
    }
}

/// An amount of this class is a number of units.
pub(crate) fn counting(what: &str) -> Object {
    Object::Product(Product {
        class: class(what),
        label: what.to_owned(),
        value: None,
        counts_units: true,
    })
}

/// Says where a site lies.
pub(crate) fn fence_in(site: &mut Object, (centre, radius): (&str, &str)) {
    let Object::Site(site) = site else {
        panic!("no site: {site:?}");
    };
    site.fence = Some(Fence {
        centre: Position::parse(centre).expect("geo:"),
        radius_m: radius.parse().expect("metres"),
    });
}

impl Story {
    pub(crate) fn read(text: &str) -> Self {
        let mut story = Self {
            next_index: 2,
            ..Self::default()
        };
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() {
                story.line(line, number);
            }
        }
        story
    }

    fn line(&mut self, line: &str, number: usize) {
        let (label, rest) = match line.split_once(": ") {
            Some((label, rest)) => (label.to_owned(), rest),
            None => (format!("#{number}"), line),
        };
        let mut words: Vec<&str> = rest.split_whitespace().collect();
        let is_locked = words.pop_if(|word| *word == "locked").is_some();
        let is_late = words.pop_if(|word| *word == "late").is_some();
        let signed = words.pop_if(|word| word.starts_with("signed="));
        let signed = signed.map(|word| clock(word.trim_start_matches("signed=")));
        if self.define(&words) {
            return;
        }
        match words.as_slice() {
            ["suspect", who, from, to @ ..] => {
                let to = to.first().map(|to| clock(to));
                let said = suspect(who, clock(from), to);
                self.items.push(Item::Statement(Box::new(said)));
            }
            ["clock", who, minutes, counter @ ..] => {
                let counter = counter
                    .first()
                    .map_or(1, |text| text.parse().expect("counter"));
                let said = clock_offset(who, minutes, counter);
                self.items.push(Item::Statement(Box::new(said)));
            }
            ["outage", from, until] => {
                let (from, until) = (clock(from), clock(until));
                let said = administrator("outage", Act::Outage(Outage { from, until }));
                self.items.push(Item::Statement(Box::new(said)));
            }
            ["comes", label] => {
                let statement = self.late.remove(*label).expect("label of a late line");
                self.items.push(Item::Statement(statement));
            }
            ["tick", at] => self.items.push(Item::Tick(clock(at))),
            [at, "write_off" | "adjust" | "choose", ..] => {
                let action = self.approved(&words);
                self.items.push(Item::Approved(action, clock(at)));
            }
            [at, signer, what @ ..] => {
                let spoken = Spoken {
                    label: &label,
                    at: clock(at),
                    signer,
                    is_locked,
                    is_late,
                    signed,
                };
                self.speak(&spoken, what);
            }
            _ => panic!("no line of a story: {line}"),
        }
    }

    /// The network changes; whether the line says so.
    fn define(&mut self, words: &[&str]) -> bool {
        match words {
            ["contract", who, grace, more @ ..] => {
                let minutes =
                    |text: &str| Span::from_secs(60 * text.parse::<i64>().expect("minutes"));
                self.items.push(Item::Defined(Object::Principal(Principal {
                    grace: minutes(grace),
                    heartbeat: more.first().map(|text| minutes(text)),
                    place: more.get(1).map(|text| place(text)),
                    ..principal_named(who)
                })));
            }
            ["hours", who, at, days, times] => {
                let hours = Hours::parse(&format!("{days} {times}"));
                self.items.push(Item::Defined(Object::Principal(Principal {
                    hours: Some(hours.expect("hours")),
                    heartbeat: Some(Span::from_secs(600)),
                    grace: Span::from_secs(60),
                    place: Some(place(at)),
                    ..principal_named(who)
                })));
            }
            ["limit", what, which, minutes] => self.limit(what, which, minutes),
            ["fence", site, centre, radius] => self.fence(site, centre, radius),
            ["counts", what] => self.items.push(Item::Defined(counting(what))),
            ["reads", who, rate, at @ ..] => {
                self.items.push(Item::Defined(Object::Principal(Principal {
                    read_rate: decimal(rate),
                    place: at.first().map(|text| place(text)),
                    ..principal_named(who)
                })));
            }
            _ => return false,
        }
        true
    }

    /// The network limits how long something takes.
    fn limit(&mut self, what: &str, which: &str, minutes: &str) {
        let span = Span::from_secs(60 * minutes.parse::<i64>().expect("minutes"));
        let said = self.items.iter().rev().filter_map(|item| match item {
            Item::Defined(object) => Some(object.clone()),
            _ => None,
        });
        let mut all = said.chain(network());
        let own = all.find(|object| match object {
            Object::Lane(lane) => &*lane.id == what,
            Object::Site(site) => site.id == place(what),
            Object::Tolerance(_) => what == "all",
            Object::Product(_) | Object::Principal(_) => false,
        });
        let mut object = own.expect("a lane, a site, or all");
        match (&mut object, which) {
            (Object::Lane(lane), "min") => lane.transit_min = Some(span),
            (Object::Lane(lane), "max") => lane.transit_max = Some(span),
            (Object::Site(site), "stay") => site.dwell_max = Some(span),
            (Object::Tolerance(all), "late") => all.settles_after = Some(span),
            (Object::Tolerance(all), "weight") => all.weight_grace = Some(span),
            _ => panic!("no limit: {what} {which}"),
        }
        self.items.push(Item::Defined(object));
    }

    /// The network says where a site lies.
    fn fence(&mut self, site: &str, centre: &str, radius: &str) {
        let mut own = network();
        let own = own.iter_mut().find(|own| own.id() == place(site).as_str());
        let own = own.expect("a site");
        fence_in(own, (centre, radius));
        self.items.push(Item::Defined(own.clone()));
    }

    /// What two people agreed on.
    fn approved(&self, words: &[&str]) -> ProposedAction {
        match words {
            [_, "write_off", units @ ..] => ProposedAction::WriteOff {
                units: units.iter().map(|name| unit(name)).collect(),
            },
            [_, "choose", plan, label] => ProposedAction::PlanChange {
                plan: doc(plan),
                claim: *self.digests.get(*label).expect("label of an earlier line"),
            },
            [_, _, counted, at_place, difference] => ProposedAction::StockAdjustment {
                class: class(counted),
                place: place(at_place),
                difference: decimal(difference),
                uom: Uom::PIECES,
            },
            _ => panic!("no action: {words:?}"),
        }
    }

    fn speak(&mut self, spoken: &Spoken<'_>, what: &[&str]) {
        let issuer = PrincipalId::parse(spoken.signer).expect("name");
        let mut id = ClaimId::of_event(&issuer, spoken.label, None);
        let mut status = ClaimStatus::Effective;
        let mut correction = None;
        let facts = match what {
            ["declare", wrong] => {
                let declared = spoken.at.to_string();
                let corrects = ClaimId::of_event(&issuer, wrong, None);
                id = ClaimId::of_event(&issuer, wrong, Some(&declared));
                correction = Some(Correction {
                    corrects,
                    declared: EventTime::instant(spoken.at, None),
                    reason: "did_not_occur".into(),
                    corrective: Vec::new(),
                });
                Vec::new()
            }
            ["conflict", of, rest @ ..] => {
                let (first, _) = self.by_label.get(*of).expect("label of an earlier line");
                id = *first;
                let at = ClaimRef {
                    index: Index(0),
                    ordinal: 0,
                };
                status = ClaimStatus::Conflicting(at);
                vec![fact(spoken.at, rest)]
            }
            ["duplicate", of, step, rest @ ..] => {
                let (first, _) = self.by_label.get(*of).expect("label of an earlier line");
                id = *first;
                let at = ClaimRef {
                    index: Index(0),
                    ordinal: 0,
                };
                status = ClaimStatus::Duplicate(at);
                vec![Fact::Sighting(sighting(spoken.at, step, rest))]
            }
            other => vec![fact(spoken.at, other)],
        };
        if status == ClaimStatus::Effective {
            self.labels.insert(id, spoken.label.to_owned());
            self.by_label
                .insert(spoken.label.to_owned(), (id, issuer.clone()));
        }
        let claim = Claim {
            id,
            fingerprint: Digest::of(format!("{facts:?}").as_bytes()),
            time: EventTime::instant(spoken.at, None),
            facts,
            correction,
            warnings: Vec::new(),
        };
        let statement = self.admit(spoken, issuer, status, claim);
        for claim in &statement.claims {
            self.digests.insert(spoken.label.to_owned(), claim.digest);
        }
        if spoken.is_late {
            self.late
                .insert(spoken.label.to_owned(), Box::new(statement));
        } else {
            self.items.push(Item::Statement(Box::new(statement)));
        }
    }

    fn admit(
        &mut self,
        spoken: &Spoken<'_>,
        issuer: PrincipalId,
        status: ClaimStatus,
        claim: Claim,
    ) -> AdmittedStatement {
        let index = Index(self.next_index);
        self.next_index += 1;
        let counter = self.counters.entry(spoken.signer.to_owned()).or_default();
        *counter += 1;
        let chain = ChainPosition {
            epoch: 1,
            counter: *counter,
        };
        let at = ClaimRef { index, ordinal: 0 };
        AdmittedStatement {
            index,
            key: KeyId(Digest::of(issuer.as_str().as_bytes())),
            issuer,
            assurance: Assurance::SoftwareKey,
            marks: if spoken.is_locked {
                vec![Mark::Locked]
            } else {
                Vec::new()
            },
            signed: spoken.signed,
            chain: Some(chain),
            claims: vec![AdmittedClaim {
                at,
                digest: Digest::of(format!("{index} {claim:?}").as_bytes()),
                status,
                said: Some(Said::Claim(claim)),
            }],
        }
    }

    /// Runs the story line by line, each line a batch.
    pub(crate) fn run(&self) -> (Ledger, Vec<Change>) {
        let mut ledger = Ledger::default();
        let mut changes = Vec::new();
        let mut tick = clock("00:00");
        ledger.apply(&batch(1, tick, vec![define(network())]), &mut changes);
        for (item, index) in self.items.iter().zip(1000..) {
            match item {
                Item::Statement(statement) => {
                    ledger.apply(
                        &batch(index, tick, vec![(**statement).clone()]),
                        &mut changes,
                    );
                }
                Item::Defined(object) => {
                    let said = define(vec![object.clone()]);
                    ledger.apply(&batch(index, tick, vec![said]), &mut changes);
                }
                Item::Tick(at) => {
                    tick = *at;
                    ledger.apply(&batch(index, tick, Vec::new()), &mut changes);
                }
                Item::Approved(action, at) => {
                    let approval = ClaimRef {
                        index: Index(index),
                        ordinal: 0,
                    };
                    tick = tick.max(*at);
                    ledger.apply_approved(action, approval, *at);
                    ledger.apply(&batch(index, tick, Vec::new()), &mut changes);
                }
            }
        }
        ledger.check_conservation();
        (ledger, changes)
    }

    /// `kind anchor units`, a claim by its label.
    pub(crate) fn show(&self, discrepancy: &Discrepancy) -> String {
        let short = |text: &str| text.trim_start_matches("urn:x:").replace(':', "/");
        let anchor = match &discrepancy.anchor {
            Anchor::Stage(key) if key.line.is_empty() => {
                format!("{}/{}", short(key.plan.as_str()), key.stage)
            }
            Anchor::Stage(key) => {
                format!("{}/{}/{}", short(key.plan.as_str()), key.line, key.stage)
            }
            Anchor::Claim(claim) => self
                .labels
                .get(claim)
                .cloned()
                .unwrap_or_else(|| "?".to_owned()),
            Anchor::Statement(..) => format!("{} {}", source(discrepancy), times(discrepancy)),
            Anchor::Chain(..) => format!(
                "{} {}",
                source(discrepancy),
                fact_text(discrepancy, "counters")
            ),
        };
        let units: Vec<String> = discrepancy
            .units
            .iter()
            .map(|unit| short(unit.as_str()))
            .collect();
        let status = match discrepancy.status.as_str() {
            "open" => "",
            _ => " settled",
        };
        format!("{} {anchor} {}{status}", discrepancy.kind, units.join(","))
            .trim_end()
            .to_owned()
    }

    pub(crate) fn label(&self, id: ClaimId) -> String {
        self.labels.get(&id).cloned().unwrap_or_default()
    }

    pub(crate) fn standing(&self, ledger: &Ledger) -> Vec<String> {
        let mut all: Vec<String> = ledger.standing().map(|d| self.show(d)).collect();
        all.sort();
        all
    }
}

fn fact_text(discrepancy: &Discrepancy, name: &str) -> String {
    match discrepancy.facts.get(name) {
        Some(FactValue::Name(name)) => name.to_string(),
        Some(FactValue::Count(count)) => count.to_string(),
        other => panic!("{name} is no text and no number: {other:?}"),
    }
}

/// The source, and with how many of how many.
fn source(discrepancy: &Discrepancy) -> String {
    let name = fact_text(discrepancy, "source");
    match discrepancy.facts.contains_key("listened") {
        true => format!(
            "{name} ({} of {})",
            fact_text(discrepancy, "together"),
            fact_text(discrepancy, "listened")
        ),
        false => name,
    }
}

/// `10:00-11:30`, or `10:00-` of what is not over.
fn times(discrepancy: &Discrepancy) -> String {
    let minute = |time: Timestamp| time.to_string()[11..16].to_owned();
    let until = discrepancy.until.map(minute).unwrap_or_default();
    format!(
        "{}-{until}",
        discrepancy.from.map(minute).unwrap_or_default()
    )
}

fn principal_named(who: &str) -> Principal {
    let found = network().into_iter().find_map(|object| match object {
        Object::Principal(principal) if principal.id.as_str() == who => Some(principal),
        _ => None,
    });
    found.expect("a principal of the network")
}

struct Spoken<'a> {
    label: &'a str,
    at: Timestamp,
    signer: &'a str,
    is_locked: bool,
    is_late: bool,
    signed: Option<Timestamp>,
}

fn fact(at: Timestamp, what: &[&str]) -> Fact {
    match what {
        ["manifest", id, way, depart, arrive, goods @ ..] => {
            let (from, to) = way.split_once('>').expect("from>to");
            let lines = goods
                .iter()
                .zip(1..)
                .map(|(goods, line)| manifest_line(line, goods));
            Fact::Manifest(Manifest {
                id: doc(id),
                lane: None,
                from: place(from),
                to: place(to),
                depart_by: clock(depart),
                arrive_by: clock(arrive),
                lines: lines.collect(),
            })
        }
        ["count", id, at_place, opens, due] => Fact::CountDue(CountPlan {
            id: doc(id),
            place: place(at_place),
            opens: clock(opens),
            due: clock(due),
        }),
        ["document", id, due, load @ ..] => Fact::DocumentDue(DocumentPlan {
            id: doc(id),
            load: load.first().map(|load| doc(load)),
            due: clock(due),
        }),
        ["route", id, who, stops @ ..] => Fact::Route(Route {
            id: doc(id),
            unit: unit(who),
            stops: stops.iter().zip(1..).map(route_stop).collect(),
        }),
        [alias @ ("alias" | "unalias"), one, other] => Fact::Alias(Alias {
            unit: unit(one),
            same_as: unit(other),
            holds: *alias == "alias",
        }),
        ["expect", key, group, who, due] => Fact::Expected(Expectation {
            key: stage_key(key),
            group: (*group).into(),
            unit: unit(who),
            place: None,
            due: EventTime::instant(clock(due), None),
            grace: Span::from_secs(900),
        }),
        ["reached", key, who] => Fact::Reached(Reached {
            unit: unit(who),
            stage: stage_key(key),
            time: EventTime::instant(at, None),
            place: None,
        }),
        [step, rest @ ..] => Fact::Sighting(sighting(at, step, rest)),
        [] => panic!("a line says something"),
    }
}

/// `H/dock,10:00,11:00`.
fn route_stop((text, number): (&&str, usize)) -> Stop {
    let mut words = text.split(',');
    let mut word = || words.next().expect("place,opens,due");
    Stop {
        stop: number.to_string().into(),
        place: place(word()),
        opens: clock(word()),
        due: clock(word()),
    }
}

fn stage_key(text: &str) -> StageKey {
    let mut parts = text.split('/');
    let mut part = || parts.next().expect("plan/line/stage");
    StageKey {
        plan: doc(part()),
        line: part().into(),
        stage: part().into(),
    }
}

fn manifest_line(line: usize, goods: &str) -> ManifestLine {
    let (goods, is_seal) = match goods.strip_prefix("seal:") {
        Some(seal) => (seal, true),
        None => (goods, false),
    };
    let (what, value) = goods
        .split_once('=')
        .map_or((goods, None), |(w, v)| (w, Some(euro(v))));
    let what = match what.split_once('*') {
        Some((amount, counted)) => Goods::Amount {
            class: class(counted),
            quantity: pieces(amount),
        },
        None => Goods::Unit(unit(what)),
    };
    ManifestLine {
        line: line.to_string().into(),
        what,
        value,
        is_seal,
    }
}

fn pieces(amount: &str) -> Quantity {
    Quantity {
        value: decimal(amount),
        uom: Uom::PIECES,
    }
}

fn sighting(at: Timestamp, step: &str, rest: &[&str]) -> Sighting {
    let mut sighting = Sighting {
        kind: EventKind::Object,
        action: Some(Action::Observe),
        time: EventTime::instant(at, None),
        step: Some(Step::parse(step)),
        disposition: None,
        place: None,
        location: None,
        units: Vec::new(),
        parent: None,
        outputs: Vec::new(),
        quantities: Vec::new(),
        output_quantities: Vec::new(),
        from: None,
        to: None,
        documents: Vec::new(),
        weights: Vec::new(),
        value: None,
    };
    for word in rest {
        if let Some(paper) = word.strip_prefix('#') {
            sighting.documents.push(doc(paper));
        } else if let Some(weight) = word.strip_prefix("w=") {
            let (weight, doubtful) = weight
                .strip_suffix('?')
                .map_or((weight, false), |w| (w, true));
            sighting.weights.push(Weight {
                kilograms: decimal(weight),
                doubtful,
            });
        } else if let Some(doors) = word.strip_prefix("doors=") {
            sighting.disposition = Some(format!("container_{doors}").into());
        } else if let Some(parent) = word.strip_prefix("parent=") {
            sighting.parent = Some(unit(parent));
            sighting.kind = EventKind::Aggregation;
            sighting.action = Some(match step {
                "packing" => Action::Add,
                "unpacking" => Action::Delete,
                _ => Action::Observe,
            });
        } else if let Some(made) = word.strip_prefix("makes=") {
            sighting.kind = EventKind::Transformation;
            sighting.action = None;
            sighting.outputs.push(unit(made));
        } else if let Some(value) = word.strip_prefix("each=") {
            sighting.value = Some(euro(value));
        } else if let Some((amount, counted)) = word.split_once('*') {
            sighting.quantities.push(ClassQuantity {
                class: class(counted),
                quantity: Some(pieces(amount)),
            });
        } else if word.starts_with("geo:") || word.starts_with(|c: char| c.is_ascii_uppercase()) {
            sighting.place = Some(place(word));
        } else {
            sighting.units.push(unit(word));
        }
    }
    sighting
}

/// Runs a story and compares what stands at its end.
#[track_caller]
pub(crate) fn check(text: &str, expect: &[&str]) {
    let story = Story::read(text);
    let (ledger, _) = story.run();
    assert_eq!(story.standing(&ledger), expect, "{text}");
}

/// Runs a story and compares the changes, in order: `+` opened, `~` changed, `-` retracted,
/// with `> id of` what supersedes it.
#[track_caller]
pub(crate) fn check_changes(text: &str, expect: &[&str]) {
    let story = Story::read(text);
    let (_, changes) = story.run();
    let mut names: BTreeMap<Digest, String> = BTreeMap::new();
    let mut shown = Vec::new();
    for change in &changes {
        match change {
            Change::Opened(d) => {
                names.insert(d.id, story.show(d));
                shown.push(format!("+ {}", story.show(d)));
            }
            Change::Changed(d) => shown.push(format!("~ {}", story.show(d))),
            Change::Retracted {
                id, superseded_by, ..
            } => {
                let by = superseded_by
                    .map(|by| format!(" > {}", names[&by]))
                    .unwrap_or_default();
                shown.push(format!("- {}{by}", names[id]));
            }
        }
    }
    assert_eq!(shown, expect, "{text}");
}
