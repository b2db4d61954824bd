//! What a command asks that makes a data folder.

use std::path::{Path, PathBuf};

use clap::Args;
use countersign_model::digest::hex;
use countersign_node::data_dir::{Settings, beside};
use countersign_ports::Entropy as _;
use countersign_store_local::MachineEntropy;

use super::key::UnlockChoice;
use crate::fail::Failure;

/// Name and places of a log to be made.
#[derive(Debug, Args)]
pub(crate) struct NewLog {
    /// Name of the log from now on, unique for ever, like `log.example.com/2026` [default: a random one].
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
    /// Where the committed checkpoint is kept a second time; best on another disk [default: DIR.second].
    #[arg(long, value_name = "PATH")]
    second: Option<PathBuf>,
    #[command(flatten)]
    unlock: UnlockChoice,
}

impl NewLog {
    /// The settings of a log in `dir`.
    pub(crate) fn settings(&self, dir: &Path) -> Result<Settings, Failure> {
        let second = match &self.second {
            Some(path) => std::path::absolute(path)?,
            None => beside(dir, ".second")?,
        };
        let origin = match &self.origin {
            Some(origin) => origin.clone(),
            None => random_origin()?,
        };
        Ok(Settings {
            second: second.join("checkpoint"),
            origin,
            unlock: self.unlock.path()?,
        })
    }
}

/// An origin is never a shared default: two logs of one name would be one to their verifiers.
fn random_origin() -> Result<String, Failure> {
    let mut random = [0; 8];
    MachineEntropy.fill(&mut random)?;
    Ok(format!("countersign-{}", hex(&random)))
}
