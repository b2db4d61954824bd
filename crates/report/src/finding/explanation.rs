//! The English of each explanation: template id and arguments become a sentence. An id that is
//! not known here gets its detector's words.

mod papers;

use countersign_model::time::Span;

use super::wire::{AmountWire, FindingWire};
use crate::instant::Instant;
use crate::text::{clean, counted, grouped, key, uom};

/// What a finding is called: its kind, in words, where it has no other name.
pub(super) fn title(wire: &FindingWire) -> String {
    let known = match wire.kind.as_str() {
        "late_units" if wire.template == "late_units.no_count" => "Count not made",
        "late_units" if wire.template == "late_units.document" => "Papers came late",
        "missing_units" => "Missing",
        "late_units" => "Late",
        "quantity_gap" => "Amounts differ",
        "weight_gap" => "Weights differ",
        "unexpected_units" => "Unexpected",
        "broken_sequence" => "Seen where it cannot be",
        "unsigned_handover" => "Hand-over without signature",
        "wrong_place" => "Seen elsewhere",
        "unaccepted" => "Arrived, nobody signed",
        "impossible_travel" => "Too fast to be true",
        "duplicate_identity" => "Two things, one name",
        "dwell" => "There for too long",
        "seal_broken" => "Found open",
        "seal_mismatch" => "Another seal",
        "inventory_variance" => "Count and books differ",
        "proof_missing" => "Without its papers",
        "record_tampering" => "A correction that hides a loss",
        "late_evidence" => "Evidence that came too late",
        "conflicting_claim" => "Said twice, differently",
        "containment_change" => "No longer in its container",
        "broken_chain" => "Broken chain of statements",
        "clock_off" => "Clock off",
        "source_silent" if wire.template == "source_silent.site" => "Site silent",
        "source_silent" if wire.template == "source_silent.together" => "Sources silent together",
        "source_silent" => "Source silent",
        "suppressed_statement" => "Statements that never came",
        kind => return capital(&spaced(kind)),
    };
    known.to_owned()
}

/// What happened, in one or two sentences.
pub(super) fn of(wire: &FindingWire) -> String {
    let said = match wire.template.as_str() {
        "missing_units" => missing(wire, "not seen by the deadline, and not since"),
        "missing_units.depart" => missing(wire, "listed, did not leave, and not seen since"),
        "missing_units.arrive" => missing(wire, "left and did not come"),
        "missing_units.count" => counted_short(wire),
        "late_units" => late(wire),
        "late_units.no_count" => nobody_counted(wire),
        "late_units.document" => papers::late_papers(wire),
        "quantity_gap" | "quantity_gap.depart" | "quantity_gap.arrive" => amounts(wire),
        "weight_gap" => weights(wire),
        "unexpected_units" => unexpected(wire),
        "broken_sequence" => sequence(wire),
        "unsigned_handover" => unsigned(wire),
        "wrong_place" => astray(wire),
        "unaccepted" => unaccepted(wire),
        "impossible_travel" => too_fast(wire),
        "duplicate_identity" => to_and_fro(wire),
        "dwell" => dwell(wire),
        "seal_broken" => found_open(wire),
        "seal_mismatch" => papers::other_seals(wire),
        "inventory_variance" => variance(wire),
        "inventory_variance.left" => overdrawn(wire),
        "proof_missing" => papers::without_papers(wire),
        "record_tampering" => papers::covered(wire),
        "late_evidence" => too_late(wire),
        "conflicting_claim" => conflicting(wire),
        "containment_change" => parted(wire),
        "broken_chain" => chain(wire, "names another predecessor than the one in the log"),
        "broken_chain.equivocation" => chain(
            wire,
            "was signed twice at one place, with different content",
        ),
        "source_silent" => silent(wire),
        "source_silent.together" => silent_together(wire),
        "source_silent.site" => site_silent(wire),
        "suppressed_statement" => suppressed(wire),
        "clock_off" => clock(wire),
        other => spaced(other),
    };
    let plan = wire.plan.as_deref();
    let plan = plan.map_or_else(String::new, |plan| format!(" Plan {}.", key(plan)));
    format!("{}.{plan}", capital(&said))
}

/// Underscores as blanks, without control characters.
pub(super) fn spaced(word: &str) -> String {
    clean(word).replace(['_', '.'], " ")
}

