//! Opening a log: the ground is read back by the code of the normal path.

use countersign_attest::genesis::node_header;
use countersign_attest::header::Kind as StatementKind;
use countersign_attest::{Genesis, Statement};
use countersign_model::body::{ClaimBody, EnvelopeBody, Part};
use countersign_model::digest::Digest;
use countersign_model::entry::{Batch, VerdictRecord, entry_of};
use countersign_model::fold::FoldBatch;
use countersign_ports::{Position, StoreError};
use countersign_record::commit::Sequencer;
use countersign_record::segment::{HEADER_LEN, Kind, check_header};
use countersign_record::stored::{StoredCommit, StoredStatement, read_commit};
use countersign_tlog::tree::TreeSize;

use crate::committed_end::{damaged, read_own_checkpoint, read_segment, short, wipe_from};
use crate::components::{Components, NodeKeys};
use crate::engine::{Engine, Fatal, stored_statement};
use crate::folds::Folds;
use crate::identities::SealedValues;
use crate::intake::{Counts, decode};
use crate::node_statement;
use crate::state::{Decoded, IntakeState};

impl Engine {
    /// Has the node itself say something (acts that are its own).
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn say(&mut self, objects: &[&str]) -> Result<(), Fatal> {
        let header = node_header(&self.state.identity.origin, StatementKind::claims());
        let mut failed = None;
        let entropy = &mut *self.world.entropy;
        let mut random = |bytes: &mut [u8]| {
            if let Err(error) = entropy.fill(bytes) {
                failed.get_or_insert(error);
            }
        };
        let key = self.keys.statement.to_sign_once();
        let made = node_statement::own_objects(&header, objects, key, &mut random);
        if let Some(error) = failed {
            return Err(error.into());
        }
        let submission = made.map_err(|reason| StoreError::other("making a statement", reason))?;
        self.submit(&submission)
            .map_err(crate::engine::own_statement_refused)?;
        Ok(())
    }

    pub(crate) fn blank(
        world: Components,
        keys: NodeKeys,
        genesis: Genesis,
        state: IntakeState,
    ) -> Self {
        Self {
            world,
            keys,
            genesis,
            state,
            sequencer: Sequencer::new(),
            folds: Folds::default(),
            places: Vec::new(),
            entries: Vec::new(),
            batches: Vec::new(),
            pending: Vec::new(),
            pending_bytes: 0,
            checkpoint: Vec::new(),
            outward: std::cell::OnceCell::new(),
            published: 0,
            last_batch: crate::last_batch::LastBatch::default(),
            scenario: None,
            last_clock: None,
            clock_jumped: false,
        }
    }

    /// Opens a log: reads the ground up to the committed checkpoint, checks that it is what the
    /// checkpoint names, sequences the statements of an unacknowledged tail again, folds
    /// everything, and records what the folds conclude and the log does not say yet.
    ///
    /// # Errors
    /// [`Fatal`]: a ground that is shorter than the committed checkpoint or differs from it is
    /// refused (LOG-3), and nothing is changed.
    pub fn open(world: Components, keys: NodeKeys) -> Result<(Self, Recovered), Fatal> {
        let (mut engine, bytes, end, log) = Self::read_back(world, keys)?;
        let recovered = engine.recover(&bytes, end, log)?;
        Ok((engine, recovered))
    }

    /// Opens a log to read it alone, as the committed checkpoint names it: an unacknowledged tail
    /// stays where it is, nothing is recorded, cut or finished. What would write must not be
    /// called.
    ///
    /// # Errors
    /// [`Fatal`], as [`Engine::open`].
    pub fn open_to_read(world: Components, keys: NodeKeys) -> Result<Self, Fatal> {
        Self::read_back(world, keys).map(|(engine, ..)| engine)
    }

