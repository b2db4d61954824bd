//! The walk: one unit's observations, in the total order, to where it is and how it came there.
//!
//! The rules of docs/formats/custody.md, one function a role. The walk reads [`Known`] and
//! writes [`Walked`]; it never looks at the tick: what depends on time is for the judges.

mod stay;
mod step;
mod takes;
mod transfer;

use countersign_model::claim::StepRole;
use countersign_model::time::Timestamp;

use crate::account::Basis;
use crate::known::events::Effect;
use crate::known::units::WriteOff;
use crate::known::{Known, View};
use crate::limits::PARTINGS_MAX;
use crate::number::{DocNo, EventNo, PartyNo, PlaceNo, UnitNo};
pub(crate) use takes::{completed_basis, is_acceptance};
pub(crate) use transfer::{Transfer, TransferEnd, lane_of_transfer, plan_of_transfer};

/// A place and its site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) place: PlaceNo,
    pub(crate) site: PlaceNo,
}

impl Spot {
    pub(crate) fn of(known: &Known, place: PlaceNo) -> Self {
        Self {
            place,
            site: known.atlas.site(place),
        }
    }
}

/// Where the walk stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Custody {
    /// Nobody said where the unit is.
    #[default]
    Unknown,
    Held(Holding),
    /// Number of the transfer in [`Walked::transfers`].
    Moving(usize),
    Delivered(Holding),
    Consumed(Option<Spot>),
    WrittenOff(WriteOff),
}

/// Somebody has the unit at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holding {
    pub(crate) at: Spot,
    pub(crate) basis: Basis,
    /// The transfer by which it came.
    pub(crate) by: Option<usize>,
}

/// The newest proof of custody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Last {
    pub(crate) event: EventNo,
    pub(crate) basis: Basis,
    pub(crate) party: Option<PartyNo>,
}

/// What an observation contradicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Odd {
    /// Seen at another site without a hand-over.
    UnseenMove,
    /// Taken at another site, and nobody gave.
    NobodyGave,
    /// Seen at the origin after it had left.
    AtOriginAfterDeparture,
    /// Seen elsewhere after it was delivered.
    AfterDelivery,
    /// Seen elsewhere after it ended.
    AfterEnd,
    /// Seen after it was written off.
    AfterWriteOff,
    /// Taken where no plan sends it; with the plan that says so.
    Unexpected(DocNo),
    /// A suspect key alone says that a transfer has arrived; with its number.
    SuspectArrival(usize),
    /// Seen at another site sooner than anybody makes the way.
    TooSoon,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Oddity {
    pub(crate) odd: Odd,
    pub(crate) event: EventNo,
    pub(crate) last: Option<Last>,
    /// Site of the custody before.
    pub(crate) from: Option<PlaceNo>,
    pub(crate) at: Spot,
}

/// A time at a site whose contract limits it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stay {
    pub(crate) at: Spot,
    /// The first observation of it there.
    pub(crate) begin: EventNo,
    /// When it left, or was written off; `None` while it is there.
    pub(crate) end: Option<Timestamp>,
}

/// One step of the walk, kept only for a timeline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathStep {
    pub(crate) what: PathEvent,
    pub(crate) custody: Custody,
    pub(crate) party: Option<PartyNo>,
    pub(crate) basis: Basis,
    /// Custody was somewhere else before, and nothing says how it came here.
    pub(crate) gap_from: Option<(PlaceNo, Option<EventNo>)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum PathEvent {
    Observed(EventNo, Effect),
    WrittenOff(WriteOff),
}

/// What the walk found. Used again for the next unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walked {
    pub(crate) custody: Custody,
    /// Where it was last before the write-off in force.
    before_write_off: Custody,
    /// The unit began in the ledger's sight; else it was opening stock.
    pub(crate) is_issued: bool,
    pub(crate) transfers: Vec<Transfer>,
    pub(crate) oddities: Vec<Oddity>,
    pub(crate) stays: Vec<Stay>,
    pub(crate) last: Option<Last>,
    /// When it was found not to be in its container.
    pub(crate) partings: Vec<Parting>,
    /// Observations of containers that do not speak for it, since it had parted from them.
    pub(crate) struck: Vec<EventNo>,
    pub(crate) path: Option<Vec<PathStep>>,
}

