//! Quiet steps: what one observation changes of a unit of which nothing is odd.
//!
//! An observation is quiet if it comes behind all others of its unit and does what contract and
//! plan say. Then the walk and the judges would find the unit where this step leaves it and nothing
//! to say about it, so that its history need not be read. Whatever is not sure to be quiet is not:
//! the answer is `None`, and the unit is judged from its history. In builds with assertions small
//! ledgers are judged from their histories after each batch, and the two must agree.

mod way;

use countersign_model::claim::StepRole;
use countersign_model::network::ContractMode;
use countersign_model::time::Timestamp;

use crate::account::Basis;
use crate::bookmark::{Bookmark, Rest};
use crate::containment::speaks;
use crate::known::atlas::LaneTerms;
use crate::known::counts::CountState;
use crate::known::events::{Effect, Event};
use crate::known::units::LineRef;
use crate::known::{Known, View};
use crate::number::{DocNo, EventNo, PartyNo, PlaceNo, UnitNo};
use crate::progress::{LineStage, Progress};
use crate::walk::{Spot, completed_basis, holder_at, is_acceptance};

/// What a quiet observation leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) to: Bookmark,
    /// A line whose departure or arrival is met.
    pub(crate) met: Option<(LineRef, LineStage)>,
    /// Until when the other side of the pick-up must sign.
    pub(crate) wake: Option<Timestamp>,
}

/// One observation of one unit.
struct Seen<'a> {
    known: View<'a>,
    progress: &'a Progress,
    unit: UnitNo,
    row: &'a Event,
    here: Spot,
    /// The manifest that the papers name, on which the unit is, or what it is in.
    named: Option<DocNo>,
    /// The observation does not name the unit, but a container that speaks for it.
    is_inside: bool,
}

/// What an observation of a container changes of something of which it was ever said to be in it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Within {
    /// It is not in it: nothing.
    Apart,
    Quiet(Step),
    /// Its history must be read.
    Unsure,
}

/// What an observation changes of `unit`, which may be in `container`, of which that was quiet.
pub(crate) fn step_within(
    known: View<'_>,
    progress: &Progress,
    (unit, before): (UnitNo, &Bookmark),
    (container, event): (UnitNo, EventNo),
) -> Within {
    let row = known.event(event);
    if !speaks(row.role) {
        return Within::Apart;
    }
    if before.rest == Rest::Unread || before.is_inside_unclear || row.time <= before.last {
        return Within::Unsure;
    }
    if before.container != Some(container) {
        return Within::Apart;
    }
    step_of(known, progress, (unit, before), (event, true)).map_or(Within::Unsure, Within::Quiet)
}

/// What the observation changes, if it is quiet.
pub(crate) fn step(
    known: View<'_>,
    progress: &Progress,
    unit: (UnitNo, &Bookmark),
    event: EventNo,
) -> Option<Step> {
    step_of(known, progress, unit, (event, false))
}

fn step_of(
    known: View<'_>,
    progress: &Progress,
    (unit, before): (UnitNo, &Bookmark),
    (event, is_inside): (EventNo, bool),
) -> Option<Step> {
    let row = known.event(event);
    let is_last = before.last < row.time;
    let is_plain = row.effect == Effect::Effective
        && row.weight.is_none()
        && row.packing.is_none()
        && row.doors.is_none()
        && !known.is_suspect(event);
    if before.rest == Rest::Unread || !is_last || !is_plain {
        return None;
    }
    let mut plans = row
        .docs
        .iter()
        .filter(|doc| known.manifests.standing(**doc).is_some());
    let named = match (plans.next(), plans.next()) {
        (None, _) => None,
        (Some(doc), None) if is_inside || known.lists(*doc, unit) => Some(*doc),
        // Papers that are not of this unit, or more than one.
        _ => return None,
    };
    let seen = Seen {
        known,
        progress,
        unit,
        row,
        here: Spot::of(&known, known.place_of(row)?),
        named,
        is_inside,
    };
    if seen.is_of_time(before) {
        return None;
    }
    if known.is_on_road(row) {
        // What is under way was seen under way.
        let is_under_way = before.rest == Rest::Moving && row.role == StepRole::Sees;
        return is_under_way.then(|| Step {
            to: Bookmark {
                last: row.time,
                ..*before
            },
            ..Step::default()
        });
    }
    let step = match row.role {
        StepRole::Sees | StepRole::Counts | StepRole::Issues => seen.sees(before),
        StepRole::Gives => seen.gives(before),
        StepRole::Takes => seen.takes(before),
        StepRole::Ends | StepRole::Voids => None,
    }?;
    let to = Bookmark {
        last: row.time,
        ..step.to
    };
    let is_asked_for = to
        .shelf()
        .is_some_and(|place| is_counted_since(&known, place, row.time));
    (!is_asked_for).then_some(Step { to, ..step })
}

