//! The stages behind the record, one after the other, in log order.

use std::collections::{BTreeMap, BTreeSet};

use countersign_access::FourEyes;
use countersign_detect::Detect;
use countersign_model::act::{Act, ClockOffset};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, ClaimStatus, Index};
use countersign_model::fold::{Fold as _, FoldBatch, Said};
use countersign_model::network::Network;
use countersign_ports::{StoreError, Syncing};
use countersign_reconcile::{Change, Ledger};

pub use countersign_detect::Moved;

use crate::clocks::Clocks;
use crate::kept_history::{Failure, KeptHistory, SharedRecords};
use crate::snapshot::{Sections, Stored};

/// Raised whenever the same entries would give other conclusions (format law 11).
pub const FOLD_VERSION: u32 = 3;

/// What the node says of a commit in the next one.
#[derive(Clone, Debug, Default)]
pub struct ToSay {
    /// Findings that moved.
    pub findings: Vec<Moved>,
    /// Clocks that are off otherwise than the log says.
    pub clocks: Vec<ClockOffset>,
}

impl ToSay {
    /// Whether there is nothing to say.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.clocks.is_empty()
    }
}

/// All folds at one index.
#[derive(Debug)]
pub struct Folds {
    network: Network,
    four_eyes: FourEyes,
    ledger: Ledger,
    /// The ledger's history.
    records: SharedRecords,
    /// Of it.
    failure: Failure,
    detect: Detect,
    clocks: Clocks,
    erased: BTreeSet<Digest>,
    /// Where the newest record of each finding stands.
    recorded_at: BTreeMap<Digest, ClaimRef>,
    index: Index,
}

impl Folds {
    /// Folds of nothing, over an empty history. `secret` is random ([`Ledger::new`]).
    #[must_use]
    pub fn over(history: KeptHistory, secret: u64) -> Self {
        Self {
            network: Network::default(),
            four_eyes: FourEyes::default(),
            records: history.records(),
            failure: history.failure(),
            ledger: Ledger::new(Box::new(history), secret),
            detect: Detect::default(),
            clocks: Clocks::default(),
            erased: BTreeSet::new(),
            recorded_at: BTreeMap::new(),
            index: Index::default(),
        }
    }

    /// Writes what they hold beside the ledger, which has sections of its own.
    pub(crate) fn keep(&self, out: &mut Sections) {
        let Self {
            network,
            four_eyes,
            ledger: _,
            records: _,
            failure: _,
            detect,
            clocks,
            erased,
            recorded_at,
            index,
        } = self;
        out.put("node.network", network);
        out.put("node.four_eyes", four_eyes);
        out.put_by("node.findings", |out| detect.keep(out));
        out.put("node.clocks", clocks);
        out.put("node.erased", erased);
        out.put("node.recorded_at", recorded_at);
        out.put("node.index", index);
    }

    /// The folds that a snapshot is of, over the history that they had then. `None` where anything of
    /// it is not as it was written.
    pub(crate) fn resume(from: &Stored<'_>, history: KeptHistory, secret: u64) -> Option<Self> {
        let (records, failure) = (history.records(), history.failure());
        let ledger = Ledger::resume(from, Box::new(history), secret).ok()?;
        let standing = ledger.standing();
        Some(Self {
            network: from.take("node.network")?,
            four_eyes: from.take("node.four_eyes")?,
            detect: from.take_by("node.findings", |from| Detect::resume(from, standing))?,
            clocks: from.take("node.clocks")?,
            erased: from.take("node.erased")?,
            recorded_at: from.take("node.recorded_at")?,
            index: from.take("node.index")?,
            ledger,
            records,
            failure,
        })
    }

    /// Takes a commit in and returns what the node is to say of it.
    ///
    /// # Errors
    /// [`StoreError`]: the history failed, and what was concluded counts for nothing; the process
    /// ends.
    pub fn apply(&mut self, batch: &FoldBatch) -> Result<ToSay, StoreError> {
        let changes = self.settle(batch)?;
        Ok(ToSay {
            findings: self.detect.apply(batch, &changes),
            clocks: self.clocks.unsaid(),
        })
    }

    /// Takes a commit of the past in: what it concluded is recorded behind it.
    ///
    /// # Errors
    /// [`StoreError`], as [`Folds::apply`].
    pub fn replay(&mut self, batch: &FoldBatch) -> Result<(), StoreError> {
        let changes = self.settle(batch)?;
        self.detect.replay(batch, &changes);
        Ok(())
    }

