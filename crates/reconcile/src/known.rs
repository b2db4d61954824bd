//! Everything that conclusions are a function of, and nothing else (CUS-4): the claims that
//! count, the plans, the network in force, the write-offs, and the tick.
//!
//! `take.rs` reads a batch into these tables; the walk (`walk.rs`) and the judges
//! (`judge.rs`) only read them. Equal sets of claims give equal answers here whatever
//! the order in which they came.

pub(crate) mod aliases;
pub(crate) mod atlas;
pub(crate) mod choices;
pub(crate) mod claims;
pub(crate) mod class_events;
pub(crate) mod clocks;
pub(crate) mod contents;
pub(crate) mod counts;
pub(crate) mod desk;
pub(crate) mod due;
pub(crate) mod events;
pub(crate) mod fences;
pub(crate) mod keys;
pub(crate) mod lines;
pub(crate) mod manifests;
pub(crate) mod milestones;
pub(crate) mod opening;
pub(crate) mod order;
pub(crate) mod outages;
pub(crate) mod plan_events;
pub(crate) mod register;
pub(crate) mod said;
pub(crate) mod sources;
pub(crate) mod suspicions;
pub(crate) mod take;
pub(crate) mod unfolded;
pub(crate) mod units;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use countersign_model::entry::Assurance;
use countersign_model::ids::ClaimId;
use countersign_model::time::Timestamp;

use crate::number::{ClaimNo, DocNo, EventNo, PartyNo, PlaceNo, UnitNo};
use crate::packed::hash::Secret;
use crate::snapshot::Unreadable;
use crate::snapshot::sections::{Keeper, Kept};
use aliases::Aliases;
use atlas::Atlas;
use choices::Choices;
use claims::{ClaimRow, Claims};
use class_events::ClassEvents;
use contents::Contents;
use counts::Counts;
use desk::Desk;
use due::Due;
use events::{Effect, Event};
use fences::Whereabouts;
use keys::Keys;
use lines::Lines;
use manifests::Manifests;
use milestones::Milestones;
use outages::Outages;
use plan_events::{Documents, Named};
use sources::Sources;
use suspicions::Suspicions;
use unfolded::UnfoldedList;
use units::{LineRef, Units};

#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) atlas: Atlas,
    /// Of claims that say plans, aliases or corrections, or conflict; the others are in the history.
    pub(crate) claims: Claims,
    pub(crate) keys: Keys,
    pub(crate) suspicions: Suspicions,
    pub(crate) sources: Sources,
    pub(crate) outages: Outages,
    pub(crate) choices: Choices,
    pub(crate) units: Units,
    pub(crate) lines: Lines,
    pub(crate) aliases: Aliases,
    pub(crate) contents: Contents,
    /// Documents under which somebody saw amounts.
    pub(crate) tallied: BTreeSet<DocNo>,
    pub(crate) manifests: Manifests,
    pub(crate) counts: Counts,
    pub(crate) due: Due,
    pub(crate) milestones: Milestones,
    pub(crate) documents: Documents,
    pub(crate) classes: ClassEvents,
    /// What was taken only in part. Not a ground of any conclusion.
    pub(crate) unfolded: UnfoldedList,
    /// The largest tick.
    pub(crate) tick: Timestamp,
}

/// What is known, with the observations that were laid out to be judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) known: &'a Known,
    pub(crate) desk: &'a Desk,
}

impl std::ops::Deref for View<'_> {
    type Target = Known;

    fn deref(&self) -> &Known {
        self.known
    }
}