/// What a source says, as a verb.
pub(super) fn verb(what: &str) -> String {
    let known = match what {
        "planned" => "planned it",
        "gave" => "gave",
        "accepted" => "accepted as carrier",
        "took" => "took",
        "counted" => "counted",
        "weighed" => "weighed",
        "ended" => "ended it",
        "reached" => "reported the milestone",
        "saw" => "saw",
        "lived" => "was heard",
        "said" => "said",
        "suspect" => "spoke with a suspect key",
        _ => return spaced(what),
    };
    known.to_owned()
}

fn units(wire: &FindingWire) -> String {
    counted(wire.unit_count(), "unit", "units")
}

fn place(wire: &FindingWire, argument: &str) -> Option<String> {
    let place = wire.argument(argument, "place")?;
    Some(wire.names.say(place))
}

fn time(wire: &FindingWire, argument: &str) -> Option<String> {
    let text = wire.argument(argument, "time")?;
    let (at, _) = countersign_model::time::Timestamp::parse(text).ok()?;
    Some(wire.time(Instant(at)))
}

/// ` from A to B`, as far as it is known.
fn way(wire: &FindingWire) -> String {
    let (from, to) = (place(wire, "from_site"), place(wire, "to_site"));
    match (from, to) {
        (Some(from), Some(to)) => format!(" from {from} to {to}"),
        (Some(from), None) => format!(" from {from}"),
        (None, Some(to)) => format!(" to {to}"),
        (None, None) => String::new(),
    }
}

fn missing(wire: &FindingWire, how: &str) -> String {
    let due = time(wire, "due").map_or_else(String::new, |due| format!(", due {due}"));
    format!("{}{}{due}: {how}", units(wire), way(wire))
}

fn counted_short(wire: &FindingWire) -> String {
    let at = wire.place.as_deref();
    let at = at.map_or_else(String::new, |place| {
        format!(" at {}", wire.names.say(place))
    });
    let opens = time(wire, "opens");
    let opens = opens.map_or_else(String::new, |opens| format!(" ({opens})"));
    format!(
        "{}{at}: held there when counting opened{opens}, not counted, and not seen since",
        units(wire)
    )
}

fn late(wire: &FindingWire) -> String {
    let by = wire.number("late_by", "milliseconds");
    let by = by.and_then(|ms| i64::try_from(ms).ok()).map(Span::from_ms);
    let by = by.map_or_else(String::new, |by| format!(", by up to {by}"));
    format!("{}{}: seen after the deadline{by}", units(wire), way(wire))
}

fn nobody_counted(wire: &FindingWire) -> String {
    let at = wire.place.as_deref();
    let at = at.map_or_else(|| "the place".to_owned(), |place| wire.names.say(place));
    let due = time(wire, "due").map_or_else(String::new, |due| format!(" by {due}"));
    format!("nobody counted {at}{due}; what is missing there is not known")
}

fn amounts(wire: &FindingWire) -> String {
    let said = amounts_said(wire, &["planned", "signed", "tallied", "given", "taken"]);
    format!("{}{said}{}", differences(wire), way(wire))
}

fn variance(wire: &FindingWire) -> String {
    let said = amounts_said(wire, &["booked", "counted"]);
    format!("counted{}: {}{said}", at_site(wire), differences(wire))
}

fn overdrawn(wire: &FindingWire) -> String {
    let said = amounts_said(wire, &["booked", "given"]);
    let differences = differences(wire);
    format!(
        "more left than there was{}: {differences}{said}",
        at_site(wire)
    )
}

/// How much of each class is missing or too many.
fn differences(wire: &FindingWire) -> String {
    let one = |amount: &AmountWire| {
        let difference = clean(&amount.difference);
        let (number, word) = match difference.strip_prefix('-') {
            Some(more) => (more, "too many"),
            None => (difference.as_str(), "missing"),
        };
        let class = wire.names.say(&amount.class);
        format!("{class}: {} {} {word}", grouped(number), uom(&amount.uom))
    };
    let differences: Vec<String> = wire.amounts.iter().map(one).collect();
    differences.join("; ")
}

/// The amounts among the arguments, in brackets.
fn amounts_said(wire: &FindingWire, names: &[&str]) -> String {
    let quantity = |name: &&str| {
        let amount = wire.argument(name, "quantity")?;
        Some(format!("{name} {}", grouped(&clean(amount))))
    };
    let said: Vec<String> = names.iter().filter_map(quantity).collect();
    match said.as_slice() {
        [] => String::new(),
        words => format!(" ({})", words.join(", ")),
    }
}

