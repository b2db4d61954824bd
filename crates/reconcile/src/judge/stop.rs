//! Was it at its stops? Kinds `missing`, `late` and `wrong_place`, for routes and appointments.
//!
//! A stop is reached when the unit is seen at its site from the beginning of its window on, or was there
//! when that began. Behind the first stop at which it is missing nothing is asked of its route until it is
//! seen again.

use std::collections::BTreeSet;

use countersign_model::claim::StepRole;
use countersign_model::time::Timestamp;

use super::draft::word_of;
use super::lines::chances;
use super::milestone::{is_after_write_off, of};
use super::{Case, Draft, Judgement, State};
use crate::discrepancy::{Discrepancy, FactValue, Word};
use crate::kind::{Kind, STAGE_STOP};
use crate::known::sources::Question;
use crate::limits::MISSED_BY_CHANCE_PPM_MAX;
use crate::number::{ClaimNo, DocNo, EventNo, MilestoneNo, PlaceNo};
use crate::value::unit_value;

struct Stop {
    milestone: MilestoneNo,
    plan: DocNo,
    claim: ClaimNo,
    place: PlaceNo,
    opens: Timestamp,
    due: Timestamp,
    /// Who saw it there, and when it counts from.
    seen: Option<(EventNo, Timestamp)>,
}

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    let mut lost: BTreeSet<DocNo> = BTreeSet::new();
    for stop in stops(case) {
        let state = match state(case, &stop) {
            state if state.kind().is_none() => state,
            State::Missing | State::Elsewhere if lost.contains(&stop.plan) => State::NotJudged,
            State::Missing | State::Elsewhere if is_by_chance(case, &stop) => {
                judgement.rests_on_sightings = true;
                State::Unproven
            }
            state => {
                let site = case.known.atlas.site(stop.place);
                let asked = Question::at(&case.known, &[site], (stop.opens, stop.due));
                match judgement.waits_for(case, &asked) {
                    true => State::Awaited,
                    false => state,
                }
            }
        };
        if state == State::Missing {
            lost.insert(stop.plan);
        }
        // Where it was before the window began it may have left since; and what is not reached yet is
        // reached by whoever sees it next.
        let seen_then = stop
            .seen
            .filter(|(event, _)| case.time(*event) >= stop.opens);
        judgement.rests_on_sightings |= state != State::Met || seen_then.is_none();
        judgement.milestones.push((stop.milestone, state));
        judgement.is_missing |= state == State::Missing;
        judgement.add_some(draft(case, &stop, state));
    }
}

/// The stops of the unit, by when they are due.
fn stops(case: &Case<'_>) -> Vec<Stop> {
    let known = case.known;
    let mut stops: Vec<Stop> = Vec::new();
    for milestone in of(case) {
        let expected = known.expected(milestone);
        let Some((claim, terms)) = expected else {
            continue;
        };
        let (Some(place), Some(opens)) = (terms.place, terms.opens) else {
            continue;
        };
        let is_own = known.aliases.root(terms.unit) == case.root;
        if is_own && stops.iter().all(|stop| stop.milestone != milestone) {
            stops.push(Stop {
                milestone,
                plan: known.milestones.row(milestone).plan,
                claim,
                place,
                opens,
                due: terms.deadline(),
                seen: seen(case, known.atlas.site(place), opens),
            });
        }
    }
    let names = &known.atlas.names;
    let line = |stop: &Stop| names.words.name(known.milestones.row(stop.milestone).line);
    stops.sort_by(|a, b| {
        let docs = (names.docs.name(a.plan), names.docs.name(b.plan));
        let by_time = (a.due, a.opens).cmp(&(b.due, b.opens));
        by_time
            .then_with(|| docs.0.cmp(docs.1))
            .then_with(|| line(a).cmp(line(b)))
    });
    stops
}

/// The first observation at a site from an instant on; the last one before if that left it there.
fn seen(case: &Case<'_>, site: PlaceNo, opens: Timestamp) -> Option<(EventNo, Timestamp)> {
    let known = case.known;
    let mut there = None;
    for event in case.effective().filter(|event| !known.is_suspect(*event)) {
        let Some(at) = case.site(event) else {
            continue;
        };
        if case.time(event) < opens {
            let stays = at == site && known.event(event).role != StepRole::Gives;
            there = stays.then_some((event, opens));
        } else if there.is_some() {
            break;
        } else if at == site {
            return Some((event, case.time(event)));
        }
    }
    there
}

fn state(case: &Case<'_>, stop: &Stop) -> State {
    let is_past = case.known.tick > stop.due;
    match stop.seen {
        Some((_, time)) if time <= stop.due => State::Met,
        Some(_) if is_past => State::Late,
        _ if !is_past => State::Pending,
        _ if is_after_write_off(case, stop.due) => State::NotJudged,
        _ if is_seen_behind(case, stop.due) => State::Elsewhere,
        _ => State::Missing,
    }
}

/// Whether it was seen anywhere behind an instant, other than on the road.
fn is_seen_behind(case: &Case<'_>, instant: Timestamp) -> bool {
    let mut newest_first = case.effective().rev();
    newest_first.any(|event| {
        let row = case.known.event(event);
        row.time > instant && !case.known.is_on_road(row)
    })
}

/// Whether the readers there miss so much that not having been read proves nothing.
fn is_by_chance(case: &Case<'_>, stop: &Stop) -> bool {
    let site = case.known.atlas.site(stop.place);
    chances::worst_reader(case, site) > MISSED_BY_CHANCE_PPM_MAX
}

fn draft(case: &Case<'_>, stop: &Stop, state: State) -> Option<Discrepancy> {
    let kind = state.kind()?;
    let known = case.known;
    let line = known.milestones.row(stop.milestone).line;
    let (from, until) = match stop.seen {
        Some((_, time)) => (Some(stop.due), Some(time)),
        None => (None, Some(stop.due)),
    };
    let mut draft = Draft::of_stage(known, kind, stop.plan, Some(line), STAGE_STOP)
        .unit(case.root, unit_value(case, None))
        .at(Some(stop.place))
        .interval(from, until)
        .proven(case.walked.last)
        .overdue(stop.due)
        .agree_claim(stop.claim, Word::Planned)
        .fact("opens", FactValue::Time(stop.opens))
        .fact("due", FactValue::Time(stop.due))
        .fact_place("to_site", Some(known.atlas.site(stop.place)))
        .settled(case.write_off().is_some());
    if kind != Kind::Late {
        draft = draft.grouped_by_stage(STAGE_STOP);
    }
    if let Some((event, time)) = stop.seen {
        draft = draft
            .disagree(event, word_of(known, event))
            .fact("late_by", FactValue::Span(time.since(stop.due)));
    } else if let Some(last) = case.walked.last {
        draft = draft.fact_place("last_site", case.site(last.event));
    }
    Some(draft.finish())
}
