//! A finding in words: one line for a list, a few lines to act on.

mod explanation;
mod wire;

use std::fmt::Write as _;

use countersign_detect::Finding;
use countersign_model::network::Network;
use countersign_reconcile::discrepancy::FactValue;
use serde_json::Value;

use crate::instant::Instant;
use crate::limits::{ENTRIES_SHOWN_MAX, SOURCES_SHOWN_MAX, UNITS_SHOWN_MAX};
use crate::names::Names;
use crate::text::{clean, counted, glued, grouped, key, money, signed, wrapped};
use wire::{FindingWire, ProvenWire, SourceWire};

/// Columns of what a line is about.
const INDENT: usize = 12;

/// A finding as JSON that stands alone: as it is recorded (docs/formats/act.md), with the
/// `names` of its places and classes.
#[must_use]
pub fn finding_json(finding: &Finding, network: &Network) -> Value {
    let mut names = Names::default();
    let proven = finding.last_proven.as_ref();
    let places = [
        finding.place.as_ref(),
        finding.site.as_ref(),
        proven.and_then(|proof| proof.place.as_ref()),
    ];
    for place in places.into_iter().flatten() {
        names.add_place(network, place);
    }
    for amount in &finding.amounts {
        names.add_class(network, &amount.class);
    }
    for value in finding.arguments.values() {
        match value {
            FactValue::Place(place) => names.add_place(network, place),
            FactValue::Class(class) => names.add_class(network, class),
            _ => {}
        }
    }
    let mut value: Value = serde_json::from_str(&finding.to_json()).unwrap_or_default();
    if let (Some(members), Ok(names)) = (value.as_object_mut(), serde_json::to_value(names)) {
        members.insert("names".to_owned(), names);
    }
    value
}

/// One finding as a few lines, the last with a line feed: what, how many, worth what, where,
/// when, the last proven custody and its basis, what speaks against it, which sources agree
/// and which do not, and where it stands in the log. Takes what [`finding_json`] gives, or a
/// finding as recorded, then without names; of anything else it says that it is none.
#[must_use]
pub fn finding_text(finding: &Value) -> String {
    let Some(wire) = FindingWire::read(finding) else {
        return "This is not a finding.\n".to_owned();
    };
    let mut out = head(&wire);
    for (name, words) in rows(&wire) {
        add_row(&mut out, name, &words);
    }
    out
}

/// What is another in a finding than before, the last with a line feed: the line of
/// [`finding_line`], and below it what reads otherwise. Entries are shown if nothing else is.
#[must_use]
pub fn finding_changes(before: &Value, now: &Value) -> String {
    let mut out = format!("changed: {}\n", finding_line(now));
    let (Some(before), Some(now)) = (FindingWire::read(before), FindingWire::read(now)) else {
        return out;
    };
    let pairs = rows(&before).into_iter().zip(rows(&now));
    let others = pairs.filter(|(old, new)| old != new).map(|(_, new)| new);
    let (entries, telling): (Vec<Row>, Vec<Row>) = others.partition(|(name, _)| *name == "entries");
    let shown = if telling.is_empty() { entries } else { telling };
    for (name, words) in shown {
        add_row(&mut out, name, &words);
    }
    out
}

