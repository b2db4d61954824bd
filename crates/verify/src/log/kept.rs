//! Checkpoints that somebody kept: the log must be the one that they cover, or it was rewritten.

use std::collections::BTreeSet;

use countersign_attest::TermsAt;

use super::published::Published;
use crate::reason::Reason;
use crate::report::{Fault, Piece};
use crate::tree::Tree;
use crate::trust::Trust;
use crate::words::shown;

/// A checkpoint that the reader brings beside a folder.
pub(super) struct Kept {
    name: String,
    tree: Tree,
}

/// Reads those that are checkpoints; of which log they are is seen when the log is read.
pub(super) fn read(kept: &[(&str, &[u8])], trust: &Trust) -> Vec<Kept> {
    let read = |(name, note): &(&str, &[u8])| {
        let tree = Tree::read(note, trust).ok()?;
        Some(Kept {
            name: (*name).to_owned(),
            tree,
        })
    };
    kept.iter().filter_map(read).collect()
}

/// The sizes at which roots are asked for.
pub(super) fn sizes(kept: &[Kept]) -> BTreeSet<u64> {
    kept.iter().map(Kept::size).collect()
}

impl Kept {
    /// The log that it names.
    pub(super) fn origin(&self) -> &str {
        self.tree.origin()
    }

    const fn size(&self) -> u64 {
        self.tree.checkpoint.size().0
    }

    /// Whether the log here is the one that the checkpoint covers.
    pub(super) fn piece(&self, published: &Published<'_>, next: Option<&TermsAt>) -> Piece {
        let size = self.size();
        let claim = format!("the log still has the {size} entries that this checkpoint covers");
        match self.holds(published, next) {
            Ok(()) => Piece::proven(&self.name, claim, "the root is the same"),
            Err(fault) => Piece::fails(&self.name, claim, fault),
        }
    }

    /// `next` is the name that the log took after the one of the checkpoint.
    fn holds(&self, published: &Published<'_>, next: Option<&TermsAt>) -> Result<(), Fault> {
        let size = self.size();
        if let Some(next) = next.filter(|next| next.since.0 < size) {
            let detail = format!(
                "it covers {size} entries; the log goes on from entry {} as {}, and what stood \
                 behind that is lost",
                next.since,
                shown(next.origin.as_str())
            );
            return Err(Fault::new(Reason::CheckpointBeyond, detail));
        }
        let Some(root) = published.roots.get(&size) else {
            let here = published.len();
            let detail = format!("it covers {size} entries, here are {here}");
            return Err(Fault::new(Reason::CheckpointBeyond, detail));
        };
        if root == self.tree.checkpoint.root() {
            return self.tree.trusted.as_ref().map(|_| ()).map_err(Fault::clone);
        }
        // A checkpoint that nobody whom the reader trusts speaks for shows nothing of this log.
        if let Err(fault) = &self.tree.trusted {
            return Err(fault.clone());
        }
        let detail = format!("at {size} entries the log here has another root: two histories");
        Err(Fault::new(Reason::CheckpointsConflict, detail))
    }
}
