//! `cargo xtask score`: how well worlds of fixed seeds are read, over a grid of disorder. Each world
//! is generated, played and scored by a process of its own; what it gave is the golden table
//! `docs/score.md`, beside it `docs/score.json` for programs.

mod page;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::process::{cargo, output, succeeds};
use crate::soak::page::commit;
use crate::terminal::say;
use crate::{Outcome, Stop, workspace::Root};

pub(crate) const COMMAND: crate::Command = crate::Command {
    name: "score",
    arguments: "[CASE...] [--seeds N] [--units N] [--keep DIR]",
    about: "worlds of fixed seeds, generated, played and scored, for docs/score.md",
    help: "All cases of the table if none is named; the others stay as they are:\n\n\
           \x20 clean, duplicates, late-5, late-30, missed-2, missed-15, missed-35, skew, combined,\n\
           \x20 without-acts, by-hand\n\n\
           \x20 --seeds N   seeds 1 to N of each; 10 if not given\n\
           \x20 --units N   units of a world; 20,000 if not given\n\
           \x20 --keep DIR  worlds and findings stay there, and what lies there is not played again\n\n\
           Two worlds at a time; the whole table takes an hour or more. Times in it are those of the\n\
           scenario's clock, so a busy machine changes nothing. The page is written behind each case.",
    run,
};

/// Worlds at once: the cores that the project plans for.
const AT_ONCE: usize = 2;
const SEEDS: u64 = 10;
const UNITS: u64 = 20_000;
/// A scenario that no generator made.
const BY_HAND: &str = "examples/by-hand";

/// A row of the table: what `sim generate` is told besides seed and size.
struct Case {
    name: &'static str,
    about: &'static str,
    arguments: &'static [&'static str],
}

const CASES: [Case; 11] = [
    case("clean", "no disorder", &[]),
    case("duplicates", "10 % come twice", &["--duplicates", "10"]),
    case("late-5", "5 % late", &["--late", "5"]),
    case("late-30", "30 % late", &["--late", "30"]),
    case("missed-2", "2 % of reads missed", &["--missed", "2"]),
    case("missed-15", "15 % of reads missed", &["--missed", "15"]),
    case("missed-35", "35 % of reads missed", &["--missed", "35"]),
    case("skew", "clocks off by up to 1 h", &["--skew", "3600"]),
    case(
        "combined",
        "30 % late, 1 h skew, 15 % missed",
        &["--late", "30", "--skew", "3600", "--missed", "15"],
    ),
    case(
        "without-acts",
        "look-alikes alone, no disorder",
        &["--without-acts"],
    ),
    case("by-hand", "`examples/by-hand`", &[]),
];

const fn case(name: &'static str, about: &'static str, arguments: &'static [&'static str]) -> Case {
    Case {
        name,
        about,
        arguments,
    }
}

/// What was asked for.
struct Wanted {
    cases: Vec<&'static Case>,
    seeds: u64,
    units: u64,
    keep: Option<PathBuf>,
}

fn run(root: &Root, arguments: &[String]) -> Outcome {
    let wanted = Wanted::read(arguments)?;
    let build = ["build", "--release", "--package", "countersign"];
    if !succeeds(root, &cargo(), &build) {
        return Err(failed("the program does not build"));
    }
    let campaign = Campaign::prepare(root)?;
    let mut table = page::read(root);
    for case in &wanted.cases {
        let score = campaign.score(root, case, &wanted)?;
        table.insert(case.name.to_owned(), score);
        let order = CASES.iter().map(|case| (case.name, case.about));
        page::write(root, &table, &order.collect::<Vec<_>>())?;
    }
    Ok(())
}

fn failed(why: impl std::fmt::Display) -> Stop {
    Stop::Failed(format!("score: {why}"))
}

