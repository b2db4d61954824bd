//! Did custody move without a hand-over? Kind `custody_gap`.

use super::{Case, Judgement, oddity, waits};
use crate::discrepancy::FactValue;
use crate::kind::Kind;
use crate::walk::Odd;

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    for oddity in &case.walked.oddities {
        let (how, missing) = match oddity.odd {
            Odd::UnseenMove if case.known.atlas.spot(oddity.at.place).is_road => {
                ("on_the_road", "giver")
            }
            Odd::UnseenMove => ("unseen_move", "giver"),
            Odd::NobodyGave => ("nobody_gave", "giver"),
            Odd::SuspectArrival(_) => ("suspect_arrival", "receiver"),
            _ => continue,
        };
        let draft = oddity::draft(case, Kind::CustodyGap, oddity).map(|draft| {
            draft
                .fact("gap", FactValue::Word(how))
                .fact("missing_signature", FactValue::Word(missing))
                .finish()
        });
        judgement.add_once_heard(case, draft, &waits::about_oddity(case, oddity));
    }
}
