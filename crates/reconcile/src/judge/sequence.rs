//! Was it seen where its own history says it cannot be? Kind `out_of_sequence`.

use super::{Case, Judgement, oddity, waits};
use crate::discrepancy::FactValue;
use crate::kind::Kind;
use crate::walk::Odd;

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    for oddity in &case.walked.oddities {
        let why = match oddity.odd {
            Odd::AtOriginAfterDeparture => "at_origin_after_departure",
            Odd::AfterDelivery => "after_delivery",
            Odd::AfterEnd => "after_end",
            Odd::AfterWriteOff => "after_write_off",
            Odd::UnseenMove
            | Odd::NobodyGave
            | Odd::Unexpected(_)
            | Odd::SuspectArrival(_)
            | Odd::TooSoon => continue,
        };
        let draft = oddity::draft(case, Kind::OutOfSequence, oddity)
            .map(|draft| draft.fact("sequence", FactValue::Word(why)).finish());
        judgement.add_once_heard(case, draft, &waits::about_oddity(case, oddity));
    }
}
