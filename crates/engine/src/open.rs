//! Opening a log: the ground is read back by the code of the normal path.

use countersign_attest::genesis::node_header;
use countersign_attest::header::Kind as StatementKind;
use countersign_attest::{Genesis, Statement, Submission};
use countersign_model::act::Act;
use countersign_model::body::EnvelopeBody;
use countersign_model::entry::{Batch, Index, VerdictRecord};
use countersign_model::fold::{AdmittedStatement, FoldBatch, Said};
use countersign_model::time::Timestamp;
use countersign_ports::{Clock, Entropy, StoreError};
use countersign_record::segment::Kind;
use countersign_record::stored::StoredStatement;

use crate::components::{Components, NodeKeys};
use crate::engine::{Engine, Fatal, stored_statement};
use crate::envelopes::Reading;
use crate::folds::Folds;
use crate::log::{Log, ReadCommit};
use crate::node_statement;
use crate::read_back::{decoded, issuers_key};
use crate::snapshot::take_up;
use crate::state::{Decoded, IntakeState};

/// Below this index stands the batch of a commit that may set a scenario clock.
const SCENARIO_BELOW: u64 = 4;

impl Engine {
    /// Has the node itself say something (acts that are its own).
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn say(&mut self, objects: &[&str]) -> Result<(), Fatal> {
        let header = node_header(
            &self.state.register.identity().origin,
            StatementKind::claims(),
        );
        let mut failed = None;
        let entropy = &mut *self.entropy;
        let mut random = |bytes: &mut [u8]| {
            if let Err(error) = entropy.fill(bytes) {
                failed.get_or_insert(error);
            }
        };
        let node = self.state.register.node_key();
        let key = self
            .keys
            .statement(node)
            .ok_or_else(node_statement::no_key)?;
        let key = key.to_sign_once();
        let made = node_statement::own_objects(&header, objects, key, &mut random);
        if let Some(error) = failed {
            return Err(error.into());
        }
        let submission = made.map_err(|reason| StoreError::other("making a statement", reason))?;
        self.submit(&submission)
            .map_err(crate::engine::own_statement_refused)?;
        Ok(())
    }

    /// An engine around a log of which nothing was folded yet but what its snapshot has.
    pub(crate) fn new(
        log: Log,
        (clock, mut entropy): (Box<dyn Clock>, Box<dyn Entropy>),
        keys: NodeKeys,
        genesis: Genesis,
    ) -> Result<Self, Fatal> {
        let mut secret = [0; 8];
        entropy.fill(&mut secret)?;
        let secret = u64::from_le_bytes(secret);
        let (made, snapshots) = take_up(&log, &keys, &genesis, secret)?;
        Ok(Self {
            snapshots,
            log,
            clock,
            entropy,
            keys,
            genesis,
            state: made.state,
            folds: made.folds,
            batches: made.batches,
            pending: Vec::new(),
            pending_bytes: 0,
            last_batch: crate::last_batch::LastBatch::default(),
            scenario: made.scenario,
            last_clock: None,
            clock_jumped: false,
        })
    }

    /// Opens a log: reads the ground up to the committed checkpoint, checks that it is what the
    /// checkpoint names, sequences the statements of an unacknowledged tail again, takes the snapshot
    /// up and folds what came behind it, and records what the folds conclude and the log does not say yet.
    ///
    /// # Errors
    /// [`Fatal`]: a ground that is shorter than the committed checkpoint or differs from it is
    /// refused (LOG-3), and nothing is changed.
    pub fn open(world: Components, keys: NodeKeys) -> Result<(Self, Recovered), Fatal> {
        let mut engine = Self::open_to_read(world, keys)?;
        let recovered = engine.recover()?;
        Ok((engine, recovered))
    }

    /// Opens a log to read it alone, as the committed checkpoint names it: an unacknowledged tail
    /// stays where it is, nothing is recorded, cut or finished. What would write must not be
    /// called.
    ///
    /// # Errors
    /// [`Fatal`], as [`Engine::open`].
    pub fn open_to_read(world: Components, keys: NodeKeys) -> Result<Self, Fatal> {
        let (stores, clock, entropy) = world.split();
        let log = Log::open(stores, &keys)?;
        let engine = Self::replayed(log, (clock, entropy), keys)?;
        if !engine.keys.serve(&engine.state.register) {
            return Err(Fatal::Damaged(
                "the keys in this data folder are not those of its log".into(),
            ));
        }
        Ok(engine)
    }

    /// An engine around a log that was opened.
    pub(crate) fn replayed(
        log: Log,
        outside: (Box<dyn Clock>, Box<dyn Entropy>),
        keys: NodeKeys,
    ) -> Result<Self, Fatal> {
        let genesis = genesis_of(&log)?;
        let mut engine = Self::new(log, outside, keys, genesis)?;
        engine.replay_rest()?;
        Ok(engine)
    }

    /// Deals with what lies behind the committed end, and catches up with what is derived.
    fn recover(&mut self) -> Result<Recovered, Fatal> {
        let tail = self.log.cut_tail()?;
        let tail: Vec<Submission> = tail.iter().flat_map(|it| self.unseal_tail(it)).collect();
        self.finish_erasures()?;
        self.judge_restart();
        let mut recovered = Recovered::default();
        for submission in &tail {
            match self.submit(submission) {
                Ok(_) => recovered.sequenced_again += 1,
                Err(crate::intake::IntakeError::Refused(_)) => recovered.dropped += 1,
                Err(crate::intake::IntakeError::World(error)) => return Err(error.into()),
            }
        }
        let unsaid = self.folds.unsaid();
        for statement in node_statement::of(self, &unsaid)? {
            self.submit(&statement)
                .map_err(crate::engine::own_statement_refused)?;
        }
        for object in self.folds.imports_left_open() {
            self.say(&[&object])?;
        }
        if !self.pending.is_empty() {
            self.commit()?;
        }
        self.publish()?;
        self.snapshot_if_due()?;
        Ok(recovered)
    }

