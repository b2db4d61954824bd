//! Bookmarks: where a unit's walk stands, so that a quiet observation goes on from there.
//!
//! A bookmark says no more than the walk over the unit's whole history would, and is made from it.
//! It stands only for a unit of which nothing is odd: one key, no discrepancy, no write-off, nothing
//! doubted or taken back, each of its plans met or not due. Everything else is [`Rest::Unread`].

use countersign_model::time::Timestamp;

use crate::account::{AccountKind, Basis};
use crate::books::AccountKey;
use crate::containment::Inside;
use crate::judge::{Case, Judgement, State, dwell};
use crate::known::Known;
use crate::known::events::Effect;
use crate::number::{DocNo, PartyNo, PlaceNo, UnitNo};
use crate::packed::paged::Paged;
use crate::snapshot::coded::{coded, coded_words};
use crate::walk::{Custody, Holding, Transfer, holder_at, holder_of_transfer, plan_of_transfer};

pub(crate) type Bookmarks = Paged<UnitNo, Bookmark>;

/// Where custody rests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Rest {
    /// The history must be read.
    #[default]
    Unread,
    /// Nothing was ever seen of it.
    Unseen,
    /// Held at `place`.
    Held,
    /// Delivered at `place`.
    Delivered,
    /// Under way from `place`.
    Moving,
}

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bookmark {
    pub(crate) rest: Rest,
    /// Of what is held or delivered.
    pub(crate) basis: Option<Basis>,
    /// It was under way before, or is.
    pub(crate) has_moved: bool,
    /// It came by the transfer of which the next three tell.
    pub(crate) is_by_transfer: bool,
    /// Of the transfer under way, else of the one by which it came.
    pub(crate) has_giver: bool,
    pub(crate) has_acceptance: bool,
    pub(crate) plan: Option<DocNo>,
    /// Who has what is under way.
    pub(crate) carrier: Option<PartyNo>,
    pub(crate) place: Option<PlaceNo>,
    /// The container that speaks for it, if that is known without its history.
    pub(crate) container: Option<UnitNo>,
    /// It is in a container, and its history must be read to know when that speaks for it.
    pub(crate) is_inside_unclear: bool,
    /// When it was observed last; nothing of what was never seen.
    pub(crate) last: Timestamp,
}

impl Bookmark {
    /// Of a unit of which nothing was ever seen.
    pub(crate) fn unseen() -> Self {
        Self {
            rest: Rest::Unseen,
            last: Timestamp::from_ms(i64::MIN),
            ..Self::default()
        }
    }

    /// Whether both sides signed where it left last, and nothing was odd since.
    pub(crate) fn is_signed_for(&self) -> bool {
        self.rest != Rest::Unread && self.has_giver && self.has_acceptance
    }

    /// Of a unit that was judged just now.
    pub(crate) fn of(case: &Case<'_>, judgement: &Judgement) -> Self {
        match is_quiet(case, judgement) {
            true => Self::of_custody(case).unwrap_or_default(),
            false => Self::default(),
        }
    }

    fn of_custody(case: &Case<'_>) -> Option<Self> {
        let Some(last) = case.history.last() else {
            return Some(Self::unseen());
        };
        let first = case.history.first().and_then(|event| case.site(*event));
        let mut history = case.history.iter();
        let inside = match case.walked.partings.is_empty() {
            true => case.known.desk.inside(case.root),
            false => Inside::Unclear,
        };
        let bare = Self {
            container: match inside {
                Inside::Container(container) => Some(container),
                Inside::Nothing | Inside::Unclear => None,
            },
            is_inside_unclear: inside == Inside::Unclear,
            last: case.known.event(*last).time,
            has_moved: history.any(|event| case.site(*event) != first)
                || !case.walked.transfers.is_empty(),
            ..Self::default()
        };
        match case.walked.custody {
            Custody::Held(holding) => Some(bare.resting(case, Rest::Held, holding)),
            Custody::Delivered(holding) => Some(bare.resting(case, Rest::Delivered, holding)),
            Custody::Moving(number) => {
                let transfer = case.walked.transfers.get(number)?;
                let bookmark = Self {
                    rest: Rest::Moving,
                    place: Some(transfer.origin.place),
                    carrier: holder_of_transfer(case.known, transfer),
                    ..bare
                };
                (!transfer.is_flagged).then(|| bookmark.with_transfer(case, transfer))
            }
            Custody::Unknown | Custody::Consumed(_) | Custody::WrittenOff(_) => None,
        }
    }

    fn resting(self, case: &Case<'_>, rest: Rest, holding: Holding) -> Self {
        let by = holding.by.and_then(|by| case.walked.transfers.get(by));
        let bookmark = Self {
            rest,
            basis: Some(holding.basis),
            place: Some(holding.at.place),
            is_by_transfer: by.is_some(),
            ..self
        };
        match by {
            Some(transfer) => bookmark.with_transfer(case, transfer),
            None => bookmark,
        }
    }

    fn with_transfer(self, case: &Case<'_>, transfer: &Transfer) -> Self {
        Self {
            has_giver: transfer.giver.is_some(),
            has_acceptance: transfer.acceptance.is_some(),
            plan: plan_of_transfer(case.known, case.root, transfer),
            ..self
        }
    }

    /// The account that the unit is in; none for one whose history must be read.
    pub(crate) fn account(&self, known: &Known) -> Option<AccountKey> {
        let (kind, party) = match self.rest {
            Rest::Unread => return None,
            Rest::Unseen => (AccountKind::OpeningStock, None),
            Rest::Held => (AccountKind::Held, holder_at(known, self.place?)),
            Rest::Delivered => (AccountKind::Delivered, holder_at(known, self.place?)),
            Rest::Moving => (AccountKind::InTransfer, self.carrier),
        };
        Some(AccountKey {
            kind,
            party,
            place: self.place,
        })
    }

    /// Where it lies, if it is held.
    pub(crate) fn shelf(&self) -> Option<PlaceNo> {
        self.place.filter(|_| self.rest == Rest::Held)
    }
}

/// Whether nothing is odd about the unit, so that a bookmark says all that is needed.
fn is_quiet(case: &Case<'_>, judgement: &Judgement) -> bool {
    let known = case.known;
    let is_met = |state: State| matches!(state, State::Met | State::Pending);
    let mut lines = judgement.lines.iter().flat_map(|(_, states)| states);
    let mut milestones = judgement.milestones.iter();
    judgement.discrepancies.is_empty()
        && !judgement.rests_on_sightings
        && judgement.asked.is_empty()
        && case.walked.oddities.is_empty()
        && !dwell::is_limited(case)
        && known.aliases.members(case.root).count() == 1
        && known.units.write_offs(case.root).is_empty()
        && known.units.row(case.root).forgotten() == 0
        && lines.all(|state| is_met(*state))
        && milestones.all(|(_, state)| is_met(*state))
        && case.history.iter().all(|event| {
            known.event(*event).effect == Effect::Effective && !known.is_suspect(*event)
        })
}

coded_words! {
    Rest { Unread, Unseen, Held, Delivered, Moving }
}

coded! {
    Bookmark {
        rest, basis, has_moved, is_by_transfer, has_giver, has_acceptance, plan, carrier, place, container,
        is_inside_unclear, last,
    }
}
