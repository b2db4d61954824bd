//! Acts: what changes what counts. Keys, contracts, approvals, erasures, recorded findings.
//!
//! Testimony is admitted, acts are authorised (ACT-4), and an act takes effect at its index,
//! not at a time it names (CUS-4). Acts are `countersign-json` objects (docs/formats/act.md).
//! In them and in plans exactly the fields [`SEALED_FIELDS`] are sealed, at any depth:
//! what people write freely.

mod renewal;

pub use renewal::{Continued, Lost, Renewal};

use crate::body::{ClaimBody, Format};
use crate::claim::Alias;
use crate::decimal::Decimal;
use crate::digest::Digest;
use crate::fold::ChainPosition;
use crate::ids::{ClassId, DocId, KeyId, PlaceId, UnitId};
use crate::json::{Doc, Item, Kind};
use crate::network::{Object, ObjectKind};
use crate::plan::{PlanError, decimal_field, parse_field, text_field, time_field, whole_field};
use crate::quantity::Uom;
use crate::time::Timestamp;

/// Fields of `countersign-json` whose values are sealed.
pub const SEALED_FIELDS: [&str; 3] = ["reason", "note", "name"];

/// An act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Sets an object of the network.
    Define(Box<Object>),
    /// Takes an object of the network away.
    Withdraw {
        /// Of which kind.
        kind: ObjectKind,
        /// Which.
        id: Box<str>,
    },
    /// Time is told by a scenario from here on; allowed only directly after genesis (format law 9).
    ScenarioClock {
        /// The first instant.
        start: Timestamp,
    },
    /// The first half of a four-eyes act.
    Proposal(Proposal),
    /// The second half.
    Approval(Approval),
    /// The sealed parts of a claim were destroyed.
    Erasure {
        /// Digest of the claim.
        claim: Digest,
    },
    /// Some of what a key signed proves no custody: somebody else may have had it.
    Suspect(Suspicion),
    /// A device's clock is off by so much.
    ClockOffset(ClockOffset),
    /// The node did not listen for a while.
    Outage(Outage),
    /// A finding moved; recorded, never recomputed.
    Finding(FindingRecord),
    /// An import of old data begins or ends: what it brings is judged once, at its end (format law 9).
    Import {
        /// Its own id, a UUID.
        id: Box<str>,
        /// True at the beginning.
        opens: bool,
    },
    /// The keys of the log change, and perhaps its name.
    Renewal(Box<Renewal>),
    /// A kind that this release does not know: kept, without effect.
    Unknown(Box<str>),
}

/// What is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProposedAction {
    /// Units that will not come back leave the accounts.
    WriteOff {
        /// Which.
        units: Vec<UnitId>,
    },
    /// The counted amount of a class at a place is set right by a difference.
    StockAdjustment {
        /// Which class or lot.
        class: ClassId,
        /// Where.
        place: PlaceId,
        /// By how much; negative takes away.
        difference: Decimal,
        /// Of what.
        uom: Uom,
    },
    /// Another of the things that were said of a plan stands from now on.
    PlanChange {
        /// Which plan.
        plan: DocId,
        /// Digest of the claim that is to stand.
        claim: Digest,
    },
}

/// The first half of a four-eyes act (ACT-1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its own id, a UUID.
    pub id: Box<str>,
    /// What it asks.
    pub action: ProposedAction,
    /// When it lapses.
    pub expires: Timestamp,
}

/// The second half of a four-eyes act (ACT-1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The proposal's id.
    pub proposal: Box<str>,
    /// Yes or no.
    pub approved: bool,
}

/// Since when, and until when, what a key signed may be somebody else's word. One stands for each
/// key, the last that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspicion {
    /// Which key.
    pub key: KeyId,
    /// The first instant, of the node's clock: a claim counts by the recorded time of its batch.
    pub from: Timestamp,
    /// The first instant behind; for ever if there is none. The same as `from` takes it back.
    pub to: Option<Timestamp>,
}

impl Suspicion {
    /// Whether it is about what was recorded at that instant.
    #[must_use]
    pub fn covers(&self, recorded: Timestamp) -> bool {
        self.from <= recorded && self.to.is_none_or(|to| recorded < to)
    }
}

/// By how much the clock is off of the device that signs with a key, from one of its statements on
/// until the next such word. One stands for each key and position, the last that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockOffset {
    /// Which key.
    pub key: KeyId,
    /// The first statement of its chain that it is about.
    pub from: ChainPosition,
    /// What its clock shows less what is true, in milliseconds: subtracted from what the device says. As
    /// the network says where it is absent.
    pub offset_ms: Option<i64>,
}