    /// The statements of a tail as they were sent: sealed parts opened again. The node's own are
    /// left out; it makes them anew.
    fn unseal_tail(&self, bytes: &[u8]) -> Vec<Submission> {
        let node = self.state.register.node_key();
        let own = |statement: &[u8]| {
            Statement::parse(statement).is_ok_and(|read| {
                read.key_ids().contains(&node)
                    && !read.subject().starts_with(crate::state::IMPORT_SUBJECT)
            })
        };
        let stored = countersign_record::stored::read_tail(bytes, 0);
        let theirs = stored.into_iter().filter(|one| !own(one.statement));
        theirs
            .filter_map(|one| crate::raw::submission_of(&one, &self.keys.sealing))
            .collect()
    }

    /// Takes all commits of the ground in that were not taken up: intake's knowledge, folds.
    fn replay_rest(&mut self) -> Result<(), Fatal> {
        let from = self.resumed_at();
        let Self {
            log,
            state,
            folds,
            batches,
            scenario,
            ..
        } = self;
        let mut replay = Replay {
            log,
            state,
            folds,
            batches,
            scenario,
        };
        log.each_commit(from, &mut |commit| replay.commit(commit))?;
        Ok(state.seal(log.head())?)
    }
}

/// The genesis of a log.
fn genesis_of(log: &Log) -> Result<Genesis, Fatal> {
    let group = log.group(Index(0))?;
    let group = group.ok_or_else(|| Fatal::Damaged("there is no genesis".into()))?;
    let statement = stored_statement(&group.statement)?;
    Genesis::open(&statement).map_err(|refusal| Fatal::Damaged(refusal.reason))
}

/// What a replay advances.
struct Replay<'a> {
    log: &'a Log,
    state: &'a mut IntakeState,
    folds: &'a mut Folds,
    batches: &'a mut u64,
    scenario: &'a mut Option<Timestamp>,
}

impl Replay<'_> {
    fn commit(&mut self, commit: &ReadCommit<'_>) -> Result<(), Fatal> {
        let (stored, batch) = (commit.stored, commit.batch);
        let mut statements = Vec::with_capacity(stored.statements.len());
        for (statement, verdict) in stored.statements.iter().zip(&stored.verdicts) {
            statements.push(self.replay_statement(statement, verdict, batch)?);
        }
        *self.batches += 1;
        // Before it is folded: the ledger finds claims of the batch by the index.
        self.state.committed()?;
        self.folds.replay(&FoldBatch {
            index: stored.batch_index,
            recorded: batch.recorded,
            tick: batch.tick,
            statements,
        })?;
        if self.state.index.is_to_seal() {
            self.state.seal(commit.head())?;
        }
        Ok(())
    }

    fn replay_statement(
        &mut self,
        stored: &StoredStatement<'_>,
        verdict: &[u8],
        batch: &Batch,
    ) -> Result<AdmittedStatement, Fatal> {
        let broken =
            |what: &str| Fatal::Damaged(format!("{what} at index {} cannot be read", stored.index));
        let verdict = VerdictRecord::decode(verdict).ok_or_else(|| broken("the verdict record"))?;
        let statement = stored_statement(stored.statement)?;
        let envelopes = stored.envelopes.iter();
        let envelopes = envelopes.map(|bytes| EnvelopeBody::decode(bytes));
        let envelopes = envelopes.collect::<Result<Vec<_>, _>>();
        let envelopes = envelopes.map_err(|_| broken("an envelope"))?;
        let mut reading = Reading::of(&self.state.envelopes, self.state.past(self.log));
        reading.learn(
            stored.blobs.iter().copied(),
            &envelopes.iter().collect::<Vec<_>>(),
        )?;
        let key = issuers_key(self.state, &statement);
        let sealed = stored.sealed.iter();
        let sealed = sealed.filter(|record| record.kind == Kind::Sealed);
        let claims = decoded(
            self.state,
            &reading,
            (stored.index, &statement, &key),
            stored.bodies.iter().copied(),
            sealed.map(|record| record.payload),
        )?;
        let learnt = reading.into_learnt();
        self.note_scenario(&claims, batch);
        let brought = (claims, learnt);
        Ok(self
            .state
            .admit(stored.index, &statement, key, brought, &verdict))
    }

    /// A scenario clock stands in the commit behind genesis, or nowhere.
    fn note_scenario(&mut self, claims: &[Decoded], batch: &Batch) {
        for claim in claims {
            if let Some(Said::Act(Act::ScenarioClock { start })) = &claim.said
                && batch.first.0 + batch.count < SCENARIO_BELOW
            {
                *self.scenario = Some(*start);
            }
        }
        if let Some(now) = self.scenario {
            *now = (*now).max(batch.tick);
        }
    }
}

/// What opening found behind the committed end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Statements that were written and never acknowledged, sequenced again.
    pub sequenced_again: usize,
    /// Such statements that could not be taken again.
    pub dropped: usize,
}
