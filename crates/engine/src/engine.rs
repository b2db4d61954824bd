//! The one place with effects: submissions in, commits, receipts, findings out.

use countersign_attest::{Ahead, Genesis, Refusal, Statement, Submission, refusal};
use countersign_model::digest::Digest;
use countersign_model::entry::{Index, Size};
use countersign_model::fold::{AdmittedStatement, FoldBatch};
use countersign_model::network::Object;
use countersign_model::time::{Span, Timestamp};
use countersign_ports::{Clock, ClockReading, Entropy, StoreError};
use countersign_record::commit::{CommitTime, Staged};
use countersign_record::limits::{COMMIT_BYTES_MAX, COMMIT_STATEMENTS_MAX};
use countersign_tlog::hash::Hash;
use countersign_tlog::tree::NodeReader;

use crate::components::NodeKeys;
use crate::counted::Counted;
use crate::folds::Folds;
use crate::intake::{self, ClaimAnswer, IntakeError, Means, Outcome};
use crate::limits::{CLOCK_JUMP_MS_MAX, OUTAGE_MS_MIN, RESTART_GAP_MS_MAX};
use crate::log::Log;
use crate::log_index::Past;
use crate::node_statement;
use crate::signing::LogSigner;
use crate::snapshot::Snapshots;
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