/// What a row is about, and what it says; nothing if it is not shown.
type Row = (&'static str, String);

fn rows(wire: &FindingWire) -> [Row; 11] {
    // Who handled the rest of a plan and does not mention what is missing tells another story.
    let without = match wire.kind.as_str() {
        "missing_units" => ", without it",
        _ => "",
    };
    [
        ("what", explanation::of(wire)),
        ("worth", worth_of(wire)),
        ("where", place(wire)),
        ("when", interval(wire)),
        ("proven", proven(wire)),
        ("against", against(wire)),
        ("agree", sources(wire, &wire.agreeing, "")),
        ("disagree", sources(wire, &wire.disagreeing, without)),
        ("units", units(wire)),
        ("entries", entries(wire)),
        ("instead", instead(wire)),
    ]
}

fn add_row(out: &mut String, name: &str, words: &str) {
    if !words.is_empty() {
        out.push_str(&wrapped(&format!("  {name:<10}"), words, INDENT));
    }
}

/// One finding as one line, without line feed: severity, kind, how many, worth, where, how it
/// stands, the first digits of its id.
#[must_use]
pub fn finding_line(finding: &Value) -> String {
    let Some(wire) = FindingWire::read(finding) else {
        return "This is not a finding.".to_owned();
    };
    let mut parts = vec![
        format!("{:<6}", severity(&wire)),
        format!("{:<17}", clean(&wire.kind)),
    ];
    parts.extend(Some(how_many(&wire)).filter(|words| !words.is_empty()));
    parts.extend(Some(worth(&wire)).filter(|words| !words.is_empty()));
    let site = wire.site.as_deref().or(wire.place.as_deref());
    parts.extend(site.map(|site| wire.names.say_site(site)));
    parts.push(clean(&wire.status));
    parts.push(short(&wire.id));
    parts.join("  ")
}

fn head(wire: &FindingWire) -> String {
    let mut out = format!("{}: {}", severity(wire), explanation::title(wire));
    let many = how_many(wire);
    if !many.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(out, ", {many}");
    }
    let opened = wire.time(wire.opened_at);
    let _ = writeln!(out, "   [{}]", short(&wire.id));
    let mut stands = format!("{} since {opened}", clean(&wire.status));
    if wire.changed_at != wire.opened_at {
        let changed = wire.time(wire.changed_at);
        stands = match wire.status.as_str() {
            "open" => format!("open since {opened}, changed {changed}"),
            other => format!("{} {changed}, first open {opened}", clean(other)),
        };
    }
    if wire.transition > 0 {
        let _ = write!(stands, ", transition {}", wire.transition);
    }
    out.push_str(&wrapped("  ", &stands, INDENT));
    out
}

fn severity(wire: &FindingWire) -> String {
    match wire.severity.as_str() {
        "" => "UNKNOWN".to_owned(),
        word => clean(word).to_uppercase(),
    }
}

/// The first digits: enough to name it on a command line.
fn short(id: &str) -> String {
    clean(id).chars().take(12).collect()
}

fn how_many(wire: &FindingWire) -> String {
    let units = wire.unit_count();
    let mut parts = Vec::new();
    if units > 0 {
        parts.push(counted(units, "unit", "units"));
    }
    match wire.amounts.as_slice() {
        [] => {}
        [one] => {
            let value = grouped(&clean(&one.difference));
            parts.push(format!("{value} {}", crate::text::uom(&one.uom)));
        }
        many => parts.push(counted(many.len() as u64, "class", "classes")),
    }
    parts.join(", ")
}

/// Without sums of nothing; where some units have no price, the sum is a lower bound.
fn worth(wire: &FindingWire) -> String {
    let sums = wire.value.iter().filter(|sum| sum.is_price());
    let sums: Vec<String> = sums.map(|sum| money(&sum.amount, &sum.currency)).collect();
    let sums = sums.join(", ");
    if sums.is_empty() || wire.unpriced() == 0 {
        sums
    } else {
        format!("at least {sums}")
    }
}

/// As [`worth`], with what the bound leaves out.
fn worth_of(wire: &FindingWire) -> String {
    let worth = worth(wire);
    match wire.unpriced() {
        0 => worth,
        _ if worth.is_empty() => worth,
        some => {
            let of = grouped(&wire.unit_count().to_string());
            format!(
                "{worth}; {} of {of} units have no price",
                grouped(&some.to_string())
            )
        }
    }
}

fn place(wire: &FindingWire) -> String {
    let place = wire.place.as_deref().or(wire.site.as_deref());
    place.map_or_else(String::new, |place| wire.names.say(place))
}

fn interval(wire: &FindingWire) -> String {
    match (wire.interval.from, wire.interval.until) {
        (Some(from), Some(until)) if from == until => format!("at {}", wire.time(from)),
        (Some(from), Some(until)) => {
            format!("between {} and {}", wire.time(from), wire.time(until))
        }
        (Some(from), None) => format!("after {}", wire.time(from)),
        (None, Some(until)) => format!("before {}", wire.time(until)),
        (None, None) => String::new(),
    }
}

