//! The story of one unit: who said what, where it was after each word, and what is open.

use countersign_model::entry::{Assurance, ClaimRef};
use countersign_model::ids::{DocId, PartyId, PlaceId, PrincipalId, UnitId};
use countersign_model::plan::StageKey;
use countersign_model::time::Timestamp;

use super::Ledger;
use super::settle::lay_out;
use crate::account::{Account, AccountKind, Basis};
use crate::discrepancy::{Discrepancy, Disproof};
use crate::judge::{Case, Judgement, State, judge};
use crate::kind::{Kind, STAGE_ARRIVE, STAGE_DEPART};
use crate::known::View;
use crate::known::desk::Desk;
use crate::known::events::Effect;
use crate::number::{EventNo, UnitNo};
use crate::walk::{Custody, PathEvent, PathStep, Spot, Walked};

/// One link of a unit's chain of custody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Somebody said something.
    Claim {
        /// In which claim.
        claim: ClaimRef,
        /// Corrected event time.
        time: Timestamp,
        /// Where.
        place: Option<PlaceId>,
        /// The place's site.
        site: Option<PlaceId>,
        /// The step, by its short name or URI.
        step: Option<Box<str>>,
        /// Documents that it names, sorted.
        documents: Vec<DocId>,
        /// Who says so.
        signer: PrincipalId,
        /// For whom that speaks.
        party: Option<PartyId>,
        /// How sure it is who signed.
        assurance: Assurance,
        /// The container that it names in place of the unit, which is in it.
        inside: Option<UnitId>,
        /// Whether it counts.
        effect: Effect,
        /// The account after it.
        account: Account,
        /// On which basis custody stands after it.
        basis: Basis,
    },
    /// Nobody said how it came from one site to the next, or where it is since it is missing.
    Gap {
        /// Where it was.
        from: PlaceId,
        /// Since when that is the last word.
        since: Option<Timestamp>,
        /// Where it is next; where it is missed, if the gap is open.
        to: Option<PlaceId>,
        /// When; by when it was to be seen, if the gap is open.
        until: Timestamp,
        /// It has not been seen since.
        is_open: bool,
    },
    /// Two people wrote it off.
    WrittenOff {
        /// The approval.
        claim: ClaimRef,
        /// From when on.
        time: Timestamp,
    },
}

/// One expectation of a unit and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectationView {
    /// Which milestone of which plan.
    pub key: StageKey,
    /// Where it must be seen.
    pub place: Option<PlaceId>,
    /// By when, as the plan says.
    pub due: Timestamp,
    /// By when, grace included.
    pub deadline: Timestamp,
    /// How it stands.
    pub state: State,
}

/// All that is known of one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The smallest of its keys.
    pub unit: UnitId,
    /// All its keys.
    pub keys: Vec<UnitId>,
    /// Where it is now.
    pub account: Account,
    /// When it was itself observed last, other than in a container; by the corrected event time.
    pub observed: Option<Timestamp>,
    /// Its chain of custody, in the total order of what was said.
    pub links: Vec<Link>,
    /// Observations older than the newest that are kept; they are in the log.
    pub forgotten: u64,
    /// What plans expect of it, by deadline.
    pub expectations: Vec<ExpectationView>,
    /// Standing discrepancies that name it, by id.
    pub discrepancies: Vec<Discrepancy>,
}

impl Ledger {
    /// The timeline of the unit that `key` names; `None` for a key that was never named.
    #[must_use]
    pub fn timeline(&self, key: &UnitId) -> Option<Timeline> {
        let root = self.root(key)?;
        let mut desk = Desk::default();
        let mut walked = Walked::with_path();
        lay_out(&self.known, &*self.history, &mut desk, (root, &mut walked));
        let known = self.known.view(&desk);
        let case = Case {
            known,
            root,
            history: known.history(root),
            walked: &walked,
        };
        let judgement = judge(&case);
        let names = &known.atlas.names.units;
        let unit = names.name(root);
        let members = known.aliases.members(root);
        let mut links = known.links(root, &walked);
        let discrepancies: Vec<Discrepancy> = self.standing.of_unit(&unit).cloned().collect();
        if let Some(missed) = discrepancies.iter().find(|one| one.kind == Kind::Missing) {
            known.add_open_gap(&walked, missed, &mut links);
        }
        let forgotten = members.clone().map(|key| known.units.row(key).forgotten());
        Some(Timeline {
            keys: members.map(|key| names.name(key)).collect(),
            account: self.account_named(judgement.account?),
            observed: case.observed().map(|event| known.event(event).time),
            links,
            forgotten: forgotten.sum(),
            expectations: known.expectations(&judgement),
            discrepancies,
            unit,
        })
    }
}

