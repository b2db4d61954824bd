//! Does it weigh what it weighed? Kind `weight_mismatch`.
//!
//! Consecutive weights of one unit are compared, unless its content was changed in between. A weight that
//! differs counts once its grace is over and nobody put it right: then it is a difference, or, where
//! another source weighed behind it what was weighed before it, a reading that others outvoted.

use countersign_model::decimal::Decimal;
use countersign_model::network::Tolerance;

use super::{Case, Draft, Judgement};
use crate::discrepancy::{Discrepancy, FactValue, Word};
use crate::kind::Kind;
use crate::known::atlas::TOLERANCE;
use crate::known::sources::Question;
use crate::number::{EventNo, PlaceNo, UnitNo};
use crate::value::unit_value;

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    let Some(tolerance) = case.known.atlas.network.tolerance(TOLERANCE) else {
        return;
    };
    for weights in weighings(case) {
        let mut before: Option<Weighing> = None;
        for (at, now) in weights.iter().enumerate() {
            let is_gap = |before: &Weighing| differ(tolerance, before.kilograms, now.kilograms);
            if let Some(last) = before.filter(is_gap) {
                let later = weights.get(at + 1..).unwrap_or_default();
                if is_outvoted(case, tolerance, (&last, now), later) {
                    continue;
                }
                add(case, judgement, tolerance, (&last, now));
            }
            before = Some(*now);
        }
    }
}

/// What a scale said of the unit.
#[derive(Clone, Copy)]
struct Weighing {
    event: EventNo,
    kilograms: Decimal,
}

/// The weights of the unit in the total order; another list behind each change of its content.
fn weighings(case: &Case<'_>) -> Vec<Vec<Weighing>> {
    let is_own = |key: UnitNo| case.known.aliases.root(key) == case.root;
    let mut all = vec![Vec::new()];
    for event in case.effective() {
        let row = case.known.event(event);
        let says_nothing = row.weight.is_none() && row.repacked().is_none();
        if says_nothing || case.known.is_suspect(event) {
            continue;
        }
        if row.repacked().is_some_and(is_own) {
            all.push(Vec::new());
        }
        let weight = row.weight.as_deref().filter(|(key, _)| is_own(*key));
        if let (Some((_, kilograms)), Some(last)) = (weight, all.last_mut()) {
            let kilograms = *kilograms;
            last.push(Weighing { event, kilograms });
        }
    }
    all
}

fn differ(tolerance: &Tolerance, one: Decimal, other: Decimal) -> bool {
    let difference = other.checked_sub(one).map(Decimal::abs);
    difference.is_some_and(|difference| difference > allowed(tolerance, one.max(other)))
}

/// Whether the next that another source weighed is what was weighed before.
fn is_outvoted(
    case: &Case<'_>,
    tolerance: &Tolerance,
    (before, now): (&Weighing, &Weighing),
    later: &[Weighing],
) -> bool {
    let issuer = |it: &Weighing| case.known.event(it.event).issuer;
    let other = later.iter().find(|it| issuer(it) != issuer(now));
    other.is_some_and(|it| !differ(tolerance, before.kilograms, it.kilograms))
}

/// Adds a difference once nobody can put the weight right any more.
fn add(
    case: &Case<'_>,
    judgement: &mut Judgement,
    tolerance: &Tolerance,
    pair: (&Weighing, &Weighing),
) {
    let known = case.known;
    let found = compare(case, tolerance, pair);
    let Some(grace) = tolerance.weight_grace else {
        judgement.add_some(found);
        return;
    };
    let weighed = case.time(pair.1.event);
    let due = weighed.plus(grace);
    if known.tick <= due {
        judgement.wake_at(due);
        return;
    }
    let sites: Vec<PlaceNo> = case.site(pair.1.event).into_iter().collect();
    let asked = Question::at(&known, &sites, (weighed, due));
    judgement.add_once_heard(case, found, &asked);
}

fn compare(
    case: &Case<'_>,
    tolerance: &Tolerance,
    (one, two): (&Weighing, &Weighing),
) -> Option<Discrepancy> {
    let known = case.known;
    let (first, before) = (one.event, one.kilograms);
    let (second, now) = (two.event, two.kilograms);
    let difference = now.checked_sub(before)?;
    let allowed = allowed(tolerance, before.max(now));
    let (one, two) = (known.event(first), known.event(second));
    let named = known.manifest_named(two, case.root);
    let plan = named.or_else(|| known.manifest_named(one, case.root));
    let draft = Draft::of_claims(known, Kind::WeightMismatch, &[one.claim, two.claim])?
        .unit(case.root, unit_value(case, None))
        .plan(plan)
        .at(known.place_of(two))
        .between(case.site(first), case.site(second))
        .proven_by(first)
        .disproven_by(second)
        .agree(first, Word::Weighed)
        .disagree(second, Word::Weighed)
        .fact("before", FactValue::Kilograms(before))
        .fact("now", FactValue::Kilograms(now))
        .fact("difference", FactValue::Kilograms(difference))
        .fact("allowed", FactValue::Kilograms(allowed))
        .settled(case.write_off().is_some());
    Some(draft.finish())
}

fn allowed(tolerance: &Tolerance, heavier: Decimal) -> Decimal {
    let by_ratio = tolerance.weight_ratio.checked_mul(heavier);
    by_ratio.map_or(tolerance.weight_kg, |kg| kg.max(tolerance.weight_kg))
}
