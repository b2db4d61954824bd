//! The score: findings against planted truth (docs/formats/scenario.md §5).
//!
//! A finding *matches* an act when its kind is one of the act's, it names at least half of the
//! act's units and at most twice as many others; what has no units (amounts, a rewritten event)
//! matches by lot, manifest, or place and time. An act is found by the first finding that
//! matches and stands. Whatever else speaks of the same units in a kind that the row lists is
//! neither found nor false; everything that no row speaks for is false.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use countersign_model::time::{Span, Timestamp};
use serde_json::{Value, json};

use crate::finding::{Finding, FindingError, canonical};
use crate::limits::LINE_BYTES_MAX;
use crate::truth::{TruthError, TruthRow};

/// Kinds of findings that say that goods were taken: never tolerated on innocents while they stand.
pub const THEFT_KINDS: [&str; 4] = [
    "missing_units",
    "quantity_gap",
    "weight_gap",
    "conflicting_claim",
];

/// What became of one row of the truth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreRow {
    /// Of the truth.
    pub id: String,
    /// Of the truth.
    pub family: String,
    /// An act, or a look-alike.
    pub act: bool,
    /// The finding that found the act.
    pub finding: Option<String>,
    /// From `detectable_from` to that finding.
    pub time_to_finding: Option<Span>,
    /// Findings that were tolerated here.
    pub tolerated: usize,
    /// Ids of findings on this look-alike that are false.
    pub false_findings: Vec<String>,
}

/// How well a day was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Acts planted.
    pub planted: usize,
    /// Acts found.
    pub found: usize,
    /// Acts not found.
    pub missed: usize,
    /// Findings that nothing in the truth speaks for.
    pub false_findings: usize,
    /// Look-alikes planted.
    pub lookalikes: usize,
    /// Findings read.
    pub findings: usize,
    /// Family of acts → (planted, found).
    pub by_family: BTreeMap<String, (usize, usize)>,
    /// Seconds from `detectable_from` to the finding: median and largest; `None` without finds.
    pub seconds_to_finding: Option<(i64, i64)>,
    /// One for each row of the truth, in its order.
    pub rows: Vec<ScoreRow>,
    /// Ids of the false findings, in the order read.
    pub false_ids: Vec<String>,
}

/// Why there is no score.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is no JSON.
    #[error("{}:{line}: not JSON", path.display())]
    Json {
        /// Of which file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// A line is no row of the truth.
    #[error("{}:{line}", path.display())]
    Truth {
        /// Of which file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// Why.
        source: TruthError,
    },
    /// A line is no finding.
    #[error("{}:{line}", path.display())]
    Finding {
        /// Of which file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// Why.
        source: FindingError,
    },
}

/// Compares the findings in one file (JSON lines) with the truth in another.
///
/// # Errors
/// [`ScoreError`] names file and line.
pub fn score(truth: &Path, findings: &Path) -> Result<Score, ScoreError> {
    let rows = read_lines(truth, |value, line| {
        TruthRow::from_json(value).map_err(|source| ScoreError::Truth {
            path: truth.to_owned(),
            line,
            source,
        })
    })?;
    let findings = read_lines(findings, |value, line| {
        Finding::from_json(value).map_err(|source| ScoreError::Finding {
            path: findings.to_owned(),
            line,
            source,
        })
    })?;
    Ok(judge(&rows, &findings))
}

fn read_lines<T>(
    path: &Path,
    read: impl Fn(&Value, usize) -> Result<T, ScoreError>,
) -> Result<Vec<T>, ScoreError> {
    let failed = |source| ScoreError::Read {
        path: path.to_owned(),
        source,
    };
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let mut out = Vec::new();
    let mut text = String::new();
    for line in 1.. {
        text.clear();
        let limit = LINE_BYTES_MAX as u64;
        let len = io::Read::take(&mut file, limit)
            .read_line(&mut text)
            .map_err(failed)?;
        if len == 0 {
            break;
        }
        if len == LINE_BYTES_MAX && !text.ends_with('\n') {
            return Err(failed(io::Error::other("a line is longer than 8 MiB")));
        }
        if text.trim().is_empty() {
            continue;
        }
        let value = serde_json::from_str(&text).map_err(|source| ScoreError::Json {
            path: path.to_owned(),
            line,
            source,
        })?;
        out.push(read(&value, line)?);
    }
    Ok(out)
}

