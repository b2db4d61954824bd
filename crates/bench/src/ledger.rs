//! The ledger alone: what one core folds in a second, and what a unit takes in memory.
//!
//! Claims are made before the clock runs, a slice of units at a time, so that what waits to be folded
//! takes no memory that counts. Nothing is logged: this is `reconcile` without the record.

mod day;
mod json;
mod late;
mod node;
mod snapshot;
mod tracked;
mod unread;

use std::path::{Path, PathBuf};

use countersign_engine::kept_history::{self, KeptHistory};
use countersign_engine::log_index::LogIndex;
use countersign_model::digest::Digest;
use countersign_model::fold::Fold as _;
use countersign_reconcile::Ledger;
use countersign_store_local::HistoryFile;

use crate::Failure;
use crate::clock::measured;
use crate::machine::Machine;
use crate::peers;
use crate::scale::resident_bytes;
use crate::table::{Bar, HEAD, Row};
use crate::terminal::{say, warn};
use day::Day;

/// Units whose claims are made at a time.
const SLICE_UNITS: u64 = 10_000;
/// Of the units of a run, one in so many is told in JSON, and one in so many has a claim that comes late.
const JSON_SHARE: u64 = 10;
const LATE_SHARE: u64 = 10;
/// So many times as many units are tracked.
const TRACKED_SHARE: u64 = 50;
/// Claims of a CPU-second that are asked for, and bytes a unit.
const CLAIMS_ASKED: f64 = 2_000_000.0;
const BYTES_ASKED: f64 = 160.0;

/// What the command line asked for.
struct Plan {
    units: u64,
    minutes: u64,
    only: Option<String>,
    peers: peers::Plan,
    json: Option<PathBuf>,
}

const CASES: [&str; 7] = [
    "fold",
    "json",
    "late",
    "tracked",
    "finding",
    "sustained",
    "peers",
];
/// Minutes that a node is loaded.
const MINUTES: u64 = 10;

impl Plan {
    fn read(arguments: &[&str]) -> Result<Self, Failure> {
        let mut plan = Self {
            units: 1_000_000,
            minutes: MINUTES,
            only: None,
            peers: peers::Plan::default(),
            json: None,
        };
        peers::each_option(arguments, |name, value| {
            match name {
                "--units" => plan.units = value.parse()?,
                "--minutes" => plan.minutes = value.parse::<u64>()?.max(1),
                "--json" => plan.json = Some(PathBuf::from(value)),
                "--only" if CASES.contains(&value) => plan.only = Some(value.to_owned()),
                "--peer-units" => plan.peers.units = value.parse()?,
                _ => return plan.peers.take(name, value),
            }
            Ok(true)
        })?;
        Ok(plan)
    }

    fn asks(&self, case: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == case)
    }
}

pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let plan = Plan::read(arguments)?;
    let report = Report::begin();
    let mut rows = Vec::new();
    if plan.asks("fold") {
        rows.extend(fold(&plan)?);
    }
    if plan.asks("json") {
        rows.extend(json::rows(plan.units.div_ceil(JSON_SHARE))?);
    }
    if plan.asks("late") {
        rows.extend(late::rows(plan.units.div_ceil(LATE_SHARE))?);
    }
    if plan.asks("tracked") {
        rows.extend(tracked::rows(plan.units * TRACKED_SHARE)?);
    }
    if plan.asks("finding") {
        rows.extend(node::finding(&plan.peers.dir)?);
    }
    if plan.asks("sustained") {
        rows.extend(node::sustained(&plan.peers.dir, plan.minutes)?);
    }
    if plan.asks("peers") {
        rows.extend(peers::rows(&plan.peers)?);
    }
    report.end(&rows, plan.json.as_deref())
}

/// A table with what it was made on.
pub(crate) struct Report(Machine);

impl Report {
    /// Before anything is measured: the load of the machine is told.
    pub(crate) fn begin() -> Self {
        Self(Machine::read(
            std::thread::available_parallelism().map_or(1, usize::from),
        ))
    }

    /// Prints the rows, and writes the same for programs.
    pub(crate) fn end(self, rows: &[Row], json: Option<&Path>) -> Result<(), Failure> {
        say(&self.0.line());
        if self.0.is_busy() {
            say("The machine was busy: what is counted on the wall is too low.");
        }
        say("");
        say(HEAD);
        for row in rows {
            say(&row.line());
        }
        if let Some(path) = json {
            let rows: Vec<_> = rows.iter().map(Row::json).collect();
            let all = serde_json::json!({ "machine": self.0.json(), "rows": rows });
            std::fs::write(path, serde_json::to_string_pretty(&all)?)?;
        }
        Ok(())
    }
}

/// An empty ledger with its history in a file that is gone when the process ends, and where a failure
/// of the disk is told. Nothing is taken back in a bench, so that the index of the log is never asked.
pub(crate) fn ledger_over_a_file() -> Result<(Ledger, kept_history::Failure), Failure> {
    let name = format!("countersign-bench-history-{}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let records = HistoryFile::open(&path, Digest::of(b"bench"), 0)?;
    std::fs::remove_file(&path)?;
    let kept = KeptHistory::over(Box::new(records), LogIndex::default().shared());
    let failure = kept.failure();
    Ok((Ledger::new(Box::new(kept), 1), failure))
}

/// A day of a warehouse: each unit is planned, stored, loaded, given, accepted and taken.
fn fold(plan: &Plan) -> Result<Vec<Row>, Failure> {
    let mut day = Day::default();
    let (mut ledger, failure) = ledger_over_a_file()?;
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
    if let Some(first) = out.first() {
        let more = out.len() - 1;
        return Err(
            format!("a day without a fault has {first:?}, and {more} other changes").into(),
        );
    }
    let bytes = resident_bytes()?.saturating_sub(before) as f64 / plan.units as f64;
    let per_second = |ns: u64| claims as f64 * 1e9 / ns as f64;
    let mut rows = vec![
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
    ];
    rows.extend(snapshot::rows(ledger, &mut day, plan.units)?);
    Ok(rows)
}
