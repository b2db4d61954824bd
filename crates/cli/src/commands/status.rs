//! `countersign status`.

use std::path::PathBuf;

use clap::Args;
use countersign_node::Session;
use countersign_node::request::Request;
use serde_json::Value;

use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `status`.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// A person has looked at the clock after it jumped: deadlines may go on.
    #[arg(long)]
    confirm_clock: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let mut session = Session::open(&self.data)?;
        let running = matches!(session, Session::Remote(_));
        if self.confirm_clock {
            session.value(&Request::ConfirmClock)?;
        }
        let mut status = session.value(&Request::Status)?;
        session.close()?;
        if let Some(map) = status.as_object_mut() {
            map.insert("node_running".to_owned(), Value::Bool(running));
        }
        if self.json {
            ui::json(&status);
            return Ok(DONE);
        }
        let text = |path: &str| match status.pointer(path) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        ui::line(format!("log            {}", text("/origin")));
        ui::line(format!("verification   {}", text("/vkey")));
        ui::line(format!(
            "entries        {} ({} published)",
            text("/size"),
            text("/published")
        ));
        ui::line(format!("claims         {} that count", text("/claims")));
        ui::line(format!("findings       {} open", text("/findings/open")));
        ui::line(format!("second place   {}", text("/second_place")));
        if status.get("second_place_on_same_disk") == Some(&Value::Bool(true)) {
            ui::line("               on the same disk as the data: one failing disk takes both");
        }
        ui::line(format!("time           {}", text("/clock/now")));
        if status.pointer("/clock/jumped") == Some(&Value::Bool(true)) {
            ui::line(
                "               the clock jumped: deadlines stand still until `status --confirm-clock`",
            );
        }
        ui::line(format!(
            "node           {}",
            if running { "running" } else { "not running" }
        ));
        Ok(DONE)
    }
}