impl<'a> View<'a> {
    pub(crate) fn event(self, event: EventNo) -> &'a Event {
        self.desk.event(event)
    }

    /// A claim that was laid out with its event, or one that is kept.
    pub(crate) fn claim(self, claim: ClaimNo) -> &'a ClaimRow {
        let own = self.desk.claim(claim);
        own.unwrap_or_else(|| self.known.claims.row(claim))
    }

    /// The effective claim of that identity: one, if intake did its work.
    pub(crate) fn effective_with(self, id: ClaimId) -> Option<ClaimNo> {
        let kept = self.known.claims.effective_with(id).next();
        kept.or_else(|| self.desk.claim_with(id))
    }

    /// Whether the event's claim stands and may move custody.
    pub(crate) fn is_effective(self, event: EventNo) -> bool {
        self.event(event).effect == Effect::Effective
    }

    /// Whether the event stands, and was signed by a key that somebody else may have had: it is no
    /// more than a sighting.
    pub(crate) fn is_suspect(self, event: EventNo) -> bool {
        self.claim(self.event(event).claim).is_suspect && self.is_effective(event)
    }

    /// How sure it is who signed the claim. What a suspect key signed is as good as unsigned.
    pub(crate) fn assurance(self, claim: ClaimNo) -> Assurance {
        let row = self.claim(claim);
        if row.is_suspect {
            Assurance::Import
        } else {
            row.assurance
        }
    }

    /// Whether the claim was not taken back, and its signer was not locked.
    pub(crate) fn is_claim_effective(self, claim: ClaimNo) -> bool {
        self.claim(claim).is_effective()
    }

    /// The total order of observations (format law 9).
    pub(crate) fn order(self, a: EventNo, b: EventNo) -> Ordering {
        if a == b {
            return Ordering::Equal;
        }
        let (left, right) = (self.event(a), self.event(b));
        let by_time = left.time.cmp(&right.time);
        by_time.then_with(|| {
            let claims = (self.claim(left.claim), self.claim(right.claim));
            let behind_time = order::behind_time(&self.known.atlas, claims);
            behind_time.then(left.part.cmp(&right.part))
        })
    }

    /// The claim's own time, by its signer's corrected clock.
    pub(crate) fn claim_time(self, claim: ClaimNo) -> Timestamp {
        order::claim_time(&self.known.atlas, self.claim(claim))
    }

    /// The observations of all keys of the unit whose smallest is `root`, and of what it was in, in the
    /// total order: those that were laid out.
    pub(crate) fn history(self, root: UnitNo) -> &'a [EventNo] {
        self.desk.history(root)
    }

    /// The container through which an observation of another thing speaks for a unit; `None` for one
    /// that names the unit itself.
    pub(crate) fn container(self, root: UnitNo, event: EventNo) -> Option<UnitNo> {
        self.desk.container(root, event)
    }

    /// The observations that name a document, which must have been laid out.
    pub(crate) fn document(self, doc: DocNo) -> Option<&'a Named> {
        let named = self.desk.document(doc);
        debug_assert!(named.is_some(), "what is judged by was laid out");
        named
    }
}

impl Known {
    pub(crate) const fn view<'a>(&'a self, desk: &'a Desk) -> View<'a> {
        View { known: self, desk }
    }

    /// Whether a claim that is kept stands, and was signed by a key that somebody else may have had.
    pub(crate) fn is_claim_suspect(&self, claim: ClaimNo) -> bool {
        self.claims.row(claim).is_suspect && self.is_claim_effective(claim)
    }

    /// Whether a claim that is kept was not taken back, and its signer was not locked.
    pub(crate) fn is_claim_effective(&self, claim: ClaimNo) -> bool {
        self.claims.row(claim).is_effective()
    }

    /// The total order of claims that are kept, by the time that they name as their own.
    pub(crate) fn order_of_claims(&self, a: ClaimNo, b: ClaimNo) -> Ordering {
        let claims = (self.claims.row(a), self.claims.row(b));
        let time = |row| order::claim_time(&self.atlas, row);
        let by_time = time(claims.0).cmp(&time(claims.1));
        by_time.then_with(|| order::behind_time(&self.atlas, claims))
    }

    /// Where the event happened: as it says, else where its signer stands.
    pub(crate) fn place_of(&self, event: &Event) -> Option<PlaceNo> {
        if let Some(position) = event.position {
            return match self.atlas.whereabouts(position) {
                Whereabouts::At(site) => Some(site),
                Whereabouts::Road => event.place,
                Whereabouts::Unsure => None,
            };
        }
        event
            .place
            .or_else(|| self.atlas.signer(event.issuer).place)
    }

    /// Whether it says where on the ground that is, and that is certainly at no site.
    pub(crate) fn is_on_road(&self, event: &Event) -> bool {
        let is_road = |place| self.atlas.spot(place).is_road;
        event.position.is_some() && self.place_of(event).is_some_and(is_road)
    }

