//! Builds a discrepancy: numbers become texts here, and only here.

use std::collections::BTreeMap;

use countersign_model::claim::StepRole;
use countersign_model::entry::{ClaimRef, Index};
use countersign_model::ids::{DocId, UnitId};
use countersign_model::plan::StageKey;
use countersign_model::quantity::Money;
use countersign_model::time::Timestamp;

use crate::account::Basis;
use crate::discrepancy::{
    Amount, Anchor, Day, Discrepancy, Disproof, FactValue, GroupKey, Proof, Scope, SourceWord,
    Status, Word, add_money, id_of,
};
use crate::kind::Kind;
use crate::known::View;
use crate::limits::WITNESSES_MAX;
use crate::number::{ClaimNo, DocNo, EventNo, PartyNo, PlaceNo, PrincipalNo, UnitNo, WordNo};
use crate::walk::Last;

pub(crate) struct Draft<'a> {
    known: View<'a>,
    what: Discrepancy,
}

impl<'a> Draft<'a> {
    /// About an expectation.
    pub(crate) fn of_stage(
        known: View<'a>,
        kind: Kind,
        plan: DocNo,
        line: Option<WordNo>,
        stage: &str,
    ) -> Self {
        let line = line.map_or_else(
            || "".into(),
            |line| known.atlas.names.words.name(line).clone(),
        );
        let key = StageKey {
            plan: known.atlas.names.docs.name(plan).clone(),
            line,
            stage: stage.into(),
        };
        let draft = Self::of(known, kind, Anchor::Stage(key));
        draft.plan(Some(plan))
    }

    /// About claims that cannot all hold.
    pub(crate) fn of_claims(known: View<'a>, kind: Kind, claims: &[ClaimNo]) -> Option<Self> {
        let ids = claims.iter().map(|claim| known.claim(*claim).id);
        let draft = Self::of(known, kind, Anchor::Claim(ids.min()?));
        Some(
            claims
                .iter()
                .fold(draft, |draft, claim| draft.entry(*claim)),
        )
    }

    pub(crate) fn of(known: View<'a>, kind: Kind, anchor: Anchor) -> Self {
        let what = Discrepancy {
            id: id_of(kind, &anchor),
            kind,
            anchor,
            group: GroupKey {
                kind,
                scope: Scope::Nowhere,
                day: None,
                stage: None,
            },
            plan: None,
            units: Vec::new(),
            amount: None,
            value: Vec::new(),
            place: None,
            site: None,
            from: None,
            until: None,
            last_proven: None,
            first_disproven: None,
            agreeing: Vec::new(),
            disagreeing: Vec::new(),
            entries: Vec::new(),
            facts: BTreeMap::new(),
            status: Status::Open,
        };
        Self { known, what }
    }

    pub(crate) fn unit(self, root: UnitNo, value: Option<Money>) -> Self {
        let name = self.known.atlas.names.units.name(root);
        self.unit_named(name, value)
    }

    pub(crate) fn unit_named(mut self, unit: UnitId, value: Option<Money>) -> Self {
        self.what.units.push(unit);
        if let Some(value) = value {
            add_money(&mut self.what.value, value);
        }
        self
    }

    pub(crate) fn amount(mut self, amount: Amount, value: Option<Money>) -> Self {
        self.what.amount = Some(amount);
        self.what.value.extend(value);
        self
    }

    /// The plan concerned, which is also the scope of its group.
    pub(crate) fn plan(mut self, plan: Option<DocNo>) -> Self {
        if let Some(plan) = plan {
            let doc: DocId = self.known.atlas.names.docs.name(plan).clone();
            self.what.group.scope = Scope::Plan(doc.clone());
            self.what.plan = Some(doc);
        }
        self
    }

    /// The stage as part of the group.
    pub(crate) fn grouped_by_stage(mut self, stage: &str) -> Self {
        self.what.group.stage = Some(stage.into());
        self
    }

    /// Where it shows.
    pub(crate) fn at(mut self, place: Option<PlaceNo>) -> Self {
        if let Some(place) = place {
            let names = &self.known.atlas.names.places;
            let site = self.known.atlas.site(place);
            self.what.place = Some(names.name(place).clone());
            self.what.site = Some(names.name(site).clone());
        }
        self
    }

