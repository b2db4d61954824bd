//! Was it seen by when the plan says? Kinds `missing`, `late` and `wrong_place`, for the lines of
//! manifests and for counts.
//!
//! A loss is named once: by the first deadline that proves it. Later expectations of the same
//! unit are not judged until it is seen again.

pub(in crate::judge) mod chances;
mod evidence;
mod report;

use std::cmp::Ordering;

use countersign_model::time::Timestamp;

use super::{Case, Judgement, State};
use crate::kind::{STAGE_ARRIVE, STAGE_COUNT, STAGE_DEPART};
use crate::known::lines::LineTerms;
use crate::known::manifests::Manifest;
use crate::known::sources::Question;
use crate::known::units::LineRef;
use crate::number::{DocNo, EventNo, PlaceNo};
use evidence::{Arrival, Departure};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Depart,
    Arrive,
    Count,
}

impl Stage {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Depart => STAGE_DEPART,
            Self::Arrive => STAGE_ARRIVE,
            Self::Count => STAGE_COUNT,
        }
    }
}

/// One line of one manifest, and what speaks for it.
struct Line<'a> {
    at: LineRef,
    manifest: &'a Manifest,
    terms: LineTerms,
    depart_deadline: Timestamp,
    arrive_deadline: Timestamp,
    departure: Departure,
    arrival: Arrival,
}

/// What is concluded about one stage, before it is known whether an earlier loss answers for it.
#[derive(Clone, Copy, Debug)]
struct Verdict<'a> {
    stage: Stage,
    deadline: Timestamp,
    plan: DocNo,
    /// Of a manifest.
    line: Option<&'a Line<'a>>,
    state: State,
    /// What met the expectation, in time or late.
    evidence: Option<EventNo>,
}

impl std::fmt::Debug for Line<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    let lines = lines(case);
    let mut verdicts: Vec<Verdict<'_>> = Vec::new();
    for line in &lines {
        let depart = depart(case, line);
        verdicts.push(depart);
        verdicts.push(arrive(case, line, depart.state));
    }
    verdicts.extend(super::count::missed(case).map(|(plan, due)| Verdict {
        stage: Stage::Count,
        deadline: due,
        plan,
        line: None,
        state: State::Missing,
        evidence: None,
    }));
    for verdict in &mut verdicts {
        let weighed = chances::weighed(case, verdict);
        judgement.rests_on_sightings |= weighed != verdict.state;
        verdict.state = weighed;
    }
    verdicts.sort_by(|a, b| by_deadline(case, a, b));
    name_loss_once(case, &mut verdicts);
    for verdict in &mut verdicts {
        if is_awaited(case, judgement, verdict) {
            verdict.state = State::Awaited;
        }
    }
    for verdict in &verdicts {
        judgement.is_missing |= verdict.state == State::Missing;
        judgement.add_some(report::draft(case, verdict));
    }
    for line in &lines {
        let of = |stage| {
            let own =
                |v: &&Verdict<'_>| v.stage == stage && v.line.is_some_and(|l| l.at == line.at);
            verdicts
                .iter()
                .find(own)
                .map_or(State::Pending, |v| v.state)
        };
        let states = [of(Stage::Depart), of(Stage::Arrive)];
        judgement.lines.push((line.at, states));
        judgement.rests_on_sightings |=
            matches!(line.departure, Departure::Unknown) && line.arrival.0.is_some();
    }
}

/// Whether somebody may still say that it was seen in time: where it was last, where it was to be,
/// or on the way.
fn is_awaited(case: &Case<'_>, judgement: &mut Judgement, verdict: &Verdict<'_>) -> bool {
    if verdict.state.kind().is_none() {
        return false;
    }
    let known = case.known;
    let last = case.walked.last.map(|last| last.event);
    let is_in_time = |event: &EventNo| case.time(*event) <= verdict.deadline;
    // What was seen too late may have been seen before, and may still be said to have been.
    let seen = last
        .filter(is_in_time)
        .or_else(|| case.effective().rev().find(is_in_time));
    let from = seen.map_or(Timestamp::from_ms(i64::MIN), |seen| case.time(seen));
    let mut sites: Vec<PlaceNo> = last.and_then(|last| case.site(last)).into_iter().collect();
    let mut carrier = None;
    match verdict.line {
        Some(line) => {
            let terms = &line.manifest.terms;
            sites.extend([known.atlas.site(terms.from), known.atlas.site(terms.to)]);
            carrier = line.manifest.way.lane.and_then(|lane| lane.carrier);
        }
        None => {
            let count = known.counts.standing(verdict.plan);
            sites.extend(count.map(|count| known.atlas.site(count.terms.place)));
        }
    }
    let asked = Question::at(&known, &sites, (from, verdict.deadline)).or_by(carrier);
    judgement.waits_for(case, &asked)
}

