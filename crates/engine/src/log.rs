//! The log of a node: its ground, the second place, the published tree, and where everything
//! stands. What statements mean is none of its business: intake and the folds stand before and
//! behind it.
//!
//! - LOG-2, LOG-3: [`Log::commit`] alone makes anything true, and every failure in it is
//!   [`Fatal`].
//!
//! Keys come with each call ([`LogSigner`]).

mod open;
mod places;
mod recent;
mod tiles;

pub(crate) use open::ReadCommit;

use std::cell::OnceCell;

use countersign_model::digest::Digest;
use countersign_model::entry::{Index, Size, entry_of};
use countersign_model::time::Timestamp;
use countersign_ports::{
    DigestIndex, Place, Position, RecordTable, SnapshotOf, SnapshotStore, Swapped, TreeHead,
};
use countersign_record::commit::{CommitTime, Prepared, Sequencer, Staged};
use countersign_tlog::hash::Hash;
use countersign_tlog::proof::prove_inclusion;
use countersign_tlog::tile::tiles_for_growth;
use countersign_tlog::tree::{LeafIndex, TreeSize, root_at};

use crate::components::Stores;
use crate::engine::Fatal;
use crate::ground::{self, BatchGroup, Group};
use crate::limits::UNPUBLISHED_ENTRIES_MAX;
use crate::node_statement;
use crate::signing::LogSigner;

use places::Places;
use recent::Recent;
use tiles::TileCache;

/// The file in the published tree that holds the checkpoint.
pub(crate) const PUBLISHED_CHECKPOINT: &str = "checkpoint";

/// A log. One writer.
#[derive(Debug)]
pub struct Log {
    pub(crate) stores: Stores,
    sequencer: Sequencer,
    /// Its genesis entry.
    id: Digest,
    /// Where each statement's or batch's records begin.
    places: Places,
    /// Entries that are in no full published bundle yet.
    recent: Recent,
    /// Full tiles that were read back.
    cache: TileCache,
    /// Where the next commit goes.
    end: Position,
    /// The committed checkpoint, as it lies in the second place.
    checkpoint: Vec<u8>,
    /// The same as it leaves the node, once it was asked for.
    outward: OnceCell<Vec<u8>>,
    published: u64,
    /// How many entries came from what is derived when it was opened.
    taken_up: u64,
}

impl Log {
    /// Begins a log in empty stores; `id` is its genesis entry.
    ///
    /// # Errors
    /// [`Fatal`], also when the second place holds a checkpoint already.
    pub fn begin(mut stores: Stores, id: Digest) -> Result<Self, Fatal> {
        if stores.second.read()?.is_some() {
            return Err(Fatal::Forked);
        }
        stores.ground.begin(*id.as_bytes(), None)?;
        let mut log = Self::blank(stores, id)?;
        // Left by a log that was begun and never got its first checkpoint.
        log.places.cut(0)?;
        Ok(log)
    }

    fn blank(stores: Stores, id: Digest) -> Result<Self, Fatal> {
        let table = stores.index.places(id)?;
        Ok(Self {
            stores,
            sequencer: Sequencer::new(),
            id,
            places: Places::new(table),
            recent: Recent::default(),
            cache: TileCache::default(),
            end: open::first_record(0),
            checkpoint: Vec::new(),
            outward: OnceCell::new(),
            published: 0,
            taken_up: 0,
        })
    }

    /// The commit protocol (format law 8): append, sync, sign, swap. Only then is it true.
    ///
    /// # Errors
    /// [`Fatal`]: the process must end.
    pub fn commit(
        &mut self,
        staged: Vec<Staged>,
        time: CommitTime,
        signer: &LogSigner<'_>,
    ) -> Result<Prepared, Fatal> {
        let (key, origin) = (signer.node_key()?, &signer.register.identity().origin);
        let mut sign = |payload: &[u8]| node_statement::batch(origin, payload, key.to_sign_once());
        let prepared = self.sequencer.prepare(staged, time, &mut sign);
        let prepared = prepared.map_err(|error| Fatal::Damaged(error.to_string()))?;
        let at = self.stores.ground.append(&prepared.bytes)?;
        self.stores.ground.sync()?;
        let note = signer.checkpoint(prepared.size, prepared.root)?;
        let expected = (!self.checkpoint.is_empty()).then_some(self.checkpoint.as_slice());
        match self.stores.second.swap(expected, &note)? {
            Swapped::Done => {}
            Swapped::Differs(_) => return Err(Fatal::Forked),
        }
        self.checkpoint = note;
        self.outward = OnceCell::new();
        self.sequencer.committed(&prepared);
        self.remember(&prepared, at)?;
        Ok(prepared)
    }