    /// Without a plan the sites are the scope of the group.
    pub(crate) fn between(mut self, from: Option<PlaceNo>, to: Option<PlaceNo>) -> Self {
        let names = &self.known.atlas.names.places;
        let name = |place: PlaceNo| names.name(place).clone();
        if self.what.plan.is_none() {
            self.what.group.scope = match (from, to) {
                (Some(from), Some(to)) if from != to => Scope::Sites(name(from), name(to)),
                (Some(site), _) | (None, Some(site)) => Scope::Site(name(site)),
                (None, None) => Scope::Nowhere,
            };
        }
        self
    }

    /// A source, and where it stands; the scope of its group is its site, else the source itself.
    pub(crate) fn source(self, source: PrincipalNo) -> Self {
        let known = self.known;
        let name = known.atlas.names.principals.name(source);
        let place = known.atlas.signer(source).place;
        let site = place.map(|place| known.atlas.site(place));
        let mut draft = self
            .at(place)
            .between(site, None)
            .fact("source", FactValue::Name(name.as_str().into()));
        if site.is_none() {
            draft.what.group.scope = Scope::Source(name.clone());
        }
        draft
    }

    /// The day to which it belongs.
    pub(crate) const fn on(mut self, day: Day) -> Self {
        self.what.group.day = Some(day);
        self
    }

    /// A source said anything at all, in a statement at that place in the log.
    pub(crate) fn lived(mut self, source: PrincipalNo, time: Timestamp, entry: Index) -> Self {
        self.what.agreeing.push(SourceWord {
            time,
            signer: self.known.atlas.names.principals.name(source).clone(),
            what: Word::Lived,
            at: ClaimRef {
                index: entry,
                ordinal: 0,
            },
        });
        self.what.entries.push(entry);
        self
    }

