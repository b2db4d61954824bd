//! Transfers: from a giver's or a carrier's word until the goods are somewhere again.

use countersign_model::time::Timestamp;

use super::Spot;
use crate::account::Basis;
use crate::known::View;
use crate::known::atlas::LaneTerms;
use crate::number::{DocNo, EventNo, PlaceNo, UnitNo};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Transfer {
    pub(crate) origin: Spot,
    /// Who gave.
    pub(crate) giver: Option<EventNo>,
    /// Who took over at the origin, to carry.
    pub(crate) acceptance: Option<EventNo>,
    pub(crate) end: TransferEnd,
    /// The first word from where it arrived.
    pub(crate) arrival: Option<EventNo>,
    /// Who took it over there, or said otherwise that it is theirs to give or to count.
    pub(crate) receiver: Option<EventNo>,
    /// It was seen at its origin after it had left; said once a transfer.
    pub(crate) is_flagged: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransferEnd {
    /// Under way.
    Open,
    /// At another site.
    Arrived(PlaceNo),
    /// Back at its origin, or ended there.
    Returned,
    /// The giver took the hand-over back.
    Voided,
    /// Given again under another manifest.
    Replaced,
}

impl Transfer {
    /// One that begins.
    pub(crate) const fn begun(
        origin: Spot,
        giver: Option<EventNo>,
        acceptance: Option<EventNo>,
    ) -> Self {
        Self {
            origin,
            giver,
            acceptance,
            end: TransferEnd::Open,
            arrival: None,
            receiver: None,
            is_flagged: false,
        }
    }

    pub(crate) const fn basis(&self) -> Basis {
        match (self.giver, self.acceptance) {
            (Some(_), Some(_)) => Basis::Countersigned,
            (Some(_), None) => Basis::GiverOnly,
            (None, Some(_)) => Basis::ReceiverOnly,
            (None, None) => Basis::Assumed,
        }
    }

    /// The first word about it.
    pub(crate) fn start(&self, known: View<'_>) -> Option<EventNo> {
        let words = self.giver.into_iter().chain(self.acceptance);
        words.min_by(|a, b| known.order(*a, *b))
    }
}

/// The manifest under which a unit is moved: the one its papers name, else one of its own from
/// that origin, the first that is not over.
pub(crate) fn plan_of_transfer(
    known: View<'_>,
    root: UnitNo,
    transfer: &Transfer,
) -> Option<DocNo> {
    let words = transfer.giver.into_iter().chain(transfer.acceptance);
    let named = words.filter_map(|event| known.manifest_named(known.event(event), root));
    let named = named.min_by_key(|doc| !known.lists(*doc, root));
    named.or_else(|| plan_from(known, root, transfer))
}

fn plan_from(known: View<'_>, root: UnitNo, transfer: &Transfer) -> Option<DocNo> {
    if known.manifests.is_empty() {
        return None;
    }
    let mut own: Vec<(Timestamp, DocNo)> = Vec::new();
    for key in known.aliases.members(root) {
        for line in known.lines_of(key) {
            let manifest = known.manifests.standing(line.manifest);
            let terms = manifest.map(|manifest| &manifest.terms);
            let from_here = terms.filter(|t| known.atlas.site(t.from) == transfer.origin.site);
            own.extend(from_here.map(|terms| (terms.arrive_by, line.manifest)));
        }
    }
    let name = |doc: DocNo| known.atlas.names.docs.name(doc);
    own.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| name(a.1).cmp(name(b.1))));
    let start = transfer.start(known).map(|event| known.event(event).time);
    let is_over = |until: Timestamp| start.is_some_and(|start| until < start);
    let current = own.iter().find(|(until, _)| !is_over(*until));
    current.or_else(|| own.last()).map(|(_, doc)| *doc)
}

/// The lane whose contract holds for a transfer: of its manifest, else between its ends.
pub(crate) fn lane_of_transfer<'a>(
    known: View<'a>,
    root: UnitNo,
    transfer: &Transfer,
) -> Option<&'a LaneTerms> {
    let plan = plan_of_transfer(known, root, transfer);
    let known = known.known;
    let manifest = plan.and_then(|doc| known.manifests.standing(doc));
    let of_plan = manifest.and_then(|manifest| manifest.way.lane.as_ref());
    of_plan.or_else(|| match transfer.end {
        TransferEnd::Arrived(site) => known.atlas.lane_between(transfer.origin.site, site),
        TransferEnd::Open | TransferEnd::Returned | TransferEnd::Voided | TransferEnd::Replaced => {
            None
        }
    })
}
