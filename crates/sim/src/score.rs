//! The score: findings against planted truth (docs/formats/scenario.md §5).
//!
//! A finding *matches* an act when its kind is of the family of one of the act's, place and time
//! fit, and it names at least half of the act's units and at most twice as many others; an act
//! without units (amounts) is matched by lot. An act is found by the first finding that matches
//! and stands. Whatever else stands and speaks of the same units in a kind that the row lists is
//! neither found nor false; everything that no row speaks for is false, and so is what was taken
//! back, unless its kind is allowed there or what took its place finds the same act.

mod kinds;
mod matching;
mod sums;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use countersign_model::time::{Span, Timestamp};
use serde_json::Value;

use crate::finding::{Finding, FindingError};
use crate::folder::Folder;
use crate::limits::LINE_BYTES_MAX;
use crate::truth::{TruthError, TruthRow};
use matching::{Bearing, Index, Known};

pub use sums::{FamilyScore, Seconds};

/// What became of one row of the truth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreRow {
    /// Of the truth.
    pub id: String,
    /// Of the truth.
    pub family: String,
    /// An act, or a look-alike.
    pub act: bool,
    /// Plans and claims show it.
    pub detectable: bool,
    /// The finding that found the act, and when it was opened.
    pub finding: Option<(String, Timestamp)>,
    /// All that found it, the first among them.
    pub found_by: Vec<String>,
    /// From `detectable_from` to that finding.
    pub time_to_finding: Option<Span>,
    /// From the beginning of the act to that finding.
    pub time_from_act: Option<Span>,
    /// Findings that were tolerated here.
    pub tolerated: usize,
    /// Ids of findings about this row that are false.
    pub false_findings: Vec<String>,
}

/// How well a world was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Acts planted.
    pub planted: usize,
    /// Acts that plans and claims show.
    pub detectable: usize,
    /// Acts found.
    pub found: usize,
    /// Acts found of the detectable ones.
    pub found_detectable: usize,
    /// Detectable acts not found.
    pub missed: usize,
    /// Findings that find an act.
    pub true_findings: usize,
    /// Findings that nothing in the truth speaks for, or that were taken back.
    pub false_findings: usize,
    /// Look-alikes planted.
    pub lookalikes: usize,
    /// Findings read.
    pub findings: usize,
    /// Units of the world, if they are known.
    pub units: Option<usize>,
    /// False findings that were taken back.
    pub retracted_false: usize,
    /// Findings taken back that had found no act.
    pub retracted_right: usize,
    /// Findings taken back that had found an act, which nothing finds instead.
    pub retracted_wrong: usize,
    /// From `detectable_from` to the finding.
    pub seconds_to_finding: Option<Seconds>,
    /// From the beginning of the act to the finding.
    pub seconds_from_act: Option<Seconds>,
    /// How long false findings stood that were taken back.
    pub seconds_stood: Option<Seconds>,
    /// The same, one by one.
    stood: Vec<i64>,
    /// Families in the order of their words, acts first.
    pub families: Vec<FamilyScore>,
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
    // The folder of the truth says how many units there are; a truth alone has a score too.
    let folder = truth.parent().map(Folder::open);
    let units = folder
        .and_then(Result::ok)
        .and_then(|folder| folder.units());
    Ok(judge(&rows, &findings, units))
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

/// Compares rows and findings that are read already.
#[must_use]
pub fn judge(rows: &[TruthRow], findings: &[Finding], units: Option<usize>) -> Score {
    let known: Vec<Known<'_>> = rows.iter().map(Known::of).collect();
    let index = Index::of(&known);
    let mut score = Score {
        findings: findings.len(),
        units,
        rows: rows.iter().map(ScoreRow::of).collect(),
        ..Score::default()
    };
    let mut retracted = Vec::new();
    for finding in findings.iter().filter(|one| !kinds::is_remark(&one.kind)) {
        let bearings = Bearings::of(&known, &index, finding);
        if finding.is_retracted() {
            retracted.push((finding, bearings));
        } else {
            score.take(rows, finding, &bearings);
        }
    }
    for (finding, bearings) in &retracted {
        let stood = score.take_retracted(finding, bearings);
        score.stood.extend(stood);
    }
    score.sum_up();
    score
}

