//! `countersign findings`: what does not add up.

use std::path::PathBuf;

use clap::Args;
use countersign_node::Session;
use countersign_node::request::Request;
use serde_json::Value;

use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `findings`.
#[derive(Debug, Args)]
pub(crate) struct Findings {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Only findings of this kind, like missing_units.
    #[arg(long)]
    kind: Option<String>,
    /// Also findings that later evidence has retracted.
    #[arg(long)]
    all: bool,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

impl Findings {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let known: Vec<&str> = countersign_detect::rules().map(|rule| rule.id).collect();
        if let Some(kind) = self.kind.as_deref().filter(|kind| !known.contains(kind)) {
            let text = format!(
                "no finding is of the kind {kind}; kinds are {}",
                known.join(", ")
            );
            return Err(Failure::wrong_use(text));
        }
        let mut session = Session::open(&self.data)?;
        let findings = session.value(&Request::Findings { all: self.all })?;
        session.close()?;
        let all = findings.as_array().cloned().unwrap_or_default();
        let wanted = |finding: &&Value| {
            self.kind.is_none()
                || finding.get("kind").and_then(Value::as_str) == self.kind.as_deref()
        };
        let mut shown = 0_u64;
        for finding in all.iter().filter(wanted) {
            shown += 1;
            if self.json {
                ui::json(finding);
            } else {
                ui::line(countersign_report::finding::finding_text(finding));
            }
        }
        if !self.json {
            ui::line(match shown {
                0 => "No findings.".to_owned(),
                1 => "1 finding.".to_owned(),
                many => format!("{} findings.", ui::grouped(many)),
            });
        }
        Ok(DONE)
    }
}
