//! Is it still in the container in which it was said to be? Kind `containment_change`.

use super::{Case, Judgement, oddity, waits};
use crate::discrepancy::FactValue;
use crate::kind::Kind;

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    for parting in &case.walked.partings {
        let container = case.known.atlas.names.units.name(parting.container);
        let draft = oddity::draft(case, Kind::ContainmentChange, &parting.oddity)
            .map(|draft| draft.fact("container", FactValue::Unit(container)).finish());
        let question = waits::about_oddity(case, &parting.oddity);
        judgement.add_once_heard(case, draft, &question);
    }
}
