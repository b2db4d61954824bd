//! The path of the record alone: bytes of a submission in, signature and digests checked, chain and
//! verdict, commit, receipt out. It drives the product's own stages (`attest`, `model`,
//! `pack`) and its log in the order in which the engine does, on a real folder, which the engine and
//! the verifier read afterwards. What the engine does beside: it decodes bodies, judges
//! identities and folds.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc;

use countersign_attest::judge::{Authentic, authenticate, conclude};
use countersign_attest::submission::Known;
use countersign_attest::{Ahead, Register, Verdict};
use countersign_engine::chain_index::ChainIndex;
use countersign_engine::log_index::{LogIndex, Past};
use countersign_engine::{Log, LogSigner, NodeKeys};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, ClaimStatus, Index, RECORD_SALT_LEN, VerdictRecord};
use countersign_model::time::Timestamp;
use countersign_node::compose::{self, Opened};
use countersign_pack::ClaimReceipt;
use countersign_ports::Entropy as _;
use countersign_record::commit::{CommitTime, Prepared, Staged};
use countersign_record::segment::Kind;
use countersign_store_local::MachineEntropy;
use countersign_tlog::Hash;
use countersign_tlog::proof::prove_inclusion;
use countersign_tlog::tree::{LeafIndex, NodeTable, TreeSize};

use crate::Failure;
use crate::clock;

/// What any thread can find out about a submission: it needs the keys and nothing else.
pub(crate) struct Judged {
    ahead: Ahead<'static>,
    authentic: Authentic,
    body_of_claim: Vec<Option<usize>>,
}

/// Who may speak, for [`Judged`].
#[derive(Clone)]
pub(crate) struct Judges {
    register: Register,
}

impl Judges {
    /// Reads a submission, checks its signature and the digests of its bodies.
    pub(crate) fn judge(&self, bytes: &[u8]) -> Result<Judged, String> {
        let refused = |refusal: countersign_attest::Refusal| refusal.reason;
        // The judge resolves the key itself: there is nothing to be gained by checking before.
        let ahead = Ahead::read(bytes, &|_| None).map_err(refused)?;
        let log = self.register.identity();
        let authentic = authenticate(&self.register, ahead.statement(), log).map_err(refused)?;
        // Whether the log has an envelope is for the writer to say.
        let known = Known {
            envelope: &|_| true,
            mapping: &|_| true,
        };
        let matched = ahead.check_bodies(known).map_err(refused)?;
        Ok(Judged {
            ahead,
            authentic,
            body_of_claim: matched.body_of_claim,
        })
    }
}

/// What a receipt needs of a statement that was taken.
struct Said {
    claim: Digest,
    bytes: Vec<u8>,
}

/// The one writer.
pub(crate) struct Recorder {
    root: PathBuf,
    keys: NodeKeys,
    pub(crate) judges: Judges,
    chains: ChainIndex,
    index: LogIndex,
    envelopes: BTreeSet<Digest>,
    log: Log,
    written: u64,
}

/// A receipt of the run, for the check after it.
pub(crate) struct Made {
    pub(crate) at: ClaimRef,
    pub(crate) bytes: Vec<u8>,
}

impl Recorder {
    /// Takes over a folder that the node made.
    pub(crate) fn take(opened: Opened) -> Result<Self, Failure> {
        let root = opened.dir.root().to_owned();
        let judges = Judges {
            register: opened.engine.intake().register.clone(),
        };
        let chains = opened.engine.intake().chains.clone();
        let dir = opened.dir.clone();
        drop(opened);
        let keys = dir.node_keys()?;
        let mut log = Log::open(compose::stores(&dir)?, &keys)?;
        log.cut_tail()?;
        Ok(Self {
            root,
            keys,
            judges,
            chains,
            index: LogIndex::over(log.digests()?),
            envelopes: BTreeSet::new(),
            log,
            written: 0,
        })
    }

    /// Bytes appended to the ground so far.
    pub(crate) const fn written(&self) -> u64 {
        self.written
    }

    /// Takes submissions that came in this order, `batch` to a commit, judged on `cores` threads
    /// while the one before is written. `receipts` of each statement are made: of its first claim.
    pub(crate) fn run(
        &mut self,
        submissions: &[Vec<u8>],
        batch: usize,
        cores: usize,
    ) -> Result<Vec<Made>, Failure> {
        let judges = self.judges.clone();
        let mut receipts = Vec::with_capacity(submissions.len());
        std::thread::scope(|scope| -> Result<(), Failure> {
            let (send, receive) = mpsc::sync_channel::<Result<Vec<Judged>, String>>(2);
            scope.spawn(move || {
                for group in submissions.chunks(batch) {
                    if send.send(on_cores(&judges, group, cores)).is_err() {
                        return;
                    }
                }
            });
            for group in receive {
                let (prepared, count) = self.commit(group?)?;
                self.receipts(&prepared, count, &mut receipts)?;
            }
            Ok(())
        })?;
        Ok(receipts)
    }

