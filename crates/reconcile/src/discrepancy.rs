//! A discrepancy: claims and expectations that cannot all hold, and what is known about it.

mod merge;

use std::collections::BTreeMap;

use countersign_model::decimal::Decimal;
use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, ClaimRef, Index};
use countersign_model::fold::ChainPosition;
use countersign_model::ids::{
    ClaimId, ClassId, DocId, KeyId, PartyId, PlaceId, PrincipalId, UnitId,
};
use countersign_model::plan::StageKey;
use countersign_model::quantity::{Money, Quantity};
use countersign_model::time::{DAY_MS, Span, Timestamp};

use crate::account::Basis;
use crate::kind::Kind;
pub(crate) use merge::add_money;

/// What a discrepancy is about. With the kind it makes the id; units are no part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anchor {
    /// An expectation of a plan.
    Stage(StageKey),
    /// The smallest identity among the claims that cannot hold.
    Claim(ClaimId),
    /// A statement, by its place in the chain of a key: behind it the source was silent.
    Statement(KeyId, ChainPosition),
    /// What never came of a chain, in one epoch, of one day.
    Chain(KeyId, u64, Day),
}

/// A day of universal time, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i64);

impl Day {
    /// The day in which an instant lies.
    #[must_use]
    pub const fn of(instant: Timestamp) -> Self {
        Self(instant.ms().div_euclid(DAY_MS))
    }
}

/// Where discrepancies of one kind belong together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One plan.
    Plan(DocId),
    /// The way from one site to another.
    Sites(PlaceId, PlaceId),
    /// One site.
    Site(PlaceId),
    /// One source that stands nowhere.
    Source(PrincipalId),
    /// No place was said.
    Nowhere,
}

/// Discrepancies with equal group keys are one matter to a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupKey {
    /// Of one kind.
    pub kind: Kind,
    /// Of one plan or between the same sites.
    pub scope: Scope,
    /// What belongs to no plan: on one day.
    pub day: Option<Day>,
    /// At the same stage; always absent for what is late.
    pub stage: Option<Box<str>>,
}

/// Custody as it was last proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The claim that proves it.
    pub claim: ClaimRef,
    /// Corrected event time.
    pub time: Timestamp,
    /// Where.
    pub place: Option<PlaceId>,
    /// Who had it.
    pub party: Option<PartyId>,
    /// Who says so.
    pub signer: PrincipalId,
    /// On which basis.
    pub basis: Basis,
    /// How sure it is who signed.
    pub assurance: Assurance,
}

/// What first speaks against the last proven custody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disproof {
    /// A claim that contradicts it.
    Claim {
        /// Which.
        claim: ClaimRef,
        /// Corrected event time.
        time: Timestamp,
    },
    /// A deadline, grace included, that passed.
    Deadline(Timestamp),
}

impl Disproof {
    /// The instant.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        match self {
            Self::Claim { time, .. } | Self::Deadline(time) => *time,
        }
    }
}

/// What a source says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// That it should happen.
    Planned,
    /// That it gave.
    Gave,
    /// That it took as carrier at the origin.
    Accepted,
    /// That it took.
    Took,
    /// That it counted.
    Counted,
    /// That it weighed.
    Weighed,
    /// That it ended.
    Ended,
    /// That a milestone was reached.
    Reached,
    /// That it saw.
    Saw,
    /// Anything: it was there to say it.
    Lived,
    /// One of two things that cannot both be.
    Said,
    /// Whatever it says, by a key that somebody else may have had.
    Suspect,
}

impl Word {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Gave => "gave",
            Self::Accepted => "accepted",
            Self::Took => "took",
            Self::Counted => "counted",
            Self::Weighed => "weighed",
            Self::Ended => "ended",
            Self::Reached => "reached",
            Self::Saw => "saw",
            Self::Lived => "lived",
            Self::Said => "said",
            Self::Suspect => "suspect",
        }
    }
}

/// One source and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceWord {
    /// When, by its corrected clock.
    pub time: Timestamp,
    /// Who.
    pub signer: PrincipalId,
    /// What.
    pub what: Word,
    /// In which claim.
    pub at: ClaimRef,
}

/// A small value for an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactValue {
    /// A word of ours, never free text.
    Word(&'static str),
    /// A name out of a plan or contract.
    Name(Box<str>),
    /// A place.
    Place(PlaceId),
    /// A party.
    Party(PartyId),
    /// A unit.
    Unit(UnitId),
    /// A plan.
    Plan(DocId),
    /// A class.
    Class(ClassId),
    /// An instant.
    Time(Timestamp),
    /// A length of time.
    Span(Span),
    /// An amount.
    Amount(Quantity),
    /// A weight in kilograms.
    Kilograms(Decimal),
    /// How many.
    Count(u64),
}

/// How much of a counted class is at stake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Which class.
    pub class: ClassId,
    /// What was to come, less what came; negative when more came.
    pub difference: Quantity,
}

/// Whether a discrepancy still asks for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nobody has answered it.
    Open,
    /// All its units were written off by two people.
    Settled,
}

impl Status {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Settled => "settled",
        }
    }
}

