//! The record of one claim: who says it, its observations, and for each thing that it speaks of the
//! place of the record before.

use countersign_model::claim::StepRole;
use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, ClaimRef, ClaimStatus, Index};
use countersign_model::fold::ChainPosition;
use countersign_model::ids::ClaimId;
use countersign_model::position::Position;
use countersign_model::quantity::{Currency, Money, Uom};
use countersign_model::time::Timestamp;

use super::Place;
use super::bytes::{Reader, Writer};
use crate::known::claims::ClaimRow;
use crate::known::events::{Counted, Doors, Effect, Event, Packing, Packs};
use crate::number::{ClaimNo, Number};

/// One observation, and the places of the records before it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) event: Event,
    /// Of its units, documents and quantities, in their order.
    pub(crate) units: Vec<Option<Place>>,
    pub(crate) docs: Vec<Option<Place>>,
    pub(crate) quantities: Vec<Option<Place>>,
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// Who says it.
    pub(crate) claim: ClaimRow,
    /// Its number, if the ledger keeps a row of it besides.
    pub(crate) kept: Option<ClaimNo>,
    /// The record before of the same key.
    pub(crate) key: Option<Place>,
    pub(crate) told: Vec<Told>,
}

/// Room for a usual record.
const ROOM_BYTES: usize = 160;
const ROLES: [StepRole; 7] = [
    StepRole::Sees,
    StepRole::Gives,
    StepRole::Takes,
    StepRole::Issues,
    StepRole::Ends,
    StepRole::Counts,
    StepRole::Voids,
];
const PACKS: [Packs; 3] = [Packs::Added, Packs::Removed, Packs::Seen];
const DOORS: [Option<Doors>; 4] = [
    None,
    Some(Doors::Closed),
    Some(Doors::Opened),
    Some(Doors::FoundOpen),
];
const ASSURANCES: [Assurance; 4] = [
    Assurance::Import,
    Assurance::Channel,
    Assurance::SoftwareKey,
    Assurance::HardwareKey,
];

impl Record {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Writer::with_room(ROOM_BYTES);
        number(&mut out, self.kept);
        put_claim(&mut out, &self.claim);
        place(&mut out, self.key);
        out.number(self.told.len() as u128);
        for told in &self.told {
            put_told(&mut out, told);
        }
        out.bytes
    }

    /// `None` for bytes that no ledger wrote.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader::of(bytes);
        let kept = take_number(&mut from)?;
        let claim = take_claim(&mut from)?;
        let key = take_place(&mut from)?;
        let told = (0..from.count()?).map(|_| take_told(&mut from));
        let told = told.collect::<Option<Vec<_>>>()?;
        from.is_at_end().then_some(Self {
            claim,
            kept,
            key,
            told,
        })
    }
}

/// The identity of the claim that a record is of, and where it stands in the log; `None` for bytes that
/// no ledger wrote.
#[must_use]
pub fn claim_in(record: &[u8]) -> Option<(ClaimId, ClaimRef)> {
    let mut from = Reader::of(record);
    take_number::<ClaimNo>(&mut from)?;
    let claim = take_claim(&mut from)?;
    Some((claim.id, claim.at))
}

fn number<N: Number>(out: &mut Writer, value: Option<N>) {
    out.maybe(value.map(|value| value.at() as u64));
}

fn take_number<N: Number>(from: &mut Reader<'_>) -> Option<Option<N>> {
    let value = from.maybe()?;
    Some(match value {
        Some(at) => Some(N::of(usize::try_from(u32::try_from(at).ok()?).ok()?)),
        None => None,
    })
}

fn place(out: &mut Writer, value: Option<Place>) {
    out.maybe(value.map(Place::at));
}

fn take_place(from: &mut Reader<'_>) -> Option<Option<Place>> {
    Some(from.maybe()?.and_then(Place::of))
}

fn time(out: &mut Writer, value: Timestamp) {
    out.signed(value.ms().into());
}

fn take_time(from: &mut Reader<'_>) -> Option<Timestamp> {
    Some(Timestamp::from_ms(i64::try_from(from.signed()?).ok()?))
}

fn put_claim(out: &mut Writer, row: &ClaimRow) {
    out.all(row.id.0.as_bytes());
    out.all(row.digest.as_bytes());
    out.number(row.at.index.0.into());
    out.number(row.at.ordinal.into());
    number(out, Some(row.issuer));
    number(out, Some(row.key));
    time(out, row.recorded);
    time(out, row.time);
    let assurance = ASSURANCES.iter().position(|one| *one == row.assurance);
    out.number(assurance.unwrap_or_default() as u128);
    out.byte(u8::from(row.is_locked));
    out.byte(u8::from(row.chain.is_some()));
    if let Some(chain) = row.chain {
        out.number(chain.epoch.into());
        out.number(chain.counter.into());
    }
}

fn take_claim(from: &mut Reader<'_>) -> Option<ClaimRow> {
    Some(ClaimRow {
        id: ClaimId(Digest::new(from.chunk()?)),
        digest: Digest::new(from.chunk()?),
        at: ClaimRef {
            index: Index(from.small()?),
            ordinal: from.small()?,
        },
        issuer: take_number(from)??,
        key: take_number(from)??,
        recorded: take_time(from)?,
        time: take_time(from)?,
        assurance: *ASSURANCES.get(from.small::<usize>()?)?,
        is_locked: from.byte()? == 1,
        chain: match from.byte()? {
            0 => None,
            _ => Some(ChainPosition {
                epoch: from.small()?,
                counter: from.small()?,
            }),
        },
        // Only claims that count tell anything; the rest is found out where it is read.
        status: ClaimStatus::Effective,
        is_taken_back: false,
        is_suspect: false,
    })
}

