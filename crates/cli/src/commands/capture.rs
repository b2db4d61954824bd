//! `countersign capture`: files in, an answer for each line.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use countersign_attest::Submission;
use countersign_feeds::{ImportSection, Input, Line, ReadError, Salts, events, table};
use countersign_model::body::EnvelopeBody;
use countersign_node::request::Request;
use countersign_node::{Session, wire};
use countersign_ports::Entropy as _;
use countersign_store_local::MachineEntropy;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::fail::{DONE, FAILED, Failure};
use crate::ui;

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
        let (accepted, duplicate) = (ui::grouped(self.accepted), ui::grouped(self.duplicate));
        failure.message = format!(
            "{}\nBefore that {accepted} lines were accepted and {duplicate} were duplicates. They are in the \
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
        let import = session.value(&Request::ImportOpen)?;
        let id = import
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let mut report = Report::open(self.report.as_deref())?;
        let mut counts = Counts::default();
        let mut failed = None;
        for file in &self.files {
            let mut one = OneFile {
                session: &mut session,
                report: &mut report,
                counts: &mut counts,
                capture: &self,
            };
            if let Err(failure) = one.take(file, map.as_deref()) {
                failed = Some(failure);
                break;
            }
        }
        // Closed whatever happened: what was taken is judged now.
        let closed = session.value(&Request::ImportClose { id });
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
            "{} accepted, {} duplicate, {} rejected; the log has {} entries",
            ui::grouped(counts.accepted),
            ui::grouped(counts.duplicate),
            ui::grouped(counts.rejected),
            ui::grouped(size),
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
                "{} findings; see: countersign findings --data {dir}",
                ui::grouped(findings as u64)
            ));
        }
    }
}

struct OneFile<'a> {
    session: &'a mut Session,
    report: &'a mut Report,
    counts: &'a mut Counts,
    capture: &'a Capture,
}