/// A unit is no longer in its container, which is where the unit cannot be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parting {
    pub(crate) container: UnitNo,
    /// What the observation of the container would have contradicted.
    pub(crate) oddity: Oddity,
}

impl Walked {
    /// One that keeps the path.
    pub(crate) fn with_path() -> Self {
        Self {
            path: Some(Vec::new()),
            ..Self::default()
        }
    }

    /// Where the unit was last, whether or not it was written off since.
    pub(crate) const fn at_rest(&self) -> Custody {
        match self.custody {
            Custody::WrittenOff(_) => self.before_write_off,
            custody => custody,
        }
    }

    fn clear(&mut self) {
        self.custody = Custody::Unknown;
        self.before_write_off = Custody::Unknown;
        self.is_issued = false;
        self.transfers.clear();
        self.oddities.clear();
        self.stays.clear();
        self.last = None;
        self.struck.clear();
        if let Some(path) = &mut self.path {
            path.clear();
        }
    }
}

/// Walks one unit. Where an observation of its container contradicts its own custody, and not that of
/// the container, it has parted from it, and is walked again without.
pub(crate) fn walk(known: View<'_>, root: UnitNo, history: &[EventNo], walked: &mut Walked) {
    walked.partings.clear();
    walk_once(known, root, history, walked);
    while walked.partings.len() < PARTINGS_MAX {
        let parting = walked.oddities.iter().find_map(|oddity| {
            let container = known.container(root, oddity.event)?;
            let is_odd = known.desk.spoken_by(container)?.is_odd(oddity.event);
            (!is_odd).then_some(Parting {
                container,
                oddity: *oddity,
            })
        });
        let Some(parting) = parting else { break };
        walked.partings.push(parting);
        walk_once(known, root, history, walked);
    }
}

fn walk_once(known: View<'_>, root: UnitNo, history: &[EventNo], walked: &mut Walked) {
    walked.clear();
    let mut write_offs: Vec<WriteOff> = Vec::new();
    for key in known.aliases.members(root) {
        write_offs.extend_from_slice(known.units.write_offs(key));
    }
    write_offs.sort_unstable();
    let mut write_offs = write_offs.into_iter().peekable();
    let mut walker = Walker {
        known,
        root,
        walked,
        last: None,
        locked_giver: None,
        sited: None,
        left: Vec::new(),
    };
    for event in history {
        let time = known.event(*event).time;
        while let Some(write_off) = write_offs.next_if(|write_off| write_off.instant < time) {
            walker.write_off(write_off);
        }
        walker.observe(*event);
    }
    for write_off in write_offs {
        walker.write_off(write_off);
    }
    walker.walked.last = walker.proven();
}

struct Walker<'a> {
    known: View<'a>,
    root: UnitNo,
    walked: &'a mut Walked,
    /// The newest observation that counts.
    last: Option<EventNo>,
    /// A giver whose key was locked, and the site where it gave.
    locked_giver: Option<(EventNo, PlaceNo)>,
    /// The newest observation that counts and has a place, and its site.
    sited: Option<(EventNo, PlaceNo)>,
    /// Containers that it is not in any more.
    left: Vec<UnitNo>,
}

