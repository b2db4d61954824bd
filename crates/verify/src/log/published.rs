//! The published tree: entries go in one by one, and every tile and bundle that the published size
//! promises is held against the file as soon as it is full. Memory stays flat.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use countersign_model::digest::Digest;
use countersign_tlog::tile::{TileId, TileKind, decode_bundle, encode_bundle, encode_hashes};
use countersign_tlog::tree::Frontier;
use countersign_tlog::{Hash, TreeSize};

use super::folder::LogFolder;
use super::tally::{Faults, Part};
use crate::limits::TILE_BYTES_MAX;
use crate::reason::Reason;
use crate::report::Fault;

/// Items of a full tile.
const WIDTH: usize = 256;
/// Levels of the tree below a tile of the next level: 2^8 = 256.
const HEIGHT: u8 = 8;

/// A tree of the published size that grows.
pub(super) struct Published<'f> {
    folder: &'f dyn LogFolder,
    /// Entries that the checkpoint promises.
    size: u64,
    edge: Frontier,
    /// The bundle that is not full yet.
    entries: Vec<[u8; 32]>,
    bundles: u64,
    /// For each level of tiles the one that is not full yet, and how many are.
    rows: Vec<(Vec<Hash>, u64)>,
    /// Tiles and bundles that are as they should be.
    pub(super) right: u64,
    /// Sizes at which the root is to be kept.
    watched: BTreeSet<u64>,
    /// Roots at those sizes.
    pub(super) roots: BTreeMap<u64, Hash>,
}

impl<'f> Published<'f> {
    /// A tree that is to have `size` entries, and of which the roots at some sizes are asked for.
    pub(super) const fn new(folder: &'f dyn LogFolder, size: u64, watched: BTreeSet<u64>) -> Self {
        Self {
            folder,
            size,
            edge: Frontier::new(),
            entries: Vec::new(),
            bundles: 0,
            rows: Vec::new(),
            right: 0,
            watched,
            roots: BTreeMap::new(),
        }
    }

    /// How many entries there are, at most those that are published.
    pub(super) const fn len(&self) -> u64 {
        self.edge.size().0
    }

    /// Whether it is as large as the checkpoint says.
    pub(super) const fn is_whole(&self) -> bool {
        self.len() == self.size
    }

    /// Root over the entries.
    pub(super) fn root(&self) -> Hash {
        self.edge.root()
    }

    /// Takes the next entry with its leaf; those behind the published size are left out.
    pub(super) fn push(
        &mut self,
        (entry, leaf): (Digest, Hash),
        faults: &mut Faults,
    ) -> io::Result<()> {
        if self.len() >= self.size {
            return Ok(());
        }
        self.entries.push(*entry.as_bytes());
        let mut completed = Vec::new();
        let note = |level: u8, _, hash| {
            if level.is_multiple_of(HEIGHT) {
                completed.push((usize::from(level / HEIGHT), hash));
            }
        };
        // Below a size that a checkpoint states, the tree is never full.
        let _ = self.edge.append(leaf, note);
        for (level, hash) in completed {
            if self.rows.len() <= level {
                self.rows.push((Vec::new(), 0));
            }
            if let Some((row, _)) = self.rows.get_mut(level) {
                row.push(hash);
            }
        }
        if self.watched.contains(&self.len()) {
            self.roots.insert(self.len(), self.root());
        }
        self.check_edge(faults)
    }

    /// Holds the bundle and the tiles of the right edge against their files, if they are full or
    /// the last ones.
    fn check_edge(&mut self, faults: &mut Faults) -> io::Result<()> {
        let is_last = self.is_whole();
        if self.entries.len() == WIDTH || (is_last && !self.entries.is_empty()) {
            let bytes = encode_bundle(&self.entries).unwrap_or_default();
            let width = self.entries.len();
            self.check(TileKind::Entries, self.bundles, width, &bytes, faults)?;
            self.entries.clear();
            self.bundles += 1;
        }
        for level in 0..self.rows.len() {
            let Some((row, index)) = self.rows.get_mut(level) else {
                break;
            };
            if row.len() == WIDTH || (is_last && !row.is_empty()) {
                let (row, index) = (std::mem::take(row), std::mem::replace(index, *index + 1));
                let level = u8::try_from(level).unwrap_or(u8::MAX);
                let kind = TileKind::Hashes { level };
                self.check(kind, index, row.len(), &encode_hashes(&row), faults)?;
            }
        }
        Ok(())
    }