impl Wanted {
    fn read(arguments: &[String]) -> Result<Self, Stop> {
        let usage = |why: String| Stop::Usage(format!("score: {why}"));
        let (mut seeds, mut units, mut keep) = (SEEDS, UNITS, None);
        let mut cases: Vec<&'static Case> = Vec::new();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if let Some(case) = CASES.iter().find(|case| case.name == argument) {
                cases.push(case);
                continue;
            }
            if argument == "--keep" {
                let dir = rest
                    .next()
                    .ok_or_else(|| usage("--keep names a folder".to_owned()))?;
                keep = Some(PathBuf::from(dir));
                continue;
            }
            let number = match argument.as_str() {
                "--seeds" => &mut seeds,
                "--units" => &mut units,
                _ => return Err(usage(format!("`{argument}` is unknown"))),
            };
            let text = rest.next().map_or("", String::as_str);
            *number = text
                .parse()
                .map_err(|_| usage(format!("`{text}` is not a number")))?;
        }
        if cases.is_empty() {
            cases = CASES.iter().collect();
        }
        Ok(Self {
            cases,
            seeds: seeds.max(1),
            units,
            keep,
        })
    }
}

/// The program as it was when the campaign began, whatever is built meanwhile.
struct Campaign {
    folder: PathBuf,
    binary: PathBuf,
    commit: String,
}

impl Campaign {
    fn prepare(root: &Root) -> Result<Self, Stop> {
        let folder = std::env::temp_dir().join(format!("countersign-score-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let campaign = Self {
            binary: folder.join("countersign"),
            commit: commit(root)?,
            folder,
        };
        std::fs::copy(built(root)?, &campaign.binary).map_err(failed)?;
        Ok(campaign)
    }

    /// The score of all seeds of a case together.
    fn score(&self, root: &Root, case: &Case, wanted: &Wanted) -> Result<Value, Stop> {
        let is_by_hand = case.name == "by-hand";
        let seeds: Vec<u64> = if is_by_hand {
            vec![0]
        } else {
            (1..=wanted.seeds).collect()
        };
        let worlds: Vec<(u64, PathBuf)> = seeds
            .iter()
            .map(|seed| {
                let folder = wanted.keep.as_ref().unwrap_or(&self.folder);
                let made = folder.join(format!("{}-{seed}", case.name));
                (*seed, made)
            })
            .collect();
        let by_hand = is_by_hand.then(|| root.path().join(BY_HAND));
        self.play_all(case, wanted.units, &worlds, by_hand.as_deref())?;
        let mut arguments = vec!["sim".to_owned(), "score".to_owned(), "--json".to_owned()];
        for (_, dir) in &worlds {
            let truth = by_hand.clone().unwrap_or_else(|| dir.join("world"));
            arguments.push(text(&truth.join("truth.jsonl")));
            arguments.push(text(&dir.join("findings.jsonl")));
        }
        let mut score = self.json(&arguments)?;
        for (_, dir) in worlds.iter().filter(|_| wanted.keep.is_none()) {
            // A folder that stays behind costs disk and nothing else.
            let _ = std::fs::remove_dir_all(dir);
        }
        if let Some(score) = score.as_object_mut() {
            score.remove("false_ids");
            score.insert("seeds".to_owned(), json!(seeds));
            score.insert("commit".to_owned(), json!(self.commit));
            score.insert("machine".to_owned(), json!(page::machine()));
            let arguments: Vec<&str> = case.arguments.to_vec();
            score.insert("arguments".to_owned(), json!(arguments));
        }
        say(&format!(
            "{}: recall {}, precision {}",
            case.name,
            score.get("recall").unwrap_or(&Value::Null),
            score.get("precision").unwrap_or(&Value::Null),
        ));
        Ok(score)
    }

    fn play_all(
        &self,
        case: &Case,
        units: u64,
        worlds: &[(u64, PathBuf)],
        by_hand: Option<&Path>,
    ) -> Outcome {
        let next = AtomicUsize::new(0);
        let errors = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some((seed, dir)) = worlds.get(next.fetch_add(1, Ordering::SeqCst)) {
                        let played = self.play(case, (*seed, units), dir, by_hand);
                        let name = case.name;
                        match played {
                            Ok(()) => say(&format!("{name}, seed {seed}")),
                            Err(why) => {
                                let mut errors = errors
                                    .lock()
                                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                                errors.push(format!("{name}, seed {seed}: {}", told(&why)));
                            }
                        }
                    }
                });
            }
        });
        let errors = errors
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match errors.first() {
            None => Ok(()),
            Some(first) => Err(failed(first)),
        }
    }

    /// Generates a world unless there is one, and plays it.
    fn play(
        &self,
        case: &Case,
        (seed, units): (u64, u64),
        dir: &Path,
        by_hand: Option<&Path>,
    ) -> Outcome {
        std::fs::create_dir_all(dir).map_err(failed)?;
        let kept = dir.join("findings.jsonl");
        if kept.exists() {
            return Ok(());
        }
        let world = by_hand.map_or_else(|| dir.join("world"), Path::to_owned);
        if by_hand.is_none() {
            let (seed, units) = (seed.to_string(), units.to_string());
            let mut call = vec!["sim", "generate", "--seed", &seed, "--units", &units];
            call.extend(case.arguments);
            let call = call.into_iter().map(str::to_owned);
            let out = ["--out".to_owned(), text(&world)];
            self.output(&call.chain(out).collect::<Vec<_>>())?;
        }
        let data = dir.join("data");
        // It has its name when it is whole.
        let played = dir.join("findings");
        let findings = text(&played);
        let call = ["replay".to_owned(), text(&world), "--data".to_owned()];
        let rest = [text(&data), "--findings".to_owned(), findings];
        let call: Vec<String> = call.into_iter().chain(rest).collect();
        let quiet = ["--json".to_owned()];
        self.output(&[call, quiet.to_vec()].concat())?;
        for folder in [data, dir.join("data.second")] {
            // The log is not needed any more; two of them at a time are enough for a disk.
            let _ = std::fs::remove_dir_all(folder);
        }
        std::fs::rename(played, kept).map_err(failed)
    }

    fn json(&self, arguments: &[String]) -> Result<Value, Stop> {
        let said = self.output(arguments)?;
        serde_json::from_slice(&said).map_err(failed)
    }

    /// What it prints. A score that is not perfect ends with 1, which is no failure here.
    fn output(&self, arguments: &[String]) -> Result<Vec<u8>, Stop> {
        let output = Command::new(&self.binary).args(arguments).output();
        let output = output.map_err(failed)?;
        let is_score = arguments.get(1).is_some_and(|word| word == "score");
        if output.status.success() || is_score && output.status.code() == Some(1) {
            return Ok(output.stdout);
        }
        let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(failed(format!("{}: {complaint}", arguments.join(" "))))
    }
}

