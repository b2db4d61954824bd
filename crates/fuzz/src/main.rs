//! `cargo xtask fuzz`: see [`USAGE`].

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use countersign_fuzz::coverage::LibFuzzer;
use countersign_fuzz::worker::{self, Failure, Order, Tally};
use countersign_fuzz::{Project, TARGETS, Target, record};

const USAGE: &str = "\
usage: cargo xtask fuzz [TARGET...] [--seconds N] [--seed S] [--record]
       cargo xtask fuzz [TARGET...] --coverage [--seconds N] [--record]
       cargo xtask fuzz [TARGET...] --distil
       cargo xtask fuzz TARGET --input FILE
       cargo xtask fuzz --list | --page

Without a TARGET every target is run, one after the other, for N seconds each (60 if not given).
The same seed runs the same inputs. An input that fails is written to crates/fuzz/failures/.
--coverage lets libFuzzer run them, --distil keeps what it found; --record adds the run to
docs/fuzzing.md, --page makes that page anew.";

/// What the command line asks for.
#[derive(Debug, Default)]
struct Asked {
    targets: Vec<&'static Target>,
    seconds: Option<u64>,
    seed: Option<u64>,
    input: Option<PathBuf>,
    list: bool,
    coverage: bool,
    distil: bool,
    record: bool,
    page: bool,
    /// A worker: the file in which to keep the number of the execution.
    worker: Option<PathBuf>,
}

const SECONDS: u64 = 60;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = match read(&arguments) {
        Ok(asked) => asked,
        Err(why) => {
            tell(&format!("fuzz: {why}\n\n{USAGE}"));
            return ExitCode::from(2);
        }
    };
    match carry_out(&asked) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            tell(&format!("fuzz: {why}"));
            ExitCode::FAILURE
        }
    }
}

fn read(arguments: &[String]) -> Result<Asked, String> {
    let mut asked = Asked::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || {
            rest.next()
                .ok_or_else(|| format!("{argument} needs a value"))
        };
        let number = |text: &String| text.parse().map_err(|_| format!("{text} is no number"));
        match argument.as_str() {
            "--seconds" => asked.seconds = Some(value().and_then(number)?),
            "--seed" => asked.seed = Some(value().and_then(number)?),
            "--input" => asked.input = Some(value()?.into()),
            "--worker" => asked.worker = Some(value()?.into()),
            "--list" => asked.list = true,
            "--coverage" => asked.coverage = true,
            "--distil" => asked.distil = true,
            "--record" => asked.record = true,
            "--page" => asked.page = true,
            name => {
                let target = Target::named(name);
                asked
                    .targets
                    .push(target.ok_or_else(|| format!("there is no target `{name}`"))?);
            }
        }
    }
    if asked.targets.is_empty() {
        asked.targets = TARGETS.iter().collect();
    }
    Ok(asked)
}

fn carry_out(asked: &Asked) -> Result<bool, String> {
    let project = Project::at(Path::new("."));
    if asked.list {
        list(&asked.targets);
        return Ok(true);
    }
    if asked.page {
        let record = record::read(&project).map_err(|error| error.to_string())?;
        record::write(&project, &record).map_err(|error| error.to_string())?;
        return Ok(true);
    }
    if let Some(file) = &asked.input {
        let input = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        worker::limit_memory().map_err(|error| error.to_string())?;
        (one(asked)?.run)(&input);
        tell("it holds");
        return Ok(true);
    }
    if asked.distil {
        return distil(&project, &asked.targets);
    }
    let order = Order {
        seed: asked.seed.unwrap_or_else(random),
        seconds: asked.seconds.unwrap_or(SECONDS),
    };
    if let Some(progress) = &asked.worker {
        let tally = worker::work(&project, one(asked)?, order, progress);
        let tally = tally.map_err(|error| error.to_string())?;
        tell(&serde_json::to_string(&tally).map_err(|error| error.to_string())?);
        return Ok(true);
    }
    campaign(&project, asked, order)
}

fn one(asked: &Asked) -> Result<&'static Target, String> {
    match asked.targets.as_slice() {
        [one] => Ok(one),
        _ => Err("one target is needed here".to_owned()),
    }
}

fn list(targets: &[&Target]) {
    let width = TARGETS.iter().map(|target| target.name.len()).max();
    let width = width.unwrap_or_default();
    for target in targets {
        tell(&format!("{:<width$}  {}", target.name, target.what));
    }
}

