//! Claims that come after all the rest of their unit: what was folded is judged again from its history.

use countersign_model::fold::Fold as _;

use super::day::Day;
use super::{SLICE_UNITS, ledger_over_a_file};
use crate::Failure;
use crate::clock::{Span, measured};
use crate::table::{Bar, Row};

/// Claims a second that are asked for.
const LATE_ASKED: f64 = 50_000.0;

/// Folds a day without the loading of each unit, then every loading.
pub(super) fn rows(units: u64) -> Result<Vec<Row>, Failure> {
    let (mut ledger, failure) = ledger_over_a_file()?;
    let mut day = Day::default();
    let (mut out, mut late) = (Vec::new(), Vec::new());
    ledger.apply(&day.opening(), &mut out);
    for first in (0..units).step_by(usize::try_from(SLICE_UNITS)?) {
        let (batches, after) = day.slice_with_late(first, SLICE_UNITS.min(units - first));
        for batch in &batches {
            ledger.apply(batch, &mut out);
        }
        late.extend(after);
    }
    let claims: u64 = late.iter().map(Day::claims).sum();
    let ((), span): ((), Span) = measured(|| {
        for batch in &late {
            ledger.apply(batch, &mut out);
        }
    });
    failure.check()?;
    if !out.is_empty() || ledger.standing().count() > 0 {
        return Err(format!("late claims without a fault gave {} changes", out.len()).into());
    }
    let rate = span.per_second(claims);
    Ok(vec![Row {
        case: "late claims refolded, one core".to_owned(),
        per_cpu_second: Some(span.per_cpu_second(claims)),
        per_second: Some(rate),
        note: format!(
            "{claims} sightings, each behind all else of its unit, read back from a history in a file"
        ),
        bar: Some(Bar::at_least("claims a second", rate, LATE_ASKED)),
    }])
}
