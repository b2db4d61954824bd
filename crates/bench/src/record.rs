//! The run: every case, one after the other, then the table.

use std::path::{Path, PathBuf};

use countersign_attest::Algorithm;
use countersign_verify::{DataFolder, Trust, Verdict, verify_log};
use serde_json::{Value, json};

use crate::bare::{self, Bare, Verifier, quantile};
use crate::clock::measured;
use crate::folder::{ORIGIN, Scratch, make};
use crate::load::{self, Server, bare_frame, frame};
use crate::machine::Machine;
use crate::making::{Device, EVENT_BYTES, submissions};
use crate::path::Recorder;
use crate::table::{Bar, HEAD, Row, grouped};
use crate::terminal::{say, warn};
use crate::{Failure, check, loop_of_four, scale, whole};

/// Statements of a commit, where each has one claim, and where each has many.
const BATCH: usize = 1024;
const BATCH_OF_MANY: usize = 64;
const CLAIMS_OF_MANY: usize = 64;
const DEVICES: u64 = 32;
/// Clients of a node at once.
const CONNECTIONS: usize = 32;

/// Turns in which the node and the bare loop are under load, one after the other.
const TURNS: usize = 8;

/// Fewer leave a case nothing to do: the socket's clients send in two halves.
const STATEMENTS_MIN: usize = 2 * CONNECTIONS;

const BUSY: &str = "The machine did other work: rows on the wall (claims a second, latency, serial client, opening, whole log) tell of its neighbours, and no bar on them is judged by this run, whatever the last column says.";

/// What the command line asked for.
pub(crate) struct Plan {
    dir: PathBuf,
    json: Option<PathBuf>,
    only: Option<String>,
    /// Statements with one claim.
    statements: usize,
    /// Entries of the log that is opened.
    entries: u64,
    cores: usize,
}

impl Plan {
    fn read(arguments: &[&str]) -> Result<Self, Failure> {
        let mut plan = Self {
            dir: std::env::current_dir()?.join("target").join("bench"),
            json: None,
            only: None,
            statements: 20_000,
            entries: 100_000,
            cores: std::thread::available_parallelism()?.get(),
        };
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            if *name == "--quick" {
                (plan.statements, plan.entries) = (4_000, 10_000);
                continue;
            }
            let value = rest
                .next()
                .ok_or_else(|| format!("`{name}` needs a value"))?;
            match *name {
                "--dir" => plan.dir = PathBuf::from(value),
                "--json" => plan.json = Some(PathBuf::from(value)),
                "--only" => plan.only = Some((*value).to_owned()),
                "--statements" => plan.statements = value.parse()?,
                "--entries" => plan.entries = value.parse()?,
                _ => return Err(format!("unknown option `{name}`").into()),
            }
        }
        plan.check()?;
        Ok(plan)
    }

    fn check(&self) -> Result<(), Failure> {
        let names = CASES.map(|(name, _)| name);
        if let Some(only) = self.only.as_deref().filter(|only| !names.contains(only)) {
            let names = names.join(", ");
            return Err(format!("no case is called `{only}`; there are {names}").into());
        }
        if self.statements < STATEMENTS_MIN {
            return Err(format!("--statements is at least {STATEMENTS_MIN}").into());
        }
        Ok(())
    }
}

type Case = fn(&Plan, &Bare) -> Result<Vec<Row>, Failure>;

const CASES: [(&str, Case); 6] = [
    ("one", one_claim),
    ("many", many_claims),
    ("socket", socket),
    ("serial", serial),
    ("opening", opening),
    ("log", log),
];

pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let plan = Plan::read(arguments)?;
    let machine = Machine::read(plan.cores);
    warn("measuring the machine …");
    let scratch = Scratch::new(&plan.dir, "bare")?;
    let bare = Bare::measure(scratch.path(), plan.cores)?;
    drop(scratch);
    let mut rows = bare_rows(&bare);
    for (name, case) in CASES {
        if plan.only.as_deref().is_none_or(|only| only == name) {
            warn(&format!("measuring `{name}` …"));
            rows.extend(case(&plan, &bare)?);
        }
    }
    say(&machine.line());
    if machine.is_busy() {
        say("");
        say(BUSY);
    }
    say("");
    say(HEAD);
    for row in &rows {
        say(&row.line());
    }
    if let Some(path) = &plan.json {
        let rows: Vec<Value> = rows.iter().map(Row::json).collect();
        let all = json!({ "machine": machine.json(), "rows": rows });
        std::fs::write(path, format!("{all:#}\n"))?;
    }
    Ok(())
}

fn row(case: &str, note: String) -> Row {
    Row {
        case: case.to_owned(),
        per_cpu_second: None,
        per_second: None,
        note,
        bar: None,
    }
}

fn bare_rows(bare: &Bare) -> Vec<Row> {
    let signatures = |case: &str, rates: (f64, f64)| Row {
        per_cpu_second: Some(rates.0),
        per_second: Some(rates.1),
        ..row(case, "nothing else is done".to_owned())
    };
    let mib = |rate: f64| grouped(rate / f64::from(1 << 20));
    let hashing = format!(
        "{} MiB a second on one core, {} on all; by the crate `sha2` {}",
        mib(bare.sha256_one),
        mib(bare.sha256_all),
        mib(bare.sha256_soft)
    );
    let disk = format!(
        "append of {} bytes with sync: {} µs in the median, over space that was only reserved {} µs; {} MiB a second in sequence",
        bare::APPEND_BYTES,
        bare.sync_ns / 1000,
        bare.sync_reserved_ns / 1000,
        mib(bare.write)
    );
    vec![
        signatures("bare Ed25519 `verify_strict`, all cores", bare.ed25519),
        signatures(
            "bare Ed25519 as the product checks it, all cores",
            bare.ed25519_product,
        ),
        signatures("bare P-256, all cores", bare.p256),
        row("bare SHA-256", hashing),
        row("the disk", disk),
    ]
}

fn devices(algorithm: Algorithm, claims: usize) -> Result<Vec<Device>, Failure> {
    (0..DEVICES)
        .map(|number| Device::new(number, algorithm, ORIGIN, claims))
        .collect()
}

/// Bare verifications of the same kind a second of processor, beside a case: others on the machine
/// come and go.
fn beside<T>(
    plan: &Plan,
    algorithm: Algorithm,
    work: impl FnOnce() -> Result<T, Failure>,
) -> Result<(T, f64), Failure> {
    let count = (plan.statements / 4) as u64;
    let (before, _) = bare::verifications(algorithm, Verifier::of, plan.cores, count)?;
    let out = work()?;
    let (after, _) = bare::verifications(algorithm, Verifier::of, plan.cores, count)?;
    Ok((out, (before + after) / 2.0))
}

fn one_claim(plan: &Plan, _: &Bare) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for algorithm in [Algorithm::Ed25519, Algorithm::Es256] {
        let name = algorithm.as_str();
        let mut speakers = devices(algorithm, 1)?;
        let sent = submissions(&mut speakers, plan.statements, 1)?;
        let count = sent.len() as u64;
        let scratch = Scratch::new(&plan.dir, "path")?;
        let mut recorder = Recorder::take(make(scratch.path(), &speakers)?)?;
        let (ran, bare) = beside(plan, algorithm, || {
            let (made, span) = measured(|| recorder.run(&sent, BATCH, plan.cores));
            Ok((made?, span))
        })?;
        let (made, span) = ran;
        let opened = recorder.reopened()?;
        let checked = check::all(&opened, &made, &sent, plan.cores)?;
        drop(opened);
        let rate = span.per_cpu_second(count);
        rows.push(Row {
            per_cpu_second: Some(rate),
            per_second: Some(span.per_second(count)),
            bar: Some(Bar::at_least("× bare verification", rate / bare, 0.75)),
            ..row(
                &format!("record path, one claim a statement, {name}"),
                format!("without decoding and folding; {checked} receipts checked"),
            )
        });
        rows.extend(whole_engine(plan, algorithm, &speakers, &sent)?);
    }
    Ok(rows)
}