/// What a finding and a row have to do with one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bearing {
    /// It finds the act.
    Finds,
    /// It speaks of the same goods in a kind that the row lists.
    Tolerated,
    /// It speaks of a look-alike as it must not.
    Accuses,
    /// Nothing.
    None,
}

/// A row with its keys in canonical spelling.
struct Known<'a> {
    row: &'a TruthRow,
    units: BTreeSet<String>,
    places: BTreeSet<String>,
    /// Lots, manifests and counts.
    subjects: BTreeSet<String>,
}

/// Compares rows and findings that are read already.
#[must_use]
pub fn judge(rows: &[TruthRow], findings: &[Finding]) -> Score {
    let known: Vec<Known<'_>> = rows.iter().map(Known::of).collect();
    let mut score = Score {
        findings: findings.len(),
        rows: rows.iter().map(empty_row).collect(),
        ..Score::default()
    };
    for finding in findings {
        let bearings: Vec<Bearing> = known.iter().map(|row| row.bearing(finding)).collect();
        let is_on_act = bearings.contains(&Bearing::Finds);
        let is_tolerated = bearings.contains(&Bearing::Tolerated);
        for ((row, bearing), known) in score.rows.iter_mut().zip(&bearings).zip(rows) {
            match bearing {
                Bearing::Finds => row.take_find(known, finding, findings),
                Bearing::Tolerated => row.tolerated += 1,
                Bearing::Accuses if !is_on_act => row.false_findings.push(finding.id.clone()),
                Bearing::Accuses | Bearing::None => {}
            }
        }
        let accuses = bearings.contains(&Bearing::Accuses);
        let is_spoken_for = is_tolerated || is_spoken_for_together(&known, finding);
        if !is_on_act && (accuses || !is_spoken_for) {
            score.false_ids.push(finding.id.clone());
        }
    }
    score.sum_up();
    score
}

