//! What a [`TinyLog`] hands out: checkpoints, proofs, receipts, packs.

use countersign_attest::Statement;
use countersign_model::body::{ClaimBody, EnvelopeBody};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_model::ids::KeyId;
use countersign_pack::{About, Builder, ClaimReceipt};
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::proof::prove_inclusion;
use countersign_tlog::tlog_proof::TlogProof;
use countersign_tlog::tree::root_at;
use countersign_tlog::{Hash, LeafIndex, TreeSize};

use super::TinyLog;

impl TinyLog {
    /// The checkpoint of the newest size, signed.
    #[must_use]
    pub fn checkpoint(&self) -> Vec<u8> {
        self.checkpoint_at(self.size())
    }

    /// The checkpoint of an earlier size, signed.
    ///
    /// # Panics
    /// On a size that the log never had, or under 2.
    #[must_use]
    pub fn checkpoint_at(&self, size: u64) -> Vec<u8> {
        let root = root_at(&self.tree, TreeSize(size)).expect("a size that the log had");
        let checkpoint = Checkpoint::new(self.origin(), TreeSize(size), root).expect("an origin");
        let note = checkpoint
            .sign(&[&self.checkpoint_key])
            .expect("a size from 2");
        note.to_string().into_bytes()
    }

    /// A `.tlog-proof` of an entry, at the newest checkpoint.
    ///
    /// # Panics
    /// On an index that the log does not have.
    #[must_use]
    pub fn proof(&self, index: Index) -> Vec<u8> {
        let path = self.path(index, self.size());
        let note = countersign_tlog::note::Note::parse(&self.checkpoint()).expect("a note");
        let proof = TlogProof::new(LeafIndex(index.0), path, note).expect("a path within limits");
        proof.to_string().into_bytes()
    }

    /// The receipt of a claim, at the newest checkpoint.
    ///
    /// # Panics
    /// On a claim that no batch covers.
    #[must_use]
    pub fn receipt(&self, at: ClaimRef) -> ClaimReceipt {
        self.receipt_at(at, self.size())
    }

    /// The receipt of a claim, at an earlier size.
    ///
    /// # Panics
    /// On a claim that no batch within that size covers.
    #[must_use]
    pub fn receipt_at(&self, at: ClaimRef, size: u64) -> ClaimReceipt {
        let (batch_index, batch) = self.batches.range(at.index.0..).next().expect("a batch");
        let logged = self.entry(at.index).expect("a statement");
        let statement = Statement::parse(&logged.statement).expect("a statement");
        let ordinal = usize::try_from(at.ordinal).expect("32 bits");
        let verdicts = self.verdicts(batch.first.0);
        let position = LeafIndex(at.index.0 - batch.first.0);
        let record = logged.record.as_ref().expect("a batch has no receipt");
        ClaimReceipt {
            claim: *statement.claim_digests().get(ordinal).expect("a claim"),
            at,
            statement: logged.statement.clone(),
            path: self.path(at.index, size),
            batch: self
                .entry(Index(*batch_index))
                .expect("a batch")
                .statement
                .clone(),
            batch_index: Index(*batch_index),
            batch_path: self.path(Index(*batch_index), size),
            record: record.encode(),
            record_path: prove_inclusion(&verdicts, position, TreeSize(batch.count))
                .expect("a record in its batch"),
            checkpoint: self.checkpoint_at(size),
        }
    }

    /// Receipts of the acts that gave somebody this key.
    #[must_use]
    pub fn enrolments(&self, kid: KeyId) -> &[ClaimRef] {
        self.enrolments.get(&kid).map_or(&[], Vec::as_slice)
    }

    /// A body that was kept.
    #[must_use]
    pub fn body(&self, claim: Digest) -> Option<&ClaimBody> {
        self.bodies.get(&claim)
    }

    /// An envelope that was kept.
    #[must_use]
    pub fn envelope(&self, digest: Digest) -> Option<&EnvelopeBody> {
        self.envelopes.get(&digest)
    }

    /// A pack of these claims and conclusions, with the enrolments of those who signed, and every
    /// body shown as `show` asks (`Clone::clone` or [`ClaimBody::withheld`]).
    ///
    /// # Panics
    /// On claims that are not there.
    #[must_use]
    pub fn pack(
        &self,
        about: About,
        claims: &[ClaimRef],
        conclusions: &[ClaimRef],
        show: impl Fn(&ClaimBody) -> ClaimBody,
    ) -> Builder {
        let made_at = Index(self.size() - 1);
        let mut builder = Builder::new(self.origin(), about, made_at, self.checkpoint());
        let first = self.entry(Index(0)).expect("genesis").statement.clone();
        builder
            .genesis(first, self.proof(Index(0)))
            .expect("one genesis");
        let mut shown: Vec<ClaimRef> = claims.to_vec();
        for at in claims {
            builder.receipt(&self.receipt(*at)).expect("one checkpoint");
            for kid in self.signers(*at) {
                for act in self.enrolments(kid) {
                    builder
                        .enrolment(kid, &self.receipt(*act))
                        .expect("one checkpoint");
                    shown.push(*act);
                }
            }
        }
        for at in conclusions {
            builder
                .conclusion(&self.receipt(*at))
                .expect("one checkpoint");
            shown.push(*at);
        }
        for at in shown {
            let Some(body) = self.body(self.receipt(at).claim) else {
                continue;
            };
            builder.body(&show(body)).expect("one way to show a body");
            let envelope = self.envelope(body.envelope).expect("kept with its claims");
            builder.envelope(envelope).expect("one envelope");
        }
        builder
    }

    /// The keys that the statement of a claim names.
    #[must_use]
    pub fn signers(&self, at: ClaimRef) -> Vec<KeyId> {
        let logged = self.entry(at.index).expect("a statement");
        Statement::parse(&logged.statement)
            .expect("a statement")
            .key_ids()
    }

    /// Inclusion path of an entry in the tree of a size.
    ///
    /// # Panics
    /// On an index beyond the size.
    #[must_use]
    pub fn path(&self, index: Index, size: u64) -> Vec<Hash> {
        prove_inclusion(&self.tree, LeafIndex(index.0), TreeSize(size))
            .expect("an entry of the tree")
    }
}
