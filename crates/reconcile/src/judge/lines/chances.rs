//! Could it have been there, and nobody read it? Readers report a share of what passes (`read_rate`
//! in the network). What several of them did not report is not there; what one of them did not report
//! may be.
//!
//! A hand-over is signed from a list, and no reading: what a giver does not name was not given.

use std::collections::BTreeSet;

use countersign_model::claim::StepRole;

use super::super::Case;
use super::{Line, Stage, Verdict};
use crate::judge::State;
use crate::limits::MISSED_BY_CHANCE_PPM_MAX;
use crate::number::{DocNo, PlaceNo, PrincipalNo};

const MILLION: u64 = 1_000_000;

/// What is left of a verdict that rests on not having been read.
pub(super) fn weighed(case: &Case<'_>, verdict: &Verdict<'_>) -> State {
    if verdict.state.kind().is_none() {
        return verdict.state;
    }
    let chance = match (verdict.stage, verdict.line) {
        (Stage::Arrive, Some(line)) => missed_on_arrival(case, verdict, line),
        (Stage::Count, None) => missed_in_count(case, verdict.plan),
        _ => 0,
    };
    match verdict.state {
        _ if chance <= MISSED_BY_CHANCE_PPM_MAX => verdict.state,
        // Its mates were there in time: so it was too, and was not read before.
        State::Late => State::Met,
        State::Missing => State::Unproven,
        other => other,
    }
}

/// How likely those who read the rest of the load would have missed the unit, in millionths. When
/// nothing of the load was read, it is as likely as that all of it was missed.
fn missed_on_arrival(case: &Case<'_>, verdict: &Verdict<'_>, line: &Line<'_>) -> u64 {
    let known = case.known;
    let to = line.manifest.way.to;
    let named = known.document(line.at.manifest);
    let there = named.into_iter().flat_map(|named| named.all());
    let there = there.filter(|event| {
        let is_in_time = verdict.state == State::Missing || case.time(*event) <= verdict.deadline;
        // Who counts and reads nothing could not have read it.
        let is_reading = !known.event(*event).units.is_empty();
        is_in_time && is_reading && case.site(*event) == Some(to) && known.is_effective(*event)
    });
    let readers: BTreeSet<PrincipalNo> = there.map(|event| known.event(event).issuer).collect();
    if readers.is_empty() {
        let units = line.manifest.terms.lines.len();
        return all(std::iter::repeat_n(worst_reader(case, to), units));
    }
    all(readers.into_iter().map(|reader| missed_by(case, reader)))
}

/// How likely those who counted there since it was last seen would have missed the unit.
fn missed_in_count(case: &Case<'_>, plan: DocNo) -> u64 {
    let known = case.known;
    let Some(count) = known.counts.standing(plan) else {
        return 0;
    };
    let counts = super::super::count::unseen_in(case, count.terms.place);
    let chances = counts.map(|doc| {
        let named = known.document(doc);
        let counting = named.into_iter().flat_map(|named| &named.counts);
        let counting = counting.filter(|event| known.event(**event).role == StepRole::Counts);
        let readers: BTreeSet<PrincipalNo> =
            counting.map(|event| known.event(*event).issuer).collect();
        all(readers.into_iter().map(|reader| missed_by(case, reader)))
    });
    all(chances)
}

pub(in crate::judge) fn all(chances: impl Iterator<Item = u64>) -> u64 {
    chances.fold(MILLION, |product, chance| product * chance / MILLION)
}

pub(in crate::judge) fn missed_by(case: &Case<'_>, reader: PrincipalNo) -> u64 {
    u64::from(case.known.atlas.signer(reader).misses_ppm)
}

pub(in crate::judge) fn worst_reader(case: &Case<'_>, site: PlaceNo) -> u64 {
    u64::from(case.known.atlas.misses_at(site))
}
