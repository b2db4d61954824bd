//! Did both sign at the pick-up, as the lane's contract asks? Kind `custody_gap`.
//!
//! On a lane with a carrier and mode `both` the giver's word and the carrier's must both come,
//! the second at most `pick_up_grace` after the first. A word that comes later still takes
//! the gap away.

use countersign_model::network::ContractMode;

use super::draft::word_of;
use super::{Case, Draft, Judgement};
use crate::discrepancy::{Discrepancy, FactValue};
use crate::kind::Kind;
use crate::known::atlas::LaneTerms;
use crate::known::sources::Question;
use crate::number::EventNo;
use crate::value::unit_value;
use crate::walk::{Transfer, TransferEnd, lane_of_transfer, plan_of_transfer};

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    for transfer in &case.walked.transfers {
        let (present, missing) = match (transfer.giver, transfer.acceptance) {
            (Some(giver), None) => (giver, "receiver"),
            (None, Some(acceptance)) => (acceptance, "giver"),
            _ => continue,
        };
        if matches!(transfer.end, TransferEnd::Voided | TransferEnd::Returned) {
            continue;
        }
        let lane = lane_of_transfer(case.known, case.root, transfer);
        let signed = case.known.event(present).time;
        let due = match lane {
            Some(lane) if lane.mode == ContractMode::Both && lane.carrier.is_some() => {
                signed.plus(lane.pick_up_grace)
            }
            // Nobody gave, and it has arrived: the contract wants a giver, or there is none.
            _ if missing == "giver" && needs_giver(lane) && has_arrived(transfer) => signed,
            _ => continue,
        };
        if case.known.tick > due {
            let open = Open {
                transfer,
                present,
                missing,
                due,
            };
            // The missing word may have been said before the one that is there.
            let from = case.before(present).next();
            let during = (from.map_or(signed, |event| case.time(event)), due);
            let asked = Question::at(&case.known, &[transfer.origin.site], during)
                .or_by(lane.and_then(|lane| lane.carrier));
            judgement.add_once_heard(case, draft(case, &open), &asked);
        } else {
            judgement.wake_at(due);
        }
    }
}

struct Open<'a> {
    transfer: &'a Transfer,
    present: EventNo,
    missing: &'static str,
    due: countersign_model::time::Timestamp,
}

/// Where nobody agreed on anything, a giver is wanted.
fn needs_giver(lane: Option<&LaneTerms>) -> bool {
    lane.is_none_or(LaneTerms::asks_giver)
}

const fn has_arrived(transfer: &Transfer) -> bool {
    matches!(transfer.end, TransferEnd::Arrived(_))
}

fn draft(case: &Case<'_>, open: &Open<'_>) -> Option<Discrepancy> {
    let known = case.known;
    let row = known.event(open.present);
    let plan = plan_of_transfer(known, case.root, open.transfer);
    let to = match open.transfer.end {
        TransferEnd::Arrived(site) => Some(site),
        _ => plan
            .and_then(|doc| known.manifests.standing(doc))
            .map(|manifest| known.atlas.site(manifest.terms.to)),
    };
    let origin = open.transfer.origin;
    let mut draft = Draft::of_claims(known, Kind::CustodyGap, &[row.claim])?
        .unit(case.root, unit_value(case, None))
        .plan(plan)
        .at(Some(origin.place))
        .between(Some(origin.site), to)
        .interval(Some(row.time), Some(open.due))
        .proven_by(open.present)
        .overdue(open.due)
        .agree(open.present, word_of(known, open.present))
        .fact("gap", FactValue::Word("pick_up"))
        .fact("missing_signature", FactValue::Word(open.missing))
        .fact_place("from_site", Some(origin.site))
        .fact_place("to_site", to)
        .settled(case.write_off().is_some());
    if has_arrived(open.transfer) {
        draft = draft.fact("arrived", FactValue::Word("yes"));
    }
    let lane = lane_of_transfer(known, case.root, open.transfer);
    if let Some(carrier) = lane.and_then(|lane| lane.carrier) {
        let name = known.atlas.names.parties.name(carrier).clone();
        draft = draft.fact("carrier", FactValue::Party(name));
    }
    Some(draft.finish())
}