impl OneFile<'_> {
    fn take(&mut self, path: &Path, map: Option<&[u8]>) -> Result<(), Failure> {
        let stdin = path.as_os_str() == "-";
        let input = if stdin {
            Input::stdin()
        } else {
            Input::open(path)
        };
        let input = input.map_err(|error| Failure::io("reading", path, &error))?;
        let name = if stdin {
            "standard input".to_owned()
        } else {
            path.display().to_string()
        };
        let bar = ui::progress(input.len(), "capture", self.capture.json);
        bar.set_message(name.clone());
        let mut random = |bytes: &mut [u8]| {
            // Salts of predictable bytes would not hide anything: without random bytes there is no capture.
            MachineEntropy
                .fill(bytes)
                .expect("the kernel gives random bytes");
        };
        let mut salts = Salts::new(&mut random);
        let mut carried = Carried::default();
        let atomic = self.capture.atomic;
        let mut sink = |section: ImportSection| self.section(&name, section, &mut carried, &bar);
        let result = match map {
            Some(map) => table::read(&input, map, atomic, &mut salts, &mut sink),
            None => events::read(&input, atomic, &mut salts, &mut sink),
        };
        bar.finish_and_clear();
        result.or_else(|error| self.whole_file(&name, error))
    }

    /// A file that cannot be taken at all is one rejected line; a failing disk or node ends the run.
    fn whole_file(&mut self, name: &str, error: ReadError<Failure>) -> Result<(), Failure> {
        match error {
            ReadError::Sink(failure) => Err(failure),
            ReadError::Io(error) => Err(Failure::new(format!("reading {name}: {error}"))),
            ReadError::Document {
                code,
                line,
                field,
                reason,
            } => self.reject(name, line, code, &field, &reason),
            ReadError::Atomic(lines) => {
                for line in lines {
                    if let Line::Refused {
                        line,
                        code,
                        field,
                        reason,
                    } = line
                    {
                        self.reject(name, Some(line), code, &field, &reason)?;
                    }
                }
                Ok(())
            }
        }
    }

    fn reject(
        &mut self,
        source: &str,
        line: Option<u64>,
        code: &str,
        field: &str,
        reason: &str,
    ) -> Result<(), Failure> {
        self.counts.rejected += 1;
        if self.counts.first_rejections.len() < REJECTIONS_SHOWN {
            let place = line.map_or_else(|| source.to_owned(), |line| format!("{source}:{line}"));
            let field = if field.is_empty() {
                String::new()
            } else {
                format!("{field}: ")
            };
            self.counts
                .first_rejections
                .push(format!("{place}: {field}{reason} [{code}]"));
        }
        self.report.write(&json!({
            "source": source, "line": line, "status": "rejected", "code": code, "field": field, "reason": reason,
        }))
    }

    fn section(
        &mut self,
        name: &str,
        section: ImportSection,
        carried: &mut Carried,
        bar: &ProgressBar,
    ) -> Result<(), Failure> {
        bar.set_position(section.done);
        let lines = section.lines;
        let answers = if section.bodies.is_empty() {
            carried.envelopes.extend(section.envelopes);
            carried.blobs.extend(section.blobs);
            Vec::new()
        } else {
            let mut submission = Submission {
                statement: Vec::new(),
                envelopes: std::mem::take(&mut carried.envelopes),
                bodies: section.bodies,
                blobs: std::mem::take(&mut carried.blobs),
            };
            submission.envelopes.extend(section.envelopes);
            submission.blobs.extend(section.blobs);
            self.import(&submission)?
        };
        let by_digest: BTreeMap<&str, (&Value, u64, usize)> = answers
            .iter()
            .flat_map(|(entry, claims)| {
                claims
                    .iter()
                    .enumerate()
                    .map(move |(at, claim)| (claim, *entry, at))
            })
            .filter_map(|(claim, entry, at)| {
                Some((claim.get("digest")?.as_str()?, (claim, entry, at)))
            })
            .collect();
        for line in &lines {
            match line {
                Line::Refused {
                    line,
                    code,
                    field,
                    reason,
                } => {
                    self.reject(name, Some(*line), code, field, reason)?;
                }
                Line::Claim {
                    line,
                    digest,
                    warnings,
                } => {
                    let answer = by_digest.get(digest.to_string().as_str());
                    let (claim, entry, ordinal) =
                        answer.ok_or_else(|| Failure::new("the node gave no answer for a line"))?;
                    self.accept((name, *line), claim, (*entry, *ordinal), warnings)?;
                }
            }
        }
        Ok(())
    }

    fn import(&mut self, submission: &Submission) -> Result<Vec<(u64, Vec<Value>)>, Failure> {
        let blob = wire::join(&[submission.encode()]);
        let request = Request::Import {
            source: self.capture.source.clone(),
        };
        let (value, _) = self.session.ask(&request, &blob)?;
        let mut out = Vec::new();
        for answer in value
            .get("answers")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if answer.get("status").and_then(Value::as_str) != Some("accepted") {
                let reason = answer
                    .get("reason")
                    .and_then(Value::as_str)
                    .unwrap_or("the node refused a section");
                return Err(Failure::new(reason));
            }
            let entry = answer
                .get("entry")
                .and_then(Value::as_u64)
                .unwrap_or_default();
            let claims = answer
                .get("claims")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            out.push((entry, claims));
        }
        Ok(out)
    }

    fn accept(
        &mut self,
        (source, line): (&str, u64),
        claim: &Value,
        (entry, ordinal): (u64, usize),
        warnings: &[(&'static str, String)],
    ) -> Result<(), Failure> {
        let status = claim
            .get("status")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let mut out = json!({ "source": source, "line": line, "entry": entry, "ordinal": ordinal });
        let map = out
            .as_object_mut()
            .ok_or_else(|| Failure::new("an answer is no object"))?;
        let word = if status == "duplicate" {
            "duplicate"
        } else {
            "accepted"
        };
        map.insert("status".into(), json!(word));
        match status {
            "duplicate" => self.counts.duplicate += 1,
            _ => self.counts.accepted += 1,
        }
        if !matches!(status, "effective" | "duplicate") {
            map.insert("claim_status".into(), json!(status));
        }
        if let Some(of) = claim.get("of") {
            map.insert("of".into(), of.clone());
        }
        if status == "conflicting_claim" {
            self.counts.conflicting += 1;
            map.insert("code".into(), json!("conflicting_claim"));
            map.insert(
                "reason".into(),
                json!("the log has another claim of the same identity, with other content"),
            );
        }
        for name in ["code", "field", "reason"] {
            if let Some(value) = claim.get(name) {
                map.insert(name.into(), value.clone());
            }
        }
        if !warnings.is_empty() {
            let list: Vec<Value> = warnings
                .iter()
                .map(|(code, field)| json!({ "code": code, "field": field }))
                .collect();
            map.insert("warnings".into(), Value::Array(list));
        }
        self.report.write(&out)
    }
}

/// Envelopes and mapping files of sections without a claim: they go with the next one that has some.
#[derive(Default)]
struct Carried {
    envelopes: Vec<EnvelopeBody>,
    blobs: Vec<Vec<u8>>,
}

/// The answers as JSON lines.
struct Report(Option<(PathBuf, BufWriter<File>)>);

impl Report {
    fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self(None));
        };
        let file = File::create(path).map_err(|error| Failure::io("writing", path, &error))?;
        Ok(Self(Some((path.to_owned(), BufWriter::new(file)))))
    }

    fn write(&mut self, value: &Value) -> Result<(), Failure> {
        match &mut self.0 {
            None => Ok(()),
            Some((path, out)) => {
                writeln!(out, "{value}").map_err(|error| Failure::io("writing", path, &error))
            }
        }
    }

    fn close(self) -> Result<(), Failure> {
        match self.0 {
            None => Ok(()),
            Some((path, mut out)) => out
                .flush()
                .map_err(|error| Failure::io("writing", &path, &error)),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::io("reading", path, &error))
}
