//! One file of `capture`: read, sent to the log section by section, answered line by line.

use std::collections::BTreeMap;
use std::path::Path;

use countersign_attest::Submission;
use countersign_feeds::{ImportSection, Input, Line, ReadError, Salts, events, table};
use countersign_model::body::EnvelopeBody;
use countersign_node::request::Request;
use countersign_node::{Session, wire};
use serde_json::{Value, json};

use super::report::Report;
use super::{Counts, REJECTIONS_SHOWN};
use crate::fail::Failure;
use crate::random::Random;
use crate::ui;

/// The code that capture gives beside those of the formats.
const ERROR_CODES: [&str; 1] = ["not_taken"];
/// Bytes at the beginning of a file by which other formats are told.
const PEEK_BYTES: u64 = 64;

pub(super) struct OneFile<'a> {
    pub(super) session: &'a mut Session,
    /// The import of this run, from its first section on.
    pub(super) import: &'a mut Option<String>,
    pub(super) report: &'a mut Report,
    pub(super) counts: &'a mut Counts,
    pub(super) source: &'a str,
    pub(super) quiet: bool,
}

impl OneFile<'_> {
    pub(super) fn take(
        &mut self,
        path: &Path,
        map: Option<&[u8]>,
        atomic: bool,
    ) -> Result<(), Failure> {
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
        let bar = ui::progress(input.len(), "capture", self.quiet);
        bar.set_message(name.clone());
        let mut refused = 0;
        if atomic {
            // A file that cannot be read at all is answered by the second reading.
            let _ = each_section(&input, map, &mut |section| {
                bar.set_position(section.done);
                let lines = section.lines.iter();
                refused += lines
                    .filter(|line| matches!(line, Line::Refused { .. }))
                    .count();
                Ok(())
            });
        }
        let mut carried = Carried::default();
        let result = each_section(&input, map, &mut |section| {
            bar.set_position(section.done);
            if refused > 0 {
                self.turn_away(&name, &section.lines, refused)
            } else {
                self.section(&name, section, &mut carried)
            }
        });
        bar.finish_and_clear();
        result.or_else(|error| self.whole_file(&name, error, other_format(&input, map)))
    }

    /// Answers the lines of a file that is not taken because some of them are refused.
    fn turn_away(&mut self, name: &str, lines: &[Line], refused: usize) -> Result<(), Failure> {
        for line in lines {
            match line {
                Line::Refused {
                    line,
                    code,
                    field,
                    reason,
                } => self.reject(name, Some(*line), code, field, reason)?,
                Line::Claim { line, .. } => {
                    let refused = ui::counted(refused as u64, "line", "lines");
                    let reason = format!("in order, and not taken: {refused} of the file refused");
                    self.counts.rejected += 1;
                    let [code] = ERROR_CODES;
                    self.answer_rejected(name, Some(*line), code, "", &reason)?;
                }
            }
        }
        Ok(())
    }

    /// A file that cannot be taken at all is one rejected line; a failing disk or node ends the run.
    fn whole_file(
        &mut self,
        name: &str,
        error: ReadError<Failure>,
        hint: Option<&str>,
    ) -> Result<(), Failure> {
        match error {
            ReadError::Sink(failure) => Err(failure),
            ReadError::Io(error) => Err(Failure::new(format!("reading {name}: {error}"))),
            ReadError::Document {
                code,
                line,
                field,
                reason,
            } => {
                let reason = match hint {
                    Some(hint) => format!("{reason}; {hint}"),
                    None => reason,
                };
                self.reject(name, line, code, &field, &reason)
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
        self.answer_rejected(source, line, code, field, reason)
    }

    fn answer_rejected(
        &mut self,
        source: &str,
        line: Option<u64>,
        code: &str,
        field: &str,
        reason: &str,
    ) -> Result<(), Failure> {
        self.report.write(&json!({
            "source": source, "line": line, "status": "rejected", "code": code, "field": field, "reason": reason,
        }))
    }

    fn section(
        &mut self,
        name: &str,
        section: ImportSection,
        carried: &mut Carried,
    ) -> Result<(), Failure> {
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
        if self.import.is_none() {
            let opened = self.session.value(&Request::ImportOpen)?;
            let id = opened.get("id").and_then(Value::as_str);
            *self.import = id.map(str::to_owned);
        }
        let blob = wire::join(&[submission.encode()]);
        let request = Request::Import {
            source: self.source.to_owned(),
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

/// Reads a file, a table by `map` or else events, and hands its sections to `sink`.
fn each_section(
    input: &Input,
    map: Option<&[u8]>,
    sink: &mut dyn FnMut(ImportSection) -> Result<(), Failure>,
) -> Result<(), ReadError<Failure>> {
    let random = Random::default();
    let mut fill = |bytes: &mut [u8]| random.fill(bytes);
    let mut salts = Salts::new(&mut fill);
    let mut sink = |section| {
        random.check()?;
        sink(section)
    };
    match map {
        Some(map) => table::read(input, map, &mut salts, &mut sink),
        None => events::read(input, &mut salts, &mut sink),
    }
}

/// What to do with a file that is no JSON, as far as its first bytes tell.
fn other_format(input: &Input, map: Option<&[u8]>) -> Option<&'static str> {
    if map.is_some() {
        return None;
    }
    let bytes = input.range(0, input.len().min(PEEK_BYTES)).ok()?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    match bytes.trim_ascii_start().first() {
        Some(b'<') => Some("it looks like XML: EPCIS is taken as JSON (2.0); convert it first"),
        Some(b'{' | b'[') | None => None,
        Some(_) => Some("if it is a table, say with --map FILE what its columns mean"),
    }
}