/// One discrepancy with all that is known about it. All lists are sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discrepancy {
    /// Digest of kind and anchor ([`id_of`]).
    pub id: Digest,
    /// What does not add up.
    pub kind: Kind,
    /// What it is about.
    pub anchor: Anchor,
    /// What belongs with it.
    pub group: GroupKey,
    /// The plan concerned, if any.
    pub plan: Option<DocId>,
    /// The units concerned, each by the smallest of its keys.
    pub units: Vec<UnitId>,
    /// The counted class concerned.
    pub amount: Option<Amount>,
    /// What the units or the amount are worth, as far as is known, one sum a currency.
    pub value: Vec<Money>,
    /// The place where it shows.
    pub place: Option<PlaceId>,
    /// Its site.
    pub site: Option<PlaceId>,
    /// From when on it can have happened.
    pub from: Option<Timestamp>,
    /// Until when it had happened.
    pub until: Option<Timestamp>,
    /// The last custody that is proven.
    pub last_proven: Option<Proof>,
    /// What first speaks against it.
    pub first_disproven: Option<Disproof>,
    /// Sources whose word it rests on, by time.
    pub agreeing: Vec<SourceWord>,
    /// Sources that tell another story, by time.
    pub disagreeing: Vec<SourceWord>,
    /// Log entries behind it.
    pub entries: Vec<Index>,
    /// Arguments of the explanation, by name.
    pub facts: BTreeMap<&'static str, FactValue>,
    /// Whether it is settled.
    pub status: Status,
}

impl Discrepancy {
    /// The expectation that it is about, if it is about one.
    #[must_use]
    pub const fn stage(&self) -> Option<&StageKey> {
        match &self.anchor {
            Anchor::Stage(stage) => Some(stage),
            Anchor::Claim(_) | Anchor::Statement(..) | Anchor::Chain(..) => None,
        }
    }
}

/// The id of a discrepancy (format law 10): a digest of the kind's word and the anchor.
#[must_use]
pub fn id_of(kind: Kind, anchor: &Anchor) -> Digest {
    const DOMAIN: &str = "countersign/discrepancy/v1";
    let kind = kind.as_str().as_bytes();
    match anchor {
        Anchor::Stage(StageKey { plan, line, stage }) => Digest::of_parts(
            DOMAIN,
            &[
                kind,
                plan.as_str().as_bytes(),
                line.as_bytes(),
                stage.as_bytes(),
            ],
        ),
        Anchor::Claim(claim) => Digest::of_parts(DOMAIN, &[kind, claim.0.as_bytes()]),
        Anchor::Statement(key, ChainPosition { epoch, counter }) => Digest::of_parts(
            DOMAIN,
            &[
                kind,
                key.0.as_bytes(),
                &epoch.to_be_bytes(),
                &counter.to_be_bytes(),
            ],
        ),
        Anchor::Chain(key, epoch, day) => Digest::of_parts(
            DOMAIN,
            &[
                kind,
                key.0.as_bytes(),
                &epoch.to_be_bytes(),
                b"day",
                &day.0.to_be_bytes(),
            ],
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use countersign_model::digest::hex_decode;
    use serde_json::Value;

    use super::*;
    use crate::kind::KINDS;

    const VECTORS: [&str; 5] = [
        include_str!("../../../testdata/vectors/custody/v1/discrepancy-ids.json"),
        include_str!("../../../testdata/vectors/custody/v1-sources/discrepancy-ids.json"),
        include_str!("../../../testdata/vectors/custody/v1-times/discrepancy-ids.json"),
        include_str!("../../../testdata/vectors/custody/v1-doors/discrepancy-ids.json"),
        include_str!("../../../testdata/vectors/custody/v1-papers/discrepancy-ids.json"),
    ];

    fn text<'v>(value: &'v Value, name: &str) -> &'v str {
        value[name].as_str().expect("a text")
    }

    fn anchor(value: &Value) -> Anchor {
        if let Some(claim) = value["claim"].as_str() {
            return Anchor::Claim(ClaimId(Digest::from_hex(claim).expect("an identity")));
        }
        if value["key"].is_string() {
            let key = KeyId(Digest::from_hex(text(value, "key")).expect("a key's id"));
            let epoch = value["epoch"].as_u64().expect("a number");
            if let Some(day) = value["day"].as_i64() {
                return Anchor::Chain(key, epoch, Day(day));
            }
            let counter = value["counter"].as_u64().expect("a number");
            return Anchor::Statement(key, ChainPosition { epoch, counter });
        }
        let plan = DocId::parse(text(value, "plan")).expect("a plan");
        assert_eq!(plan.as_str(), text(value, "canonical"));
        Anchor::Stage(StageKey {
            plan,
            line: text(value, "line").into(),
            stage: text(value, "stage").into(),
        })
    }

    /// The vectors of docs/formats/custody.md, section 7, which were made from that page alone.
    #[test]
    fn ids_are_frozen() {
        let mut cases: Vec<Value> = Vec::new();
        for vectors in VECTORS {
            let vectors: Value = serde_json::from_str(vectors).expect("JSON");
            cases.extend_from_slice(vectors["cases"].as_array().expect("a list"));
        }
        for case in &cases {
            let kind = Kind::parse(text(case, "kind")).expect("a kind");
            let name = text(case, "name");
            let hashed = hex_decode(text(case, "hashed")).expect("hexadecimal");
            let id = id_of(kind, &anchor(&case["anchor"]));
            assert_eq!(id.to_string(), text(case, "id"), "{name}");
            assert_eq!(id, Digest::of(&hashed), "{name}");
        }
        let said: BTreeSet<&str> = cases.iter().map(|case| text(case, "kind")).collect();
        assert_eq!(said.len(), KINDS.len(), "every kind has a case");
        // By kind and by every part of the anchor; the two spellings of one key are one.
        let ids: BTreeSet<&str> = cases.iter().map(|case| text(case, "id")).collect();
        assert_eq!(ids.len() + 1, cases.len());
    }
}