fn distil(project: &Project, targets: &[&'static Target]) -> Result<bool, String> {
    let fuzzer = LibFuzzer::build(project)?;
    for target in targets {
        let kept = fuzzer
            .distil(project, target)
            .map_err(|error| error.to_string())?;
        tell(&format!("{}: {kept} kept", target.name));
    }
    Ok(true)
}

/// Every target in a process of its own, and a line on each at the end.
fn campaign(project: &Project, asked: &Asked, order: Order) -> Result<bool, String> {
    let fuzzer = asked
        .coverage
        .then(|| LibFuzzer::build(project))
        .transpose()?;
    tell(&match fuzzer {
        Some(_) => format!("libFuzzer, {} s a target", order.seconds),
        None => format!("seed {}, {} s a target", order.seed, order.seconds),
    });
    let mut lines = Vec::new();
    let mut good = true;
    for target in &asked.targets {
        let tally = match &fuzzer {
            Some(fuzzer) => fuzzer
                .run(project, target, order.seconds)
                .map_err(|error| format!("{}: {error}", target.name))?,
            None => one_target(project, target, order)?,
        };
        good &= tally.failures.is_empty();
        tell_failures(target, &tally);
        lines.push(line(target, &tally));
        if asked.record {
            add(project, target, &tally, asked.coverage).map_err(|error| error.to_string())?;
        }
    }
    lines.iter().for_each(|line| tell(line));
    Ok(good)
}

fn tell_failures(target: &Target, tally: &Tally) {
    for failure in &tally.failures {
        tell(&format!("{}: {}", target.name, failure.words));
        let (name, file) = (target.name, &failure.file);
        tell(&format!(
            "  reproduce: cargo xtask fuzz {name} --input {file}"
        ));
    }
}

/// Adds what was run to the record, target by target, so that a run that is broken off counts.
fn add(project: &Project, target: &Target, tally: &Tally, coverage: bool) -> std::io::Result<()> {
    let mut record = record::read(project)?;
    let ran = record.entry(target.name.to_owned()).or_default();
    let (ms, executions) = if coverage {
        (&mut ran.coverage_ms, &mut ran.coverage_executions)
    } else {
        (&mut ran.mutation_ms, &mut ran.mutation_executions)
    };
    *ms += tally.ms;
    *executions += tally.executions;
    record::write(project, &record)
}

fn line(target: &Target, tally: &Tally) -> String {
    let per_second = (tally.executions * 1000)
        .checked_div(tally.ms)
        .unwrap_or_default();
    format!(
        "{:<22} {:>10} executions in {:>4} s, {:>7} a second, {:>4} MiB at most, {} failed",
        target.name,
        tally.executions,
        tally.ms / 1000,
        per_second,
        tally.memory_peak_kib / 1024,
        tally.failures.len()
    )
}

fn one_target(project: &Project, target: &Target, order: Order) -> Result<Tally, String> {
    let text = |error: std::io::Error| format!("{}: {error}", target.name);
    let progress = tempfile::NamedTempFile::new().map_err(text)?;
    let output = Command::new(std::env::current_exe().map_err(text)?)
        .arg(target.name)
        .args(["--seed", &order.seed.to_string()])
        .args(["--seconds", &order.seconds.to_string()])
        .arg("--worker")
        .arg(progress.path())
        .stderr(Stdio::piped())
        .output()
        .map_err(text)?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return serde_json::from_slice(&output.stdout).map_err(|error| format!("{error}: {said}"));
    }
    if output.status.code().is_some() {
        return Err(format!(
            "{}: {}{said}",
            target.name,
            String::from_utf8_lossy(&output.stdout)
        ));
    }
    // Ended by a signal: the number of the execution names the input.
    let number = std::fs::read(progress.path()).map_err(text)?;
    let executions = <[u8; 8]>::try_from(number).map_or(0, u64::from_be_bytes);
    let seeds = project.seeds(target).map_err(text)?;
    let input = worker::input(target, &seeds, order.seed, executions);
    let failure = Failure {
        file: worker::keep(project, target, &input).map_err(text)?,
        words: format!("{}: {}", output.status, said.trim()),
    };
    Ok(Tally {
        executions,
        failures: vec![failure],
        ..Tally::default()
    })
}

/// A seed that was not used before, most likely.
fn random() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::hash::RandomState::new().build_hasher().finish()
}

fn tell(line: &str) {
    // A reader that is gone wants to know no more.
    let _ = writeln!(std::io::stdout(), "{line}");
}