impl Walker<'_> {
    /// Whether an observation of a container does not speak for the unit.
    fn is_struck(&mut self, event: EventNo) -> bool {
        let Some(container) = self.known.container(self.root, event) else {
            if let Some(packing) = self.known.event(event).packing {
                let container = self.known.aliases.root(packing.container);
                self.left.retain(|left| *left != container);
            }
            return false;
        };
        let parts = |parting: &Parting| parting.oddity.event == event;
        if self.walked.partings.iter().any(parts) {
            self.left.push(container);
        }
        self.left.contains(&container)
    }

    fn observe(&mut self, event: EventNo) {
        if self.is_struck(event) {
            self.walked.struck.push(event);
            return;
        }
        let row = self.known.event(event);
        let oddities_before = self.walked.oddities.len();
        match row.effect {
            Effect::Effective => {
                self.confirm_arrival(event);
                self.receive(event);
                match self.too_soon(event) {
                    Some(oddity) => self.step_too_soon(event, oddity),
                    None => self.step(event),
                }
                self.last = Some(event);
                self.note_stay(event);
            }
            Effect::Locked if row.role == StepRole::Gives => {
                let place = self.known.place_of(row);
                let site = place.map(|place| self.known.atlas.site(place));
                self.locked_giver = site.map(|site| (event, site));
            }
            Effect::Locked | Effect::TakenBack | Effect::Suspect | Effect::Settled => {}
        }
        if self.walked.path.is_some() {
            let new = self.walked.oddities.get(oddities_before..);
            let is_gap = |o: &&Oddity| matches!(o.odd, Odd::UnseenMove | Odd::NobodyGave);
            let gap = new.and_then(|new| new.iter().find(is_gap));
            let gap_from = gap.and_then(|gap| Some((gap.from?, gap.last.map(|last| last.event))));
            self.note(PathEvent::Observed(event, row.effect), gap_from);
        }
    }

    fn write_off(&mut self, write_off: WriteOff) {
        self.walked.last = self.proven();
        self.walked.before_write_off = self.walked.at_rest();
        self.walked.custody = Custody::WrittenOff(write_off);
        self.end_stay(write_off.instant);
        self.note(PathEvent::WrittenOff(write_off), None);
    }

    /// The newest proof of custody, as it stands now.
    fn proven(&self) -> Option<Last> {
        let event = self.last?;
        if let Custody::WrittenOff(_) = self.walked.custody {
            return self.walked.last;
        }
        let party = holder(self.known, self.walked);
        Some(Last {
            event,
            basis: basis(self.walked),
            party: party.or_else(|| self.known.party_of(self.known.event(event))),
        })
    }

    fn note(&mut self, what: PathEvent, gap_from: Option<(PlaceNo, Option<EventNo>)>) {
        if self.walked.path.is_none() {
            return;
        }
        let step = PathStep {
            what,
            custody: self.walked.custody,
            party: holder(self.known, self.walked),
            basis: basis(self.walked),
            gap_from,
        };
        self.walked.path.get_or_insert_default().push(step);
    }
}

/// Who has the unit.
pub(crate) fn holder(known: View<'_>, walked: &Walked) -> Option<PartyNo> {
    match walked.custody {
        Custody::Unknown | Custody::WrittenOff(_) => None,
        Custody::Held(holding) | Custody::Delivered(holding) => holder_at(&known, holding.at.place),
        Custody::Consumed(at) => holder_at(&known, at?.place),
        Custody::Moving(number) => holder_of_transfer(known, walked.transfers.get(number)?),
    }
}

/// Who has what lies at a place.
pub(crate) fn holder_at(known: &Known, place: PlaceNo) -> Option<PartyNo> {
    known.atlas.spot(place).party
}

/// Who has what is under way.
pub(crate) fn holder_of_transfer(known: View<'_>, transfer: &Transfer) -> Option<PartyNo> {
    let signer = transfer.acceptance.or(transfer.giver);
    let signer = signer.and_then(|event| known.party_of(known.event(event)));
    signer.or_else(|| holder_at(&known, transfer.origin.place))
}

/// On which basis the unit's custody stands.
pub(crate) fn basis(walked: &Walked) -> Basis {
    match walked.custody {
        Custody::Held(holding) | Custody::Delivered(holding) => holding.basis,
        Custody::Moving(number) => walked
            .transfers
            .get(number)
            .map_or(Basis::Assumed, Transfer::basis),
        Custody::Consumed(Some(_)) => Basis::Sighted,
        Custody::Unknown | Custody::Consumed(None) => Basis::Assumed,
        // Two people signed for it.
        Custody::WrittenOff(_) => Basis::Countersigned,
    }
}
