//! `countersign key new`: keys for people who approve.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use countersign_attest::Algorithm;

use super::device::make_key;
use crate::fail::Failure;

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
}

impl Key {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let Command::New { out, json } = self.command;
        make_key(&out, Algorithm::Ed25519, ("person", "person:NAME"), json)
    }
}
