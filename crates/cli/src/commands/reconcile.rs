//! `countersign reconcile`: what was due on a day, and what does not add up.

use std::path::PathBuf;

use clap::Args;
use countersign_node::Session;
use countersign_node::request::Request;

use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `reconcile`.
#[derive(Debug, Args)]
pub(crate) struct Reconcile {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The day, as 2026-03-02; without it the day that the log has reached.
    #[arg(long, value_name = "DATE")]
    day: Option<String>,
    /// The time zone in which it is that day.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    zone: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Reconcile {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let mut session = Session::open(&self.data)?;
        let day = session.value(&Request::Day {
            day: self.day,
            zone: self.zone,
        })?;
        session.close()?;
        if self.json {
            ui::json(&day);
        } else {
            ui::line(countersign_report::day::day_text(&day).trim_end());
        }
        Ok(DONE)
    }
}
