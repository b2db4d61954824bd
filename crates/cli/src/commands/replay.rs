//! `countersign replay`: plays a scenario into a log of its own, through the path that production
//! uses. The node is a process of its own and is given submissions, never the truth.

pub(crate) mod drive;
pub(crate) mod log;

use std::path::PathBuf;

use clap::Args;
use countersign_node::request::Request;
use countersign_sim::Folder;
use serde_json::json;

use self::drive::Pace;
use self::log::NodeProcess;
use crate::fail::{DONE, FAILED, Failure};
use crate::ui;

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Folder of the scenario (docs/formats/scenario.md).
    #[arg(value_name = "DIR")]
    scenario: PathBuf,
    /// Folder of the log that is made for it.
    #[arg(long, value_name = "DATA")]
    data: PathBuf,
    /// File for the findings, retracted ones too, as JSON lines.
    #[arg(long, value_name = "FILE")]
    findings: PathBuf,
    /// In time with the clock: an hour of the scenario takes an hour, or the FACTORth part of one.
    /// Without it, as fast as it goes.
    #[arg(
        long,
        value_name = "FACTOR",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    in_time: Option<u32>,
    /// Print one JSON object at the end and nothing else.
    #[arg(long)]
    json: bool,
}

impl Replay {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let scenario = Folder::open(&self.scenario).map_err(|error| drive::unreadable(&error))?;
        let vkey = log::found(&self.data, &scenario)?;
        let mut node = NodeProcess::start(&self.data)?;
        let mut session = node.connect()?;
        log::apply(&mut session, &self.data, &scenario)?;
        let pace = self.in_time.map_or(Pace::Fast, Pace::InTime);
        let run = drive::drive(&mut session, &scenario, pace, self.json)?;
        let findings = drive::write_findings(&mut session, &self.findings)?;
        session.value(&Request::Stop)?;
        node.wait()?;
        if self.json {
            ui::json(&json!({
                "submissions": run.submissions,
                "claims": run.claims,
                "refused": run.refused,
                "findings": findings.len(),
                "verification_key": vkey,
            }));
        } else {
            ui::line(format!(
                "{} claims in {} submissions, {} refused; {} findings: {}",
                ui::grouped(run.claims),
                ui::grouped(run.submissions),
                ui::grouped(run.refused),
                findings.len(),
                self.findings.display()
            ));
        }
        Ok(if run.refused == 0 { DONE } else { FAILED })
    }
}