/// At least half of its units belong to rows that each tolerate such a finding: it takes
/// several matters together that look alike.
fn is_spoken_for_together(known: &[Known<'_>], finding: &Finding) -> bool {
    let rows = known.iter().filter(|row| row.tolerates(finding));
    let units: BTreeSet<&String> = rows.flat_map(|row| &row.units).collect();
    let named = finding.units.iter().filter(|unit| units.contains(unit));
    let named = named.count();
    named > 0 && named * 2 >= finding.units.len()
}

fn empty_row(row: &TruthRow) -> ScoreRow {
    ScoreRow {
        id: row.id.clone(),
        family: row.family.clone(),
        act: row.act,
        finding: None,
        time_to_finding: None,
        tolerated: 0,
        false_findings: Vec::new(),
    }
}

impl ScoreRow {
    /// The earliest finding counts.
    fn take_find(&mut self, row: &TruthRow, finding: &Finding, all: &[Finding]) {
        let opened = |id: &str| {
            let earlier = all.iter().find(|other| other.id == id);
            earlier.map(|other| other.opened_at)
        };
        let before = self.finding.as_deref().and_then(opened);
        if before.is_some_and(|at| at <= finding.opened_at) {
            self.tolerated += 1;
            return;
        }
        if self.finding.is_some() {
            self.tolerated += 1;
        }
        let from = row.detectable_from.as_ref().map(|from| from.at);
        self.time_to_finding = from.map(|from: Timestamp| finding.opened_at.since(from));
        self.finding = Some(finding.id.clone());
    }
}

impl<'a> Known<'a> {
    fn of(row: &'a TruthRow) -> Self {
        let keys = |list: &[String]| list.iter().map(|key| canonical(key)).collect();
        let mut subjects: BTreeSet<String> = keys(&row.classes);
        if subjects.is_empty() {
            subjects = keys(&row.manifests);
        }
        Self {
            row,
            units: keys(&row.units),
            places: keys(&row.places),
            subjects,
        }
    }

    fn bearing(&self, finding: &Finding) -> Bearing {
        let is_in = |kinds: &[String]| kinds.contains(&finding.kind);
        let stands = !finding.is_retracted();
        if self.row.act && stands && is_in(&self.row.kinds) && self.is_matched(finding) {
            return Bearing::Finds;
        }
        if !self.is_concerned(finding) {
            return Bearing::None;
        }
        match (self.tolerates(finding), self.row.act) {
            (true, _) => Bearing::Tolerated,
            (false, true) => Bearing::None,
            (false, false) => Bearing::Accuses,
        }
    }

    /// A finding of that kind and severity is no lie about the row's goods.
    fn tolerates(&self, finding: &Finding) -> bool {
        let is_in = |kinds: &[String]| kinds.contains(&finding.kind);
        if self.row.act {
            return is_in(&self.row.kinds) || is_in(&self.row.allowed);
        }
        let is_theft = THEFT_KINDS.contains(&finding.kind.as_str());
        let is_harmless = !is_theft && finding.severity != "high";
        is_in(&self.row.allowed) && is_harmless
    }

    /// At least half of the act's units, and at most twice as many others.
    fn is_matched(&self, finding: &Finding) -> bool {
        if finding.units.is_empty() || self.units.is_empty() {
            return self.is_about(finding);
        }
        let named = finding.units.intersection(&self.units).count();
        let others = finding.units.len() - named;
        named * 2 >= self.units.len() && others <= self.units.len() * 2
    }

    /// Most of the finding's units are the row's, or it has none and is about the row.
    fn is_concerned(&self, finding: &Finding) -> bool {
        if finding.units.is_empty() || self.units.is_empty() {
            return self.is_about(finding);
        }
        let named = finding.units.intersection(&self.units).count();
        named > 0 && named * 2 >= finding.units.len()
    }

    /// It names the row's lot, or its manifest or count; or one of its places at its time.
    fn is_about(&self, finding: &Finding) -> bool {
        if !self.subjects.is_disjoint(&finding.mentions) {
            return true;
        }
        // Who names other goods speaks of those.
        if !finding.units.is_empty() {
            return false;
        }
        let (from, until) = finding.interval;
        let in_time = from.is_none_or(|from| from <= self.row.until)
            && until.is_none_or(|until| until >= self.row.from);
        let place = finding.place.as_ref();
        in_time && place.is_some_and(|place| self.places.contains(place))
    }
}

impl Score {
    fn sum_up(&mut self) {
        let mut seconds: Vec<i64> = Vec::new();
        for row in &self.rows {
            if !row.act {
                self.lookalikes += 1;
                continue;
            }
            self.planted += 1;
            let family = self.by_family.entry(row.family.clone()).or_default();
            family.0 += 1;
            if row.finding.is_some() {
                self.found += 1;
                family.1 += 1;
            }
            seconds.extend(row.time_to_finding.map(|span| span.ms() / 1000));
        }
        self.missed = self.planted - self.found;
        self.false_findings = self.false_ids.len();
        seconds.sort_unstable();
        let median = seconds.get(seconds.len().saturating_sub(1) / 2);
        self.seconds_to_finding = median.copied().zip(seconds.last().copied());
    }

    /// As one JSON object, without the rows.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let seconds = self
            .seconds_to_finding
            .map(|(median, max)| json!({"median": median, "max": max}));
        json!({
            "planted": self.planted,
            "found": self.found,
            "missed": self.missed,
            "false_findings": self.false_findings,
            "lookalikes": self.lookalikes,
            "seconds_to_finding": seconds,
        })
    }

    /// For people: one line a row of the truth, aligned.
    #[must_use]
    pub fn table(&self) -> String {
        let mut lines = vec![["row", "family", "outcome", "after"].map(str::to_owned)];
        for row in &self.rows {
            let outcome = match (row.act, &row.finding, row.false_findings.len()) {
                (true, Some(_), _) => "found".to_owned(),
                (true, None, _) => "MISSED".to_owned(),
                (false, _, 0) if row.tolerated > 0 => "noted, not accused".to_owned(),
                (false, _, 0) => "quiet".to_owned(),
                (false, _, n) => format!("FALSE x{n}"),
            };
            let after = row.time_to_finding.map(|span| span.to_string());
            lines.push([
                row.id.clone(),
                row.family.clone(),
                outcome,
                after.unwrap_or_default(),
            ]);
        }
        aligned(&lines)
    }
}

/// Columns padded to their widest cell.
fn aligned(lines: &[[String; 4]]) -> String {
    let mut widths = [0_usize; 4];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    for line in lines {
        let cells = line.iter().zip(widths);
        let padded: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        out.push_str(padded.join("  ").trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests;
