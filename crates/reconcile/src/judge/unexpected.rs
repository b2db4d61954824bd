//! Was it taken where no plan sends it? Kind `unexpected`.

use super::draft::word_of;
use super::{Case, Draft, Judgement, waits};
use crate::discrepancy::Discrepancy;
use crate::kind::Kind;
use crate::number::DocNo;
use crate::value::unit_value;
use crate::walk::{Odd, Oddity};

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    for oddity in &case.walked.oddities {
        if let Odd::Unexpected(plan) = oddity.odd {
            let found = draft(case, oddity, plan);
            judgement.add_once_heard(case, found, &waits::about_oddity(case, oddity));
        }
    }
}

fn draft(case: &Case<'_>, oddity: &Oddity, plan: DocNo) -> Option<Discrepancy> {
    let known = case.known;
    let row = known.event(oddity.event);
    let manifest = known.manifests.standing(plan);
    let mut draft = Draft::of_claims(known, Kind::Unexpected, &[row.claim])?
        .unit(case.root, unit_value(case, None))
        .plan(Some(plan))
        .at(Some(oddity.at.place))
        .proven(oddity.last)
        .disproven_by(oddity.event)
        .disagree(oddity.event, word_of(known, oddity.event))
        .fact_place("from_site", oddity.from)
        .fact_place("to_site", Some(oddity.at.site))
        .settled(case.write_off().is_some());
    if let Some(manifest) = manifest {
        draft = draft
            .agree_claim(manifest.claim, crate::discrepancy::Word::Planned)
            .fact_place("planned_to", Some(manifest.terms.to));
    }
    Some(draft.finish())
}
