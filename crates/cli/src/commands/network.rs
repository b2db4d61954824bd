//! `countersign network show`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use countersign_node::Session;
use countersign_node::request::Request;
use serde_json::Value;

use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `network`.
#[derive(Debug, Args)]
pub(crate) struct Network {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the network in force, in the shape of network.toml.
    Show {
        /// The data folder.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

impl Network {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let Command::Show { data, json } = self.command;
        let mut session = Session::open(&data)?;
        let network = session.value(&Request::Network)?;
        session.close()?;
        if json {
            ui::json(&network);
            return Ok(DONE);
        }
        for (kind, objects) in network.as_object().into_iter().flatten() {
            for object in objects.as_array().into_iter().flatten() {
                ui::line(format!("[[{kind}]]"));
                for (name, value) in object.as_object().into_iter().flatten() {
                    ui::line(format!("{name} = {}", toml_value(value)));
                }
                ui::line("");
            }
        }
        Ok(DONE)
    }
}

/// A JSON string, number or list of strings is written in TOML as in JSON.
fn toml_value(value: &Value) -> String {
    value.to_string()
}
