//! The path of the record alone: bytes of a submission in, signature and digests checked, chain and
//! verdict, commit, receipt out. It drives the product's own stages (`attest`, `model`, `record`,
//! `store-local`, `tlog`, `pack`) in the order in which the engine does, on a real folder, which the
//! engine and the verifier read afterwards. What the engine does beside: it decodes bodies, judges
//! identities and folds.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use countersign_attest::judge::{Authentic, authenticate, conclude};
use countersign_attest::submission::Known;
use countersign_attest::{Ahead, Chains, LogIdentity, Register, Statement, Verdict};
use countersign_engine::NodeKeys;
use countersign_engine::node_statement;
use countersign_model::digest::Digest;
use countersign_model::entry::{
    Batch, ClaimRef, ClaimStatus, Index, RECORD_SALT_LEN, VerdictRecord, entry_of,
};
use countersign_model::time::Timestamp;
use countersign_node::compose::{self, Opened};
use countersign_pack::ClaimReceipt;
use countersign_ports::{CheckpointCell as _, Entropy as _, Ground as _, Position, Swapped};
use countersign_record::commit::{CommitTime, Prepared, Sequencer, Staged};
use countersign_record::limits::SEGMENT_BYTES;
use countersign_record::segment::{HEADER_LEN, Kind, header};
use countersign_record::stored::read_commit;
use countersign_store_local::{MachineEntropy, Segments, SlotFile};
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::cosignature::cosign;
use countersign_tlog::note::Note;
use countersign_tlog::proof::prove_inclusion;
use countersign_tlog::tree::{LeafIndex, NodeTable, TreeSize};
use countersign_tlog::{Hash, NodeReader};

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
    identity: LogIdentity,
}

impl Judges {
    /// Reads a submission, checks its signature and the digests of its bodies.
    pub(crate) fn judge(&self, bytes: &[u8]) -> Result<Judged, String> {
        let refused = |refusal: countersign_attest::Refusal| refusal.reason;
        // The judge resolves the key itself: there is nothing to be gained by checking before.
        let ahead = Ahead::read(bytes, &|_| None).map_err(refused)?;
        let authentic =
            authenticate(&self.register, ahead.statement(), &self.identity).map_err(refused)?;
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
    chains: Chains,
    envelopes: BTreeSet<Digest>,
    sequencer: Sequencer,
    ground: Segments,
    second: SlotFile,
    checkpoint: Vec<u8>,
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
            identity: opened.engine.intake().identity.clone(),
        };
        let chains = opened.engine.intake().chains.clone();
        let dir = opened.dir.clone();
        drop(opened);
        let keys = dir.node_keys()?;
        let head = |number: u32, log: [u8; 32]| header(number, Digest::new(log)).to_vec();
        let mut ground = Segments::new(&dir.ground(), SEGMENT_BYTES as u64, head);
        let (sequencer, log, end) = sequenced(&dir.ground())?;
        ground.begin(*log.as_bytes(), Some(end))?;
        let second = SlotFile::open(&dir.second())?;
        let checkpoint = second.read()?.ok_or("the second place is empty")?;
        Ok(Self {
            root,
            keys,
            judges,
            chains,
            envelopes: BTreeSet::new(),
            sequencer,
            ground,
            second,
            checkpoint,
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
        let first = self.sequencer.size().0;
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
            recorded: received.max(self.sequencer.recorded()),
            uncertainty_ms: 0,
            tick: received.max(self.sequencer.tick()),
        };
        let origin = &self.judges.identity.origin;
        let key = &self.keys.statement;
        let mut sign = |payload: &[u8]| node_statement::batch(origin, payload, key.to_sign_once());
        let prepared = self.sequencer.prepare(staged, time, &mut sign)?;
        self.ground.append(&prepared.bytes)?;
        self.written += prepared.bytes.len() as u64;
        self.ground.sync()?;
        let origin = self.judges.identity.origin.as_str();
        let checkpoint = Checkpoint::new(origin, TreeSize(prepared.size.0), prepared.root)?;
        let note = checkpoint.sign(&[&self.keys.checkpoint])?;
        let note = note.to_string().into_bytes();
        if self.second.swap(Some(&self.checkpoint), &note)? != Swapped::Done {
            return Err("the second place holds another checkpoint".into());
        }
        self.checkpoint = note;
        self.sequencer.committed(&prepared);
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
        let verdict = conclude(
            authentic,
            &self.judges.register,
            &self.chains,
            statement,
            received,
        );
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
        let checkpoint = self.outward()?;
        let size = TreeSize(self.sequencer.size().0);
        let nodes = self.sequencer.nodes();
        let batch_path = path(nodes, prepared.batch_index, size)?;
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
                path: path(nodes, one.index, size)?,
                statement: said.bytes,
                batch: prepared.batch_statement.clone(),
                batch_index: prepared.batch_index,
                batch_path: batch_path.clone(),
                record: one.verdict.clone(),
                record_path: prove_inclusion(&verdicts, LeafIndex(place), count)?,
                checkpoint: checkpoint.clone(),
            };
            out.push(Made {
                at: receipt.at,
                bytes: receipt.encode(),
            });
        }
        Ok(())
    }

    /// The checkpoint with every signature that it has when it leaves the node.
    fn outward(&self) -> Result<Vec<u8>, Failure> {
        let Some(signer) = &self.keys.checkpoint_pq else {
            return Ok(self.checkpoint.clone());
        };
        let mut note = Note::parse(&self.checkpoint)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        let time_s = u64::try_from(self.sequencer.recorded().ms() / 1000)?;
        note.push(cosign(&checkpoint, time_s, signer)?)?;
        Ok(note.to_string().into_bytes())
    }

    /// Lets go of the folder, and has the engine read it and publish.
    pub(crate) fn reopened(self) -> Result<Opened, Failure> {
        let root = self.root.clone();
        drop(self);
        Ok(compose::open(&root)?)
    }
}

fn path(nodes: &impl NodeReader, index: Index, size: TreeSize) -> Result<Vec<Hash>, Failure> {
    Ok(prove_inclusion(nodes, LeafIndex(index.0), size)?)
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

/// The sequencer at the end of a short ground, the log's first entry, and where the ground ends.
fn sequenced(folder: &Path) -> Result<(Sequencer, Digest, Position), Failure> {
    let bytes = std::fs::read(folder.join("00000000.seg"))?;
    let mut sequencer = Sequencer::new();
    let mut offset = HEADER_LEN;
    let mut log = None;
    while let Some(commit) = read_commit(&bytes, offset)? {
        let entries: Vec<Digest> = commit
            .statements
            .iter()
            .map(|one| entry_of(one.statement))
            .collect();
        log = log.or_else(|| entries.first().copied());
        let statement = Statement::parse(commit.batch).map_err(|refusal| refusal.reason)?;
        let batch = Batch::decode(statement.payload()).ok_or("no batch")?;
        sequencer.replay(&entries, &batch, entry_of(commit.batch))?;
        offset = commit.end;
    }
    let end = Position {
        segment: 0,
        offset: u32::try_from(offset)?,
    };
    Ok((sequencer, log.ok_or("an empty ground")?, end))
}
