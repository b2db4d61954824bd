//! Was the same thing said twice with different content? Kind `conflicting_claim`.
//!
//! Of a claim the first stands, as intake recorded; of a plan the first in the total order; of either
//! what two people chose. The units concerned are those that one of the two names and the other does not; if they
//! name the same, all.

use std::collections::BTreeSet;

use countersign_model::ids::{ClaimId, UnitId};

use super::Draft;
use crate::discrepancy::{Discrepancy, Word};
use crate::kind::Kind;
use crate::known::choices::Choice;
use crate::known::claims::{BearsOn, Conflict};
use crate::known::said::{Said, chosen, effective};
use crate::known::{Known, View};
use crate::limits::RIVALS_MAX;
use crate::number::{ClaimNo, DocNo, EventNo, MilestoneNo};
use crate::value::key_value;

/// Judges all claims of one identity.
pub(crate) fn judge_claims(known: View<'_>, id: ClaimId) -> Option<Discrepancy> {
    let others = known.claims.conflicts_of(id).iter();
    let others: Vec<&Conflict> = others
        .filter(|other| !is_agreed(&known, other.claim))
        .collect();
    let first_other = others.first()?;
    let standing = known.effective_with(id);
    let said = standing
        .map(|claim| units_named(known, claim))
        .unwrap_or_default();
    let mut units: BTreeSet<UnitId> = BTreeSet::new();
    let mut all = said.clone();
    for other in &others {
        let named: BTreeSet<UnitId> = other
            .units
            .iter()
            .map(|unit| smallest_key(&known, unit))
            .collect();
        if standing.is_some() {
            units.extend(said.symmetric_difference(&named).cloned());
        }
        all.extend(named);
    }
    let mut draft = Draft::of_claims(known, Kind::ConflictingClaim, &[first_other.claim])?;
    for other in &others {
        draft = draft.disagree_claim(other.claim, Word::Said);
    }
    if let Some(claim) = standing {
        draft = draft.agree_claim(claim, Word::Said);
        if let Some(event) = first_event(known, claim) {
            draft = at_event(known, draft, event);
        }
    }
    let units = if units.is_empty() { all } else { units };
    Some(with_units(known, draft, units).finish())
}

/// Judges what was said of one manifest.
pub(crate) fn judge_manifest(known: View<'_>, doc: DocNo) -> Vec<Discrepancy> {
    let differs = |a: &_, b: &_| !known.is_same_plan(a, b);
    judge_said(known, doc, known.manifests.said(doc), differs)
}

/// Judges what was said of one count.
pub(crate) fn judge_count_plan(known: View<'_>, doc: DocNo) -> Vec<Discrepancy> {
    judge_said(known, doc, known.counts.said(doc).iter(), PartialEq::ne)
}

/// Judges what was said of one document that is due.
pub(crate) fn judge_document_plan(known: View<'_>, doc: DocNo) -> Vec<Discrepancy> {
    judge_said(known, doc, known.due.said(doc).iter(), PartialEq::ne)
}

/// Judges what was said to be expected at one milestone.
pub(crate) fn judge_milestone(known: View<'_>, milestone: MilestoneNo) -> Vec<Discrepancy> {
    let row = known.milestones.row(milestone);
    let said = known.known.milestones.expected(milestone);
    judge_said(known, row.plan, said, PartialEq::ne)
}

fn judge_said<'k, T: 'k>(
    known: View<'k>,
    plan: DocNo,
    said: impl Iterator<Item = &'k Said<T>>,
    differs: impl Fn(&T, &T) -> bool,
) -> Vec<Discrepancy> {
    let standing = effective(&known, plan, said);
    let choice = choice(&known, plan, &standing.iter().copied());
    let Some((first, others)) = standing.split_first() else {
        return Vec::new();
    };
    let others = others
        .iter()
        .filter(|other| differs(&other.terms, &first.terms))
        .filter(|other| !is_settled(&known, choice, other.claim))
        .take(RIVALS_MAX);
    let drafts = others.filter_map(|other| {
        let draft = Draft::of_claims(known, Kind::ConflictingClaim, &[other.claim])?
            .plan(Some(plan))
            .agree_claim(first.claim, Word::Planned)
            .disagree_claim(other.claim, Word::Planned);
        let (a, b) = (
            units_named(known, first.claim),
            units_named(known, other.claim),
        );
        let units = a.symmetric_difference(&b).cloned().collect();
        Some(with_units(known, draft, units).finish())
    });
    drafts.collect()
}

