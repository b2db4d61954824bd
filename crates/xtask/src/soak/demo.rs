//! The demo on many random seeds, in release. Seeds that fail become fixed seeds of
//! `crates/cli/tests/demo.rs`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use super::page;
use crate::process::{cargo, output, succeeds};
use crate::terminal::say;
use crate::{Outcome, Stop, workspace::Root};

/// Runs at once: the cores that the project plans for.
const AT_ONCE: usize = 2;
/// Its section of docs/soak.md.
const SECTION: &str = "The demo on many seeds";

#[derive(Default)]
struct Sums {
    runs: u64,
    planted: u64,
    found: u64,
    missed: u64,
    false_findings: u64,
    slowest_seconds: u64,
    failed: Vec<(u64, String)>,
}

pub(super) fn run(root: &Root, arguments: &[String]) -> Outcome {
    let number = |at: usize, default: u64| match arguments.get(at) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .map_err(|_| Stop::Usage(format!("soak: `{text}` is not a number"))),
    };
    let (seeds, first) = (number(0, 1000)?, number(1, 1)?);
    let build = ["build", "--release", "--package", "countersign"];
    if !succeeds(root, &cargo(), &build) {
        return Err(Stop::Failed("soak: the program does not build".to_owned()));
    }
    let campaign = Campaign::prepare(root, first)?;
    let next = AtomicU64::new(0);
    let sums = Mutex::new(Sums::default());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    if at >= seeds {
                        return;
                    }
                    let seed = seed_of(first, at);
                    let result = one(&campaign.binary, seed);
                    let mut sums = sums
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner);
                    sums.add(seed, result);
                    if sums.runs % 20 == 0 {
                        say(&format!(
                            "{} of {seeds} days, {} failed",
                            sums.runs,
                            sums.failed.len()
                        ));
                        campaign.write(root, &sums);
                    }
                }
            });
        }
    });
    let sums = sums
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    page::write_section(root, SECTION, &campaign.body(&sums))?;
    if sums.failed.is_empty() {
        return Ok(());
    }
    Err(Stop::Failed(format!(
        "soak: {} of {} days failed",
        sums.failed.len(),
        sums.runs
    )))
}

/// SplitMix64: the seeds of a campaign are spread, and the same campaign has the same seeds.
fn seed_of(first: u64, at: u64) -> u64 {
    let mut z = first.wrapping_add(at.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One campaign: the program as it was when it began, whatever is built meanwhile.
struct Campaign {
    folder: PathBuf,
    binary: PathBuf,
    commit: String,
    first: u64,
}

impl Campaign {
    fn prepare(root: &Root, first: u64) -> Result<Self, Stop> {
        let failed = |error: std::io::Error| Stop::Failed(format!("soak: {error}"));
        let folder = std::env::temp_dir().join(format!("countersign-soak-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let binary = folder.join("countersign");
        std::fs::copy(built(root)?, &binary).map_err(failed)?;
        let commit = page::commit(root)?;
        Ok(Self {
            folder,
            binary,
            commit,
            first,
        })
    }
}

impl Drop for Campaign {
    fn drop(&mut self) {
        // A folder that stays behind costs disk and nothing else.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Where cargo puts the program.
fn built(root: &Root) -> Result<PathBuf, Stop> {
    let metadata = output(
        root,
        &cargo(),
        &["metadata", "--format-version", "1", "--no-deps"],
    );
    let text = metadata.map_err(Stop::Failed)?;
    let value: Value =
        serde_json::from_slice(&text).map_err(|error| Stop::Failed(error.to_string()))?;
    let target = value
        .get("target_directory")
        .and_then(Value::as_str)
        .unwrap_or("target");
    Ok(Path::new(target).join("release/countersign"))
}

fn one(binary: &Path, seed: u64) -> Result<Value, String> {
    let dir = std::env::temp_dir().join(format!("countersign-soak-{}-{seed}", std::process::id()));
    let output = Command::new(binary)
        .args([
            "demo",
            "--one-day",
            "--json",
            "--without-receipts",
            "--seed",
            &seed.to_string(),
            "--dir",
        ])
        .arg(&dir)
        .output()
        .map_err(|error| error.to_string());
    // A folder that stays behind costs disk and nothing else.
    let _ = std::fs::remove_dir_all(&dir);
    let output = output?;
    let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    serde_json::from_slice(&output.stdout).map_err(|error| format!("{error}: {complaint}"))
}

impl Sums {
    fn add(&mut self, seed: u64, result: Result<Value, String>) {
        self.runs += 1;
        let value = match result {
            Ok(value) => value,
            Err(why) => return self.failed.push((seed, why)),
        };
        let number = |path: &str| {
            value
                .pointer(path)
                .and_then(Value::as_u64)
                .unwrap_or_default()
        };
        self.planted += number("/planted");
        self.found += number("/found");
        self.missed += number("/missed");
        self.false_findings += number("/false_findings");
        self.slowest_seconds = self.slowest_seconds.max(number("/seconds_to_finding/max"));
        let good =
            number("/planted") > 0 && number("/missed") == 0 && number("/false_findings") <= 1;
        if !good {
            self.failed.push((seed, value.to_string()));
        }
    }
}

impl Campaign {
    /// Writes what is known so far: a campaign of an hour that is broken off has not been for nothing.
    fn write(&self, root: &Root, sums: &Sums) {
        let written = page::write_section(root, SECTION, &self.body(sums));
        if let Err(Stop::Usage(why) | Stop::Failed(why)) = written {
            say(&format!("the page was not written: {why}"));
        }
    }

    fn body(&self, sums: &Sums) -> String {
        let mut out = String::from("| | |\n|---|---|\n");
        let rows = [
            ("commit", self.commit.clone()),
            ("days", sums.runs.to_string()),
            ("first of the campaign", self.first.to_string()),
            ("planted", sums.planted.to_string()),
            ("found", sums.found.to_string()),
            ("missed", sums.missed.to_string()),
            ("false findings", sums.false_findings.to_string()),
            (
                "longest from first evidence to finding",
                format!("{} s (simulated)", sums.slowest_seconds),
            ),
            ("days that failed", sums.failed.len().to_string()),
        ];
        for (name, value) in rows {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "| {name} | {value} |");
        }
        out.push_str(
            "\nA day fails if a planted loss is missed or more than one finding is false.\n",
        );
        for (seed, why) in &sums.failed {
            let _ = writeln!(out, "\n- seed {seed}: {why}");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_spread_and_fixed() {
        assert_eq!(seed_of(0, 0), 0xe220_a839_7b1d_cdaf);
        assert_ne!(seed_of(1, 0), seed_of(1, 1));
    }

    #[test]
    fn a_day_that_misses_or_accuses_fails() {
        let mut sums = Sums::default();
        let day = |missed: u64, wrong: u64| serde_json::json!({"planted": 11, "found": 11 - missed, "missed": missed, "false_findings": wrong});
        sums.add(1, Ok(day(0, 1)));
        assert!(sums.failed.is_empty());
        sums.add(2, Ok(day(1, 0)));
        sums.add(3, Ok(day(0, 2)));
        sums.add(4, Err("it ended".to_owned()));
        assert_eq!(
            sums.failed
                .iter()
                .map(|(seed, _)| *seed)
                .collect::<Vec<_>>(),
            [2, 3, 4]
        );
        assert_eq!((sums.runs, sums.planted, sums.found), (4, 33, 32));
    }
}
