//! The log of a node: its ground, the second place, the published tree, and where everything
//! stands. What statements mean is none of its business: intake and the folds stand before and
//! behind it.
//!
//! - LOG-2, LOG-3: [`Log::commit`] alone makes anything true, and every failure in it is
//!   [`Fatal`].
//!
//! Keys come with each call ([`LogSigner`]).

mod open;

pub(crate) use open::ReadCommit;

use std::cell::OnceCell;

use countersign_model::digest::Digest;
use countersign_model::entry::{Index, Size, entry_of};
use countersign_model::time::Timestamp;
use countersign_ports::{Position, StoreError, Swapped};
use countersign_record::commit::{CommitTime, Prepared, Sequencer, Staged};
use countersign_tlog::hash::Hash;
use countersign_tlog::proof::prove_inclusion;
use countersign_tlog::tree::{LeafIndex, NodeReader, TreeSize, root_at};

use crate::components::Stores;
use crate::engine::Fatal;
use crate::ground::{self, BatchGroup, Group};
use crate::publish;
use crate::signing::LogSigner;

/// A log. One writer.
#[derive(Debug)]
pub struct Log {
    pub(crate) stores: Stores,
    sequencer: Sequencer,
    /// Its genesis entry.
    id: Digest,
    /// Where each statement's or batch's records begin.
    places: Vec<Position>,
    /// Entries, for bundles.
    entries: Vec<Digest>,
    /// Indexes of the batch statements, rising.
    batches: Vec<u64>,
    /// Where the next commit goes.
    end: Position,
    /// The committed checkpoint, as it lies in the second place.
    checkpoint: Vec<u8>,
    /// The same as it leaves the node, once it was asked for.
    outward: OnceCell<Vec<u8>>,
    published: u64,
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
        Ok(Self::blank(stores, id))
    }

    fn blank(stores: Stores, id: Digest) -> Self {
        Self {
            stores,
            sequencer: Sequencer::new(),
            id,
            places: Vec::new(),
            entries: Vec::new(),
            batches: Vec::new(),
            end: open::first_record(0),
            checkpoint: Vec::new(),
            outward: OnceCell::new(),
            published: 0,
        }
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
        let mut sign = |payload: &[u8]| signer.batch(payload);
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
        self.remember(&prepared, at);
        Ok(prepared)
    }

    fn remember(&mut self, prepared: &Prepared, at: Position) {
        let place = |offset: usize| Position {
            segment: at.segment,
            offset: at.offset + u32::try_from(offset).expect("COMMIT_BYTES_MAX fits 32 bits"),
        };
        for statement in &prepared.statements {
            self.places.push(place(statement.offset));
            self.entries.push(statement.entry);
        }
        self.places.push(place(prepared.batch_offset));
        self.entries.push(entry_of(&prepared.batch_statement));
        self.batches.push(prepared.batch_index.0);
    }

    /// Puts the published tree in order behind the commit.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn publish(&mut self, signer: &LogSigner<'_>) -> Result<(), Fatal> {
        let size = self.size().0;
        if size == self.published {
            return Ok(());
        }
        let entries = &self.entries;
        let entry = |index: u64| publish::entry_at(entries, index);
        let growth = (self.published, size);
        let checkpoint = self.outward(signer)?.to_vec();
        publish::publish(
            &mut *self.stores.published,
            self.sequencer.nodes(),
            growth,
            &entry,
            &checkpoint,
        )?;
        self.published = size;
        Ok(())
    }

    /// Overwrites bytes of the ground in place: erasure.
    ///
    /// # Errors
    /// [`Fatal`].
    pub(crate) fn overwrite(&mut self, at: Position, bytes: &[u8]) -> Result<(), Fatal> {
        Ok(self.stores.ground.overwrite(at, bytes)?)
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
        root_at(self.nodes(), TreeSize(size.0))
            .map_err(|error| Fatal::Damaged(format!("no root of size {}: {error}", size.0)))
    }

    /// Nodes of the committed tree.
    pub(crate) const fn nodes(&self) -> &impl NodeReader {
        self.sequencer.nodes()
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
    /// lies in the second place has the Ed25519 signature alone (ADR 0006).
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
        let at = usize::try_from(index.0).ok();
        Ok(at.and_then(|at| self.entries.get(at)).copied())
    }

    /// The batch that covers an entry; `None` where none does, and for a batch itself.
    ///
    /// # Errors
    /// [`Fatal`] when it cannot be read.
    pub fn batch_of(&self, entry: Index) -> Result<Option<Index>, Fatal> {
        let next = self.batches.partition_point(|batch| *batch < entry.0);
        let batch = self.batches.get(next).map(|batch| Index(*batch));
        Ok(batch.filter(|batch| *batch != entry))
    }

    /// The statement at an index with what came with it; `None` where there is none, and for a batch.
    ///
    /// # Errors
    /// [`Fatal`] when the ground cannot be read.
    pub fn group(&self, index: Index) -> Result<Option<Group>, Fatal> {
        match self.place(index) {
            Some((place, false)) => Ok(Some(ground::read_statement(&*self.stores.ground, place)?)),
            _ => Ok(None),
        }
    }

    /// The batch at an index; `None` where there is none.
    ///
    /// # Errors
    /// [`Fatal`] when the ground cannot be read.
    pub fn batch(&self, index: Index) -> Result<Option<BatchGroup>, Fatal> {
        match self.place(index) {
            Some((place, true)) => Ok(Some(ground::read_batch(&*self.stores.ground, place)?)),
            _ => Ok(None),
        }
    }

    /// Where the records of an entry begin, and whether it is a batch.
    fn place(&self, index: Index) -> Option<(Position, bool)> {
        let place = self.places.get(usize::try_from(index.0).ok()?)?;
        Some((*place, self.batches.binary_search(&index.0).is_ok()))
    }

    /// The proof that an entry is in the committed tree.
    ///
    /// # Errors
    /// [`Fatal`] when there is no such entry.
    pub fn path(&self, index: Index) -> Result<Vec<Hash>, Fatal> {
        let size = TreeSize(self.size().0);
        prove_inclusion(self.nodes(), LeafIndex(index.0), size)
            .map_err(|error| Fatal::Damaged(format!("no proof for index {index}: {error}")))
    }

    /// The bytes of a tile or bundle of the committed tree, from the ground.
    pub(crate) fn tile_bytes(
        &self,
        tile: &countersign_tlog::tile::TileId,
    ) -> Result<Vec<u8>, StoreError> {
        let entry = |index| publish::entry_at(&self.entries, index);
        publish::tile_bytes(self.sequencer.nodes(), tile, &entry)
    }
}
