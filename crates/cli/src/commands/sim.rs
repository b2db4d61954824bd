//! `countersign sim`: days with a truth, and the score of what was found in them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use countersign_model::ids::Origin;
use countersign_sim::{Sizes, generate, score};
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
    /// Generate a day: network, signed submissions, and apart from them the truth.
    Generate {
        /// Seed; the same seed gives the same bytes.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Units in stock when the day begins.
        #[arg(long)]
        units: Option<usize>,
        /// The log that the submissions are addressed to.
        #[arg(long)]
        origin: String,
        /// Folder to write.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Compare findings (`countersign findings --all --json`) with the truth of a day.
    Score {
        /// truth.jsonl of the day.
        truth: PathBuf,
        /// Findings as JSON lines.
        findings: PathBuf,
        /// Print one JSON object, with the rows of the table.
        #[arg(long)]
        json: bool,
    },
}

impl Sim {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        match self.command {
            Command::Generate {
                seed,
                units,
                origin,
                out,
            } => {
                let origin = Origin::parse(&origin)
                    .map_err(|e| Failure::wrong_use(format!("--origin: {e}")))?;
                let mut sizes = Sizes::default();
                sizes.units = units.unwrap_or(sizes.units);
                let world = generate(seed, sizes, &origin)
                    .map_err(|e| Failure::wrong_use(e.to_string()))?;
                world
                    .write(&out)
                    .map_err(|error| Failure::io("writing", &error.path, &error.source))?;
                let extent = world.extent();
                ui::line(format!(
                    "{} sites, {} devices, {} units, {} claims in {} submissions: {}",
                    extent.sites,
                    extent.devices,
                    ui::grouped(extent.units as u64),
                    ui::grouped(extent.claims as u64),
                    ui::grouped(extent.submissions as u64),
                    out.display()
                ));
                Ok(DONE)
            }
            Command::Score {
                truth,
                findings,
                json,
            } => {
                let score =
                    score(&truth, &findings).map_err(|error| Failure::new(chain(&error)))?;
                if json {
                    let mut value = score.to_json();
                    if let Some(map) = value.as_object_mut() {
                        map.insert("table".into(), json!(score.table()));
                        map.insert("findings".into(), json!(score.findings));
                        map.insert("false_ids".into(), json!(score.false_ids));
                    }
                    ui::json(&value);
                } else {
                    ui::line(score.table().trim_end());
                }
                Ok(if score.missed == 0 && score.false_findings == 0 {
                    DONE
                } else {
                    FAILED
                })
            }
        }
    }
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
