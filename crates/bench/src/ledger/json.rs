//! The fold from bytes: events as JSON, in the mix of GS1's own examples, read, checked and folded.
//!
//! GS1's 47 example documents of EPCIS 2.0 have 56 events: 57 % are of objects, 18 % associations, 11 %
//! transformations, 7 % transactions, 7 % aggregations; 43 % have sensors, 43 % papers, 54 % a
//! disposition, 38 % a business location, 21 % sources and destinations, 23 % fields of somebody's own,
//! 9 % certificates. They are 1,114 bytes long in the mean, without white space. What is made here has
//! the same shares but for error declarations (16 % there, none here: nothing is wrong here).

use std::fmt::Write as _;

use countersign_model::fold::{Fold as _, FoldBatch};
use countersign_model::time::{MINUTE_MS, Timestamp};

use super::day::{Day, LEGS, Leg, START_MS};
use super::ledger_over_a_file;
use crate::Failure;
use crate::clock::{Span, measured};
use crate::lines::Lines;
use crate::table::{Bar, Row, grouped};

/// Claims of a CPU-second, and bytes of an event in the mean, that are asked for.
const CLAIMS_ASKED: f64 = 400_000.0;
const BYTES_ASKED: u64 = 700;
/// Units whose events are made at a time: their minutes do not run into those of the next.
const UNITS: u64 = 2_000;
/// Units whose goods are of one lot.
const UNITS_PER_LOT: u64 = 50;
const EVENTS_PER_BATCH: usize = 1_000;
const WAVE_MINUTES: i64 = 120;

pub(super) fn rows(units: u64) -> Result<Vec<Row>, Failure> {
    let (whole, bytes) = fold(units, true)?;
    let (open, _) = fold(units, false)?;
    if bytes < BYTES_ASKED {
        return Err(format!("events have {bytes} bytes in the mean").into());
    }
    let row = |case: &str, timed: Timed, note: &str| {
        let rate = timed.all.per_cpu_second(timed.events);
        let reading = timed.reading.cpu_ns as f64 / timed.all.cpu_ns.max(1) as f64;
        Row {
            case: case.to_owned(),
            per_cpu_second: Some(rate),
            per_second: Some(timed.all.per_second(timed.events)),
            note: format!(
                "{} events of {} bytes in the mean, {note}; {:.0} % of the time is reading them",
                grouped(timed.events as f64),
                grouped(bytes as f64),
                100.0 * reading
            ),
            bar: Some(Bar::at_least("claims a CPU-second", rate, CLAIMS_ASKED)),
        }
    };
    Ok(vec![
        row(
            "fold from JSON, checked whole, one core",
            whole,
            "every member checked",
        ),
        row(
            "fold from JSON, one core",
            open,
            "what is open checked, as a node does with what is signed",
        ),
    ])
}

#[derive(Clone, Copy, Default)]
struct Timed {
    events: u64,
    all: Span,
    reading: Span,
}

/// Folds the events of so many units; what that took, and bytes of an event in the mean.
fn fold(units: u64, is_whole: bool) -> Result<(Timed, u64), Failure> {
    let (mut ledger, failure) = ledger_over_a_file()?;
    let mut lines = Lines::new(is_whole)?;
    let mut out = Vec::new();
    ledger.apply(&Day::default().opening(), &mut out);
    let (mut timed, mut bytes) = (Timed::default(), 0);
    for first in (0..units).step_by(usize::try_from(UNITS)?) {
        let events = wave(first, UNITS.min(units - first));
        timed.events += events.len() as u64;
        for batch in events.chunks(EVENTS_PER_BATCH) {
            let text = batch.concat();
            bytes += text.len() as u64 - batch.len() as u64;
            let (read, reading) = measured(|| lines.batch(text.as_bytes()));
            let read: FoldBatch = read?;
            let ((), folding) = measured(|| ledger.apply(&read, &mut out));
            for span in [reading, folding] {
                timed.all.cpu_ns += span.cpu_ns;
                timed.all.wall_ns += span.wall_ns;
            }
            timed.reading.cpu_ns += reading.cpu_ns;
        }
    }
    failure.check()?;
    if !out.is_empty() || ledger.standing().count() > 0 || ledger.unfolded_count() > 0 {
        return Err(format!("events without a fault gave {} changes", out.len()).into());
    }
    Ok((timed, bytes / timed.events.max(1)))
}

