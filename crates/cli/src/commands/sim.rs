//! `countersign sim`: worlds with a truth, and the score of what was found in them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use countersign_model::ids::Origin;
use countersign_sim::score::Seconds;
use countersign_sim::{Disorder, Recipe, Score, Sizes, generate, score};
use serde_json::json;

use crate::fail::{DONE, FAILED, Failure};
use crate::ui;

/// Arguments of `sim`.
#[derive(Debug, Args)]
pub(crate) struct Sim {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Generate a world: network, signed submissions, and apart from them the truth.
    Generate(Generate),
    /// Compare findings (`countersign findings --all --json`) with the truth of a world, or of several.
    Score {
        /// Pairs: truth.jsonl of a world (scenario.json beside it says how many units there are), and
        /// findings as JSON lines.
        #[arg(required = true, num_args = 2.., value_names = ["TRUTH", "FINDINGS"])]
        worlds: Vec<PathBuf>,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        /// With a table of one line for each row of the truth.
        #[arg(long)]
        rows: bool,
    },
}

/// What a world is made from.
#[derive(Debug, Args)]
struct Generate {
    /// Seed; the same seed gives the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Units in stock when their day begins, over all days: 1,000 to 10,000,000.
    #[arg(long, default_value_t = 20_000)]
    units: usize,
    /// The demo's day instead of a world of several: large loads, a dozen acts.
    #[arg(long)]
    one_day: bool,
    /// Innocent look-alikes alone, nobody steals.
    #[arg(long)]
    without_acts: bool,
    /// The log that the submissions are addressed to [default: one that names the seed].
    #[arg(long)]
    origin: Option<String>,
    /// Folder to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Of a hundred statements so many come late, by up to 8 hours.
    #[arg(long, value_name = "PERCENT", default_value_t = 0)]
    late: u8,
    /// Of a hundred statements or events so many come twice.
    #[arg(long, value_name = "PERCENT", default_value_t = 0)]
    duplicates: u8,
    /// Of a hundred reads so many are missed.
    #[arg(long, value_name = "PERCENT", default_value_t = 0)]
    missed: u8,
    /// By so many seconds each device's clock is off at most, unknown to the network.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    skew: u32,
}

impl Sim {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        match self.command {
            Command::Generate(arguments) => arguments.run(),
            Command::Score { worlds, json, rows } => run_score(&worlds, (json, rows)),
        }
    }
}

impl Generate {
    fn sizes(&self) -> Sizes {
        let sizes = if self.one_day {
            Sizes::of_demo(self.units)
        } else {
            Sizes::of(self.units)
        };
        if self.without_acts {
            Sizes { acts: 0, ..sizes }
        } else {
            sizes
        }
    }

    fn run(self) -> Result<u8, Failure> {
        let sizes = self.sizes();
        let origin = self
            .origin
            .unwrap_or_else(|| format!("sim.countersign.local/{}/{}", self.units, self.seed));
        let recipe = Recipe {
            seed: self.seed,
            origin: Origin::parse(&origin)
                .map_err(|e| Failure::wrong_use(format!("--origin: {e}")))?,
            sizes,
            disorder: Disorder {
                late_percent: self.late,
                duplicate_percent: self.duplicates,
                missed_percent: self.missed,
                skew_s: self.skew,
            },
        };
        let world = generate(recipe).map_err(|e| Failure::wrong_use(e.to_string()))?;
        let extent = world
            .write(&self.out)
            .map_err(|error| Failure::io("writing", &error.path, &error.source))?;
        ui::line(format!(
            "{}, {} sites, {} devices, {} units, {} claims in {} submissions: {}",
            ui::counted(world.recipe().sizes.days as u64, "day", "days"),
            extent.sites,
            extent.devices,
            ui::grouped(extent.units as u64),
            ui::grouped(extent.claims as u64),
            ui::grouped(extent.submissions as u64),
            self.out.display()
        ));
        Ok(DONE)
    }
}

fn run_score(worlds: &[PathBuf], (json, rows): (bool, bool)) -> Result<u8, Failure> {
    let score = score_all(worlds)?;
    if json {
        let mut value = score.to_json();
        if let Some(map) = value.as_object_mut() {
            map.insert("false_ids".into(), json!(score.false_ids));
            if rows {
                map.insert("table".into(), json!(score.table()));
            }
        }
        ui::json(&value);
    } else {
        if rows {
            ui::line(score.table());
        }
        ui::line(score.families_table());
        ui::line(sums(&score));
    }
    Ok(if score.missed == 0 && score.false_findings == 0 {
        DONE
    } else {
        FAILED
    })
}

/// The score of all worlds together.
fn score_all(worlds: &[PathBuf]) -> Result<Score, Failure> {
    let mut all: Option<Score> = None;
    for pair in worlds.chunks(2) {
        let [truth, findings] = pair else {
            return Err(Failure::wrong_use("a truth without findings"));
        };
        let one = score(truth, findings).map_err(|error| Failure::new(chain(&error)))?;
        all = Some(match all {
            Some(all) => all.and(one),
            None => one,
        });
    }
    all.ok_or_else(|| Failure::wrong_use("no world"))
}

/// The sums in words.
fn sums(score: &Score) -> String {
    let share =
        |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |share| share.to_string());
    let seconds = |seconds: Option<Seconds>| {
        let text = |s: Seconds| format!("{} s in the median, {} s for 99 %", s.median, s.p99);
        seconds.map_or_else(|| "-".to_owned(), text)
    };
    format!(
        "recall {} of what can be known ({} of {} acts cannot), precision {}, \
         false findings per 10,000 units {}\n\
         from when it can be known to the finding: {}; from the act: {}\n\
         taken back: {} rightly, {} wrongly; {} counted as false, which stood {}",
        share(score.recall()),
        score.planted - score.detectable,
        score.planted,
        share(score.precision()),
        share(score.false_per_10k_units()),
        seconds(score.seconds_to_finding),
        seconds(score.seconds_from_act),
        score.retracted_right,
        score.retracted_wrong,
        score.retracted_false,
        seconds(score.seconds_stood),
    )
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
