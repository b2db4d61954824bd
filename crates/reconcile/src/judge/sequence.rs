//! Was it seen where its own history says it cannot be? Kind `out_of_sequence`.

use super::draft::word_of;
use super::{Case, Draft, Judgement};
use crate::discrepancy::{Discrepancy, FactValue};
use crate::kind::Kind;
use crate::value::unit_value;
use crate::walk::{Odd, Oddity};

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    for oddity in &case.walked.oddities {
        let why = match oddity.odd {
            Odd::AtOriginAfterDeparture => "at_origin_after_departure",
            Odd::AfterDelivery => "after_delivery",
            Odd::AfterEnd => "after_end",
            Odd::AfterWriteOff => "after_write_off",
            Odd::UnseenMove | Odd::NobodyGave | Odd::Unexpected(_) => continue,
        };
        judgement.add_some(draft(case, oddity, why));
    }
}

fn draft(case: &Case<'_>, oddity: &Oddity, why: &'static str) -> Option<Discrepancy> {
    let known = case.known;
    let row = known.event(oddity.event);
    let mut draft = Draft::of_claims(known, Kind::OutOfSequence, &[row.claim])?
        .unit(case.root, unit_value(case, None))
        .plan(known.manifest_named(row, case.root))
        .at(Some(oddity.at.place))
        .between(oddity.from, Some(oddity.at.site))
        .proven(oddity.last)
        .disproven_by(oddity.event)
        .disagree(oddity.event, word_of(known, oddity.event))
        .fact("sequence", FactValue::Word(why))
        .fact_place("from_site", oddity.from)
        .fact_place("to_site", Some(oddity.at.site))
        .settled(case.write_off().is_some());
    if let Some(last) = oddity.last {
        draft = draft.agree(last.event, word_of(known, last.event));
    }
    Some(draft.finish())
}