/// While the node was not running nobody could be heard by it: what contracts allow does not run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// The last tick before.
    pub from: Timestamp,
    /// The first tick behind; never before `from`.
    pub until: Timestamp,
}

/// One move of a finding, as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingRecord {
    /// The finding's id: a digest over its kind and anchor.
    pub id: Digest,
    /// Number of the move, from 1; (id, transition) is recorded once.
    pub transition: u64,
    /// The object as recorded.
    pub json: Box<str>,
}

/// What a `countersign-json` object turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnObject {
    /// Testimony: a plan or an alias.
    Testimony(crate::claim::Fact),
    /// An act.
    Act(Act),
}

impl OwnObject {
    /// Reads what a body says openly.
    ///
    /// # Errors
    /// [`PlanError`] names the field: `format` of a body of another format, `body` of one that is not
    /// JSON.
    pub fn of_body(body: &ClaimBody) -> Result<Self, PlanError> {
        let own = Format::CountersignJson;
        if Format::known(&body.format, body.version) != Some(own) {
            let reason = format!("is {}, not {}", body.format, own.id());
            return Err(PlanError::new("format", reason));
        }
        let view = body.open_view(own.blank());
        let doc = Doc::parse(&view).map_err(|error| PlanError::new("body", error.to_string()))?;
        Self::from_json(doc.root())
    }

    /// Reads an object by its `type`.
    ///
    /// # Errors
    /// [`PlanError`] names the field.
    pub fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        use crate::claim::Fact;
        let kind = text_field(item, "type")?;
        Ok(match kind.as_str() {
            "Manifest" => Self::Testimony(Fact::Manifest(crate::plan::Manifest::from_json(item)?)),
            "CountPlan" => {
                Self::Testimony(Fact::CountDue(crate::plan::CountPlan::from_json(item)?))
            }
            "DocumentPlan" => Self::Testimony(Fact::DocumentDue(
                crate::plan::DocumentPlan::from_json(item)?,
            )),
            "Route" => Self::Testimony(Fact::Route(crate::plan::Route::from_json(item)?)),
            "Alias" => Self::Testimony(Fact::Alias(alias(item)?)),
            "Define" => Self::Act(define(item)?),
            "Withdraw" => Self::Act(Act::Withdraw {
                kind: object_kind(item)?,
                id: text_field(item, "id")?.into(),
            }),
            "ScenarioClock" => Self::Act(Act::ScenarioClock {
                start: time_field(item, "start")?,
            }),
            "Proposal" => Self::Act(Act::Proposal(proposal(item)?)),
            "Approval" => Self::Act(Act::Approval(approval(item)?)),
            "Erasure" => Self::Act(Act::Erasure {
                claim: parse_field(item, "claim", digest)?,
            }),
            "Suspect" => Self::Act(Act::Suspect(suspicion(item)?)),
            "ClockOffset" => Self::Act(Act::ClockOffset(clock_offset(item)?)),
            "Outage" => Self::Act(Act::Outage(outage(item)?)),
            "Finding" => Self::Act(Act::Finding(finding(item)?)),
            "ImportOpened" => Self::Act(Act::Import {
                id: text_field(item, "id")?.into(),
                opens: true,
            }),
            "ImportClosed" => Self::Act(Act::Import {
                id: text_field(item, "id")?.into(),
                opens: false,
            }),
            "Renewal" => Self::Act(Act::Renewal(Box::new(Renewal::from_json(item)?))),
            other => Self::Act(Act::Unknown(other.into())),
        })
    }
}

/// The values that must be sealed in a `countersign-json` object: every value under one of
/// [`SEALED_FIELDS`], wherever it stands.
#[must_use]
pub fn sealed_values(item: Item<'_, '_>) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    collect_sealed(item, &mut out);
    out
}

fn collect_sealed(item: Item<'_, '_>, out: &mut Vec<std::ops::Range<usize>>) {
    if item.kind() == Kind::Array {
        for element in item.elements() {
            collect_sealed(element, out);
        }
    }
    for (key, value) in item.members() {
        if SEALED_FIELDS.contains(&key.as_ref()) {
            out.push(value.span());
        } else {
            collect_sealed(value, out);
        }
    }
}

fn digest(text: &str) -> Result<Digest, &'static str> {
    let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    let digest = Digest::from_hex(text).filter(|_| is_lower);
    digest.ok_or("is not 64 hex digits in lower case")
}

fn object_kind(item: Item<'_, '_>) -> Result<ObjectKind, PlanError> {
    parse_field(item, "object", |text| {
        ObjectKind::parse(text).ok_or("is no kind of object")
    })
}