fn weights(wire: &FindingWire) -> String {
    let kilograms = |name| wire.argument(name, "kilograms").map(clean);
    let names = ["before", "now", "difference", "allowed"].map(kilograms);
    match names {
        [Some(before), Some(now), Some(difference), Some(allowed)] => {
            let (less, more) = (difference.strip_prefix('-'), &difference);
            let change = less.map_or_else(
                || format!("{more} kg more"),
                |less| format!("{less} kg less"),
            );
            format!(
                "weighed {before} kg, then {now} kg: {change}; a difference of {allowed} kg is allowed"
            )
        }
        _ => format!(
            "{}: two weights differ by more than is allowed",
            units(wire)
        ),
    }
}

fn unexpected(wire: &FindingWire) -> String {
    let at = place(wire, "to_site").or_else(|| wire.place.as_deref().map(|at| wire.names.say(at)));
    let at = at.map_or_else(String::new, |at| format!(" at {at}"));
    let planned = wire
        .argument("planned_to", "place")
        .map(|to| wire.names.say_site(to));
    let here = wire
        .argument("to_site", "place")
        .map(|to| wire.names.say_site(to));
    let planned = match planned {
        None => "no plan sends that there".to_owned(),
        Some(to) if Some(&to) == here.as_ref() => {
            "the plan that was named does not list that".to_owned()
        }
        Some(to) => format!("the plan sends that to {to}"),
    };
    format!("{} taken{at}: {planned}", units(wire))
}

fn sequence(wire: &FindingWire) -> String {
    let why = match wire.argument("sequence", "word") {
        Some("at_origin_after_departure") => "seen at the origin after it had left",
        Some("after_delivery") => "seen elsewhere after it was delivered",
        Some("after_end") => "seen after it was used up or destroyed",
        Some("after_write_off") => "seen after it was written off",
        _ => "seen where its own history says it cannot be",
    };
    format!("{}: {why}{}", units(wire), way(wire))
}

fn unsigned(wire: &FindingWire) -> String {
    let who = match wire.argument("missing_signature", "word") {
        Some("giver") => "the giver's signature is missing",
        Some("receiver") => "the receiver's signature is missing",
        Some("carrier") => "the carrier's signature is missing",
        _ => "a signature that the contract asks for is missing",
    };
    let how = match wire.argument("gap", "word") {
        Some("unseen_move") => "seen at another site without any hand-over; ",
        Some("on_the_road") => "seen on the road without any hand-over; ",
        Some("nobody_gave") => "taken, and nobody gave; ",
        Some("pick_up") => "picked up with one signature; ",
        Some("suspect_arrival") => "only a suspect key says that it arrived; ",
        _ => "",
    };
    let carrier = wire.argument("carrier", "party");
    let carrier = carrier.map_or_else(String::new, |party| format!(", carrier {}", key(party)));
    // Of several units some may have arrived.
    let arrived = match (wire.argument("arrived", "word"), wire.unit_count()) {
        (Some("yes"), 1) => ". It has arrived",
        _ => "",
    };
    format!("{}{}{carrier}: {how}{who}{arrived}", units(wire), way(wire))
}

fn astray(wire: &FindingWire) -> String {
    let last = place(wire, "last_site");
    let last = last.unwrap_or_else(|| "another site".to_owned());
    format!(
        "{}{}: did not arrive, and was seen at {last}",
        units(wire),
        way(wire)
    )
}

fn unaccepted(wire: &FindingWire) -> String {
    format!(
        "{}{}: seen where it arrived; nobody there signed for it, as the contract asks",
        units(wire),
        way(wire)
    )
}

fn too_fast(wire: &FindingWire) -> String {
    let took = span(wire, "travelled_in").map_or_else(String::new, |took| format!(" in {took}"));
    let least = span(wire, "transit_min");
    let least = least.map_or_else(String::new, |least| format!(" in less than {least}"));
    format!(
        "{}{}: seen at both{took}; nobody makes the way{least}",
        units(wire),
        way(wire)
    )
}

fn to_and_fro(wire: &FindingWire) -> String {
    let least = span(wire, "transit_min");
    let least = least.map_or_else(String::new, |least| format!(" in less than {least}"));
    let sites = match (place(wire, "from_site"), place(wire, "to_site")) {
        (Some(from), Some(to)) => format!(" at {from} and {to}"),
        _ => " at two sites".to_owned(),
    };
    format!(
        "{}: seen{sites} by turns, and nobody makes the way{least}; two things bear one name",
        units(wire)
    )
}

