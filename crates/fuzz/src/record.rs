//! What was run in all: docs/fuzzing.toml, which `--record` adds to, and docs/fuzzing.md, the page
//! made of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;

use serde::{Deserialize, Serialize};

use crate::{Project, TARGETS};

const NUMBERS: &str = "docs/fuzzing.toml";
const PAGE: &str = "docs/fuzzing.md";

const HEAD: &str = "\
# Kept by `cargo xtask fuzz --record`; `found` is written by hand, one sentence for each fault.
# After a change by hand: `cargo xtask fuzz --page`.

";

const PROSE: &str = "\
# Fuzzing

Every parser of outside bytes has a target in [crates/fuzz](../crates/fuzz/src/lib.rs): it reads hostile
bytes and asserts what must hold of what it read. A short run of all of them is in the tests; longer runs
are made by hand and add up here.

```
cargo xtask fuzz                           # every target, a minute each
cargo xtask fuzz pack --seconds 600        # one, longer
cargo xtask fuzz --coverage --seconds 600  # by libFuzzer: rustup toolchain install nightly, cargo install cargo-fuzz
cargo xtask fuzz pack --input FILE         # what failed, and where
```

Add `--record` to add a run to this page. An execution may take 2 seconds, and a process 1 GiB of
address space; beyond that it has failed. Seeds are the frozen vectors, the examples, and the
kept corpus in `crates/fuzz/corpus/`: inputs that once failed and inputs that reach what nothing else
does. Minutes are those of one core.

";

/// What was run of one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ran {
    /// Milliseconds of mutation without coverage.
    pub mutation_ms: u64,
    /// Executions of it.
    pub mutation_executions: u64,
    /// Milliseconds under libFuzzer.
    pub coverage_ms: u64,
    /// Executions of it.
    pub coverage_executions: u64,
    /// Faults that were found, one sentence each.
    pub found: Vec<String>,
}

/// All targets that were ever run, by name.
pub type Record = BTreeMap<String, Ran>;

/// Reads the record.
///
/// # Errors
/// A file that is there and is not of this form.
pub fn read(project: &Project) -> io::Result<Record> {
    match fs::read_to_string(project.root().join(NUMBERS)) {
        Ok(text) => toml::from_str(&text).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Record::new()),
        Err(error) => Err(error),
    }
}

/// Writes the record and its page.
///
/// # Errors
/// Those of the file system.
pub fn write(project: &Project, record: &Record) -> io::Result<()> {
    let numbers = toml::to_string(record).map_err(io::Error::other)?;
    fs::write(project.root().join(NUMBERS), format!("{HEAD}{numbers}"))?;
    fs::write(project.root().join(PAGE), page(record))
}

/// The page of a record.
#[must_use]
pub fn page(record: &Record) -> String {
    let mut out = String::from(PROSE);
    out.push_str("| target | what must hold | minutes | with coverage | executions | found |\n");
    out.push_str("|---|---|---|---|---|---|\n");
    let none = Ran::default();
    let mut sum = Ran::default();
    let mut row = |name: &str, what: &str, ran: &Ran, found: usize| {
        let minutes = |ms: u64| format!("{}.{}", ms / 60_000, ms % 60_000 / 6_000);
        let executions = ran.mutation_executions + ran.coverage_executions;
        let (mutation, coverage) = (minutes(ran.mutation_ms), minutes(ran.coverage_ms));
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "| {name} | {what} | {mutation} | {coverage} | {executions} | {found} |"
        );
    };
    for target in TARGETS {
        let ran = record.get(target.name).unwrap_or(&none);
        row(target.name, target.what, ran, ran.found.len());
        sum.mutation_ms += ran.mutation_ms;
        sum.mutation_executions += ran.mutation_executions;
        sum.coverage_ms += ran.coverage_ms;
        sum.coverage_executions += ran.coverage_executions;
        sum.found.extend_from_slice(&ran.found);
    }
    row("all", "", &sum, sum.found.len());
    out.push_str("\n## Found\n\n");
    for (name, ran) in record {
        for found in &ran.found {
            let _ = writeln!(out, "- {name}: {found}");
        }
    }
    if sum.found.is_empty() {
        out.push_str("Nothing yet.\n");
    }
    out
}
