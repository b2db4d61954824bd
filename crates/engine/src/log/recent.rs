//! Entries that are in no full published bundle yet.

use countersign_model::digest::Digest;
use countersign_model::entry::Size;
use countersign_tlog::edge::TileEdge;
use countersign_tlog::hash::Hash;
use countersign_tlog::limits::TILE_WIDTH;
use countersign_tlog::tree::NodeReader as _;

/// The newest entries, from the beginning of some bundle on.
#[derive(Debug, Default)]
pub(super) struct Recent {
    first: u64,
    entries: Vec<Digest>,
}

impl Recent {
    /// The entries from `first` on, which is the beginning of a bundle.
    pub(super) const fn new(first: u64, entries: Vec<Digest>) -> Self {
        Self { first, entries }
    }

    /// Whether each of them is a leaf of that tree.
    pub(super) fn is_in(&self, tree: &TileEdge) -> bool {
        let mut entries = self.entries.iter().zip(self.first..);
        entries.all(|(entry, index)| tree.node(0, index) == Some(Hash::leaf(entry.as_bytes())))
    }

    pub(super) fn push(&mut self, entry: Digest) {
        self.entries.push(entry);
    }

    pub(super) const fn len(&self) -> usize {
        self.entries.len()
    }

    /// `count` entries from `first` on, if all of them are here.
    pub(super) fn get(&self, first: u64, count: u64) -> Option<&[Digest]> {
        let from = usize::try_from(first.checked_sub(self.first)?).ok()?;
        let to = from.checked_add(usize::try_from(count).ok()?)?;
        self.entries.get(from..to)
    }

    /// Forgets what lies in full bundles of a log of this size.
    pub(super) fn forget(&mut self, size: Size) {
        let first = size.0 - size.0 % u64::from(TILE_WIDTH);
        let gone = first
            .saturating_sub(self.first)
            .min(self.entries.len() as u64);
        self.entries
            .drain(..usize::try_from(gone).unwrap_or_default());
        self.first += gone;
    }
}
