//! The judges: what follows from a unit's walk, its expectations, the contracts and the tick.
//!
//! One file a question. Each judge reads a [`Case`] and adds to its [`Judgement`]; none
//! remembers anything, so that judging twice gives the same and arrival order cannot matter.

mod acceptance;
pub(crate) mod amounts;
mod changed_plan;
pub(crate) mod conflict;
mod containment;
pub(crate) mod count;
pub(crate) mod document;
mod draft;
pub(crate) mod dwell;
mod gap;
mod late_evidence;
mod lines;
mod milestone;
mod oddity;
mod pick_up;
mod seal;
mod sequence;
pub(crate) mod source;
mod stop;
pub(crate) mod tally;
pub(crate) mod tampering;
mod travel;
mod unexpected;
pub(crate) mod variance;
pub(crate) mod waits;
mod weight;

use countersign_model::time::Timestamp;

use crate::account::AccountKind;
use crate::books::AccountKey;
use crate::discrepancy::Discrepancy;
use crate::kind::Kind;
use crate::known::View;
use crate::known::units::{LineRef, WriteOff};
use crate::number::{ClaimNo, EventNo, MilestoneNo, PlaceNo, PrincipalNo, UnitNo};
use crate::snapshot::coded::coded_words;
use crate::walk::{Custody, Walked, holder};
pub(crate) use draft::Draft;

/// How an expectation stands at the tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Its deadline has not passed.
    #[default]
    Pending,
    /// Its deadline passed, and a source that may have seen it owes statements.
    Awaited,
    /// Its deadline passed and nobody read it, which may be chance: readers miss some.
    Unproven,
    /// Seen in time.
    Met,
    /// Seen late, or where it was to leave.
    Late,
    /// Not seen there; since it left, seen at another site.
    Elsewhere,
    /// Its deadline passed and nothing was seen of the unit since.
    Missing,
    /// An earlier loss of the same unit, or a write-off, answers for it.
    NotJudged,
}

impl State {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Awaited => "awaited",
            Self::Unproven => "unproven",
            Self::Met => "met",
            Self::Late => "late",
            Self::Elsewhere => "elsewhere",
            Self::Missing => "missing",
            Self::NotJudged => "not_judged",
        }
    }

    /// What it is a discrepancy of; `None` where nothing is wrong, or nothing is known to be.
    pub(crate) const fn kind(self) -> Option<Kind> {
        match self {
            Self::Late => Some(Kind::Late),
            Self::Elsewhere => Some(Kind::WrongPlace),
            Self::Missing => Some(Kind::Missing),
            Self::Pending | Self::Awaited | Self::Unproven | Self::Met | Self::NotJudged => None,
        }
    }
}

coded_words! {
    State { Pending, Awaited, Unproven, Met, Late, Elsewhere, Missing, NotJudged }
}

/// One unit on the table.
pub(crate) struct Case<'a> {
    pub(crate) known: View<'a>,
    /// The smallest of its keys.
    pub(crate) root: UnitNo,
    /// Of all its keys, in the total order.
    pub(crate) history: &'a [EventNo],
    pub(crate) walked: &'a Walked,
}

/// What follows for one unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judgement {
    pub(crate) discrepancies: Vec<Discrepancy>,
    pub(crate) account: Option<AccountKey>,
    /// Where it lies, if it is held: counts ask for it there.
    pub(crate) shelf: Option<PlaceNo>,
    /// Depart and arrive, of each line.
    pub(crate) lines: Vec<(LineRef, [State; 2])>,
    pub(crate) milestones: Vec<(MilestoneNo, State)>,
    /// The next instant at which the conclusions may change by themselves.
    pub(crate) wake: Option<Timestamp>,
    /// Who was asked, and until when it must have happened: what they say next may change the
    /// conclusions.
    pub(crate) asked: Vec<(PrincipalNo, Timestamp)>,
    /// A line counts as met by where the unit was seen, though nobody gave it, or by its mates, though
    /// nobody read it in time: another sighting may take that away.
    pub(crate) rests_on_sightings: bool,
    is_missing: bool,
    /// It is where it arrived, and nobody there has signed for it.
    is_unaccepted: bool,
}

impl Judgement {
    /// Adds a discrepancy; what one unit adds to the same one twice is said once.
    pub(crate) fn add(&mut self, discrepancy: Discrepancy) {
        let same = self
            .discrepancies
            .iter_mut()
            .find(|d| d.id == discrepancy.id);
        match same {
            Some(first) => first.absorb(discrepancy),
            None => self.discrepancies.push(discrepancy),
        }
    }

    fn wake_at(&mut self, instant: Timestamp) {
        self.wake = Some(self.wake.map_or(instant, |wake| wake.min(instant)));
    }
}

