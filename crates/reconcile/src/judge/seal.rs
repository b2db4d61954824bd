//! Was it found open, and nobody said that he opened it? Kind `seal_broken`.
//!
//! Doors that were said to be closed are closed until somebody opens them. What is under way is closed
//! from the hand-over to the receiver's word.

use super::draft::word_of;
use super::{Case, Draft, Judgement};
use crate::discrepancy::Discrepancy;
use crate::kind::Kind;
use crate::known::events::Doors;
use crate::known::sources::Question;
use crate::number::{EventNo, PlaceNo};
use crate::value::unit_value;
use crate::walk::{Transfer, TransferEnd, plan_of_transfer};

/// Since when it has been closed.
#[derive(Clone, Copy)]
struct Closed<'a> {
    since: EventNo,
    /// By a hand-over.
    by: Option<&'a Transfer>,
}

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    let known = case.known;
    let own = |event: &EventNo| known.container(case.root, *event).is_none();
    let told = |event: &EventNo| known.event(*event).doors.is_some();
    if !case.effective().any(|event| told(&event) && own(&event)) {
        return;
    }
    let mut closed: Option<EventNo> = None;
    let mut opened: Option<EventNo> = None;
    for event in case.effective().filter(own) {
        match known.event(event).doors {
            None => {}
            Some(Doors::Closed) => (closed, opened) = (Some(event), None),
            Some(Doors::Opened) => (closed, opened) = (None, Some(event)),
            Some(Doors::FoundOpen) => {
                let since = closed.map(|since| Closed { since, by: None });
                let since = since.or_else(|| under_way(case, event, opened));
                if let Some(since) = since {
                    let found = draft(case, event, since);
                    let sites: Vec<PlaceNo> = [since.since, event]
                        .into_iter()
                        .filter_map(|event| case.site(event))
                        .collect();
                    let during = (case.time(since.since), case.time(event));
                    let asked = Question::at(&known, &sites, during);
                    judgement.add_once_heard(case, found, &asked);
                }
                // Said once.
                (closed, opened) = (None, Some(event));
            }
        }
    }
}

/// The way on which it is found open before its receiver spoke, unless it was opened since.
fn under_way<'a>(case: &Case<'a>, event: EventNo, opened: Option<EventNo>) -> Option<Closed<'a>> {
    let known = case.known;
    let is_before = |one: EventNo, other: EventNo| known.order(one, other).is_lt();
    case.walked.transfers.iter().find_map(|transfer| {
        let since = transfer.start(known)?;
        let is_going = !matches!(
            transfer.end,
            TransferEnd::Returned | TransferEnd::Voided | TransferEnd::Replaced
        );
        let is_received = transfer
            .receiver
            .is_some_and(|taken| is_before(taken, event));
        let is_opened = opened.is_some_and(|opened| is_before(since, opened));
        let by = Some(transfer);
        (is_going && is_before(since, event) && !is_received && !is_opened)
            .then_some(Closed { since, by })
    })
}

fn draft(case: &Case<'_>, event: EventNo, closed: Closed<'_>) -> Option<Discrepancy> {
    let known = case.known;
    let row = known.event(event);
    let plan = closed.by;
    let plan = plan.and_then(|transfer| plan_of_transfer(known, case.root, transfer));
    let (from, to) = (case.site(closed.since), case.site(event));
    let draft = Draft::of_claims(known, Kind::SealBroken, &[row.claim])?
        .unit(case.root, unit_value(case, None))
        .plan(plan.or_else(|| known.manifest_named(row, case.root)))
        .at(known.place_of(row))
        .between(from, to)
        .proven_by(closed.since)
        .disproven_by(event)
        .agree(closed.since, word_of(known, closed.since))
        .disagree(event, word_of(known, event))
        .fact_place("from_site", from)
        .fact_place("to_site", to)
        .settled(case.write_off().is_some());
    Some(draft.finish())
}
