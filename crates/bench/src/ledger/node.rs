//! A node under load, over its socket: how soon a finding is there, what it takes for minutes on end,
//! and how fast its log is folded again.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign_attest::Algorithm;
use countersign_node::request::Request;
use countersign_node::wire;
use serde_json::Value;

use crate::Failure;
use crate::bare::quantile;
use crate::clock::{Timer, wall_ns};
use crate::folder::{ORIGIN, Scratch};
use crate::load::{self, Client, Server, frame};
use crate::making::{Device, event, sighting, submissions, unit_name};
use crate::scale::opened_alone;
use crate::table::{Bar, Row, grouped};

/// Devices, a connection each.
const DEVICES: usize = 32;
/// Statements with one claim each, under which a finding is awaited: half of them find out what the
/// node takes, half of them make half of that.
const STATEMENTS: usize = 20_000;
/// A probe each so many nanoseconds.
const PROBE_NS: u64 = 50_000_000;
/// Units that show something odd: their numbers begin here.
const ODD_UNITS: u64 = 90_000_000;
/// Milliseconds to a finding that are asked for, in the median and at p99.
const FINDING_ASKED_MS: [(usize, f64); 2] = [(50, 100.0), (99, 1_000.0)];

/// Of a long load: claims of a statement, and one statement in so many shows something odd.
const CLAIMS: u64 = 16;
const ODD_SHARE: u64 = 256;
const MINUTE_NS: u64 = 60_000_000_000;
/// Latency of the last minute, of that of the first.
const LAG_ASKED: f64 = 1.5;
/// Claims a second when a log is folded again, of those that it took.
const REPLAY_ASKED: f64 = 3.0;

fn speakers(count: usize, claims: u64) -> Result<Vec<Device>, Failure> {
    let numbers = 0..count as u64;
    let claims = usize::try_from(claims)?;
    numbers
        .map(|number| Device::new(number, Algorithm::Ed25519, ORIGIN, claims))
        .collect()
}

/// From when a client sends what shows something odd to when he reads the finding, while others make
/// half the load that the node takes.
pub(super) fn finding(dir: &Path) -> Result<Vec<Row>, Failure> {
    let mut devices = speakers(DEVICES, 1)?;
    let all = submissions(&mut devices, STATEMENTS, 1)?;
    let mut probe = Device::new(DEVICES as u64, Algorithm::Ed25519, ORIGIN, 2)?;
    let scratch = Scratch::new(dir, "finding")?;
    let server = Server::of_node(scratch.path(), devices.iter().chain([&probe]))?;
    let (full, half) = all.split_at(all.len() / 2);
    let deal = |part: &[Vec<u8>]| load::deal(part, DEVICES, |_, bytes| frame(bytes));
    let rate = server
        .load(&deal(full)?, None)?
        .span
        .per_second(full.len() as u64);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "some hundred microseconds"
    )]
    let pace = (2e9 / rate) as u64;
    let frames = deal(half)?;
    let is_over = AtomicBool::new(false);
    let mut times = std::thread::scope(|scope| {
        let probing = scope.spawn(|| probe_until(&is_over, server.connect()?, &mut probe));
        let loaded = server.load(&frames, Some(pace));
        is_over.store(true, Ordering::Relaxed);
        loaded?;
        probing.join().map_err(|_| "the probing client panicked")?
    })?;
    let count = times.len();
    let rows = FINDING_ASKED_MS.map(|(percent, asked)| {
        let ms = quantile(&mut times, percent) as f64 / 1e6;
        Row {
            case: format!("finding at half load, p{percent}"),
            per_cpu_second: None,
            per_second: None,
            note: format!(
                "from sending what shows it to reading it, {count} findings, at {} statements a second",
                grouped(rate / 2.0)
            ),
            bar: Some(Bar::at_most("ms", ms, asked)),
        }
    });
    Ok(rows.into())
}

/// Shows something odd of one unit after the other; how long each finding took.
fn probe_until(
    is_over: &AtomicBool,
    mut client: Client,
    probe: &mut Device,
) -> Result<Vec<u64>, Failure> {
    let mut findings = Vec::new();
    wire::write_frame(&mut findings, &Request::Findings { all: false }, b"")?;
    let timer = Timer::new()?;
    let (began, mut times) = (wall_ns(), Vec::new());
    while !is_over.load(Ordering::Relaxed) {
        let number = times.len() as u64;
        timer.wait_until(began + number * PROBE_NS)?;
        let sent = wall_ns();
        client.submit(&probe.says(&odd(ODD_UNITS + number))?.encode())?;
        let name = unit_name(ODD_UNITS + number);
        loop {
            let answer = client.ask(&findings)?;
            if answer
                .windows(name.len())
                .any(|part| part == name.as_bytes())
            {
                break;
            }
        }
        times.push(wall_ns() - sent);
    }
    Ok(times)
}

/// A unit is seen at one site, and then at another that is its own, and nobody gave it away.
fn odd(unit: u64) -> [String; 2] {
    let elsewhere = format!("urn:x:b:{unit}");
    [
        sighting(unit, 0, "urn:x:a:dock"),
        sighting(unit, 1, &elsewhere),
    ]
}

/// One answered statement: when, and after how long.
type Answered = (u64, u64);

