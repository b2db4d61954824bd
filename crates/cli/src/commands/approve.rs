//! `countersign approve`: the second half of a four-eyes act.

use std::path::PathBuf;

use clap::Args;
use countersign_node::Session;
use countersign_node::request::Request;
use serde_json::{Value, json};

use super::own;
use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `approve`.
#[derive(Debug, Args)]
pub(crate) struct Approve {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Key of the person who decides; not the one who asked.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Reject it.
    #[arg(long)]
    reject: bool,
    /// Why. Sealed: it can be erased.
    #[arg(long)]
    reason: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// The proposal; without one, those that wait are listed.
    proposal: Option<String>,
}

impl Approve {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let mut session = Session::open(&self.data)?;
        let open = session.value(&Request::Proposals)?;
        let open = open.as_array().cloned().unwrap_or_default();
        let Some(id) = &self.proposal else {
            session.close()?;
            self.list(&open);
            return Ok(DONE);
        };
        let waits = open
            .iter()
            .any(|proposal| proposal.get("id").and_then(Value::as_str) == Some(id));
        if !waits {
            return Err(Failure::new(format!(
                "no proposal {id} waits; `approve --data DIR` lists those that do"
            )));
        }
        let key = self
            .key
            .as_deref()
            .ok_or_else(|| Failure::wrong_use("--key FILE says who decides"))?;
        let key = own::signing_key(&self.data, Some(key))?;
        let decision = if self.reject { "reject" } else { "approve" };
        let object = json!({
            "type": "Approval", "proposal": id, "decision": decision, "reason": self.reason.as_deref().unwrap_or_default(),
        });
        own::say(&mut session, &key, &[object.to_string()])?;
        let left = session.value(&Request::Proposals)?;
        session.close()?;
        let still = left.as_array().into_iter().flatten();
        if still
            .into_iter()
            .any(|proposal| proposal.get("id").and_then(Value::as_str) == Some(id))
        {
            let text = "it was recorded and had no effect: whoever asked cannot approve, a second person must";
            return Err(Failure::new(text));
        }
        if self.json {
            ui::json(&json!({ "proposal": id, "decision": decision }));
        } else {
            ui::line(format!("Proposal {id}: {decision}d."));
        }
        Ok(DONE)
    }

    fn list(&self, open: &[Value]) {
        for proposal in open {
            if self.json {
                ui::json(proposal);
                continue;
            }
            let text = |path: &str| {
                proposal
                    .pointer(path)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            ui::line(format!(
                "{}  {}  by {}  until {}",
                text("/id"),
                text("/action/kind"),
                text("/by"),
                text("/expires")
            ));
            let reason = text("/reason");
            if !reason.is_empty() {
                ui::line(format!(
                    "  {:<11}{}",
                    "because",
                    countersign_report::text::clean(&reason)
                ));
            }
            let details = proposal.get("action").and_then(Value::as_object);
            for (name, value) in details
                .into_iter()
                .flatten()
                .filter(|(name, _)| *name != "kind")
            {
                let words = match value {
                    Value::String(text) => text.clone(),
                    Value::Array(list) => {
                        let words = list.iter().map(|one| one.as_str().unwrap_or_default());
                        words.collect::<Vec<_>>().join(", ")
                    }
                    other => other.to_string(),
                };
                ui::line(format!("  {name:<11}{words}"));
            }
        }
        if open.is_empty() && !self.json {
            ui::line("No proposal waits.");
        }
    }
}
