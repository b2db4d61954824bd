//! Opening a log: what is derived is taken up, and the ground read from there, up to what the
//! second place names.
//!
//! Nothing derived is believed: what was taken up is right only if the root in the end is the one
//! that the second place names. If it is not, the ground is read from its beginning, and decides.

use countersign_model::digest::Digest;
use countersign_model::entry::{Batch, Index, Size, entry_of};
use countersign_ports::{Place, Position, Swapped, TreeHead};
use countersign_record::commit::Sequencer;
use countersign_record::segment::{HEADER_LEN, check_header};
use countersign_record::stored::{StoredCommit, read_commit};
use countersign_tlog::edge::TileEdge;
use countersign_tlog::hash::Hash;
use countersign_tlog::limits::TILE_WIDTH;
use countersign_tlog::tile::{TileId, TileKind, decode_bundle, decode_hashes, read_tile};
use countersign_tlog::tree::{NodeReader as _, TreeSize};

use super::recent::Recent;
use super::tiles::TileCache;
use super::{Log, head_of};
use crate::checkpoint::Read;
use crate::committed_end::{
    damaged, published_checkpoint, read_own_checkpoint, read_segment, short, wipe_from,
    written_from,
};
use crate::components::{NodeKeys, Stores};
use crate::engine::{Fatal, stored_statement};
use crate::ground;

/// A commit of the ground, with its batch read.
#[derive(Debug)]
pub(crate) struct ReadCommit<'a> {
    /// The commit.
    pub(crate) stored: &'a StoredCommit<'a>,
    /// Its batch.
    pub(crate) batch: &'a Batch,
    /// Number of its segment.
    pub(crate) segment: u32,
    /// The tree with it.
    tree: &'a Sequencer,
}

impl ReadCommit<'_> {
    /// Size and root of the tree with this commit.
    pub(crate) fn head(&self) -> TreeHead {
        head_of(self.tree)
    }
}

/// Where the first record of a segment lies.
pub(super) fn first_record(segment: u32) -> Position {
    Position {
        segment,
        offset: short(HEADER_LEN),
    }
}

impl Log {
    /// Opens a log as the second place names it, to read it; [`Log::cut_tail`] makes it ready for
    /// commits.
    ///
    /// # Errors
    /// [`Fatal`]: a ground that is shorter than the committed checkpoint or differs from it is
    /// refused, and so is a second place that what was published does not stand below (LOG-3);
    /// nothing is changed.
    pub fn open(stores: Stores, keys: &NodeKeys) -> Result<Self, Fatal> {
        // Before the second place, which is never behind it: a node may be at work on what is read.
        let published = published_checkpoint(&*stores.published, keys)?;
        let checkpoint = stores.second.read()?.ok_or_else(|| {
            Fatal::Damaged(
                "the second place holds no checkpoint; a log is made by `countersign init` alone"
                    .into(),
            )
        })?;
        let committed = read_own_checkpoint(&checkpoint, keys)?;
        let published_size = published.as_ref().map_or(0, Read::size);
        let mut log = Self::read_up_to(stores, &committed, published_size)?;
        log.checkpoint = checkpoint;
        log.published = log.check_published(published.as_ref())?;
        log.forget(Size(log.published));
        Ok(log)
    }

    /// Opens the copy of a log in an empty second place, up to a checkpoint. Whether one of its keys
    /// signed that, is for the caller to see.
    ///
    /// # Errors
    /// [`Fatal`], also when the second place holds a checkpoint already.
    pub(crate) fn open_copy(stores: Stores, checkpoint: &Read) -> Result<Self, Fatal> {
        if stores.second.read()?.is_some() {
            return Err(Fatal::Forked);
        }
        Self::read_up_to(stores, checkpoint, 0)
    }

    /// Takes up what is derived, as far as that much is published, and reads the ground up to a
    /// checkpoint, and no further.
    fn read_up_to(stores: Stores, checkpoint: &Read, published: u64) -> Result<Self, Fatal> {
        let (size, root) = (checkpoint.size(), checkpoint.root());
        let id = id_in(&stores)?;
        let mut log = Self::blank(stores, id)?;
        // Whatever is wrong with what is derived, the ground decides.
        let is_resumed = log
            .resume(published, size)
            .is_ok_and(|is_resumed| is_resumed && log.agrees_with(size, root));
        if !is_resumed {
            log.begin_anew()?;
            log.read_on(size)?;
        }
        log.check_against(size, root)?;
        Ok(log)
    }