/// Whether a new line of a plan changes nothing yet of a unit: neither its past nor what it has
/// already done can be read by the plan.
pub(crate) fn takes_line(known: &Known, (unit, before): (UnitNo, &Bookmark), doc: DocNo) -> bool {
    let way_of = |doc: DocNo| known.manifests.standing(doc).map(|manifest| manifest.way);
    let Some(way) = way_of(doc) else { return false };
    let is_ahead = known.tick <= way.depart_deadline && known.tick <= way.arrive_deadline;
    let ends_at = |site: PlaceNo| {
        let mut lines = known.lines_of(unit);
        lines.any(|line| way_of(line.manifest).is_some_and(|way| way.to == site))
    };
    let is_elsewhere = match (before.rest, before.place) {
        (Rest::Unseen, _) => true,
        (Rest::Held, Some(place)) => !before.has_moved && !ends_at(known.atlas.site(place)),
        _ => false,
    };
    is_ahead && is_elsewhere && known.documents.newest(doc).is_none()
}

/// Whether a count was carried out at the place that opened behind the instant.
fn is_counted_since(known: &Known, place: PlaceNo, instant: Timestamp) -> bool {
    let mut counts = known.counts.at(place);
    counts.any(|(_, count)| count.state == CountState::CarriedOut && instant < count.terms.opens)
}

fn asks_for_both(lane: Option<LaneTerms>) -> bool {
    lane.is_some_and(|lane| lane.mode == ContractMode::Both && lane.carrier.is_some())
}

impl<'a> Seen<'a> {
    /// Whether more than the observation itself may matter: how long it stays here, or how long it was
    /// on its way.
    fn is_of_time(&self, before: &Bookmark) -> bool {
        let atlas = &self.known.atlas;
        let is_too_soon = self.site_of(before).is_some_and(|from| {
            let least = atlas.transit_min(from, self.here.site);
            let took = self.row.time.since(before.last);
            from != self.here.site && least.is_some_and(|least| took < least)
        });
        is_too_soon || atlas.spot(self.here.place).dwell_max.is_some()
    }

    fn sees(&self, before: &Bookmark) -> Option<Step> {
        match before.rest {
            Rest::Unseen => self.first(Basis::Sighted),
            Rest::Held | Rest::Delivered => self.again(before),
            Rest::Moving => self.arrives(before, Basis::Sighted),
            Rest::Unread => None,
        }
    }

    /// The first observation of the unit opens its account.
    fn first(&self, basis: Basis) -> Option<Step> {
        self.is_destination_of_none().then_some(Step {
            to: Bookmark {
                rest: Rest::Held,
                basis: Some(basis),
                place: Some(self.here.place),
                ..Bookmark::default()
            },
            ..Step::default()
        })
    }

    /// Seen at the site where it is.
    fn again(&self, before: &Bookmark) -> Option<Step> {
        let is_here = self.site_of(before)? == self.here.site;
        (is_here && self.is_destination_of_none()).then_some(Step {
            to: Bookmark {
                place: Some(self.here.place),
                ..*before
            },
            ..Step::default()
        })
    }

    /// It comes to the other end of its way, in time, with the words that the contract asks for.
    fn arrives(&self, before: &Bookmark, basis: Basis) -> Option<Step> {
        if !before.has_giver || self.site_of(before)? == self.here.site {
            return None;
        }
        let plan = match (before.plan, self.named) {
            (plan, None) => plan,
            (Some(plan), Some(named)) if plan == named => Some(plan),
            _ => return None,
        };
        let met = match plan {
            Some(doc) => self.line_met(doc, LineStage::Arrive)?,
            None => None,
        };
        if met.is_none() && !self.is_destination_of_none() {
            return None;
        }
        let lane = self.lane(before)?;
        if basis == Basis::Sighted && lane.as_ref().is_some_and(LaneTerms::asks_receiver) {
            return None;
        }
        if !before.has_acceptance && asks_for_both(lane) {
            return None;
        }
        let is_customer = self.known.atlas.spot(self.here.place).is_customer;
        Some(Step {
            to: Bookmark {
                rest: if is_customer {
                    Rest::Delivered
                } else {
                    Rest::Held
                },
                basis: Some(basis),
                place: Some(self.here.place),
                is_by_transfer: true,
                carrier: None,
                ..*before
            },
            met: met.map(|line| (line, LineStage::Arrive)),
            wake: None,
        })
    }

    fn gives(&self, before: &Bookmark) -> Option<Step> {
        match before.rest {
            Rest::Unseen => self.departs(before),
            Rest::Held if self.site_of(before)? == self.here.site => self.departs(before),
            Rest::Moving if self.site_of(before)? == self.here.site => self.given_again(before),
            Rest::Held | Rest::Moving | Rest::Delivered | Rest::Unread => None,
        }
    }

