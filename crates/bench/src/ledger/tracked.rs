//! Many units that are tracked, of which few move: does one more claim cost more where more is known?

use countersign_model::fold::{Fold as _, FoldBatch};
use countersign_reconcile::Ledger;

use super::SLICE_UNITS;
use super::day::Day;
use super::unread::Unread;
use crate::Failure;
use crate::clock::{Span, measured};
use crate::scale::resident_bytes;
use crate::table::{Bar, Row, grouped};
use crate::terminal::warn;

/// Units that are tracked: few, and many.
const FEW: u64 = 1_000_000;
/// Claims that are measured.
const CLAIMS: u64 = 1_000_000;
/// Throughput with many of that with few that is asked for: where those move that came last, in the
/// order in which they came, and where any of them move.
const ASKED: [f64; 2] = [0.8, 0.4];

/// Claims a CPU-second at so many units.
struct Tracked {
    units: u64,
    /// As on a day, and of any unit.
    rates: [f64; 2],
    bytes_a_unit: f64,
}

/// Folds claims of few units, and of `many`; nothing is on a disk.
pub(super) fn rows(many: u64) -> Result<Vec<Row>, Failure> {
    let (few, many) = (tracked(FEW)?, tracked(many)?);
    let [few_of_day, few_random] = few.rates;
    let [of_day, random] = many.rates;
    let [of_day_asked, random_asked] = ASKED;
    let cases = [
        ("those that came last", few_of_day, of_day, of_day_asked),
        ("any of them, at random", few_random, random, random_asked),
    ];
    let rows = cases.map(|(which, a, b, asked)| {
        Row {
            case: format!("{} units are tracked, {which} move", grouped(many.units as f64)),
            per_cpu_second: Some(b),
            per_second: None,
            note: format!(
                "{} claims a CPU-second at {} units; {:.0} and {:.0} bytes a unit, seen once each, without plans",
                grouped(a),
                grouped(few.units as f64),
                few.bytes_a_unit,
                many.bytes_a_unit
            ),
            bar: Some(Bar::at_least("× that of the few", b / a, asked)),
        }
    });
    Ok(rows.into())
}

fn tracked(units: u64) -> Result<Tracked, Failure> {
    let mut day = Day::default();
    let mut ledger = Ledger::new(Box::new(Unread(0)), 1);
    let mut out = Vec::new();
    ledger.apply(&day.opening(), &mut out);
    let before = resident_bytes()?;
    let mut hour = 0;
    for first in (0..units).step_by(usize::try_from(SLICE_UNITS)?) {
        hour += 1;
        let new = first..units.min(first + SLICE_UNITS);
        for batch in day.seen(hour, new) {
            ledger.apply(&batch, &mut out);
        }
        if first % 10_000_000 == 0 {
            warn(&format!("{first} of {units} units"));
        }
    }
    let bytes_a_unit = resident_bytes()?.saturating_sub(before) as f64 / units as f64;
    let mut state = 1;
    let mut random = || {
        state = u64::wrapping_mul(state, 6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % units
    };
    let last = units.saturating_sub(CLAIMS);
    let mut of_day = (last..units).cycle();
    let mut rates = [0.0; 2];
    for (rate, is_random) in rates.iter_mut().zip([false, true]) {
        let mut span = Span::default();
        for _ in 0..CLAIMS / SLICE_UNITS {
            hour += 1;
            let moved: Vec<u64> = match is_random {
                true => (0..SLICE_UNITS).map(|_| random()).collect(),
                false => of_day
                    .by_ref()
                    .take(usize::try_from(SLICE_UNITS)?)
                    .collect(),
            };
            let batches: Vec<FoldBatch> = day.seen(hour, moved.into_iter());
            let ((), took) = measured(|| {
                for batch in &batches {
                    ledger.apply(batch, &mut out);
                }
            });
            span.cpu_ns += took.cpu_ns;
        }
        *rate = span.per_cpu_second(CLAIMS);
    }
    if let Some(first) = out.first() {
        return Err(format!("a day without a fault has {first:?}").into());
    }
    Ok(Tracked {
        units,
        rates,
        bytes_a_unit,
    })
}
