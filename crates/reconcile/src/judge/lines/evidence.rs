//! Which observations speak for a line of a manifest.

use countersign_model::claim::StepRole;
use countersign_model::time::Timestamp;

use super::super::Case;
use crate::known::manifests::{Manifest, ManifestTerms};
use crate::number::{DocNo, EventNo};
use crate::walk::{Custody, TransferEnd, plan_of_transfer};

/// Whether somebody gave the unit away under the manifest.
#[derive(Clone, Copy, Debug)]
pub(super) enum Departure {
    /// The first who did.
    Given(EventNo),
    /// Nobody.
    Unknown,
}

/// The first observation at the destination, if any.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival(pub(super) Option<EventNo>);

pub(super) fn departure(case: &Case<'_>, doc: DocNo, manifest: &Manifest) -> Departure {
    let known = case.known;
    let from = known.atlas.site(manifest.terms.from);
    for transfer in &case.walked.transfers {
        let is_from_here = transfer.origin.site == from && transfer.end != TransferEnd::Voided;
        let Some(giver) = transfer.giver.filter(|_| is_from_here) else {
            continue;
        };
        if plan_of_transfer(known, case.root, transfer) == Some(doc) {
            return Departure::Given(giver);
        }
    }
    Departure::Unknown
}

/// Behind the departure; if nobody gave, behind the first sighting at the origin that is not
/// of an earlier trip; if it was never seen there, behind the plan.
pub(super) fn arrival(
    case: &Case<'_>,
    doc: DocNo,
    manifest: &Manifest,
    departure: Departure,
) -> Arrival {
    let known = case.known;
    let from = known.atlas.site(manifest.terms.from);
    let to = known.atlas.site(manifest.terms.to);
    let earlier = earlier_trip(case, doc, &manifest.terms);
    let is_this_trip = |event: EventNo| earlier.is_none_or(|until| case.time(event) > until);
    let begin = match departure {
        Departure::Given(giver) => Some(giver),
        Departure::Unknown => {
            let mut at_origin = case
                .effective()
                .filter(|event| case.site(*event) == Some(from));
            at_origin.find(|event| is_this_trip(*event))
        }
    };
    let planned = known.claim_time(manifest.claim);
    let is_behind = |event: EventNo| match begin {
        Some(begin) => known.order(event, begin).is_gt(),
        None => case.time(event) >= planned && is_this_trip(event),
    };
    let mut at_destination = case
        .effective()
        .filter(|event| case.site(*event) == Some(to));
    Arrival(at_destination.find(|event| is_behind(*event)))
}

/// Until when an earlier manifest of the unit from the same site was to leave.
fn earlier_trip(case: &Case<'_>, doc: DocNo, terms: &ManifestTerms) -> Option<Timestamp> {
    let known = case.known;
    let from = known.atlas.site(terms.from);
    let members = known.aliases.members(case.root);
    let others = members.flat_map(|key| known.known.lines_of(key));
    let others = others.filter(|line| line.manifest != doc);
    let from_here = others.filter_map(|line| {
        let other = &known.manifests.standing(line.manifest)?.terms;
        (known.atlas.site(other.from) == from).then_some(other.depart_by)
    });
    from_here
        .filter(|depart_by| *depart_by < terms.depart_by)
        .max()
}

/// Whether the unit was seen anywhere after an instant.
fn is_seen_after(case: &Case<'_>, instant: Timestamp) -> bool {
    let newest = case.effective().next_back();
    newest.is_some_and(|event| case.time(event) > instant)
}

/// Whether the unit was seen after an instant, other than on the road.
pub(super) fn is_at_site_after(case: &Case<'_>, instant: Timestamp) -> bool {
    let newest_first = case.effective().rev();
    let mut after = newest_first.take_while(|event| case.time(*event) > instant);
    after.any(|event| !is_position_of_road(case, event))
}

/// Whether it is on its way from the origin though nobody gave it away (a carrier says so, or it was seen on
/// the road), and was not seen since it should have arrived.
pub(super) fn is_gone(case: &Case<'_>, terms: &ManifestTerms) -> bool {
    let Custody::Moving(number) = case.walked.custody else {
        return false;
    };
    let from = case.known.atlas.site(terms.from);
    let transfer = case.walked.transfers.get(number);
    let is_unsaid =
        transfer.is_some_and(|transfer| transfer.origin.site == from && transfer.giver.is_none());
    is_unsaid && !is_seen_after(case, terms.arrive_by)
}

/// Whether it was seen at a third site after it left.
pub(super) fn is_seen_elsewhere(case: &Case<'_>, terms: &ManifestTerms, giver: EventNo) -> bool {
    let from = case.known.atlas.site(terms.from);
    let mut seen = after(case, giver).filter(|event| !is_position_of_road(case, *event));
    seen.any(|event| case.site(event).is_some_and(|site| site != from))
}

fn is_position_of_road(case: &Case<'_>, event: EventNo) -> bool {
    case.known.is_on_road(case.known.event(event))
}

/// Whether it was seen after it left: at its origin or on the road after it should have arrived, or nobody
/// says where.
pub(super) fn is_seen_beyond(case: &Case<'_>, terms: &ManifestTerms, giver: EventNo) -> bool {
    after(case, giver).any(|event| match case.site(event) {
        Some(_) => case.time(event) > terms.arrive_by,
        None => {
            let row = case.known.event(event);
            row.role != StepRole::Gives && row.position.is_none()
        }
    })
}

fn after(case: &Case<'_>, giver: EventNo) -> impl Iterator<Item = EventNo> {
    let known = case.known;
    let newest_first = case.effective().rev();
    newest_first.take_while(move |event| known.order(*event, giver).is_gt())
}