    pub(crate) const fn interval(
        mut self,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Self {
        self.what.from = from;
        self.what.until = until;
        self
    }

    /// The last custody that is proven; the interval begins there unless it has a beginning.
    pub(crate) fn proven(mut self, last: Option<Last>) -> Self {
        if let Some(last) = last {
            let row = self.known.event(last.event);
            let proof = self.proof(last.event, last.party, last.basis);
            self.what.from = self.what.from.or(Some(row.time));
            self.what.last_proven = Some(proof);
            self = self.entry(row.claim);
        }
        self
    }

    /// As [`Draft::proven`], by one event alone.
    pub(crate) fn proven_by(self, event: EventNo) -> Self {
        let row = self.known.event(event);
        let basis = match row.role {
            StepRole::Gives => Basis::GiverOnly,
            StepRole::Takes => Basis::ReceiverOnly,
            _ => Basis::Sighted,
        };
        let party = self.known.party_of(row);
        self.proven(Some(Last {
            event,
            basis,
            party,
        }))
    }

    fn proof(&self, event: EventNo, party: Option<PartyNo>, basis: Basis) -> Proof {
        let row = self.known.event(event);
        let claim = self.known.claim(row.claim);
        let names = &self.known.atlas.names;
        let place = self.known.place_of(row);
        Proof {
            claim: claim.at,
            time: row.time,
            place: place.map(|place| names.places.name(place).clone()),
            party: party.map(|party| names.parties.name(party).clone()),
            signer: names.principals.name(claim.issuer).clone(),
            basis,
            assurance: self.known.assurance(row.claim),
        }
    }

    /// An event speaks against the last proof; the interval ends there.
    pub(crate) fn disproven_by(mut self, event: EventNo) -> Self {
        let row = self.known.event(event);
        self.what.until = self.what.until.or(Some(row.time));
        self.what.first_disproven = Some(Disproof::Claim {
            claim: self.known.claim(row.claim).at,
            time: row.time,
        });
        self.entry(row.claim)
    }

    /// A deadline speaks against the last proof.
    pub(crate) fn overdue(mut self, deadline: Timestamp) -> Self {
        self.what.first_disproven = Some(Disproof::Deadline(deadline));
        self
    }

    pub(crate) fn agree(mut self, event: EventNo, what: Word) -> Self {
        let row = self.known.event(event);
        let word = self.word(row.claim, row.time, what);
        self.what.agreeing.push(word);
        self.entry(row.claim)
    }

    pub(crate) fn disagree(mut self, event: EventNo, what: Word) -> Self {
        let row = self.known.event(event);
        let word = self.word(row.claim, row.time, what);
        self.what.disagreeing.push(word);
        self.entry(row.claim)
    }

    /// A claim that is no sighting, at its own time.
    pub(crate) fn agree_claim(mut self, claim: ClaimNo, what: Word) -> Self {
        let word = self.word(claim, self.known.claim_time(claim), what);
        self.what.agreeing.push(word);
        self.entry(claim)
    }

    pub(crate) fn disagree_claim(mut self, claim: ClaimNo, what: Word) -> Self {
        let word = self.word(claim, self.known.claim_time(claim), what);
        self.what.disagreeing.push(word);
        self.entry(claim)
    }

    fn word(&self, claim: ClaimNo, time: Timestamp, what: Word) -> SourceWord {
        let row = self.known.claim(claim);
        SourceWord {
            time,
            signer: self.known.atlas.names.principals.name(row.issuer).clone(),
            what,
            at: row.at,
        }
    }

    pub(crate) fn entry(mut self, claim: ClaimNo) -> Self {
        self.what.entries.push(self.known.claim(claim).at.index);
        self
    }

    /// Says which of these events are by a suspect key, unless that is said already.
    pub(crate) fn suspects(self, events: impl IntoIterator<Item = EventNo>) -> Self {
        let known = self.known;
        let events = events.into_iter().filter(|event| known.is_suspect(*event));
        events.take(WITNESSES_MAX).fold(self, |draft, event| {
            let draft = match draft.is_said_by(known.event(event).claim) {
                true => draft,
                false => draft.disagree(event, Word::Suspect),
            };
            draft.fact("suspect", FactValue::Word("yes"))
        })
    }

    /// The same of claims that are no sightings, all of them by suspect keys.
    pub(crate) fn suspect_claims(self, claims: impl IntoIterator<Item = ClaimNo>) -> Self {
        let claims = claims.into_iter().take(WITNESSES_MAX);
        claims.fold(self, |draft, claim| {
            let draft = match draft.is_said_by(claim) {
                true => draft,
                false => draft.disagree_claim(claim, Word::Suspect),
            };
            draft.fact("suspect", FactValue::Word("yes"))
        })
    }

    fn is_said_by(&self, claim: ClaimNo) -> bool {
        let at = self.known.claim(claim).at;
        self.what.agreeing.iter().any(|word| word.at == at)
    }

    /// Goes on with what is finished.
    pub(crate) const fn resume(known: View<'a>, what: Discrepancy) -> Self {
        Self { known, what }
    }

    pub(crate) fn fact(mut self, name: &'static str, value: FactValue) -> Self {
        self.what.facts.insert(name, value);
        self
    }

    pub(crate) fn fact_place(self, name: &'static str, place: Option<PlaceNo>) -> Self {
        let Some(place) = place else {
            return self;
        };
        let value = FactValue::Place(self.known.atlas.names.places.name(place).clone());
        self.fact(name, value)
    }

    pub(crate) const fn settled(mut self, is_settled: bool) -> Self {
        if is_settled {
            self.what.status = Status::Settled;
        }
        self
    }

    /// What belongs to no plan is a matter of its day: of that in which it was over, unless it was said.
    pub(crate) fn finish(mut self) -> Discrepancy {
        let group = &mut self.what.group;
        if !matches!(group.scope, Scope::Plan(_)) {
            let instant = self.what.until.or(self.what.from);
            group.day = group.day.or_else(|| instant.map(Day::of));
        }
        // What was proven behind its end came about later, and nobody can say by when.
        if let (Some(from), Some(until)) = (self.what.from, self.what.until)
            && until < from
        {
            self.what.until = None;
        }
        self.what.tidy();
        self.what
    }
}

/// What an observation says.
pub(crate) fn word_of(known: View<'_>, event: EventNo) -> Word {
    let row = known.event(event);
    match row.role {
        _ if known.is_suspect(event) => Word::Suspect,
        StepRole::Gives => Word::Gave,
        StepRole::Takes if row.is_accepting => Word::Accepted,
        StepRole::Takes => Word::Took,
        StepRole::Counts => Word::Counted,
        StepRole::Ends => Word::Ended,
        StepRole::Issues | StepRole::Voids | StepRole::Sees => Word::Saw,
    }
}
