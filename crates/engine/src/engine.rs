//! The one place with effects: submissions in, commits, receipts, findings out.

use std::cell::OnceCell;

use countersign_attest::{Ahead, Genesis, Statement, Submission};
use countersign_model::digest::Digest;
use countersign_model::entry::{Index, Size, entry_of};
use countersign_model::fold::{AdmittedStatement, FoldBatch};
use countersign_model::time::Timestamp;
use countersign_ports::{ClockReading, Position, StoreError, Swapped};
use countersign_record::commit::{CommitTime, Prepared, Sequencer, Staged};
use countersign_record::limits::{COMMIT_BYTES_MAX, COMMIT_STATEMENTS_MAX};
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::cosignature::cosign;
use countersign_tlog::note::{Note, Signer};
use countersign_tlog::tree::TreeSize;

use crate::components::{Components, NodeKeys};
use crate::folds::Folds;
use crate::intake::{self, ClaimAnswer, IntakeError, Means, Outcome};
use crate::limits::{CLOCK_JUMP_MS_MAX, RESTART_GAP_MS_MAX};
use crate::node_statement;
use crate::publish;
use crate::state::IntakeState;

/// The process cannot go on: a store failed, or what it holds contradicts itself. What was
/// acknowledged is durable; nothing else was said.
#[derive(Debug, thiserror::Error)]
pub enum Fatal {
    /// A store failed or its answer is unknown.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The second place holds another checkpoint than this process committed last.
    #[error(
        "LOG-3: the second place holds a checkpoint that this process did not commit; another process or a restored copy wrote there"
    )]
    Forked,
    /// The ground is not the one that the committed checkpoint names.
    #[error("LOG-3: {0}")]
    Damaged(String),
}

/// A submission that waits for its commit.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Where its statement will stand.
    pub index: Index,
    /// What became of each claim.
    pub claims: Vec<ClaimAnswer>,
}

/// What a submission got.
#[derive(Clone, Debug)]
pub enum Taken {
    /// It is staged; true after the next commit.
    Staged(Ticket),
    /// It stands in the log already.
    Replay(Index),
}

/// What a commit brought.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// Size of the log.
    pub size: Size,
    /// Findings that moved, as recorded.
    pub findings: Vec<crate::folds::Moved>,
}

pub(crate) struct Pending {
    pub(crate) staged: Staged,
    pub(crate) admitted: AdmittedStatement,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pending({})", self.admitted.index)
    }
}

/// One log: its ground, its tree, its keys and its folds. One writer.
#[derive(Debug)]
pub struct Engine {
    pub(crate) world: Components,
    pub(crate) keys: NodeKeys,
    pub(crate) genesis: Genesis,
    pub(crate) state: IntakeState,
    pub(crate) sequencer: Sequencer,
    pub(crate) folds: Folds,
    /// Where each statement's or batch's records begin.
    pub(crate) places: Vec<Position>,
    /// Entries, for bundles.
    pub(crate) entries: Vec<Digest>,
    /// Indexes of the batch statements, rising.
    pub(crate) batches: Vec<u64>,
    pub(crate) pending: Vec<Pending>,
    pub(crate) pending_bytes: usize,
    /// The committed checkpoint, as it lies in the second place.
    pub(crate) checkpoint: Vec<u8>,
    /// The same as it leaves the node, once it was asked for.
    pub(crate) outward: OnceCell<Vec<u8>>,
    pub(crate) published: u64,
    /// The batch of the receipt that was asked for last.
    pub(crate) last_batch: crate::last_batch::LastBatch,
    /// Time as the scenario tells it.
    pub(crate) scenario: Option<Timestamp>,
    pub(crate) last_clock: Option<ClockReading>,
    /// The wall clock jumped within this run: ticks stand still until somebody confirms.
    pub(crate) clock_jumped: bool,
}

impl Engine {
    /// Judges a submission and stages it for the next commit.
    ///
    /// # Errors
    /// [`IntakeError`].
    pub fn submit(&mut self, submission: &Submission) -> Result<Taken, IntakeError> {
        self.submit_ahead(Ahead::of(submission)?)
    }