/// What a finding has to do with the rows that it may concern.
#[derive(Debug)]
struct Bearings {
    by_row: Vec<(usize, Bearing)>,
    /// Several rows together speak for it, or one.
    is_spoken_for: bool,
    /// A row allows such a finding, standing or not.
    is_allowed: bool,
}

impl Bearings {
    fn of(known: &[Known<'_>], index: &Index, finding: &Finding) -> Self {
        let rows = index.rows(finding);
        let rows = rows.iter().filter_map(|no| Some((*no, known.get(*no)?)));
        let bearings = |by_place| -> Vec<(usize, Bearing)> {
            let rows = rows.clone();
            rows.map(|(no, row)| (no, row.bearing(finding, by_place)))
                .collect()
        };
        // Who names goods or papers of one row does not speak of all others at that place.
        let mut by_row = bearings(false);
        if by_row.iter().all(|(_, bearing)| *bearing == Bearing::None) {
            by_row = bearings(true);
        }
        let tolerated = |(_, bearing): &(usize, Bearing)| *bearing == Bearing::Tolerated;
        let together = |speaks: &dyn Fn(&Known<'_>) -> bool| {
            let rows = rows.clone().filter(|(_, row)| speaks(row));
            let units: BTreeSet<&String> = rows.flat_map(|(_, row)| &row.units).collect();
            let named = finding.units.iter().filter(|unit| units.contains(unit));
            let named = named.count();
            named > 0 && named * 2 >= finding.units.len()
        };
        let is_allowed = by_row.iter().any(|(no, bearing)| {
            *bearing != Bearing::None && known.get(*no).is_some_and(|row| row.allows(finding))
        });
        Self {
            is_spoken_for: by_row.iter().any(tolerated) || together(&|row| row.tolerates(finding)),
            is_allowed: is_allowed || together(&|row| row.allows(finding)),
            by_row,
        }
    }

    fn rows(&self, wanted: Bearing) -> impl Iterator<Item = usize> {
        let rows = self.by_row.iter();
        rows.filter(move |(_, bearing)| *bearing == wanted)
            .map(|(no, _)| *no)
    }

    fn has(&self, wanted: Bearing) -> bool {
        self.rows(wanted).next().is_some()
    }
}

impl ScoreRow {
    fn of(row: &TruthRow) -> Self {
        Self {
            id: row.id.clone(),
            family: row.family.clone(),
            act: row.act,
            detectable: row.detectable_from.is_some(),
            finding: None,
            found_by: Vec::new(),
            time_to_finding: None,
            time_from_act: None,
            tolerated: 0,
            false_findings: Vec::new(),
        }
    }

    /// The earliest finding counts.
    fn take_find(&mut self, row: &TruthRow, finding: &Finding) {
        self.found_by.push(finding.id.clone());
        if let Some((_, before)) = &self.finding {
            self.tolerated += 1;
            if *before <= finding.opened_at {
                return;
            }
        }
        let from = row.detectable_from.as_ref().map(|from| from.at);
        self.time_to_finding = from.map(|from| finding.opened_at.since(from));
        self.time_from_act = Some(finding.opened_at.since(row.from));
        self.finding = Some((finding.id.clone(), finding.opened_at));
    }
}

impl Score {
    fn take(&mut self, rows: &[TruthRow], finding: &Finding, bearings: &Bearings) {
        if bearings.has(Bearing::Finds) {
            self.true_findings += 1;
            for no in bearings.rows(Bearing::Finds) {
                if let (Some(to), Some(row)) = (self.rows.get_mut(no), rows.get(no)) {
                    to.take_find(row, finding);
                }
            }
            return;
        }
        for no in bearings.rows(Bearing::Tolerated) {
            if let Some(row) = self.rows.get_mut(no) {
                row.tolerated += 1;
            }
        }
        let accused = |no: &usize| self.rows.get(*no).is_some_and(|row| !row.act);
        let accuses = bearings.rows(Bearing::Accuses).any(|no| accused(&no));
        if accuses || !bearings.is_spoken_for {
            self.take_false(finding, bearings);
        }
    }

