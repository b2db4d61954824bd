//! `countersign key`: keys for people who approve, and the lock on the keys of a log.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use countersign_attest::Algorithm;
use countersign_node::protect::{Locked, change_unlock, check_passphrase, protect};
use countersign_node::unlock::UnlockPlace;
use serde_json::json;

use super::device::make_key;
use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `key`.
#[derive(Debug, Args)]
pub(crate) struct Key {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a person's or administrator's key; prints its public half for network.toml.
    New {
        /// File to write; readable by its owner only.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Lock the keys of a log that was made when they still lay in the open.
    Protect {
        /// The data folder.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        #[command(flatten)]
        unlock: UnlockChoice,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Lock the keys of a log under another unlock key or passphrase.
    #[command(group = clap::ArgGroup::new("new").required(true).args(["unlock", "passphrase_file"]))]
    ChangeUnlock {
        /// The data folder.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        #[command(flatten)]
        unlock: UnlockChoice,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// What unlocks the keys of a log.
#[derive(Debug, Args)]
pub(crate) struct UnlockChoice {
    /// File with what unlocks the log's keys: an unlock key, made there if there is no such file
    /// [default: DIR.unlock].
    #[arg(long, value_name = "PATH", conflicts_with = "passphrase_file")]
    unlock: Option<PathBuf>,
    /// File with a passphrase, which unlocks the log's keys in place of an unlock key.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl UnlockChoice {
    /// The file, absolute; a passphrase is read to see that it is one.
    pub(crate) fn path(&self) -> Result<Option<PathBuf>, Failure> {
        if let Some(file) = &self.passphrase_file {
            check_passphrase(file)?;
        }
        let path = self.unlock.as_ref().or(self.passphrase_file.as_ref());
        Ok(path.map(std::path::absolute).transpose()?)
    }
}

impl Key {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        match self.command {
            Command::New { out, json } => {
                make_key(&out, Algorithm::Ed25519, ("person", "person:NAME"), json)
            }
            Command::Protect { data, unlock, json } => {
                let locked = protect(&data, unlock.path()?)?;
                say(&locked, json);
                Ok(DONE)
            }
            Command::ChangeUnlock { data, unlock, json } => {
                let path = unlock
                    .path()?
                    .ok_or_else(|| Failure::wrong_use("name the new one with --unlock"))?;
                let locked = change_unlock(&data, path)?;
                say(&locked, json);
                if let Some(place) = UnlockPlace::of_environment() {
                    ui::note(format!(
                        "note: the environment names {place}, which comes first; let it name the new one"
                    ));
                }
                Ok(DONE)
            }
        }
    }
}

fn say(locked: &Locked, as_json: bool) {
    let before = locked
        .before
        .as_ref()
        .map(|path| path.display().to_string());
    if as_json {
        ui::json(&json!({
            "locked": locked.count,
            "unlock": locked.unlock.display().to_string(),
            "before": before,
        }));
        return;
    }
    ui::line(format!(
        "{} locked; what opens them is in {}.",
        ui::counted(locked.count as u64, "key file was", "key files were"),
        locked.unlock.display()
    ));
    match before {
        Some(before) => ui::line(format!(
            "Older copies of the folder still open with {before}; destroy it with them."
        )),
        None => ui::line(
            "Copies of the folder that were made before hold the keys in the open; destroy them.",
        ),
    }
}
