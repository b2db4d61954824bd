//! The audit: entries in log order, each with the keys, chains and batches that stand before it.
//!
//! Signatures are the dear part and need only the register of keys, which changes with few acts. So
//! the entries between two such acts are checked on all cores, and what follows from them is settled
//! in order.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::ControlFlow;

use countersign_attest::judge::{Authentic, authenticate};
use countersign_attest::{Chains, Genesis, Refusal, Register};
use countersign_model::digest::Digest;
use countersign_model::entry::Index;
use countersign_model::ids::KeyId;
use countersign_model::time::Timestamp;
use countersign_record::stored::StoredCommit;

use super::cores::on_all_cores;
use super::folder::LogFolder;
use super::published::Published;
use super::reading::{Around, Holds, Read, entries_of};
use super::tally::{Counts, Faults, Part};
use super::{Progress, settle};
use crate::bench::read_statement;
use crate::reason::Reason;
use crate::report::Fault;
use crate::tree::Tree;

/// What is known while a log is read.
pub(super) struct Audit<'a> {
    cores: usize,
    progress: &'a mut dyn FnMut(Progress),
    /// The checkpoint's tree, if there is one.
    pub(super) tree: Option<&'a Tree>,
    /// The published tree as it grows; without a checkpoint there is none.
    pub(super) published: Option<Published<'a>>,
    /// What genesis says, if it holds.
    pub(super) genesis: Option<Genesis>,
    /// The keys so far, and which log they are of.
    pub(super) keys: Option<Register>,
    /// The chains so far.
    pub(super) chains: Chains,
    /// Who signed statements.
    pub(super) signers: BTreeSet<KeyId>,
    /// Entries so far.
    pub(super) len: u64,
    /// The batch before.
    pub(super) last_batch: LastBatch,
    /// Envelopes so far.
    pub(super) envelopes: BTreeMap<Digest, Around>,
    /// Mapping files so far.
    pub(super) mappings: BTreeSet<Digest>,
    /// What was counted.
    pub(super) counts: Counts,
    /// What was found wrong.
    pub(super) faults: Faults,
}

/// What the next batch must follow.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastBatch {
    pub(super) entry: Option<Digest>,
    pub(super) recorded: Timestamp,
    pub(super) tick: Timestamp,
}

impl<'a> Audit<'a> {
    /// An audit of which nothing is read yet.
    pub(super) fn new(
        folder: &'a dyn LogFolder,
        tree: Option<&'a Tree>,
        watched: BTreeSet<u64>,
        cores: usize,
        progress: &'a mut dyn FnMut(Progress),
    ) -> Self {
        let size = tree.map(|tree| tree.checkpoint.size().0);
        Self {
            cores,
            progress,
            tree,
            published: size.map(|size| Published::new(folder, size, watched)),
            genesis: None,
            keys: None,
            chains: Chains::default(),
            signers: BTreeSet::new(),
            len: 0,
            last_batch: LastBatch {
                entry: None,
                recorded: Timestamp::from_ms(i64::MIN),
                tick: Timestamp::from_ms(i64::MIN),
            },
            envelopes: BTreeMap::new(),
            mappings: BTreeSet::new(),
            counts: Counts::default(),
            faults: Faults::default(),
        }
    }

    /// Entries that the checkpoint covers.
    pub(super) fn size(&self) -> Option<u64> {
        self.tree.map(|tree| tree.checkpoint.size().0)
    }

    /// Takes commits of a segment. Breaks where an entry does not stand at its place: whatever
    /// follows then would only be wrong in the same way.
    pub(super) fn take(
        &mut self,
        segment: u32,
        commits: &[StoredCommit<'_>],
    ) -> io::Result<ControlFlow<()>> {
        let stored = entries_of(commits);
        if self.len == 0 {
            self.begin(commits);
        }
        let mut reads = on_all_cores(self.cores, &stored, |one| Read::new(segment, one));
        let mut rest = reads.as_mut_slice();
        while !rest.is_empty() {
            let setter = rest.iter().position(Read::may_set_keys);
            let (span, later) = rest.split_at_mut(setter.map_or(rest.len(), |at| at + 1));
            let said = self.authenticate(span);
            for (read, said) in span.iter_mut().zip(said) {
                if self.entry(read, said)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            rest = later;
        }
        let (entries, size) = (self.len, self.size());
        (self.progress)(Progress {
            segment,
            entries,
            size,
        });
        Ok(ControlFlow::Continue(()))
    }

    /// Reads genesis: from it come the first keys.
    fn begin(&mut self, commits: &[StoredCommit<'_>]) {
        let first = commits.first().and_then(|commit| commit.statements.first());
        let read = first.map(|first| {
            let statement = read_statement(first.statement, true)?;
            Genesis::open(&statement)
                .map_err(|refusal| Fault::new(Reason::GenesisWrong, refusal.reason))
        });
        let genesis = match read {
            Some(Ok(genesis)) => genesis,
            Some(Err(fault)) => return self.faults.push(Part::Genesis, fault),
            None => {
                let detail = "the first entry is a batch, not genesis";
                let fault = Fault::new(Reason::GenesisNotFirst, detail);
                return self.faults.push(Part::Genesis, fault);
            }
        };
        self.keys = Some(Register::new(&genesis));
        self.genesis = Some(genesis);
    }

    /// Checks the signatures of entries that meet the same keys.
    fn authenticate(&self, span: &[Read]) -> Vec<Option<Result<Authentic, Refusal>>> {
        let Some(register) = &self.keys else {
            return span.iter().map(|_| None).collect();
        };
        on_all_cores(self.cores, span, |read| {
            let statement = read.statement.as_ref()?;
            Some(authenticate(register, statement, register.identity()))
        })
    }

    fn entry(
        &mut self,
        read: &mut Read,
        said: Option<Result<Authentic, Refusal>>,
    ) -> io::Result<ControlFlow<()>> {
        if read.index.0 != self.len {
            let (index, len) = (read.index, self.len);
            let words = format!("it calls itself entry {index}, and {len} entries stand before it");
            let detail = format!("{}: {words}", read.at);
            self.faults
                .push(Part::Ground, Fault::new(Reason::EntryOutOfPlace, detail));
            return Ok(ControlFlow::Break(()));
        }
        self.len += 1;
        self.counts.add(&read.counts);
        for (part, fault) in std::mem::take(&mut read.faults) {
            self.fault(read, part, fault);
        }
        match &read.holds {
            Holds::Said(holds) => settle::statement(self, read, holds, said),
            Holds::Ended(holds) => settle::batch(self, read, holds, said),
        }
        if let Some(published) = &mut self.published {
            published.push((read.entry, read.leaf), &mut self.faults)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Notes a fault of an entry, with its place.
    pub(super) fn fault(&mut self, read: &Read, part: Part, mut fault: Fault) {
        fault.detail = format!("entry {} ({}): {}", read.index, read.at, fault.detail);
        self.faults.push(part, fault);
    }

    /// Whether an entry is covered by the checkpoint.
    pub(super) fn is_published(&self, index: Index) -> bool {
        self.size().is_none_or(|size| index.0 < size)
    }
}