    /// Counts once as false what was taken back, unless its kind is allowed there or what took
    /// its place finds the same act. How long it stood, if it is false.
    fn take_retracted(&mut self, finding: &Finding, bearings: &Bearings) -> Option<i64> {
        let found: Vec<usize> = bearings.rows(Bearing::Finds).collect();
        let is_replaced = found.iter().any(|no| {
            let found_by = self.rows.get(*no).into_iter().flat_map(|row| &row.found_by);
            let mut instead = found_by.filter(|id| finding.superseded_by.contains(id));
            instead.next().is_some()
        });
        let is_lost = |no: &usize| self.rows.get(*no).is_some_and(|row| row.finding.is_none());
        if !found.is_empty() && found.iter().all(is_lost) {
            self.retracted_wrong += 1;
        } else {
            self.retracted_right += 1;
        }
        if is_replaced || bearings.is_allowed {
            let spoken_for = bearings.by_row.iter().filter(|(_, b)| *b != Bearing::None);
            for (no, _) in spoken_for {
                if let Some(row) = self.rows.get_mut(*no) {
                    row.tolerated += 1;
                }
            }
            return None;
        }
        self.take_false(finding, bearings);
        self.retracted_false += 1;
        let until = finding.changed_at.unwrap_or(finding.opened_at);
        Some(until.since(finding.opened_at).ms() / 1000)
    }

    fn take_false(&mut self, finding: &Finding, bearings: &Bearings) {
        self.false_ids.push(finding.id.clone());
        for (no, _) in bearings.by_row.iter().filter(|(_, b)| *b != Bearing::None) {
            if let Some(row) = self.rows.get_mut(*no) {
                row.false_findings.push(finding.id.clone());
            }
        }
    }

    /// Of several worlds together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.true_findings += other.true_findings;
        self.findings += other.findings;
        // Shares of units that are not known are not known either.
        self.units = self.units.zip(other.units).map(|(one, more)| one + more);
        self.retracted_false += other.retracted_false;
        self.retracted_right += other.retracted_right;
        self.retracted_wrong += other.retracted_wrong;
        self.stood.extend(other.stood);
        self.rows.extend(other.rows);
        self.false_ids.extend(other.false_ids);
        self.sum_up();
        self
    }

    fn sum_up(&mut self) {
        let sums = [
            &mut self.planted,
            &mut self.detectable,
            &mut self.found,
            &mut self.found_detectable,
            &mut self.lookalikes,
        ];
        for sum in sums {
            *sum = 0;
        }
        self.seconds_stood = Seconds::of(self.stood.clone());
        let mut families: BTreeMap<(bool, &str), Vec<&ScoreRow>> = BTreeMap::new();
        for row in &self.rows {
            let rows = families.entry((!row.act, row.family.as_str()));
            rows.or_default().push(row);
        }
        let families = families.into_iter();
        self.families = families
            .map(|((_, family), rows)| FamilyScore::of(family, &rows))
            .collect();
        for family in &self.families {
            if family.act {
                self.planted += family.planted;
                self.detectable += family.detectable;
                self.found += family.found;
                self.found_detectable += family.found_detectable;
            } else {
                self.lookalikes += family.planted;
            }
        }
        self.missed = self.detectable - self.found_detectable;
        self.false_findings = self.false_ids.len();
        let spans = |of: fn(&ScoreRow) -> Option<Span>| {
            let spans = self.rows.iter().filter_map(of);
            Seconds::of(spans.map(|span| span.ms() / 1000).collect())
        };
        self.seconds_to_finding = spans(|row| row.time_to_finding);
        self.seconds_from_act = spans(|row| row.time_from_act);
    }
}

impl FamilyScore {
    fn of(family: &str, rows: &[&ScoreRow]) -> Self {
        let count = |is: fn(&ScoreRow) -> bool| rows.iter().filter(|row| is(row)).count();
        let false_ids = rows.iter().flat_map(|row| &row.false_findings);
        let spans = rows.iter().filter_map(|row| row.time_to_finding);
        Self {
            family: family.to_owned(),
            act: rows.iter().any(|row| row.act),
            planted: rows.len(),
            detectable: count(|row| row.detectable),
            found: count(|row| row.finding.is_some()),
            found_detectable: count(|row| row.detectable && row.finding.is_some()),
            false_findings: false_ids.collect::<BTreeSet<&String>>().len(),
            seconds_to_finding: Seconds::of(spans.map(|span| span.ms() / 1000).collect()),
        }
    }
}

#[cfg(test)]
mod tests;
