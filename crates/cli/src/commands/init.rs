//! `countersign init DIR`.

use std::path::{Path, PathBuf};

use clap::Args;
use countersign_model::time::Timestamp;
use countersign_node::compose::Opened;
use countersign_node::unlock::UnlockPlace;
use countersign_store_local::folder::put_file;
use serde_json::json;

use super::new_log::NewLog;
use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The data folder to make; it must be empty or not exist.
    dir: PathBuf,
    #[command(flatten)]
    log: NewLog,
    /// Time is told by a scenario that begins at this instant; for simulations only.
    #[arg(long, value_name = "TIME")]
    scenario: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Init {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let scenario = self.scenario.as_deref().map(Timestamp::parse).transpose();
        let scenario =
            scenario.map_err(|error| Failure::wrong_use(format!("--scenario: {error}")))?;
        let settings = self.log.settings(&self.dir)?;
        let opened = countersign_node::init(&self.dir, settings, scenario.map(|(at, _)| at))?;
        let unlock = opened.dir.unlock_place()?;
        let vkeys = opened.dir.vkeys();
        put_file(
            &vkeys,
            format!("{}\n", opened.engine.vkeys().join("\n")).as_bytes(),
        )?;
        self.say(&opened, &vkeys, &unlock);
        Ok(DONE)
    }

    fn say(&self, opened: &Opened, vkeys: &Path, unlock: &UnlockPlace) {
        let vkey = opened.engine.vkey();
        let key = opened.dir.keys().join("administrator.key");
        if self.json {
            ui::json(&json!({
                "dir": self.dir.display().to_string(),
                "origin": opened.dir.origin(),
                "vkey": vkey,
                "vkeys": opened.engine.vkeys(),
                "second": opened.dir.second().display().to_string(),
                "second_on_same_disk": opened.dir.shares_disk_with_second(),
                "unlock": unlock.path.display().to_string(),
                "administrator_key": key.display().to_string(),
            }));
            return;
        }
        ui::line(format!("A log was made in {}.", self.dir.display()));
        ui::line("");
        ui::line("Verification key, to be handed out and pinned by whoever checks your packs:");
        ui::line(format!("  {vkey}"));
        ui::line(format!(
            "  (with a second one, ML-DSA-44, against quantum computers: {})",
            vkeys.display()
        ));
        ui::line("");
        ui::line(format!(
            "Administrator's key: {} (move it to a safe place)",
            key.display()
        ));
        ui::line(format!(
            "Unlock key:          {unlock} (opens the log's keys; keep it out of backups of the folder)"
        ));
        ui::line(format!(
            "Second place:        {}",
            opened.dir.second().display()
        ));
        if opened.dir.shares_disk_with_second() {
            ui::note(
                "note: the second place lies on the same disk as the data; one failing disk takes both",
            );
        }
        ui::line("");
        ui::line("Next:");
        ui::line(format!(
            "  countersign capture --data {} FILE…",
            self.dir.display()
        ));
    }
}
