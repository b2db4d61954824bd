//! `countersign capture`: files in, an answer for each line.

mod file;
mod report;

use std::path::{Path, PathBuf};

use clap::Args;
use countersign_node::Session;
use countersign_node::request::Request;
use serde_json::{Value, json};

use crate::fail::{DONE, FAILED, Failure};
use crate::ui;
use file::OneFile;
use report::Report;

/// Arguments of `capture`.
#[derive(Debug, Args)]
pub(crate) struct Capture {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Mapping file that says what the columns of a table mean.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// What to call where the files come from; enters the identity of their claims.
    #[arg(long, default_value = "files", value_name = "NAME")]
    source: String,
    /// Write an answer for each line, as JSON lines.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Take a file whole or not at all.
    #[arg(long)]
    atomic: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Files to take in; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What became of the lines.
#[derive(Debug, Default)]
struct Counts {
    accepted: u64,
    duplicate: u64,
    rejected: u64,
    conflicting: u64,
    first_rejections: Vec<String>,
}

impl Counts {
    /// Says what the log has of a run that failed.
    fn broken_off(&self, mut failure: Failure) -> Failure {
        if self.accepted + self.duplicate == 0 {
            return failure;
        }
        let accepted = ui::counted(self.accepted, "line was", "lines were");
        let duplicate = ui::counted(self.duplicate, "was a duplicate", "were duplicates");
        failure.message = format!(
            "{}\nBefore that {accepted} accepted and {duplicate}. They are in the \
             log; the same command again answers them as duplicates and takes the rest",
            failure.message
        );
        failure
    }
}

/// Rejections that are shown on the screen; the report has all.
const REJECTIONS_SHOWN: usize = 10;

impl Capture {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let map = self.map.as_ref().map(|path| read(path)).transpose()?;
        let mut session = Session::open(&self.data)?;
        let mut report = Report::open(self.report.as_deref())?;
        let mut counts = Counts::default();
        let mut failed = None;
        let mut import = None;
        for file in &self.files {
            let mut one = OneFile {
                session: &mut session,
                import: &mut import,
                report: &mut report,
                counts: &mut counts,
                source: &self.source,
                quiet: self.json,
            };
            if let Err(failure) = one.take(file, map.as_deref(), self.atomic) {
                failed = Some(failure);
                break;
            }
        }
        // Closed whatever happened: what was taken is judged now.
        let closed = session.value(&match import {
            Some(id) => Request::ImportClose { id },
            None => Request::Status,
        });
        let published = session.close();
        report.close()?;
        let closed = match (failed, closed, published) {
            (None, Ok(closed), Ok(())) => closed,
            (Some(failure), _, _) => return Err(counts.broken_off(failure)),
            (None, Err(error), _) | (None, Ok(_), Err(error)) => {
                return Err(counts.broken_off(error.into()));
            }
        };
        let findings = closed
            .get("findings")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        self.print(&counts, findings, &closed);
        Ok(if counts.rejected > 0 { FAILED } else { DONE })
    }

    fn print(&self, counts: &Counts, findings: usize, closed: &Value) {
        let size = closed
            .get("size")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        if self.json {
            ui::json(&json!({
                "accepted": counts.accepted,
                "duplicate": counts.duplicate,
                "rejected": counts.rejected,
                "conflicting": counts.conflicting,
                "findings": findings,
                "size": size,
            }));
            return;
        }
        for text in &counts.first_rejections {
            ui::note(format!("rejected: {text}"));
        }
        let hidden =
            usize::try_from(counts.rejected).unwrap_or(usize::MAX) - counts.first_rejections.len();
        if hidden > 0 {
            ui::note(format!(
                "and {hidden} more; --report FILE writes an answer for each line"
            ));
        }
        ui::line(format!(
            "{} accepted, {} duplicate, {} rejected; the log has {}",
            ui::grouped(counts.accepted),
            ui::grouped(counts.duplicate),
            ui::grouped(counts.rejected),
            ui::counted(size, "entry", "entries"),
        ));
        if counts.conflicting > 0 {
            let text =
                "of the accepted say something else under an identity that the log has already";
            ui::line(format!(
                "{} {text} (conflicting_claim)",
                ui::grouped(counts.conflicting)
            ));
        }
        if findings > 0 {
            let dir = self.data.display();
            ui::line(format!(
                "{} new or changed; see: countersign findings --data {dir}",
                ui::counted(findings as u64, "finding", "findings")
            ));
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::io("reading", path, &error))
}
