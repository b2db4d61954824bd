//! Puts the published tree right, file by file, from the ground that was read.
//!
//! All of it is derived: what is missing or differs is made again, and what is no part of the
//! tree is named and left alone. The ground and the second place are never touched.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::digest::Digest;
use countersign_model::entry::Size;
use countersign_ports::{Position, Published, StoreError};
use countersign_record::segment::HEADER_LEN;
use countersign_tlog::edge::TileEdge;
use countersign_tlog::hash::Hash;
use countersign_tlog::limits::{TILE_LEVEL_USED_MAX, TILE_WIDTH};
use countersign_tlog::tile::{TileId, TileKind, encode_bundle, encode_hashes, read_tile, tiles_of};
use countersign_tlog::tree::TreeSize;

use crate::checkpoint::Read;
use crate::committed_end::short;
use crate::components::Stores;
use crate::engine::{Engine, Fatal};
use crate::ground::each_entry;
use crate::log::PUBLISHED_CHECKPOINT;

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
    /// tells, unless `is_writing`. The tree is that of the committed checkpoint. The ground is read
    /// once from end to end; of the tree, no more than the right edge is in memory.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn mend_published(&mut self, is_writing: bool) -> Result<Mended, Fatal> {
        let size = self.size();
        let mut mended = Mended::default();
        let listed = self.list_published(size, is_writing, &mut mended)?;
        let root = self.log.root();
        let Stores {
            ground, published, ..
        } = &mut self.log.stores;
        let mut pass = Pass {
            published: &mut **published,
            listed,
            is_writing,
            edge: TileEdge::new(),
            bundle: Vec::new(),
            mended: &mut mended,
        };
        let mut failed = Ok(());
        let begin = Position {
            segment: 0,
            offset: short(HEADER_LEN),
        };
        each_entry(&**ground, begin, &mut |_, entry| {
            failed = pass.take(entry);
            failed.is_err() || pass.edge.frontier().size().0 == size.0
        })?;
        failed?;
        pass.right_edge()?;
        if pass.edge.frontier().root() != root {
            return Err(Fatal::Damaged(
                "the ground is not the one that the committed checkpoint names: its root differs"
                    .into(),
            ));
        }
        self.mend_checkpoint(is_writing, &mut mended)?;
        mended.wrong.sort();
        Ok(mended)
    }

    /// The widths of each tile that are there or must be.
    fn list_published(
        &mut self,
        size: Size,
        is_writing: bool,
        mended: &mut Mended,
    ) -> Result<Listed, Fatal> {
        let size = TreeSize(size.0);
        let mut listed = Listed::new();
        for path in self.log.stores.published.list()? {
            if path == PUBLISHED_CHECKPOINT {
                continue;
            }
            if path.ends_with(HALF_WRITTEN) {
                self.put_right(is_writing, &path, None)?;
                mended.wrong.push((path, Wrong::HalfWritten));
                continue;
            }
            match TileId::parse(&path).ok().filter(|tile| is_of(tile, size)) {
                Some(tile) => insert(&mut listed, &tile),
                None => mended.stray.push(path),
            }
        }
        for tile in tiles_of(size) {
            insert(&mut listed, &tile);
        }
        Ok(listed)
    }

    /// An older checkpoint of ours is right, too; the newest is put in its place.
    fn mend_checkpoint(&mut self, is_writing: bool, mended: &mut Mended) -> Result<(), Fatal> {
        let there = self.log.stores.published.get(PUBLISHED_CHECKPOINT)?;
        let right = there
            .as_deref()
            .and_then(|note| self.is_published_by_us(note));
        if right == Some(self.size().0) {
            mended.right += 1;
            return Ok(());
        }
        let newest = self.outward()?.to_vec();
        self.put_right(is_writing, PUBLISHED_CHECKPOINT, Some(&newest))?;
        match (right, there) {
            // It was on its way.
            (Some(_), _) => mended.right += 1,
            (None, None) => mended
                .wrong
                .push((PUBLISHED_CHECKPOINT.to_owned(), Wrong::Missing)),
            (None, Some(_)) => mended
                .wrong
                .push((PUBLISHED_CHECKPOINT.to_owned(), Wrong::Differed)),
        }
        Ok(())
    }

    /// The size of a checkpoint that every key of ours signed, and nobody else, and that the tree
    /// goes on from.
    fn is_published_by_us(&self, note: &[u8]) -> Option<u64> {
        let read = Read::parse(note).ok()?;
        let (signed, keys) = read.signed(&self.state.register)?;
        let root = self.log.root_at(Size(read.size())).ok()?;
        let is_whole = signed == keys && read.lines() == keys;
        (is_whole && root.as_bytes() == &read.root()).then_some(read.size())
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

/// Widths of tiles, by kind and index.
type Listed = BTreeMap<(TileKind, u64), BTreeSet<u16>>;

fn insert(listed: &mut Listed, tile: &TileId) {
    let widths = listed.entry((tile.kind(), tile.index())).or_default();
    widths.insert(tile.width());
}

/// One pass over the entries: a tile is compared when it is full, or when the entries end.
struct Pass<'a> {
    published: &'a mut dyn Published,
    listed: Listed,
    is_writing: bool,
    edge: TileEdge,
    /// Entries of the last bundle.
    bundle: Vec<Digest>,
    mended: &'a mut Mended,
}

