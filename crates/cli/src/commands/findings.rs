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
        let wanted = |finding: &Value| {
            self.kind
                .as_deref()
                .is_none_or(|kind| text(finding, "kind") == kind)
        };
        let mut shown: Vec<Value> = all.into_iter().filter(wanted).collect();
        // The gravest first, and of those the oldest.
        shown.sort_by_cached_key(|one| {
            let rank = SEVERITIES
                .iter()
                .position(|name| *name == text(one, "severity"));
            (
                rank,
                text(one, "opened_at").to_owned(),
                text(one, "id").to_owned(),
            )
        });
        for finding in &shown {
            if self.json {
                ui::json(finding);
            } else {
                ui::line(countersign_report::finding::finding_text(finding));
            }
        }
        if !self.json {
            ui::line(summed(&shown));
        }
        Ok(DONE)
    }
}

/// The gravest first.
const SEVERITIES: [&str; 3] = ["high", "medium", "low"];

fn text<'a>(finding: &'a Value, name: &str) -> &'a str {
    finding
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// How many, and how grave.
fn summed(shown: &[Value]) -> String {
    let many = match shown.len() {
        0 => return "No findings.".to_owned(),
        many => ui::counted(many as u64, "finding", "findings"),
    };
    let count = |name: &str| {
        shown
            .iter()
            .filter(|one| text(one, "severity") == name)
            .count()
    };
    let parts: Vec<String> = SEVERITIES
        .iter()
        .filter(|name| count(name) > 0)
        .map(|name| format!("{} {name}", count(name)))
        .collect();
    format!("{many}: {}.", parts.join(", "))
}
