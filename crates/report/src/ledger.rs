//! The ledger in sums: units by account, counted classes by kind of account, expectations by group and stage and how they stand,
//! units late, standing discrepancies by kind.

mod wire;

use std::collections::BTreeMap;
// Writing to a string cannot fail, so the results below are dropped.
use std::fmt::Write as _;

use countersign_reconcile::Ledger;
use serde_json::Value;

use crate::limits::CLASSES_SHOWN_MAX;
use crate::text::{clean, counted, grouped, time, uom};
pub(crate) use wire::CountsWire;
use wire::LedgerWire;

/// Columns of a number.
const NUMBER: usize = 11;
/// Columns of what a row is about.
const LABEL: usize = 28;
/// Columns of the name of a counted class.
const CLASS_LABEL: usize = 45;
/// Headings of the columns of expectations. What is awaited or unproven is pending still.
const COLUMNS: [&str; 6] = ["all", "met", "late", "missing", "pending", "not judged"];

/// Accounts of counted classes that are shown, and their headings.
const CLASS_ACCOUNTS: [(&str, &str); 5] = [
    ("held", "held"),
    ("in_transfer", "moving"),
    ("discrepancy", "overdue"),
    ("delivered", "delivered"),
    ("consumed", "consumed"),
];

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
    add_classes(&mut out, &wire);
    if !wire.groups.is_empty() {
        out.push_str(&headings("expectations", LABEL, &COLUMNS));
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

fn headings(first: &str, width: usize, columns: &[&str]) -> String {
    let mut out = format!("\n{first:<width$}");
    for heading in columns {
        let _ = write!(out, "{heading:>NUMBER$}");
    }
    out.push('\n');
    out
}

fn add_classes(out: &mut String, wire: &LedgerWire) {
    if wire.classes.is_empty() {
        return;
    }
    let columns = CLASS_ACCOUNTS.map(|(_, heading)| heading);
    out.push_str(&headings("counted", CLASS_LABEL, &columns));
    for one in wire.classes.iter().take(CLASSES_SHOWN_MAX) {
        let label = format!("{}, {}", wire.names.say(&one.class), uom(&one.uom));
        let amount = |(account, _)| one.accounts.get(account).map_or("0", String::as_str);
        let amounts = CLASS_ACCOUNTS
            .map(amount)
            .map(|amount| grouped(&clean(amount)));
        out.push_str(&columns_of(1, &label, CLASS_LABEL, &amounts));
    }
    let more = wire.classes.len().saturating_sub(CLASSES_SHOWN_MAX) as u64;
    if more > 0 {
        let more = counted(more, "more class", "more classes");
        let _ = writeln!(out, "    and {more}; all of them with --json");
    }
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
        counts.pending + counts.awaited + counts.unproven,
        counts.not_judged,
    ]
}

/// A label and numbers in columns; a label that is too long has a line of its own.
fn row(depth: usize, label: &str, numbers: &[u64]) -> String {
    let texts: Vec<String> = numbers.iter().map(|n| grouped(&n.to_string())).collect();
    columns_of(depth, label, LABEL, &texts)
}

fn columns_of(depth: usize, label: &str, label_width: usize, texts: &[String]) -> String {
    let indent = "  ".repeat(depth);
    let mut out = format!("{indent}{label}");
    let width = out.chars().count();
    if width >= label_width {
        out.push('\n');
        out.push_str(&" ".repeat(label_width));
    } else {
        out.push_str(&" ".repeat(label_width - width));
    }
    for text in texts {
        let _ = write!(out, "{text:>NUMBER$}");
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests;
