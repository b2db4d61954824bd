//! `countersign erase`: the sealed parts of a claim are destroyed.

use std::path::PathBuf;

use clap::Args;
use countersign_node::Session;
use countersign_node::request::Request;
use serde_json::Value;

use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `erase`.
#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The claim: INDEX.ORDINAL, or its digest.
    #[arg(long, value_name = "ID")]
    claim: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Erase {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let mut session = Session::open(&self.data)?;
        let answer = session.value(&Request::Erase { claim: self.claim })?;
        session.close()?;
        if self.json {
            ui::json(&answer);
            return Ok(DONE);
        }
        let claim = answer
            .get("claim")
            .and_then(Value::as_str)
            .unwrap_or_default();
        match answer.get("destroyed").and_then(Value::as_u64) {
            Some(0) => ui::line(format!("Claim {claim} has no sealed parts (any more).")),
            _ => {
                ui::line(format!(
                    "The sealed parts of claim {claim} are destroyed: values, salts and keys."
                ));
                ui::line("Receipts and packs still verify. Backups made before still hold them.");
            }
        }
        Ok(DONE)
    }
}
