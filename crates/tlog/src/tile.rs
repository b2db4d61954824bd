//! Tiles: c2sp.org/tlog-tiles v0.1.0, "Merkle Tree" and "Log entries".
//!
//! A tile is 256 hashes of one level in eight (or fewer, at the right edge: a partial tile); a
//! bundle is the entries under one tile of level 0. Both are named by paths that are also files.
//!
//! ```
//! use countersign_tlog::tile::{TileId, TileKind};
//!
//! let tile = TileId::parse("tile/1/x001/234/067").unwrap_err();
//! assert_eq!(tile.code(), "tile_bad_path");
//! let tile = TileId::parse("tile/1/x001/x234/067.p/8").unwrap();
//! assert_eq!(tile.kind(), TileKind::Hashes { level: 1 });
//! assert_eq!((tile.index(), tile.width()), (1_234_067, 8));
//! ```

use core::fmt;

use crate::hash::Hash;
use crate::lexeme::decimal;
use crate::limits::{
    TILE_HEIGHT, TILE_LEVEL_MAX, TILE_LEVEL_USED_MAX, TILE_PATH_BYTES_MAX, TILE_WIDTH,
};
use crate::tree::{NodeMissing, NodeReader, TreeSize};

/// Why bytes or a path are not a tile, or entries not a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Not the one spelling of the path of a tile or bundle.
    #[error("not the path of a tile")]
    BadPath,
    /// Level above 63, or width not in 1..=256.
    #[error("no tile has this level or width")]
    OutOfRange,
    /// The number of hashes or entries is not the width that the name says.
    #[error("the content does not have the width of the tile")]
    WrongWidth,
    /// An entry has more than 65,535 bytes.
    #[error("an entry is too long for a bundle")]
    EntryTooLong,
}

impl TileError {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadPath => "tile_bad_path",
            Self::OutOfRange => "tile_out_of_range",
            Self::WrongWidth => "tile_wrong_width",
            Self::EntryTooLong => "tile_entry_too_long",
        }
    }
}

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TileKind {
    /// Hashes of complete subtrees of 256^level leaves; level 0 is the leaf hashes.
    Hashes {
        /// 0..=63. Levels above 7 have names, but no tree is large enough for them.
        level: u8,
    },
    /// Entries: a bundle.
    Entries,
}

impl TileKind {
    /// The level whose hashes the items of this tile stand beside.
    const fn level(self) -> u8 {
        match self {
            Self::Hashes { level } => level,
            Self::Entries => 0,
        }
    }
}

/// The name of a tile or bundle: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TileId {
    kind: TileKind,
    index: u64,
    width: u16,
}

impl TileId {
    /// Names a tile by what it holds, its place in its level counted from 0, and the number of its
    /// items, 1..=256.
    ///
    /// # Errors
    /// [`TileError::OutOfRange`].
    pub const fn new(kind: TileKind, index: u64, width: u16) -> Result<Self, TileError> {
        if kind.level() > TILE_LEVEL_MAX || width == 0 || width > TILE_WIDTH {
            return Err(TileError::OutOfRange);
        }
        Ok(Self { kind, index, width })
    }

    /// The tile at this place in a tree of this size, full or partial; `None` where it is empty.
    pub const fn at(kind: TileKind, index: u64, size: TreeSize) -> Option<Self> {
        let count = items(kind.level(), size);
        let full = TILE_WIDTH as u64;
        let width = match index.checked_mul(full) {
            Some(first) if count > first && count - first < full => partial_width(kind, size),
            Some(first) if count > first => TILE_WIDTH,
            _ => return None,
        };
        Some(Self { kind, index, width })
    }

    /// What it holds.
    pub const fn kind(&self) -> TileKind {
        self.kind
    }

    /// Its place in its level.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Number of its hashes or entries, 1..=256.
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Whether it has fewer than 256 items, so that a later tree replaces it.
    pub const fn is_partial(&self) -> bool {
        self.width < TILE_WIDTH
    }

    /// The full tile at the same place.
    pub const fn full(&self) -> Self {
        Self {
            width: TILE_WIDTH,
            ..*self
        }
    }

    /// Reads the one spelling of a path, without a leading slash.
    ///
    /// # Errors
    /// [`TileError::BadPath`].
    pub fn parse(path: &str) -> Result<Self, TileError> {
        let tile = read_path(path).ok_or(TileError::BadPath)?;
        // Writing it again catches what is well-formed but not minimal, such as `x000/001`.
        if tile.to_string() == path {
            Ok(tile)
        } else {
            Err(TileError::BadPath)
        }
    }
}

impl fmt::Display for TileId {
    /// The path, without a leading slash.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes { level } => write!(out, "tile/{level}/")?,
            TileKind::Entries => out.write_str("tile/entries/")?,
        }
        // Six groups above the last: 2^64 has 20 digits.
        for exponent in (1..=6u32).rev() {
            let above = self.index / 1_000_u64.pow(exponent);
            if above > 0 {
                write!(out, "x{:03}/", above % 1_000)?;
            }
        }
        write!(out, "{:03}", self.index % 1_000)?;
        if self.is_partial() {
            write!(out, ".p/{}", self.width)
        } else {
            Ok(())
        }
    }
}