fn whole_engine(
    plan: &Plan,
    algorithm: Algorithm,
    speakers: &[Device],
    sent: &[Vec<u8>],
) -> Result<Vec<Row>, Failure> {
    let (name, count) = (algorithm.as_str(), sent.len() as u64);
    let scratch = Scratch::new(&plan.dir, "whole")?;
    let mut opened = make(scratch.path(), speakers)?;
    let ((made, times), bare) = beside(plan, algorithm, || whole::run(&mut opened, sent, BATCH))?;
    let checked = check::all(&opened, &made, sent, plan.cores)?;
    let taken = times.taken.per_cpu_second(count);
    let receipts = Row {
        per_cpu_second: Some(times.receipts.per_cpu_second(count)),
        per_second: Some(times.receipts.per_second(count)),
        ..row(
            &format!("engine, receipts made afterwards, {name}"),
            format!("read back from the ground; {checked} checked"),
        )
    };
    let taken = Row {
        per_cpu_second: Some(taken),
        per_second: Some(times.taken.per_second(count)),
        bar: Some(Bar::at_least("× bare verification", taken / bare, 0.75)),
        ..row(
            &format!("whole engine, one claim a statement, {name}"),
            "one thread; with decoding, identities and folds; receipts apart".to_owned(),
        )
    };
    Ok(vec![taken, receipts])
}

fn many_claims(plan: &Plan, bare: &Bare) -> Result<Vec<Row>, Failure> {
    let mut speakers = devices(Algorithm::Ed25519, CLAIMS_OF_MANY)?;
    let sent = submissions(&mut speakers, plan.statements / 8, CLAIMS_OF_MANY)?;
    let claims = (sent.len() * CLAIMS_OF_MANY) as u64;
    let scratch = Scratch::new(&plan.dir, "path")?;
    let mut recorder = Recorder::take(make(scratch.path(), &speakers)?)?;
    let (made, span) = measured(|| recorder.run(&sent, BATCH_OF_MANY, plan.cores));
    let made = made?;
    let bytes = recorder.written();
    let opened = recorder.reopened()?;
    let checked = check::all(&opened, &made, &sent, plan.cores)?;
    let rate = span.per_second(claims);
    let written = span.per_second(bytes);
    let share = 100.0 * written / bare.write;
    Ok(vec![Row {
        per_cpu_second: Some(span.per_cpu_second(claims)),
        per_second: Some(rate),
        bar: Some(Bar::at_least("claims a second", rate, 1e6)),
        ..row(
            &format!("log path alone, {CLAIMS_OF_MANY} claims of {EVENT_BYTES} bytes a statement"),
            format!(
                "{} bytes a claim written, {share:.0} % of the disk's rate; one receipt a statement made, all {checked} checked",
                bytes / claims
            ),
        )
    }])
}

