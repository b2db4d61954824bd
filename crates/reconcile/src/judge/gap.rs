//! Did custody move without a hand-over? Kind `custody_gap`.

use super::draft::word_of;
use super::{Case, Draft, Judgement};
use crate::discrepancy::FactValue;
use crate::kind::Kind;
use crate::value::unit_value;
use crate::walk::{Odd, Oddity};

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    for oddity in &case.walked.oddities {
        let how = match oddity.odd {
            Odd::UnseenMove => "unseen_move",
            Odd::NobodyGave => "nobody_gave",
            _ => continue,
        };
        judgement.add_some(draft(case, oddity, how));
    }
}

fn draft(
    case: &Case<'_>,
    oddity: &Oddity,
    how: &'static str,
) -> Option<crate::discrepancy::Discrepancy> {
    let known = case.known;
    let row = known.event(oddity.event);
    let plan = known.manifest_named(row, case.root);
    let mut draft = Draft::of_claims(known, Kind::CustodyGap, &[row.claim])?
        .unit(case.root, unit_value(case, None))
        .plan(plan)
        .at(Some(oddity.at.place))
        .between(oddity.from, Some(oddity.at.site))
        .proven(oddity.last)
        .disproven_by(oddity.event)
        .disagree(oddity.event, word_of(known, oddity.event))
        .fact("gap", FactValue::Word(how))
        .fact("missing_signature", FactValue::Word("giver"))
        .fact_place("from_site", oddity.from)
        .fact_place("to_site", Some(oddity.at.site))
        .settled(case.write_off().is_some());
    if let Some(last) = oddity.last {
        draft = draft.agree(last.event, word_of(known, last.event));
    }
    Some(draft.finish())
}
