//! The score in numbers: in all, a family, a row; as JSON and for people.

use serde_json::{Value, json};

use super::{Score, ScoreRow};

/// Seconds of a set of findings: the lower median, the 99th percentile, the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds {
    /// Half of them took no longer.
    pub median: i64,
    /// 99 in a hundred took no longer.
    pub p99: i64,
    /// None took longer.
    pub max: i64,
}

/// One family of acts or look-alikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyScore {
    /// Of the truth.
    pub family: String,
    /// Acts, or look-alikes.
    pub act: bool,
    /// Rows of the truth.
    pub planted: usize,
    /// Those that plans and claims show.
    pub detectable: usize,
    /// Those that a standing finding found.
    pub found: usize,
    /// Those found of the detectable ones.
    pub found_detectable: usize,
    /// False findings about them.
    pub false_findings: usize,
    /// From `detectable_from` to the finding.
    pub seconds_to_finding: Option<Seconds>,
}

impl Seconds {
    pub(super) fn of(mut seconds: Vec<i64>) -> Option<Self> {
        seconds.sort_unstable();
        let rank = |per_cent: usize| (seconds.len() * per_cent).div_ceil(100).saturating_sub(1);
        Some(Self {
            median: *seconds.get(seconds.len().saturating_sub(1) / 2)?,
            p99: *seconds.get(rank(99))?,
            max: *seconds.last()?,
        })
    }

    fn to_json(self) -> Value {
        json!({"median": self.median, "p99": self.p99, "max": self.max})
    }
}

/// To four places; `None` where there is nothing to divide by.
fn ratio(part: usize, whole: usize) -> Option<f64> {
    let [part, whole] = [part, whole].map(|count| u32::try_from(count).map(f64::from));
    match (part, whole) {
        (Ok(part), Ok(whole)) if whole > 0.0 => Some((part / whole * 1e4).round() / 1e4),
        _ => None,
    }
}

impl Score {
    /// Found of what could be known.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        ratio(self.found_detectable, self.detectable)
    }

    /// Findings that find, of those and the false ones.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        ratio(self.true_findings, self.true_findings + self.false_findings)
    }

    /// False findings for every 10,000 units, if it is known how many there are.
    #[must_use]
    pub fn false_per_10k_units(&self) -> Option<f64> {
        ratio(self.false_findings * 10_000, self.units?)
    }

    /// As one JSON object, without the rows.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let seconds = |seconds: Option<Seconds>| seconds.map(Seconds::to_json);
        let families: Vec<Value> = self.families.iter().map(FamilyScore::to_json).collect();
        json!({
            "planted": self.planted,
            "detectable": self.detectable,
            "found": self.found,
            "missed": self.missed,
            "false_findings": self.false_findings,
            "lookalikes": self.lookalikes,
            "findings": self.findings,
            "recall": self.recall(),
            "precision": self.precision(),
            "units": self.units,
            "false_per_10k_units": self.false_per_10k_units(),
            "seconds_to_finding": seconds(self.seconds_to_finding),
            "seconds_from_act": seconds(self.seconds_from_act),
            "retracted": {
                "right": self.retracted_right,
                "wrong": self.retracted_wrong,
                "false": self.retracted_false,
                "seconds_stood": seconds(self.seconds_stood),
            },
            "families": families,
        })
    }

    /// For people: one line a family, aligned, and the sums.
    #[must_use]
    pub fn families_table(&self) -> String {
        let head = [
            "family",
            "",
            "planted",
            "detectable",
            "found",
            "recall",
            "false",
            "median s",
            "p99 s",
        ];
        let mut lines = vec![head.map(str::to_owned).to_vec()];
        lines.extend(self.families.iter().map(FamilyScore::cells));
        lines.push(self.cells());
        aligned(&lines)
    }

    fn cells(&self) -> Vec<String> {
        let all = FamilyScore {
            family: "all".to_owned(),
            act: true,
            planted: self.planted,
            detectable: self.detectable,
            found: self.found,
            found_detectable: self.found_detectable,
            false_findings: self.false_findings,
            seconds_to_finding: self.seconds_to_finding,
        };
        all.cells()
    }

    /// For people: one line a row of the truth, aligned.
    #[must_use]
    pub fn table(&self) -> String {
        let mut lines = vec![
            ["row", "family", "outcome", "after"]
                .map(str::to_owned)
                .to_vec(),
        ];
        lines.extend(self.rows.iter().map(ScoreRow::cells));
        aligned(&lines)
    }
}

impl FamilyScore {
    fn to_json(&self) -> Value {
        json!({
            "family": self.family,
            "act": self.act,
            "planted": self.planted,
            "detectable": self.detectable,
            "found": self.found,
            "false": self.false_findings,
            "seconds_to_finding": self.seconds_to_finding.map(Seconds::to_json),
        })
    }

    fn cells(&self) -> Vec<String> {
        let number = |number: usize| {
            if self.act {
                number.to_string()
            } else {
                String::new()
            }
        };
        let seconds = self.seconds_to_finding;
        let second =
            |of: fn(Seconds) -> i64| seconds.map_or_else(String::new, |s| of(s).to_string());
        let recall = ratio(self.found_detectable, self.detectable);
        vec![
            self.family.clone(),
            if self.act { "" } else { "innocent" }.to_owned(),
            self.planted.to_string(),
            number(self.detectable),
            number(self.found),
            recall.map_or_else(String::new, |recall| format!("{recall:.2}")),
            self.false_findings.to_string(),
            second(|seconds| seconds.median),
            second(|seconds| seconds.p99),
        ]
    }
}

impl ScoreRow {
    fn cells(&self) -> Vec<String> {
        let outcome = match (self.act, &self.finding, self.false_findings.len()) {
            (true, Some(_), _) => "found".to_owned(),
            (true, None, _) if !self.detectable => "not detectable".to_owned(),
            (true, None, _) => "MISSED".to_owned(),
            (false, _, 0) if self.tolerated > 0 => "noted, not accused".to_owned(),
            (false, _, 0) => "quiet".to_owned(),
            (false, _, n) => format!("FALSE x{n}"),
        };
        let after = self.time_to_finding.map(|span| span.to_string());
        vec![
            self.id.clone(),
            self.family.clone(),
            outcome,
            after.unwrap_or_default(),
        ]
    }
}

/// Columns padded to their widest cell.
fn aligned(lines: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for line in lines {
        widths.resize(widths.len().max(line.len()), 0);
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths);
        let padded: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        out.push_str(padded.join("  ").trim_end());
        out.push('\n');
    }
    out
}
