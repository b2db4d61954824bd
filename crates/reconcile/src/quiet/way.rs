//! What plan and network say of the way of a unit that was observed.

use countersign_model::time::Timestamp;

use super::{Seen, asks_for_both};
use crate::bookmark::Bookmark;
use crate::judge::State;
use crate::known::atlas::LaneTerms;
use crate::known::manifests::Manifest;
use crate::known::units::LineRef;
use crate::number::{DocNo, PlaceNo};
use crate::progress::LineStage;

impl<'a> Seen<'a> {
    pub(super) fn site_of(&self, bookmark: &Bookmark) -> Option<PlaceNo> {
        Some(self.known.atlas.site(bookmark.place?))
    }

    pub(super) fn manifest(&self, doc: DocNo) -> Option<&'a Manifest> {
        self.known.known.manifests.standing(doc)
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = LineRef> + use<'a> {
        self.known.known.lines_of(self.unit)
    }

    pub(super) fn touches_here(&self, doc: DocNo) -> bool {
        let way = self.manifest(doc).map(|manifest| manifest.way);
        way.is_some_and(|way| way.from == self.here.site || way.to == self.here.site)
    }

    /// Whether no plan of the unit that is still to arrive ends here: then being here meets none.
    pub(super) fn is_destination_of_none(&self) -> bool {
        self.lines().all(|line| {
            let ends_here = self
                .manifest(line.manifest)
                .is_some_and(|m| m.way.to == self.here.site);
            let [_, arrive] = self.progress.line(line);
            !ends_here || arrive == State::Met
        })
    }

    /// The unit's line of the plan whose stage this observation meets in time; `Some(None)` of what
    /// has none, and is in a container that goes under that plan.
    pub(super) fn line_met(&self, doc: DocNo, stage: LineStage) -> Option<Option<LineRef>> {
        let way = self.manifest(doc)?.way;
        let mut own = self.lines().filter(|line| line.manifest == doc);
        let line = match (own.next(), own.next()) {
            (Some(line), None) => line,
            (None, _) if self.is_inside => return self.is_destination_of_none().then_some(None),
            _ => return None,
        };
        let [depart, arrive] = self.progress.line(line);
        let is_met = match stage {
            LineStage::Depart => {
                way.from == self.here.site
                    && way.from != way.to
                    && (depart, arrive) == (State::Pending, State::Pending)
                    && self.row.time <= way.depart_deadline
            }
            LineStage::Arrive => {
                way.to == self.here.site
                    && (depart, arrive) == (State::Met, State::Pending)
                    && self.row.time <= way.arrive_deadline
            }
        };
        let others_end_here = self.lines().any(|other| {
            let is_other = other.manifest != doc;
            let ends_here = self
                .manifest(other.manifest)
                .is_some_and(|m| m.way.to == self.here.site);
            let [_, arrive] = self.progress.line(other);
            is_other && ends_here && arrive != State::Met
        });
        (is_met && !others_end_here).then_some(Some(line))
    }

    /// The plan under which the unit leaves from here; `Some(None)` if there is none.
    pub(super) fn plan_from_here(&self) -> Option<Option<DocNo>> {
        if let Some(doc) = self.named {
            return Some(Some(doc));
        }
        let mut own = self.lines().filter_map(|line| {
            let manifest = self.manifest(line.manifest)?;
            (manifest.way.from == self.here.site)
                .then_some((line.manifest, manifest.terms.arrive_by))
        });
        match (own.next(), own.next()) {
            (None, _) => Some(None),
            (Some((doc, arrive_by)), None) if self.row.time <= arrive_by => Some(Some(doc)),
            _ => None,
        }
    }

    /// The lane of a transfer that arrives here; `None` if it is not sure which.
    pub(super) fn lane(&self, before: &Bookmark) -> Option<Option<LaneTerms>> {
        let of_plan = before.plan.and_then(|doc| self.manifest(doc)?.way.lane);
        let from = self.site_of(before)?;
        Some(of_plan.or_else(|| self.known.atlas.lane_between(from, self.here.site).copied()))
    }

    /// When the other word of the pick-up is due; `None` if that is past already.
    pub(super) fn wake_of(&self, to: &Bookmark) -> Option<Option<Timestamp>> {
        let lane = to.plan.and_then(|doc| self.manifest(doc)?.way.lane);
        let Some(lane) = lane.filter(|lane| asks_for_both(Some(*lane))) else {
            return Some(None);
        };
        let due = self.row.time.plus(lane.pick_up_grace);
        (self.known.tick <= due).then_some(Some(due))
    }
}
