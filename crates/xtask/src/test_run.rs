//! `cargo xtask test`: everything, in one go, with one line at the end that says what ran.
//!
//! Every step runs even if one before it failed, so that one run shows all there is to mend.

use std::path::PathBuf;

use crate::terminal::say;
use crate::tidy::{self, CHECKS};
use crate::workspace::Root;
use crate::{Command, Outcome, Stop, process, setup};

pub(crate) const COMMAND: Command = Command {
    name: "test",
    arguments: "",
    about: "install what tests need, test, tidy, clippy, fmt",
    help: "Runs `cargo test --workspace`, the checks of `cargo xtask tidy`, clippy with warnings as errors\n\
           and `cargo fmt --check`, all of them even if one fails, and ends with two lines that say what\n\
           ran. Where CI is set, Cargo.lock must be up to date and nothing is coloured.\n\n\
           Tests on real files look for them in the folder named by COUNTERSIGN_DATA, or else in\n\
           ../shared/data beside the clone, and do nothing where it is absent.",
    run,
};

/// The profile of `cargo test`: unoptimised code with overflow checks, built in the least time.
/// What must be fast in it has its own `opt-level` in the root manifest.
const TEST_PROFILE: &str = "test";

/// Set by every continuous integration.
const CI: &str = "CI";
const DATA: &str = "COUNTERSIGN_DATA";
const DATA_DEFAULT: &str = "../shared/data";

/// Counts over all `test result:` lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: usize,
    failed: usize,
    ignored: usize,
}

/// What came of each step.
struct Report {
    missing: Vec<&'static str>,
    tally: Tally,
    tests_succeed: bool,
    crates: usize,
    /// How many checks of tidy failed, or why it could not run.
    tidy: Result<usize, String>,
    clippy_succeeds: bool,
    fmt_succeeds: bool,
    data: PathBuf,
    data_is_present: bool,
}

fn run(root: &Root, arguments: &[String]) -> Outcome {
    if let Some(unknown) = arguments.first() {
        return Err(Stop::Usage(format!(
            "test takes no argument, got `{unknown}`; for a part use `cargo test -p CRATE`"
        )));
    }
    let is_ci = std::env::var_os(CI).is_some_and(|value| !value.is_empty() && value != "false");
    let report = all_steps(root, is_ci);
    say(&report.counts());
    say(&report.summary());
    if report.succeeds() {
        return Ok(());
    }
    Err(Stop::Failed("test failed".to_owned()))
}

fn all_steps(root: &Root, is_ci: bool) -> Report {
    let missing = setup::install_missing(root);
    let cargo = process::cargo();
    let data = std::env::var_os(DATA).map_or_else(|| root.path().join(DATA_DEFAULT), PathBuf::from);
    let (tally, tests_succeed) = tests(root, is_ci);
    Report {
        missing,
        tally,
        tests_succeed,
        crates: crates(root),
        tidy: tidy::report(root, &[]),
        clippy_succeeds: process::succeeds(
            root,
            &cargo,
            &with_ci(
                is_ci,
                &["clippy", "--workspace", "--all-targets"],
                &["--", "-D", "warnings"],
            ),
        ),
        fmt_succeeds: process::succeeds(root, &cargo, fmt_call(is_ci)),
        data_is_present: has_files(&data),
        data,
    }
}

fn tests(root: &Root, is_ci: bool) -> (Tally, bool) {
    let call = [
        "test",
        "--workspace",
        "--no-fail-fast",
        "--profile",
        TEST_PROFILE,
    ];
    let mut tally = Tally::default();
    let arguments = with_ci(is_ci, &call, &[]);
    let ended = process::succeeds_read(root, &process::cargo(), &arguments, |line| tally.add(line));
    let succeed = ended.unwrap_or_else(|error| {
        say(&format!("cargo test: {error}"));
        false
    });
    (tally, succeed)
}

/// In the continuous integration a build never rewrites the lock file.
fn with_ci<'a>(is_ci: bool, call: &[&'a str], rest: &[&'a str]) -> Vec<&'a str> {
    let added: &[&str] = if is_ci {
        &["--locked", "--color", "never"]
    } else {
        &[]
    };
    call.iter().chain(added).chain(rest).copied().collect()
}

/// rustfmt has its own switch for colours.
fn fmt_call(is_ci: bool) -> &'static [&'static str] {
    if is_ci {
        &["fmt", "--all", "--check", "--", "--color", "never"]
    } else {
        &["fmt", "--all", "--check"]
    }
}

fn crates(root: &Root) -> usize {
    crate::workspace::Tree::read(root).map_or(0, |tree| tree.packages.len())
}

fn has_files(folder: &PathBuf) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

impl Tally {
    /// `test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; ...`
    fn add(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in counts.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let count = words.next().and_then(|word| word.parse::<usize>().ok());
            match (count, words.next()) {
                (Some(count), Some("passed")) => self.passed += count,
                (Some(count), Some("failed")) => self.failed += count,
                (Some(count), Some("ignored")) => self.ignored += count,
                _ => {}
            }
        }
    }
}