/// Judges one unit.
pub(crate) fn judge(case: &Case<'_>) -> Judgement {
    let mut judgement = Judgement::default();
    gap::judge(case, &mut judgement);
    sequence::judge(case, &mut judgement);
    unexpected::judge(case, &mut judgement);
    travel::judge(case, &mut judgement);
    pick_up::judge(case, &mut judgement);
    acceptance::judge(case, &mut judgement);
    weight::judge(case, &mut judgement);
    containment::judge(case, &mut judgement);
    seal::judge(case, &mut judgement);
    lines::judge(case, &mut judgement);
    milestone::judge(case, &mut judgement);
    stop::judge(case, &mut judgement);
    dwell::judge(case, &mut judgement);
    late_evidence::judge(case, &mut judgement);
    changed_plan::judge(case, &mut judgement);
    name_suspects(case, &mut judgement);
    judgement.account = Some(account(case, &judgement));
    judgement.shelf = match case.walked.at_rest() {
        Custody::Held(holding) => Some(holding.at.place),
        _ => None,
    };
    judgement
}

/// What is found of a unit of which a suspect key spoke says so.
fn name_suspects(case: &Case<'_>, judgement: &mut Judgement) {
    let all = case.history.iter().copied();
    let suspects: Vec<EventNo> = all.filter(|event| case.known.is_suspect(*event)).collect();
    let milestones = milestone::of(case);
    let claims: Vec<ClaimNo> = milestones
        .flat_map(|milestone| case.known.reached_by_suspects(milestone))
        .collect();
    if suspects.is_empty() && claims.is_empty() {
        return;
    }
    for one in std::mem::take(&mut judgement.discrepancies) {
        let draft = Draft::resume(case.known, one)
            .suspects(suspects.iter().copied())
            .suspect_claims(claims.iter().copied());
        judgement.discrepancies.push(draft.finish());
    }
}

fn account(case: &Case<'_>, judgement: &Judgement) -> AccountKey {
    let walked = case.walked;
    let (kind, place) = match walked.custody {
        Custody::Unknown if walked.is_issued => (AccountKind::Issued, None),
        Custody::Unknown => (AccountKind::OpeningStock, None),
        Custody::Held(holding) => (AccountKind::Held, Some(holding.at.place)),
        Custody::Moving(number) => {
            let origin = walked.transfers.get(number).map(|t| t.origin.place);
            (AccountKind::InTransfer, origin)
        }
        Custody::Delivered(holding) => (AccountKind::Delivered, Some(holding.at.place)),
        Custody::Consumed(at) => (AccountKind::Consumed, at.map(|at| at.place)),
        Custody::WrittenOff(_) => (AccountKind::WrittenOff, None),
    };
    let kind = match kind {
        AccountKind::WrittenOff => kind,
        _ if judgement.is_missing => AccountKind::Discrepancy,
        _ if judgement.is_unaccepted => AccountKind::Unaccepted,
        _ => kind,
    };
    AccountKey {
        kind,
        party: holder(case.known, walked),
        place,
    }
}

impl<'a> Case<'a> {
    /// A unit that was laid out and walked.
    pub(crate) fn of(known: View<'a>, root: UnitNo, walked: &'a Walked) -> Self {
        Self {
            known,
            root,
            history: known.history(root),
            walked,
        }
    }
}

impl Case<'_> {
    /// The write-off in force.
    fn write_off(&self) -> Option<WriteOff> {
        match self.walked.custody {
            Custody::WrittenOff(write_off) => Some(write_off),
            _ => None,
        }
    }

    /// The observations that count.
    fn effective(&self) -> impl DoubleEndedIterator<Item = EventNo> {
        let all = self.history.iter().copied();
        all.filter(|event| self.known.is_effective(*event))
    }

    /// The observations that count before one of them, the newest first.
    fn before(&self, event: EventNo) -> impl Iterator<Item = EventNo> {
        let newest_first = self.effective().rev();
        newest_first
            .skip_while(move |other| *other != event)
            .skip(1)
    }

    /// The newest observation that counts and names the unit itself.
    pub(crate) fn observed(&self) -> Option<EventNo> {
        let mut newest = self.effective().rev();
        newest.find(|event| self.known.container(self.root, *event).is_none())
    }

    fn time(&self, event: EventNo) -> Timestamp {
        self.known.event(event).time
    }

    pub(crate) fn site(&self, event: EventNo) -> Option<PlaceNo> {
        let place = self.known.place_of(self.known.event(event))?;
        Some(self.known.atlas.site(place))
    }
}

impl Judgement {
    fn add_some(&mut self, discrepancy: Option<Discrepancy>) {
        if let Some(discrepancy) = discrepancy {
            self.add(discrepancy);
        }
    }
}