    fn remember(&mut self, prepared: &Prepared, at: Position) -> Result<(), Fatal> {
        let place = |offset: usize, is_batch| Place {
            at: Position {
                segment: at.segment,
                offset: at.offset + u32::try_from(offset).expect("COMMIT_BYTES_MAX fits 32 bits"),
            },
            is_batch,
        };
        for statement in &prepared.statements {
            self.places.push(place(statement.offset, false));
            self.recent.push(statement.entry);
        }
        self.places.push(place(prepared.batch_offset, true));
        self.recent.push(entry_of(&prepared.batch_statement));
        self.stay_small()
    }

    /// What is in memory because it is not published yet has a limit.
    fn stay_small(&mut self) -> Result<(), Fatal> {
        if self.places.young() > UNPUBLISHED_ENTRIES_MAX {
            self.places.write()?;
        }
        if self.recent.len() > UNPUBLISHED_ENTRIES_MAX {
            self.forget(self.size());
        }
        Ok(())
    }

    /// What lies in full tiles of a tree of this size is read back when it is wanted.
    fn forget(&mut self, size: Size) {
        self.sequencer.forget(size);
        self.recent.forget(size);
    }

    /// Puts the published tree in order behind the commit: full tiles and bundles, partial ones, then
    /// the checkpoint, which moves only when everything that it promises is there (format law 8).
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn publish(&mut self, signer: &LogSigner<'_>) -> Result<(), Fatal> {
        let size = self.size().0;
        if size == self.published {
            return Ok(());
        }
        self.places.sync()?;
        let (from, to) = (TreeSize(self.published), TreeSize(size));
        for tile in tiles_for_growth(from, to) {
            let bytes = self.tile_bytes(&tile)?;
            self.stores.published.put(&tile.to_string(), &bytes)?;
        }
        let checkpoint = self.outward(signer)?.to_vec();
        self.stores
            .published
            .put(PUBLISHED_CHECKPOINT, &checkpoint)?;
        // Once a full tile is in place its partial ones go, all widths at once; until then they
        // stay, for whoever holds an older checkpoint (tlog-tiles, "Partial Tiles").
        for tile in tiles_for_growth(from, to).filter(|tile| !tile.is_partial()) {
            self.stores.published.remove(&format!("{tile}.p"))?;
        }
        self.published = size;
        self.forget(Size(size));
        Ok(())
    }

    /// Overwrites bytes of the ground in place: erasure.
    ///
    /// # Errors
    /// [`Fatal`].
    pub(crate) fn overwrite(&mut self, at: Position, bytes: &[u8]) -> Result<(), Fatal> {
        Ok(self.stores.ground.overwrite(at, bytes)?)
    }

