//! A day without a fault, in decoded claims: a warehouse, a carrier, a hub.

use std::collections::BTreeMap;

use countersign_model::act::Act;
use countersign_model::claim::{Claim, EventKind, Fact, Sighting, Step};
use countersign_model::decimal::Decimal;
use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, ClaimRef, ClaimStatus, Index};
use countersign_model::fold::{AdmittedClaim, AdmittedStatement, ChainPosition, FoldBatch, Said};
use countersign_model::ids::{ClaimId, DocId, KeyId, PartyId, PlaceId, PrincipalId, UnitId};
use countersign_model::network::{ContractMode, Lane, Object, Principal, Role, Site, SiteKind};
use countersign_model::plan::{Goods, Manifest, ManifestLine};
use countersign_model::time::{EventTime, MINUTE_MS, Span, Timestamp};

const UNITS_PER_MANIFEST: usize = 50;
const CLAIMS_PER_STATEMENT: usize = 16;
const STATEMENTS_PER_BATCH: usize = 64;
/// Monday, 2 March 2026.
pub(super) const START_MS: i64 = 1_772_409_600_000;

/// One thing that each unit goes through: minute of the slice, who says it, step and place, and
/// whether the papers are named.
pub(super) struct Leg {
    pub(super) minute: i64,
    signer: &'static str,
    pub(super) step: &'static str,
    pub(super) place: &'static str,
    has_papers: bool,
}

pub(super) const LEGS: [Leg; 5] = [
    leg(10, "wh-zone", "storing", "wh/zone-1", false),
    leg(20, "wh-dock", "loading", "wh/dock", false),
    leg(30, "wh-dock", "departing", "wh/dock", true),
    leg(31, "van", "accepting", "wh/dock", true),
    leg(90, "hub-dock", "receiving", "hub/dock", true),
];
const SLICE_MINUTES: i64 = 100;
/// Entries that an hour of sightings takes at most.
const SEEN_ENTRIES: u64 = 100_000;
/// Where the entries begin of what comes late.
const LATE_INDEX: u64 = 1 << 40;

const fn leg(
    minute: i64,
    signer: &'static str,
    step: &'static str,
    place: &'static str,
    has_papers: bool,
) -> Leg {
    Leg {
        minute,
        signer,
        step,
        place,
        has_papers,
    }
}

/// What late claims may take at most.
const GRACE: Span = Span::from_secs(30 * 86_400);