    /// Reads the ground up to the committed checkpoint; gives its last segment, where the
    /// committed part of it ends, and which log it is.
    fn read_back(
        world: Components,
        keys: NodeKeys,
    ) -> Result<(Self, Vec<u8>, Position, Digest), Fatal> {
        let checkpoint = world.second.read()?.ok_or_else(|| {
            Fatal::Damaged(
                "the second place holds no checkpoint; a log is made by `countersign init` alone"
                    .into(),
            )
        })?;
        let (size, root) = read_own_checkpoint(&checkpoint, &keys)?;
        let mut bytes = read_segment(&*world.ground, 0)?;
        let first = read_commit(&bytes, HEADER_LEN).map_err(|e| damaged(0, &e.to_string()))?;
        let first = first.ok_or_else(|| damaged(0, "the first commit is not there"))?;
        let mut engine = Self::from_genesis(world, keys, &first)?;
        let log = entry_of(
            first
                .statements
                .first()
                .map_or(&[], |genesis| genesis.statement),
        );
        let mut end = Position {
            segment: 0,
            offset: short(HEADER_LEN),
        };
        loop {
            check_header(&bytes, end.segment, log)
                .map_err(|e| damaged(end.segment, &e.to_string()))?;
            end.offset = engine.replay_segment(&bytes, end.segment, size)?;
            if engine.sequencer.size().0 >= size {
                break;
            }
            let next = read_segment(&*engine.world.ground, end.segment + 1)?;
            if next.is_empty() {
                break;
            }
            end = Position {
                segment: end.segment + 1,
                offset: short(HEADER_LEN),
            };
            bytes = next;
        }
        engine.check_against(size, root, checkpoint)?;
        engine.check_published()?;
        Ok((engine, bytes, end, log))
    }

    /// Replays the commits of a segment until the committed size; returns the offset behind them.
    fn replay_segment(&mut self, bytes: &[u8], number: u32, size: u64) -> Result<u32, Fatal> {
        let mut offset = HEADER_LEN;
        while self.sequencer.size().0 < size {
            let Some(commit) =
                read_commit(bytes, offset).map_err(|e| damaged(number, &e.to_string()))?
            else {
                break;
            };
            self.replay(&commit, number)?;
            offset = commit.end;
        }
        Ok(short(offset))
    }

