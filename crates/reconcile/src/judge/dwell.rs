//! Did it stay, or was it under way, for longer than the network allows? Kind `dwell`.
//!
//! A site may limit stays. A lane limits what is under way and no plan sends: with a plan its
//! deadlines do. Of what is missing no stay is told.

use countersign_model::time::{Span, Timestamp};

use super::draft::word_of;
use super::{Case, Draft, Judgement};
use crate::discrepancy::{Day, Discrepancy, FactValue};
use crate::kind::Kind;
use crate::known::sources::Question;
use crate::number::EventNo;
use crate::value::unit_value;
use crate::walk::{Spot, TransferEnd, plan_of_transfer};

/// A time with a limit.
struct Limited {
    at: Spot,
    begin: EventNo,
    /// `None` if it goes on.
    end: Option<Timestamp>,
    most: Span,
    what: &'static str,
}

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    for one in limited(case) {
        let due = case.time(one.begin).plus(one.most);
        if one.end.is_some_and(|end| end <= due) {
            continue;
        }
        if case.known.tick <= due {
            judgement.wake_at(due);
            continue;
        }
        if one.end.is_none() && judgement.is_missing {
            continue;
        }
        let found = draft(case, &one, due);
        let last = case.walked.last.map_or(one.begin, |last| last.event);
        let from = case.time(last).min(due);
        let asked = Question::at(&case.known, &[one.at.site], (from, due));
        judgement.add_once_heard(case, found, &asked);
    }
}

/// Whether a unit is where it may not be for ever: then time alone may change what is found.
pub(crate) fn is_limited(case: &Case<'_>) -> bool {
    limited(case).any(|one| one.end.is_none())
}

fn limited<'a>(case: &'a Case<'_>) -> impl Iterator<Item = Limited> + 'a {
    let stays = case.walked.stays.iter().filter_map(|stay| {
        Some(Limited {
            at: stay.at,
            begin: stay.begin,
            end: stay.end,
            most: case.known.atlas.spot(stay.at.place).dwell_max?,
            what: "stay",
        })
    });
    let transfers = case.walked.transfers.iter();
    let transfers = transfers.filter_map(|transfer| {
        let most = case.known.atlas.transit_max(transfer.origin.site)?;
        let end = match transfer.end {
            TransferEnd::Open => None,
            TransferEnd::Arrived(_) => Some(case.time(transfer.arrival?)),
            // It never left, or another way took its place.
            TransferEnd::Returned | TransferEnd::Voided | TransferEnd::Replaced => return None,
        };
        let begin = transfer.start(case.known)?;
        if plan_of_transfer(case.known, case.root, transfer).is_some() {
            return None;
        }
        Some(Limited {
            at: transfer.origin,
            begin,
            end,
            most,
            what: "transit",
        })
    });
    stays.chain(transfers)
}

fn draft(case: &Case<'_>, one: &Limited, due: Timestamp) -> Option<Discrepancy> {
    let known = case.known;
    let row = known.event(one.begin);
    let begin = row.time;
    let site = one.at.site;
    let draft = Draft::of_claims(known, Kind::Dwell, &[row.claim])?
        .unit(case.root, unit_value(case, None))
        .at(Some(one.at.place))
        .between(Some(site), None)
        .on(Day::of(due))
        .interval(Some(begin), one.end.or(Some(due)))
        .proven(case.walked.last)
        .overdue(due)
        .agree(one.begin, word_of(known, one.begin))
        .fact("dwell", FactValue::Word(one.what))
        .fact("allowed_for", FactValue::Span(one.most))
        .fact_place("from_site", Some(site))
        .settled(case.write_off().is_some());
    Some(match one.end {
        Some(end) => draft
            .fact("stayed_for", FactValue::Span(end.since(begin)))
            .finish(),
        None => draft.finish(),
    })
}
