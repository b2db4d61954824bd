//! The claims that the ledger was given, and which of them were taken back.
//!
//! An error declaration takes back a claim of its own issuer, and may come before it.
//! What a declaring event repeats of the wrong one is not said again; the claims that stand
//! instead count by themselves.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, ClaimRef, ClaimStatus};
use countersign_model::fold::ChainPosition;
use countersign_model::ids::{ClaimId, UnitId};
use countersign_model::time::Timestamp;

use super::atlas::Signed;
use super::events::Effect;
use crate::limits::RIVALS_MAX;
use crate::number::{
    BearingNo, ClaimNo, DeclarationNo, DocNo, KeyNo, MilestoneNo, Number, PrincipalNo, UnitNo,
};
use crate::packed::chains::Chains;
use crate::packed::paged::Paged;
use crate::snapshot::Unreadable;
use crate::snapshot::coded::{coded, coded_cases};
use crate::snapshot::sections::{Keeper, Kept as Resumed};

#[derive(Clone, Copy, Debug)]
pub(crate) struct ClaimRow {
    pub(crate) id: ClaimId,
    pub(crate) at: ClaimRef,
    pub(crate) digest: Digest,
    pub(crate) issuer: PrincipalNo,
    pub(crate) key: KeyNo,
    /// When its batch was recorded, by the node's clock.
    pub(crate) recorded: Timestamp,
    /// What the batch records; see [`super::Known::assurance`].
    pub(crate) assurance: Assurance,
    pub(crate) chain: Option<ChainPosition>,
    pub(crate) status: ClaimStatus,
    /// As the claim says it, by its signer's own clock.
    pub(crate) time: Timestamp,
    /// The signer's key was locked before: the claim is shown and moves nothing.
    pub(crate) is_locked: bool,
    pub(crate) is_taken_back: bool,
    /// Somebody else may have had the key: the claim is no more than a sighting.
    pub(crate) is_suspect: bool,
}

impl ClaimRow {
    /// Of which statement it is.
    pub(crate) const fn signed(&self) -> Signed {
        Signed {
            issuer: self.issuer,
            key: self.key,
            chain: self.chain,
        }
    }

    /// Whether it was not taken back, and its signer was not locked.
    pub(crate) fn is_effective(&self) -> bool {
        self.status == ClaimStatus::Effective && !self.is_taken_back && !self.is_locked
    }

    /// Whether two people may choose what it says of a plan: it may have come under the identity of
    /// an earlier claim, too.
    pub(crate) const fn may_be_chosen(&self) -> bool {
        !self.is_taken_back && !self.is_locked
    }

    /// Whether its sightings count.
    pub(crate) const fn effect(&self) -> Effect {
        match (self.is_taken_back, self.is_locked) {
            (true, _) => Effect::TakenBack,
            (false, true) => Effect::Locked,
            (false, false) => Effect::Effective,
        }
    }
}

/// Something that a claim speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BearsOn {
    Manifest(DocNo),
    Count(DocNo),
    Document(DocNo),
    Milestone(MilestoneNo),
    Alias(UnitNo, UnitNo),
}

/// A claim that is kept.
#[derive(Clone, Copy, Debug)]
struct Kept {
    row: ClaimRow,
    bears_on: Option<BearingNo>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Claims {
    rows: Paged<ClaimNo, Option<Kept>>,
    bears_on: Chains<BearingNo, BearsOn>,
    by_id: BTreeSet<(ClaimId, ClaimNo)>,
    /// Declarations by what they take back,
    declarations: BTreeSet<(ClaimId, ClaimNo)>,
    /// and in the order in which they came.
    declared: Paged<DeclarationNo, Option<(ClaimId, ClaimNo)>>,
    conflicts: BTreeMap<ClaimId, Vec<Conflict>>,
}

/// What a suspicion changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doubted {
    /// Claims that are kept.
    pub(crate) claims: BTreeSet<ClaimNo>,
    /// Identities of claims that are taken back from now on, or no longer.
    pub(crate) taken_back: BTreeSet<ClaimId>,
}