fn define(item: Item<'_, '_>) -> Result<Act, PlanError> {
    let value = item
        .get("value")
        .ok_or_else(|| PlanError::new("value", "is missing"))?;
    let within = |error: PlanError| PlanError::new(&format!("value.{}", error.field), error.reason);
    Ok(Act::Define(Box::new(
        Object::from_json(object_kind(item)?, value).map_err(within)?,
    )))
}

fn alias(item: Item<'_, '_>) -> Result<Alias, PlanError> {
    let holds = item
        .get("holds")
        .map_or(Some(true), |holds| holds.as_bool());
    Ok(Alias {
        unit: parse_field(item, "unit", UnitId::parse)?,
        same_as: parse_field(item, "sameAs", UnitId::parse)?,
        // A word that takes an alias back must not be read as one that says it.
        holds: holds.ok_or_else(|| PlanError::new("holds", "is neither true nor false"))?,
    })
}

fn proposal(item: Item<'_, '_>) -> Result<Proposal, PlanError> {
    let action = match text_field(item, "action")?.as_str() {
        "write_off" => {
            let list = item
                .get("units")
                .ok_or_else(|| PlanError::new("units", "is missing"))?;
            let units: Result<Vec<_>, _> = list
                .elements()
                .map(|unit| UnitId::parse(&unit.as_str().unwrap_or_default()))
                .collect();
            let units = units.map_err(|e| PlanError::new("units", e.to_string()))?;
            if units.is_empty() {
                return Err(PlanError::new("units", "names no unit"));
            }
            ProposedAction::WriteOff { units }
        }
        "stock_adjustment" => ProposedAction::StockAdjustment {
            class: parse_field(item, "class", ClassId::parse)?,
            place: parse_field(item, "place", PlaceId::parse)?,
            difference: decimal_field(item, "difference")?,
            uom: parse_field(item, "uom", |text| {
                Uom::parse(text).ok_or("is not a UN/ECE unit code")
            })?,
        },
        "plan_change" => ProposedAction::PlanChange {
            plan: parse_field(item, "plan", DocId::parse)?,
            claim: parse_field(item, "claim", digest)?,
        },
        other => {
            let reason =
                format!("is `{other}`; it must be write_off, stock_adjustment or plan_change");
            return Err(PlanError::new("action", reason));
        }
    };
    Ok(Proposal {
        id: text_field(item, "id")?.into(),
        action,
        expires: time_field(item, "expires")?,
    })
}

fn approval(item: Item<'_, '_>) -> Result<Approval, PlanError> {
    let approved = match text_field(item, "decision")?.as_str() {
        "approve" => true,
        "reject" => false,
        _ => return Err(PlanError::new("decision", "must be approve or reject")),
    };
    Ok(Approval {
        proposal: text_field(item, "proposal")?.into(),
        approved,
    })
}

fn suspicion(item: Item<'_, '_>) -> Result<Suspicion, PlanError> {
    let from = time_field(item, "from")?;
    let to = match item.get("to") {
        Some(_) => Some(time_field(item, "to")?),
        None => None,
    };
    if to.is_some_and(|to| to < from) {
        return Err(PlanError::new("to", "is before `from`"));
    }
    Ok(Suspicion {
        key: KeyId(parse_field(item, "key", digest)?),
        from,
        to,
    })
}

fn clock_offset(item: Item<'_, '_>) -> Result<ClockOffset, PlanError> {
    let offset = item
        .get("offsetMs")
        .map(|_| whole_field(item, "offsetMs"))
        .transpose()?;
    Ok(ClockOffset {
        key: KeyId(parse_field(item, "key", digest)?),
        from: ChainPosition {
            epoch: whole_field(item, "epoch")?,
            counter: whole_field(item, "counter")?,
        },
        offset_ms: offset,
    })
}

fn outage(item: Item<'_, '_>) -> Result<Outage, PlanError> {
    let (from, until) = (time_field(item, "from")?, time_field(item, "until")?);
    if until < from {
        return Err(PlanError::new("until", "is before `from`"));
    }
    Ok(Outage { from, until })
}

fn finding(item: Item<'_, '_>) -> Result<FindingRecord, PlanError> {
    let said = decimal_field(item, "transition")?;
    let transition = said
        .trunc()
        .filter(|n| *n > 0 && Decimal::whole(*n) == said)
        .and_then(|n| u64::try_from(n).ok());
    Ok(FindingRecord {
        id: parse_field(item, "id", digest)?,
        transition: transition
            .ok_or_else(|| PlanError::new("transition", "is not a whole number from 1"))?,
        json: item.raw().into(),
    })
}

#[cfg(test)]
mod tests;