/// Throughput over the socket, then latency at half of it beside the bare loop.
fn socket(plan: &Plan, _: &Bare) -> Result<Vec<Row>, Failure> {
    let mut speakers = devices(Algorithm::Ed25519, 1)?;
    let all = submissions(&mut speakers, plan.statements, 1)?;
    let scratch = Scratch::new(&plan.dir, "node")?;
    let server = Server::of_node(scratch.path(), &speakers)?;
    let (full, half) = all.split_at(all.len() / CONNECTIONS / 2 * CONNECTIONS);
    let frames = load::deal(full, CONNECTIONS, |_, bytes| frame(bytes))?;
    let (answers, bare) = beside(plan, Algorithm::Ed25519, || server.load(&frames, None))?;
    let rate = answers.span.per_second(full.len() as u64);
    let per_cpu = answers.span.per_cpu_second(full.len() as u64);
    let throughput = Row {
        per_cpu_second: Some(per_cpu),
        per_second: Some(rate),
        bar: Some(Bar::at_least("× bare verification", per_cpu / bare, 0.75)),
        ..row(
            &format!("node over its socket, {CONNECTIONS} clients, Ed25519"),
            "a process of its own; its processor time, socket and JSON included".to_owned(),
        )
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "some hundred microseconds"
    )]
    let pace = (2e9 / rate) as u64;
    let at = scratch.path().display().to_string();
    let socket = scratch.path().join("bare.sock");
    let peer = Server::start(&["loop", &at, &DEVICES.to_string()], socket)?;
    // In turns, so that both meet the same neighbours on the machine.
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for slice in half.chunks((half.len() / TURNS / CONNECTIONS).max(1) * CONNECTIONS) {
        let frames = load::deal(slice, CONNECTIONS, |_, bytes| frame(bytes))?;
        ours.extend(server.load(&frames, Some(pace))?.latencies_ns);
        let frames = load::deal(slice, CONNECTIONS, bare_frame)?;
        theirs.extend(peer.load(&frames, Some(pace))?.latencies_ns);
    }
    let mut rows = vec![throughput];
    rows.extend(latency(ours, theirs, rate / 2.0));
    Ok(rows)
}

#[expect(clippy::cast_precision_loss, reason = "a ratio of some microseconds")]
fn latency(mut ours: Vec<u64>, mut theirs: Vec<u64>, rate: f64) -> Vec<Row> {
    let mut rows = Vec::new();
    for (percent, asked) in [(50, 3.0), (99, 10.0)] {
        let (ours, theirs) = (quantile(&mut ours, percent), quantile(&mut theirs, percent));
        let ratio = ours as f64 / theirs.max(1) as f64;
        rows.push(Row {
            bar: Some(Bar::at_most("× the bare loop", ratio, asked)),
            ..row(
                &format!("latency at half load, p{percent}"),
                format!(
                    "{} µs; bare loop of verify, append, sync, swap {} µs; {} statements a second each",
                    ours / 1000,
                    theirs / 1000,
                    grouped(rate)
                ),
            )
        });
    }
    rows
}

fn serial(plan: &Plan, _: &Bare) -> Result<Vec<Row>, Failure> {
    let mut speakers = devices(Algorithm::Ed25519, 1)?;
    speakers.truncate(1);
    let sent = submissions(&mut speakers, plan.statements / 10, 1)?;
    let scratch = Scratch::new(&plan.dir, "serial")?;
    let server = Server::of_node(scratch.path(), &speakers)?;
    let turns = sent.len() as u64;
    let frames = load::deal(&sent, 1, |_, bytes| frame(bytes))?;
    let before = loop_of_four::serial_ns(scratch.path(), turns)?;
    let answers = server.load(&frames, None)?;
    let after = loop_of_four::serial_ns(scratch.path(), turns)?;
    drop(server);
    let rate = answers.span.per_second(turns);
    let bare = crate::clock::rate(2, before + after);
    Ok(vec![Row {
        per_cpu_second: Some(answers.span.per_cpu_second(turns)),
        per_second: Some(rate),
        bar: Some(Bar::at_least(
            "× 1 / (sync + verify + sign + swap)",
            rate / bare,
            0.8,
        )),
        ..row(
            "serial client over the socket",
            format!("one turn of the four alone: {} µs", (before + after) / 2000),
        )
    }])
}