/// Makes the batches; holds how many statements each has signed.
#[derive(Default)]
pub(super) struct Day(BTreeMap<&'static str, u64>);

fn place(name: &str) -> PlaceId {
    PlaceId::parse(&format!("urn:example:place:{name}")).expect("a place")
}

fn party(name: &str) -> PartyId {
    PartyId::parse(&format!("urn:example:party:{name}")).expect("a party")
}

fn instant(slice: i64, minute: i64, step: i64) -> Timestamp {
    Timestamp::from_ms(START_MS + (slice * SLICE_MINUTES + minute) * MINUTE_MS + step)
}

impl Day {
    /// The network.
    pub(super) fn opening(&mut self) -> FoldBatch {
        let site = |id: &str, kind| {
            let places = ["zone-1", "dock"].map(|zone| place(&format!("{id}/{zone}")));
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
        let principal = |id: &str, of: &str| {
            Object::Principal(Principal {
                id: PrincipalId::parse(id).expect("a name"),
                role: Role::Device,
                key: "ES256:AA==".to_owned(),
                assurance: Assurance::SoftwareKey,
                party: Some(party(of)),
                place: None,
                clock_offset_ms: 0,
                heartbeat: None,
                grace: GRACE,
                hours: None,
                read_rate: Decimal::ONE,
            })
        };
        let objects = vec![
            site("wh", SiteKind::Warehouse),
            site("hub", SiteKind::Hub),
            Object::Lane(Lane {
                id: "wh-hub".into(),
                from: place("wh"),
                to: place("hub"),
                carrier: Some(party("carrier")),
                mode: ContractMode::Both,
                grace: Span::from_secs(900),
                pick_up_grace: Span::from_secs(1800),
                transit_max: None,
                transit_min: None,
            }),
            principal("wh-zone", "wh"),
            principal("wh-dock", "wh"),
            principal("van", "carrier"),
            principal("hub-dock", "hub"),
        ];
        let said = objects.into_iter().map(|object| {
            let act = Act::Define(Box::new(object));
            (Digest::ZERO, Said::Act(act))
        });
        let statement = self.statement(2, "admin", said.collect());
        batch(2, instant(0, 0, 0), vec![statement])
    }

    /// Everything that happens to `units` units from number `first`.
    pub(super) fn slice(&mut self, first: u64, units: u64) -> Vec<FoldBatch> {
        let mut index = 10 + first * 10;
        let mut batches = self.plans(&mut index, first, units);
        for leg in &LEGS {
            batches.extend(self.sightings(&mut index, leg, first, units));
        }
        batches
    }

    /// Units are seen where they lie, in that hour; one that is named twice later the second time.
    pub(super) fn seen(&mut self, hour: i64, units: impl Iterator<Item = u64>) -> Vec<FoldBatch> {
        let mut index = 10 + u64::try_from(hour).unwrap_or_default() * SEEN_ENTRIES;
        let [leg, ..] = &LEGS;
        let tick = Timestamp::from_ms(START_MS + (hour + 1) * 60 * MINUTE_MS);
        let claims = units.zip(0..).map(|(number, step)| {
            let at = Timestamp::from_ms(START_MS + hour * 60 * MINUTE_MS + step);
            let fact = sighting(leg, at, &unit(number), None);
            claim(&mut index, leg.signer, at, fact)
        });
        let claims: Vec<_> = claims.collect();
        let mut batches = Vec::new();
        self.push(&mut batches, &mut index, leg.signer, tick, claims);
        batches
    }

    /// The same without that they were loaded, and then that.
    pub(super) fn slice_with_late(
        &mut self,
        first: u64,
        units: u64,
    ) -> (Vec<FoldBatch>, Vec<FoldBatch>) {
        let (mut index, mut late_index) = (10 + first * 10, LATE_INDEX + first * 10);
        let mut batches = self.plans(&mut index, first, units);
        let mut late = Vec::new();
        for leg in &LEGS {
            match leg.step {
                "loading" => late.extend(self.sightings(&mut late_index, leg, first, units)),
                _ => batches.extend(self.sightings(&mut index, leg, first, units)),
            }
        }
        (batches, late)
    }
    pub(super) fn claims(batch: &FoldBatch) -> u64 {
        let claims = batch
            .statements
            .iter()
            .map(|statement| statement.claims.len() as u64);
        claims.sum()
    }

    fn plans(&mut self, index: &mut u64, first: u64, units: u64) -> Vec<FoldBatch> {
        let slice = slice_of(first, units);
        let names: Vec<UnitId> = (first..first + units).map(unit).collect();
        let plans = names.chunks(UNITS_PER_MANIFEST).zip(first..);
        let plans = plans.map(|(names, at)| {
            let plan = manifest(slice, at, names);
            claim(index, "planner", instant(slice, 0, 0), plan)
        });
        let plans: Vec<_> = plans.collect();
        let mut batches = Vec::new();
        self.push(&mut batches, index, "planner", instant(slice, 1, 0), plans);
        batches
    }

    fn sightings(&mut self, index: &mut u64, leg: &Leg, first: u64, units: u64) -> Vec<FoldBatch> {
        let slice = slice_of(first, units);
        let claims = (first..first + units).zip(0_u64..).map(|(number, step)| {
            let at = instant(slice, leg.minute, i64::try_from(step).unwrap_or_default());
            let papers = leg
                .has_papers
                .then(|| doc(first + step / UNITS_PER_MANIFEST as u64));
            let fact = sighting(leg, at, &unit(number), papers);
            claim(index, leg.signer, at, fact)
        });
        let claims: Vec<_> = claims.collect();
        let tick = instant(slice, leg.minute, i64::try_from(units).unwrap_or_default());
        let mut batches = Vec::new();
        self.push(&mut batches, index, leg.signer, tick, claims);
        batches
    }

    fn push(
        &mut self,
        batches: &mut Vec<FoldBatch>,
        index: &mut u64,
        signer: &'static str,
        tick: Timestamp,
        claims: Vec<(Digest, Said)>,
    ) {
        let mut claims = claims.into_iter().peekable();
        while claims.peek().is_some() {
            let mut statements = Vec::new();
            for _ in 0..STATEMENTS_PER_BATCH {
                let own: Vec<_> = claims.by_ref().take(CLAIMS_PER_STATEMENT).collect();
                if !own.is_empty() {
                    *index += 1;
                    statements.push(self.statement(*index, signer, own));
                }
            }
            *index += 1;
            batches.push(batch(*index, tick, statements));
        }
    }

    fn statement(
        &mut self,
        index: u64,
        issuer: &'static str,
        said: Vec<(Digest, Said)>,
    ) -> AdmittedStatement {
        let counter = self.0.entry(issuer).or_default();
        *counter += 1;
        let claims = said
            .into_iter()
            .zip(0..)
            .map(|((digest, said), ordinal)| AdmittedClaim {
                at: ClaimRef {
                    index: Index(index),
                    ordinal,
                },
                digest,
                status: ClaimStatus::Effective,
                said: Some(said),
            });
        AdmittedStatement {
            index: Index(index),
            issuer: PrincipalId::parse(issuer).expect("a name"),
            key: KeyId(Digest::of(issuer.as_bytes())),
            assurance: Assurance::SoftwareKey,
            marks: Vec::new(),
            signed: None,
            chain: Some(ChainPosition {
                epoch: 1,
                counter: *counter,
            }),
            claims: claims.collect(),
        }
    }
}

fn slice_of(first: u64, units: u64) -> i64 {
    i64::try_from(first / units.max(1)).unwrap_or_default()
}

fn unit(number: u64) -> UnitId {
    UnitId::parse(&format!("urn:countersign:key:1:plate:{number:012}")).expect("a unit")
}

fn doc(number: u64) -> DocId {
    DocId::parse(&format!("urn:example:load:{number}")).expect("a document")
}

fn manifest(slice: i64, number: u64, units: &[UnitId]) -> Fact {
    let lines = units.iter().zip(1..).map(|(unit, line)| ManifestLine {
        line: line.to_string().into(),
        what: Goods::Unit(unit.clone()),
        value: None,
        is_seal: false,
    });
    Fact::Manifest(Manifest {
        id: doc(number),
        lane: None,
        from: place("wh"),
        to: place("hub"),
        depart_by: instant(slice, 40, 0),
        arrive_by: instant(slice, 95, 0),
        lines: lines.collect(),
    })
}

fn sighting(leg: &Leg, at: Timestamp, unit: &UnitId, papers: Option<DocId>) -> Fact {
    Fact::Sighting(Sighting {
        kind: EventKind::Object,
        action: None,
        time: EventTime::instant(at, None),
        step: Some(Step::parse(leg.step)),
        disposition: None,
        place: Some(place(leg.place)),
        location: None,
        units: vec![unit.clone()],
        parent: None,
        outputs: Vec::new(),
        quantities: Vec::new(),
        output_quantities: Vec::new(),
        from: None,
        to: None,
        documents: papers.into_iter().collect(),
        weights: Vec::new(),
        value: None,
    })
}

fn claim(index: &mut u64, issuer: &str, at: Timestamp, fact: Fact) -> (Digest, Said) {
    *index += 1;
    let issuer = PrincipalId::parse(issuer).expect("a name");
    let id = ClaimId::of_event(&issuer, &index.to_string(), None);
    let said = Said::Claim(Claim {
        id,
        fingerprint: Digest::ZERO,
        time: EventTime::instant(at, None),
        facts: vec![fact],
        correction: None,
        warnings: Vec::new(),
    });
    (id.0, said)
}

fn batch(index: u64, tick: Timestamp, statements: Vec<AdmittedStatement>) -> FoldBatch {
    FoldBatch {
        index: Index(index),
        recorded: tick,
        tick,
        statements,
    }
}
