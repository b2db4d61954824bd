//! The nodes of the tree: the right edge in memory, everything else in published tiles.
//!
//! A tile that was read counts only if the root over it is the node that its parent has, up to the
//! edge, which is the committed tree itself. One that fails, or is gone, is made again from the
//! ground; the file is left to `fsck`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use countersign_ports::StoreError;
use countersign_tlog::hash::Hash;
use countersign_tlog::limits::{TILE_HEIGHT, TILE_LEVEL_USED_MAX, TILE_WIDTH};
use countersign_tlog::tile::{TileId, TileKind, decode_hashes, encode_bundle, encode_hashes};
use countersign_tlog::tree::{Frontier, NodeReader, complete_root, row_above};

use super::Log;
use crate::engine::Fatal;
use crate::ground;
use crate::limits::TILE_CACHE_TILES_MAX;

type Tiles = BTreeMap<(u8, u64), Arc<TileNodes>>;

/// A full tile with the nodes over its hashes: each is hashed once, not once for each proof.
#[derive(Debug)]
struct TileNodes(Vec<Vec<Hash>>);

impl TileNodes {
    fn over(hashes: Vec<Hash>) -> Self {
        let mut rows = vec![hashes];
        while let Some(below) = rows.last().filter(|row| row.len() > 1) {
            rows.push(row_above(below));
        }
        Self(rows)
    }

    /// The node so many levels above the hashes.
    fn get(&self, level: u8, at: u64) -> Option<Hash> {
        let row = self.0.get(usize::from(level))?;
        row.get(usize::try_from(at).ok()?).copied()
    }
}

/// Full tiles that were read and checked, by level and index.
#[derive(Debug, Default)]
pub(super) struct TileCache {
    tiles: RefCell<Tiles>,
    /// Why a node could not be given; for whoever met the missing node.
    fault: RefCell<Option<Fatal>>,
}

impl NodeReader for Log {
    /// `None` also when a tile cannot be had: [`Log::why_missing`] says why.
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        let known = self.sequencer.edge().node(level, index);
        known.or_else(|| {
            let is_there = (u128::from(index) + 1) << level <= u128::from(self.size().0);
            if !is_there {
                return None;
            }
            match self.stored_node(level, index) {
                Ok(node) => node,
                Err(fault) => {
                    self.cache.fault.replace(Some(fault));
                    None
                }
            }
        })
    }
}

impl Log {
    /// Why a node is missing.
    pub(super) fn why_missing(&self, what: &dyn std::fmt::Display) -> Fatal {
        let fault = self.cache.fault.take();
        fault.unwrap_or_else(|| Fatal::Damaged(what.to_string()))
    }

    fn stored_node(&self, level: u8, index: u64) -> Result<Option<Hash>, Fatal> {
        let above = level % TILE_HEIGHT;
        // So many nodes of this level stand over one full tile.
        let width = u64::from(TILE_WIDTH) >> above;
        let nodes = self.full_tile(level / TILE_HEIGHT, index / width)?;
        Ok(nodes.get(above, index % width))
    }

    /// The nodes of a full tile that is not in the edge.
    fn full_tile(&self, level: u8, index: u64) -> Result<Arc<TileNodes>, Fatal> {
        if let Some(nodes) = self.cache.tiles.borrow().get(&(level, index)) {
            return Ok(Arc::clone(nodes));
        }
        let id = TileId::new(TileKind::Hashes { level }, index, TILE_WIDTH)
            .map_err(|error| Fatal::Damaged(error.to_string()))?;
        // The edge ends the search: it has the topmost level from its beginning on.
        let above = (level < TILE_LEVEL_USED_MAX)
            .then(|| self.node((level + 1) * TILE_HEIGHT, index))
            .flatten();
        let above = above.ok_or_else(|| self.why_missing(&format!("{id} is not in the tree")))?;
        let is_right = |hashes: &Vec<Hash>| complete_root(hashes) == above;
        let bytes = self.stores.published.get(&id.to_string())?;
        let stored = bytes.and_then(|bytes| decode_hashes(&bytes, TILE_WIDTH).ok());
        let hashes = match stored.filter(is_right) {
            Some(hashes) => hashes,
            None => {
                let made = self.tile_from_ground(level, index)?;
                Some(made).filter(is_right).ok_or_else(|| {
                    Fatal::Damaged(format!(
                        "{id}: neither the published tile nor the ground has what the committed \
                         tree says; run `countersign fsck` on the data folder"
                    ))
                })?
            }
        };
        let nodes = Arc::new(TileNodes::over(hashes));
        let mut tiles = self.cache.tiles.borrow_mut();
        if tiles.len() >= TILE_CACHE_TILES_MAX {
            tiles.clear();
        }
        tiles.insert((level, index), Arc::clone(&nodes));
        Ok(nodes)
    }

    fn tile_from_ground(&self, level: u8, index: u64) -> Result<Vec<Hash>, Fatal> {
        let leaves = 1_u64 << (u32::from(level + 1) * u32::from(TILE_HEIGHT));
        let mut hashes = Vec::new();
        let mut below = Frontier::new();
        self.entries_in_ground(index * leaves, leaves, &mut |entry| {
            // No tile has as many leaves under it as fill a tree.
            let _ = below.append(Hash::leaf(&entry), |at, _, hash| {
                if at == level * TILE_HEIGHT {
                    hashes.push(hash);
                }
            });
        })?;
        Ok(hashes)
    }

    /// Hands `count` entries from `first` on to `take`, read from the ground.
    fn entries_in_ground(
        &self,
        first: u64,
        count: u64,
        take: &mut dyn FnMut([u8; 32]),
    ) -> Result<(), Fatal> {
        let Some(place) = self.places.get(first)? else {
            let text = format!("the log has no index {first}");
            return Err(Fatal::Damaged(text));
        };
        let mut next = first;
        let mut is_odd = false;
        ground::each_entry(&*self.stores.ground, place.at, &mut |index, entry| {
            is_odd |= index.0 != next;
            next += 1;
            take(*entry.as_bytes());
            is_odd || next == first + count
        })?;
        if is_odd {
            let text = format!("at index {next} of the ground stands another one");
            return Err(Fatal::Damaged(text));
        }
        Ok(())
    }

    /// The bytes of a tile or bundle of the committed tree.
    pub(super) fn tile_bytes(&self, tile: &TileId) -> Result<Vec<u8>, Fatal> {
        let TileKind::Hashes { level } = tile.kind() else {
            return self.bundle_bytes(tile);
        };
        let first = tile.index() * u64::from(TILE_WIDTH);
        let hashes: Option<Vec<Hash>> = (first..first + u64::from(tile.width()))
            .map(|index| self.node(level * TILE_HEIGHT, index))
            .collect();
        let hashes = hashes.ok_or_else(|| self.why_missing(tile))?;
        Ok(encode_hashes(&hashes))
    }

    fn bundle_bytes(&self, tile: &TileId) -> Result<Vec<u8>, Fatal> {
        let first = tile.index() * u64::from(TILE_WIDTH);
        let count = u64::from(tile.width());
        let entries = match self.recent.get(first, count) {
            Some(entries) => entries.iter().map(|it| *it.as_bytes()).collect(),
            None => {
                let mut entries = Vec::new();
                self.entries_in_ground(first, count, &mut |entry| entries.push(entry))?;
                entries
            }
        };
        encode_bundle(&entries)
            .map_err(|error| StoreError::other(format!("cutting {tile}"), error.to_string()).into())
    }
}
