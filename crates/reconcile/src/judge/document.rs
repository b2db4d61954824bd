//! Was a document there when it was due, and before the load that it is for left? Kinds `proof_missing`
//! and `late`.

use std::collections::BTreeSet;

use super::draft::word_of;
use super::{Draft, State, waits};
use crate::discrepancy::{Discrepancy, FactValue, Word};
use crate::kind::{Kind, STAGE_DOCUMENT};
use crate::known::View;
use crate::known::due::DueDocument;
use crate::known::plan_events::Named;
use crate::known::sources::Question;
use crate::number::{DocNo, EventNo, PlaceNo, UnitNo};
use crate::value::key_value;

/// What speaks for a document that is due, and against it.
struct Seen {
    state: State,
    /// The first that named it.
    named: Option<EventNo>,
    /// The first that gave its load away before.
    left: Option<EventNo>,
}

fn seen(known: View<'_>, doc: DocNo, due: &DueDocument) -> Seen {
    let named = first(known, known.document(doc).into_iter().flat_map(Named::all));
    let load = due.terms.load.and_then(|load| known.document(load));
    let left = load.and_then(|named| first(known, named.gives.iter().copied()));
    let is_before = |event: EventNo, other: EventNo| known.order(event, other).is_le();
    let left = left.filter(|left| named.is_none_or(|named| !is_before(named, *left)));
    let in_time = named.map(|named| known.event(named).time <= due.terms.due);
    let is_past = known.tick > due.terms.due;
    let state = match (left, in_time) {
        (Some(_), _) => State::Missing,
        (None, Some(true)) => State::Met,
        (None, _) if !is_past => State::Pending,
        (None, Some(false)) => State::Late,
        (None, None) => State::Missing,
    };
    Seen { state, named, left }
}

/// Judges a document that is due. What depends on who may still speak is left to `questions`.
pub(crate) fn judge(
    known: View<'_>,
    doc: DocNo,
    questions: &mut Vec<Question>,
) -> (State, Option<Discrepancy>) {
    let Some(due) = known.due.standing(doc) else {
        return (State::Pending, None);
    };
    let seen = seen(known, doc, due);
    let kind = match seen.state {
        State::Late => Kind::Late,
        State::Missing => Kind::ProofMissing,
        state => return (state, None),
    };
    let question = question(known, due, seen.left);
    if waits::is_awaited(&known, question, questions) {
        return (State::Awaited, None);
    }
    (seen.state, Some(draft(known, (doc, due), kind, &seen)))
}

fn draft(
    known: View<'_>,
    (doc, due): (DocNo, &DueDocument),
    kind: Kind,
    seen: &Seen,
) -> Discrepancy {
    let mut draft = Draft::of_stage(known, kind, doc, None, STAGE_DOCUMENT)
        .grouped_by_stage(STAGE_DOCUMENT)
        .agree_claim(due.claim, Word::Planned)
        .fact("due", FactValue::Time(due.terms.due));
    if let Some(load) = due.terms.load {
        let name = known.atlas.names.docs.name(load).clone();
        draft = draft.fact("load", FactValue::Plan(name));
    }
    draft = match seen.left {
        Some(left) => left_without(known, draft, (left, due, seen.named)),
        None => draft
            .at(site_of(known, due))
            .interval(None, Some(due.terms.due))
            .overdue(due.terms.due),
    };
    if let Some(named) = seen.named {
        let time = known.event(named).time;
        draft = draft
            .disagree(named, word_of(known, named))
            .fact("named", FactValue::Time(time));
    }
    draft.finish()
}

/// The first of some observations that counts.
fn first(known: View<'_>, events: impl Iterator<Item = EventNo>) -> Option<EventNo> {
    let own = events.filter(|event| known.is_effective(*event) && !known.is_suspect(*event));
    own.min_by(|a, b| known.order(*a, *b))
}

fn site_of(known: View<'_>, due: &DueDocument) -> Option<PlaceNo> {
    let manifest = due
        .terms
        .load
        .and_then(|load| known.manifests.standing(load));
    manifest.map(|manifest| manifest.terms.from)
}

/// Whoever stands where the load leaves may still say that it was there.
fn question(known: View<'_>, due: &DueDocument, left: Option<EventNo>) -> Question {
    let end = left.map_or(due.terms.due, |left| known.event(left).time);
    let left = left.and_then(|left| known.place_of(known.event(left)));
    let place = left.or_else(|| site_of(known, due));
    let sites: Vec<PlaceNo> = place
        .map(|place| known.atlas.site(place))
        .into_iter()
        .collect();
    Question::at(&known, &sites, (known.claim_time(due.claim).min(end), end))
}

/// All that left before the document came, or without it.
fn left_without<'a>(
    known: View<'a>,
    draft: Draft<'a>,
    (left, due, named): (EventNo, &DueDocument, Option<EventNo>),
) -> Draft<'a> {
    let row = known.event(left);
    let load = due.terms.load.and_then(|load| known.document(load));
    let gives = load.into_iter().flat_map(|named| &named.gives);
    let without = gives.filter(|event| {
        let counts = known.is_effective(**event) && !known.is_suspect(**event);
        counts && named.is_none_or(|named| known.order(**event, named).is_lt())
    });
    let keys = without.flat_map(|event| known.event(*event).units.iter());
    let units: BTreeSet<UnitNo> = keys.map(|key| known.aliases.root(*key)).collect();
    let draft = units.into_iter().fold(draft, |draft, unit| {
        draft.unit(unit, key_value(&known, unit))
    });
    draft
        .at(known.place_of(row))
        .interval(Some(row.time), Some(row.time))
        .proven_by(left)
        .disproven_by(left)
        .agree(left, word_of(known, left))
        .fact("left", FactValue::Time(row.time))
}