/// A node's log with what it makes of it: keys, intake's knowledge, folds. One writer.
#[derive(Debug)]
pub struct Engine {
    /// Dropped first: what is being written rests on the rest.
    pub(crate) snapshots: Snapshots,
    pub(crate) log: Log,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) entropy: Box<dyn Entropy>,
    pub(crate) keys: NodeKeys,
    pub(crate) genesis: Genesis,
    pub(crate) state: IntakeState,
    pub(crate) folds: Folds,
    /// How many batches were folded.
    pub(crate) batches: u64,
    pub(crate) pending: Vec<Pending>,
    pub(crate) pending_bytes: usize,
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
        self.stage(ahead, false)
    }

    /// As [`Engine::submit_ahead`]; a renewal of the log's keys is for [`Engine::renew`] alone.
    pub(crate) fn stage(
        &mut self,
        ahead: Ahead<'_>,
        may_renew: bool,
    ) -> Result<Taken, IntakeError> {
        let index = Index(self.log.size().0 + self.pending.len() as u64);
        let received = self.now();
        let mut means = Means {
            sealing: &self.keys.sealing,
            fingerprint: &self.keys.fingerprint,
            entropy: &mut *self.entropy,
            log: &self.log,
        };
        let judged = match intake::take(&self.state, ahead, index, received, &mut means)? {
            Outcome::Replay(index) => return Ok(Taken::Replay(index)),
            Outcome::Admitted(judged) => *judged,
        };
        if !may_renew && judged.renews() {
            let reason =
                "the keys of a log are renewed where they lie, by `countersign key rotate`";
            return Err(Refusal::new(refusal::code::BAD_RENEWAL, reason).into());
        }
        let admitted = self.state.admit(
            index,
            &judged.statement,
            judged.key,
            (judged.decoded, judged.learnt),
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
            let time = self.commit_time();
            self.note_outage(time.tick)?;
            let batch = self.commit_once(time)?;
            let to_say = self.folds.apply(&batch)?;
            if to_say.is_empty() {
                break;
            }
            for statement in node_statement::of(self, &to_say)? {
                self.submit(&statement).map_err(own_statement_refused)?;
            }
            findings.extend(to_say.findings);
        }
        self.snapshot_if_due()?;
        Ok(Committed {
            size: self.log.size(),
            findings,
        })
    }

    /// A node commits at short intervals, whether anything was sent or not: where none did, it was not
    /// running, and says so in the commit whose tick jumps, if it is to hear anybody.
    fn note_outage(&mut self, tick: Timestamp) -> Result<(), Fatal> {
        let from = self.log.tick();
        if tick.since(from).ms() <= OUTAGE_MS_MIN || self.scenario.is_some() {
            return Ok(());
        }
        let is_awaited = self.folds.network().objects().any(|object| match object {
            Object::Principal(principal) => {
                principal.heartbeat.is_some() || principal.grace > Span::ZERO
            }
            Object::Site(_) | Object::Lane(_) | Object::Product(_) | Object::Tolerance(_) => false,
        });
        if !is_awaited {
            return Ok(());
        }
        let act = format!(r#"{{"type":"Outage","from":"{from}","until":"{tick}"}}"#);
        self.say(&[&act])
    }

    fn commit_once(&mut self, time: CommitTime) -> Result<FoldBatch, Fatal> {
        let pending = std::mem::take(&mut self.pending);
        self.pending_bytes = 0;
        let (staged, statements): (Vec<Staged>, Vec<AdmittedStatement>) = pending
            .into_iter()
            .map(|one| (one.staged, one.admitted))
            .unzip();
        let signer = LogSigner {
            register: &self.state.register,
            keys: &self.keys,
        };
        let prepared = self.log.commit(staged, time, &signer)?;
        self.batches += 1;
        self.state.committed()?;
        self.state.seal(self.log.head())?;
        Ok(FoldBatch {
            index: prepared.batch_index,
            recorded: prepared.batch.recorded,
            tick: prepared.batch.tick,
            statements,
        })
    }

    /// Puts the published tree in order behind the commit.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn publish(&mut self) -> Result<(), Fatal> {
        let signer = LogSigner {
            register: &self.state.register,
            keys: &self.keys,
        };
        self.log.publish(&signer)
    }

    /// The time: the scenario's, if one tells it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self.scenario {
            // A scenario that was opened again goes on where its last commit was.
            Some(now) => now.max(self.log.recorded()),
            None => self.clock.wall(),
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
        let reading = self.clock.read();
        if let Some(last) = self.last_clock.replace(reading) {
            let wall = reading.wall.ms() - last.wall.ms();
            let ran = i64::try_from(reading.monotonic_ms - last.monotonic_ms).unwrap_or(i64::MAX);
            self.clock_jumped |= (wall - ran).abs() > CLOCK_JUMP_MS_MAX;
        }
        let recorded = reading.wall.max(self.log.recorded());
        let tick = if self.clock_jumped {
            self.log.tick()
        } else {
            reading.wall.max(self.log.tick())
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
        let reading = self.clock.read();
        if self.scenario.is_some() || reading.synchronised {
            return;
        }
        let recorded = self.log.recorded().ms();
        let gap = reading.wall.ms() - recorded;
        let unconfirmed = recorded - self.log.tick().ms() > CLOCK_JUMP_MS_MAX;
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

    /// What the log has, found by digest.
    pub(crate) const fn past(&self) -> Past<'_> {
        self.state.past(&self.log)
    }

    /// The record itself.
    #[must_use]
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// How many entries are committed.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.log.size()
    }

    /// How many batches are committed.
    #[must_use]
    pub const fn batch_count(&self) -> u64 {
        self.batches
    }

    /// How many entries the published checkpoint covers.
    #[must_use]
    pub const fn published_size(&self) -> Size {
        self.log.published_size()
    }

    /// The entry at an index; `None` where there is none, or where it cannot be read: [`Log::entry`]
    /// says why.
    #[must_use]
    pub fn entry(&self, index: u64) -> Option<Digest> {
        self.log.entry(Index(index)).ok().flatten()
    }

    /// Root of the committed tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.log.root()
    }

    /// Nodes of the committed tree.
    #[must_use]
    pub const fn nodes(&self) -> &impl NodeReader {
        &self.log
    }

    /// The genesis.
    #[must_use]
    pub const fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// What signs for the log.
    #[must_use]
    pub const fn signer(&self) -> LogSigner<'_> {
        LogSigner {
            register: &self.state.register,
            keys: &self.keys,
        }
    }

    /// The committed checkpoint as it leaves the node ([`Log::outward`]).
    ///
    /// # Errors
    /// [`Fatal`] when a signer does not answer.
    pub fn outward(&self) -> Result<&[u8], Fatal> {
        self.log.outward(&self.signer())
    }

    /// The C2SP verifier keys of the log, the one of [`Engine::vkey`] first.
    #[must_use]
    pub fn vkeys(&self) -> Vec<String> {
        self.state.register.checkpoint_keys().to_vec()
    }

    /// The C2SP verifier key of the log, to be handed out and pinned.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.vkeys().into_iter().next().unwrap_or_default()
    }

    /// The key for statements that the node signs: imports. Each call counts as one use, so it is
    /// asked for once a signature.
    ///
    /// # Errors
    /// [`Fatal`] if it is not here, which opening has seen before.
    pub fn statement_key(&self) -> Result<&countersign_attest::SecretKey, Fatal> {
        let keys = &self.keys;
        let key = keys.statement(self.state.register.node_key());
        key.map(Counted::to_sign_once)
            .ok_or_else(node_statement::no_key)
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
