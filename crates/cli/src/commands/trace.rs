//! `countersign trace`: the custody timeline of a unit, or where a counted class is.

use std::path::PathBuf;

use clap::Args;
use countersign_node::Session;
use countersign_node::request::Request;

use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `trace`.
#[derive(Debug, Args)]
pub(crate) struct Trace {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// The unit: a GS1 key in any spelling, the 18 digits of an SSCC, a URI, or SCHEME:VALUE of a private key; or a class that is counted: a GTIN or a lot.
    unit: String,
}

impl Trace {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let mut session = Session::open(&self.data)?;
        let timeline = session.value(&Request::Trace { unit: self.unit })?;
        session.close()?;
        if self.json {
            ui::json(&timeline);
        } else {
            let text = if timeline.get("class").is_some() {
                countersign_report::class::class_text(&timeline)
            } else {
                countersign_report::timeline::timeline_text(&timeline)
            };
            ui::line(text.trim_end());
        }
        Ok(DONE)
    }
}
