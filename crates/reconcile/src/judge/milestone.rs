//! Was the milestone reached in time? Kinds `late` and `missing`, for plans out of tables.
//!
//! A milestone that nobody reached is missing only while nothing later is known: once the plan
//! reached a later milestone, or the unit was seen, it is late.

use countersign_model::time::Timestamp;

use super::{Case, Draft, Judgement, State};
use crate::discrepancy::{Discrepancy, FactValue, Word};
use crate::kind::Kind;
use crate::known::View;
use crate::known::milestones::{ExpectedTerms, ReachedBy};
use crate::known::sources::Question;
use crate::number::{ClaimNo, MilestoneNo};
use crate::value::unit_value;

struct Due {
    milestone: MilestoneNo,
    claim: ClaimNo,
    terms: ExpectedTerms,
    reached: Option<ReachedBy>,
}

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    let known = case.known;
    for milestone in of(case) {
        let Some((claim, terms)) = known.expected(milestone) else {
            continue;
        };
        // A stop is reached by being seen there (`stop.rs`).
        if terms.opens.is_some() {
            continue;
        }
        // Named by another claim for another unit: that one answers for it.
        if known.aliases.root(terms.unit) != case.root {
            continue;
        }
        let due = Due {
            milestone,
            claim,
            terms,
            reached: known.reached(milestone),
        };
        let state = match state(case, &due) {
            bad if bad.kind().is_some() && is_awaited(case, judgement, &due) => State::Awaited,
            state => state,
        };
        if judgement
            .milestones
            .iter()
            .any(|(other, _)| *other == milestone)
        {
            continue;
        }
        judgement.milestones.push((milestone, state));
        judgement.is_missing |= state == State::Missing;
        judgement.add_some(draft(case, &due, state));
    }
}

/// The milestones that plans have for the unit.
pub(super) fn of<'k>(case: &Case<'k>) -> impl Iterator<Item = MilestoneNo> + use<'k> {
    let known = case.known.known;
    let members = known.aliases.members(case.root);
    members.flat_map(|key| known.units.milestones(key).iter().copied())
}

fn state(case: &Case<'_>, due: &Due) -> State {
    let deadline = due.terms.deadline();
    let is_past = case.known.tick > deadline;
    match due.reached {
        Some(reached) if reached.time <= deadline => State::Met,
        Some(_) if is_past => State::Late,
        _ if !is_past => State::Pending,
        _ if is_after_write_off(case, deadline) => State::NotJudged,
        _ if is_later_known(case, due) => State::Late,
        _ => State::Missing,
    }
}

/// Whether somebody at its place may still say that it was reached in time.
fn is_awaited(case: &Case<'_>, judgement: &mut Judgement, due: &Due) -> bool {
    let known = case.known;
    let site = due.terms.place.map(|place| known.atlas.site(place));
    let since = (known.claim_time(due.claim), due.terms.deadline());
    site.is_some_and(|site| {
        let asked = Question::at(&known, &[site], since);
        judgement.waits_for(case, &asked)
    })
}

pub(super) fn is_after_write_off(case: &Case<'_>, deadline: Timestamp) -> bool {
    let write_off = case.write_off();
    write_off.is_some_and(|write_off| deadline > write_off.instant)
}

fn is_later_known(case: &Case<'_>, due: &Due) -> bool {
    let known = case.known;
    let newest = case.effective().next_back();
    if newest.is_some_and(|event| case.time(event) > due.terms.due) {
        return true;
    }
    let plan = known.milestones.row(due.milestone).plan;
    let others = known.milestones.of_plan(plan).iter();
    let mut others = others.filter(|other| **other != due.milestone);
    others.any(|other| is_later(known, *other, due.terms.due))
}

/// Whether a milestone was reached after an instant, or was to be reached after it and was.
fn is_later(known: View<'_>, milestone: MilestoneNo, due: Timestamp) -> bool {
    known.reached(milestone).is_some_and(|reached| {
        let planned = known.expected(milestone);
        reached.time > due || planned.is_some_and(|(_, terms)| terms.due > due)
    })
}

fn draft(case: &Case<'_>, due: &Due, state: State) -> Option<Discrepancy> {
    let kind = state.kind()?;
    let known = case.known;
    let names = &known.atlas.names;
    let row = known.milestones.row(due.milestone);
    let stage = names.words.name(row.stage);
    let deadline = due.terms.deadline();
    let (from, until) = match kind {
        Kind::Missing => (None, Some(deadline)),
        _ => (Some(deadline), due.reached.map(|reached| reached.time)),
    };
    let place = due.terms.place.or_else(|| due.reached?.place);
    let mut draft = Draft::of_stage(known, kind, row.plan, Some(row.line), stage)
        .unit(case.root, unit_value(case, None))
        .at(place)
        .interval(from, until)
        .proven(case.walked.last)
        .overdue(deadline)
        .agree_claim(due.claim, Word::Planned)
        .fact("due", FactValue::Time(due.terms.due))
        .fact(
            "group",
            FactValue::Name((**names.words.name(due.terms.group)).into()),
        )
        .settled(case.write_off().is_some());
    if kind == Kind::Missing {
        draft = draft.grouped_by_stage(stage);
    }
    if let Some(reached) = due.reached {
        draft = draft.disagree_claim(reached.claim, Word::Reached).fact(
            "late_by",
            FactValue::Span(reached.time.since(due.terms.due)),
        );
    }
    Some(draft.finish())
}
