//! `countersign suspect`: what a key signed in some time proves no custody any more.

use std::path::PathBuf;

use clap::Args;
use countersign_model::time::Timestamp;
use countersign_node::request::Request;
use serde_json::{Value, json};

use super::own;
use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `suspect`.
#[derive(Debug, Args)]
pub(crate) struct Suspect {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The key: its id of 64 hex digits, or whose it is (then the key in force, or the last).
    #[arg(long, value_name = "KEY")]
    key: String,
    /// Since when somebody else may have had it (RFC 3339): claims recorded from then on.
    #[arg(long, value_name = "TIME")]
    from: String,
    /// Until when; for ever if not given. The same as --from: the key is not suspect any more.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Why. Sealed: it can be erased.
    #[arg(long)]
    reason: String,
    /// Key of the administrator who says so; the one of the data folder if not given. `--key` names
    /// the key in question.
    #[arg(long = "as", value_name = "FILE")]
    by: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Suspect {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let from = time("--from", &self.from)?;
        let to = self.to.as_deref().map(|to| time("--to", to)).transpose()?;
        if to.is_some_and(|to| to < from) {
            return Err(Failure::wrong_use("--to is before --from"));
        }
        let by = own::signing_key(&self.data, self.by.as_deref())?;
        let said = own::in_session(&self.data, |session| {
            let found = session.value(&Request::KeyOf { name: self.key })?;
            if found.get("is_node") == Some(&Value::Bool(true)) {
                return Err(Failure::new(
                    "that is, or was, the node's own key: what it signed is the log itself. A log whose \
                     keys were stolen is ended, and a new one begun that goes on from it",
                ));
            }
            let mut act = json!({
                "type": "Suspect",
                "key": found.get("key"),
                "from": from.to_string(),
                "reason": self.reason,
            });
            if let (Some(to), Some(act)) = (to, act.as_object_mut()) {
                act.insert("to".to_owned(), json!(to.to_string()));
            }
            let findings = own::say(session, &by, &[act.to_string()])?.len();
            Ok(Said {
                found,
                from,
                to,
                findings,
            })
        })?;
        if self.json {
            ui::json(&said.as_json());
        } else {
            said.print();
        }
        Ok(DONE)
    }
}

struct Said {
    found: Value,
    from: Timestamp,
    to: Option<Timestamp>,
    findings: usize,
}

impl Said {
    fn as_json(&self) -> Value {
        json!({
            "key": self.found.get("key"),
            "principal": self.found.get("principal"),
            "from": self.from.to_string(),
            "to": self.to.map(|to| to.to_string()),
            "findings": self.findings,
        })
    }

    fn print(&self) {
        let text = |name: &str| self.found.get(name).and_then(Value::as_str);
        let whose = text("principal").unwrap_or_default();
        let key = text("key").unwrap_or_default();
        if self.to == Some(self.from) {
            ui::line(format!(
                "The key {key} of {whose} is not suspect any more: what it signed counts as before."
            ));
        } else {
            let until = self
                .to
                .map_or_else(|| "for ever".to_owned(), |to| format!("until it was {to}"));
            ui::line(format!(
                "What the key {key} of {whose} signed and was recorded since {}, {until}, proves no \
                 custody any more: it counts as seen by an unknown hand.",
                self.from
            ));
        }
        ui::line(format!("{}.", own::moved(self.findings)));
        if self.found.get("revoked") == Some(&Value::Null) && self.to.is_none() {
            ui::line(
                "The key is still in force: give its principal another one in network.toml, then \
                 `countersign apply`.",
            );
        }
    }
}

fn time(name: &str, text: &str) -> Result<Timestamp, Failure> {
    let read = Timestamp::parse(text).map(|(at, _)| at);
    read.map_err(|error| {
        Failure::wrong_use(format!(
            "{name}: {error}; it is a time with its offset, like 2026-03-02T08:00:00Z"
        ))
    })
}
