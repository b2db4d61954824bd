//! Was it recorded when what is concluded of its time was settled? Kind `late_evidence`.
//!
//! It is kept and shown, moves nothing, and is for a person to judge.

use super::draft::word_of;
use super::{Case, Draft, Judgement};
use crate::discrepancy::{Day, Discrepancy, FactValue};
use crate::kind::Kind;
use crate::known::events::Effect;
use crate::number::EventNo;
use crate::value::unit_value;

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    let known = case.known;
    for event in case.history {
        let is_own = known.container(case.root, *event).is_none();
        if is_own && known.event(*event).effect == Effect::Settled {
            judgement.add_some(draft(case, *event));
        }
    }
}

fn draft(case: &Case<'_>, event: EventNo) -> Option<Discrepancy> {
    let known = case.known;
    let row = known.event(event);
    let recorded = known.claim(row.claim).recorded;
    let settles = known.atlas.settles_after()?;
    let place = known.place_of(row);
    let draft = Draft::of_claims(known, Kind::LateEvidence, &[row.claim])?
        .unit(case.root, unit_value(case, None))
        .plan(known.manifest_named(row, case.root))
        .at(place)
        .between(place.map(|place| known.atlas.site(place)), None)
        .on(Day::of(recorded))
        .interval(Some(row.time), Some(row.time))
        .proven(case.walked.last)
        .disagree(event, word_of(known, event))
        .fact("recorded", FactValue::Time(recorded))
        .fact("settles_after", FactValue::Span(settles))
        .fact("late_by", FactValue::Span(recorded.since(row.time)))
        .settled(case.write_off().is_some());
    Some(draft.finish())
}
