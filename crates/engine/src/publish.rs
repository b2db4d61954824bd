//! The published tree behind the commit: full tiles, partial ones, bundles, then the checkpoint.
//!
//! `checkpoint` moves only when everything it promises is in place (format law 8). All of it
//! is derived: what is missing or old is made again from the ground at start-up.

use countersign_model::digest::Digest;
use countersign_ports::{Published, StoreError};
use countersign_tlog::hash::Hash;
use countersign_tlog::tile::{
    TileId, TileKind, encode_bundle, encode_hashes, read_tile, tiles_for_growth,
};
use countersign_tlog::tree::{NodeTable, TreeSize};

/// Puts every tile and bundle in place that a growth of the tree brought, then the checkpoint.
/// `entry` gives the entry at an index.
///
/// # Errors
/// [`StoreError`]; the checkpoint that is there stays, and everything it promises is there.
pub fn publish(
    published: &mut dyn Published,
    nodes: &NodeTable,
    growth: (u64, u64),
    entry: &dyn Fn(u64) -> Result<[u8; 32], StoreError>,
    checkpoint: &[u8],
) -> Result<(), StoreError> {
    let (from, to) = (TreeSize(growth.0), TreeSize(growth.1));
    for tile in tiles_for_growth(from, to) {
        let bytes = tile_bytes(nodes, &tile, entry)?;
        published.put(&tile.to_string(), &bytes)?;
    }
    published.put("checkpoint", checkpoint)?;
    remove_replaced(published, from, to)
}

/// The bytes of a tile or bundle.
///
/// # Errors
/// [`StoreError`] when the tree is not that large.
pub fn tile_bytes(
    nodes: &NodeTable,
    tile: &TileId,
    entry: &dyn Fn(u64) -> Result<[u8; 32], StoreError>,
) -> Result<Vec<u8>, StoreError> {
    match tile.kind() {
        TileKind::Entries => bundle(tile, entry),
        TileKind::Hashes { .. } => Ok(encode_hashes(&hashes(nodes, tile)?)),
    }
}

/// The entry at an index.
///
/// # Errors
/// [`StoreError`] when there is none.
pub fn entry_at(entries: &[Digest], index: u64) -> Result<[u8; 32], StoreError> {
    let at = usize::try_from(index).ok();
    let digest = at.and_then(|at| entries.get(at));
    digest
        .map(|digest| *digest.as_bytes())
        .ok_or_else(|| StoreError::other("cutting tiles", "no such entry"))
}

fn hashes(nodes: &NodeTable, tile: &TileId) -> Result<Vec<Hash>, StoreError> {
    read_tile(nodes, tile)
        .map_err(|error| StoreError::other(format!("cutting {tile}"), error.to_string()))
}

fn bundle(
    tile: &TileId,
    entry: &dyn Fn(u64) -> Result<[u8; 32], StoreError>,
) -> Result<Vec<u8>, StoreError> {
    let first = tile.index().saturating_mul(256);
    let entries: Result<Vec<[u8; 32]>, StoreError> = (first..first + u64::from(tile.width()))
        .map(entry)
        .collect();
    encode_bundle(&entries?)
        .map_err(|error| StoreError::other(format!("cutting {tile}"), error.to_string()))
}

/// Once a full tile is in place its partial ones go, all widths at once; until then they stay,
/// for whoever holds an older checkpoint (tlog-tiles, "Partial Tiles").
fn remove_replaced(
    published: &mut dyn Published,
    from: TreeSize,
    to: TreeSize,
) -> Result<(), StoreError> {
    for tile in tiles_for_growth(from, to).filter(|tile| *tile == tile.full()) {
        published.remove(&format!("{tile}.p"))?;
    }
    Ok(())
}
