//! libFuzzer over the same targets, with the coverage that it sees: the workspace in `libfuzzer/`,
//! built by a nightly compiler and cargo-fuzz.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countersign_model::digest::Digest;

use crate::limits::{
    ADDRESS_SPACE_BYTES_MAX, EXECUTION_MS_MAX, INPUT_BYTES_MAX, KEPT_BYTES_MAX, KEPT_PER_TARGET_MAX,
};
use crate::worker::{Failure, Tally, now};
use crate::{Project, Target};

const PROGRAM: &str = "countersign-libfuzzer";
/// What the program reads the name of its target from.
const TARGET_VARIABLE: &str = "COUNTERSIGN_FUZZ_TARGET";
/// Where programs and working corpora lie, from the root of the project; git does not look at it.
const FOLDER: &str = "target/fuzz";

const TO_INSTALL: &str = "\
fuzzing with coverage needs a nightly compiler and cargo-fuzz:
  rustup toolchain install nightly --profile minimal
  cargo install cargo-fuzz --locked";

/// The built program.
#[derive(Clone, Debug)]
pub struct LibFuzzer {
    program: PathBuf,
}

impl LibFuzzer {
    /// Builds it.
    ///
    /// # Errors
    /// What to install, or that it does not build.
    pub fn build(project: &Project) -> Result<Self, String> {
        if !succeeds(Command::new("cargo").args(["+nightly", "fuzz", "--version"])) {
            return Err(TO_INSTALL.to_owned());
        }
        let own = project.root().join("crates/fuzz/libfuzzer");
        // The versions that the project has, and libFuzzer's own beside them.
        fs::copy(project.root().join("Cargo.lock"), own.join("Cargo.lock"))
            .map_err(|error| format!("Cargo.lock: {error}"))?;
        let mut build = Command::new("cargo");
        build.args(["+nightly", "fuzz", "build", "--sanitizer", "none"]);
        build
            .args(["--target-dir", FOLDER, "--fuzz-dir"])
            .arg(&own)
            .arg(PROGRAM);
        // The nightly compiler must not be handed what the stable one was started with.
        for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "RUSTDOC"] {
            build.env_remove(name);
        }
        let status = build.current_dir(project.root()).status();
        if !status.is_ok_and(|status| status.success()) {
            return Err("the fuzz program does not build".to_owned());
        }
        Ok(Self {
            program: built(&project.root().join(FOLDER))?,
        })
    }

    /// Runs a target.
    ///
    /// # Errors
    /// Those of the file system and of starting the program.
    pub fn run(&self, project: &Project, target: &Target, seconds: u64) -> io::Result<Tally> {
        let corpus = self.fill(project, target)?;
        let failures = project.failures(target);
        fs::create_dir_all(&failures)?;
        let before = names(&failures)?;
        let mut command = self.command(target);
        command
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/", failures.display()))
            .arg("-print_final_stats=1")
            .arg(&corpus);
        let start = now();
        let output = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .output()?;
        let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let said = String::from_utf8_lossy(&output.stderr);
        let number = |name: &str| {
            said.lines()
                .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
        };
        let mut tally = Tally {
            executions: number("stat::number_of_executed_units:").unwrap_or_default(),
            ms,
            memory_peak_kib: number("stat::peak_rss_mb:").unwrap_or_default() * 1024,
            failures: Vec::new(),
        };
        let new = names(&failures)?
            .into_iter()
            .filter(|path| !before.contains(path));
        let words: Vec<&str> = said.lines().filter(|line| tells(line)).take(4).collect();
        tally.failures.extend(new.map(|path| {
            Failure {
                file: path
                    .strip_prefix(project.root())
                    .unwrap_or(&path)
                    .display()
                    .to_string(),
                words: words.join("\n"),
            }
        }));
        if !output.status.success() && tally.failures.is_empty() {
            let last: Vec<&str> = said.lines().rev().take(5).collect();
            return Err(io::Error::other(
                last.into_iter().rev().collect::<Vec<_>>().join("\n"),
            ));
        }
        Ok(tally)
    }

    /// Puts into the kept corpus what reaches more than the seeds do, by far-reaching inputs first;
    /// gives how many files it put there.
    ///
    /// # Errors
    /// Those of the file system and of starting the program.
    pub fn distil(&self, project: &Project, target: &Target) -> io::Result<usize> {
        let corpus = self.fill(project, target)?;
        let chosen = tempfile::tempdir()?;
        let seeds = project.seeds(target)?;
        for seed in &seeds {
            fs::write(chosen.path().join(Digest::of(seed).to_string()), seed)?;
        }
        let before = names(chosen.path())?;
        let mut command = self.command(target);
        command
            .arg("-set_cover_merge=1")
            .arg(chosen.path())
            .arg(&corpus);
        let status = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if !status.success() {
            return Err(io::Error::other("merging failed"));
        }
        let mut new: Vec<(std::time::SystemTime, PathBuf)> = Vec::new();
        for path in names(chosen.path())? {
            let about = path.metadata()?;
            if !before.contains(&path) && about.len() <= KEPT_BYTES_MAX {
                new.push((about.modified()?, path));
            }
        }
        new.sort();
        let room = KEPT_PER_TARGET_MAX.saturating_sub(project.kept(target)?.len());
        let kept = project.corpus(target);
        fs::create_dir_all(&kept)?;
        new.truncate(room);
        for (_, path) in &new {
            let input = fs::read(path)?;
            fs::write(kept.join(Digest::of(&input).short()), input)?;
        }
        Ok(new.len())
    }

    /// The working corpus of a target with every seed in it.
    fn fill(&self, project: &Project, target: &Target) -> io::Result<PathBuf> {
        let corpus = project.root().join(FOLDER).join("corpus").join(target.name);
        fs::create_dir_all(&corpus)?;
        for seed in project.seeds(target)? {
            fs::write(corpus.join(Digest::of(&seed).to_string()), seed)?;
        }
        Ok(corpus)
    }

    fn command(&self, target: &Target) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env(TARGET_VARIABLE, target.name)
            .arg(format!("-timeout={}", EXECUTION_MS_MAX.div_ceil(1000)))
            .arg(format!(
                "-rss_limit_mb={}",
                ADDRESS_SPACE_BYTES_MAX / 1024 / 1024
            ))
            .arg(format!("-max_len={INPUT_BYTES_MAX}"));
        command
    }
}

/// Whether a line of libFuzzer's says what failed.
fn tells(line: &str) -> bool {
    let follows = [
        "panicked at",
        "ERROR: libFuzzer",
        "assertion",
        "left:",
        "right:",
    ];
    follows.iter().any(|word| line.contains(word))
}

fn succeeds(command: &mut Command) -> bool {
    command.env_remove("RUSTUP_TOOLCHAIN");
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// `FOLDER/TRIPLE/release/PROGRAM`: the one triple that was built for.
fn built(folder: &Path) -> Result<PathBuf, String> {
    let triples = names(folder).map_err(|error| error.to_string())?;
    let mut programs = triples
        .iter()
        .map(|triple| triple.join("release").join(PROGRAM));
    let found = programs.find(|program| program.is_file());
    found.ok_or_else(|| format!("{PROGRAM} was not built in {}", folder.display()))
}

fn names(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect()
}
