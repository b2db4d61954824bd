//! Sending the day: submissions in the order and at the times of the scenario.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::Path;

use countersign_model::time::{Span, Timestamp};
use countersign_node::request::Request;
use countersign_node::{Session, wire};
use countersign_report::finding::{finding_line, finding_text};
use serde_json::Value;

use crate::fail::Failure;
use crate::ui;

/// How long the node waits between batches at most: what arrives within is committed together.
const WINDOW: Span = Span::from_secs(20);

/// What was sent.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// Claims that the node took, those that had been sent before among them.
    pub(super) claims: u64,
}

struct Sent {
    at: Timestamp,
    bytes: Vec<u8>,
}

/// Sends everything and prints findings as they come.
pub(super) fn drive(session: &mut Session, world: &Path, quiet: bool) -> Result<Run, Failure> {
    let path = world.join("submissions.bin");
    let read = |error: std::io::Error| Failure::io("reading", &path, &error);
    let file = File::open(&path).map_err(read)?;
    let bar = ui::progress(file.metadata().map_err(read)?.len(), "the day", quiet);
    let mut input = BufReader::new(file);
    let mut next = read_sent(&mut input).map_err(read)?;
    let mut run = Run::default();
    let (start, end) = bounds(world)?;
    let mut now = start;
    let mut done = 0;
    let mut seen = BTreeSet::new();
    while now < end || next.is_some() {
        now = now.plus(WINDOW);
        let mut items = Vec::new();
        while let Some(sent) = next.take_if(|sent| sent.at <= now) {
            done += sent.bytes.len() as u64 + 12;
            items.push(sent.bytes);
            next = read_sent(&mut input).map_err(read)?;
        }
        bar.set_position(done);
        bar.set_message(now.to_string());
        send(session, now, &items, &mut run, &mut |finding| {
            if !quiet {
                let id = finding.get("id").map(ToString::to_string);
                let text = told(finding, seen.insert(id));
                bar.suspend(|| ui::line(text));
            }
        })?;
    }
    bar.finish_and_clear();
    Ok(run)
}

/// A new finding whole, one that changed in a line.
fn told(finding: &Value, is_new: bool) -> String {
    if is_new {
        return finding_text(finding);
    }
    format!("changed: {}\n", finding_line(finding))
}

fn bounds(world: &Path) -> Result<(Timestamp, Timestamp), Failure> {
    let path = world.join("scenario.json");
    let text =
        std::fs::read_to_string(&path).map_err(|error| Failure::io("reading", &path, &error))?;
    let scenario: Value =
        serde_json::from_str(&text).map_err(|error| Failure::new(error.to_string()))?;
    let time = |name: &str| {
        let text = scenario
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default();
        Timestamp::parse(text)
            .map(|(at, _)| at)
            .map_err(|error| Failure::new(error.to_string()))
    };
    Ok((time("start")?, time("end")?))
}

fn read_sent(input: &mut BufReader<File>) -> std::io::Result<Option<Sent>> {
    let mut head = [0; 12];
    match input.read_exact(&mut head) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let [a, b, c, d, e, f, g, h, i, j, k, l] = head;
    let at = i64::try_from(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
        .map_err(std::io::Error::other)?;
    let mut bytes = vec![0; u32::from_be_bytes([i, j, k, l]) as usize];
    input.read_exact(&mut bytes)?;
    Ok(Some(Sent {
        at: Timestamp::from_ms(at),
        bytes,
    }))
}

/// One window of the day: time moves on, what arrived is taken and committed.
fn send(
    session: &mut Session,
    now: Timestamp,
    items: &[Vec<u8>],
    run: &mut Run,
    show: &mut dyn FnMut(&Value),
) -> Result<(), Failure> {
    let request = Request::Submit {
        at: Some(now.to_string()),
    };
    let (value, _) = session.ask(&request, &wire::join(items))?;
    for answer in value
        .get("answers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        match answer.get("status").and_then(Value::as_str) {
            Some("accepted") => {
                run.claims += answer
                    .get("claims")
                    .and_then(Value::as_array)
                    .map_or(0, Vec::len) as u64;
            }
            Some("replay") => {}
            _ => {
                return Err(Failure::new(format!(
                    "the node refused a device's submission: {answer}"
                )));
            }
        }
    }
    value
        .get("findings")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .for_each(show);
    Ok(())
}

/// Writes all findings of the day, retracted ones too, as JSON lines.
pub(super) fn write_findings(session: &mut Session, path: &Path) -> Result<Vec<Value>, Failure> {
    let findings = session.value(&Request::Findings { all: true })?;
    let findings = findings.as_array().cloned().unwrap_or_default();
    let failed = |error: std::io::Error| Failure::io("writing", path, &error);
    let mut out = BufWriter::new(File::create(path).map_err(failed)?);
    for finding in &findings {
        writeln!(out, "{finding}").map_err(failed)?;
    }
    out.flush().map_err(failed)?;
    Ok(findings)
}