    /// As [`Engine::submit`], of what another thread has read.
    ///
    /// # Errors
    /// [`IntakeError`].
    pub fn submit_ahead(&mut self, ahead: Ahead<'_>) -> Result<Taken, IntakeError> {
        let index = Index(self.sequencer.size().0 + self.pending.len() as u64);
        let received = self.now();
        let mut means = Means {
            sealing: &self.keys.sealing,
            fingerprint: &self.keys.fingerprint,
            entropy: &mut *self.world.entropy,
        };
        let judged = match intake::take(&mut self.state, ahead, index, received, &mut means)? {
            Outcome::Replay(index) => return Ok(Taken::Replay(index)),
            Outcome::Admitted(judged) => *judged,
        };
        let admitted = self.state.admit(
            index,
            &judged.statement,
            judged.key,
            judged.decoded,
            &judged.staged.verdict,
        );
        self.pending_bytes += judged
            .staged
            .records
            .iter()
            .map(|(_, payload)| payload.len())
            .sum::<usize>();
        self.pending.push(Pending {
            staged: judged.staged,
            admitted,
        });
        Ok(Taken::Staged(Ticket {
            index,
            claims: judged.answers,
        }))
    }

    /// True when the next submission could overfill a commit: the caller commits first.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.pending.len() >= COMMIT_STATEMENTS_MAX / 2
            || self.pending_bytes >= COMMIT_BYTES_MAX / 2
    }

    /// Commits what is staged, folds it, and commits what the folds have the node say.
    /// Without anything staged it makes a batch without statements, so that deadlines fire.
    ///
    /// # Errors
    /// [`Fatal`]: the process must end.
    pub fn commit(&mut self) -> Result<Committed, Fatal> {
        let mut findings = Vec::new();
        loop {
            let batch = self.commit_once()?;
            let moved = self.folds.apply(&batch);
            if moved.is_empty() {
                break;
            }
            for statement in node_statement::findings(self, &moved)? {
                self.submit(&statement).map_err(own_statement_refused)?;
            }
            findings.extend(moved);
        }
        Ok(Committed {
            size: self.sequencer.size(),
            findings,
        })
    }

    /// The commit protocol (format law 8): append, sync, sign, swap. Only then is it true.
    fn commit_once(&mut self) -> Result<FoldBatch, Fatal> {
        let time = self.commit_time();
        let pending = std::mem::take(&mut self.pending);
        self.pending_bytes = 0;
        let (staged, statements): (Vec<Staged>, Vec<AdmittedStatement>) = pending
            .into_iter()
            .map(|one| (one.staged, one.admitted))
            .unzip();
        let keys = &self.keys;
        let origin = &self.state.identity.origin;
        let mut sign =
            |payload: &[u8]| node_statement::batch(origin, payload, keys.statement.to_sign_once());
        let prepared = self.sequencer.prepare(staged, time, &mut sign);
        let prepared = prepared.map_err(|error| Fatal::Damaged(error.to_string()))?;
        let at = self.world.ground.append(&prepared.bytes)?;
        self.world.ground.sync()?;
        let note = self.sign_checkpoint(&prepared)?;
        let expected = (!self.checkpoint.is_empty()).then_some(self.checkpoint.as_slice());
        match self.world.second.swap(expected, &note)? {
            Swapped::Done => {}
            Swapped::Differs(_) => return Err(Fatal::Forked),
        }
        self.checkpoint = note;
        self.outward = OnceCell::new();
        self.sequencer.committed(&prepared);
        self.remember(&prepared, at);
        Ok(FoldBatch {
            index: prepared.batch_index,
            recorded: prepared.batch.recorded,
            tick: prepared.batch.tick,
            statements,
        })
    }

    pub(crate) fn remember(&mut self, prepared: &Prepared, at: Position) {
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

    fn sign_checkpoint(&self, prepared: &Prepared) -> Result<Vec<u8>, Fatal> {
        let failed =
            |error: String| Fatal::Store(StoreError::other("signing the checkpoint", error));
        let origin = self.state.identity.origin.as_str();
        let checkpoint = Checkpoint::new(origin, TreeSize(prepared.size.0), prepared.root);
        let checkpoint = checkpoint.map_err(|error| failed(error.to_string()))?;
        let note: Note = checkpoint
            .sign(&[&self.keys.checkpoint])
            .map_err(|error| failed(error.to_string()))?;
        Ok(note.to_string().into_bytes())
    }

    /// Puts the published tree in order behind the commit.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn publish(&mut self) -> Result<(), Fatal> {
        let size = self.sequencer.size().0;
        if size == self.published {
            return Ok(());
        }
        let entries = &self.entries;
        let entry = |index: u64| publish::entry_at(entries, index);
        let growth = (self.published, size);
        let checkpoint = self.outward()?.to_vec();
        publish::publish(
            &mut *self.world.published,
            self.sequencer.nodes(),
            growth,
            &entry,
            &checkpoint,
        )?;
        self.published = size;
        Ok(())
    }

    /// The time: the scenario's, if one tells it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self.scenario {
            // A scenario that was opened again goes on where its last commit was.
            Some(now) => now.max(self.sequencer.recorded()),
            None => self.world.clock.read().wall,
        }
    }

    /// Moves the scenario's time forward; nothing happens without a scenario clock or backwards.
    pub fn advance_scenario(&mut self, to: Timestamp) {
        if let Some(now) = &mut self.scenario {
            *now = (*now).max(to);
        }
    }

    /// Recorded time and tick of the next commit. Neither runs backwards. When the wall clock
    /// jumps against the monotonic one, the tick stands still (format law 9); afterwards it goes by
    /// the wall clock, not by a recorded time that a jump carried far ahead.
    fn commit_time(&mut self) -> CommitTime {
        if self.scenario.is_some() {
            let now = self.now();
            return CommitTime {
                recorded: now,
                uncertainty_ms: 0,
                tick: now,
            };
        }
        let reading = self.world.clock.read();
        if let Some(last) = self.last_clock.replace(reading) {
            let wall = reading.wall.ms() - last.wall.ms();
            let ran = i64::try_from(reading.monotonic_ms - last.monotonic_ms).unwrap_or(i64::MAX);
            self.clock_jumped |= (wall - ran).abs() > CLOCK_JUMP_MS_MAX;
        }
        let recorded = reading.wall.max(self.sequencer.recorded());
        let tick = if self.clock_jumped {
            self.sequencer.tick()
        } else {
            reading.wall.max(self.sequencer.tick())
        };
        CommitTime {
            recorded,
            uncertainty_ms: reading.uncertainty_ms,
            tick,
        }
    }

    /// At the start nothing tells what the clock did meanwhile. A kernel that calls its clock
    /// synchronised vouches for it; else ticks stand still if it is behind what was recorded, far
    /// ahead of it, or if a jump was never confirmed (format law 9).
    pub(crate) fn judge_restart(&mut self) {
        let reading = self.world.clock.read();
        if self.scenario.is_some() || reading.synchronised {
            return;
        }
        let recorded = self.sequencer.recorded().ms();
        let gap = reading.wall.ms() - recorded;
        let unconfirmed = recorded - self.sequencer.tick().ms() > CLOCK_JUMP_MS_MAX;
        self.clock_jumped =
            unconfirmed || !(-CLOCK_JUMP_MS_MAX..=RESTART_GAP_MS_MAX).contains(&gap);
    }

    /// Whether ticks stand still because the clock jumped.
    #[must_use]
    pub const fn clock_jumped(&self) -> bool {
        self.clock_jumped
    }

    /// A person has looked at the clock: ticks go on.
    pub const fn confirm_clock(&mut self) {
        self.clock_jumped = false;
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

    /// The entry at an index.
    #[must_use]
    pub fn entry(&self, index: u64) -> Option<Digest> {
        self.entries.get(usize::try_from(index).ok()?).copied()
    }

    /// Root of the committed tree.
    #[must_use]
    pub fn root(&self) -> countersign_tlog::hash::Hash {
        self.sequencer.root()
    }

    /// Nodes of the committed tree.
    #[must_use]
    pub const fn nodes(&self) -> &countersign_tlog::tree::NodeTable {
        self.sequencer.nodes()
    }

    /// The genesis.
    #[must_use]
    pub const fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The committed checkpoint as it leaves the node: a note signed with every checkpoint key. What
    /// lies in the second place has the Ed25519 signature alone (ADR 0006).
    ///
    /// # Errors
    /// [`Fatal`] when a signer does not answer.
    pub fn outward(&self) -> Result<&[u8], Fatal> {
        if let Some(note) = self.outward.get() {
            return Ok(note);
        }
        let note = match &self.keys.checkpoint_pq {
            Some(signer) => self.signed_again(signer)?,
            None => self.checkpoint.clone(),
        };
        Ok(self.outward.get_or_init(|| note))
    }

    /// The committed checkpoint with one more signature. Its time is that of the last commit.
    fn signed_again(&self, signer: &dyn Signer) -> Result<Vec<u8>, Fatal> {
        let failed =
            |error: String| Fatal::Store(StoreError::other("signing the checkpoint", error));
        let mut note = Note::parse(&self.checkpoint).map_err(|e| failed(e.to_string()))?;
        let checkpoint = Checkpoint::parse(note.text()).map_err(|e| failed(e.to_string()))?;
        let time_s = u64::try_from(self.sequencer.recorded().ms() / 1000).unwrap_or_default();
        let signature = cosign(&checkpoint, time_s.max(1), signer);
        let pushed = signature.and_then(|signature| note.push(signature));
        pushed.map_err(|error| failed(error.to_string()))?;
        Ok(note.to_string().into_bytes())
    }

    /// The C2SP verifier keys of the log, the one of [`Engine::vkey`] first.
    #[must_use]
    pub fn vkeys(&self) -> Vec<String> {
        self.keys.checkpoint_vkeys()
    }

    /// The C2SP verifier key of the log, to be handed out and pinned.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.keys.checkpoint.key().to_string()
    }

    /// The key for statements that the node signs: imports. Each call counts as one use, so it is
    /// asked for once a signature.
    #[must_use]
    pub fn statement_key(&self) -> &countersign_attest::SecretKey {
        self.keys.statement.to_sign_once()
    }

    /// The node's keys, for what is public of them.
    #[must_use]
    pub const fn keys(&self) -> &NodeKeys {
        &self.keys
    }

    /// The folds, for questions.
    #[must_use]
    pub const fn folds(&self) -> &Folds {
        &self.folds
    }

    /// Intake's knowledge, for questions.
    #[must_use]
    pub const fn intake(&self) -> &IntakeState {
        &self.state
    }

    /// The batch that covers an entry; `None` where none does, and for a batch itself.
    #[must_use]
    pub fn batch_of(&self, entry: Index) -> Option<Index> {
        let next = self.batches.partition_point(|batch| *batch < entry.0);
        self.batches
            .get(next)
            .map(|batch| Index(*batch))
            .filter(|batch| batch.0 != entry.0)
    }
}

/// The node's own statement did not pass its own intake: a bug, not an input.
pub(crate) fn own_statement_refused(error: IntakeError) -> Fatal {
    match error {
        IntakeError::World(error) => Fatal::Store(error),
        IntakeError::Refused(refusal) => Fatal::Damaged(format!(
            "the node's own statement was refused: {}: {}",
            refusal.code, refusal.reason
        )),
    }
}

/// Reads a statement that the ground holds.
pub(crate) fn stored_statement(bytes: &[u8]) -> Result<Statement, Fatal> {
    Statement::parse(bytes).map_err(|refusal| {
        Fatal::Damaged(format!(
            "a statement in the ground cannot be read: {}",
            refusal.reason
        ))
    })
}
