//! Events: sightings in the form in which the walk reads them.
//!
//! One sighting is one event; a transformation is two, of what it used up and of what it made.

use countersign_model::claim::StepRole;
use countersign_model::decimal::Decimal;
use countersign_model::position::Position;
use countersign_model::quantity::{Money, Uom};
use countersign_model::time::Timestamp;

use crate::number::{ClaimNo, ClassNo, DocNo, PartyNo, PlaceNo, PrincipalNo, UnitNo, WordNo};
use crate::snapshot::coded::coded;

/// Whether an observation counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It counts.
    Effective,
    /// Its signer's key was locked: kept, and without effect until an unlocked party signs too.
    Locked,
    /// Its own issuer declared it wrong.
    TakenBack,
    /// Somebody else may have had its signer's key: it counts as a sighting and proves no custody.
    Suspect,
    /// What was concluded of its time was settled when it was recorded.
    Settled,
}

impl Effect {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Effective => "effective",
            Self::Locked => "locked",
            Self::TakenBack => "taken_back",
            Self::Suspect => "suspect",
            Self::Settled => "settled",
        }
    }
}

/// What an observation says of the doors or the seal of what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doors {
    /// They are closed.
    Closed,
    /// The signer opens them.
    Opened,
    /// They are open, and the signer does not say that he opened them.
    FoundOpen,
}

#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// By the signer's corrected clock. Follows the network.
    pub(crate) time: Timestamp,
    /// As said.
    pub(crate) said_time: Timestamp,
    pub(crate) claim: ClaimNo,
    pub(crate) issuer: PrincipalNo,
    /// Follows its claim; what is suspect is effective, in another role.
    pub(crate) effect: Effect,
    /// Which part of its claim.
    pub(crate) part: u32,
    /// What it counts as. Follows its claim: what is suspect is seen and no more.
    pub(crate) role: StepRole,
    /// What it says that it is.
    pub(crate) said_role: StepRole,
    pub(crate) step: Option<WordNo>,
    /// The step is `accepting`.
    pub(crate) is_accepting: bool,
    pub(crate) doors: Option<Doors>,
    /// Where the units are afterwards, else where they were read; of a position its cell.
    pub(crate) place: Option<PlaceNo>,
    /// Where that is on the ground, if it says so.
    pub(crate) position: Option<Position>,
    /// Who gives or takes, as the event itself says.
    pub(crate) said_party: Option<PartyNo>,
    pub(crate) docs: Box<[DocNo]>,
    /// Each once, the container among them.
    pub(crate) units: Box<[UnitNo]>,
    pub(crate) quantities: Box<[Counted]>,
    /// The first weight that is not doubtful, and whose it is.
    pub(crate) weight: Option<Box<(UnitNo, Decimal)>>,
    /// The container in which the others are, and what becomes of them there.
    pub(crate) packing: Option<Packing>,
    /// What each unit is worth, as the event says.
    pub(crate) value: Option<Box<Money>>,
}

/// What an event says of a container and of what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packing {
    pub(crate) container: UnitNo,
    pub(crate) what: Packs,
}

/// What becomes of the content of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packs {
    /// It was put in.
    Added,
    /// It was taken out; all of it, if none is named.
    Removed,
    /// It is in there.
    Seen,
}

impl Event {
    /// The container whose content this event changes: weights before and after are not compared.
    pub(crate) fn repacked(&self) -> Option<UnitNo> {
        let changes = |packing: &Packing| packing.what != Packs::Seen;
        self.packing
            .filter(changes)
            .map(|packing| packing.container)
    }

    /// Whether it may be a tally: it moves nothing, and says amounts.
    pub(crate) fn may_tally(&self) -> bool {
        self.said_role == StepRole::Sees && !self.quantities.is_empty()
    }

    /// Whether it says that a container is empty now.
    pub(crate) fn empties(&self, key: UnitNo) -> bool {
        let is_out = |packing: Packing| packing.container == key && packing.what == Packs::Removed;
        self.packing.is_some_and(is_out) && *self.units == [key]
    }
}

/// An amount of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) class: ClassNo,
    pub(crate) uom: Uom,
    pub(crate) amount: Decimal,
}

coded! {
    Counted { class, uom, amount }
}
