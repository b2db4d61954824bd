//! Where a unit is how long, and whether it can have come there by then.

use countersign_model::claim::StepRole;
use countersign_model::time::Timestamp;

use super::{Custody, Odd, Oddity, Spot, Stay, Walker};
use crate::number::EventNo;

impl Walker<'_> {
    /// What is odd of an observation at another site than the one before, if nobody makes the way in
    /// the time between.
    pub(super) fn too_soon(&mut self, event: EventNo) -> Option<Oddity> {
        let known = self.known;
        let row = known.event(event);
        if row.role == StepRole::Voids {
            // Said of a way, wherever that is said.
            return None;
        }
        let at = Spot::of(&known, known.place_of(row)?);
        if known.is_on_road(row) {
            return None;
        }
        let (before, from) = self.sited.replace((event, at.site))?;
        let least = known.atlas.transit_min(from, at.site)?;
        let is_sooner = from != at.site && row.time.since(known.event(before).time) < least;
        is_sooner.then(|| Oddity {
            odd: Odd::TooSoon,
            event,
            last: self.proven(),
            from: Some(from),
            at,
        })
    }

    /// What else would be odd of the same observation is the same matter, but for papers of others.
    pub(super) fn step_too_soon(&mut self, event: EventNo, oddity: Oddity) {
        self.step(event);
        let is_same = |other: &Oddity| {
            let is_of_way = match other.odd {
                Odd::UnseenMove
                | Odd::NobodyGave
                | Odd::AtOriginAfterDeparture
                | Odd::AfterDelivery => true,
                Odd::AfterEnd
                | Odd::AfterWriteOff
                | Odd::Unexpected(_)
                | Odd::SuspectArrival(_)
                | Odd::TooSoon => false,
            };
            is_of_way && other.event == event
        };
        self.walked.oddities.retain(|other| !is_same(other));
        self.walked.oddities.push(oddity);
    }

    /// Begins or ends a stay, as an observation leaves the unit. None is kept where nothing limits it.
    pub(super) fn note_stay(&mut self, event: EventNo) {
        let at = match self.walked.custody {
            Custody::Held(holding) => Some(holding.at),
            _ => None,
        };
        let current = self.walked.stays.last().filter(|stay| stay.end.is_none());
        let site = at.map(|at| at.site);
        if current.map(|stay| stay.at.site) == site {
            return;
        }
        self.end_stay(self.known.event(event).time);
        let is_limited = |at: &Spot| self.known.atlas.spot(at.place).dwell_max.is_some();
        if let Some(at) = at.filter(is_limited) {
            let begin = event;
            let end = None;
            self.walked.stays.push(Stay { at, begin, end });
        }
    }

    pub(super) fn end_stay(&mut self, time: Timestamp) {
        let current = self.walked.stays.last_mut();
        if let Some(stay) = current.filter(|stay| stay.end.is_none()) {
            stay.end = Some(time);
        }
    }
}
