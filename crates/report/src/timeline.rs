//! The custody timeline of a unit: each link with time, step, place, signer, assurance and
//! basis, the account after it and its place in the log; gaps as gaps; what plans expect and
//! how that stands; what does not add up.

mod wire;

// Writing to a string cannot fail, so the results below are dropped.
use std::fmt::Write as _;

use countersign_model::network::Network;
use countersign_model::time::Timestamp;
use countersign_reconcile::Timeline;
use serde_json::Value;

use crate::names::Names;
use crate::text::{clean, clock, key, signed, wrapped};
pub(crate) use wire::{AccountWire, DiscrepancyWire};
use wire::{ClaimWire, ExpectationWire, GapWire, LinkWire, TimelineWire};

/// Columns of the time of day in front of a link.
const INDENT: usize = 12;

/// A timeline as JSON that stands alone, with the `names` of its places.
#[must_use]
pub fn timeline_json(timeline: &Timeline, network: &Network) -> Value {
    serde_json::to_value(TimelineWire::of(timeline, network)).unwrap_or_default()
}

/// A timeline as text, the last line with a line feed. Takes what [`timeline_json`] gives; of
/// anything else it says that it is none.
#[must_use]
pub fn timeline_text(timeline: &Value) -> String {
    let Some(wire) = TimelineWire::read(timeline) else {
        return "This is not a timeline.\n".to_owned();
    };
    let names = &wire.names;
    let mut out = wrapped("unit      ", &key(&wire.unit), 10);
    for other in wire.keys.iter().filter(|other| **other != wire.unit) {
        out.push_str(&wrapped("  also    ", &key(other), 10));
    }
    out.push_str(&wrapped("now       ", &account(names, &wire.account), 10));
    if let Some(observed) = wire.observed.as_ref().filter(|_| wire.is_inferred()) {
        let (date, time, offset) = clock(observed.0, None);
        let seen = format!("as what it is in; itself last observed {date} {time}{offset}");
        out.push_str(&wrapped("          ", &seen, 10));
    }
    if wire.forgotten > 0 {
        let older = format!("{} older observations are in the log alone", wire.forgotten);
        out.push_str(&wrapped("          ", &older, 10));
    }
    let mut day = String::new();
    for link in &wire.links {
        let (at, place) = link.when();
        let (date, time, offset) = clock(at, place.and_then(|place| names.zone(place)));
        if date != day {
            let _ = writeln!(out, "\n{date}");
            day = date;
        }
        out.push_str(&link_text(names, link, &format!("{time}{offset}")));
    }
    section(
        &mut out,
        "expected",
        wire.expectations.iter().map(|one| expectation(names, one)),
    );
    add_discrepancies(&mut out, names, &wire.discrepancies);
    out
}

/// A section of what does not add up, if anything does not.
pub(crate) fn add_discrepancies(out: &mut String, names: &Names, all: &[DiscrepancyWire]) {
    let rows = all.iter().map(|one| discrepancy(names, one));
    section(out, "does not add up", rows);
}

fn section(out: &mut String, title: &str, rows: impl Iterator<Item = String>) {
    for (at, row) in rows.enumerate() {
        if at == 0 {
            let _ = writeln!(out, "\n{title}");
        }
        out.push_str(&wrapped("  ", &row, 4));
    }
}

fn link_text(names: &Names, link: &LinkWire, time: &str) -> String {
    match link {
        LinkWire::Claim(claim) => claim_text(names, claim, time),
        LinkWire::Gap(gap) => gap_text(names, gap),
        LinkWire::WrittenOff { claim, .. } => {
            let words = format!("written off by two people; approval {}", clean(claim));
            wrapped(&format!("  {time:<14} "), &words, INDENT)
        }
    }
}