    /// Whether the history could be read so far: an answer that was made of the ledger is told only
    /// after this.
    ///
    /// # Errors
    /// [`StoreError`]; the process ends.
    pub fn check_history(&self) -> Result<(), StoreError> {
        self.failure.check()
    }

    /// Hands what the ledger was told to the system, and gives what makes it durable.
    ///
    /// # Errors
    /// [`StoreError`]; the process ends.
    pub fn sync_history(&self) -> Result<Syncing, StoreError> {
        self.failure.check()?;
        self.records.sync()
    }

    /// What the node was to say and never said: findings that stand, clocks that were measured.
    #[must_use]
    pub fn unsaid(&mut self) -> ToSay {
        ToSay {
            findings: self.detect.unrecorded(),
            clocks: self.clocks.unsaid(),
        }
    }

    fn settle(&mut self, batch: &FoldBatch) -> Result<Vec<Change>, StoreError> {
        self.take_acts(batch);
        let mut approved = Vec::new();
        self.four_eyes.apply(batch, &mut approved);
        for one in &approved {
            self.ledger
                .apply_approved(&one.proposal.action, one.at, one.instant);
        }
        let mut changes = Vec::new();
        self.ledger.apply(batch, &mut changes);
        self.clocks.take(batch, &self.network);
        self.index = batch.index;
        self.failure.check()?;
        Ok(changes)
    }

    fn take_acts(&mut self, batch: &FoldBatch) {
        for statement in &batch.statements {
            for claim in &statement.claims {
                let Some(Said::Act(act)) = &claim.said else {
                    continue;
                };
                if claim.status == ClaimStatus::Effective {
                    self.take_act(act, claim.at);
                }
            }
        }
    }

    fn take_act(&mut self, act: &Act, at: ClaimRef) {
        match act {
            Act::Define(object) => self.network.define((**object).clone()),
            Act::Withdraw { kind, id } => self.network.withdraw(*kind, id),
            Act::Erasure { claim } => {
                self.erased.insert(*claim);
            }
            Act::Finding(record) => {
                self.recorded_at.insert(record.id, at);
            }
            Act::ScenarioClock { .. }
            | Act::Proposal(_)
            | Act::Approval(_)
            | Act::Import { .. }
            | Act::Renewal(_)
            | Act::Suspect(_)
            | Act::ClockOffset(_)
            | Act::Outage(_)
            | Act::Unknown(_) => {}
        }
    }

    /// What was said of devices' clocks, by key and position.
    pub fn clock_offsets(&self) -> impl Iterator<Item = ClockOffset> {
        self.clocks.said()
    }

    /// The network in force.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// Proposals and approvals.
    #[must_use]
    pub const fn four_eyes(&self) -> &FourEyes {
        &self.four_eyes
    }

    /// The custody ledger.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The findings.
    #[must_use]
    pub const fn detect(&self) -> &Detect {
        &self.detect
    }

    /// Digests of the claims whose sealed parts were destroyed.
    #[must_use]
    pub const fn erased(&self) -> &BTreeSet<Digest> {
        &self.erased
    }

    /// Where the newest record of a finding stands.
    #[must_use]
    pub fn recorded_at(&self, finding: Digest) -> Option<ClaimRef> {
        self.recorded_at.get(&finding).copied()
    }

    /// Index of the last batch taken in: every answer is as of it.
    #[must_use]
    pub const fn index(&self) -> Index {
        self.index
    }

    /// Acts that close the imports that a run left open.
    #[must_use]
    pub fn imports_left_open(&self) -> Vec<String> {
        let close = |id: &str| {
            format!(
                r#"{{"type":"ImportClosed","id":{}}}"#,
                countersign_model::json::quote(id)
            )
        };
        self.ledger.open_imports().map(close).collect()
    }

    /// Digest of the whole state: the same bytes after any replay (LOG-1).
    #[must_use]
    pub fn state_digest(&self) -> Digest {
        let ledger = self.ledger.state_digest();
        let detect = self.detect.state_digest();
        Digest::of_parts(
            "countersign/folds/v1",
            &[ledger.as_bytes(), detect.as_bytes()],
        )
    }
}