#[expect(clippy::cast_precision_loss, reason = "a ratio of bytes")]
fn opening(plan: &Plan, _: &Bare) -> Result<Vec<Row>, Failure> {
    let (opening, folded) = scale::measure(&plan.dir, plan.entries, plan.cores)?;
    let case = format!(
        "opening a log of {} entries",
        grouped(opening.entries as f64)
    );
    // The bar is set at ten million entries; below, it only says how far one may still go.
    let allowed = 256.0 * f64::from(1 << 20) + 1.5 * opening.entries as f64;
    Ok(vec![
        Row {
            bar: Some(Bar::at_most("s", opening.seconds, 2.0)),
            ..row(
                &case,
                "from its snapshot, until the node would answer".to_owned(),
            )
        },
        row(
            &format!("{case}, without a snapshot"),
            format!("{:.2} s; {}", folded.seconds, folded.memory()),
        ),
        Row {
            bar: Some(Bar::at_most(
                "× (256 MiB + 1.5 bytes a claim)",
                opening.peak_bytes as f64 / allowed,
                1.0,
            )),
            ..row(&format!("{case}, memory"), opening.memory())
        },
    ])
}

/// Whole-log verification beside the signatures and bytes that it cannot but check.
fn log(plan: &Plan, _: &Bare) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for algorithm in [Algorithm::Ed25519, Algorithm::Es256] {
        let mut speakers = devices(algorithm, 1)?;
        // A segment is read whole: of a log that fills a part of one, that would be what is measured.
        let sent = submissions(&mut speakers, plan.statements * 4, 1)?;
        let scratch = Scratch::new(&plan.dir, "log")?;
        let mut recorder = Recorder::take(make(scratch.path(), &speakers)?)?;
        recorder.run(&sent, BATCH, plan.cores)?;
        let bytes = recorder.written();
        let mut opened = recorder.reopened()?;
        opened.engine.publish()?;
        let (vkey, root) = (opened.engine.vkey(), opened.dir.root().to_owned());
        drop(opened);
        rows.push(verified(
            plan,
            algorithm,
            &root,
            &vkey,
            (sent.len() as u64, bytes),
        )?);
    }
    Ok(rows)
}

#[expect(clippy::cast_precision_loss, reason = "a ratio of times")]
fn verified(
    plan: &Plan,
    algorithm: Algorithm,
    root: &Path,
    vkey: &str,
    (count, bytes): (u64, u64),
) -> Result<Row, Failure> {
    let trust = Trust::keys([vkey])?;
    let count_bare = (plan.statements / 4) as u64;
    let limits = || -> Result<[f64; 3], Failure> {
        let signatures =
            |by| Ok::<_, Failure>(bare::verifications(algorithm, by, plan.cores, count_bare)?.1);
        let (peer, product) = (signatures(Verifier::of)?, signatures(Verifier::of_product)?);
        Ok([peer, product, bare::product_hashing(plan.cores).1])
    };
    let before = limits()?;
    let (report, span) =
        measured(|| verify_log(&DataFolder::new(root), &trust, &[], plan.cores, &mut |_| {}));
    let after = limits()?;
    let report = report?;
    if report.verdict() != Verdict::Proven {
        return Err(format!("the log is not proven: {}", report.summary()).into());
    }
    let [peer, product, hashing] = before;
    let [peer_after, product_after, hashing_after] = after;
    let hashing = f64::midpoint(hashing, hashing_after);
    let ratio = |signatures: f64| {
        let limit_s = count as f64 / signatures + bytes as f64 / hashing;
        limit_s / (span.wall_ns as f64 / 1e9)
    };
    Ok(Row {
        per_cpu_second: Some(span.per_cpu_second(count)),
        per_second: Some(span.per_second(count)),
        bar: Some(Bar::at_least(
            "× signature and hash limit",
            ratio(f64::midpoint(peer, peer_after)),
            0.85,
        )),
        ..row(
            &format!("verification of a whole log, {}", algorithm.as_str()),
            format!(
                "limit: each signature once as the peer checks it, each of {} bytes an entry hashed once, all cores; {:.2} × with signatures as the product checks them",
                bytes / count.max(1),
                ratio(f64::midpoint(product, product_after))
            ),
        )
    })
}

#[cfg(test)]
mod tests;