fn put_told(out: &mut Writer, told: &Told) {
    let event = &told.event;
    time(out, event.said_time);
    number(out, Some(event.issuer));
    out.number(event.part.into());
    let role = ROLES.iter().position(|one| *one == event.said_role);
    out.number(role.unwrap_or_default() as u128);
    number(out, event.step);
    out.byte(u8::from(event.is_accepting));
    let doors = DOORS.iter().position(|one| *one == event.doors);
    out.number(doors.unwrap_or_default() as u128);
    number(out, event.place);
    if event.place.is_some() {
        put_position(out, event.position);
    }
    number(out, event.said_party);
    number(out, event.packing.map(|packing| packing.container));
    if let Some(packing) = event.packing {
        let what = PACKS.iter().position(|one| *one == packing.what);
        out.number(what.unwrap_or_default() as u128);
    }
    out.number(event.docs.len() as u128);
    for (doc, before) in event.docs.iter().zip(&told.docs) {
        number(out, Some(*doc));
        place(out, *before);
    }
    out.number(event.units.len() as u128);
    for (unit, before) in event.units.iter().zip(&told.units) {
        number(out, Some(*unit));
        place(out, *before);
    }
    out.number(event.quantities.len() as u128);
    for (counted, before) in event.quantities.iter().zip(&told.quantities) {
        number(out, Some(counted.class));
        put_code(out, counted.uom.as_str());
        out.decimal(counted.amount);
        place(out, *before);
    }
    out.byte(u8::from(event.weight.is_some()));
    if let Some((unit, kilograms)) = event.weight.as_deref() {
        number(out, Some(*unit));
        out.decimal(*kilograms);
    }
    out.byte(u8::from(event.value.is_some()));
    if let Some(money) = event.value.as_deref() {
        put_code(out, money.currency.as_str());
        out.decimal(money.amount);
    }
}

fn take_told(from: &mut Reader<'_>) -> Option<Told> {
    let said_time = take_time(from)?;
    let issuer = take_number(from)??;
    let part = from.small()?;
    let said_role = *ROLES.get(from.small::<usize>()?)?;
    let step = take_number(from)?;
    let is_accepting = from.byte()? == 1;
    let doors = *DOORS.get(from.small::<usize>()?)?;
    let location = take_number(from)?;
    let position = match location {
        Some(_) => take_position(from)?,
        None => None,
    };
    let said_party = take_number(from)?;
    let packing = match take_number(from)? {
        Some(container) => Some(Packing {
            container,
            what: *PACKS.get(from.small::<usize>()?)?,
        }),
        None => None,
    };
    let (docs, docs_before) = take_linked(from, |from| take_number(from)?)?;
    let (units, units_before) = take_linked(from, |from| take_number(from)?)?;
    let (quantities, quantities_before) = take_linked(from, take_counted)?;
    let weight = match from.byte()? {
        0 => None,
        _ => Some(Box::new((take_number(from)??, from.decimal()?))),
    };
    let value = match from.byte()? {
        0 => None,
        _ => Some(Box::new(Money {
            currency: Currency::parse(&take_code(from)?)?,
            amount: from.decimal()?,
        })),
    };
    Some(Told {
        event: Event {
            time: said_time,
            said_time,
            claim: ClaimNo::FIRST,
            issuer,
            effect: Effect::Effective,
            part,
            role: said_role,
            said_role,
            step,
            is_accepting,
            doors,
            place: location,
            position,
            said_party,
            docs: docs.into(),
            units: units.into(),
            quantities: quantities.into(),
            weight,
            packing,
            value,
        },
        units: units_before,
        docs: docs_before,
        quantities: quantities_before,
    })
}

fn put_position(out: &mut Writer, position: Option<Position>) {
    out.byte(u8::from(position.is_some()));
    if let Some(position) = position {
        out.all(&position.latitude.to_be_bytes());
        out.all(&position.longitude.to_be_bytes());
        out.number(position.uncertainty_m.into());
    }
}

fn take_position(from: &mut Reader<'_>) -> Option<Option<Position>> {
    Some(match from.byte()? {
        0 => None,
        _ => Some(Position {
            latitude: i32::from_be_bytes(from.chunk()?),
            longitude: i32::from_be_bytes(from.chunk()?),
            uncertainty_m: from.small()?,
        }),
    })
}

fn take_counted(from: &mut Reader<'_>) -> Option<Counted> {
    Some(Counted {
        class: take_number(from)??,
        uom: Uom::parse(&take_code(from)?)?,
        amount: from.decimal()?,
    })
}

/// A list of things, each with the place of the record before.
fn take_linked<'a, T>(
    from: &mut Reader<'a>,
    one: impl Fn(&mut Reader<'a>) -> Option<T>,
) -> Option<(Vec<T>, Vec<Option<Place>>)> {
    let (mut things, mut places) = (Vec::new(), Vec::new());
    for _ in 0..from.count()? {
        things.push(one(from)?);
        places.push(take_place(from)?);
    }
    Some((things, places))
}

/// Up to three letters or digits.
fn put_code(out: &mut Writer, code: &str) {
    out.number(code.len() as u128);
    out.all(code.as_bytes());
}

fn take_code(from: &mut Reader<'_>) -> Option<String> {
    let bytes = (0..from.count()?).map(|_| from.byte());
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}
