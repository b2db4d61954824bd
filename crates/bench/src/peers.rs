//! The same reconciliation by others: who is short at the deadline, and how much of what is where.
//!
//! One file of JSON lines goes into each system, is read there, and is on the disk before it counts. A
//! row counts lines a second of all processes that a system needs, until its answer can be read. The
//! answers are compared line by line: a difference ends the run.

mod answer;
mod duckdb;
mod file;
mod ours;
mod postgres;
mod processes;

use std::path::{Path, PathBuf};

use crate::Failure;
use crate::clock::Span;
use crate::folder::Scratch;
use crate::ledger::Report;
use crate::table::{Bar, Row};
use crate::terminal::warn;
use answer::Answer;
use file::{GRACE_MINUTES, HUBS, WAREHOUSES, Written, site};
use postgres::Way;

/// Lines that are kept on the disk together, here and there.
const BATCH_LINES: usize = 5_000;
/// How many times PostgreSQL's rate is asked.
const RATIO_ASKED: f64 = 10.0;

/// What the command line asked for.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) units: u64,
    /// On whose disk is measured.
    pub(crate) dir: PathBuf,
    /// A Python that has the package `duckdb`, perhaps.
    pub(crate) python: PathBuf,
    json: Option<PathBuf>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            units: 200_000,
            dir: PathBuf::from("target/bench"),
            python: PathBuf::from("/usr/bin/python3"),
            json: None,
        }
    }
}

impl Plan {
    fn read(arguments: &[&str]) -> Result<Self, Failure> {
        let mut plan = Self::default();
        each_option(arguments, |name, value| {
            match name {
                "--units" => plan.units = value.parse()?,
                "--json" => plan.json = Some(PathBuf::from(value)),
                _ => return plan.take(name, value),
            }
            Ok(true)
        })?;
        Ok(plan)
    }

    /// Takes an option that tells where and by whom others are run; false for any other.
    pub(crate) fn take(&mut self, name: &str, value: &str) -> Result<bool, Failure> {
        match name {
            "--dir" => self.dir = PathBuf::from(value),
            "--python" => self.python = PathBuf::from(value),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Options with a value each; `take` says whether it knows one.
pub(crate) fn each_option(
    arguments: &[&str],
    mut take: impl FnMut(&str, &str) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let value = rest
            .next()
            .ok_or_else(|| format!("`{name}` needs a value"))?;
        if !take(name, value)? {
            return Err(format!("unknown option `{name}`").into());
        }
    }
    Ok(())
}

pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let plan = Plan::read(arguments)?;
    let report = Report::begin();
    let rows = rows(&plan)?;
    report.end(&rows, plan.json.as_deref())
}

/// A system with what it took.
struct Case {
    name: String,
    note: String,
    answer: Answer,
    span: Span,
}

/// Runs every system that is installed.
pub(crate) fn rows(plan: &Plan) -> Result<Vec<Row>, Failure> {
    std::fs::create_dir_all(&plan.dir)?;
    let scratch = Scratch::new(&plan.dir.canonicalize()?, "peers")?;
    let path = scratch.path().join("lines.jsonl");
    let written = file::write(&path, plan.units)?;
    let cases = cases(plan, (&path, &written), scratch.path())?;
    let Some((ours, others)) = cases.split_first() else {
        return Ok(Vec::new());
    };
    for other in others {
        ours.answer.same_as(&other.answer, &other.name)?;
    }
    let head = format!(
        "{} lines of {} bytes in the mean; {} lines of answer, {} of them short",
        written.lines,
        written.bytes / written.lines.max(1),
        ours.answer.len(),
        ours.answer.short()
    );
    let ours_rate = ours.span.per_cpu_second(written.lines);
    let row = |case: &Case| {
        let rate = case.span.per_cpu_second(written.lines);
        let is_bar = case.name.starts_with("PostgreSQL");
        let ratio = ours_rate / rate;
        let note = match case.name == ours.name {
            true => format!("{head}; {}", case.note),
            false if is_bar => case.note.clone(),
            false => format!("{}; ours is {ratio:.2} × that", case.note),
        };
        Row {
            case: case.name.clone(),
            per_cpu_second: Some(rate),
            per_second: Some(case.span.per_second(written.lines)),
            note,
            bar: is_bar.then(|| Bar::at_least("× that is ours", ratio, RATIO_ASKED)),
        }
    };
    Ok(cases.iter().map(row).collect())
}

fn cases(
    plan: &Plan,
    (path, written): (&Path, &Written),
    dir: &Path,
) -> Result<Vec<Case>, Failure> {
    let asked = include_str!("peers/answer.sql").replace("{now}", &written.end.to_string());
    let mut cases = Vec::new();
    let mut add = |name: &str, note: &str, (answer, span): (Answer, Span)| {
        cases.push(Case {
            name: name.to_owned(),
            note: note.to_owned(),
            answer,
            span,
        });
    };
    warn("the ledger");
    let note = "events checked whole, lines kept, a sync a batch; without signatures and proofs";
    add("the ledger", note, ours::run(path, written.end, dir)?);
    match postgres::programs() {
        None => warn("PostgreSQL is not installed: left out"),
        Some(bin) => {
            let ways = [
                (
                    Way::Triggers,
                    "PostgreSQL, triggers",
                    "COPY by batches of 5,000 lines, a commit and sync each",
                ),
                (
                    Way::Batch,
                    "PostgreSQL, batch",
                    "one COPY, one transaction, no indexes",
                ),
            ];
            for (way, name, note) in ways {
                warn(name);
                let own = Scratch::new(dir, name.rsplit(' ').next().unwrap_or(name))?;
                add(
                    name,
                    note,
                    postgres::run(way, &bin, (path, &asked), own.path())?,
                );
            }
        }
    }
    match duckdb::version(&plan.python) {
        None => warn("DuckDB is not installed: left out"),
        Some(version) => {
            warn("DuckDB");
            let note = format!("{version} in Python; the whole file in one transaction");
            add(
                "DuckDB, batch",
                &note,
                duckdb::run(&plan.python, (path, &asked), dir)?,
            );
        }
    }
    Ok(cases)
}

/// The lanes and how much later is in time, for both systems of tables.
fn lanes() -> String {
    let pairs =
        (0..WAREHOUSES).flat_map(|from| (WAREHOUSES..WAREHOUSES + HUBS).map(move |to| (from, to)));
    let rows = pairs.map(|(from, to)| {
        format!(
            "('{}', '{}', INTERVAL '{GRACE_MINUTES} minutes')",
            site(from),
            site(to)
        )
    });
    let rows: Vec<String> = rows.collect();
    format!("INSERT INTO lane VALUES {};\n", rows.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever is installed answers as the ledger does; the rest is left out.
    #[test]
    fn every_system_answers_alike() {
        let dir = std::env::temp_dir().join(format!("countersign-peers-{}", std::process::id()));
        let plan = Plan {
            units: 8_000,
            dir: dir.clone(),
            ..Plan::default()
        };
        let rows = rows(&plan).expect("the same answers");
        assert!(!rows.is_empty());
        if postgres::programs().is_some() {
            assert!(
                rows.iter()
                    .filter(|row| row.case.starts_with("PostgreSQL"))
                    .count()
                    == 2
            );
        }
        let _ = std::fs::remove_dir_all(dir);
    }
}
