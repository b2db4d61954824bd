//! Plans that two people changed when the goods were under way by them. Kind `record_tampering`, of
//! what the plan no longer lists and what never came.

use countersign_model::time::Timestamp;

use super::{Case, Draft, Judgement};
use crate::discrepancy::{FactValue, Word};
use crate::kind::{Kind, STAGE_CHANGE};
use crate::known::said::{chosen, effective};
use crate::known::sources::Question;
use crate::number::{ClaimNo, DocNo, EventNo, PartyNo, PlaceNo};
use crate::value::unit_value;
use crate::walk::{Transfer, TransferEnd};

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    let known = case.known;
    for transfer in &case.walked.transfers {
        let (Some(giver), TransferEnd::Open) = (transfer.giver, transfer.end) else {
            continue;
        };
        for doc in &known.event(giver).docs {
            if let Some(change) = dropped_from(case, *doc, giver) {
                judge_change(case, judgement, (transfer, giver), &change);
            }
        }
    }
}

/// What a plan said of the unit before it was changed.
pub(super) struct Change {
    plan: DocNo,
    before: ClaimNo,
    now: ClaimNo,
    instant: Timestamp,
    deadline: Timestamp,
    sites: [PlaceNo; 2],
    carrier: Option<PartyNo>,
}

/// The change by which a plan lists the unit no more, if it did when that was observed.
pub(super) fn dropped_from(case: &Case<'_>, plan: DocNo, event: EventNo) -> Option<Change> {
    let known = case.known;
    let said = effective(&known, plan, known.known.manifests.said(plan));
    let (now, choice) = chosen(&known, plan, &said.iter().copied())?;
    let others = said.iter().filter(|said| said.claim != now.claim);
    let first = others.min_by(|a, b| known.order_of_claims(a.claim, b.claim))?;
    let mut listed = known.known.lines(&first.terms);
    let is_listed = listed.any(|line| known.aliases.root(line.unit) == case.root);
    let is_dropped = is_listed && !known.lists(plan, case.root);
    let way = known.way_of(&first.terms);
    (is_dropped && choice.instant > case.time(event)).then_some(Change {
        plan,
        before: first.claim,
        now: now.claim,
        instant: choice.instant,
        deadline: way.arrive_deadline,
        sites: [way.from, way.to],
        carrier: way.lane.and_then(|lane| lane.carrier),
    })
}

fn judge_change(
    case: &Case<'_>,
    judgement: &mut Judgement,
    (transfer, giver): (&Transfer, EventNo),
    change: &Change,
) {
    let known = case.known;
    if known.tick <= change.deadline {
        judgement.wake_at(change.deadline);
        return;
    }
    let during = (case.time(giver), change.deadline);
    let asked = Question::at(&known, &change.sites, during).or_by(change.carrier);
    let draft = Draft::of_stage(
        known,
        Kind::RecordTampering,
        change.plan,
        None,
        STAGE_CHANGE,
    )
    .unit(case.root, unit_value(case, None))
    .at(Some(transfer.origin.place))
    .interval(Some(case.time(giver)), Some(change.deadline))
    .proven_by(giver)
    .overdue(change.deadline)
    .agree(giver, Word::Gave)
    .agree_claim(change.before, Word::Planned)
    .disagree_claim(change.now, Word::Planned)
    .fact("hidden", FactValue::Word(Kind::Missing.as_str()))
    .fact("changed", FactValue::Time(change.instant))
    .settled(case.write_off().is_some());
    judgement.add_once_heard(case, Some(draft.finish()), &asked);
}
