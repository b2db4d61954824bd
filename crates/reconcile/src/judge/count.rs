//! Counts: which units a count asked for and did not find, and whether anybody counted.

use countersign_model::time::Timestamp;

use super::draft::word_of;
use super::{Case, Draft, waits};
use crate::discrepancy::{Discrepancy, FactValue, Word};
use crate::kind::{Kind, STAGE_COUNT};
use crate::known::View;
use crate::known::counts::CountState;
use crate::known::sources::Question;
use crate::limits::WITNESSES_MAX;
use crate::number::{DocNo, EventNo, PlaceNo};
use crate::walk::Custody;

/// The first count that was carried out without finding the unit, though it was held there
/// when counting began and has not been seen since; and when that count was due.
pub(crate) fn missed(case: &Case<'_>) -> Option<(DocNo, Timestamp)> {
    let Custody::Held(holding) = case.walked.at_rest() else {
        return None;
    };
    let known = case.known;
    let asked = unseen_in(case, holding.at.place);
    let asked = asked.filter_map(|doc| Some((doc, known.counts.standing(doc)?)));
    let first = asked.min_by(|a, b| {
        let name = |doc: DocNo| case.known.atlas.names.docs.name(doc);
        a.1.terms
            .due
            .cmp(&b.1.terms.due)
            .then_with(|| name(a.0).cmp(name(b.0)))
    });
    first.map(|(doc, count)| (doc, count.terms.due))
}

/// Counts of a place that were carried out since the unit was last seen.
pub(crate) fn unseen_in<'k>(
    case: &Case<'k>,
    place: PlaceNo,
) -> impl Iterator<Item = DocNo> + use<'k> {
    let known = case.known.known;
    let last = case.walked.last.map(|last| case.time(last.event));
    let counts = known.counts.at(place);
    let asked = counts.filter(move |(_, count)| {
        count.state == CountState::CarriedOut && last.is_some_and(|last| last < count.terms.opens)
    });
    asked.map(|(doc, _)| doc)
}

/// A count that nobody made in time is late; nothing is missing by it.
///
/// What depends on who may still speak is left to `questions`.
pub(crate) fn judge_count(
    known: View<'_>,
    doc: DocNo,
    questions: &mut Vec<Question>,
) -> Option<Discrepancy> {
    let count = known.counts.standing(doc)?;
    if count.state != CountState::NotMade {
        return None;
    }
    let site = known.atlas.site(count.terms.place);
    let during = (count.terms.opens, count.terms.due);
    let question = Question::at(&known, &[site], during);
    if waits::is_awaited(&known, question, questions) {
        return None;
    }
    let mut draft = Draft::of_stage(known, Kind::Late, doc, None, STAGE_COUNT)
        .at(Some(count.terms.place))
        .interval(Some(count.terms.due), None)
        .overdue(count.terms.due)
        .agree_claim(count.claim, Word::Planned)
        .fact("opens", FactValue::Time(count.terms.opens))
        .fact("due", FactValue::Time(count.terms.due));
    let counts = known.document(doc).map_or(&[][..], |named| &named.counts);
    let later = counts.iter().copied();
    let later = later.filter(|event| known.is_effective(*event));
    let later: Vec<EventNo> = later.take(WITNESSES_MAX).collect();
    for event in &later {
        draft = draft.disagree(*event, word_of(known, *event));
    }
    Some(draft.suspects(later).finish())
}
