//! Does it weigh what it weighed? Kind `weight_mismatch`.
//!
//! Consecutive weights of one unit are compared, unless its content was changed in between.

use countersign_model::decimal::Decimal;
use countersign_model::network::Tolerance;

use super::{Case, Draft, Judgement};
use crate::discrepancy::{Discrepancy, FactValue, Word};
use crate::kind::Kind;
use crate::known::atlas::TOLERANCE;
use crate::number::{EventNo, UnitNo};
use crate::value::unit_value;

pub(super) fn judge(case: &Case<'_>, judgement: &mut Judgement) {
    let mut before: Option<(EventNo, Decimal)> = None;
    for event in case.effective() {
        let row = case.known.event(event);
        let says_nothing = row.weight.is_none() && row.repacked().is_none();
        if says_nothing || case.known.is_suspect(event) {
            continue;
        }
        let is_own = |key: UnitNo| case.known.aliases.root(key) == case.root;
        if row.repacked().is_some_and(is_own) {
            before = None;
        }
        let Some((_, kilograms)) = row.weight.as_deref().filter(|(key, _)| is_own(*key)) else {
            continue;
        };
        let now = (event, *kilograms);
        if let Some(before) = before {
            judgement.add_some(compare(case, before, now));
        }
        before = Some(now);
    }
}

fn compare(
    case: &Case<'_>,
    (first, before): (EventNo, Decimal),
    (second, now): (EventNo, Decimal),
) -> Option<Discrepancy> {
    let known = case.known;
    let tolerance = known.atlas.network.tolerance(TOLERANCE)?;
    let difference = now.checked_sub(before)?;
    let allowed = allowed(tolerance, before.max(now));
    if difference.abs() <= allowed {
        return None;
    }
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
