//! What a taker's word does to custody: a carrier accepts, a receiver completes.

use super::{Custody, Holding, Odd, Spot, Transfer, TransferEnd, Walker, plan_of_transfer};
use crate::account::Basis;
use crate::known::View;
use crate::known::atlas::LaneTerms;
use crate::known::events::Event;
use crate::number::{DocNo, EventNo, UnitNo};

impl Walker<'_> {
    pub(super) fn takes(&mut self, event: EventNo, row: &Event, here: Spot) {
        let is_named = self.known.container(self.root, event).is_none();
        if is_named && let Some(plan) = self.unexpected_under(row, here) {
            self.odd(Odd::Unexpected(plan), event, here);
        }
        match self.walked.custody {
            Custody::Moving(number) if self.is_from(number, here) => {
                self.taken_at_origin(event, row, here, number);
            }
            Custody::Moving(number) => self.complete(event, here, number),
            Custody::Held(holding) if holding.at.site != here.site && !self.is_road(holding.at) => {
                self.taken_from(event, here, holding);
            }
            Custody::Consumed(Some(at)) if at.site == here.site => {}
            Custody::Held(_) | Custody::Delivered(_) | Custody::Unknown
                if self.is_acceptance(row, here, None) =>
            {
                self.come_here(event, here, Basis::Sighted);
                self.accept(event, here);
            }
            _ => {
                self.come_here(event, here, Basis::ReceiverOnly);
                self.sign_for_arrival();
            }
        }
    }

    /// The receiver signs for what was only seen to arrive.
    fn sign_for_arrival(&mut self) {
        let (Custody::Held(holding) | Custody::Delivered(holding)) = &mut self.walked.custody
        else {
            return;
        };
        let transfer = holding
            .by
            .and_then(|number| self.walked.transfers.get(number));
        if let Some(transfer) = transfer
            && holding.basis == Basis::Sighted
        {
            holding.basis = completed_basis(transfer.giver.is_some());
        }
    }

    fn taken_at_origin(&mut self, event: EventNo, row: &Event, here: Spot, number: usize) {
        let transfer = self.walked.transfers.get(number).copied();
        let Some(transfer) = transfer else {
            return;
        };
        if self.is_acceptance(row, here, Some(&transfer)) {
            if let Some(transfer) = self.walked.transfers.get_mut(number)
                && transfer.acceptance.is_none()
            {
                transfer.acceptance = Some(event);
            }
            return;
        }
        if transfer.giver.is_some() && !transfer.is_flagged {
            self.odd(Odd::AtOriginAfterDeparture, event, here);
        }
        self.end_transfer(number, TransferEnd::Returned);
        self.hold(here, Basis::ReceiverOnly, None);
    }

    fn complete(&mut self, event: EventNo, here: Spot, number: usize) {
        self.end_transfer(number, TransferEnd::Arrived(here.site));
        self.note_arrival(number, event);
        let transfer = self.walked.transfers.get(number);
        let basis = completed_basis(transfer.is_some_and(|transfer| transfer.giver.is_some()));
        self.arrive(here, basis, Some(number));
        self.receive(event);
    }

    /// Taken at another site than where it was held: somebody must have given.
    fn taken_from(&mut self, event: EventNo, here: Spot, holding: Holding) {
        let locked = self
            .locked_giver
            .filter(|(_, site)| *site == holding.at.site);
        if let Some((giver, _)) = locked {
            // The unlocked taker countersigns what the locked giver said.
            self.begin_transfer(Transfer::begun(holding.at, Some(giver), None));
            self.complete(event, here, self.walked.transfers.len() - 1);
            return;
        }
        let lane = self.known.atlas.lane_between(holding.at.site, here.site);
        if lane.is_none_or(LaneTerms::asks_giver) {
            self.odd(Odd::NobodyGave, event, here);
        }
        self.arrive(here, Basis::ReceiverOnly, None);
    }

    fn accept(&mut self, acceptance: EventNo, origin: Spot) {
        self.begin_transfer(Transfer::begun(origin, None, Some(acceptance)));
    }

    fn is_acceptance(&self, row: &Event, here: Spot, transfer: Option<&Transfer>) -> bool {
        let plan = || plan_of_transfer(self.known, self.root, transfer?);
        is_acceptance(self.known, self.root, row, here, transfer.is_some(), plan)
    }

    /// The plan that a taker's word contradicts: it names a manifest that does not list the
    /// unit, or the unit is under way by a manifest to another site.
    fn unexpected_under(&self, row: &Event, here: Spot) -> Option<DocNo> {
        let known = self.known;
        let named = known.manifest_named(row, self.root);
        let is_listed = named.is_some_and(|doc| known.lists_any(doc, self.root));
        let touches_here = |doc: DocNo| {
            known.manifests.standing(doc).is_some_and(|manifest| {
                let terms = &manifest.terms;
                let ends = [known.atlas.site(terms.from), known.atlas.site(terms.to)];
                ends.contains(&here.site)
            })
        };
        let listed_here = row
            .docs
            .iter()
            .any(|doc| touches_here(*doc) && known.lists_any(*doc, self.root));
        if listed_here {
            return None;
        }
        if let Some(doc) = named
            && !is_listed
        {
            return Some(doc);
        }
        let Custody::Moving(number) = self.walked.custody else {
            return None;
        };
        let transfer = self.walked.transfers.get(number)?;
        let plan = plan_of_transfer(known, self.root, transfer)?;
        let is_elsewhere = transfer.origin.site != here.site && !touches_here(plan);
        is_elsewhere.then_some(plan)
    }
}

/// Whether a taker at the origin takes over to carry: it speaks for another party than the
/// site's, or for the lane's carrier. While the goods are held, only `accepting`, or papers
/// that send the goods away from here, make it so. `plan` is that of the transfer under way.
pub(crate) fn is_acceptance(
    known: View<'_>,
    root: UnitNo,
    row: &Event,
    here: Spot,
    is_under_way: bool,
    plan: impl FnOnce() -> Option<DocNo>,
) -> bool {
    let Some(party) = known.party_of(row) else {
        return false;
    };
    let own = known.atlas.spot(here.place).party;
    let named = known.manifest_named(row, root);
    let plan = named.or_else(plan);
    let terms = plan.and_then(|doc| Some(&known.manifests.standing(doc)?.terms));
    let comes = terms.is_some_and(|terms| known.atlas.site(terms.to) == here.site);
    let leaves = terms.is_some_and(|terms| known.atlas.site(terms.from) == here.site);
    let carrier = terms.and_then(|terms| known.lane_of(terms)?.carrier);
    let is_carrier = carrier == Some(party) && row.is_accepting && leaves;
    let is_other = own.is_some_and(|own| own != party);
    let is_away = is_under_way || row.is_accepting || leaves;
    is_carrier || (is_other && is_away && (leaves || !comes))
}

/// On which basis what arrived is held, if who took it signed.
pub(crate) const fn completed_basis(has_giver: bool) -> Basis {
    if has_giver {
        Basis::Countersigned
    } else {
        Basis::ReceiverOnly
    }
}
