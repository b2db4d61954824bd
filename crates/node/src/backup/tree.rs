//! The published tree of the copy, made from the copied ground: entries go in one by one, and a
//! tile or bundle is written as soon as it is full. Memory stays flat.

use std::path::{Path, PathBuf};

use countersign_model::digest::Digest;
use countersign_ports::StoreError;
use countersign_tlog::Hash;
use countersign_tlog::limits::{TILE_HEIGHT, TILE_WIDTH};
use countersign_tlog::tile::{TileId, TileKind, encode_bundle, encode_hashes};
use countersign_tlog::tree::Frontier;

use super::{make, put};

/// A tree that grows into files.
pub(super) struct TreeFiles {
    log: PathBuf,
    edge: Frontier,
    /// The bundle that is not full yet.
    entries: Vec<[u8; 32]>,
    bundles: u64,
    /// For each level of tiles the one that is not full yet, and how many are.
    rows: Vec<(Vec<Hash>, u64)>,
    bytes: u64,
    /// A size at which the root is kept.
    watch: u64,
    watched: Option<Hash>,
}

/// A tree that was written.
pub(super) struct Made {
    /// Bytes of all files.
    pub(super) bytes: u64,
    pub(super) root: Hash,
    /// The root at the size that was watched, if the tree is that large.
    pub(super) watched: Option<Hash>,
}

impl TreeFiles {
    /// A tree without entries, in an empty folder; the root at the size `watch` is kept.
    pub(super) fn new(log: &Path, watch: u64) -> Self {
        Self {
            log: log.to_owned(),
            edge: Frontier::new(),
            entries: Vec::new(),
            bundles: 0,
            rows: Vec::new(),
            bytes: 0,
            watch,
            watched: None,
        }
    }

    /// Takes the next entry.
    pub(super) fn push(&mut self, entry: Digest) -> Result<(), StoreError> {
        self.entries.push(*entry.as_bytes());
        let mut completed = Vec::new();
        let note = |level: u8, _, hash| {
            if level.is_multiple_of(TILE_HEIGHT) {
                completed.push((usize::from(level / TILE_HEIGHT), hash));
            }
        };
        let appended = self.edge.append(Hash::leaf(entry.as_bytes()), note);
        appended.map_err(|error| StoreError::other("making the tree", error.to_string()))?;
        for (level, hash) in completed {
            if self.rows.len() <= level {
                self.rows.push((Vec::new(), 0));
            }
            if let Some((row, _)) = self.rows.get_mut(level) {
                row.push(hash);
            }
        }
        if self.edge.size().0 == self.watch {
            self.watched = Some(self.edge.root());
        }
        self.write(usize::from(TILE_WIDTH))
    }

    /// Writes what is not full.
    pub(super) fn finish(mut self) -> Result<Made, StoreError> {
        self.write(1)?;
        Ok(Made {
            bytes: self.bytes,
            root: self.edge.root(),
            watched: self.watched,
        })
    }

    /// Writes the bundle and the tiles of the right edge that have at least so many items.
    fn write(&mut self, items_min: usize) -> Result<(), StoreError> {
        if self.entries.len() >= items_min {
            let entries = std::mem::take(&mut self.entries);
            let bytes = encode_bundle(&entries)
                .map_err(|error| StoreError::other("making a bundle", error.to_string()))?;
            self.put((TileKind::Entries, self.bundles), entries.len(), &bytes)?;
            self.bundles += 1;
        }
        for level in 0..self.rows.len() {
            let Some((row, index)) = self.rows.get_mut(level) else {
                break;
            };
            if row.len() >= items_min {
                let (row, index) = (std::mem::take(row), std::mem::replace(index, *index + 1));
                let level = u8::try_from(level).unwrap_or(u8::MAX);
                let kind = TileKind::Hashes { level };
                self.put((kind, index), row.len(), &encode_hashes(&row))?;
            }
        }
        Ok(())
    }

    fn put(
        &mut self,
        (kind, index): (TileKind, u64),
        width: usize,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let width = u16::try_from(width).unwrap_or(u16::MAX);
        let tile = TileId::new(kind, index, width)
            .map_err(|error| StoreError::other("making a tile", error.to_string()))?;
        let path = self.log.join(tile.to_string());
        if let Some(folder) = path.parent() {
            make(folder)?;
        }
        self.bytes += bytes.len() as u64;
        put(&path, bytes)
    }
}