fn proven(wire: &FindingWire) -> String {
    let Some(proof) = &wire.last_proven else {
        // A mark or a count that was not made is about no goods.
        return match wire.unit_count() {
            0 => String::new(),
            _ => "nobody ever said to have it".to_owned(),
        };
    };
    let ProvenWire {
        party,
        place,
        signer,
        basis,
        assurance,
        claim,
        time,
    } = proof;
    let at = wire.names.time(time.0, &[place.as_deref()]);
    let mut words = at;
    if let Some(party) = party {
        let _ = write!(words, ", held by {}", key(party));
    }
    if let Some(place) = place {
        let _ = write!(words, ", at {}", wire.names.say(place));
    }
    let _ = write!(
        words,
        "; basis {}; {}, claim {}",
        explanation::spaced(basis),
        signed(signer, assurance),
        clean(claim),
    );
    words
}

fn against(wire: &FindingWire) -> String {
    let Some(disproof) = &wire.first_disproven else {
        return String::new();
    };
    match (disproof.deadline, &disproof.claim, disproof.time) {
        (Some(deadline), _, _) => format!("the deadline {} passed", wire.time(deadline)),
        (None, Some(claim), Some(time)) => format!("claim {} of {}", clean(claim), wire.time(time)),
        _ => String::new(),
    }
}

/// What one source says several times is said once.
fn sources(wire: &FindingWire, all: &[SourceWire], how: &str) -> String {
    let mut groups: Vec<(&SourceWire, &SourceWire, usize)> = Vec::new();
    for source in all {
        let same = groups
            .iter_mut()
            .find(|(first, _, _)| first.signer == source.signer && first.what == source.what);
        match same {
            Some((_, last, count)) => {
                *last = source;
                *count += 1;
            }
            None => groups.push((source, source, 1)),
        }
    }
    let said = |(first, last, count): &(&SourceWire, &SourceWire, usize)| {
        let who = format!(
            "{} {}",
            clean(&first.signer),
            explanation::verb(&first.what)
        );
        let (time, claim) = (wire.time(first.time), clean(&first.claim));
        match count {
            1 => format!("{who} at {time}{how} (claim {claim})"),
            _ => {
                let until = wire.time(last.time);
                format!("{who} {count} times{how}, {time} to {until} (first claim {claim})")
            }
        }
    };
    let mut parts: Vec<String> = groups.iter().take(SOURCES_SHOWN_MAX).map(said).collect();
    parts.extend(more(groups.len() as u64, parts.len()));
    parts.join("; ")
}

fn units(wire: &FindingWire) -> String {
    let shown = wire.units.iter().take(UNITS_SHOWN_MAX);
    let mut parts: Vec<String> = shown.map(|unit| glued(&key(unit))).collect();
    parts.extend(more(wire.unit_count(), parts.len()));
    parts.join(", ")
}

fn entries(wire: &FindingWire) -> String {
    let shown = wire.entries.iter().take(ENTRIES_SHOWN_MAX);
    let mut parts: Vec<String> = shown.map(u64::to_string).collect();
    let all = wire.entries.len() as u64 + wire.entries_more;
    parts.extend(more(all, parts.len()));
    parts.join(", ")
}

fn instead(wire: &FindingWire) -> String {
    let ids: Vec<String> = wire.superseded_by.iter().map(|id| short(id)).collect();
    if ids.is_empty() {
        String::new()
    } else {
        format!("finding {}", ids.join(", "))
    }
}

fn more(all: u64, shown: usize) -> Option<String> {
    let rest = all.saturating_sub(shown as u64);
    (rest > 0).then(|| format!("and {} more", grouped(&rest.to_string())))
}

impl FindingWire {
    /// By the clock of the place where the finding shows.
    fn time(&self, at: Instant) -> String {
        self.names
            .time(at.0, &[self.place.as_deref(), self.site.as_deref()])
    }
}

#[cfg(test)]
mod tests;