    /// Number of the segment in which the committed ground ends.
    pub(crate) const fn last_segment(&self) -> u32 {
        self.end.segment
    }

    /// Takes up what is derived as far as it is whole, and reads the ground from there. False where
    /// there is nothing to take up. What is taken is right if the root is, in the end.
    fn resume(&mut self, published: u64, size: u64) -> Result<bool, Fatal> {
        let count = self.places.whole_commits(published.min(size))?;
        let last = count.checked_sub(1).map(|last| self.places.get(last));
        let Some(last) = last.transpose()?.flatten() else {
            return Ok(false);
        };
        let read = |tile: &TileId| self.published_tile(tile, published);
        let Some(edge) = TileEdge::resume(TreeSize(count), read) else {
            return Ok(false);
        };
        let Some(recent) = self.published_entries(count, published) else {
            return Ok(false);
        };
        let batch = ground::read_batch(&*self.stores.ground, last.at)?;
        let Some(read) = Batch::decode(stored_statement(&batch.statement)?.payload()) else {
            return Ok(false);
        };
        if batch.index.0 + 1 != count {
            return Ok(false);
        }
        let entry = entry_of(&batch.statement);
        self.sequencer = Sequencer::resume(edge, entry, read.recorded, read.tick);
        self.recent = recent;
        self.places.cut(count)?;
        self.taken_up = count;
        self.end = batch.end;
        self.read_on(size)?;
        Ok(true)
    }

    /// The beginning of a published hash tile; as wide as asked, where it may have grown since.
    fn published_tile(&self, tile: &TileId, published: u64) -> Option<Vec<Hash>> {
        let there = TileId::at(tile.kind(), tile.index(), TreeSize(published))?;
        let bytes = self.stores.published.get(&there.to_string()).ok()??;
        let mut hashes = decode_hashes(&bytes, there.width()).ok()?;
        hashes.truncate(usize::from(tile.width()));
        Some(hashes)
    }

    /// Entries of the bundle that `count` entries end in, as published.
    fn published_entries(&self, count: u64, published: u64) -> Option<Recent> {
        let width = u64::from(TILE_WIDTH);
        let first = count - count % width;
        if first == count {
            return Some(Recent::new(first, Vec::new()));
        }
        let there = TileId::at(TileKind::Entries, count / width, TreeSize(published))?;
        let bytes = self.stores.published.get(&there.to_string()).ok()??;
        let entries = decode_bundle(&bytes, there.width()).ok()?;
        let entries = entries
            .into_iter()
            .map(|entry| Some(Digest::new(*entry.as_array()?)));
        let entries: Option<Vec<Digest>> = entries.collect();
        let mut entries = entries?;
        entries.truncate(usize::try_from(count - first).ok()?);
        Some(Recent::new(first, entries))
    }

    /// Whether the tree that was taken up is the committed one, and so are the entries and the batch
    /// that stand beside it.
    fn agrees_with(&self, size: u64, root: [u8; 32]) -> bool {
        let last = size
            .checked_sub(1)
            .and_then(|last| self.batch(Index(last)).ok()?);
        let is_last = last.is_some_and(|batch| {
            let leaf = Hash::leaf(entry_of(&batch.statement).as_bytes());
            self.node(0, size - 1) == Some(leaf)
        });
        is_last
            && self.size().0 == size
            && *self.root().as_bytes() == root
            && self.recent.is_in(self.sequencer.edge())
    }

    /// Forgets everything that is derived.
    fn begin_anew(&mut self) -> Result<(), Fatal> {
        self.sequencer = Sequencer::new();
        self.recent = Recent::default();
        self.cache = TileCache::default();
        self.end = first_record(0);
        self.taken_up = 0;
        self.places.cut(0)
    }

    /// Reads the ground from where the log is up to a size, or as far as there is anything.
    fn read_on(&mut self, size: u64) -> Result<(), Fatal> {
        let mut end = self.end;
        while self.size().0 < size {
            let bytes = self.segment(end.segment)?;
            if bytes.is_empty() {
                break;
            }
            while self.size().0 < size {
                let commit = read_commit(&bytes, end.offset as usize);
                let commit = commit.map_err(|e| damaged(end.segment, &e.to_string()))?;
                let Some(commit) = commit else { break };
                self.take_back(&commit, end.segment)?;
                end.offset = short(commit.end);
                self.end = end;
            }
            end = first_record(end.segment + 1);
        }
        Ok(())
    }