    fn check(
        &mut self,
        kind: TileKind,
        index: u64,
        width: usize,
        bytes: &[u8],
        faults: &mut Faults,
    ) -> io::Result<()> {
        // Both are within bounds: a tree has at most 8 levels of tiles, a tile 256 items.
        let width = u16::try_from(width).unwrap_or(u16::MAX);
        let Ok(tile) = TileId::new(kind, index, width) else {
            return Ok(());
        };
        match self.differs(&tile, bytes)? {
            None => self.right += 1,
            Some(fault) => faults.push(Part::Published, fault),
        }
        self.check_older(&tile, bytes, faults)
    }

    /// Whether the file of a tile is not what it should be. A partial tile may be gone once the full
    /// one is there, which then begins with it.
    fn differs(&self, tile: &TileId, bytes: &[u8]) -> io::Result<Option<Fault>> {
        let path = tile.to_string();
        if let Some(found) = self.folder.published(&path, TILE_BYTES_MAX)? {
            return Ok((found != bytes).then(|| differs(&path)));
        }
        let full = tile.full().to_string();
        match self.folder.published(&full, TILE_BYTES_MAX)? {
            Some(found) if tile.is_partial() => {
                Ok((!found.starts_with(bytes)).then(|| differs(&full)))
            }
            _ => {
                let detail = format!("{path} is not there");
                Ok(Some(Fault::new(Reason::TileAbsent, detail)))
            }
        }
    }

    /// Narrower partial tiles that earlier sizes left behind: nobody is promised them, but whoever
    /// finds them will use them.
    fn check_older(&self, tile: &TileId, bytes: &[u8], faults: &mut Faults) -> io::Result<()> {
        let folder = format!("{}.p", tile.full());
        for name in self.folder.published_names(&folder)? {
            let path = format!("{folder}/{name}");
            let older = TileId::parse(&path).ok();
            let Some(older) = older.filter(|older| older.width() < tile.width()) else {
                continue;
            };
            let item = bytes.len() / usize::from(tile.width()).max(1);
            let expected = bytes.get(..usize::from(older.width()) * item);
            let found = self.folder.published(&path, TILE_BYTES_MAX)?;
            if found.is_some_and(|found| Some(found.as_slice()) != expected) {
                faults.push(Part::Published, differs(&path));
            }
        }
        Ok(())
    }

    /// Takes the entries that the ground did not give from the published bundles, as far as those
    /// are there.
    pub(super) fn take_bundles(&mut self, faults: &mut Faults) -> io::Result<()> {
        while !self.is_whole() {
            let at = self.len();
            let index = at / WIDTH as u64;
            let Some(tile) = TileId::at(TileKind::Entries, index, TreeSize(self.size)) else {
                return Ok(());
            };
            let Some((path, bytes)) = self.bundle(&tile)? else {
                let detail = format!("{tile} is not there, so the tree cannot be followed further");
                faults.push(Part::Published, Fault::new(Reason::TileAbsent, detail));
                return Ok(());
            };
            let entries = entries(&bytes, tile.width());
            let skip = usize::try_from(at % WIDTH as u64).unwrap_or(0);
            let Some(entries) = entries.filter(|entries| entries.len() > skip) else {
                faults.push(Part::Published, differs(&path));
                return Ok(());
            };
            for entry in entries.into_iter().skip(skip) {
                self.push((entry, Hash::leaf(entry.as_bytes())), faults)?;
            }
        }
        Ok(())
    }

    /// A bundle, or as much of the full one as it should have.
    fn bundle(&self, tile: &TileId) -> io::Result<Option<(String, Vec<u8>)>> {
        let path = tile.to_string();
        if let Some(bytes) = self.folder.published(&path, TILE_BYTES_MAX)? {
            return Ok(Some((path, bytes)));
        }
        let full = tile.full().to_string();
        let found = self.folder.published(&full, TILE_BYTES_MAX)?;
        let found = found.filter(|_| tile.is_partial());
        Ok(found.map(|mut bytes| {
            bytes.truncate(usize::from(tile.width()) * (2 + 32));
            (full, bytes)
        }))
    }
}

/// The entries of a bundle of ours: each has 32 bytes (docs/formats/log.md).
fn entries(bytes: &[u8], width: u16) -> Option<Vec<Digest>> {
    let entries = decode_bundle(bytes, width).ok()?;
    entries.into_iter().map(Digest::from_slice).collect()
}

fn differs(path: &str) -> Fault {
    let detail = format!("{path} is not what the entries give");
    Fault::new(Reason::TileDiffers, detail)
}
