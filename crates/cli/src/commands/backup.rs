//! `countersign backup`: a copy of a data folder, made beside a running node and checked.

use std::path::PathBuf;

use clap::Args;
use countersign_node::backup::{BackupError, Made, Progress, Stage, Wanted, back_up};
use serde_json::{Value, json};

use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The data folder; a node may be running on it. Nothing in it is locked or written.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The folder to make, best on another disk; it must not exist.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Copy key files that lie in the open, too. Whoever has them signs as the node.
    #[arg(long)]
    with_keys: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Keys(fault) => fault.into(),
            other => Self::new(other.to_string()),
        }
    }
}

impl Backup {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let wanted = Wanted {
            data: &self.data,
            out: &self.out,
            with_open_keys: self.with_keys,
        };
        let bar = ui::progress(1, "backup", self.json);
        let mut progress = |at: Progress| {
            // Each entry is copied, and read back.
            let before = match at.stage {
                Stage::Copying => 0,
                Stage::Checking => at.size,
            };
            bar.set_length(at.size.saturating_mul(2).max(1));
            bar.set_position(before.saturating_add(at.entries));
        };
        let made = back_up(&wanted, &mut progress);
        bar.finish_and_clear();
        let made = made?;
        if self.json {
            ui::json(&self.as_json(&made));
        } else {
            self.print(&made);
        }
        if !made.is_fully_signed {
            ui::note(
                "countersign: warning: the checkpoint of this copy has the signature of the commit alone, \
                 because nothing was published since, as after a crash; `verify` will say so. Start the \
                 node once, and make another backup",
            );
        }
        if made.keys.iter().any(|(_, is_open)| *is_open) {
            ui::note(
                "countersign: warning: keys in the open are in this copy. Whoever reads it can sign as \
                 the node; `countersign key protect` encrypts them in the data folder",
            );
        }
        Ok(DONE)
    }

    fn as_json(&self, made: &Made) -> Value {
        let summary = &made.summary;
        let keys = made.keys.iter();
        let keys: Vec<Value> = keys
            .map(|(name, is_open)| json!({ "name": name, "in_the_open": is_open }))
            .collect();
        json!({
            "folder": self.out.display().to_string(),
            "origin": summary.origin,
            "size": summary.size,
            "root": summary.root,
            "recorded": summary.recorded,
            "fully_signed": made.is_fully_signed,
            "segments": made.segments,
            "bytes": made.bytes,
            "erased_in_copy": made.erased,
            "keys": keys,
            "vkeys": made.vkeys,
            "not_in_it": made.left_out,
        })
    }

    fn print(&self, made: &Made) {
        let summary = &made.summary;
        let folder = self.out.display();
        ui::line(format!(
            "Copied to {folder}, and the copy read back: its root is the committed one."
        ));
        ui::line(format!("log      {}", summary.origin));
        ui::line(format!(
            "size     {}, the last recorded {}",
            ui::counted(summary.size, "entry", "entries"),
            summary.recorded
        ));
        ui::line(format!("root     {}", summary.root));
        ui::line(format!("bytes    {}", ui::grouped(made.bytes)));
        let keys = made.keys.iter().map(|(name, is_open)| match is_open {
            true => format!("{name} (in the open)"),
            false => (*name).to_owned(),
        });
        let keys: Vec<String> = keys.collect();
        let keys = match keys.as_slice() {
            [] => "none".to_owned(),
            keys => keys.join(", "),
        };
        ui::line(format!("keys     {keys}"));
        ui::line("Not in it:");
        for one in &made.left_out {
            ui::line(format!("  {one}"));
        }
        ui::line("What is erased in the log from now on still stands in this copy.");
        if let Some(vkey) = made.vkeys.first() {
            ui::line(format!(
                "Check it anywhere: countersign verify --key '{vkey}' {folder}"
            ));
        }
    }
}