impl Pass<'_> {
    fn take(&mut self, entry: Digest) -> Result<(), Fatal> {
        let grown = self.edge.append(Hash::leaf(entry.as_bytes()));
        grown.map_err(|full| Fatal::Damaged(full.to_string()))?;
        self.bundle.push(entry);
        let size = self.edge.frontier().size();
        let mut level = 0;
        let mut count = size.0;
        while level <= TILE_LEVEL_USED_MAX && count.is_multiple_of(u64::from(TILE_WIDTH)) {
            count /= u64::from(TILE_WIDTH);
            let index = count - 1;
            if level == 0 {
                self.compare_all(TileKind::Entries, index)?;
                self.bundle.clear();
            }
            self.compare_all(TileKind::Hashes { level }, index)?;
            level += 1;
        }
        if level > 0 {
            self.edge.forget(size);
        }
        Ok(())
    }

    /// Compares what is left: partial tiles.
    fn right_edge(&mut self) -> Result<(), Fatal> {
        while let Some(((kind, index), _)) = self.listed.first_key_value() {
            let (kind, index) = (*kind, *index);
            self.compare_all(kind, index)?;
        }
        Ok(())
    }

    /// Compares every width of a tile: the narrower ones are its beginning.
    fn compare_all(&mut self, kind: TileKind, index: u64) -> Result<(), Fatal> {
        for width in self.listed.remove(&(kind, index)).unwrap_or_default() {
            let tile = TileId::new(kind, index, width);
            let tile = tile.map_err(|error| Fatal::Damaged(error.to_string()))?;
            self.compare(&tile)?;
        }
        Ok(())
    }

    fn compare(&mut self, tile: &TileId) -> Result<(), Fatal> {
        let path = tile.to_string();
        let cut = |error: String| Fatal::from(StoreError::other(format!("cutting {path}"), error));
        let bytes = match tile.kind() {
            TileKind::Entries => {
                let entries = self.bundle.iter().take(usize::from(tile.width()));
                let entries: Vec<&[u8; 32]> = entries.map(Digest::as_bytes).collect();
                encode_bundle(&entries).map_err(|error| cut(error.to_string()))?
            }
            TileKind::Hashes { .. } => {
                let hashes = read_tile(&self.edge, tile);
                encode_hashes(&hashes.map_err(|error| cut(error.to_string()))?)
            }
        };
        match self.published.get(&path)? {
            Some(there) if there == bytes => self.mended.right += 1,
            there => {
                let wrong = there.map_or(Wrong::Missing, |_| Wrong::Differed);
                if self.is_writing {
                    self.published.put(&path, &bytes)?;
                }
                self.mended.wrong.push((path, wrong));
            }
        }
        Ok(())
    }
}

/// Whether a log of this size has ever served the tile: in full, or as far as it had grown.
fn is_of(tile: &TileId, size: TreeSize) -> bool {
    let now = TileId::at(tile.kind(), tile.index(), size);
    now.is_some_and(|now| tile.width() <= now.width())
}