/// The events of some units, in the order of their time, a line each.
fn wave(first: u64, units: u64) -> Vec<String> {
    let wave = i64::try_from(first / UNITS).unwrap_or_default();
    let mut events = Vec::new();
    let mut number = first * 10;
    let mut add = |minute: i64, unit: u64, body: &dyn Fn(&mut String)| {
        number += 1;
        let ms = START_MS + (wave * WAVE_MINUTES + minute) * MINUTE_MS;
        let ms = ms + i64::try_from(unit - first).unwrap_or_default();
        events.push((ms, event(number, Timestamp::from_ms(ms), body)));
    };
    for unit in first..first + units {
        for leg in &LEGS {
            add(leg.minute, unit, &|text| object(text, leg, unit));
        }
        let some = unit % 5 < 3;
        for nth in 0..1 + u64::from(some) {
            add(12, unit, &|text| association(text, unit, nth));
        }
        if unit % 20 != 0 {
            add(14, unit, &|text| transformation(text, unit));
        }
        if some {
            add(16, unit, &|text| transaction(text, unit));
            add(25, unit, &|text| aggregation(text, unit));
        }
    }
    events.sort_by_key(|(ms, _)| *ms);
    events.into_iter().map(|(_, line)| line).collect()
}

// Writing to a string cannot fail, so the results below are dropped.

