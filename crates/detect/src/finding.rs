//! A finding: one matter worth a person's look, with everything that speaks for and against it.

use std::collections::BTreeMap;

use countersign_model::digest::Digest;
use countersign_model::entry::{Index, Mark};
use countersign_model::fold::ChainPosition;
use countersign_model::ids::{DocId, KeyId, PlaceId, PrincipalId, UnitId};
use countersign_model::quantity::Money;
use countersign_model::time::Timestamp;
use countersign_reconcile::Kind;
use countersign_reconcile::discrepancy::{Amount, Disproof, FactValue, Proof, SourceWord};

/// How a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It stands, and nobody has answered it.
    Open,
    /// It stands, and two people agreed that the goods are gone: every member is settled.
    Confirmed,
    /// It stands no more: later evidence took its ground away. It may open again.
    Retracted,
}

impl Status {
    /// The word in records and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Confirmed => "confirmed",
            Self::Retracted => "retracted",
        }
    }
}

/// How much a finding asks for attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// In the daily list.
    Low,
    /// Today.
    Medium,
    /// Now.
    High,
}

impl Severity {
    /// The word in records and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// One member of a finding: what it was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// A discrepancy of the ledger.
    Discrepancy {
        /// Its id.
        id: Digest,
        /// What does not add up.
        kind: Kind,
        /// Written off by two people.
        is_settled: bool,
        /// The plan that it is about, if it is about a plan.
        plan: Option<DocId>,
        /// The milestone.
        stage: Option<Box<str>>,
        /// The line of the plan.
        line: Option<Box<str>>,
        /// How many units it names.
        units: u64,
        /// What they are worth, one sum a currency.
        value: Vec<Money>,
    },
    /// A mark of a statement.
    Mark {
        /// Which.
        mark: Mark,
        /// The statement's place in the log.
        index: Index,
        /// Who signed it.
        signer: PrincipalId,
        /// With which key.
        key: KeyId,
        /// Its place in its chain.
        chain: Option<ChainPosition>,
        /// The tick at which it was seen.
        seen: Timestamp,
    },
}

/// One finding. Lists are sorted and bounded by [`crate::limits`]; what they leave out is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Digest of the detector and of what its members have in common; units are no part of it.
    pub id: Digest,
    /// Number of the move, from 1; in a finding that is asked for, of the last recorded one
    /// (0 before any).
    pub transition: u64,
    /// How it stands.
    pub status: Status,
    /// The detector's id.
    pub kind: &'static str,
    /// How much it asks for attention.
    pub severity: Severity,
    /// The units concerned.
    pub units: Vec<UnitId>,
    /// How many more units there are.
    pub units_more: u64,
    /// The amounts of counted classes concerned, by class.
    pub amounts: Vec<Amount>,
    /// What is at stake as far as is known, one sum a currency.
    pub value: Vec<Money>,
    /// The place, if all members show at one.
    pub place: Option<PlaceId>,
    /// The site, if all members show at one.
    pub site: Option<PlaceId>,
    /// From when on it can have happened.
    pub from: Option<Timestamp>,
    /// Until when it had happened.
    pub until: Option<Timestamp>,
    /// The plan, if all members are about one.
    pub plan: Option<DocId>,
    /// The milestone that the members have in common.
    pub stage: Option<Box<str>>,
    /// The tick at which it first opened.
    pub opened_at: Timestamp,
    /// The tick at which its content became this.
    pub changed_at: Timestamp,
    /// The earliest custody that was still proven.
    pub last_proven: Option<Proof>,
    /// What first spoke against it.
    pub first_disproven: Option<Disproof>,
    /// Sources whose word it rests on, by time.
    pub agreeing: Vec<SourceWord>,
    /// Sources that tell another story, by time.
    pub disagreeing: Vec<SourceWord>,
    /// Log entries behind it.
    pub entries: Vec<Index>,
    /// How many more entries there are.
    pub entries_more: u64,
    /// What it was made of.
    pub evidence: Vec<Evidence>,
    /// How many more members there are.
    pub evidence_more: u64,
    /// For a retracted one: findings that stand in its place.
    pub superseded_by: Vec<Digest>,
    /// Digest of the detector, its version and its constants.
    pub rule: Digest,
    /// Version of the fold that made it.
    pub fold: u32,
    /// Which explanation holds; the text is made where it is shown (format law 15).
    pub template: &'static str,
    /// Arguments of the explanation, by name: what all members say alike, and of lengths of
    /// time the longest.
    pub arguments: BTreeMap<&'static str, FactValue>,
}

impl Finding {
    /// How many units it concerns.
    #[must_use]
    pub fn unit_count(&self) -> u64 {
        self.units.len() as u64 + self.units_more
    }

    /// How many discrepancies or marks it was made of.
    #[must_use]
    pub fn evidence_count(&self) -> u64 {
        self.evidence.len() as u64 + self.evidence_more
    }

    /// Whether it stands: open or confirmed.
    #[must_use]
    pub fn is_standing(&self) -> bool {
        !self.is_retracted()
    }

    /// Whether later evidence took its ground away.
    #[must_use]
    pub fn is_retracted(&self) -> bool {
        self.status == Status::Retracted
    }
}

/// One move of a finding, to be recorded by the node as an act `Finding`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Which finding.
    pub id: Digest,
    /// Number of the move, from 1.
    pub transition: u64,
    /// The finding as it is now.
    pub finding: Finding,
    /// The object to record (docs/formats/act.md).
    pub json: String,
}
