//! Sending a scenario: submissions in the order and at the times of its clock.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use countersign_model::time::{Span, Timestamp};
use countersign_node::request::Request;
use countersign_node::{Session, wire};
use countersign_ports::Clock as _;
use countersign_report::finding::{finding_changes, finding_text};
use countersign_sim::folder::SUBMISSIONS;
use countersign_sim::{Folder, ReadError};
use countersign_store_local::MachineClock;
use serde_json::Value;

use crate::fail::Failure;
use crate::ui;

/// How long the node waits between batches at most: what arrives within is committed together.
const WINDOW: Span = Span::from_secs(20);
/// The same when nothing will arrive any more, and only deadlines pass.
const REST: Span = Span::from_secs(300);
/// Refusals that are told one by one.
const TOLD_MAX: u64 = 5;

/// How a scenario is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As fast as the node takes it.
    Fast,
    /// An hour of the scenario in this part of an hour.
    InTime(u32),
}

/// What was sent.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// Claims that the node took, those that had been sent before among them.
    pub(crate) claims: u64,
    /// Submissions that it took, those that had been sent before among them.
    pub(crate) submissions: u64,
    /// Submissions that it refused.
    pub(crate) refused: u64,
}

/// Sends everything and prints findings as they come.
pub(crate) fn drive(
    session: &mut Session,
    scenario: &Folder,
    pace: Pace,
    quiet: bool,
) -> Result<Run, Failure> {
    let path = scenario.path(SUBMISSIONS);
    let len = std::fs::metadata(&path).map_err(|error| Failure::io("reading", &path, &error))?;
    let bar = ui::progress(len.len(), "scenario", quiet);
    let mut input = scenario.submissions().map_err(|error| unreadable(&error))?;
    let mut next = input
        .next()
        .transpose()
        .map_err(|error| unreadable(&error))?;
    let mut run = Run::default();
    let waiting = Waiting::since(scenario.scenario().start, pace);
    let mut now = scenario.scenario().start;
    let mut done = 0;
    let mut seen = BTreeMap::new();
    let end = scenario.scenario().end;
    while now < end || next.is_some() {
        // Behind its end nothing is said any more, and everybody would be silent.
        now = match next {
            Some(_) => now.plus(WINDOW),
            None => now.plus(REST).min(end),
        };
        let mut items = Vec::new();
        while let Some(sent) = next.take_if(|sent| sent.at <= now) {
            done += sent.bytes.len() as u64 + 12;
            items.push(sent.bytes);
            next = input
                .next()
                .transpose()
                .map_err(|error| unreadable(&error))?;
        }
        waiting.until(now);
        bar.set_position(done);
        bar.set_message(now.to_string());
        send(session, now, &items, &mut run, &mut |finding| {
            if !quiet {
                let id = finding.get("id").map(ToString::to_string);
                let before = seen.insert(id, finding.clone());
                let text = told(before.as_ref(), finding);
                bar.suspend(|| ui::line(text));
            }
        })?;
    }
    bar.finish_and_clear();
    Ok(run)
}

/// Why a scenario cannot be read.
pub(crate) fn unreadable(error: &ReadError) -> Failure {
    use std::error::Error as _;
    match error.source() {
        Some(cause) => Failure::new(format!("{error}: {cause}")),
        None => Failure::new(error.to_string()),
    }
}

/// The machine's clock beside the scenario's.
struct Waiting {
    clock: MachineClock,
    began: Timestamp,
    start: Timestamp,
    pace: Pace,
}

impl Waiting {
    fn since(start: Timestamp, pace: Pace) -> Self {
        let clock = MachineClock;
        Self {
            began: clock.wall(),
            clock,
            start,
            pace,
        }
    }

    /// Until it is as late here as there.
    fn until(&self, now: Timestamp) {
        let Pace::InTime(factor) = self.pace else {
            return;
        };
        let passed = self.clock.wall().since(self.began);
        let left = now.since(self.start).ms() / i64::from(factor) - passed.ms();
        // Nobody holds the other end for this: it is the time that runs out.
        let (_open, never) = mpsc::channel::<()>();
        if let Ok(left) = u64::try_from(left) {
            let _ = never.recv_timeout(Duration::from_millis(left));
        }
    }
}

/// A new finding whole; of one that changed what is another than before.
fn told(before: Option<&Value>, finding: &Value) -> String {
    before.map_or_else(
        || finding_text(finding),
        |before| finding_changes(before, finding),
    )
}

/// One window of the scenario: time moves on, what arrived is taken and committed.
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
    let list = |name: &str| {
        let list = value.get(name).and_then(Value::as_array);
        list.into_iter().flatten()
    };
    for answer in list("answers") {
        run.count(answer);
    }
    list("findings").for_each(show);
    Ok(())
}

impl Run {
    fn count(&mut self, answer: &Value) {
        match answer.get("status").and_then(Value::as_str) {
            Some("accepted") => {
                let claims = answer.get("claims").and_then(Value::as_array);
                self.claims += claims.map_or(0, Vec::len) as u64;
                self.submissions += 1;
            }
            Some("replay") => self.submissions += 1,
            _ => {
                self.refused += 1;
                if self.refused <= TOLD_MAX {
                    ui::note(format!("the node refused a submission: {answer}"));
                }
            }
        }
    }
}

/// Writes all findings, retracted ones too, as JSON lines.
pub(crate) fn write_findings(session: &mut Session, path: &Path) -> Result<Vec<Value>, Failure> {
    let findings = session.value(&Request::Findings { all: true })?;
    let findings = findings.as_array().cloned().unwrap_or_default();
    let failed = |error: std::io::Error| Failure::io("writing", path, &error);
    let mut out = BufWriter::new(std::fs::File::create(path).map_err(failed)?);
    for finding in &findings {
        writeln!(out, "{finding}").map_err(failed)?;
    }
    out.flush().map_err(failed)?;
    Ok(findings)
}
