//! The file that every system reads: JSON lines, plans and EPCIS events in the order of their time.
//!
//! Loads leave four warehouses for twelve hubs, a hundred at a time. Of each a line says what goes: forty
//! units, and amounts of four articles; then each unit is read where it leaves and where it comes, and
//! so are the amounts. Some units never leave, some never come, some come late, and some amounts are
//! short. The file ends when the last loads have left and are not due yet.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use countersign_model::time::{MINUTE_MS, Timestamp};

use crate::Failure;

pub(crate) const WAREHOUSES: u64 = 4;
pub(crate) const HUBS: u64 = 12;
const CLASSES: u64 = 200;
const LOADS_PER_WAVE: u64 = 100;
pub(crate) const UNITS_PER_LOAD: u64 = 40;
const CLASSES_PER_LOAD: u64 = 4;
const AMOUNT: u64 = 24;
const STOCK: u64 = 10_000_000;
/// Monday, 2 March 2026.
const START_MS: i64 = 1_772_409_600_000;
const WAVE_MINUTES: i64 = 240;
const DEPART_BY: i64 = 60;
const ARRIVE_BY: i64 = 180;
/// When the file ends, minutes behind the beginning of its last wave.
const END: i64 = 76;
/// How much later than a deadline is in time still.
pub(crate) const GRACE_MINUTES: i64 = 15;

/// What a file is, and when it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub(crate) lines: u64,
    pub(crate) events: u64,
    pub(crate) bytes: u64,
    /// The instant as of which is asked.
    pub(crate) end: Timestamp,
}

/// A place in the network: the number of the site among all of them.
pub(crate) fn site(number: u64) -> String {
    format!(
        "https://id.gs1.org/414/{}",
        checked(&format!("95212340{number:04}"))
    )
}

pub(crate) fn party(number: u64) -> String {
    format!(
        "https://id.gs1.org/417/{}",
        checked(&format!("95212341{number:04}"))
    )
}

fn class(number: u64) -> String {
    format!(
        "https://id.gs1.org/01/{}",
        checked(&format!("0952123{number:06}"))
    )
}

fn unit(number: u64) -> String {
    format!(
        "https://id.gs1.org/00/{}",
        checked(&format!("39521234{number:09}"))
    )
}

fn load(number: u64) -> String {
    format!("urn:epcglobal:cbv:bt:9521234000006:D-{number:08}")
}

/// The digits with their check digit.
fn checked(digits: &str) -> String {
    let weights = [3, 1].into_iter().cycle();
    let sum: u32 = digits
        .bytes()
        .rev()
        .zip(weights)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

struct Out {
    file: BufWriter<std::fs::File>,
    written: Written,
}

impl Out {
    fn line(&mut self, line: &str) -> Result<(), Failure> {
        self.file.write_all(line.as_bytes())?;
        self.file.write_all(b"\n")?;
        self.written.lines += 1;
        self.written.bytes += line.len() as u64 + 1;
        Ok(())
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        self.written.events += 1;
        let line = event.line(self.written.events);
        self.line(&line)
    }
}

/// What one event says.
struct Event<'a> {
    at: Timestamp,
    step: &'a str,
    disposition: &'a str,
    site: u64,
    /// Number of the load, and its ends.
    load: Option<(u64, u64, u64)>,
    units: &'a [u64],
    amounts: &'a [(u64, u64)],
}

