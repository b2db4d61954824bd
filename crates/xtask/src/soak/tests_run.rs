//! Long runs of tests that take their number from the environment.

use std::fmt::Write as _;

use super::page;
use crate::process::{succeeds, succeeds_read};
use crate::workspace::Root;
use crate::{Outcome, Stop, setup};

/// A test that can run long.
struct Campaign {
    argument: &'static str,
    /// Names how many.
    variable: &'static str,
    count: u64,
    package: &'static str,
    target: &'static str,
    test: &'static str,
    /// Lines of its output that begin so are rows of the table.
    row: &'static str,
    title: &'static str,
    head: &'static str,
    about: &'static str,
}

const CAMPAIGNS: [Campaign; 3] = [
    Campaign {
        argument: "--disk",
        variable: "COUNTERSIGN_DISK",
        count: 100_000,
        package: "countersign-engine",
        target: "power",
        test: "drawn_schedules_of_a_forgetful_disk",
        row: "schedules | ",
        title: "A disk that fails and forgets",
        head: "| | |\n|---|---|",
        about: "Each schedule is up to three lives of a process with a fault in each, power cuts between them, \
                and a last start, which is held to every receipt and every checkpoint that was given.",
    },
    Campaign {
        argument: "--kill",
        variable: "COUNTERSIGN_KILLS",
        count: 1000,
        package: "countersign-node",
        target: "kill_nine",
        test: "",
        row: "kills | ",
        title: "kill -9 under load",
        head: "| | |\n|---|---|",
        about: "The process is killed at bytes drawn over all that it writes: ground, second place, published \
                files.",
    },
    Campaign {
        argument: "--flips",
        variable: "COUNTERSIGN_FLIPS",
        count: 10_000,
        package: "countersign",
        target: "flips",
        test: "every_flipped_bit_is_found_mended_or_said_to_be_unread",
        row: "flips | ",
        title: "Flipped bits",
        head: "| file | what became of the flip | flips |\n|---|---|---|",
        about: "One bit at a time, half of them drawn over all bytes, half over the files. A segment is cut 4 KiB \
                behind its last record. None went unnoticed, or the run would have failed.",
    },
];

pub(super) fn run(root: &Root, argument: &str, rest: &[String]) -> Outcome {
    if argument == "--faults" && rest.is_empty() {
        return every_fault(root);
    }
    let known = CAMPAIGNS.iter().find(|one| one.argument == argument);
    let usage = |why: String| Stop::Usage(format!("soak: {why}"));
    let campaign = known.ok_or_else(|| usage(format!("`{argument}` is unknown")))?;
    let count = match rest {
        [] => campaign.count,
        [text] => text
            .parse()
            .map_err(|_| usage(format!("`{text}` is not a number")))?,
        _ => return Err(usage("one number at most".to_owned())),
    };
    campaign.run(root, count)
}

impl Campaign {
    fn run(&self, root: &Root, count: u64) -> Outcome {
        let commit = page::commit(root)?;
        let setting = format!("{}={count}", self.variable);
        let call = [
            &setting,
            "cargo",
            "test",
            "--package",
            self.package,
            "--test",
            self.target,
            "--",
            "--nocapture",
            self.test,
        ];
        let mut rows = Vec::new();
        let read = |line: &str| rows.extend(self.row_of(line));
        let ended = succeeds_read(root, &"env".into(), &call, read);
        let succeeded = ended.map_err(|error| Stop::Failed(format!("soak: {error}")))?;
        if !succeeded || rows.is_empty() {
            let text = format!("soak: {} failed; docs/soak.md is as it was", self.argument);
            return Err(Stop::Failed(text));
        }
        page::write_section(root, self.title, &self.body(&commit, count, &rows))
    }

    /// A row of the table, where a line of the test is one.
    fn row_of(&self, line: &str) -> Option<String> {
        line.trim_end().strip_prefix(self.row).map(str::to_owned)
    }

    fn body(&self, commit: &str, count: u64, rows: &[String]) -> String {
        let mut out = format!(
            "`cargo xtask soak {} {count}` at commit {commit}.\n\n{}\n",
            self.argument, self.head
        );
        for row in rows {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "| {row} |");
        }
        let _ = write!(out, "\n{}", self.about);
        out
    }
}

/// The tests of `crates/cli/tests/system_calls.rs` on every system call; a test run takes a few.
fn every_fault(root: &Root) -> Outcome {
    let missing = setup::install_missing(root);
    if !missing.is_empty() {
        return Err(Stop::Failed(format!("soak: MISSING {}", missing.join(" "))));
    }
    let call = ["COUNTERSIGN_FAULTS=all", "cargo", "test", "--release"];
    let rest = ["--package", "countersign", "--test", "system_calls"];
    let arguments: Vec<&str> = call.into_iter().chain(rest).collect();
    if succeeds(root, &"env".into(), &arguments) {
        return Ok(());
    }
    Err(Stop::Failed("soak: a system call that failed".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_from_the_rest() {
        let flips = &CAMPAIGNS[2];
        let line = "flips | settings | found | 7\n";
        assert_eq!(flips.row_of(line).as_deref(), Some("settings | found | 7"));
        assert_eq!(flips.row_of("test flips ... ok"), None);
        let body = flips.body("abc", 5, &["settings | found | 7".to_owned()]);
        assert!(body.contains("soak --flips 5` at commit abc"), "{body}");
        assert!(body.contains("|---|---|---|\n| settings | found | 7 |\n"));
    }

    #[test]
    fn wrong_calls_are_told() {
        let root = Root::at(std::path::PathBuf::from("/nowhere"));
        let call = |argument: &str, rest: &[&str]| {
            let rest: Vec<String> = rest.iter().map(|&text| text.to_owned()).collect();
            matches!(run(&root, argument, &rest), Err(Stop::Usage(_)))
        };
        assert!(call("--flop", &[]) && call("--kill", &["many"]) && call("--disk", &["1", "2"]));
    }
}