    /// Hands every commit behind the first `from` entries to `take`, in log order, and checks that they
    /// are what was committed: each batch follows the one before, and the root is that of the second
    /// place.
    ///
    /// # Errors
    /// [`Fatal`], also that of `take`, and where no commit ends with `from` entries.
    pub(crate) fn each_commit(
        &self,
        from: Size,
        take: &mut dyn FnMut(&ReadCommit<'_>) -> Result<(), Fatal>,
    ) -> Result<(), Fatal> {
        let (mut checked, begin) = self.tree_at(from)?;
        for segment in begin.segment..=self.end.segment {
            if checked.size() == self.size() {
                break;
            }
            let bytes = self.segment(segment)?;
            let is_first = segment == begin.segment;
            let mut offset = if is_first {
                begin.offset as usize
            } else {
                HEADER_LEN
            };
            while checked.size() < self.size() {
                let commit = read_commit(&bytes, offset);
                let commit = commit.map_err(|e| damaged(segment, &e.to_string()))?;
                let Some(commit) = commit else { break };
                offset = commit.end;
                let batch = batch_in(&commit)?;
                follow(&mut checked, &commit, &batch)?;
                checked.forget(checked.size());
                take(&ReadCommit {
                    stored: &commit,
                    batch: &batch,
                    segment,
                    tree: &checked,
                })?;
            }
        }
        check_ground(&checked, self.size().0, self.root().as_bytes())
    }

    /// Whether a commit ends with so many entries, from which [`Log::each_commit`] can go on.
    pub(crate) fn can_be_read_from(&self, size: Size) -> bool {
        self.tree_at(size).is_ok()
    }

    /// The tree that a commit made, of so many entries, and where the next one begins.
    fn tree_at(&self, size: Size) -> Result<(Sequencer, Position), Fatal> {
        let Some(last) = size.0.checked_sub(1) else {
            return Ok((Sequencer::new(), first_record(0)));
        };
        let absent = || Fatal::Damaged(format!("no commit ends with {} entries", size.0));
        let batch = self.batch(Index(last))?.ok_or_else(absent)?;
        let statement = stored_statement(&batch.statement)?;
        let read = Batch::decode(statement.payload()).ok_or_else(absent)?;
        let tile = |tile: &TileId| read_tile(self, tile).ok();
        let edge = TileEdge::resume(TreeSize(size.0), tile).ok_or_else(absent)?;
        let entry = entry_of(&batch.statement);
        let tree = Sequencer::resume(edge, entry, read.recorded, read.tick);
        Ok((tree, batch.end))
    }

    /// Compares every place with the ground; gives the first index whose place is wrong.
    ///
    /// # Errors
    /// [`Fatal`], also when places cannot be read.
    pub fn wrong_place(&self) -> Result<Option<Index>, Fatal> {
        let mut wrong = None;
        self.each_commit(Size(0), &mut |commit| {
            let segment = commit.segment;
            let statements = commit.stored.statements.iter();
            let statements = statements.map(|one| (one.index, one.offset, false));
            let batch = (commit.stored.batch_index, commit.stored.batch_offset, true);
            for (index, offset, is_batch) in statements.chain([batch]) {
                let offset = short(offset);
                let at = Position { segment, offset };
                if self.places.get(index.0)? != Some(Place { at, is_batch }) {
                    wrong.get_or_insert(index);
                }
            }
            Ok(())
        })?;
        Ok(wrong)
    }

    /// How many entries were taken up from what is derived when the log was opened.
    #[must_use]
    pub const fn taken_up(&self) -> Size {
        Size(self.taken_up)
    }

    /// Makes an opened log ready for commits: what lies behind the committed end is cleared, so that
    /// no sealed part of a statement that was never committed stays (LOG-4). Gives what was there:
    /// records, perhaps cut off, from one or two segments.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn cut_tail(&mut self) -> Result<Vec<Vec<u8>>, Fatal> {
        self.settle_checkpoint()?;
        let end = self.end;
        let ground = &mut *self.stores.ground;
        let tail = written_from(ground, end)?;
        ground.begin(*self.id.as_bytes(), Some(end))?;
        wipe_from(ground, &tail, end)?;
        let next = first_record(end.segment + 1);
        let stray = written_from(ground, next)?;
        wipe_from(ground, &stray, next)?;
        Ok(vec![tail, stray])
    }