fn dwell(wire: &FindingWire) -> String {
    let allowed = span(wire, "allowed_for");
    let allowed = allowed.map_or_else(String::new, |most| format!("; {most} is allowed"));
    let stayed = span(wire, "stayed_for");
    let stayed = stayed.map_or_else(String::new, |stayed| format!(" for {stayed}"));
    let site = place(wire, "from_site");
    let (site, stays) = (
        site.as_deref().unwrap_or("one site"),
        wire.argument("dwell", "word"),
    );
    match stays {
        Some("transit") => format!(
            "{}: under way from {site} without a plan{stayed}{allowed}",
            units(wire)
        ),
        _ => format!("{}: stayed at {site}{stayed}{allowed}", units(wire)),
    }
}

fn found_open(wire: &FindingWire) -> String {
    format!(
        "{}{}: found open, and nobody said that he opened it",
        units(wire),
        way(wire)
    )
}

fn too_late(wire: &FindingWire) -> String {
    let late = span(wire, "late_by").map_or_else(String::new, |late| format!(" {late}"));
    let settles = span(wire, "settles_after");
    let settles = settles.map_or_else(String::new, |after| {
        format!("; what is that old was settled after {after}")
    });
    format!(
        "{}{}: an observation was recorded{late} behind its time{settles}, and it moves nothing",
        units(wire),
        at_site(wire)
    )
}

/// A length of time among the arguments.
fn span(wire: &FindingWire, argument: &str) -> Option<Span> {
    let ms = wire.number(argument, "milliseconds")?;
    Some(Span::from_ms(i64::try_from(ms).ok()?))
}

fn conflicting(wire: &FindingWire) -> String {
    let about = match wire.unit_count() {
        0 => String::new(),
        _ => format!(" about {}", units(wire)),
    };
    format!("one claim{about} came twice with different content; the first keeps its effect")
}

fn parted(wire: &FindingWire) -> String {
    let container = wire.argument("container", "unit");
    let container = container.map_or_else(|| "the container".to_owned(), key);
    let at = place(wire, "to_site").map_or_else(String::new, |at| format!(" at {at}"));
    format!(
        "{}: packed in {container}, which was seen{at} where that cannot be; nobody took it out",
        units(wire)
    )
}

fn signer(wire: &FindingWire) -> String {
    let signer = wire.argument("signer", "text");
    signer.map_or_else(|| "one key".to_owned(), clean)
}

fn chain(wire: &FindingWire, how: &str) -> String {
    format!("the chain of statements of {} {how}", signer(wire))
}

/// ` at A`, where it is known.
fn at_site(wire: &FindingWire) -> String {
    let site = wire.site.as_deref().or(wire.place.as_deref());
    site.map_or_else(String::new, |site| {
        format!(" at {}", wire.names.say_site(site))
    })
}

fn one_source(wire: &FindingWire) -> String {
    let source = wire.argument("source", "text");
    source.map_or_else(|| "several sources".to_owned(), clean)
}

/// How long it may be silent, and how long it was, as far as it is known.
fn how_long(wire: &FindingWire) -> String {
    let allowed = span(wire, "heartbeat").map_or_else(String::new, |at_least| {
        format!(", which must be heard every {at_least}")
    });
    let longest = span(wire, "silent_for")
        .map_or_else(String::new, |longest| format!(", for up to {longest}"));
    format!("{allowed}{longest}")
}

fn silent(wire: &FindingWire) -> String {
    let (source, site) = (one_source(wire), at_site(wire));
    format!("nothing was heard of {source}{site}{}", how_long(wire))
}

fn silent_together(wire: &FindingWire) -> String {
    let together = wire.number("together", "count").unwrap_or_default();
    let listened = wire.number("listened", "count").unwrap_or_default();
    format!(
        "{together} of {listened} sources{} were silent at one time{}",
        at_site(wire),
        how_long(wire)
    )
}

fn site_silent(wire: &FindingWire) -> String {
    let listened = wire.number("listened", "count").unwrap_or_default();
    format!(
        "all {listened} sources{} were silent at one time{}",
        at_site(wire),
        how_long(wire)
    )
}

fn suppressed(wire: &FindingWire) -> String {
    if wire.argument("source", "text").is_none() {
        let site = at_site(wire);
        return format!("statements of several sources{site} never came, though later ones did");
    }
    let missing = wire.number("statements", "count").unwrap_or(1);
    let numbers = wire.argument("counters", "text");
    let numbers = numbers.map_or_else(String::new, |text| format!(" (number {})", clean(text)));
    format!(
        "{} of {}{} never came{numbers}, though later ones did",
        counted(missing, "statement", "statements"),
        one_source(wire),
        at_site(wire)
    )
}

fn clock(wire: &FindingWire) -> String {
    format!(
        "the clock of {} differs from the node's by more than is allowed",
        signer(wire)
    )
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

#[cfg(test)]
mod tests;
