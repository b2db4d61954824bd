//! `countersign fsck`: everything is looked at, what is derived is put right.

use std::path::PathBuf;

use clap::Args;
use countersign_node::fsck::{Checked, check};
use countersign_verify::{DataFolder, Progress, Report, Trust, Verdict, verify_log};
use serde_json::{Value, json};

use crate::fail::{DONE, FAILED, Failure};
use crate::ui;

/// Arguments of `fsck`.
#[derive(Debug, Args)]
pub(crate) struct Fsck {
    /// The data folder; no node may be running on it.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Only tell: put nothing right.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Fsck {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let checked = check(&self.data, !self.dry_run);
        let checked = checked.map_err(|error| Failure::new(error.to_string()))?;
        let report = self.verified(&checked)?;
        let is_right = checked.published.is_ok() && report.verdict() == Verdict::Proven;
        if self.json {
            ui::json(&self.as_json(&checked, &report, is_right));
        } else {
            self.print(&checked, &report, is_right);
        }
        Ok(if is_right { DONE } else { FAILED })
    }

    /// The verifier's word on ground and tree, and on the checkpoints of the second place.
    fn verified(&self, checked: &Checked) -> Result<Report, Failure> {
        let trust = Trust::keys(checked.vkeys.iter().map(String::as_str));
        let trust = trust.map_err(|error| Failure::new(error.to_string()))?;
        let kept = checked.second.iter();
        let kept: Vec<(&str, &[u8])> = kept
            .map(|(name, note)| (name.as_str(), note.as_slice()))
            .collect();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let bar = ui::progress(1, "fsck", self.json);
        let mut progress = |at: Progress| {
            bar.set_length(at.size.unwrap_or(at.entries).max(1));
            bar.set_position(at.entries);
        };
        let folder = DataFolder::new(&self.data);
        let report = verify_log(&folder, &trust, &kept, cores, &mut progress);
        bar.finish_and_clear();
        report.map_err(|error| Failure::new(error.to_string()))
    }

    fn as_json(&self, checked: &Checked, report: &Report, is_right: bool) -> Value {
        let published = match &checked.published {
            Ok(mended) => {
                let wrong = mended.wrong.iter();
                let wrong: Vec<Value> = wrong
                    .map(|(path, wrong)| json!({ "file": path, "wrong": wrong.as_str() }))
                    .collect();
                json!({ "right": mended.right, "wrong": wrong, "mended": !self.dry_run, "stray": mended.stray })
            }
            Err(fatal) => json!({ "not_compared": fatal.to_string() }),
        };
        let unread = checked.unread.iter();
        let unread: Vec<Value> = unread
            .map(|one| json!({ "file": one.file, "from": one.from, "to": one.to, "why": one.why }))
            .collect();
        json!({
            "right": is_right,
            "size": report.size,
            "published": published,
            "report": serde_json::from_str::<Value>(&report.to_json()).unwrap_or_default(),
            "snapshot": checked.snapshot.map(|size| size.0),
            "remarks": checked.remarks,
            "unread": unread,
        })
    }

    fn print(&self, checked: &Checked, report: &Report, is_right: bool) {
        // Nobody pinned a key: what is on this disk is held against itself.
        let text = report.to_text_with("Proven: every piece follows from the log's own key.");
        ui::line(text.trim_end());
        ui::line("");
        match &checked.published {
            Ok(mended) => {
                let right = ui::counted(mended.right, "published file is", "published files are");
                ui::line(format!("{right} what the ground gives."));
                let done = if self.dry_run {
                    "would be put right"
                } else {
                    "put right"
                };
                for (path, wrong) in &mended.wrong {
                    let word = wrong.as_str().replace('_', " ");
                    ui::line(format!("  {done}: log/{path} ({word})"));
                }
                for path in &mended.stray {
                    ui::line(format!("  no part of the tree, left alone: log/{path}"));
                }
            }
            Err(fatal) => ui::line(format!(
                "The published files were not compared, and nothing was put right: {fatal}"
            )),
        }
        if let Some(size) = checked.snapshot {
            ui::line(format!(
                "The snapshot of {} gives what the ground gives.",
                ui::counted(size.0, "entry", "entries")
            ));
        }
        for remark in &checked.remarks {
            ui::line(format!("  {remark}"));
        }
        ui::line("Not read:");
        for one in &checked.unread {
            ui::line(format!(
                "  {}, bytes {} to {}: {}",
                one.file, one.from, one.to, one.why
            ));
        }
        ui::line("");
        ui::line(if is_right {
            "The folder is in order."
        } else {
            "The folder is not in order. Ground state is never changed by this command: restore what \
             is damaged from a backup."
        });
    }
}