impl Event<'_> {
    fn line(&self, number: u64) -> String {
        let (action, at) = match self.load {
            None => ("ADD", site(self.site)),
            Some(_) => ("OBSERVE", site(self.site)),
        };
        let papers = self.load.map_or_else(String::new, |(number, from, to)| {
            format!(
                r#","bizTransactionList":[{{"type":"desadv","bizTransaction":"{}"}}],"sourceList":[{{"type":"possessing_party","source":"{}"}}],"destinationList":[{{"type":"possessing_party","destination":"{}"}}]"#,
                load(number),
                party(from),
                party(to)
            )
        });
        let units: Vec<String> = self
            .units
            .iter()
            .map(|n| format!("\"{}\"", unit(*n)))
            .collect();
        let amounts = self
            .amounts
            .iter()
            .map(|(n, amount)| format!(r#"{{"epcClass":"{}","quantity":{amount}}}"#, class(*n)));
        let amounts: Vec<String> = amounts.collect();
        format!(
            r#"{{"type":"ObjectEvent","eventID":"urn:uuid:0192c0de-0000-7000-8000-{number:012x}","eventTime":"{time}","eventTimeZoneOffset":"+00:00","recordTime":"{time}","action":"{action}","bizStep":"{step}","disposition":"{disposition}","readPoint":{{"id":"{at}"}},"bizLocation":{{"id":"{at}"}}{papers},"epcList":[{units}],"quantityList":[{amounts}],"sensorElementList":[{{"sensorMetadata":{{"time":"{time}","deviceID":"https://id.gs1.org/8004/95212340{device:06}"}},"sensorReport":[{{"type":"Temperature","value":{kelvin}.15,"uom":"KEL"}}]}}]}}"#,
            time = self.at,
            step = self.step,
            disposition = self.disposition,
            units = units.join(","),
            amounts = amounts.join(","),
            device = self.site,
            kelvin = 276 + number % 5,
        )
    }
}

fn instant(wave: u64, minute: i64, ms: u64) -> Timestamp {
    let wave = i64::try_from(wave).unwrap_or_default();
    let ms = i64::try_from(ms).unwrap_or_default();
    Timestamp::from_ms(START_MS + (wave * WAVE_MINUTES + minute) * MINUTE_MS + ms)
}

/// One load of a wave.
#[derive(Clone, Copy)]
struct Load {
    number: u64,
    from: u64,
    to: u64,
}

impl Load {
    fn of(number: u64) -> Self {
        Self {
            number,
            from: number % WAREHOUSES,
            to: WAREHOUSES + number % HUBS,
        }
    }

    fn units(self) -> std::ops::Range<u64> {
        self.number * UNITS_PER_LOAD..(self.number + 1) * UNITS_PER_LOAD
    }

    fn papers(self) -> Option<(u64, u64, u64)> {
        Some((self.number, self.from, self.to))
    }

    fn classes(self) -> impl Iterator<Item = u64> {
        (0..CLASSES_PER_LOAD).map(move |nth| (self.number * 7 + nth * 13) % CLASSES)
    }

    /// What goes, and less of one article where it is short.
    fn amounts(self, short: u64) -> Vec<(u64, u64)> {
        let amounts = self.classes().zip(0_u64..);
        amounts
            .map(|(class, nth)| (class, AMOUNT - if nth == 0 { short } else { 0 }))
            .collect()
    }

    fn given_short(self) -> u64 {
        if self.number % 13 == 5 { 2 } else { 0 }
    }

    fn taken_short(self) -> u64 {
        self.given_short() + if self.number % 17 == 3 { 3 } else { 0 }
    }

    fn plan(self, wave: u64) -> String {
        let units = self
            .units()
            .zip(1_u64..)
            .map(|(n, line)| format!(r#"{{"line":"{line}","unit":"{}"}}"#, unit(n)));
        let amounts = self.classes().zip(UNITS_PER_LOAD + 1..).map(|(n, line)| {
            format!(
                r#"{{"line":"{line}","class":"{}","quantity":"{AMOUNT}"}}"#,
                class(n)
            )
        });
        let lines: Vec<String> = units.chain(amounts).collect();
        format!(
            r#"{{"type":"Manifest","id":"{}","eventTime":"{}","from":"{}","to":"{}","departBy":"{}","arriveBy":"{}","lines":[{}]}}"#,
            load(self.number),
            instant(wave, 0, 0),
            site(self.from),
            site(self.to),
            instant(wave, DEPART_BY, 0),
            instant(wave, ARRIVE_BY, 0),
            lines.join(",")
        )
    }
}

/// How a unit fares.
const fn leaves(unit: u64) -> bool {
    unit % 97 != 11
}

const fn comes(unit: u64) -> bool {
    leaves(unit) && unit % 89 != 7
}

const fn comes_late(unit: u64) -> bool {
    unit % 53 == 3
}

/// Writes a file of about so many units.
pub(crate) fn write(path: &Path, units: u64) -> Result<Written, Failure> {
    let waves = units.div_ceil(LOADS_PER_WAVE * UNITS_PER_LOAD).max(2);
    let mut out = Out {
        file: BufWriter::new(std::fs::File::create(path)?),
        written: Written {
            lines: 0,
            events: 0,
            bytes: 0,
            end: instant(waves - 1, END, 0),
        },
    };
    write_stock(&mut out)?;
    for wave in 0..waves {
        let loads = wave * LOADS_PER_WAVE..(wave + 1) * LOADS_PER_WAVE;
        let loads: Vec<Load> = loads.map(Load::of).collect();
        for load in &loads {
            out.line(&load.plan(wave))?;
        }
        write_leaving(&mut out, wave, &loads)?;
        if wave + 1 < waves {
            write_coming(&mut out, wave, &loads, false)?;
            write_coming(&mut out, wave, &loads, true)?;
        }
    }
    out.file.into_inner()?.sync_all()?;
    Ok(out.written)
}

fn write_stock(out: &mut Out) -> Result<(), Failure> {
    const PER_EVENT: u64 = 20;
    for warehouse in 0..WAREHOUSES {
        for first in (0..CLASSES).step_by(20) {
            let amounts: Vec<_> = (first..first + PER_EVENT).map(|n| (n, STOCK)).collect();
            out.event(&Event {
                at: instant(0, -60, first),
                step: "commissioning",
                disposition: "active",
                site: warehouse,
                load: None,
                units: &[],
                amounts: &amounts,
            })?;
        }
    }
    Ok(())
}

fn write_leaving(out: &mut Out, wave: u64, loads: &[Load]) -> Result<(), Failure> {
    for (load, nth) in loads.iter().zip(0..) {
        let mut event = Event {
            at: instant(wave, 10, nth * 1000),
            step: "departing",
            disposition: "in_transit",
            site: load.from,
            load: load.papers(),
            units: &[],
            amounts: &load.amounts(load.given_short()),
        };
        out.event(&event)?;
        event.amounts = &[];
        for unit in load.units().filter(|unit| leaves(*unit)) {
            out.event(&Event {
                at: instant(wave, 20, nth * 1000 + unit % UNITS_PER_LOAD),
                units: &[unit],
                ..event
            })?;
        }
    }
    Ok(())
}

fn write_coming(out: &mut Out, wave: u64, loads: &[Load], late: bool) -> Result<(), Failure> {
    let minute = if late { ARRIVE_BY + 30 } else { ARRIVE_BY - 60 };
    for (load, nth) in loads.iter().zip(0..) {
        let event = Event {
            at: instant(wave, minute, nth * 1000),
            step: "receiving",
            disposition: "in_progress",
            site: load.to,
            load: load.papers(),
            units: &[],
            amounts: &[],
        };
        if !late {
            out.event(&Event {
                amounts: &load.amounts(load.taken_short()),
                ..event
            })?;
        }
        let units = load.units().filter(|unit| comes(*unit));
        for unit in units.filter(|unit| comes_late(*unit) == late) {
            out.event(&Event {
                at: instant(wave, minute + 2, nth * 1000 + unit % UNITS_PER_LOAD),
                units: &[unit],
                ..event
            })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(digits: &str, expect: &str) {
        assert_eq!(checked(digits), expect);
    }

    #[test]
    fn check_digits_are_those_of_gs1() {
        check("629104150021", "6291041500213");
        check("39521234000000101", "395212340000001011");
    }
}