    fn commit(&mut self, group: Vec<Judged>) -> Result<(Prepared, Vec<Said>), Failure> {
        let received = Timestamp::from_ms(clock::unix_ms());
        let mut staged = Vec::with_capacity(group.len());
        let first = self.log.size().0;
        let mut said = Vec::with_capacity(group.len());
        for (index, judged) in (first..).zip(group) {
            let statement = judged.ahead.statement();
            let claim = statement.claim_digests().first().copied();
            said.push(Said {
                claim: claim.ok_or("a statement without claims")?,
                bytes: statement.logged_bytes(),
            });
            staged.push(self.stage(judged, Index(index), received)?);
        }
        let time = CommitTime {
            recorded: received.max(self.log.recorded()),
            uncertainty_ms: 0,
            tick: received.max(self.log.tick()),
        };
        let signer = LogSigner {
            register: &self.judges.register,
            keys: &self.keys,
        };
        let prepared = self.log.commit(staged, time, &signer)?;
        self.written += prepared.bytes.len() as u64;
        for (key, at) in self.chains.committed() {
            self.index.insert(key, at)?;
        }
        self.index.seal(self.log.head())?;
        Ok((prepared, said))
    }

    fn stage(
        &mut self,
        judged: Judged,
        index: Index,
        received: Timestamp,
    ) -> Result<Staged, Failure> {
        let Judged {
            ahead,
            authentic,
            body_of_claim,
        } = judged;
        let (submission, statement) = (ahead.submission(), ahead.statement());
        let past = Past::new(&self.index, &self.log);
        let fit = self.chains.judge(&authentic.key(), statement, past)?;
        let register = &self.judges.register;
        let verdict = conclude(authentic, register, fit, statement, received);
        let Verdict::Admit {
            key,
            assurance,
            marks,
            ..
        } = verdict
        else {
            return Err(format!("a statement of the bench was not admitted: {verdict:?}").into());
        };
        self.chains.record(&key, statement, index);
        let mut records = Vec::with_capacity(submission.bodies.len() + 1);
        for envelope in &submission.envelopes {
            self.envelopes.insert(envelope.digest());
            records.push((Kind::Envelope, envelope.withheld().encode()));
        }
        for at in body_of_claim {
            let body = at.and_then(|at| submission.bodies.get(at));
            let body = body.ok_or("a body did not come")?;
            if !self.envelopes.contains(&body.envelope) {
                return Err("nobody has the envelope of a body".into());
            }
            records.push((Kind::Body, body.encode_withheld()));
        }
        let mut salt = [0; RECORD_SALT_LEN];
        MachineEntropy.fill(&mut salt)?;
        Ok(Staged {
            statement: statement.logged_bytes(),
            records,
            verdict: VerdictRecord {
                salt,
                assurance,
                marks,
                claims: vec![ClaimStatus::Effective; statement.claim_digests().len()],
            },
        })
    }

    /// The receipt of the first claim of each statement, as it leaves the node.
    fn receipts(
        &self,
        prepared: &Prepared,
        said: Vec<Said>,
        out: &mut Vec<Made>,
    ) -> Result<(), Failure> {
        let signer = LogSigner {
            register: &self.judges.register,
            keys: &self.keys,
        };
        let checkpoint = self.log.outward(&signer)?;
        let batch_path = self.log.path(prepared.batch_index)?;
        let mut verdicts = NodeTable::new();
        for one in &prepared.statements {
            let leaf = countersign_model::entry::verdict_leaf(&one.verdict);
            verdicts
                .append(Hash::from_bytes(*leaf.as_bytes()))
                .map_err(|_| "the tree is full")?;
        }
        let count = TreeSize(said.len() as u64);
        for ((place, said), one) in (0..).zip(said).zip(&prepared.statements) {
            let receipt = ClaimReceipt {
                claim: said.claim,
                at: ClaimRef {
                    index: one.index,
                    ordinal: 0,
                },
                path: self.log.path(one.index)?,
                statement: said.bytes,
                batch: prepared.batch_statement.clone(),
                batch_index: prepared.batch_index,
                batch_path: batch_path.clone(),
                record: one.verdict.clone(),
                record_path: prove_inclusion(&verdicts, LeafIndex(place), count)?,
                checkpoint: checkpoint.to_vec(),
            };
            out.push(Made {
                at: receipt.at,
                bytes: receipt.encode(),
            });
        }
        Ok(())
    }

    /// Lets go of the folder, and has the engine read it and publish.
    pub(crate) fn reopened(self) -> Result<Opened, Failure> {
        let root = self.root.clone();
        drop(self);
        Ok(compose::open(&root)?)
    }
}

fn on_cores(judges: &Judges, group: &[Vec<u8>], cores: usize) -> Result<Vec<Judged>, String> {
    let share = group.len().div_ceil(cores.max(1)).max(1);
    std::thread::scope(|scope| {
        let one = |share: &'_ [Vec<u8>]| -> Result<Vec<Judged>, String> {
            share.iter().map(|bytes| judges.judge(bytes)).collect()
        };
        let threads: Vec<_> = group
            .chunks(share)
            .map(|share| {
                let builder = std::thread::Builder::new().name("judge".to_owned());
                builder.spawn_scoped(scope, move || one(share))
            })
            .collect();
        let mut out = Vec::with_capacity(group.len());
        for thread in threads {
            let thread = thread.map_err(|error| error.to_string())?;
            let judged = thread.join().map_err(|_| "a thread panicked".to_owned())?;
            out.extend(judged?);
        }
        Ok(out)
    })
}