/// What all events have, and what some do; `body` adds what its type has.
fn event(number: u64, at: Timestamp, body: &dyn Fn(&mut String)) -> String {
    let mut text = String::with_capacity(1_400);
    let _ = write!(
        text,
        r#"{{"eventID":"urn:uuid:0192c0de-0000-7000-8000-{number:012x}","eventTime":"{at}","eventTimeZoneOffset":"+01:00","recordTime":"{at}""#
    );
    if number % 100 < 54 {
        text.push_str(r#","disposition":"in_progress""#);
    }
    if number % 13 < 3 {
        let _ = write!(
            text,
            r#","https://ns.example.com/epcis/batchRecord":{{"https://ns.example.com/epcis/run":{number},"https://ns.example.com/epcis/remark":"checked by eye"}}"#
        );
    }
    if number % 11 == 4 {
        text.push_str(
            r#","certificationInfo":"https://accreditation.example.org/certificate/ABC12345""#,
        );
    }
    if number % 7 < 3 {
        sensors(&mut text, number, at);
    }
    body(&mut text);
    text.push_str("}\n");
    text
}

fn sensors(text: &mut String, number: u64, at: Timestamp) {
    let _ = write!(
        text,
        r#","sensorElementList":[{{"sensorMetadata":{{"time":"{at}","deviceID":"https://id.gs1.org/8004/4000001{device}","deviceMetadata":"https://id.gs1.org/8004/4000001{device}/data","bizRules":"https://example.com/gdti/4012345000054987"}},"sensorReport":[{{"type":"Temperature","value":{a}.5,"sDev":0.1,"uom":"CEL"}},{{"type":"AbsoluteHumidity","value":{b}.1,"sDev":0.1,"uom":"A93"}},{{"type":"Speed","value":{a},"sDev":0.1,"uom":"KMH"}}]}},{{"sensorMetadata":{{"time":"{at}","deviceID":"https://id.gs1.org/8004/4000002{device}","dataProcessingMethod":"https://example.com/gdti/4012345000047"}},"sensorReport":[{{"type":"Temperature","minValue":{a},"maxValue":{b},"meanValue":{a}.2,"uom":"CEL"}}]}}]"#,
        device = number % 90,
        a = 20 + number % 7,
        b = 40 + number % 9,
    );
}

fn place(text: &mut String, place: &str, step: &str, has_location: bool) {
    let _ = write!(
        text,
        r#","bizStep":"{step}","readPoint":{{"id":"urn:example:place:{place}"}}"#
    );
    if has_location {
        let _ = write!(
            text,
            r#","bizLocation":{{"id":"urn:example:place:{place}"}}"#
        );
    }
}

fn name(unit: u64) -> String {
    format!("urn:countersign:key:1:plate:{unit:012}")
}

fn papers(text: &mut String, unit: u64) {
    let _ = write!(
        text,
        r#","bizTransactionList":[{{"type":"po","bizTransaction":"urn:example:order:{}"}},{{"type":"inv","bizTransaction":"urn:example:invoice:{}"}}]"#,
        unit / 10,
        unit / 10
    );
}

fn object(text: &mut String, leg: &Leg, unit: u64) {
    let _ = write!(
        text,
        r#","type":"ObjectEvent","action":"OBSERVE","epcList":["{}"]"#,
        name(unit)
    );
    place(text, leg.place, leg.step, unit.is_multiple_of(3));
    let hands = match leg.step {
        "departing" => Some(("wh", "carrier")),
        "accepting" => Some(("wh", "carrier")),
        "receiving" => Some(("carrier", "hub")),
        _ => None,
    };
    if let Some((from, to)) = hands {
        papers(text, unit);
        let _ = write!(
            text,
            r#","sourceList":[{{"type":"possessing_party","source":"urn:example:party:{from}"}}],"destinationList":[{{"type":"possessing_party","destination":"urn:example:party:{to}"}}]"#
        );
    }
}

/// A logger is fastened to the unit.
fn association(text: &mut String, unit: u64, nth: u64) {
    let _ = write!(
        text,
        r#","type":"AssociationEvent","action":"ADD","parentID":"{}","childEPCs":["urn:example:logger:{unit}:{nth}"],"childQuantityList":[{{"epcClass":"https://id.gs1.org/01/04012345999990/10/L{lot}","quantity":2}},{{"epcClass":"https://id.gs1.org/01/04012345123456/10/L{lot}","quantity":5.5,"uom":"KGM"}}]"#,
        name(unit),
        lot = unit / UNITS_PER_LOT,
    );
    place(text, "wh/zone-1", "assembling", false);
}

fn transformation(text: &mut String, unit: u64) {
    let _ = write!(
        text,
        r#","type":"TransformationEvent","transformationID":"urn:example:run:{unit}","inputEPCList":["urn:example:raw:{unit}"],"inputQuantityList":[{{"epcClass":"https://id.gs1.org/01/04012345111118/10/L{lot}","quantity":10,"uom":"KGM"}},{{"epcClass":"https://id.gs1.org/01/04012345222223/10/L{lot}","quantity":30}}],"outputEPCList":["urn:example:made:{unit}:a","urn:example:made:{unit}:b"],"outputQuantityList":[{{"epcClass":"https://id.gs1.org/01/04012345999990/10/L{lot}","quantity":3}}],"ilmd":{{"https://ns.example.com/epcis/bestBeforeDate":"2026-12-10","https://ns.example.com/epcis/batch":"XYZ"}}"#,
        lot = unit / UNITS_PER_LOT,
    );
    papers(text, unit);
    place(text, "wh/zone-1", "commissioning", true);
}

fn transaction(text: &mut String, unit: u64) {
    let _ = write!(
        text,
        r#","type":"TransactionEvent","action":"OBSERVE","epcList":["{}"],"quantityList":[{{"epcClass":"https://id.gs1.org/01/04012345111118/10/L{lot}","quantity":100}},{{"epcClass":"https://id.gs1.org/01/04012345222223/10/L{lot}","quantity":10.5,"uom":"KGM"}}]"#,
        name(unit),
        lot = unit / UNITS_PER_LOT,
    );
    papers(text, unit);
    place(text, "wh/zone-1", "inspecting", true);
}

/// The unit is taken off the pallet on which it stood.
fn aggregation(text: &mut String, unit: u64) {
    let _ = write!(
        text,
        r#","type":"AggregationEvent","action":"DELETE","parentID":"urn:example:pallet:{unit}","childEPCs":["{}"],"childQuantityList":[{{"epcClass":"https://id.gs1.org/01/04012345111118/10/L{lot}","quantity":10}},{{"epcClass":"https://id.gs1.org/01/04012345222223/10/L{lot}","quantity":200.5,"uom":"KGM"}}]"#,
        name(unit),
        lot = unit / UNITS_PER_LOT,
    );
    papers(text, unit);
    place(text, "wh/dock", "unpacking", true);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shares are those of GS1's examples, and nothing in it is a fault.
    #[test]
    fn the_mix_is_that_of_the_examples() {
        let events = wave(0, 1_000);
        let percent = |what: &str| {
            let count = events.iter().filter(|line| line.contains(what)).count();
            count * 100 / events.len()
        };
        let shares = [
            ("\"ObjectEvent\"", 57),
            ("\"AssociationEvent\"", 18),
            ("\"TransformationEvent\"", 10),
            ("\"TransactionEvent\"", 6),
            ("\"AggregationEvent\"", 6),
            ("sensorElementList", 42),
        ];
        for (what, expect) in shares {
            assert_eq!(percent(what), expect, "{what}");
        }
        let (timed, bytes) = fold(400, true).expect("no fault");
        assert_eq!(timed.events, 3_500);
        assert!((BYTES_ASKED..1_500).contains(&bytes), "{bytes}");
    }
}
