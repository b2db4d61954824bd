//! A snapshot of the day's ledger: how long the fold stops for it, what folding costs while it is
//! written, and how long a ledger takes that goes on from it.

use countersign_model::fold::{Fold as _, FoldBatch};
use countersign_reconcile::Ledger;
use countersign_reconcile::snapshot::Snapshot;

use super::SLICE_UNITS;
use super::day::Day;
use super::unread::Unread;
use crate::Failure;
use crate::clock::{measured, wall_ns};
use crate::table::{Bar, Row};

/// Milliseconds that intake may stop, and seconds that a restart may take.
const STOP_ASKED_MS: f64 = 50.0;
const RESTART_ASKED_S: f64 = 5.0;

/// Takes a snapshot of a ledger that folded `units` units, writes it on another thread while the units
/// of one more slice are folded, and lets a ledger go on from it.
pub(super) fn rows(mut ledger: Ledger, day: &mut Day, units: u64) -> Result<Vec<Row>, Failure> {
    let before = longest(&mut ledger, &day.slice(units, SLICE_UNITS));
    let next = day.slice(units + SLICE_UNITS, SLICE_UNITS);
    let (snapshot, stop) = measured(|| ledger.snapshot());
    let snapshot = snapshot.ok_or("the day is not settled")?;
    let history = snapshot.history();
    let (during, (written, write)) = std::thread::scope(|scope| {
        let writer = scope.spawn(|| measured(|| snapshot.written()));
        let during = longest(&mut ledger, &next);
        (during, writer.join().unwrap_or_default())
    });
    let tables = ms(longest_of_copies(&ledger)?);
    drop((ledger, next, snapshot));
    let known = units + SLICE_UNITS;
    let bytes: usize = written.0.values().flatten().map(Vec::len).sum();
    let (resumed, restart) = measured(|| Ledger::resume(&written, Box::new(Unread(history)), 2));
    let resumed = resumed?;
    if resumed.totals().units != known {
        return Err("the ledger that goes on is another".into());
    }
    Ok(vec![
        Row {
            case: "a snapshot is taken".to_owned(),
            per_cpu_second: None,
            per_second: None,
            note: format!(
                "{known} units; {:.1} ms of processor; longest of five more {tables:.1} ms; the longest commit {:.1} ms before, {:.1} ms \
                 while it was written, in {:.1} s, {:.0} bytes a unit",
                ms(stop.cpu_ns),
                ms(before),
                ms(during),
                ms(write.wall_ns) / 1e3,
                bytes as f64 / known as f64
            ),
            bar: Some(Bar::at_most(
                "milliseconds that the fold stops",
                ms(stop.wall_ns),
                STOP_ASKED_MS,
            )),
        },
        Row {
            case: "a ledger goes on from it".to_owned(),
            per_cpu_second: None,
            per_second: None,
            note: format!(
                "pages in memory; {:.1} s of processor",
                ms(restart.cpu_ns) / 1e3
            ),
            bar: Some(Bar::at_most(
                "seconds",
                ms(restart.wall_ns) / 1e3,
                RESTART_ASKED_S,
            )),
        },
    ])
}

/// Nanoseconds on the wall of the longest of some commits.
fn longest(ledger: &mut Ledger, batches: &[FoldBatch]) -> u64 {
    let mut out = Vec::new();
    let times = batches.iter().map(|batch| {
        let began = wall_ns();
        ledger.apply(batch, &mut out);
        wall_ns() - began
    });
    times.max().unwrap_or_default()
}

/// Nanoseconds on the wall of the longest of five copies.
fn longest_of_copies(ledger: &Ledger) -> Result<u64, Failure> {
    let mut longest = 0;
    for _ in 0..5 {
        let (copy, span): (Option<Snapshot>, _) = measured(|| ledger.snapshot());
        copy.ok_or("the day is not settled")?;
        longest = longest.max(span.wall_ns);
    }
    Ok(longest)
}

fn ms(ns: u64) -> f64 {
    ns as f64 / 1e6
}