    /// Makes durable what was read from the second place, before anything rests on it: the process
    /// that swapped it there may have ended before it was.
    fn settle_checkpoint(&mut self) -> Result<(), Fatal> {
        let note = self.checkpoint.as_slice();
        if note.is_empty() {
            // A copy, of which nothing is in the second place yet.
            return Ok(());
        }
        match self.stores.second.swap(Some(note), note)? {
            Swapped::Done => Ok(()),
            Swapped::Differs(_) => Err(Fatal::Forked),
        }
    }

    /// A segment whose header names this log; empty where there is none.
    fn segment(&self, number: u32) -> Result<Vec<u8>, Fatal> {
        let bytes = read_segment(&*self.stores.ground, number)?;
        if !bytes.is_empty() {
            check_header(&bytes, number, self.id).map_err(|e| damaged(number, &e.to_string()))?;
        }
        Ok(bytes)
    }

    /// Takes one commit of the ground in.
    fn take_back(&mut self, commit: &StoredCommit<'_>, segment: u32) -> Result<(), Fatal> {
        let batch = batch_in(commit)?;
        let entries = follow(&mut self.sequencer, commit, &batch)?;
        let statements = commit.statements.iter().map(|one| (one.offset, false));
        let all = statements.chain([(commit.batch_offset, true)]);
        for ((offset, is_batch), entry) in all.zip(entries) {
            let offset = short(offset);
            let at = Position { segment, offset };
            self.places.push(Place { at, is_batch });
            self.recent.push(entry);
        }
        self.stay_small()
    }

    fn check_against(&self, size: u64, root: [u8; 32]) -> Result<(), Fatal> {
        check_ground(&self.sequencer, size, &root)
    }

    /// What was published is never ahead of the second place, and of the same history: a second
    /// place that was turned back would have the node make a second history (LOG-3).
    /// Gives how much is published; the rest is cut anew.
    fn check_published(&self, published: Option<&Read>) -> Result<u64, Fatal> {
        let Some(read) = published else {
            return Ok(0);
        };
        let (size, root) = (read.size(), read.root());
        let have = self.size().0;
        if size <= have && *self.root_at(Size(size))?.as_bytes() == root {
            return Ok(size);
        }
        let text = format!(
            "a checkpoint of {size} entries was published that the second place, with {have}, does \
             not go on from: the second place was damaged or restored from an older copy. Nothing \
             was changed. Restore the newer copy"
        );
        Err(Fatal::Damaged(text))
    }
}

/// The genesis entry of the log that a ground begins with.
fn id_in(stores: &Stores) -> Result<Digest, Fatal> {
    let genesis = ground::read_statement(&*stores.ground, first_record(0));
    let genesis = genesis.map_err(|error| damaged(0, &error.to_string()))?;
    Ok(entry_of(&genesis.statement))
}

/// Lets a tree grow by a commit that must follow; the entries of it.
fn follow(
    tree: &mut Sequencer,
    commit: &StoredCommit<'_>,
    batch: &Batch,
) -> Result<Vec<Digest>, Fatal> {
    let statements = commit.statements.iter();
    let mut entries: Vec<Digest> = statements.map(|one| entry_of(one.statement)).collect();
    let batch_entry = entry_of(commit.batch);
    let follows = tree.replay(&entries, batch, batch_entry);
    follows.map_err(|_| {
        Fatal::Damaged(format!(
            "the batch at index {} does not follow",
            commit.batch_index
        ))
    })?;
    entries.push(batch_entry);
    Ok(entries)
}

fn check_ground(tree: &Sequencer, size: u64, root: &[u8; 32]) -> Result<(), Fatal> {
    let have = tree.size().0;
    if have != size {
        let text = format!(
            "the ground has {have} entries, the committed checkpoint {size}: the data folder was cut short or \
             restored from an older copy. Nothing was changed. Restore the newer copy"
        );
        return Err(Fatal::Damaged(text));
    }
    if tree.root().as_bytes() != root {
        let text = "the ground is not the one that the committed checkpoint names: its root differs. \
                    Nothing was changed";
        return Err(Fatal::Damaged(text.into()));
    }
    Ok(())
}

fn batch_in(commit: &StoredCommit<'_>) -> Result<Batch, Fatal> {
    Batch::decode(stored_statement(commit.batch)?.payload()).ok_or_else(|| {
        Fatal::Damaged(format!(
            "the batch at index {} cannot be read",
            commit.batch_index
        ))
    })
}
