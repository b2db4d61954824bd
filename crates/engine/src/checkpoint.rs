//! The log's checkpoints: signed with the keys that the log itself names, and known again by them.

use countersign_attest::{Register, SecretKey};
use countersign_model::entry::Size;
use countersign_ports::StoreError;
use countersign_record::commit::Prepared;
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::cosignature::cosign;
use countersign_tlog::note::{Note, NoteSignature, VerifierKey};
use countersign_tlog::tree::TreeSize;

use crate::counted::Counted;
use crate::engine::{Engine, Fatal};
use crate::node_statement::no_key;

/// A note that was read and of which nothing is known yet.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    note: Note,
    checkpoint: Checkpoint,
}

impl Read {
    /// Reads a note; a sentence for what is none.
    pub(crate) fn parse(note: &[u8]) -> Result<Self, String> {
        let note = Note::parse(note).map_err(|error| error.to_string())?;
        let checkpoint = Checkpoint::parse(note.text()).map_err(|error| error.to_string())?;
        Ok(Self { note, checkpoint })
    }

    /// How many entries it covers.
    pub(crate) fn size(&self) -> u64 {
        self.checkpoint.size().0
    }

    /// The root that it names.
    pub(crate) fn root(&self) -> [u8; 32] {
        *self.checkpoint.root().as_bytes()
    }

    /// How many of the log's keys signed it, of how many that were in force for it; `None` if it is
    /// of another log, or if a line in the name of one of them is wrong.
    pub(crate) fn signed(&self, register: &Register) -> Option<(usize, usize)> {
        let terms = register.terms_of(self.checkpoint.origin(), Size(self.size()))?;
        let parsed = terms.checkpoint_keys.iter();
        let keys: Vec<VerifierKey> = parsed
            .filter_map(|key| VerifierKey::parse(key).ok())
            .collect();
        let verified = self.note.verify(&keys).ok()?.len();
        Some((verified, keys.len()))
    }

    /// How many lines it has.
    pub(crate) fn lines(&self) -> usize {
        self.note.signatures().len()
    }
}

fn failed(error: impl ToString) -> Fatal {
    Fatal::Store(StoreError::other(
        "signing the checkpoint",
        error.to_string(),
    ))
}

impl Engine {
    /// The key with which the node signs what it says now.
    pub(crate) fn node_key(&self) -> Result<&Counted<SecretKey>, Fatal> {
        let key = self.keys.statement(self.state.register.node_key());
        key.ok_or_else(no_key)
    }

    /// The key for statements that the node signs: imports. Each call counts as one use, so it is
    /// asked for once a signature.
    ///
    /// # Errors
    /// [`Fatal`] if it is not here, which opening has seen before.
    pub fn statement_key(&self) -> Result<&SecretKey, Fatal> {
        self.node_key().map(Counted::to_sign_once)
    }

    /// The checkpoint of a commit, signed by the first Ed25519 key of the log.
    pub(crate) fn sign_checkpoint(&self, prepared: &Prepared) -> Result<Vec<u8>, Fatal> {
        let register = &self.state.register;
        let origin = register.identity().origin.as_str();
        let checkpoint = Checkpoint::new(origin, TreeSize(prepared.size.0), prepared.root);
        let mut signers = register.checkpoint_keys().iter();
        let signer = signers.find_map(|vkey| self.keys.ed25519(vkey));
        let signer = signer.ok_or_else(|| failed("the key is not in this data folder"))?;
        let note = checkpoint.map_err(failed)?.sign(&[signer]);
        Ok(note.map_err(failed)?.to_string().into_bytes())
    }

    /// The committed checkpoint as it leaves the node: a note signed with every checkpoint key. What
    /// lies in the second place has one Ed25519 signature alone (ADR 0006).
    ///
    /// # Errors
    /// [`Fatal`] when a signer does not answer.
    pub fn outward(&self) -> Result<&[u8], Fatal> {
        if let Some(note) = self.outward.get() {
            return Ok(note);
        }
        let note = self.signed_by_all()?;
        Ok(self.outward.get_or_init(|| note))
    }

    /// The committed checkpoint with a line by each key of the log. Their time is that of the last
    /// commit.
    fn signed_by_all(&self) -> Result<Vec<u8>, Fatal> {
        let mut note = Note::parse(&self.checkpoint).map_err(failed)?;
        let checkpoint = Checkpoint::parse(note.text()).map_err(failed)?;
        let time_s = u64::try_from(self.sequencer.recorded().ms() / 1000).unwrap_or_default();
        for vkey in self.state.register.checkpoint_keys() {
            let key = VerifierKey::parse(vkey).map_err(failed)?;
            if note.verify([&key]).is_ok() {
                continue;
            }
            let line = match (self.keys.ed25519(vkey), self.keys.ml_dsa_44(vkey)) {
                (Some(signer), _) => NoteSignature::make(note.text(), signer),
                (None, Some(signer)) => cosign(&checkpoint, time_s.max(1), signer),
                (None, None) => return Err(failed("a key is not in this data folder")),
            };
            let pushed = line.and_then(|line| note.push(line));
            pushed.map_err(failed)?;
        }
        Ok(note.to_string().into_bytes())
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
}
