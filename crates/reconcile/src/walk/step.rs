//! What one observation does to custody: seeing, giving, beginning, ending, taking back.

use countersign_model::claim::StepRole;

use super::{Custody, Holding, Odd, Oddity, Spot, Transfer, TransferEnd, Walker};
use crate::account::Basis;
use crate::known::events::Event;
use crate::number::EventNo;

impl Walker<'_> {
    pub(super) fn step(&mut self, event: EventNo) {
        let row = self.known.event(event);
        let place = self.known.place_of(row);
        let here = place.map(|place| Spot::of(&self.known, place));
        let is_first = self.last.is_none() && self.walked.custody == Custody::Unknown;
        if is_first && row.role == StepRole::Issues {
            self.walked.is_issued = true;
        }
        let Some(here) = here else {
            self.step_nowhere(event, row);
            return;
        };
        if self.known.is_on_road(row) {
            match row.role {
                StepRole::Ends | StepRole::Voids => self.step_nowhere(event, row),
                _ => self.on_the_road(event, here),
            }
            return;
        }
        match row.role {
            StepRole::Sees | StepRole::Counts | StepRole::Issues => self.sees(event, here),
            StepRole::Gives => self.gives(event, row, here),
            StepRole::Takes => self.takes(event, row, here),
            StepRole::Ends => self.ends(event, here),
            StepRole::Voids => self.voids(event, here),
        }
    }

    /// Without a place an observation can begin, end or take back; it cannot move.
    fn step_nowhere(&mut self, event: EventNo, row: &Event) {
        match (row.role, self.walked.custody) {
            (StepRole::Gives, Custody::Held(holding)) => self.depart(event, holding.at),
            (StepRole::Gives, Custody::Moving(number)) => self.give_again(event, row, number),
            (StepRole::Ends, Custody::Held(holding) | Custody::Delivered(holding)) => {
                self.walked.custody = Custody::Consumed(Some(holding.at));
            }
            (StepRole::Ends, Custody::Moving(number)) => {
                self.end_transfer(number, TransferEnd::Returned);
                self.walked.custody = Custody::Consumed(None);
            }
            (StepRole::Ends, Custody::Unknown) => self.walked.custody = Custody::Consumed(None),
            (StepRole::Voids, Custody::Moving(number)) => self.void(number),
            _ => {}
        }
    }

    /// Where no site is, nothing arrives. What was held at a site that lies somewhere else has left it.
    fn on_the_road(&mut self, event: EventNo, here: Spot) {
        let is_suspect = self.known.is_suspect(event);
        match self.walked.custody {
            Custody::Moving(_) => {}
            _ if is_suspect => {}
            Custody::Unknown => self.hold(here, Basis::Sighted, None),
            Custody::Held(holding) if self.is_road(holding.at) => {
                self.hold(here, Basis::Sighted, None)
            }
            Custody::Held(holding) | Custody::Delivered(holding) => {
                if self.known.atlas.spot(holding.at.place).is_fenced {
                    self.odd(Odd::UnseenMove, event, here);
                    self.begin_transfer(Transfer::begun(holding.at, None, None));
                }
            }
            Custody::Consumed(_) | Custody::WrittenOff(_) => {
                self.come_here(event, here, Basis::Sighted);
            }
        }
    }

    pub(super) fn is_road(&self, at: Spot) -> bool {
        self.known.atlas.spot(at.place).is_road
    }

    pub(super) fn sees(&mut self, event: EventNo, here: Spot) {
        match self.walked.custody {
            Custody::Moving(number) if self.is_from(number, here) => {
                self.seen_at_origin(event, number, here)
            }
            Custody::Consumed(Some(at)) if at.site == here.site => {}
            _ => self.come_here(event, here, Basis::Sighted),
        }
    }

    fn seen_at_origin(&mut self, event: EventNo, number: usize, here: Spot) {
        let Some(transfer) = self.walked.transfers.get_mut(number) else {
            return;
        };
        // An unknown hand with the key is no word against who gave.
        if self.known.is_suspect(event) {
            return;
        }
        // Between the carrier's word and the giver's it is still being loaded.
        if transfer.giver.is_some() && !transfer.is_flagged {
            transfer.is_flagged = true;
            self.odd(Odd::AtOriginAfterDeparture, event, here);
        }
    }

    fn gives(&mut self, event: EventNo, row: &Event, here: Spot) {
        if let Custody::Moving(number) = self.walked.custody
            && self.is_from(number, here)
        {
            self.give_again(event, row, number);
            return;
        }
        self.come_here(event, here, Basis::Sighted);
        self.depart(event, here);
    }

    /// A second giver's word about one transfer changes nothing, unless it is under another
    /// manifest: then the goods were given anew.
    fn give_again(&mut self, event: EventNo, row: &Event, number: usize) {
        let Some(transfer) = self.walked.transfers.get_mut(number) else {
            return;
        };
        let Some(giver) = transfer.giver else {
            transfer.giver = Some(event);
            return;
        };
        let manifests = |row: &Event| {
            let docs = row.docs.iter().copied();
            let known = docs.filter(|doc| self.known.manifests.standing(*doc).is_some());
            known.collect::<Vec<_>>()
        };
        let (before, now) = (manifests(self.known.event(giver)), manifests(row));
        let is_other =
            !before.is_empty() && !now.is_empty() && !before.iter().any(|doc| now.contains(doc));
        if is_other {
            let origin = transfer.origin;
            self.end_transfer(number, TransferEnd::Replaced);
            self.depart(event, origin);
        }
    }

    fn ends(&mut self, event: EventNo, here: Spot) {
        match self.walked.custody {
            Custody::Moving(number) if self.is_from(number, here) => {
                self.seen_at_origin(event, number, here);
                self.end_transfer(number, TransferEnd::Returned);
            }
            Custody::Consumed(Some(at)) if at.site == here.site => {}
            _ => self.come_here(event, here, Basis::Sighted),
        }
        self.walked.custody = Custody::Consumed(Some(here));
    }

    fn voids(&mut self, event: EventNo, here: Spot) {
        match self.walked.custody {
            Custody::Moving(number) => self.void(number),
            Custody::Unknown => self.come_here(event, here, Basis::Sighted),
            _ => {}
        }
    }

    fn void(&mut self, number: usize) {
        self.end_transfer(number, TransferEnd::Voided);
        if let Some(transfer) = self.walked.transfers.get(number) {
            self.walked.custody = Custody::Held(Holding {
                at: transfer.origin,
                basis: Basis::GiverOnly,
                by: None,
            });
        }
    }

    /// The unit is here, and nobody signed for the way: whatever that contradicts is noted.
    pub(super) fn come_here(&mut self, event: EventNo, here: Spot, basis: Basis) {
        match self.walked.custody {
            Custody::Unknown => self.hold(here, basis, None),
            Custody::Held(holding) if holding.at.site == here.site => {
                self.walked.custody = Custody::Held(Holding {
                    at: here,
                    ..holding
                });
            }
            Custody::Delivered(holding) if holding.at.site == here.site => {
                self.walked.custody = Custody::Delivered(Holding {
                    at: here,
                    ..holding
                });
            }
            // Where it was first met on the road, nobody knows from where it came.
            Custody::Held(holding) if self.is_road(holding.at) => self.arrive(here, basis, None),
            Custody::Held(_) => {
                self.odd(Odd::UnseenMove, event, here);
                self.arrive(here, basis, None);
            }
            Custody::Moving(number) if self.is_from(number, here) => {
                self.end_transfer(number, TransferEnd::Returned);
                self.hold(here, basis, None);
            }
            Custody::Moving(number) => {
                if self.known.is_suspect(event) {
                    self.odd(Odd::SuspectArrival(number), event, here);
                }
                self.end_transfer(number, TransferEnd::Arrived(here.site));
                self.note_arrival(number, event);
                self.arrive(here, basis, Some(number));
            }
            Custody::Consumed(Some(at)) if at.site == here.site => self.hold(here, basis, None),
            Custody::Delivered(_) => {
                self.odd(Odd::AfterDelivery, event, here);
                self.hold(here, basis, None);
            }
            Custody::Consumed(_) => {
                self.odd(Odd::AfterEnd, event, here);
                self.hold(here, basis, None);
            }
            Custody::WrittenOff(_) => {
                self.odd(Odd::AfterWriteOff, event, here);
                self.hold(here, basis, None);
            }
        }
    }

    /// Where a suspect key alone said that goods arrived, somebody else sees them too.
    pub(super) fn confirm_arrival(&mut self, event: EventNo) {
        let (Custody::Held(holding) | Custody::Delivered(holding)) = self.walked.custody else {
            return;
        };
        let Some(number) = holding.by else { return };
        let place = self.known.place_of(self.known.event(event));
        let is_here = place.is_some_and(|place| self.known.atlas.site(place) == holding.at.site);
        if is_here && !self.known.is_suspect(event) {
            let is_confirmed = |oddity: &Oddity| oddity.odd == Odd::SuspectArrival(number);
            self.walked.oddities.retain(|oddity| !is_confirmed(oddity));
        }
    }

    pub(super) fn hold(&mut self, at: Spot, basis: Basis, by: Option<usize>) {
        self.locked_giver = None;
        self.walked.custody = Custody::Held(Holding { at, basis, by });
    }

    /// Held, or delivered where goods leave the network.
    pub(super) fn arrive(&mut self, at: Spot, basis: Basis, by: Option<usize>) {
        self.hold(at, basis, by);
        if self.known.atlas.spot(at.place).is_customer {
            self.walked.custody = Custody::Delivered(Holding { at, basis, by });
        }
    }

    fn depart(&mut self, giver: EventNo, origin: Spot) {
        self.begin_transfer(Transfer::begun(origin, Some(giver), None));
    }

    pub(super) fn begin_transfer(&mut self, transfer: Transfer) {
        self.locked_giver = None;
        self.walked.transfers.push(transfer);
        self.walked.custody = Custody::Moving(self.walked.transfers.len() - 1);
    }

    pub(super) fn end_transfer(&mut self, number: usize, end: TransferEnd) {
        if let Some(transfer) = self.walked.transfers.get_mut(number) {
            transfer.end = end;
        }
    }

    pub(super) fn note_arrival(&mut self, number: usize, event: EventNo) {
        if let Some(transfer) = self.walked.transfers.get_mut(number) {
            transfer.arrival = Some(event);
        }
    }

    /// Whoever takes over, gives away or counts where goods arrived says that they are there to stay.
    pub(super) fn receive(&mut self, event: EventNo) {
        let (Custody::Held(holding) | Custody::Delivered(holding)) = self.walked.custody else {
            return;
        };
        let row = self.known.event(event);
        let is_word = matches!(
            row.role,
            StepRole::Takes | StepRole::Gives | StepRole::Counts
        );
        let place = self.known.place_of(row);
        let is_here = place.is_some_and(|place| self.known.atlas.site(place) == holding.at.site);
        let transfer = holding
            .by
            .and_then(|number| self.walked.transfers.get_mut(number));
        if let Some(transfer) = transfer.filter(|_| is_word && is_here) {
            transfer.receiver = transfer.receiver.or(Some(event));
        }
    }

    pub(super) fn is_from(&self, number: usize, here: Spot) -> bool {
        let transfer = self.walked.transfers.get(number);
        transfer.is_some_and(|transfer| transfer.origin.site == here.site)
    }

    pub(super) fn odd(&mut self, odd: Odd, event: EventNo, at: Spot) {
        let from = match self.walked.custody {
            Custody::Held(holding) | Custody::Delivered(holding) => Some(holding.at.site),
            Custody::Moving(number) => self.walked.transfers.get(number).map(|t| t.origin.site),
            Custody::Consumed(at) => at.map(|at| at.site),
            Custody::Unknown | Custody::WrittenOff(_) => None,
        };
        self.walked.oddities.push(Oddity {
            odd,
            event,
            last: self.proven(),
            from,
            at,
        });
    }
}
