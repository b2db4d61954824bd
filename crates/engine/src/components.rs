//! What an engine is made of: the world behind its ports, and the node's keys.

use countersign_attest::{Register, SecretKey};
use countersign_model::ids::KeyId;
use countersign_ports::{CheckpointCell, Clock, Entropy, Ground, IndexStore, Published};
use countersign_record::sealing::SealingKey;
use countersign_tlog::note::{Ed25519Signer, MlDsa44Signer, Signer as _};
use zeroize::Zeroizing;

use crate::counted::Counted;

/// The world.
#[derive(Debug)]
pub struct Components {
    /// Segments of the ground.
    pub ground: Box<dyn Ground>,
    /// The second place.
    pub second: Box<dyn CheckpointCell>,
    /// The published tree.
    pub published: Box<dyn Published>,
    /// What is derived and kept.
    pub index: Box<dyn IndexStore>,
    /// The clock.
    pub clock: Box<dyn Clock>,
    /// Random bytes.
    pub entropy: Box<dyn Entropy>,
}

/// Where a log lies.
#[derive(Debug)]
pub struct Stores {
    /// Segments of the ground.
    pub ground: Box<dyn Ground>,
    /// The second place.
    pub second: Box<dyn CheckpointCell>,
    /// The published tree.
    pub published: Box<dyn Published>,
    /// What is derived and kept.
    pub index: Box<dyn IndexStore>,
}

impl Components {
    /// What belongs to the log, and what does not.
    #[must_use]
    pub fn split(self) -> (Stores, Box<dyn Clock>, Box<dyn Entropy>) {
        let stores = Stores {
            ground: self.ground,
            second: self.second,
            published: self.published,
            index: self.index,
        };
        (stores, self.clock, self.entropy)
    }
}

/// The node's keys (format law 6): those that sign, never shared, and two that sign nothing. Of each
/// that signs there may be several: those of a rotation that is prepared or under way. Which are in
/// force, the log says ([`Register`]).
pub struct NodeKeys {
    /// Sign checkpoints at every commit.
    pub checkpoint: Vec<Counted<Ed25519Signer>>,
    /// Sign checkpoints that leave the node, against quantum computers; logs made before there were
    /// any have none.
    pub checkpoint_pq: Vec<Counted<MlDsa44Signer>>,
    /// Sign the node's statements: batches, findings, imports.
    pub statement: Vec<Counted<SecretKey>>,
    /// Sign COSE receipts, for those who ask for one.
    pub receipt: Vec<Counted<SecretKey>>,
    /// Wraps the keys of sealed parts.
    pub sealing: SealingKey,
    /// Keys the fingerprints of sealed values.
    pub fingerprint: Zeroizing<[u8; 32]>,
}

impl NodeKeys {
    /// C2SP verifier keys of the checkpoints, the Ed25519 ones first; of several the newest first.
    #[must_use]
    pub fn checkpoint_vkeys(&self) -> Vec<String> {
        let keys = self.checkpoint.iter().map(|signer| signer.key());
        let keys = keys.chain(self.checkpoint_pq.iter().map(|signer| signer.key()));
        keys.map(ToString::to_string).collect()
    }

    /// The Ed25519 signer with this verifier key.
    pub(crate) fn ed25519(&self, vkey: &str) -> Option<&Counted<Ed25519Signer>> {
        let mut signers = self.checkpoint.iter();
        signers.find(|signer| signer.key().to_string() == vkey)
    }

    /// The ML-DSA-44 signer with this verifier key.
    pub(crate) fn ml_dsa_44(&self, vkey: &str) -> Option<&Counted<MlDsa44Signer>> {
        let mut signers = self.checkpoint_pq.iter();
        signers.find(|signer| signer.key().to_string() == vkey)
    }

    /// The statement key with this id.
    pub(crate) fn statement(&self, key: KeyId) -> Option<&Counted<SecretKey>> {
        let mut keys = self.statement.iter();
        keys.find(|one| one.public().id() == key)
    }

    /// The key for COSE receipts with this id.
    pub(crate) fn receipt(&self, key: KeyId) -> Option<&Counted<SecretKey>> {
        let mut keys = self.receipt.iter();
        keys.find(|one| one.public().id() == key)
    }

    /// Whether every key is here with which the log signs now.
    #[must_use]
    pub fn serve(&self, register: &Register) -> bool {
        let mut vkeys = register.checkpoint_keys().iter();
        vkeys.all(|vkey| self.ed25519(vkey).is_some() || self.ml_dsa_44(vkey).is_some())
            && self.statement(register.node_key()).is_some()
            && self.receipt(register.receipt_key().id()).is_some()
    }
}

impl std::fmt::Debug for NodeKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NodeKeys(…)")
    }
}
