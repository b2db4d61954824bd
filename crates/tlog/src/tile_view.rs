//! A log read through its tiles: c2sp.org/tlog-tiles, "Merkle Tree", from the reader's side.

use core::cell::RefCell;
use core::fmt;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::hash::Hash;
use crate::limits::{TILE_CACHE_TILES_MAX, TILE_HEIGHT, TILE_LEVEL_USED_MAX, TILE_WIDTH};
use crate::tile::{TileId, TileKind, decode_hashes};
use crate::tree::{NodeReader, TreeSize, complete_root};

/// The nodes of a tree of one size, over a function that fetches the bytes of a tile.
///
/// At the right edge it asks for the full tile first (a later tree may have completed it, and a log
/// may then have deleted the partial one), then for the partial tile of this size. Tiles that are
/// not there or not as wide as their name are missing nodes. Nothing read here is trusted: a proof
/// made of it holds only if it verifies against a signed root. Ask only for sizes of checkpoints
/// that you have verified (tlog-tiles, "Partial Tiles").
///
/// Keeps up to [`TILE_CACHE_TILES_MAX`] decoded tiles, because one proof visits a tile up to eight
/// times.
pub struct TileStoreView<F> {
    size: TreeSize,
    fetch: F,
    cache: RefCell<TileCache>,
}

/// Decoded tiles by level and index.
type TileCache = BTreeMap<(u8, u64), Rc<[Hash]>>;

impl<F: Fn(&TileId) -> Option<Vec<u8>>> TileStoreView<F> {
    /// A view of the tree of this size. `fetch` returns the bytes of a hash tile, or `None`.
    pub const fn new(size: TreeSize, fetch: F) -> Self {
        Self {
            size,
            fetch,
            cache: RefCell::new(BTreeMap::new()),
        }
    }

    /// The size of the tree.
    pub const fn size(&self) -> TreeSize {
        self.size
    }

    fn tile(&self, level: u8, index: u64) -> Option<Rc<[Hash]>> {
        let place = (level, index);
        if let Some(hashes) = self.cache.borrow().get(&place) {
            return Some(Rc::clone(hashes));
        }
        let tile = TileId::at(TileKind::Hashes { level }, index, self.size)?;
        let partial = || {
            if tile.is_partial() {
                self.fetch_tile(&tile)
            } else {
                None
            }
        };
        let hashes: Rc<[Hash]> = self.fetch_tile(&tile.full()).or_else(partial)?.into();
        let mut cache = self.cache.borrow_mut();
        if cache.len() >= TILE_CACHE_TILES_MAX {
            cache.clear();
        }
        cache.insert(place, Rc::clone(&hashes));
        Some(hashes)
    }

    fn fetch_tile(&self, tile: &TileId) -> Option<Vec<Hash>> {
        decode_hashes(&(self.fetch)(tile)?, tile.width()).ok()
    }
}

impl<F: Fn(&TileId) -> Option<Vec<u8>>> NodeReader for TileStoreView<F> {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        let tile_level = level / TILE_HEIGHT;
        if tile_level > TILE_LEVEL_USED_MAX {
            return None;
        }
        let end = (u128::from(index) + 1) << level;
        if end > u128::from(self.size.0) {
            return None;
        }
        let width = 1u64 << (level % TILE_HEIGHT);
        let first = index.checked_mul(width)?;
        let hashes = self.tile(tile_level, first / u64::from(TILE_WIDTH))?;
        let offset = usize::try_from(first % u64::from(TILE_WIDTH)).ok()?;
        let covered = hashes.get(offset..offset + usize::try_from(width).ok()?)?;
        Some(complete_root(covered))
    }
}

impl<F> fmt::Debug for TileStoreView<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("TileStoreView")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;
    use crate::proof::{MakeProofError, prove_consistency, prove_inclusion};
    use crate::tile::{encode_hashes, read_tile, tiles_of};
    use crate::tree::tests::{leaves, table};
    use crate::tree::{LeafIndex, NodeTable, root_at};

    fn stored(table: &NodeTable, size: u64) -> BTreeMap<String, Vec<u8>> {
        tiles_of(TreeSize(size))
            .map(|tile| {
                (
                    tile.to_string(),
                    encode_hashes(&read_tile(table, &tile).unwrap()),
                )
            })
            .collect()
    }

    /// Every node that the table has within `size` leaves, the view has, and no other.
    fn check(size: u64, grown: u64) {
        let table = table(&leaves(grown));
        // As a log may keep them: no partial tile once its full tile exists.
        let mut files = stored(&table, size);
        files.retain(|path, _| !(path.starts_with("tile/0/") && path.contains(".p/")));
        files.extend(stored(&table, grown));
        let view = TileStoreView::new(TreeSize(size), |tile: &TileId| {
            files.get(&tile.to_string()).cloned()
        });
        for level in 0..20 {
            for index in 0..=(size >> level) {
                let within = (index + 1) << level <= size;
                let expect = if within {
                    table.node(level, index)
                } else {
                    None
                };
                assert_eq!(view.node(level, index), expect, "{level} {index} of {size}");
            }
        }
        assert_eq!(
            root_at(&view, TreeSize(size)),
            root_at(&table, TreeSize(size))
        );
    }

    #[test]
    fn a_view_has_the_nodes_of_its_tree() {
        for size in [1, 2, 255, 256, 257, 511, 600] {
            check(size, size);
        }
    }

    #[test]
    fn a_completed_tile_serves_the_smaller_tree() {
        check(300, 512);
        check(1, 256);
        check(512, 768);
    }

    #[test]
    fn what_is_not_a_tile_is_a_missing_node() {
        for bytes in [vec![], vec![0; 31], vec![0; 32 * 255]] {
            let view = TileStoreView::new(TreeSize(300), |_: &TileId| Some(bytes.clone()));
            assert_eq!(view.node(0, 0), None);
        }
        let view = TileStoreView::new(TreeSize(u64::MAX), |_: &TileId| None);
        for level in 0..=u8::MAX {
            assert_eq!(view.node(level, u64::MAX), None);
            assert_eq!(view.node(level, 0), None);
        }
        let proof = prove_inclusion(&view, LeafIndex(1), TreeSize(u64::MAX));
        assert!(matches!(proof, Err(MakeProofError::Missing(_))));
    }

    #[test]
    fn one_proof_fetches_a_tile_once() {
        let table = table(&leaves(256));
        let files = stored(&table, 256);
        let fetched = Cell::new(0);
        let view = TileStoreView::new(TreeSize(256), |tile: &TileId| {
            fetched.set(fetched.get() + 1);
            files.get(&tile.to_string()).cloned()
        });
        prove_inclusion(&view, LeafIndex(77), TreeSize(256)).unwrap();
        assert_eq!(fetched.get(), 1);
    }

    proptest! {
        #[test]
        fn proofs_from_tiles_are_proofs_from_nodes(size in 2u64..900, pick: u64, old: u64) {
            let table = table(&leaves(size));
            let files = stored(&table, size);
            let view = TileStoreView::new(TreeSize(size), |tile: &TileId| {
                files.get(&tile.to_string()).cloned()
            });
            let (index, old) = (LeafIndex(pick % size), TreeSize(old % size + 1));
            let size = TreeSize(size);
            prop_assert_eq!(
                prove_inclusion(&view, index, size), prove_inclusion(&table, index, size));
            prop_assert_eq!(
                prove_consistency(&view, old, size), prove_consistency(&table, old, size));
        }
    }
}
