//! What an engine is made of: the world behind its ports, and the node's keys.

use countersign_attest::{PublicKey, SecretKey};
use countersign_ports::{CheckpointCell, Clock, Entropy, Ground, Published};
use countersign_record::sealing::SealingKey;
use countersign_tlog::note::Ed25519Signer;

/// The world.
#[derive(Debug)]
pub struct Components {
    /// Segments of the ground.
    pub ground: Box<dyn Ground>,
    /// The second place.
    pub second: Box<dyn CheckpointCell>,
    /// The published tree.
    pub published: Box<dyn Published>,
    /// The clock.
    pub clock: Box<dyn Clock>,
    /// Random bytes.
    pub entropy: Box<dyn Entropy>,
}

/// The node's keys (format law 6): three that sign, never shared, and two that sign nothing.
pub struct NodeKeys {
    /// Signs checkpoints.
    pub checkpoint: Ed25519Signer,
    /// Signs the node's statements: batches, findings, imports.
    pub statement: SecretKey,
    /// Public half of the key for COSE receipts.
    pub receipt: PublicKey,
    /// Wraps the keys of sealed parts.
    pub sealing: SealingKey,
    /// Keys the fingerprints of sealed values.
    pub fingerprint: [u8; 32],
}

impl std::fmt::Debug for NodeKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NodeKeys(…)")
    }
}
