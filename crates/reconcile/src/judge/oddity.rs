//! What the judges of a unit's odd custody say alike: the event, and the custody it contradicts.

use super::draft::word_of;
use super::{Case, Draft};
use crate::kind::Kind;
use crate::value::unit_value;
use crate::walk::Oddity;

/// The draft about `oddity`; each judge adds what is odd as a fact of its own.
pub(super) fn draft<'a>(case: &Case<'a>, kind: Kind, oddity: &Oddity) -> Option<Draft<'a>> {
    let known = case.known;
    let row = known.event(oddity.event);
    let draft = Draft::of_claims(known, kind, &[row.claim])?
        .unit(case.root, unit_value(case, None))
        .plan(known.manifest_named(row, case.root))
        .at(Some(oddity.at.place))
        .between(oddity.from, Some(oddity.at.site))
        .proven(oddity.last)
        .disproven_by(oddity.event)
        .disagree(oddity.event, word_of(known, oddity.event))
        .fact_place("from_site", oddity.from)
        .fact_place("to_site", Some(oddity.at.site))
        .settled(case.write_off().is_some());
    Some(match oddity.last {
        Some(last) => draft.agree(last.event, word_of(known, last.event)),
        None => draft,
    })
}
