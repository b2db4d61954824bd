//! Puts the published tree right, file by file, from the ground that was read.
//!
//! All of it is derived: what is missing or differs is made again, and what is no part of the
//! tree is named and left alone. The ground and the second place are never touched.

use std::collections::BTreeSet;

use countersign_model::entry::Size;
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::{Note, VerifierKey};
use countersign_tlog::tile::{TileId, tiles_of};
use countersign_tlog::tree::TreeSize;

use crate::engine::{Engine, Fatal};

/// The file whose bytes are a signed note, not derived from the tree alone.
const CHECKPOINT: &str = "checkpoint";
/// What a file is called while it is written.
const HALF_WRITTEN: &str = ".tmp";

/// What was wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// It was not there.
    Missing,
    /// Its bytes were others.
    Differed,
    /// It was left by a write that was broken off.
    HalfWritten,
}

impl Wrong {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Differed => "differed",
            Self::HalfWritten => "half_written",
        }
    }
}

/// What became of the published tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Files that were right.
    pub right: u64,
    /// Files that were wrong, by path: made again, or, half-written, removed.
    pub wrong: Vec<(String, Wrong)>,
    /// Files that are no part of the tree, by path; left alone.
    pub stray: Vec<String>,
}

impl Engine {
    /// Compares every published file with what the ground gives, and puts right what is wrong; only
    /// tells, unless `is_writing`. The tree is that of the committed checkpoint.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn mend_published(&mut self, is_writing: bool) -> Result<Mended, Fatal> {
        let size = TreeSize(self.size().0);
        let mut mended = Mended::default();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for path in self.log.stores.published.list()? {
            if path == CHECKPOINT {
                continue;
            }
            if path.ends_with(HALF_WRITTEN) {
                self.put_right(is_writing, &path, None)?;
                mended.wrong.push((path, Wrong::HalfWritten));
                continue;
            }
            match TileId::parse(&path).ok().filter(|tile| is_of(tile, size)) {
                Some(tile) => {
                    self.mend_tile(&tile, is_writing, &mut mended)?;
                    seen.insert(path);
                }
                None => mended.stray.push(path),
            }
        }
        for tile in tiles_of(size).filter(|tile| !seen.contains(&tile.to_string())) {
            self.mend_tile(&tile, is_writing, &mut mended)?;
        }
        self.mend_checkpoint(is_writing, &mut mended)?;
        mended.wrong.sort();
        Ok(mended)
    }

    fn mend_tile(
        &mut self,
        tile: &TileId,
        is_writing: bool,
        mended: &mut Mended,
    ) -> Result<(), Fatal> {
        let path = tile.to_string();
        let bytes = self.log.tile_bytes(tile)?;
        match self.log.stores.published.get(&path)? {
            Some(there) if there == bytes => mended.right += 1,
            there => {
                let wrong = there.map_or(Wrong::Missing, |_| Wrong::Differed);
                self.put_right(is_writing, &path, Some(&bytes))?;
                mended.wrong.push((path, wrong));
            }
        }
        Ok(())
    }

    /// An older checkpoint of ours is right, too; the newest is put in its place.
    fn mend_checkpoint(&mut self, is_writing: bool, mended: &mut Mended) -> Result<(), Fatal> {
        let there = self.log.stores.published.get(CHECKPOINT)?;
        let right = there
            .as_deref()
            .and_then(|note| self.is_published_by_us(note));
        if right == Some(self.size().0) {
            mended.right += 1;
            return Ok(());
        }
        let newest = self.outward()?.to_vec();
        self.put_right(is_writing, CHECKPOINT, Some(&newest))?;
        match (right, there) {
            // It was on its way.
            (Some(_), _) => mended.right += 1,
            (None, None) => mended.wrong.push((CHECKPOINT.to_owned(), Wrong::Missing)),
            (None, Some(_)) => mended.wrong.push((CHECKPOINT.to_owned(), Wrong::Differed)),
        }
        Ok(())
    }

    /// The size of a checkpoint that every key of ours signed and that the tree goes on from.
    fn is_published_by_us(&self, note: &[u8]) -> Option<u64> {
        let note = Note::parse(note).ok()?;
        let keys: Vec<VerifierKey> = self
            .vkeys()
            .iter()
            .filter_map(|key| VerifierKey::parse(key).ok())
            .collect();
        let signed = note.verify(&keys).ok()?.len() == keys.len();
        let checkpoint = Checkpoint::parse(note.text()).ok()?;
        let root = self.log.root_at(Size(checkpoint.size().0)).ok()?;
        let lines = note.signatures().len() == keys.len();
        (signed && lines && root == *checkpoint.root()).then_some(checkpoint.size().0)
    }

    fn put_right(
        &mut self,
        is_writing: bool,
        path: &str,
        bytes: Option<&[u8]>,
    ) -> Result<(), Fatal> {
        match bytes {
            _ if !is_writing => Ok(()),
            Some(bytes) => Ok(self.log.stores.published.put(path, bytes)?),
            None => Ok(self.log.stores.published.remove(path)?),
        }
    }
}

/// Whether a log of this size has ever served the tile: in full, or as far as it had grown.
fn is_of(tile: &TileId, size: TreeSize) -> bool {
    let now = TileId::at(tile.kind(), tile.index(), size);
    now.is_some_and(|now| tile.width() <= now.width())
}