    /// Deals with what lies behind the committed end, and catches up with what is derived.
    fn recover(&mut self, bytes: &[u8], end: Position, log: Digest) -> Result<Recovered, Fatal> {
        let mut tail = self.unseal_tail(bytes, end.offset as usize);
        self.world.ground.begin(*log.as_bytes(), Some(end))?;
        wipe_from(&mut *self.world.ground, bytes, end)?;
        let stray = read_segment(&*self.world.ground, end.segment + 1)?;
        if !stray.is_empty() {
            tail.extend(self.unseal_tail(&stray, HEADER_LEN));
            let at = Position {
                segment: end.segment + 1,
                offset: short(HEADER_LEN),
            };
            wipe_from(&mut *self.world.ground, &stray, at)?;
        }
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
        self.published = self.published_prefix()?;
        let unrecorded = self.folds.unrecorded();
        for statement in node_statement::findings(self, &unrecorded)? {
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
        Ok(recovered)
    }

    /// The statements of a tail as they were sent: sealed parts opened again. The node's own are
    /// left out; it makes them anew.
    fn unseal_tail(&self, bytes: &[u8], offset: usize) -> Vec<countersign_attest::Submission> {
        let node = self.state.register.node_key();
        let own = |statement: &[u8]| {
            Statement::parse(statement).is_ok_and(|read| {
                read.key_ids().contains(&node)
                    && !read.subject().starts_with(crate::state::IMPORT_SUBJECT)
            })
        };
        let stored = countersign_record::stored::read_tail(bytes, offset);
        let theirs = stored.into_iter().filter(|one| !own(one.statement));
        theirs
            .filter_map(|one| crate::raw::submission_of(&one, &self.keys.sealing))
            .collect()
    }

    /// The size up to which the published tree is in order: what its checkpoint says, if that is
    /// ours; nothing otherwise, and everything is cut anew.
    fn published_prefix(&self) -> Result<u64, Fatal> {
        let Some(note) = self.world.published.get("checkpoint")? else {
            return Ok(0);
        };
        let Ok((size, root)) = read_own_checkpoint(&note, &self.keys) else {
            return Ok(0);
        };
        let there = countersign_tlog::tree::root_at(self.sequencer.nodes(), TreeSize(size));
        Ok(if there.is_ok_and(|there| *there.as_bytes() == root) {
            size
        } else {
            0
        })
    }

    fn from_genesis(
        world: Components,
        keys: NodeKeys,
        first: &StoredCommit<'_>,
    ) -> Result<Self, Fatal> {
        let genesis = first
            .statements
            .first()
            .ok_or_else(|| Fatal::Damaged("there is no genesis".into()))?;
        let statement = stored_statement(genesis.statement)?;
        let genesis =
            Genesis::open(&statement).map_err(|refusal| Fatal::Damaged(refusal.reason))?;
        let terms = genesis.terms();
        if terms.node_key != keys.statement.public()
            || terms.checkpoint_keys != keys.checkpoint_vkeys()
        {
            return Err(Fatal::Damaged(
                "the keys in this data folder are not those of its log".into(),
            ));
        }
        let state = IntakeState::new(&genesis);
        Ok(Self::blank(world, keys, genesis, state))
    }

    fn check_against(
        &mut self,
        size: u64,
        root: [u8; 32],
        checkpoint: Vec<u8>,
    ) -> Result<(), Fatal> {
        let have = self.sequencer.size().0;
        if have != size {
            let text = format!(
                "the ground has {have} entries, the committed checkpoint {size}: the data folder was cut short or \
                 restored from an older copy. Nothing was changed. Restore the newer copy"
            );
            return Err(Fatal::Damaged(text));
        }
        if self.sequencer.root().as_bytes() != &root {
            let text = "the ground is not the one that the committed checkpoint names: its root differs. \
                        Nothing was changed";
            return Err(Fatal::Damaged(text.into()));
        }
        self.checkpoint = checkpoint;
        Ok(())
    }

    /// What was published is never ahead of the second place, and of the same history: a second
    /// place that was turned back would have the node make a second history (LOG-3).
    fn check_published(&self) -> Result<(), Fatal> {
        let Some(note) = self.world.published.get("checkpoint")? else {
            return Ok(());
        };
        // What is not ours is made anew.
        let Ok((size, root)) = read_own_checkpoint(&note, &self.keys) else {
            return Ok(());
        };
        let have = self.sequencer.size().0;
        let there = countersign_tlog::tree::root_at(self.sequencer.nodes(), TreeSize(size));
        if there.is_ok_and(|there| *there.as_bytes() == root) {
            return Ok(());
        }
        let text = format!(
            "a checkpoint of {size} entries was published that the second place, with {have}, does \
             not go on from: the second place was damaged or restored from an older copy. Nothing \
             was changed. Restore the newer copy"
        );
        Err(Fatal::Damaged(text))
    }

    /// Takes one commit of the ground in: entries, intake's knowledge, folds.
    fn replay(&mut self, commit: &StoredCommit<'_>, segment: u32) -> Result<(), Fatal> {
        let batch_statement = stored_statement(commit.batch)?;
        let batch = Batch::decode(batch_statement.payload()).ok_or_else(|| {
            Fatal::Damaged(format!(
                "the batch at index {} cannot be read",
                commit.batch_index
            ))
        })?;
        let entries: Vec<Digest> = commit
            .statements
            .iter()
            .map(|one| entry_of(one.statement))
            .collect();
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
        let mut statements = Vec::with_capacity(commit.statements.len());
        for (stored, verdict) in commit.statements.iter().zip(&commit.verdicts) {
            statements.push(self.replay_statement(stored, verdict)?);
            self.places.push(at(stored.offset));
        }
        self.entries.extend(entries);
        self.places.push(at(commit.batch_offset));
        self.entries.push(batch_entry);
        self.batches.push(commit.batch_index.0);
        self.folds.replay(&FoldBatch {
            index: commit.batch_index,
            recorded: batch.recorded,
            tick: batch.tick,
            statements,
        });
        Ok(())
    }

    fn replay_statement(
        &mut self,
        stored: &StoredStatement<'_>,
        verdict: &[u8],
    ) -> Result<countersign_model::fold::AdmittedStatement, Fatal> {
        let broken =
            |what: &str| Fatal::Damaged(format!("{what} at index {} cannot be read", stored.index));
        let verdict = VerdictRecord::decode(verdict).ok_or_else(|| broken("the verdict record"))?;
        let statement = stored_statement(stored.statement)?;
        for blob in &stored.blobs {
            self.state.envelopes.learn_mapping(blob);
        }
        for envelope in &stored.envelopes {
            let envelope = EnvelopeBody::decode(envelope).map_err(|_| broken("an envelope"))?;
            self.state.envelopes.learn(&envelope, stored.index);
        }
        let key = statement
            .key_ids()
            .into_iter()
            .find(|key| self.is_issuers(&statement, key));
        let key = key.unwrap_or_else(|| self.state.register.node_key());
        let claims = self.replay_claims(stored, &statement, &key)?;
        self.note_scenario(&claims);
        Ok(self
            .state
            .admit(stored.index, &statement, key, claims, &verdict))
    }

    fn is_issuers(&self, statement: &Statement, key: &countersign_model::ids::KeyId) -> bool {
        let entry = self.state.register.resolve(key);
        entry.is_some_and(|entry| entry.principal == *statement.issuer())
    }

    fn replay_claims(
        &self,
        stored: &StoredStatement<'_>,
        statement: &Statement,
        key: &countersign_model::ids::KeyId,
    ) -> Result<Vec<Decoded>, Fatal> {
        let (issuer, _) = self.state.speaker(statement, key);
        let mut bodies = Vec::with_capacity(stored.bodies.len());
        for body in &stored.bodies {
            let body = ClaimBody::decode(body).map_err(|_| {
                Fatal::Damaged(format!("a body at index {} cannot be read", stored.index))
            })?;
            bodies.push((body.digest(), body));
        }
        let sealed: Vec<(Digest, Digest)> = stored
            .sealed
            .iter()
            .filter(|record| record.kind == Kind::Sealed)
            .filter_map(|record| countersign_record::sealing::fingerprint_of(record.payload))
            .collect();
        let mut counts = Counts::default();
        let mut out = Vec::new();
        for digest in statement.claim_digests() {
            let body = bodies
                .iter()
                .find(|(of, _)| of == digest)
                .map(|(_, body)| body);
            let said = body
                .and_then(|body| decode(&self.state.envelopes, &issuer, body, &mut counts).ok());
            let is_sealed = |body: &ClaimBody| {
                let mut parts = body.parts.iter();
                parts.any(|part| !matches!(part, Part::Open(_)))
            };
            let sealed = match sealed.iter().find(|(owner, _)| owner == digest) {
                Some((_, fingerprint)) => SealedValues::Fingerprint(*fingerprint),
                None if body.is_some_and(is_sealed) => SealedValues::Erased,
                None => SealedValues::None,
            };
            out.push(Decoded {
                digest: *digest,
                said,
                sealed,
            });
        }
        Ok(out)
    }

    fn note_scenario(&mut self, claims: &[Decoded]) {
        use countersign_model::act::Act;
        use countersign_model::fold::Said;
        for claim in claims {
            if let Some(Said::Act(Act::ScenarioClock { start })) = &claim.said
                && self.sequencer.size().0 <= 4
            {
                self.scenario = Some(*start);
            }
        }
        if let Some(now) = &mut self.scenario {
            *now = (*now).max(self.sequencer.tick());
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