fn read_path(path: &str) -> Option<TileId> {
    if path.len() > TILE_PATH_BYTES_MAX {
        return None;
    }
    let (kind, place) = path.strip_prefix("tile/")?.split_once('/')?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes {
            level: u8::try_from(decimal(level)?).ok()?,
        },
    };
    let (groups, width) = match place.split_once(".p/") {
        Some((groups, width)) => (groups, u16::try_from(decimal(width)?).ok()?),
        None => (place, TILE_WIDTH),
    };
    let mut index = 0u64;
    let mut groups = groups.split('/').peekable();
    while let Some(group) = groups.next() {
        let digits = if groups.peek().is_some() {
            group.strip_prefix('x')?
        } else {
            group
        };
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        index = index
            .checked_mul(1_000)?
            .checked_add(digits.parse().ok()?)?;
    }
    TileId::new(kind, index, width).ok()
}

/// Number of hashes at a tile level in a tree: floor(size / 256^level).
const fn items(level: u8, size: TreeSize) -> u64 {
    if level > TILE_LEVEL_USED_MAX {
        0
    } else {
        size.0 >> (level * TILE_HEIGHT)
    }
}

/// Width of the partial tile at the right edge: floor(size / 256^level) mod 256. 0: there is none.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a remainder of 256 fits 16 bits"
)]
pub const fn partial_width(kind: TileKind, size: TreeSize) -> u16 {
    (items(kind.level(), size) % TILE_WIDTH as u64) as u16
}

/// The tiles and bundles that come into being when a tree grows: every full tile that was
/// completed and the new partial ones, bundles first, then hashes by level. Nothing if it did not
/// grow.
pub fn tiles_for_growth(from: TreeSize, to: TreeSize) -> impl Iterator<Item = TileId> {
    let levels = (0..=TILE_LEVEL_USED_MAX).map(|level| TileKind::Hashes { level });
    core::iter::once(TileKind::Entries)
        .chain(levels)
        .flat_map(move |kind| {
            let (old, new) = (items(kind.level(), from), items(kind.level(), to));
            let full = u64::from(TILE_WIDTH);
            let places = if new > old {
                old / full..new.div_ceil(full)
            } else {
                0..0
            };
            places.filter_map(move |index| TileId::at(kind, index, to))
        })
}

/// Every tile and bundle that a log of this size serves.
pub fn tiles_of(size: TreeSize) -> impl Iterator<Item = TileId> {
    tiles_for_growth(TreeSize(0), size)
}

/// Reads the hashes of a tile out of a tree's nodes; no hashes for a bundle.
///
/// # Errors
/// [`NodeMissing`] names the first node that the reader does not have.
pub fn read_tile(nodes: &impl NodeReader, tile: &TileId) -> Result<Vec<Hash>, NodeMissing> {
    let TileKind::Hashes { level } = tile.kind else {
        return Ok(Vec::new());
    };
    let level = level.saturating_mul(TILE_HEIGHT);
    let first = tile.index.saturating_mul(u64::from(TILE_WIDTH));
    (0..u64::from(tile.width))
        .map(|offset| {
            let index = first.saturating_add(offset);
            nodes.node(level, index).ok_or(NodeMissing { level, index })
        })
        .collect()
}

/// The bytes of a tile: its hashes one after the other.
pub fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// The hashes of a tile of this width.
///
/// # Errors
/// [`TileError::WrongWidth`] unless there are exactly `width` of them.
pub fn decode_hashes(bytes: &[u8], width: u16) -> Result<Vec<Hash>, TileError> {
    if bytes.len() != usize::from(width) * Hash::LEN {
        return Err(TileError::WrongWidth);
    }
    Ok(bytes
        .chunks_exact(Hash::LEN)
        .filter_map(Hash::from_slice)
        .collect())
}

/// The bytes of a bundle: each entry after its length as a big-endian 16-bit number.
///
/// # Errors
/// [`TileError::WrongWidth`] for none or more than 256 entries, [`TileError::EntryTooLong`] for one
/// of more than 65,535 bytes.
pub fn encode_bundle<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, TileError> {
    if entries.is_empty() || entries.len() > usize::from(TILE_WIDTH) {
        return Err(TileError::WrongWidth);
    }
    let mut bytes = Vec::new();
    for entry in entries {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| TileError::EntryTooLong)?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

/// The entries of a bundle of this width.
///
/// # Errors
/// [`TileError::WrongWidth`] unless the bytes are exactly `width` entries.
pub fn decode_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, TileError> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while let Some((length, tail)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, tail) = tail.split_at_checked(length).ok_or(TileError::WrongWidth)?;
        if entries.len() == usize::from(width) {
            return Err(TileError::WrongWidth);
        }
        entries.push(entry);
        rest = tail;
    }
    let whole = rest.is_empty() && entries.len() == usize::from(width);
    if whole {
        Ok(entries)
    } else {
        Err(TileError::WrongWidth)
    }
}

#[cfg(test)]
mod tests;
