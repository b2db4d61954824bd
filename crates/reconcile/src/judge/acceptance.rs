//! Did anybody sign for what arrived, where the contract asks for the receiver? Kind `unaccepted`.
//!
//! It was seen there, so it is not missing; until somebody there takes it over, gives it on or counts
//! it, it is in nobody's account.

use std::collections::BTreeSet;

use countersign_model::claim::StepRole;
use countersign_model::time::Timestamp;

use super::draft::word_of;
use super::lines::chances;
use super::{Case, Draft, Judgement};
use crate::discrepancy::{Discrepancy, FactValue};
use crate::kind::Kind;
use crate::known::sources::Question;
use crate::limits::MISSED_BY_CHANCE_PPM_MAX;
use crate::number::{DocNo, EventNo, PlaceNo, PrincipalNo};
use crate::value::unit_value;
use crate::walk::{
    Custody, Odd, Oddity, Transfer, TransferEnd, lane_of_transfer, plan_of_transfer,
};

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    for (number, transfer) in case.walked.transfers.iter().enumerate() {
        // Whom a suspect key alone saw arrive is missed by another name.
        let is_doubted = |oddity: &Oddity| oddity.odd == Odd::SuspectArrival(number);
        let Some(open) = open(case, transfer) else {
            continue;
        };
        if case.walked.oddities.iter().any(is_doubted) {
            continue;
        }
        if case.known.tick <= open.due {
            judgement.wake_at(open.due);
            continue;
        }
        if missed_by_chance(case, &open) > MISSED_BY_CHANCE_PPM_MAX {
            judgement.rests_on_sightings = true;
            continue;
        }
        // Whoever received it may have signed before anybody else saw it there.
        let start = transfer.start(case.known).unwrap_or(open.arrival);
        let during = (case.time(start), open.due);
        let asked = Question::at(&case.known, &[open.site], during);
        if !judgement.waits_for(case, &asked) {
            judgement.is_unaccepted |= is_there(case, number);
            judgement.add_some(draft(case, transfer, &open));
        }
    }
}

/// An arrival without the signature that its contract asks for.
struct Open {
    arrival: EventNo,
    site: PlaceNo,
    plan: Option<DocNo>,
    due: Timestamp,
}

fn open(case: &Case<'_>, transfer: &Transfer) -> Option<Open> {
    let known = case.known;
    let (TransferEnd::Arrived(site), None) = (transfer.end, transfer.receiver) else {
        return None;
    };
    let arrival = transfer.arrival?;
    let lane = lane_of_transfer(known, case.root, transfer).filter(|lane| lane.asks_receiver())?;
    let plan = plan_of_transfer(known, case.root, transfer);
    let manifest = plan.and_then(|doc| known.manifests.standing(doc));
    // Where no plan sends it nobody is to sign.
    if manifest.is_some_and(|manifest| manifest.way.to != site) {
        return None;
    }
    let due = case.time(arrival).plus(lane.grace);
    Some(Open {
        arrival,
        site,
        plan,
        due: due.max(manifest.map_or(due, |manifest| manifest.way.arrive_deadline)),
    })
}

/// Whether the unit is still where the transfer brought it.
fn is_there(case: &Case<'_>, number: usize) -> bool {
    match case.walked.custody {
        Custody::Held(holding) | Custody::Delivered(holding) => holding.by == Some(number),
        _ => false,
    }
}

/// How likely those who took the rest of the load over there would have missed the unit, in
/// millionths; if nobody took anything, the worst reader there.
fn missed_by_chance(case: &Case<'_>, open: &Open) -> u64 {
    let known = case.known;
    // Only of its own plans is laid out who handled the rest.
    let own = open.plan.filter(|doc| known.lists(*doc, case.root));
    let named = own.and_then(|doc| known.document(doc));
    let took = named.into_iter().flat_map(|named| &named.takes);
    let there = took.filter(|event| {
        known.event(**event).role == StepRole::Takes
            && known.is_effective(**event)
            && case.site(**event) == Some(open.site)
    });
    let readers: BTreeSet<PrincipalNo> = there.map(|event| known.event(*event).issuer).collect();
    if readers.is_empty() {
        return chances::worst_reader(case, open.site);
    }
    chances::all(
        readers
            .into_iter()
            .map(|reader| chances::missed_by(case, reader)),
    )
}

fn draft(case: &Case<'_>, transfer: &Transfer, open: &Open) -> Option<Discrepancy> {
    let known = case.known;
    let row = known.event(open.arrival);
    let origin = transfer.origin.site;
    let draft = Draft::of_claims(known, Kind::Unaccepted, &[row.claim])?
        .unit(case.root, unit_value(case, None))
        .plan(open.plan)
        .at(known.place_of(row))
        .between(Some(origin), Some(open.site))
        .interval(Some(row.time), Some(open.due))
        .proven_by(open.arrival)
        .overdue(open.due)
        .agree(open.arrival, word_of(known, open.arrival))
        .fact("missing_signature", FactValue::Word("receiver"))
        .fact_place("from_site", Some(origin))
        .fact_place("to_site", Some(open.site))
        .settled(case.write_off().is_some());
    Some(draft.finish())
}
