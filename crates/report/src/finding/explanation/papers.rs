//! Seals, documents, and corrections.

use super::{at_site, differences, key, span, time, units, way};
use crate::finding::wire::FindingWire;

pub(super) fn other_seals(wire: &FindingWire) -> String {
    let seal = |argument: &str| wire.argument(argument, "unit").map(key);
    let said = match (seal("planned_seal"), seal("found_seal")) {
        (Some(planned), Some(found)) => format!("the plan says {planned}, and {found} was read"),
        (Some(planned), None) => format!("{planned}, which the plan says, was not read"),
        (None, Some(found)) => format!("{found} was read, which the plan does not say"),
        (None, None) => "the seals are not those that the plan says".to_owned(),
    };
    format!("load{}: {said}", way(wire))
}

pub(super) fn without_papers(wire: &FindingWire) -> String {
    let papers = wire
        .plan
        .as_deref()
        .map_or_else(|| "a document".to_owned(), key);
    let load = wire.argument("load", "plan").map(key);
    let load = load.map_or_else(String::new, |load| format!(" for {load}"));
    let due = time(wire, "due").map_or_else(String::new, |due| format!(", due {due},"));
    let came = time(wire, "named");
    match (time(wire, "left"), came) {
        (Some(left), Some(came)) => {
            format!("{papers}{load} came {came}, when the load had left ({left})")
        }
        (Some(left), None) => format!("the load left {left} without {papers}{load}"),
        (None, _) => format!("{papers}{load}{due} did not come"),
    }
}

pub(super) fn late_papers(wire: &FindingWire) -> String {
    let papers = wire
        .plan
        .as_deref()
        .map_or_else(|| "a document".to_owned(), key);
    let due = time(wire, "due").map_or_else(String::new, |due| format!(", due {due},"));
    let came = time(wire, "named").map_or_else(String::new, |came| format!(": {came}"));
    format!("{papers}{due} came late{came}")
}

pub(super) fn covered(wire: &FindingWire) -> String {
    let hidden = wire
        .argument("hidden", "word")
        .map_or("a loss", |word| match word {
            "weight_mismatch" => "a difference of weights",
            "seal_broken" => "doors that were found open",
            "quantity_mismatch" => "amounts that were short",
            "missing" => "goods that had left and never came",
            _ => "a loss",
        });
    let units = match wire.unit_count() {
        0 => differences(wire),
        _ => units(wire),
    };
    if let Some(changed) = time(wire, "changed") {
        return format!("{units}: the plan was changed {changed}, and hides {hidden}");
    }
    let after = span(wire, "taken_back_after");
    let after = after.map_or_else(String::new, |after| format!(" {after} later"));
    format!(
        "{units}{}: what was said there was taken back{after}; that hides {hidden}, and nobody else confirms it",
        at_site(wire)
    )
}