    fn departs(&self, before: &Bookmark) -> Option<Step> {
        if !self.is_destination_of_none() {
            return None;
        }
        let plan = self.plan_from_here()?;
        let met = match plan {
            Some(doc) => self.line_met(doc, LineStage::Depart)?,
            None if self.known.atlas.transit_max(self.here.site).is_some() => return None,
            None => None,
        };
        let to = Bookmark {
            rest: Rest::Moving,
            basis: None,
            has_moved: true,
            is_by_transfer: false,
            place: Some(self.here.place),
            has_giver: true,
            has_acceptance: false,
            carrier: self.signer(self.here.place),
            plan,
            ..*before
        };
        let wake = self.wake_of(&to)?;
        Some(Step {
            to,
            met: met.map(|line| (line, LineStage::Depart)),
            wake,
        })
    }

    /// The giver's word behind the carrier's, or once more.
    fn given_again(&self, before: &Bookmark) -> Option<Step> {
        let plan = before.plan.filter(|plan| self.named == Some(*plan))?;
        if before.has_giver {
            return Some(Step {
                to: *before,
                ..Step::default()
            });
        }
        let line = self.line_met(plan, LineStage::Depart)?;
        Some(Step {
            to: Bookmark {
                has_giver: true,
                ..*before
            },
            met: line.map(|line| (line, LineStage::Depart)),
            wake: None,
        })
    }

    fn takes(&self, before: &Bookmark) -> Option<Step> {
        // Under papers that have an end here, or without any, nothing is unexpected.
        if let Some(doc) = self.named
            && !self.touches_here(doc)
        {
            return None;
        }
        let is_here = before.place.is_some() && self.site_of(before)? == self.here.site;
        match before.rest {
            Rest::Unseen if !self.accepts(before) => self.first(Basis::ReceiverOnly),
            Rest::Held if is_here && self.accepts(before) => self.accepted(before),
            Rest::Held | Rest::Delivered if is_here && !self.accepts(before) => {
                self.signed_for(before)
            }
            Rest::Moving if is_here => self.accepted_under_way(before),
            Rest::Moving => self.arrives(before, completed_basis(before.has_giver)),
            Rest::Unseen | Rest::Held | Rest::Delivered | Rest::Unread => None,
        }
    }

    fn accepts(&self, before: &Bookmark) -> bool {
        let is_under_way = before.rest == Rest::Moving;
        let plan = || before.plan.filter(|_| is_under_way);
        let (known, row) = (self.known, self.row);
        is_acceptance(known, self.unit, row, self.here, is_under_way, plan)
    }

    /// Who has what somebody gave or accepted with this observation, on its way from `origin`.
    fn signer(&self, origin: PlaceNo) -> Option<PartyNo> {
        let party = self.known.party_of(self.row);
        party.or_else(|| holder_at(&self.known, origin))
    }

    /// The carrier's word, before the giver's.
    fn accepted(&self, before: &Bookmark) -> Option<Step> {
        let plan = self.named.filter(|doc| {
            self.manifest(*doc)
                .is_some_and(|m| m.way.from == self.here.site)
        })?;
        if before.rest != Rest::Held || !self.is_destination_of_none() {
            return None;
        }
        let to = Bookmark {
            rest: Rest::Moving,
            basis: None,
            has_moved: true,
            is_by_transfer: false,
            place: Some(self.here.place),
            has_giver: false,
            has_acceptance: true,
            carrier: self.signer(self.here.place),
            plan: Some(plan),
            ..*before
        };
        let wake = self.wake_of(&to)?;
        Some(Step {
            to,
            met: None,
            wake,
        })
    }

    /// The carrier's word, behind the giver's.
    fn accepted_under_way(&self, before: &Bookmark) -> Option<Step> {
        let is_same_way = self.named.is_none() || self.named == before.plan;
        if !is_same_way || !self.accepts(before) || !self.is_destination_of_none() {
            return None;
        }
        Some(Step {
            to: Bookmark {
                has_acceptance: true,
                carrier: match before.has_acceptance {
                    true => before.carrier,
                    false => self.signer(before.place?),
                },
                ..*before
            },
            ..Step::default()
        })
    }

    /// The receiver's word for what is there.
    fn signed_for(&self, before: &Bookmark) -> Option<Step> {
        let again = self.again(before)?;
        let is_only_seen = before.is_by_transfer && before.basis == Some(Basis::Sighted);
        let basis = match is_only_seen {
            true => Some(completed_basis(before.has_giver)),
            false => before.basis,
        };
        Some(Step {
            to: Bookmark { basis, ..again.to },
            ..again
        })
    }
}
