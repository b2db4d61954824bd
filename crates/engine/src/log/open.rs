//! Opening a log: the ground is read up to what the second place names.

use countersign_model::digest::Digest;
use countersign_model::entry::{Batch, Size, entry_of};
use countersign_ports::Position;
use countersign_record::segment::{HEADER_LEN, check_header};
use countersign_record::stored::{StoredCommit, read_commit};

use super::Log;
use crate::checkpoint::Read;
use crate::committed_end::{
    damaged, published_checkpoint, read_own_checkpoint, read_segment, short, used, wipe_from,
};
use crate::components::{NodeKeys, Stores};
use crate::engine::{Fatal, stored_statement};
use crate::limits::UNPUBLISHED_ENTRIES_MAX;

/// A commit of the ground, with its batch read.
#[derive(Debug)]
pub(crate) struct ReadCommit<'a> {
    /// The commit.
    pub(crate) stored: &'a StoredCommit<'a>,
    /// Its batch.
    pub(crate) batch: &'a Batch,
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
        let checkpoint = stores.second.read()?.ok_or_else(|| {
            Fatal::Damaged(
                "the second place holds no checkpoint; a log is made by `countersign init` alone"
                    .into(),
            )
        })?;
        let committed = read_own_checkpoint(&checkpoint, keys)?;
        let mut log = Self::read_up_to(stores, &committed)?;
        log.checkpoint = checkpoint;
        log.published = log.check_published(keys)?;
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
        Self::read_up_to(stores, checkpoint)
    }

    /// Reads the ground up to a checkpoint, and no further.
    fn read_up_to(stores: Stores, checkpoint: &Read) -> Result<Self, Fatal> {
        let (size, root) = (checkpoint.size(), checkpoint.root());
        let id = id_in(&stores)?;
        let mut log = Self::blank(stores, id);
        let mut end = first_record(0);
        loop {
            let bytes = log.segment(end.segment)?;
            if bytes.is_empty() {
                break;
            }
            end = first_record(end.segment);
            while log.size().0 < size {
                let commit = read_commit(&bytes, end.offset as usize);
                let commit = commit.map_err(|e| damaged(end.segment, &e.to_string()))?;
                let Some(commit) = commit else { break };
                log.take_back(&commit, end.segment)?;
                end.offset = short(commit.end);
            }
            log.end = end;
            if log.size().0 >= size {
                break;
            }
            end = first_record(end.segment + 1);
        }
        log.check_against(size, root)?;
        Ok(log)
    }

    /// Number of the segment in which the committed ground ends.
    pub(crate) const fn last_segment(&self) -> u32 {
        self.end.segment
    }

    /// Hands every commit to `take`, in log order.
    ///
    /// # Errors
    /// [`Fatal`], also that of `take`.
    pub(crate) fn each_commit(
        &self,
        take: &mut dyn FnMut(&ReadCommit<'_>) -> Result<(), Fatal>,
    ) -> Result<(), Fatal> {
        for segment in 0..=self.end.segment {
            let bytes = self.segment(segment)?;
            let until = if segment == self.end.segment {
                self.end.offset as usize
            } else {
                bytes.len()
            };
            let mut offset = HEADER_LEN;
            while offset < until {
                let commit = read_commit(&bytes, offset);
                let commit = commit.map_err(|e| damaged(segment, &e.to_string()))?;
                let Some(commit) = commit else { break };
                offset = commit.end;
                let batch = batch_in(&commit)?;
                take(&ReadCommit {
                    stored: &commit,
                    batch: &batch,
                })?;
            }
        }
        Ok(())
    }

    /// Makes an opened log ready for commits: what lies behind the committed end is cleared, so that
    /// no sealed part of a statement that was never committed stays (LOG-4). Gives what was there:
    /// records, perhaps cut off, from one or two segments.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn cut_tail(&mut self) -> Result<Vec<Vec<u8>>, Fatal> {
        let end = self.end;
        let ground = &mut *self.stores.ground;
        let mut tail = ground.read(end, countersign_record::limits::SEGMENT_BYTES)?;
        ground.begin(*self.id.as_bytes(), Some(end))?;
        wipe_from(ground, &tail, end)?;
        let next = first_record(end.segment + 1);
        let stray = ground.read(next, countersign_record::limits::SEGMENT_BYTES)?;
        wipe_from(ground, &stray, next)?;
        tail.truncate(used(&tail));
        Ok(vec![tail, stray])
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
        let statements = commit.statements.iter();
        let entries: Vec<Digest> = statements.map(|one| entry_of(one.statement)).collect();
        let batch_entry = entry_of(commit.batch);
        let follows = self.sequencer.replay(&entries, &batch, batch_entry);
        follows.map_err(|_| {
            Fatal::Damaged(format!(
                "the batch at index {} does not follow",
                commit.batch_index
            ))
        })?;
        let at = |offset| Position {
            segment,
            offset: short(offset),
        };
        for (stored, entry) in commit.statements.iter().zip(entries) {
            self.places.push(at(stored.offset), false);
            self.recent.push(entry);
        }
        self.places.push(at(commit.batch_offset), true);
        self.recent.push(batch_entry);
        if self.recent.len() > UNPUBLISHED_ENTRIES_MAX {
            self.forget(self.size());
        }
        Ok(())
    }

    fn check_against(&self, size: u64, root: [u8; 32]) -> Result<(), Fatal> {
        let have = self.size().0;
        if have != size {
            let text = format!(
                "the ground has {have} entries, the committed checkpoint {size}: the data folder was cut short or \
                 restored from an older copy. Nothing was changed. Restore the newer copy"
            );
            return Err(Fatal::Damaged(text));
        }
        if self.root().as_bytes() != &root {
            let text = "the ground is not the one that the committed checkpoint names: its root differs. \
                        Nothing was changed";
            return Err(Fatal::Damaged(text.into()));
        }
        Ok(())
    }

    /// What was published is never ahead of the second place, and of the same history: a second
    /// place that was turned back would have the node make a second history (LOG-3).
    /// Gives how much is published; the rest is cut anew.
    fn check_published(&self, keys: &NodeKeys) -> Result<u64, Fatal> {
        let published = published_checkpoint(&*self.stores.published, keys)?;
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
    let bytes = read_segment(&*stores.ground, 0)?;
    let first = read_commit(&bytes, HEADER_LEN).map_err(|e| damaged(0, &e.to_string()))?;
    let first = first.ok_or_else(|| damaged(0, "the first commit is not there"))?;
    let genesis = first.statements.first();
    let genesis = genesis.ok_or_else(|| Fatal::Damaged("there is no genesis".into()))?;
    Ok(entry_of(genesis.statement))
}

fn batch_in(commit: &StoredCommit<'_>) -> Result<Batch, Fatal> {
    Batch::decode(stored_statement(commit.batch)?.payload()).ok_or_else(|| {
        Fatal::Damaged(format!(
            "the batch at index {} cannot be read",
            commit.batch_index
        ))
    })
}
