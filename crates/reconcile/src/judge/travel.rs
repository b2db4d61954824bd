//! Was it at another site sooner than anybody makes the way? Kinds `impossible_travel` and
//! `duplicate_identity`.
//!
//! Nothing that anybody may still say explains it, so nobody is waited for. Seen there and back again,
//! each time too soon, it is two things with one name.

use countersign_model::claim::StepRole;

use super::{Case, Judgement, oddity};
use crate::discrepancy::{Discrepancy, FactValue};
use crate::kind::Kind;
use crate::number::EventNo;
use crate::walk::{Odd, Oddity};

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    let all = case.walked.oddities.iter();
    let ways: Vec<&Oddity> = all.filter(|oddity| oddity.odd == Odd::TooSoon).collect();
    // There and back is one matter, however often.
    for ways in ways.chunk_by(|one, next| next.from == Some(one.at.site)) {
        judgement.add_some(draft(case, ways));
    }
}

fn draft(case: &Case<'_>, ways: &[&Oddity]) -> Option<Discrepancy> {
    let known = case.known;
    let (first, more) = ways.split_first()?;
    let kind = match more {
        [] => Kind::ImpossibleTravel,
        _ => Kind::DuplicateIdentity,
    };
    let before = sited_before(case, first.event)?;
    let took = case.time(first.event).since(case.time(before));
    let least = known.atlas.transit_min(first.from?, first.at.site)?;
    let draft = oddity::draft(case, kind, first)?
        .fact("travelled_in", FactValue::Span(took))
        .fact("transit_min", FactValue::Span(least));
    let draft = more.iter().fold(draft, |draft, way| {
        draft.disagree(way.event, super::draft::word_of(known, way.event))
    });
    let draft = match more {
        [] => draft,
        _ => draft.fact("times", FactValue::Count(ways.len() as u64)),
    };
    Some(draft.finish())
}

/// The newest observation before that has a place.
fn sited_before(case: &Case<'_>, event: EventNo) -> Option<EventNo> {
    let is_sited = |other: &EventNo| {
        let row = case.known.event(*other);
        let is_at_site = case.site(*other).is_some() && !case.known.is_on_road(row);
        row.role != StepRole::Voids && is_at_site
    };
    case.before(event).find(is_sited)
}