impl Report {
    fn succeeds(&self) -> bool {
        self.missing.is_empty()
            && self.tests_succeed
            && self.tally.failed == 0
            && self.tidy == Ok(0)
            && self.clippy_succeeds
            && self.fmt_succeeds
    }

    /// A run that fails without a failed test (it did not build, or a process died) counts as one.
    fn counts(&self) -> String {
        let least = usize::from(!self.tests_succeed);
        format!(
            "{} passed, {} failed",
            self.tally.passed,
            self.tally.failed.max(least)
        )
    }

    fn summary(&self) -> String {
        let Tally {
            passed,
            failed,
            ignored,
        } = self.tally;
        let failure = if self.tests_succeed { "" } else { " FAILED" };
        let left_out = if ignored == 0 {
            String::new()
        } else {
            format!(", {ignored} ignored")
        };
        let tests = format!(
            "{} tests in {} crates{failure}{left_out}",
            passed + failed,
            self.crates
        );
        let tidy = match &self.tidy {
            Ok(0) => format!("tidy {} checks", CHECKS.len()),
            Ok(failed) => format!("tidy {failed} of {} checks FAILED", CHECKS.len()),
            Err(why) => format!("tidy FAILED ({why})"),
        };
        let data = if self.data_is_present {
            "data present".to_owned()
        } else {
            format!(
                "data absent at {}: tests on real files did nothing",
                self.data.display()
            )
        };
        let verdict = |name: &str, good: &str, succeeds: bool| {
            if succeeds {
                format!("{name} {good}")
            } else {
                format!("{name} FAILED")
            }
        };
        let mut parts = vec![
            tests,
            tidy,
            verdict("clippy", "clean", self.clippy_succeeds),
            verdict("fmt", "clean", self.fmt_succeeds),
            data,
        ];
        if !self.missing.is_empty() {
            parts.push(format!("MISSING {}", self.missing.join(" ")));
        }
        format!("countersign: {}", parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean() -> Report {
        Report {
            missing: Vec::new(),
            tally: Tally {
                passed: 812,
                failed: 0,
                ignored: 0,
            },
            tests_succeed: true,
            crates: 24,
            tidy: Ok(0),
            clippy_succeeds: true,
            fmt_succeeds: true,
            data: PathBuf::from("x"),
            data_is_present: true,
        }
    }

    fn check(report: &Report, succeeds: bool, expect: &str) {
        let summary = report.summary();
        assert_eq!(report.succeeds(), succeeds, "{summary}");
        assert!(summary.contains(expect), "{summary}");
    }

    #[test]
    fn a_clean_run_is_told_in_one_line() {
        let expect = format!(
            "countersign: 812 tests in 24 crates, tidy {} checks, clippy clean, fmt clean, data present",
            CHECKS.len()
        );
        assert_eq!(clean().summary(), expect);
        assert_eq!(clean().counts(), "812 passed, 0 failed");
        check(
            &Report {
                data_is_present: false,
                ..clean()
            },
            true,
            "data absent at x: tests on real files did nothing",
        );
    }

    #[test]
    fn a_run_that_did_not_end_well_never_counts_as_none_failed() {
        let report = Report {
            tally: Tally::default(),
            tests_succeed: false,
            ..clean()
        };
        assert_eq!(report.counts(), "0 passed, 1 failed");
        check(&report, false, "0 tests in 24 crates FAILED");
    }

    #[test]
    fn each_failing_step_fails_the_run_and_is_told() {
        check(
            &Report {
                tests_succeed: false,
                ..clean()
            },
            false,
            "812 tests in 24 crates FAILED",
        );
        check(
            &Report {
                tidy: Ok(2),
                ..clean()
            },
            false,
            "tidy 2 of",
        );
        check(
            &Report {
                tidy: Err("no git".to_owned()),
                ..clean()
            },
            false,
            "tidy FAILED (no git)",
        );
        check(
            &Report {
                clippy_succeeds: false,
                ..clean()
            },
            false,
            "clippy FAILED",
        );
        check(
            &Report {
                fmt_succeeds: false,
                ..clean()
            },
            false,
            "fmt FAILED",
        );
        check(
            &Report {
                missing: vec!["a-package"],
                ..clean()
            },
            false,
            "MISSING a-package",
        );
    }

    #[test]
    fn results_are_added_up() {
        let mut tally = Tally::default();
        tally.add("test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n");
        tally.add("test result: FAILED. 7 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s\n");
        tally.add("test a::b ... ok\n");
        tally.add("running 5 tests, 3 passed\n");
        assert_eq!(
            tally,
            Tally {
                passed: 12,
                failed: 2,
                ignored: 1
            }
        );
    }

    #[test]
    fn the_lock_file_is_held_in_the_continuous_integration() {
        assert_eq!(
            with_ci(true, &["clippy"], &["--", "-D"]),
            ["clippy", "--locked", "--color", "never", "--", "-D"]
        );
        assert_eq!(with_ci(false, &["test"], &[]), ["test"]);
    }
}