fn claim_text(names: &Names, claim: &ClaimWire, time: &str) -> String {
    let place = claim.place.as_deref().or(claim.site.as_deref());
    let place = place.map_or_else(|| "no place was said".to_owned(), |place| names.say(place));
    let step = claim
        .step
        .as_deref()
        .map_or_else(|| "seen".to_owned(), clean);
    let mut out = wrapped(
        &format!("  {time:<14} "),
        &format!("{step} - {place}"),
        INDENT,
    );
    let mut who = format!(
        "{}, claim {}",
        match claim.effect.as_str() {
            "suspect" => signed(&claim.signer, "suspect_key"),
            _ => signed(&claim.signer, &claim.assurance),
        },
        clean(&claim.claim),
    );
    if let Some(container) = &claim.inside {
        let _ = write!(who, ", of {}, in which it is", key(container));
    }
    for document in &claim.documents {
        who.push_str(", ");
        who.push_str(&key(document));
    }
    out.push_str(&wrapped("            ", &who, INDENT));
    let after = match claim.effect.as_str() {
        "effective" => format!(
            "-> {}; basis {}",
            account(names, &claim.account),
            spaced(&claim.basis)
        ),
        "suspect" => format!(
            "-> {}; basis {}; no more than a sighting: the key is suspect",
            account(names, &claim.account),
            spaced(&claim.basis)
        ),
        "locked" => "no effect: the key was locked".to_owned(),
        "taken_back" => "no effect: its own issuer declared it wrong".to_owned(),
        "settled" => "no effect: recorded when its time was settled".to_owned(),
        other => format!("no effect: {}", spaced(other)),
    };
    out.push_str(&wrapped("            ", &after, INDENT));
    out
}

fn gap_text(names: &Names, gap: &GapWire) -> String {
    let since = gap
        .since
        .map(|since| names.time(since.0, &[Some(&gap.from)]));
    let since = since.map_or_else(String::new, |since| format!(" (last word {since})"));
    let from = names.say(&gap.from);
    let to = gap.to.as_deref();
    let words = if gap.open {
        let by = names.time(gap.until.0, &[to, Some(&gap.from)]);
        let expected = match to.map(|to| names.say_site(to)) {
            Some(site) if site == names.say_site(&gap.from) => " to leave".to_owned(),
            Some(_) => format!(" at {}", to.map_or_else(String::new, |to| names.say(to))),
            None => String::new(),
        };
        format!("GAP: not seen since {from}{since}; expected{expected} by {by}")
    } else {
        let to = to.map_or_else(|| "the next place".to_owned(), |to| names.say(to));
        format!("GAP: nobody said how it came from {from}{since} to {to}")
    };
    wrapped("  ", &words, INDENT)
}

/// `held by X at Y`: an account as people say it.
pub(crate) fn account(names: &Names, account: &AccountWire) -> String {
    let mut words = spaced(&account.account);
    let (by, at) = match account.account.as_str() {
        "in_transfer" => (" with ", " from "),
        "discrepancy" => {
            words = "missing".to_owned();
            (", last with ", ", last at ")
        }
        "delivered" => (" to ", " at "),
        _ => (" by ", " at "),
    };
    if let Some(party) = &account.party {
        words.push_str(by);
        words.push_str(&key(party));
    }
    if let Some(place) = &account.place {
        words.push_str(at);
        words.push_str(&names.say(place));
    }
    words
}

fn expectation(names: &Names, one: &ExpectationWire) -> String {
    let zone = one.place.as_deref();
    let place = zone.map_or_else(String::new, |place| format!(" at {}", names.say(place)));
    let line = if one.line.is_empty() {
        String::new()
    } else {
        format!(" line {}", clean(&one.line))
    };
    format!(
        "{}: {}{place} by {} ({}{line})",
        spaced(&one.state),
        clean(&one.stage),
        names.time(one.deadline.0, &[zone]),
        key(&one.plan),
    )
}

fn discrepancy(names: &Names, one: &DiscrepancyWire) -> String {
    let zone = one.place.as_deref();
    let place = zone.map_or_else(String::new, |place| format!(" at {}", names.say(place)));
    let stage = one.stage.as_deref();
    let stage = stage.map_or_else(String::new, |stage| format!(", stage {}", clean(stage)));
    let plan = one.plan.as_deref();
    let plan = plan.map_or_else(String::new, |plan| format!(", {}", key(plan)));
    let time = |at: Timestamp| names.time(at, &[zone]);
    let interval = match (one.from, one.until) {
        (Some(from), Some(until)) => format!(", between {} and {}", time(from.0), time(until.0)),
        (Some(from), None) => format!(", after {}", time(from.0)),
        (None, Some(until)) => format!(", before {}", time(until.0)),
        (None, None) => String::new(),
    };
    let settled = if one.status == "settled" {
        ", written off"
    } else {
        ""
    };
    let kind = spaced(&one.discrepancy_kind);
    format!("{kind}{place}{stage}{plan}{interval}{settled}")
}

fn spaced(word: &str) -> String {
    clean(word).replace('_', " ")
}

#[cfg(test)]
mod tests;
