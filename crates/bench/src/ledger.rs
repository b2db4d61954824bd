//! The ledger alone: what one core folds in a second, and what a unit takes in memory.
//!
//! Claims are made before the clock runs, a slice of units at a time, so that what waits to be folded
//! takes no memory that counts. Nothing is logged: this is `reconcile` without the record.

mod day;

use std::path::PathBuf;

use countersign_engine::kept_history::KeptHistory;
use countersign_engine::log_index::LogIndex;
use countersign_model::digest::Digest;
use countersign_model::fold::Fold as _;
use countersign_reconcile::Ledger;
use countersign_store_local::HistoryFile;

use crate::Failure;
use crate::clock::measured;
use crate::machine::Machine;
use crate::scale::resident_bytes;
use crate::table::{Bar, HEAD, Row};
use crate::terminal::{say, warn};
use day::Day;

/// Units whose claims are made at a time.
const SLICE_UNITS: u64 = 10_000;
/// Claims of a CPU-second that are asked for, and bytes a unit.
const CLAIMS_ASKED: f64 = 2_000_000.0;
const BYTES_ASKED: f64 = 160.0;

/// What the command line asked for.
struct Plan {
    units: u64,
    json: Option<PathBuf>,
}

impl Plan {
    fn read(arguments: &[&str]) -> Result<Self, Failure> {
        let mut plan = Self {
            units: 1_000_000,
            json: None,
        };
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            let value = rest
                .next()
                .ok_or_else(|| format!("`{name}` needs a value"))?;
            match *name {
                "--units" => plan.units = value.parse()?,
                "--json" => plan.json = Some(PathBuf::from(value)),
                _ => return Err(format!("unknown option `{name}`").into()),
            }
        }
        Ok(plan)
    }
}

pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let plan = Plan::read(arguments)?;
    let machine = Machine::read(1);
    let rows = fold(&plan)?;
    say(&machine.line());
    say("");
    say(HEAD);
    for row in &rows {
        say(&row.line());
    }
    if let Some(path) = &plan.json {
        let rows: Vec<_> = rows.iter().map(Row::json).collect();
        std::fs::write(path, serde_json::to_string_pretty(&rows)?)?;
    }
    Ok(())
}

/// A day of a warehouse: each unit is planned, stored, loaded, given, accepted and taken.
fn fold(plan: &Plan) -> Result<Vec<Row>, Failure> {
    let day = Day::new();
    let history =
        std::env::temp_dir().join(format!("countersign-bench-history-{}", std::process::id()));
    let records = HistoryFile::open(&history, Digest::of(b"bench"), 0)?;
    std::fs::remove_file(&history)?;
    // Nothing is taken back in it, so that the index of the log is never asked.
    let kept = KeptHistory::over(Box::new(records), LogIndex::default().shared());
    let failure = kept.failure();
    let mut ledger = Ledger::new(Box::new(kept), 1);
    let mut out = Vec::new();
    let (mut claims, mut cpu_ns, mut wall_ns) = (0_u64, 0_u64, 0_u64);
    ledger.apply(&day.opening(), &mut out);
    let before = resident_bytes()?;
    let mut first = 0;
    while first < plan.units {
        let units = SLICE_UNITS.min(plan.units - first);
        let batches = day.slice(first, units);
        claims += batches.iter().map(Day::claims).sum::<u64>();
        let ((), span) = measured(|| {
            for batch in &batches {
                ledger.apply(batch, &mut out);
            }
        });
        cpu_ns += span.cpu_ns;
        wall_ns += span.wall_ns;
        first += units;
        if first % 100_000 == 0 {
            warn(&format!("{first} of {} units", plan.units));
        }
    }
    failure.check()?;
    if !out.is_empty() || ledger.standing().count() > 0 {
        return Err(format!("a day without a fault has {} changes", out.len()).into());
    }
    let bytes = resident_bytes()?.saturating_sub(before) as f64 / plan.units as f64;
    let per_second = |ns: u64| claims as f64 * 1e9 / ns as f64;
    Ok(vec![
        Row {
            case: "fold of decoded claims, one core".to_owned(),
            per_cpu_second: Some(per_second(cpu_ns)),
            per_second: Some(per_second(wall_ns)),
            note: format!(
                "{} units, {claims} claims of one unit, plans of 50",
                plan.units
            ),
            bar: Some(Bar::at_least(
                "claims a CPU-second",
                per_second(cpu_ns),
                CLAIMS_ASKED,
            )),
        },
        Row {
            case: "memory of the same".to_owned(),
            per_cpu_second: None,
            per_second: None,
            note: "resident afterwards less before, a unit".to_owned(),
            bar: Some(Bar::at_most("bytes a unit", bytes, BYTES_ASKED)),
        },
    ])
}
