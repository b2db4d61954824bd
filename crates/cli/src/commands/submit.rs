//! `countersign submit`: signed submissions in.

use std::path::PathBuf;

use clap::Args;
use countersign_node::request::Request;
use countersign_node::{Session, wire};
use serde_json::Value;

use crate::fail::{DONE, FAILED, Failure};
use crate::ui;

/// Arguments of `submit`.
#[derive(Debug, Args)]
pub(crate) struct Submit {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Print an answer for each file, as JSON lines.
    #[arg(long)]
    json: bool,
    /// Submissions, as `countersign device sign` or another signer writes them.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Submit {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let mut items = Vec::new();
        for path in &self.files {
            items.push(std::fs::read(path).map_err(|error| Failure::io("reading", path, &error))?);
        }
        let mut session = Session::open(&self.data)?;
        let (value, _) = session.ask(&Request::Submit { at: None }, &wire::join(&items))?;
        session.close()?;
        let mut rejected = 0;
        let answers = value
            .get("answers")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        for (path, answer) in self.files.iter().zip(&answers) {
            let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
            rejected += u64::from(text("status") == "rejected");
            if self.json {
                ui::json(answer);
                continue;
            }
            let entry = answer.get("entry").and_then(Value::as_u64);
            match (text("status"), entry) {
                ("accepted", Some(entry)) => {
                    ui::line(format!("{}: accepted as entry {entry}", path.display()))
                }
                ("replay", Some(entry)) => {
                    ui::line(format!("{}: is entry {entry} already", path.display()))
                }
                _ => ui::line(format!(
                    "{}: rejected: {} [{}]",
                    path.display(),
                    text("reason"),
                    text("code")
                )),
            }
        }
        Ok(if rejected > 0 { FAILED } else { DONE })
    }
}
