//! What an engine is made of: the world behind its ports, and the node's keys.

use countersign_attest::{PublicKey, SecretKey};
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

/// The node's keys (format law 6): three that sign, never shared, and two that sign nothing.
pub struct NodeKeys {
    /// Signs checkpoints at every commit.
    pub checkpoint: Counted<Ed25519Signer>,
    /// Signs checkpoints that leave the node, against quantum computers; logs made before there was
    /// one have none.
    pub checkpoint_pq: Option<Counted<MlDsa44Signer>>,
    /// Signs the node's statements: batches, findings, imports.
    pub statement: Counted<SecretKey>,
    /// Public half of the key for COSE receipts.
    pub receipt: PublicKey,
    /// Wraps the keys of sealed parts.
    pub sealing: SealingKey,
    /// Keys the fingerprints of sealed values.
    pub fingerprint: Zeroizing<[u8; 32]>,
}

impl NodeKeys {
    /// C2SP verifier keys of the checkpoints, the Ed25519 one first.
    #[must_use]
    pub fn checkpoint_vkeys(&self) -> Vec<String> {
        let second = self.checkpoint_pq.iter().map(|signer| signer.key());
        let keys = std::iter::once(self.checkpoint.key()).chain(second);
        keys.map(ToString::to_string).collect()
    }
}

impl std::fmt::Debug for NodeKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NodeKeys(…)")
    }
}
