//! The reconciliation of a day: of each site what was due, how it stands, and what does not add up.

mod wire;

// Writing to a string cannot fail, so the results below are dropped.
use std::fmt::Write as _;

use countersign_model::time::Timestamp;
use countersign_reconcile::Ledger;
use serde_json::Value;

use crate::text::{clean, counted, day_of, grouped, money, time};
use wire::{DayWire, FoundWire, SiteWire};

/// Columns of what a row is about.
const LABEL: usize = 30;
/// Columns of a number.
const NUMBER: usize = 10;
const COLUMNS: [&str; 5] = ["due", "met", "late", "missing", "open"];

/// What was due and found from one instant until before another, as JSON that stands alone, with the
/// `names` of its places. Costs time for every expectation.
#[must_use]
pub fn day_json(ledger: &Ledger, (from, until): (Timestamp, Timestamp), zone: &str) -> Value {
    let wire = DayWire::of(ledger, (from, until), zone);
    serde_json::to_value(wire).unwrap_or_default()
}

/// The same as text, the last line with a line feed. Takes what [`day_json`] gives; of anything else it
/// says that it is none.
#[must_use]
pub fn day_text(day: &Value) -> String {
    let Some(wire) = DayWire::read(day) else {
        return "This is no reconciliation.\n".to_owned();
    };
    let mut out = format!(
        "{} ({}), as of entry {}, {}\n",
        day_of(wire.from.0, &wire.time_zone),
        clean(&wire.time_zone),
        wire.index,
        time(wire.tick.0, None),
    );
    for site in &wire.sites {
        add_site(&mut out, &wire, site);
    }
    if wire.sites.is_empty() {
        out.push_str("\nNothing was due, and nothing is known to be wrong.\n");
    }
    out
}

fn add_site(out: &mut String, wire: &DayWire, site: &SiteWire) {
    let place = site.site.as_deref();
    let name = place.map_or_else(|| "nowhere".to_owned(), |place| wire.names.say_site(place));
    let _ = write!(out, "\n{name:<LABEL$}");
    if site.due.is_empty() {
        out.push('\n');
    } else {
        for heading in COLUMNS {
            let _ = write!(out, "{heading:>NUMBER$}");
        }
        out.push('\n');
    }
    for stage in &site.due {
        let counts = &stage.counts;
        let open = counts.pending + counts.awaited + counts.unproven + counts.not_judged;
        let numbers = [
            counts.expectations,
            counts.met,
            counts.late,
            counts.missing,
            open,
        ];
        let _ = write!(out, "  {:<width$}", clean(&stage.stage), width = LABEL - 2);
        for number in numbers {
            let _ = write!(out, "{:>NUMBER$}", grouped(&number.to_string()));
        }
        out.push('\n');
    }
    if site.found.is_empty() && !site.due.is_empty() {
        out.push_str("  adds up\n");
    }
    for found in &site.found {
        let _ = writeln!(out, "  {}", of_kind(found));
    }
}

/// `missing: 2 open, 1 settled; 7 units, 1,400.00 EUR`.
fn of_kind(found: &FoundWire) -> String {
    let mut said = format!(
        "{}: {} open",
        clean(&found.kind).replace('_', " "),
        found.open
    );
    if found.settled > 0 {
        let _ = write!(said, ", {} settled", found.settled);
    }
    if found.units > 0 {
        let _ = write!(said, "; {}", counted(found.units, "unit", "units"));
    }
    for value in &found.value {
        let _ = write!(said, ", {}", money(&value.amount, &value.currency));
    }
    said
}

#[cfg(test)]
mod tests;