    /// Whether an observation of that time was recorded too late to move anything. What is imported is
    /// of old times by its nature.
    pub(crate) fn is_settled(&self, claim: &ClaimRow, time: Timestamp) -> bool {
        let settles = self.atlas.settles_after();
        let is_late = |settles| claim.recorded > time.plus(settles);
        claim.assurance != Assurance::Import && settles.is_some_and(is_late)
    }

    /// For whom the event's signer speaks: as the network says, else as the event says.
    pub(crate) fn party_of(&self, event: &Event) -> Option<PartyNo> {
        self.atlas.signer(event.issuer).party.or(event.said_party)
    }

    /// Whether the standing manifest lists any key of the unit.
    pub(crate) fn lists(&self, manifest: DocNo, root: UnitNo) -> bool {
        let mut members = self.aliases.members(root);
        members.any(|key| {
            let mut lines = self.lines_of(key);
            lines.any(|line| line.manifest == manifest)
        })
    }

    /// Whether the standing manifest lists a unit, or anything that was ever in it.
    pub(crate) fn lists_any(&self, manifest: DocNo, root: UnitNo) -> bool {
        let is_listed = |unit: &UnitNo| self.lists(manifest, self.aliases.root(*unit));
        self.lists(manifest, root) || self.contents_below(&[root]).iter().any(is_listed)
    }

    /// The lines of standing manifests that name a key.
    pub(crate) fn lines_of(&self, key: UnitNo) -> impl Iterator<Item = LineRef> {
        self.lines.of(self.units.row(key).lines)
    }

    /// The standing manifest that an event names for a unit: one that lists the unit before
    /// one that does not, then by text.
    pub(crate) fn manifest_named(&self, event: &Event, root: UnitNo) -> Option<DocNo> {
        if event.docs.is_empty() {
            return None;
        }
        let named = event.docs.iter().copied();
        let named = named.filter(|doc| self.manifests.standing(*doc).is_some());
        named.min_by(|a, b| {
            let key = |doc: &DocNo| (!self.lists(*doc, root), self.atlas.names.docs.name(*doc));
            key(a).cmp(&key(b))
        })
    }
}

impl Known {
    pub(crate) fn keep(&self, out: &mut Keeper) {
        self.atlas.keep(out);
        self.claims.keep(out);
        out.whole("keys", self.keys.clone());
        out.whole("suspicions", self.suspicions.clone());
        out.whole("sources", self.sources.clone());
        out.whole("outages", self.outages.clone());
        out.whole("contents", self.contents.clone());
        out.whole("tallied", self.tallied.clone());
        out.whole("choices", self.choices.clone());
        self.milestones.keep(out);
        self.units.keep(out);
        self.lines.keep(out);
        self.aliases.keep(out);
        self.manifests.keep(out);
        self.counts.keep(out);
        out.whole("due", self.due.clone());
        self.documents.keep(out);
        out.whole("classes", self.classes.clone());
        out.whole("unfolded", self.unfolded.clone());
        out.whole("tick", self.tick);
    }

    /// All but which keys are one unit.
    pub(crate) fn resume(secret: Secret, from: &mut Kept<'_>) -> Result<Self, Unreadable> {
        let milestones = Milestones::resume(from)?;
        Ok(Self {
            atlas: Atlas::resume(secret, from)?,
            claims: Claims::resume(from)?,
            keys: from.whole("keys")?,
            suspicions: from.whole("suspicions")?,
            sources: from.whole("sources")?,
            outages: from.whole("outages")?,
            contents: from.whole("contents")?,
            tallied: from.whole("tallied")?,
            choices: from.whole("choices")?,
            units: Units::resume(from, &milestones)?,
            lines: Lines::resume(from)?,
            aliases: Aliases::resume(from)?,
            manifests: Manifests::resume(from)?,
            counts: Counts::resume(from)?,
            due: from.whole("due")?,
            milestones,
            documents: Documents::resume(from)?,
            classes: from.whole("classes")?,
            unfolded: from.whole("unfolded")?,
            tick: from.whole("tick")?,
        })
    }
}
