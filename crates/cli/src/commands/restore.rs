//! `countersign restore`: a log goes on from a copy, under another name.

use std::path::PathBuf;

use clap::Args;
use countersign_node::data_dir::read_secret_key;
use countersign_node::restore::{Restore as Wanted, Restored, restore};
use serde_json::json;

use super::new_log::NewLog;
use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup, or a copy of a data folder.
    #[arg(value_name = "COPY")]
    copy: PathBuf,
    /// The data folder to be made; it must be empty or not exist.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Key of an administrator of the log, which signs for it.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    log: NewLog,
    /// What unlocks the key files of the copy [default: what its settings name].
    #[arg(long, value_name = "FILE")]
    copy_unlock: Option<PathBuf>,
    /// Go on from this checkpoint of the log, not from the newest that the copy bears out: what was
    /// logged behind it is given up.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Checkpoints of the log that somebody kept: what they cover and the copy has not, is lost, at
    /// least. How much exactly, only the second place of the log knows.
    #[arg(long, value_name = "FILE")]
    known: Vec<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|error| Failure::io("reading", path, &error))
        };
        let restored = restore(&Wanted {
            copy: self.copy.clone(),
            root: self.dir.clone(),
            settings: self.log.settings(&self.dir)?,
            administrator: read_secret_key(&self.key)?,
            unlock: self.copy_unlock.clone(),
            checkpoint: self.checkpoint.as_ref().map(read).transpose()?,
            known: self.known.iter().map(read).collect::<Result<_, _>>()?,
        })?;
        self.say(&restored);
        if let Some(why) = &restored.second_fault {
            ui::note(format!(
                "countersign: warning: the second place of the copy does not say how far the log went: {why}"
            ));
        }
        Ok(DONE)
    }

    fn say(&self, restored: &Restored) {
        let engine = &restored.opened.engine;
        let continued = &restored.continued;
        let (old, new) = (continued.origin.as_str(), restored.opened.dir.origin());
        if self.json {
            ui::json(&json!({
                "dir": self.dir.display().to_string(),
                "origin": new,
                "vkey": engine.vkey(),
                "vkeys": engine.vkeys(),
                "renewal": restored.index.0,
                "size": engine.size().0,
                "continues": {
                    "origin": old,
                    "size": continued.size.0,
                    "root": continued.root.to_string(),
                },
                "lost": continued.lost.map(|lost| json!({
                    "from": lost.from.0,
                    "to": lost.to.map(|to| to.0),
                    "at_least": restored.is_at_least,
                })),
            }));
            return;
        }
        let size = continued.size.0;
        ui::line(format!(
            "The log {old} goes on in {} as {new}.",
            self.dir.display()
        ));
        ui::line("");
        ui::line(format!(
            "Entries 0 to {} are those of {old}, at their places; entry {} says so.",
            size.saturating_sub(1),
            restored.index
        ));
        match continued.lost.map(|lost| lost.to) {
            None => ui::line("Nothing is known to be lost."),
            Some(Some(to)) if restored.is_at_least => ui::line(format!(
                "Lost: at least entries {size} to {} of {old}; that much a checkpoint covers, and how much \
                 more there was, nobody here knows. Receipts for them still prove what was promised; whoever \
                 holds one sends the statement again.",
                to.0 - 1
            )),
            Some(Some(to)) => ui::line(format!(
                "Lost: entries {size} to {} of {old}. Receipts for them still prove what was promised; \
                 whoever holds one sends the statement again.",
                to.0 - 1
            )),
            Some(None) => ui::line(format!(
                "Lost: whatever was logged in {old} from entry {size} on; how much, nobody here knows. \
                 Whoever holds a receipt for it sends the statement again."
            )),
        }
        ui::line("");
        ui::line("New verification key, to be handed out and pinned in place of the old one:");
        ui::line(format!("  {}", engine.vkey()));
        ui::line("");
        ui::note(format!(
            "note: {old} must not run again: statements to it belong to {new} now"
        ));
    }
}
