//! A whole log: the published checkpoint, every statement, body and batch of the ground, and the
//! tree over them.
//!
//! It only reads, needs no lock and no key file, and works beside a running node: what a published
//! checkpoint covers does not change any more. Trust is the reader's pinned key; everything else
//! follows from genesis, which must name that key, and from the acts in the log.
//!
//! One segment of the ground is in memory at a time, besides about 200 bytes for each statement: the
//! chains of the signers.

mod audit;
mod cores;
mod folder;
mod ground;
mod kept;
mod published;
mod reading;
mod settle;
mod summary;
mod tally;

use std::io;

use self::audit::Audit;
use self::ground::Walked;
use self::summary::{Met, summarise};
use crate::limits::CHECKPOINT_BYTES_MAX;
use crate::reason::Reason;
use crate::report::{Fault, Report, Subject};
use crate::tree::Tree;
use crate::trust::Trust;

pub use self::folder::{DataFolder, LogFolder};

/// How far a check has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The segment that is being read.
    pub segment: u32,
    /// Entries checked.
    pub entries: u64,
    /// Entries that the published checkpoint covers, if there is one.
    pub size: Option<u64>,
}

/// Checks a whole log, on up to `cores` threads. `progress` is told now and then how far it is.
///
/// `kept` are checkpoints, each with a name, that the reader or somebody else kept from earlier: the
/// log must still be the one that they cover. Those of other logs are left out.
///
/// # Errors
/// When a file cannot be read, with its path. What is missing or damaged is in the report.
pub fn verify_log(
    folder: &dyn LogFolder,
    trust: &Trust,
    kept: &[(&str, &[u8])],
    cores: usize,
    progress: &mut dyn FnMut(Progress),
) -> io::Result<Report> {
    // The checkpoint first: a running node goes on, and all of what this one covers stays.
    let tree = checkpoint(folder, trust)?;
    let kept = kept::read(kept, trust);
    let mut walked = Walked::default();
    let watched = kept::sizes(&kept);
    let mut audit = Audit::new(folder, tree.as_ref().ok(), watched, cores, progress);
    let end = ground::walk(folder, cores, &mut walked, &mut |segment, commits| {
        audit.take(segment, commits)
    })?;
    let from_ground = audit.len;
    if let Some(published) = &mut audit.published {
        published.take_bundles(&mut audit.faults)?;
    }
    let mut report = Report::new(Subject::Log, trust.is_pinned());
    let met = Met {
        end: &end,
        walked: &walked,
        from_ground,
        kept: &kept,
    };
    summarise(audit, &tree, &met, &mut report);
    Ok(report)
}

fn checkpoint(folder: &dyn LogFolder, trust: &Trust) -> io::Result<Result<Tree, Fault>> {
    let note = folder.published(summary::CHECKPOINT, CHECKPOINT_BYTES_MAX)?;
    Ok(match note {
        Some(note) => Tree::read(&note, trust),
        None => {
            let detail =
                "no checkpoint is published here, so nothing that is signed covers the log";
            Err(Fault::new(Reason::CheckpointAbsent, detail))
        }
    })
}