/// Whether two people settled everything of which a claim speaks, and it is plans alone.
fn is_agreed(known: &Known, claim: ClaimNo) -> bool {
    let mut plans = known.claims.bears_on(claim).peekable();
    plans.peek().is_some()
        && plans.all(|plan| {
            let choice = match plan {
                BearsOn::Manifest(doc) => choice(known, doc, &known.manifests.said(doc)),
                BearsOn::Count(doc) => choice(known, doc, &known.counts.said(doc).iter()),
                BearsOn::Document(doc) => choice(known, doc, &known.due.said(doc).iter()),
                BearsOn::Milestone(milestone) => {
                    let plan = known.milestones.row(milestone).plan;
                    choice(known, plan, &known.milestones.expected(milestone))
                }
                BearsOn::Alias(..) => None,
            };
            is_settled(known, choice, claim)
        })
}

fn choice<'a, T: 'a>(
    known: &Known,
    plan: DocNo,
    said: &(impl Iterator<Item = &'a Said<T>> + Clone),
) -> Option<Choice> {
    chosen(known, plan, said).map(|(_, choice)| *choice)
}

/// Whoever chose among the claims about a plan knew those that had come.
fn is_settled(known: &Known, choice: Option<Choice>, claim: ClaimNo) -> bool {
    choice.is_some_and(|choice| known.claims.row(claim).recorded <= choice.instant)
}

fn with_units<'a>(known: View<'a>, draft: Draft<'a>, units: BTreeSet<UnitId>) -> Draft<'a> {
    units.into_iter().fold(draft, |draft, unit| {
        let number = known.atlas.names.units.find(&unit);
        let value = number.and_then(|unit| key_value(&known, known.aliases.root(unit)));
        draft.unit_named(unit, value)
    })
}

fn at_event<'a>(known: View<'a>, draft: Draft<'a>, event: EventNo) -> Draft<'a> {
    let row = known.event(event);
    let docs = row.docs.iter().copied();
    let plans = docs.filter(|doc| known.manifests.standing(*doc).is_some());
    let plan = plans.min_by_key(|doc| known.atlas.names.docs.name(*doc));
    let place = known.place_of(row);
    let site = place.map(|place| known.atlas.site(place));
    draft
        .plan(plan)
        .at(place)
        .between(site, None)
        .proven_by(event)
}

fn first_event(known: View<'_>, claim: ClaimNo) -> Option<EventNo> {
    known.desk.events_of(claim).next()
}

/// Every unit that a claim names, by the smallest of its keys.
fn units_named(known: View<'_>, claim: ClaimNo) -> BTreeSet<UnitId> {
    let mut keys = Vec::new();
    for event in known.desk.events_of(claim) {
        keys.extend_from_slice(&known.event(event).units);
    }
    for one in known.claims.bears_on(claim) {
        match one {
            BearsOn::Manifest(doc) => {
                let said = known.manifests.said(doc);
                let own = said.filter(|said| said.claim == claim);
                let lines = own.flat_map(|said| known.lines(&said.terms));
                keys.extend(lines.map(|line| line.unit));
            }
            BearsOn::Milestone(milestone) => {
                let milestones = &known.milestones;
                let expected = milestones.expected(milestone);
                let expected = expected.filter(|said| said.claim == claim);
                let reached = milestones.reached(milestone);
                let reached = reached.filter(|said| said.claim == claim);
                keys.extend(expected.map(|said| said.terms.unit));
                keys.extend(reached.map(|said| said.terms.unit));
            }
            BearsOn::Alias(a, b) => keys.extend([a, b]),
            BearsOn::Count(_) | BearsOn::Document(_) => {}
        }
    }
    let names = &known.atlas.names.units;
    let roots = keys.into_iter().map(|key| known.aliases.root(key));
    roots.map(|root| names.name(root)).collect()
}

fn smallest_key(known: &Known, unit: &UnitId) -> UnitId {
    let names = &known.atlas.names.units;
    let number = names.find(unit);
    number.map_or_else(|| unit.clone(), |key| names.name(known.aliases.root(key)))
}