impl View<'_> {
    fn links(self, root: UnitNo, walked: &Walked) -> Vec<Link> {
        let mut links = Vec::new();
        for step in walked.path.iter().flatten() {
            match step.what {
                PathEvent::Observed(event, effect) => {
                    links.extend(self.gap(step, event));
                    links.push(self.link((root, walked), step, (event, effect)));
                }
                PathEvent::WrittenOff(write_off) => links.push(Link::WrittenOff {
                    claim: write_off.at,
                    time: write_off.instant,
                }),
            }
        }
        links
    }

    fn gap(self, step: &PathStep, event: EventNo) -> Option<Link> {
        let (from, last) = step.gap_from?;
        let known = self;
        let places = &known.atlas.names.places;
        let row = known.event(event);
        let to = known.place_of(row).map(|place| known.atlas.site(place));
        Some(Link::Gap {
            from: places.name(from).clone(),
            since: last.map(|last| known.event(last).time),
            to: to.map(|to| places.name(to).clone()),
            until: row.time,
            is_open: false,
        })
    }

    /// From the last word on what is missing to what first spoke against it, behind that word.
    fn add_open_gap(self, walked: &Walked, missed: &Discrepancy, links: &mut Vec<Link>) {
        let counts =
            |step: &&PathStep| matches!(step.what, PathEvent::Observed(_, Effect::Effective));
        let last = walked.path.iter().flatten().rfind(counts);
        let until = missed.first_disproven.as_ref().map(Disproof::time);
        let (Some(last), Some(until)) = (last, until) else {
            return;
        };
        let PathEvent::Observed(event, _) = last.what else {
            return;
        };
        let known = self;
        let row = known.event(event);
        let Some(place) = known.place_of(row) else {
            return;
        };
        let is_claim = |link: &Link| matches!(link, Link::Claim { .. });
        let behind = links.iter().rposition(is_claim).map_or(0, |at| at + 1);
        let gap = Link::Gap {
            from: known
                .atlas
                .names
                .places
                .name(known.atlas.site(place))
                .clone(),
            since: Some(row.time),
            to: missed.place.clone(),
            until,
            is_open: true,
        };
        links.insert(behind, gap);
    }

    fn link(
        self,
        (root, walked): (UnitNo, &Walked),
        step: &PathStep,
        (event, effect): (EventNo, Effect),
    ) -> Link {
        let known = self;
        let names = &known.atlas.names;
        let row = known.event(event);
        let claim = known.claim(row.claim);
        let place = known.place_of(row);
        let site = place.map(|place| known.atlas.site(place));
        let mut documents: Vec<DocId> = row
            .docs
            .iter()
            .map(|doc| names.docs.name(*doc).clone())
            .collect();
        documents.sort();
        Link::Claim {
            claim: claim.at,
            time: row.time,
            place: place.map(|place| names.places.name(place).clone()),
            site: site.map(|site| names.places.name(site).clone()),
            step: row.step.map(|step| (**names.words.name(step)).into()),
            documents,
            signer: names.principals.name(claim.issuer).clone(),
            party: known
                .party_of(row)
                .map(|party| names.parties.name(party).clone()),
            assurance: known.assurance(row.claim),
            inside: known
                .container(root, event)
                .map(|container| names.units.name(container)),
            effect: if known.is_suspect(event) {
                Effect::Suspect
            } else {
                effect
            },
            account: self.account_after(walked, step),
            basis: step.basis,
        }
    }

    fn account_after(self, walked: &Walked, step: &PathStep) -> Account {
        let names = &self.atlas.names;
        let (kind, spot): (AccountKind, Option<Spot>) = match step.custody {
            Custody::Unknown if walked.is_issued => (AccountKind::Issued, None),
            Custody::Unknown => (AccountKind::OpeningStock, None),
            Custody::Held(holding) => (AccountKind::Held, Some(holding.at)),
            Custody::Moving(number) => {
                let origin = walked.transfers.get(number).map(|t| t.origin);
                (AccountKind::InTransfer, origin)
            }
            Custody::Delivered(holding) => (AccountKind::Delivered, Some(holding.at)),
            Custody::Consumed(at) => (AccountKind::Consumed, at),
            Custody::WrittenOff(_) => (AccountKind::WrittenOff, None),
        };
        Account {
            kind,
            party: step.party.map(|party| names.parties.name(party).clone()),
            place: spot.map(|spot| names.places.name(spot.place).clone()),
        }
    }

    fn expectations(self, judgement: &Judgement) -> Vec<ExpectationView> {
        let known = self;
        let names = &known.atlas.names;
        let mut all = Vec::new();
        for (at, states) in &judgement.lines {
            let Some(manifest) = known.manifests.standing(at.manifest) else {
                continue;
            };
            let terms = &manifest.terms;
            let line = known.lines.terms(terms, at.line);
            let (depart, arrive) = manifest.deadlines();
            let stages = [
                (STAGE_DEPART, terms.from, terms.depart_by, depart),
                (STAGE_ARRIVE, terms.to, terms.arrive_by, arrive),
            ];
            for ((stage, place, due, deadline), state) in stages.into_iter().zip(states) {
                all.push(ExpectationView {
                    key: StageKey {
                        plan: names.docs.name(at.manifest).clone(),
                        line: names.words.name(line.line).clone(),
                        stage: stage.into(),
                    },
                    place: Some(names.places.name(place).clone()),
                    due,
                    deadline,
                    state: *state,
                });
            }
        }
        for (number, state) in &judgement.milestones {
            let row = known.milestones.row(*number);
            if let Some((_, terms)) = known.expected(*number) {
                all.push(ExpectationView {
                    key: StageKey {
                        plan: names.docs.name(row.plan).clone(),
                        line: names.words.name(row.line).clone(),
                        stage: names.words.name(row.stage).clone(),
                    },
                    place: terms.place.map(|place| names.places.name(place).clone()),
                    due: terms.due,
                    deadline: terms.deadline(),
                    state: *state,
                });
            }
        }
        all.sort_by(|a, b| (a.deadline, &a.key).cmp(&(b.deadline, &b.key)));
        all
    }
}
