//! Discrepancies out of verdicts.

use super::{Line, Stage, Verdict};
use crate::discrepancy::{Discrepancy, FactValue, Word};
use crate::judge::draft::word_of;
use crate::judge::{Case, Draft, State};
use crate::kind::Kind;
use crate::known::View;
use crate::known::plan_events::Named;
use crate::limits::WITNESSES_MAX;
use crate::number::EventNo;
use crate::value::unit_value;

pub(super) fn draft(case: &Case<'_>, verdict: &Verdict<'_>) -> Option<Discrepancy> {
    let known = case.known;
    let kind = match (verdict.state.kind()?, verdict.line) {
        (Kind::Missing | Kind::WrongPlace, Some(line)) if is_other_seal(case, verdict, line) => {
            Kind::SealMismatch
        }
        (kind, _) => kind,
    };
    let value = verdict.line.and_then(|line| line.terms.value());
    let name = verdict.line.map(|line| line.terms.line);
    let mut draft = Draft::of_stage(known, kind, verdict.plan, name, verdict.stage.as_str())
        .unit(case.root, unit_value(case, value))
        .overdue(verdict.deadline)
        .settled(case.write_off().is_some());
    draft = match (kind, verdict.evidence) {
        (Kind::Late, Some(evidence)) => late_with(case, draft, verdict, evidence),
        (Kind::Late, None) => draft
            .interval(Some(verdict.deadline), None)
            .proven(case.walked.last),
        _ => unseen(case, draft, verdict),
    };
    Some(match verdict.line {
        Some(line) => of_manifest(case, draft, verdict, line).finish(),
        None => of_count(case, draft, verdict)?.finish(),
    })
}

/// Whether it is a seal, and the rest of its load was handled where it is not. Of a load that did not come
/// at all it is missing like the rest.
fn is_other_seal(case: &Case<'_>, verdict: &Verdict<'_>, line: &Line<'_>) -> bool {
    let known = case.known;
    let way = &line.manifest.way;
    let site = match verdict.stage {
        Stage::Depart => way.from,
        Stage::Arrive | Stage::Count => way.to,
    };
    let named = || {
        known
            .document(verdict.plan)
            .into_iter()
            .flat_map(Named::all)
    };
    line.terms.is_seal
        && named().any(|event| known.is_effective(event) && case.site(event) == Some(site))
}

fn late_with<'a>(
    case: &Case<'a>,
    draft: Draft<'a>,
    verdict: &Verdict<'_>,
    evidence: EventNo,
) -> Draft<'a> {
    let time = case.time(evidence);
    draft
        .interval(Some(verdict.deadline), Some(time))
        .proven_by(evidence)
        .disagree(evidence, word_of(case.known, evidence))
}

/// Not seen where it was to be; its last word speaks for that, unless it is from another site.
fn unseen<'a>(case: &Case<'a>, draft: Draft<'a>, verdict: &Verdict<'_>) -> Draft<'a> {
    let draft = draft
        .grouped_by_stage(verdict.stage.as_str())
        .interval(None, Some(verdict.deadline))
        .proven(case.walked.last);
    let Some(last) = case.walked.last else {
        return draft;
    };
    let word = word_of(case.known, last.event);
    match verdict.state {
        State::Elsewhere => draft.disagree(last.event, word),
        _ => draft.agree(last.event, word),
    }
}

fn of_manifest<'a>(
    case: &Case<'a>,
    draft: Draft<'a>,
    verdict: &Verdict<'_>,
    line: &Line<'_>,
) -> Draft<'a> {
    let known = case.known;
    let terms = &line.manifest.terms;
    let (place, due) = match verdict.stage {
        Stage::Depart => (terms.from, terms.depart_by),
        Stage::Arrive | Stage::Count => (terms.to, terms.arrive_by),
    };
    let mut draft = draft
        .at(Some(place))
        .agree_claim(line.manifest.claim, Word::Planned)
        .fact("due", FactValue::Time(due))
        .fact_place("from_site", Some(known.atlas.site(terms.from)))
        .fact_place("to_site", Some(known.atlas.site(terms.to)));
    if let Some(evidence) = verdict.evidence {
        let late_by = case.time(evidence).since(due);
        draft = draft.fact("late_by", FactValue::Span(late_by));
    }
    if let Some(last) = case.walked.last {
        draft = draft.fact_place("last_site", case.site(last.event));
    }
    if line.terms.is_seal {
        draft = draft.fact(
            "planned_seal",
            FactValue::Unit(known.atlas.names.units.name(case.root)),
        );
    }
    if verdict.state == State::Missing {
        let named = known.document(line.at.manifest);
        let others = named.map_or(&[][..], |named| match verdict.stage {
            Stage::Depart => &named.gives,
            Stage::Arrive | Stage::Count => &named.takes,
        });
        // A carrier takes too, at the origin; of what arrived it says nothing.
        let there = known.atlas.site(place);
        let others = others
            .iter()
            .copied()
            .filter(|event| case.site(*event) == Some(there));
        draft = unheard_of(case, draft, others);
    }
    draft
}

fn of_count<'a>(case: &Case<'a>, draft: Draft<'a>, verdict: &Verdict<'_>) -> Option<Draft<'a>> {
    let known = case.known;
    let count = known.counts.standing(verdict.plan)?;
    let draft = draft
        .at(Some(count.terms.place))
        .agree_claim(count.claim, Word::Planned)
        .fact("due", FactValue::Time(count.terms.due))
        .fact("opens", FactValue::Time(count.terms.opens));
    Some(unheard_of(
        case,
        draft,
        known
            .document(verdict.plan)
            .map_or(&[][..], |named| &named.counts)
            .iter()
            .copied(),
    ))
}

/// Those who handled the rest of the plan and do not mention the unit tell another story.
fn unheard_of<'a>(
    case: &Case<'a>,
    draft: Draft<'a>,
    others: impl Iterator<Item = EventNo>,
) -> Draft<'a> {
    let known: View<'_> = case.known;
    let is_own = |event: EventNo| {
        let units = &known.event(event).units;
        units
            .iter()
            .any(|key| known.aliases.root(*key) == case.root)
    };
    let first = others.take(WITNESSES_MAX);
    let silent = first.filter(|event| known.is_effective(*event) && !is_own(*event));
    silent.fold(draft, |draft, event| {
        draft.disagree(event, word_of(known, event))
    })
}
