//! `countersign key`: keys for people who approve, and the lock on the keys of a log.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use countersign_attest::{Algorithm, SecretKey};
use countersign_model::network::Role;
use countersign_node::protect::{Locked, change_unlock, check_passphrase, protect};
use countersign_node::renew::{RenewError, Renewed, retire, rotate};
use countersign_node::unlock::UnlockPlace;
use serde_json::json;

use super::new_key::NewKey;
use super::own::signing_key;
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
    New(NewKey),
    /// Make new keys of a log: checkpoints are signed by old and new ones until `retire`.
    Rotate(Renewal),
    /// End the keys of before a rotation: the newest sign alone, the old files are destroyed.
    Retire(Renewal),
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

/// Which log, and who says so.
#[derive(Debug, Args)]
struct Renewal {
    /// The data folder; no node may be running on it.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Key of an administrator [default: DIR/keys/administrator.key].
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Renewal {
    fn make(
        &self,
        renew: fn(&Path, &SecretKey) -> Result<Renewed, RenewError>,
        then: &[&str],
    ) -> Result<u8, Failure> {
        let key = signing_key(&self.data, self.key.as_deref())?;
        let renewed = renew(&self.data, &key)?;
        say_renewed(&renewed, self.json, then);
        Ok(DONE)
    }
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
            Command::New(key) => key.make(Algorithm::Ed25519, Role::Person),
            Command::Rotate(renewal) => renewal.make(
                rotate,
                &[
                    "Checkpoints are signed by the old and the new keys from now on. Hand out the new",
                    "verification key; when everybody has it: countersign key retire",
                ],
            ),
            Command::Retire(renewal) => renewal.make(
                retire,
                &[
                    "The old keys sign nothing any more, and their files are destroyed. What they have",
                    "signed proves as before.",
                ],
            ),
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

fn say_renewed(renewed: &Renewed, as_json: bool, then: &[&str]) {
    if as_json {
        ui::json(&json!({
            "renewal": renewed.index.0,
            "vkeys": renewed.vkeys,
            "files": renewed.files,
        }));
        return;
    }
    ui::line(format!(
        "Entry {} renews the keys of the log. Verification key:",
        renewed.index
    ));
    ui::line(format!(
        "  {}",
        renewed.vkeys.first().map_or("", String::as_str)
    ));
    ui::line("");
    for line in then {
        ui::line(*line);
    }
}
