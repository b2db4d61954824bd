//! Was it taken where no plan sends it? Kind `unexpected`; of a seal under the papers of another one,
//! `seal_mismatch`.

use super::draft::word_of;
use super::{Case, Draft, Judgement, changed_plan, waits};
use crate::discrepancy::{Discrepancy, FactValue, Word};
use crate::kind::{Kind, STAGE_ARRIVE};
use crate::known::lines::LineTerms;
use crate::number::{DocNo, UnitNo, WordNo};
use crate::value::unit_value;
use crate::walk::{Odd, Oddity};

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    for oddity in &case.walked.oddities {
        // What the plan listed when it was taken was expected then.
        if let Odd::Unexpected(plan) = oddity.odd
            && changed_plan::dropped_from(case, plan, oddity.event).is_none()
        {
            let found = match other_seal(case, plan) {
                Some(line) => seal_draft(case, oddity, (plan, line)),
                None => draft(case, oddity, plan),
            };
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
            .agree_claim(manifest.claim, Word::Planned)
            .fact_place("planned_to", Some(manifest.terms.to));
    }
    Some(draft.finish())
}

/// The first line of a manifest with a seal, if the unit is a seal too: it has a key of the kind that
/// seals have there, and nothing else.
fn other_seal(case: &Case<'_>, plan: DocNo) -> Option<WordNo> {
    let known = case.known;
    let manifest = known.manifests.standing(plan)?;
    let lines = || known.known.lines(&manifest.terms);
    let scheme = |unit: UnitNo| {
        known
            .atlas
            .names
            .units
            .name(unit)
            .scheme()
            .map(str::to_owned)
    };
    let own = scheme(case.root)?;
    let is_own = |line: &LineTerms| scheme(line.unit).as_ref() == Some(&own);
    if manifest.terms.seals == 0 || lines().any(|line| !line.is_seal && is_own(&line)) {
        return None;
    }
    let seals = lines().filter(|line| line.is_seal && is_own(line));
    let words = &known.atlas.names.words;
    seals
        .map(|line| line.line)
        .min_by_key(|line| words.name(*line))
}

fn seal_draft(
    case: &Case<'_>,
    oddity: &Oddity,
    (plan, line): (DocNo, WordNo),
) -> Option<Discrepancy> {
    let known = case.known;
    let manifest = known.manifests.standing(plan)?;
    let found = known.atlas.names.units.name(case.root);
    let draft = Draft::of_stage(known, Kind::SealMismatch, plan, Some(line), STAGE_ARRIVE)
        .grouped_by_stage(STAGE_ARRIVE)
        .unit(case.root, unit_value(case, None))
        .at(Some(oddity.at.place))
        .disproven_by(oddity.event)
        .agree_claim(manifest.claim, Word::Planned)
        .disagree(oddity.event, word_of(known, oddity.event))
        .fact("found_seal", FactValue::Unit(found))
        .fact_place("from_site", Some(known.atlas.site(manifest.terms.from)))
        .fact_place("to_site", Some(known.atlas.site(manifest.terms.to)))
        .settled(case.write_off().is_some());
    Some(draft.finish())
}