/// Every device sends as fast as it is answered, for so many minutes; then the log is folded again.
pub(super) fn sustained(dir: &Path, minutes: u64) -> Result<Vec<Row>, Failure> {
    let devices = speakers(DEVICES, CLAIMS)?;
    let scratch = Scratch::new(dir, "sustained")?;
    let server = Server::of_node(scratch.path(), &devices)?;
    let (cpu, began) = (server.cpu_ns()?, wall_ns());
    let until = began + minutes * MINUTE_NS;
    let answered = std::thread::scope(|scope| {
        let clients = devices.into_iter().zip(0..).map(|(device, number)| {
            let server = &server;
            scope.spawn(move || send_until(until, server.connect()?, (device, number)))
        });
        let clients: Vec<_> = clients.collect();
        let mut all: Vec<Answered> = Vec::new();
        for client in clients {
            all.extend(client.join().map_err(|_| "a client panicked")??);
        }
        Ok::<_, Failure>(all)
    })?;
    let claims = answered.len() as u64 * CLAIMS;
    let seconds = (wall_ns() - began) as f64 / 1e9;
    let cpu_seconds = (server.cpu_ns()? - cpu) as f64 / 1e9;
    let (resident, findings) = (server.resident_bytes()?, open_findings(&server)?);
    drop(server);
    let rate = claims as f64 / seconds;
    let [first, last] = [0, minutes - 1].map(|minute| {
        let during = began + minute * MINUTE_NS..began + (minute + 1) * MINUTE_NS;
        let own = answered.iter().filter(|(at, _)| during.contains(at));
        own.map(|(_, took)| *took).collect::<Vec<u64>>()
    });
    let taken = Taken {
        claims,
        findings,
        rate,
        cpu_seconds,
        resident,
    };
    let mut rows = vec![sustained_row(&taken, (first, last))];
    rows.push(replay_row(&scratch.path().join("data"), claims, rate)?);
    Ok(rows)
}

/// How many findings a node says are open.
fn open_findings(server: &Server) -> Result<u64, Failure> {
    let mut frame = Vec::new();
    wire::write_frame(&mut frame, &Request::Status, b"")?;
    let answer: Value = serde_json::from_slice(&server.connect()?.ask(&frame)?)?;
    let open = answer
        .pointer("/value/findings/open")
        .and_then(Value::as_u64);
    match open {
        Some(open) if open > 0 => Ok(open),
        _ => Err(format!("no finding of what is odd: {answer}").into()),
    }
}

fn send_until(
    until: u64,
    mut client: Client,
    (mut device, number): (Device, u64),
) -> Result<Vec<Answered>, Failure> {
    let mut answered = Vec::new();
    // Units of its own.
    let first = number * 1_000_000_000;
    while wall_ns() < until {
        let nth = answered.len() as u64;
        let own = first + nth * CLAIMS;
        let mut events: Vec<String> = (own..own + CLAIMS).map(event).collect();
        if nth.is_multiple_of(ODD_SHARE) {
            events.truncate(events.len() - 2);
            events.extend(odd(ODD_UNITS * (number + 1) + nth));
        }
        let submission = device.says(&events)?.encode();
        let sent = wall_ns();
        client.submit(&submission)?;
        let now = wall_ns();
        answered.push((now, now - sent));
    }
    Ok(answered)
}

/// What a node took of a long load.
struct Taken {
    claims: u64,
    findings: u64,
    /// Claims a second.
    rate: f64,
    cpu_seconds: f64,
    /// Bytes.
    resident: u64,
}

fn sustained_row(taken: &Taken, (mut first, mut last): (Vec<u64>, Vec<u64>)) -> Row {
    let counts = [first.len(), last.len()].map(|count| count as f64 * CLAIMS as f64 / 60.0);
    let [a, b] = [&mut first, &mut last].map(|times| {
        let [p50, p99] = [50, 99].map(|percent| quantile(times, percent) as f64 / 1e6);
        (p50, p99)
    });
    Row {
        case: "sustained: receipts, folds and findings".to_owned(),
        per_cpu_second: Some(taken.claims as f64 / taken.cpu_seconds),
        per_second: Some(taken.rate),
        note: format!(
            "{} claims over the socket, {CLAIMS} a statement, {DEVICES} clients on the same cores; {} a second in the first minute and {} in \
             the last; answers in {:.1} and {:.1} ms in the median, {:.0} and {:.0} at p99; {} findings open; {} MiB resident",
            grouped(taken.claims as f64),
            grouped(counts[0]),
            grouped(counts[1]),
            a.0,
            b.0,
            a.1,
            b.1,
            grouped(taken.findings as f64),
            taken.resident >> 20
        ),
        bar: Some(Bar::at_most(
            "× the lag of the first minute",
            b.0 / a.0,
            LAG_ASKED,
        )),
    }
}

fn replay_row(root: &Path, claims: u64, rate: f64) -> Result<Row, Failure> {
    let snapshot = root.join("index/snapshot");
    if snapshot.exists() {
        std::fs::remove_dir_all(snapshot)?;
    }
    let opened = opened_alone(root, 0)?;
    let replayed = claims as f64 / opened.seconds;
    Ok(Row {
        case: "its log is folded again".to_owned(),
        per_cpu_second: None,
        per_second: Some(replayed),
        note: format!(
            "{:.1} s, from the ground, as a start without a snapshot does",
            opened.seconds
        ),
        bar: Some(Bar::at_least(
            "× the sustained rate",
            replayed / rate,
            REPLAY_ASKED,
        )),
    })
}
