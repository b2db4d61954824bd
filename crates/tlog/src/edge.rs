//! The right edge of a tree whose full tiles lie elsewhere.
//!
//! A [`TileEdge`] grows like a [`Frontier`] and keeps, of each tile level, the hashes from some full
//! tile on: those that nobody has stored yet. What was stored is forgotten, so its size is that of
//! the growth since, not that of the tree.

use crate::hash::Hash;
use crate::limits::{TILE_HEIGHT, TILE_LEVEL_USED_MAX, TILE_WIDTH};
use crate::tile::{TileId, TileKind};
use crate::tree::{Frontier, LeafIndex, NodeReader, TreeFull, TreeSize, complete_root};

/// A tree of which only the right edge is in memory. About 32 bytes for each leaf that is not
/// forgotten.
#[derive(Clone, Debug, Default)]
pub struct TileEdge {
    frontier: Frontier,
    /// By tile level.
    rows: Vec<Row>,
}

/// Hashes of one tile level.
#[derive(Clone, Debug, Default)]
struct Row {
    /// Place of the first hash that is kept: a multiple of the width of a tile.
    first: u64,
    hashes: Vec<Hash>,
}

impl TileEdge {
    /// The tree without leaves.
    pub const fn new() -> Self {
        Self {
            frontier: Frontier::new(),
            rows: Vec::new(),
        }
    }

    /// The edge of a stored tree: `tile` reads the partial tiles of this size, which are all that is
    /// asked for. `None` if one is missing or not as wide as its name. Nothing is proven by that:
    /// compare the root.
    pub fn resume(
        size: TreeSize,
        mut tile: impl FnMut(&TileId) -> Option<Vec<Hash>>,
    ) -> Option<Self> {
        let mut rows = Vec::new();
        for level in 0..=TILE_LEVEL_USED_MAX {
            let count = size.0 >> (level * TILE_HEIGHT);
            if count == 0 {
                break;
            }
            let place = count / u64::from(TILE_WIDTH);
            let hashes = match TileId::at(TileKind::Hashes { level }, place, size) {
                Some(id) => tile(&id).filter(|it| it.len() == usize::from(id.width()))?,
                None => Vec::new(),
            };
            let first = place * u64::from(TILE_WIDTH);
            rows.push(Row { first, hashes });
        }
        let mut edge = Self {
            frontier: Frontier::new(),
            rows,
        };
        edge.frontier = Frontier::read(&edge, size).ok()?;
        Some(edge)
    }

    /// Appends a leaf hash.
    ///
    /// # Errors
    /// [`TreeFull`] at 2^64 - 1 leaves.
    pub fn append(&mut self, leaf: Hash) -> Result<LeafIndex, TreeFull> {
        let rows = &mut self.rows;
        self.frontier.append(leaf, |level, _, hash| {
            if level % TILE_HEIGHT != 0 {
                return;
            }
            let row = usize::from(level / TILE_HEIGHT);
            match rows.get_mut(row) {
                Some(row) => row.hashes.push(hash),
                None => rows.push(Row {
                    first: 0,
                    hashes: vec![hash],
                }),
            }
        })
    }

    /// The frontier.
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Leaf hashes that are kept.
    pub fn kept(&self) -> usize {
        self.rows.first().map_or(0, |row| row.hashes.len())
    }

    /// Forgets what lies in full tiles of a tree of this size: they are stored elsewhere.
    pub fn forget(&mut self, size: TreeSize) {
        for (row, level) in self.rows.iter_mut().zip(0..) {
            let count = size.0 >> (level * TILE_HEIGHT);
            let first = count - count % u64::from(TILE_WIDTH);
            let gone = first.saturating_sub(row.first).min(row.hashes.len() as u64);
            let gone = gone - gone % u64::from(TILE_WIDTH);
            row.hashes
                .drain(..usize::try_from(gone).unwrap_or_default());
            row.first += gone;
        }
    }
}

impl NodeReader for TileEdge {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        let row = self.rows.get(usize::from(level / TILE_HEIGHT))?;
        let width = 1_u64 << (level % TILE_HEIGHT);
        let from = index.checked_mul(width)?.checked_sub(row.first)?;
        let to = usize::try_from(from.checked_add(width)?).ok()?;
        let covered = row.hashes.get(usize::try_from(from).ok()?..to)?;
        Some(complete_root(covered))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tile::{read_tile, tiles_of};
    use crate::tree::tests::{leaves, table};

    fn grown(size: u64) -> TileEdge {
        let mut edge = TileEdge::new();
        for leaf in leaves(size) {
            edge.append(leaf).unwrap();
        }
        edge
    }

    #[test]
    fn what_is_missing_or_of_another_width_is_no_edge() {
        assert!(TileEdge::resume(TreeSize(3), |_| None).is_none());
        assert!(TileEdge::resume(TreeSize(3), |_| Some(leaves(2))).is_none());
        assert!(TileEdge::resume(TreeSize(0), |_| None).is_some());
    }

    proptest! {
        #[test]
        fn it_has_every_node_or_none_and_resumes(first in 0u64..1400, more in 0u64..700) {
            let whole = table(&leaves(first + more));
            let small = table(&leaves(first));
            let mut edge = TileEdge::resume(TreeSize(first), |tile| read_tile(&small, tile).ok()).unwrap();
            prop_assert_eq!(edge.frontier(), small.frontier());
            for leaf in leaves(first + more).into_iter().skip(usize::try_from(first).unwrap()) {
                edge.append(leaf).unwrap();
            }
            prop_assert_eq!(edge.frontier(), whole.frontier());
            for tile in tiles_of(TreeSize(first + more)) {
                let is_older = tile.index() < (first >> 8);
                if !is_older && tile.kind() != TileKind::Entries {
                    prop_assert_eq!(read_tile(&edge, &tile), read_tile(&whole, &tile));
                }
            }
            for level in 0..12 {
                for index in 0..=(first + more) >> level {
                    let there = edge.node(level, index);
                    prop_assert!(there.is_none() || there == whole.node(level, index));
                }
            }
        }

        #[test]
        fn what_is_forgotten_is_in_full_tiles(size in 0u64..1400, stored in 0u64..1400) {
            let stored = stored.min(size);
            let mut edge = grown(size);
            edge.forget(TreeSize(stored));
            prop_assert_eq!(edge.kept() as u64, size - stored / 256 * 256);
            let whole = grown(size);
            prop_assert_eq!(edge.frontier(), whole.frontier());
            edge.forget(TreeSize(stored / 2));
            prop_assert_eq!(edge.kept() as u64, size - stored / 256 * 256);
        }
    }
}