fn lines<'a>(case: &Case<'a>) -> Vec<Line<'a>> {
    let known = case.known;
    let members = known.aliases.members(case.root);
    let all = members.flat_map(|key| known.known.lines_of(key));
    let lines = all.filter_map(|at| {
        let manifest = known.known.manifests.standing(at.manifest)?;
        let terms = known.lines.terms(&manifest.terms, at.line);
        let (depart_deadline, arrive_deadline) = manifest.deadlines();
        let departure = evidence::departure(case, at.manifest, manifest);
        Some(Line {
            at,
            manifest,
            terms,
            depart_deadline,
            arrive_deadline,
            departure,
            arrival: evidence::arrival(case, at.manifest, manifest, departure),
        })
    });
    lines.collect()
}

fn depart<'a>(case: &Case<'_>, line: &'a Line<'a>) -> Verdict<'a> {
    let deadline = line.depart_deadline;
    let is_past = case.known.tick > deadline;
    let state = match line.departure {
        Departure::Given(giver) if case.time(giver) <= deadline => State::Met,
        Departure::Given(_) if is_past => State::Late,
        Departure::Given(_) => State::Pending,
        // It is at the other end: it must have left.
        Departure::Unknown if line.arrival.0.is_some() => State::Met,
        Departure::Unknown if !is_past => State::Pending,
        Departure::Unknown if evidence::is_at_site_after(case, line.manifest.terms.depart_by) => {
            State::Late
        }
        Departure::Unknown => State::Missing,
    };
    let evidence = match line.departure {
        Departure::Given(giver) => Some(giver),
        Departure::Unknown => None,
    };
    Verdict {
        stage: Stage::Depart,
        deadline,
        plan: line.at.manifest,
        line: Some(line),
        state,
        evidence,
    }
}

fn arrive<'a>(case: &Case<'_>, line: &'a Line<'a>, departed: State) -> Verdict<'a> {
    let deadline = line.arrive_deadline;
    let is_past = case.known.tick > deadline;
    let state = match (line.arrival.0, line.departure) {
        (Some(arrival), _) if case.time(arrival) <= deadline => State::Met,
        (Some(_), _) if is_past => State::Late,
        (_, _) if !is_past => State::Pending,
        (_, Departure::Unknown) if departed == State::Missing => State::NotJudged,
        (_, Departure::Unknown) if evidence::is_gone(case, &line.manifest.terms) => State::Missing,
        (_, Departure::Unknown) => State::Late,
        (_, Departure::Given(giver))
            if evidence::is_seen_elsewhere(case, &line.manifest.terms, giver) =>
        {
            State::Elsewhere
        }
        (_, Departure::Given(giver))
            if evidence::is_seen_beyond(case, &line.manifest.terms, giver) =>
        {
            State::Late
        }
        (_, Departure::Given(_)) => State::Missing,
    };
    Verdict {
        stage: Stage::Arrive,
        deadline,
        plan: line.at.manifest,
        line: Some(line),
        state,
        evidence: line.arrival.0,
    }
}

fn by_deadline(case: &Case<'_>, a: &Verdict<'_>, b: &Verdict<'_>) -> Ordering {
    let names = &case.known.atlas.names;
    let line = |v: &Verdict<'_>| v.line.map(|line| names.words.name(line.terms.line));
    a.deadline
        .cmp(&b.deadline)
        .then_with(|| names.docs.name(a.plan).cmp(names.docs.name(b.plan)))
        .then_with(|| line(a).cmp(&line(b)))
        .then(a.stage.cmp(&b.stage))
        .then_with(|| a.line.map(|l| l.at.line).cmp(&b.line.map(|l| l.at.line)))
}

/// Behind the first loss, and behind a write-off, nothing that was not seen is judged.
fn name_loss_once(case: &Case<'_>, verdicts: &mut [Verdict<'_>]) {
    let written_off = case.write_off().map(|write_off| write_off.instant);
    let mut is_lost = false;
    for verdict in verdicts {
        let is_unseen = verdict.evidence.is_none()
            && matches!(
                verdict.state,
                State::Missing | State::Late | State::Elsewhere
            );
        if !is_unseen {
            continue;
        }
        let is_after_write_off = written_off.is_some_and(|instant| verdict.deadline > instant);
        if is_lost || is_after_write_off {
            verdict.state = State::NotJudged;
        }
        is_lost |= verdict.state == State::Missing;
    }
}