/// A claim whose identity was in the log with other content.
#[derive(Clone, Debug)]
pub(crate) struct Conflict {
    pub(crate) claim: ClaimNo,
    /// By their texts: a claim without effect makes no unit known.
    pub(crate) units: Vec<UnitId>,
}

impl Claims {
    pub(crate) fn row(&self, claim: ClaimNo) -> &ClaimRow {
        let kept = self.rows.row(claim).as_ref();
        &kept.expect("a number is given out for a claim").row
    }

    fn kept_mut(&mut self, claim: ClaimNo) -> &mut Kept {
        let kept = self.rows.row_mut(claim).as_mut();
        kept.expect("a number is given out for a claim")
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = (ClaimNo, &ClaimRow)> {
        let rows = self.rows.rows();
        rows.filter_map(|(number, kept)| Some((number, &kept.as_ref()?.row)))
    }

    /// Notes what must be judged again when a claim is taken back.
    pub(crate) fn bear_on(&mut self, claim: ClaimNo, things: &[BearsOn]) {
        let mut list = self.kept_mut(claim).bears_on;
        for thing in things {
            self.bears_on.add(&mut list, *thing);
        }
        self.kept_mut(claim).bears_on = list;
    }

    /// What must be judged again when a claim is taken back; nothing of one of which no row is kept.
    pub(crate) fn bears_on(&self, claim: ClaimNo) -> impl Iterator<Item = BearsOn> {
        let kept = self.rows.get(claim).and_then(Option::as_ref);
        let list = kept.and_then(|kept| kept.bears_on);
        self.bears_on.of(list).copied()
    }

    /// Takes a claim in; an effective one may have been taken back before it came.
    pub(crate) fn add(&mut self, mut row: ClaimRow) -> ClaimNo {
        let id = row.id;
        let is_effective = row.status == ClaimStatus::Effective;
        row.is_taken_back = is_effective && self.is_declared_wrong(id, row.issuer);
        let number = self.rows.push(Some(Kept {
            row,
            bears_on: None,
        }));
        if is_effective {
            self.by_id.insert((id, number));
        }
        number
    }

    /// Declares claims wrong; returns those that this takes back.
    pub(crate) fn declare(&mut self, declaration: ClaimNo, corrects: ClaimId) -> Vec<ClaimNo> {
        let declared = (corrects, declaration);
        if self.declarations.insert(declared) {
            self.declared.push(Some(declared));
        }
        self.restand(corrects)
    }

    /// Lets what is declared of one identity hold; returns the claims for which that changes
    /// something.
    fn restand(&mut self, id: ClaimId) -> Vec<ClaimNo> {
        let said: Vec<ClaimNo> = self.effective_with(id).collect();
        let mut changed = Vec::new();
        for claim in said {
            let is_taken_back = self.is_declared_wrong(id, self.row(claim).issuer);
            if self.row(claim).is_taken_back != is_taken_back {
                self.kept_mut(claim).row.is_taken_back = is_taken_back;
                changed.push(claim);
            }
        }
        changed
    }

    /// Marks what a key signed as suspect or not; returns the claims for which that changes
    /// something. A suspect declaration takes nothing back.
    pub(crate) fn doubt(&mut self, key: KeyNo, is_suspect: impl Fn(Timestamp) -> bool) -> Doubted {
        let mut claims = BTreeSet::new();
        for number in self.rows.numbers() {
            let row = self.row(number);
            let now = is_suspect(row.recorded);
            if row.key == key && row.is_suspect != now {
                self.kept_mut(number).row.is_suspect = now;
                claims.insert(number);
            }
        }
        let declared = self.declarations.iter();
        let taken_back: BTreeSet<ClaimId> = declared
            .filter(|(_, by)| claims.contains(by))
            .map(|(id, _)| *id)
            .collect();
        for id in &taken_back {
            claims.extend(self.restand(*id));
        }
        Doubted { claims, taken_back }
    }

    /// The claims that a key signed.
    pub(crate) fn of_key(&self, key: KeyNo) -> impl Iterator<Item = (ClaimNo, &ClaimRow)> {
        self.rows().filter(move |(_, row)| row.key == key)
    }

    /// Whether its own issuer, and nobody else with the key, takes a claim back.
    pub(crate) fn is_declared_wrong(&self, id: ClaimId, issuer: PrincipalNo) -> bool {
        self.taken_back_by(id, issuer).next().is_some()
    }

    /// With which declarations its own issuer, and nobody else with the key, takes a claim back.
    pub(crate) fn taken_back_by(
        &self,
        id: ClaimId,
        issuer: PrincipalNo,
    ) -> impl Iterator<Item = ClaimNo> {
        self.declarations_of(id).filter(move |by| {
            let by = self.row(*by);
            by.issuer == issuer && !by.is_suspect
        })
    }

    /// The effective claims of that identity: one, if intake did its work.
    pub(crate) fn effective_with(&self, id: ClaimId) -> impl Iterator<Item = ClaimNo> {
        let range = (id, ClaimNo::FIRST)..=(id, ClaimNo::LAST);
        self.by_id.range(range).map(|(_, claim)| *claim)
    }

    fn declarations_of(&self, id: ClaimId) -> impl Iterator<Item = ClaimNo> {
        let range = (id, ClaimNo::FIRST)..=(id, ClaimNo::LAST);
        self.declarations.range(range).map(|(_, claim)| *claim)
    }

    /// Of too many, those with the smallest digests stay: which ones depends on the set alone.
    pub(crate) fn add_conflict(&mut self, id: ClaimId, conflict: Conflict) {
        let mut all = self.conflicts.remove(&id).unwrap_or_default();
        let digest = |conflict: &Conflict| self.row(conflict.claim).digest;
        let at = all.partition_point(|other| digest(other) <= digest(&conflict));
        all.insert(at, conflict);
        all.truncate(RIVALS_MAX);
        self.conflicts.insert(id, all);
    }

    pub(crate) fn conflicts_of(&self, id: ClaimId) -> &[Conflict] {
        self.conflicts.get(&id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn all_conflicts(&self) -> impl Iterator<Item = ClaimId> {
        self.conflicts.keys().copied()
    }
}

coded! {
    ClaimRow {
        id, at, digest, issuer, key, recorded, assurance, chain, status, time, is_locked, is_taken_back,
        is_suspect,
    }
    Kept { row, bears_on }
    Conflict { claim, units }
}

coded_cases! {
    BearsOn { 0 Manifest(0 doc), 1 Count(0 doc), 2 Milestone(0 milestone), 3 Alias(0 a, 1 b), 4 Document(0 doc) }
}

impl Claims {
    pub(crate) fn keep(&self, out: &mut Keeper) {
        out.rows("claims", &self.rows);
        self.bears_on.keep("claims_bear_on", out);
        out.rows("declarations", &self.declared);
        out.whole("conflicts", self.conflicts.clone());
    }

    pub(crate) fn resume(from: &mut Resumed<'_>) -> Result<Self, Unreadable> {
        let rows: Paged<ClaimNo, Option<Kept>> = from.rows("claims")?;
        let kept = rows.rows().filter_map(|(_, kept)| kept.as_ref());
        let heads = kept.filter_map(|kept| kept.bears_on);
        let bears_on = Chains::resume("claims_bear_on", from, heads)?;
        let mut claims = Self {
            rows,
            bears_on,
            by_id: BTreeSet::new(),
            declarations: BTreeSet::new(),
            declared: from.rows("declarations")?,
            conflicts: from.whole("conflicts")?,
        };
        let declared = claims.declared.rows();
        claims.declarations = declared.filter_map(|(_, declared)| *declared).collect();
        let rows = claims.rows();
        let effective = rows.filter(|(_, row)| row.status == ClaimStatus::Effective);
        claims.by_id = effective.map(|(number, row)| (row.id, number)).collect();
        Ok(claims)
    }
}
