//! The ledger in sums: units by account, expectations by group and stage and how they stand,
//! units late, standing discrepancies by kind.

mod wire;

use std::collections::BTreeMap;
// Writing to a string cannot fail, so the results below are dropped.
use std::fmt::Write as _;

use countersign_reconcile::Ledger;
use serde_json::Value;

use crate::text::{clean, counted, grouped, time};
use wire::{CountsWire, LedgerWire};

/// Columns of a number.
const NUMBER: usize = 11;
/// Columns of what a row is about.
const LABEL: usize = 28;
/// Headings of the columns of expectations.
const COLUMNS: [&str; 6] = ["all", "met", "late", "missing", "pending", "not judged"];

/// The ledger in sums as JSON that stands alone, with the `names` of its places. Costs time for
/// every expectation.
#[must_use]
pub fn ledger_json(ledger: &Ledger) -> Value {
    serde_json::to_value(LedgerWire::of(ledger)).unwrap_or_default()
}

/// The same as text, the last line with a line feed. Takes what [`ledger_json`] gives; of
/// anything else it says that it is none.
#[must_use]
pub fn ledger_text(ledger: &Value) -> String {
    let Some(wire) = LedgerWire::read(ledger) else {
        return "This is no ledger.\n".to_owned();
    };
    let mut out = format!(
        "{}, as of entry {}, {}\n",
        counted(wire.units, "unit", "units"),
        wire.index,
        time(wire.tick.0, None),
    );
    out.push_str("\naccounts\n");
    for (account, sites) in by_site(&wire) {
        let sum: u64 = sites.values().sum();
        let label = match account.as_str() {
            "discrepancy" => "open discrepancy".to_owned(),
            other => other.replace('_', " "),
        };
        out.push_str(&row(1, &label, &[sum]));
        for (site, units) in &sites {
            if !site.is_empty() {
                out.push_str(&row(2, site, &[*units]));
            }
        }
    }
    if !wire.groups.is_empty() {
        let _ = write!(out, "\n{:<LABEL$}", "expectations");
        for heading in COLUMNS {
            let _ = write!(out, "{heading:>NUMBER$}");
        }
        out.push('\n');
        out.push_str(&row(1, "all", &numbers(&wire.expectations)));
        for group in &wire.groups {
            out.push_str(&row(1, &clean(&group.group), &numbers(&group.expectations)));
            for stage in &group.stages {
                out.push_str(&row(2, &clean(&stage.stage), &numbers(&stage.expectations)));
            }
            if group.units_late > 0 {
                let late = counted(group.units_late, "unit late", "units late");
                let _ = writeln!(out, "    {late}");
            }
        }
    }
    if !wire.discrepancies.is_empty() {
        out.push_str("\ndoes not add up\n");
        for (kind, count) in &wire.discrepancies {
            out.push_str(&row(1, &clean(kind).replace('_', " "), &[*count]));
        }
    }
    out
}

/// Units by kind of account and, within it, by site; what is nowhere stands under no name.
fn by_site(wire: &LedgerWire) -> Vec<(String, BTreeMap<String, u64>)> {
    let mut out: Vec<(String, BTreeMap<String, u64>)> = Vec::new();
    for row in &wire.accounts {
        let site = row.account.place.as_deref();
        let site = site.map_or_else(String::new, |place| wire.names.say_site(place));
        let kind = clean(&row.account.account);
        if out.last().is_none_or(|(last, _)| *last != kind) {
            out.push((kind, BTreeMap::new()));
        }
        if let Some((_, sites)) = out.last_mut() {
            *sites.entry(site).or_default() += row.units;
        }
    }
    out
}

const fn numbers(counts: &CountsWire) -> [u64; COLUMNS.len()] {
    [
        counts.expectations,
        counts.met,
        counts.late,
        counts.missing,
        counts.pending,
        counts.not_judged,
    ]
}

/// A label and numbers in columns; a label that is too long has a line of its own.
fn row(depth: usize, label: &str, numbers: &[u64]) -> String {
    let indent = "  ".repeat(depth);
    let mut out = format!("{indent}{label}");
    let width = out.chars().count();
    if width >= LABEL {
        out.push('\n');
        out.push_str(&" ".repeat(LABEL));
    } else {
        out.push_str(&" ".repeat(LABEL - width));
    }
    for number in numbers {
        let number = grouped(&number.to_string());
        let _ = write!(out, "{number:>NUMBER$}");
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests;