impl Drop for Campaign {
    fn drop(&mut self) {
        // A folder that stays behind costs disk and nothing else.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn told(stop: &Stop) -> &str {
    let (Stop::Usage(why) | Stop::Failed(why)) = stop;
    why
}

/// Where cargo puts the program.
fn built(root: &Root) -> Result<PathBuf, Stop> {
    let call = ["metadata", "--format-version", "1", "--no-deps"];
    let said = output(root, &cargo(), &call).map_err(failed)?;
    let value: Value = serde_json::from_slice(&said).map_err(failed)?;
    let target = value.get("target_directory").and_then(Value::as_str);
    Ok(Path::new(target.unwrap_or("target")).join("release/countersign"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<(usize, u64, u64), String> {
        let arguments: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
        let wanted = Wanted::read(&arguments).map_err(|stop| told(&stop).to_owned())?;
        Ok((wanted.cases.len(), wanted.seeds, wanted.units))
    }

    #[test]
    fn calls() {
        assert_eq!(read(&[]), Ok((CASES.len(), 10, 20_000)));
        assert_eq!(read(&["clean", "--seeds", "2", "skew"]), Ok((2, 2, 20_000)));
        assert_eq!(read(&["--units", "1000"]), Ok((CASES.len(), 10, 1_000)));
        let unknown = "score: `dirty` is unknown".to_owned();
        assert_eq!(read(&["dirty"]), Err(unknown));
        let none = "score: `` is not a number".to_owned();
        assert_eq!(read(&["--seeds"]), Err(none));
    }
}
