//! The right edge of a tree whose full tiles lie elsewhere.
//!
//! A [`TileEdge`] grows like a [`Frontier`] and keeps, of each level, the nodes from the beginning of
//! some tile on: those in tiles that nobody has stored yet, and those over them. What was stored is
//! forgotten, so its size is that of the growth since, not that of the tree.

use crate::hash::Hash;
use crate::limits::{TILE_HEIGHT, TILE_LEVEL_USED_MAX, TILE_WIDTH};
use crate::tile::{TileId, TileKind};
use crate::tree::{Frontier, LeafIndex, NodeReader, TreeFull, TreeSize, row_above};

/// A tree of which only the right edge is in memory. About 64 bytes for each leaf that is not
/// forgotten: the leaf and its share of the nodes above, each hashed once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TileEdge {
    frontier: Frontier,
    /// By level.
    rows: Vec<Row>,
}

/// Nodes of one level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row {
    /// Place of the first node that is kept: it begins a tile.
    first: u64,
    nodes: Vec<Hash>,
}

/// What some leaves add to a tree: its nodes and its new right edge, each hashed once. It belongs to
/// the tree that made it, for as long as nothing else was appended.
#[derive(Clone, Debug)]
pub struct Growth {
    from: TreeSize,
    frontier: Frontier,
    /// Each with its level, in the order in which they came to be.
    nodes: Vec<(u8, Hash)>,
}

impl Growth {
    /// The frontier of the tree with the leaves.
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }
}

/// How many nodes of this level lie in or over full tiles of a tree of this size.
const fn in_full_tiles(level: u8, size: TreeSize) -> u64 {
    let hashes = size.0 >> (level - level % TILE_HEIGHT);
    (hashes - hashes % TILE_WIDTH as u64) >> (level % TILE_HEIGHT)
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
            let mut nodes = match TileId::at(TileKind::Hashes { level }, place, size) {
                Some(id) => tile(&id).filter(|it| it.len() == usize::from(id.width()))?,
                None => Vec::new(),
            };
            for level in level * TILE_HEIGHT..(level + 1) * TILE_HEIGHT {
                let above = row_above(&nodes);
                let first = in_full_tiles(level, size);
                rows.push(Row { first, nodes });
                nodes = above;
            }
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
        self.frontier
            .append(leaf, |level, _, hash| keep(rows, level, hash))
    }

    /// What the tree would be with these leaves appended.
    ///
    /// # Errors
    /// [`TreeFull`] at 2^64 - 1 leaves.
    pub fn grown(&self, leaves: impl IntoIterator<Item = Hash>) -> Result<Growth, TreeFull> {
        let mut frontier = self.frontier.clone();
        let mut nodes = Vec::new();
        for leaf in leaves {
            frontier.append(leaf, |level, _, hash| nodes.push((level, hash)))?;
        }
        Ok(Growth {
            from: self.frontier.size(),
            frontier,
            nodes,
        })
    }

    /// Appends the leaves of which [`TileEdge::grown`] told.
    ///
    /// # Panics
    /// If the tree is not the one that it was then.
    pub fn take(&mut self, growth: &Growth) {
        assert_eq!(
            self.frontier.size(),
            growth.from,
            "a growth of another tree"
        );
        for (level, hash) in &growth.nodes {
            keep(&mut self.rows, *level, *hash);
        }
        self.frontier = growth.frontier.clone();
    }

    /// The frontier.
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Leaf hashes that are kept.
    pub fn kept(&self) -> usize {
        self.rows.first().map_or(0, |row| row.nodes.len())
    }

    /// Forgets what lies in full tiles of a tree of this size: they are stored elsewhere.
    pub fn forget(&mut self, size: TreeSize) {
        let size = TreeSize(size.0.min(self.frontier.size().0));
        for (row, level) in self.rows.iter_mut().zip(0..) {
            let first = in_full_tiles(level, size).max(row.first);
            // The tree has as many nodes of this level, so the row does.
            let gone = usize::try_from(first - row.first).unwrap_or(usize::MAX);
            row.nodes.drain(..gone.min(row.nodes.len()));
            row.first = first;
        }
    }
}

fn keep(rows: &mut Vec<Row>, level: u8, hash: Hash) {
    let level = usize::from(level);
    if rows.len() <= level {
        rows.resize_with(level + 1, Row::default);
    }
    if let Some(row) = rows.get_mut(level) {
        row.nodes.push(hash);
    }
}

impl NodeReader for TileEdge {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        let row = self.rows.get(usize::from(level))?;
        let at = usize::try_from(index.checked_sub(row.first)?).ok()?;
        row.nodes.get(at).copied()
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
            let news: Vec<_> = leaves(first + more).into_iter().skip(usize::try_from(first).unwrap()).collect();
            let growth = edge.grown(news.iter().copied()).unwrap();
            let mut at_once = edge.clone();
            at_once.take(&growth);
            for leaf in news {
                edge.append(leaf).unwrap();
            }
            prop_assert_eq!(&at_once, &edge);
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