    /// Opens the index of what stands in it.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn digests(&self) -> Result<Box<dyn DigestIndex>, Fatal> {
        let has = |head| self.has(head);
        Ok(self.stores.index.digests(self.id, &has)?)
    }

    /// Opens the history of the ledger as far as that byte; 0 begins it.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn history(&self, end: u64) -> Result<Box<dyn RecordTable>, Fatal> {
        Ok(self.stores.index.history(self.id, end)?)
    }

    /// Opens the snapshot of what was made of it, under a secret of the node.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn snapshots(
        &self,
        secret: &[u8; 32],
        counts: &dyn Fn(&SnapshotOf) -> bool,
    ) -> Result<Box<dyn SnapshotStore>, Fatal> {
        Ok(self.stores.index.snapshots(self.id, secret, counts)?)
    }

    /// Whether the committed tree goes on from that head.
    #[must_use]
    pub fn has(&self, head: TreeHead) -> bool {
        let is_there = head.size <= self.size();
        let root = is_there.then(|| self.root_at(head.size).ok()).flatten();
        root.is_some_and(|root| root.as_bytes() == head.root.as_bytes())
    }

    /// Size and root of the committed tree.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        head_of(&self.sequencer)
    }

    /// Its genesis entry: what the headers of its segments name.
    #[must_use]
    pub const fn id(&self) -> Digest {
        self.id
    }

    /// How many entries are committed.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.sequencer.size()
    }

    /// How many entries the published checkpoint covers.
    #[must_use]
    pub const fn published_size(&self) -> Size {
        Size(self.published)
    }

    /// Root of the committed tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.sequencer.root()
    }

    /// Root that the tree had at a size.
    ///
    /// # Errors
    /// [`Fatal`] when it never had that size.
    pub fn root_at(&self, size: Size) -> Result<Hash, Fatal> {
        root_at(self, TreeSize(size.0))
            .map_err(|error| self.why_missing(&format!("no root of size {}: {error}", size.0)))
    }

    /// Recorded time of the last commit.
    #[must_use]
    pub const fn recorded(&self) -> Timestamp {
        self.sequencer.recorded()
    }

    /// The largest tick.
    #[must_use]
    pub const fn tick(&self) -> Timestamp {
        self.sequencer.tick()
    }

    /// The committed checkpoint as it leaves the node: a note signed with every checkpoint key. What
    /// lies in the second place has one Ed25519 signature alone (ADR 0006).
    ///
    /// # Errors
    /// [`Fatal`] when a signer does not answer.
    pub fn outward(&self, signer: &LogSigner<'_>) -> Result<&[u8], Fatal> {
        if let Some(note) = self.outward.get() {
            return Ok(note);
        }
        let note = signer.outward(&self.checkpoint, self.recorded())?;
        Ok(self.outward.get_or_init(|| note))
    }

    /// The entry at an index; `None` where there is none.
    ///
    /// # Errors
    /// [`Fatal`] when it cannot be read.
    pub fn entry(&self, index: Index) -> Result<Option<Digest>, Fatal> {
        if let Some([entry]) = self.recent.get(index.0, 1) {
            return Ok(Some(*entry));
        }
        let ground = &*self.stores.ground;
        Ok(match self.places.get(index.0)? {
            None => None,
            Some(Place { at, is_batch }) if is_batch => {
                Some(entry_of(&ground::read_batch(ground, at)?.statement))
            }
            Some(Place { at, .. }) => {
                Some(entry_of(&ground::read_statement(ground, at)?.statement))
            }
        })
    }

    /// The batch that covers an entry; `None` where none does, and for a batch itself.
    ///
    /// # Errors
    /// [`Fatal`] when it cannot be read.
    pub fn batch_of(&self, entry: Index) -> Result<Option<Index>, Fatal> {
        let next = self.places.next_batch(entry.0)?;
        Ok(next.map(Index).filter(|batch| *batch != entry))
    }

    /// The statement at an index with what came with it; `None` where there is none, and for a batch.
    ///
    /// # Errors
    /// [`Fatal`] when the ground cannot be read.
    pub fn group(&self, index: Index) -> Result<Option<Group>, Fatal> {
        let place = self.places.get(index.0)?;
        let Some(place) = place.filter(|place| !place.is_batch) else {
            return Ok(None);
        };
        let group = ground::read_statement(&*self.stores.ground, place.at)?;
        if group.index == index {
            return Ok(Some(group));
        }
        Err(stands_elsewhere(index))
    }

    /// The batch at an index; `None` where there is none.
    ///
    /// # Errors
    /// [`Fatal`] when the ground cannot be read.
    pub fn batch(&self, index: Index) -> Result<Option<BatchGroup>, Fatal> {
        let place = self.places.get(index.0)?;
        let Some(place) = place.filter(|place| place.is_batch) else {
            return Ok(None);
        };
        let batch = ground::read_batch(&*self.stores.ground, place.at)?;
        if batch.index == index {
            return Ok(Some(batch));
        }
        Err(stands_elsewhere(index))
    }

    /// The proof that an entry is in the committed tree.
    ///
    /// # Errors
    /// [`Fatal`] when there is no such entry.
    pub fn path(&self, index: Index) -> Result<Vec<Hash>, Fatal> {
        let size = TreeSize(self.size().0);
        prove_inclusion(self, LeafIndex(index.0), size)
            .map_err(|error| self.why_missing(&format!("no proof for index {index}: {error}")))
    }
}

/// Size and root of a tree.
fn head_of(tree: &Sequencer) -> TreeHead {
    TreeHead {
        size: tree.size(),
        root: Digest::new(*tree.root().as_bytes()),
    }
}

fn stands_elsewhere(index: Index) -> Fatal {
    Fatal::Damaged(format!(
        "where index {index} should lie in the ground, another one does; run `countersign fsck` on \
         the data folder"
    ))
}
