//! Folds: one batch in, state change and effects out.
//!
//! Every stage behind the record is a fold over the same input ([`FoldBatch`]), in log
//! order, on one thread. A fold reads statements, batch records and the open view of
//! bodies only (LOG-1); it has no clock but the tick, no randomness, no IO, and iterates
//! nothing whose order is not fixed. It is total: what it cannot use it keeps and shows
//! (LIM-1).

use crate::act::Act;
use crate::claim::Claim;
use crate::digest::Digest;
use crate::entry::{Assurance, ClaimRef, ClaimStatus, Index, Mark};
use crate::ids::{KeyId, PrincipalId};
use crate::time::Timestamp;

/// What one claim said, decoded from the open view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Testimony.
    Claim(Claim),
    /// An act: takes effect at its index.
    Act(Act),
}

/// One claim as the log has it.
#[derive(Clone, Debug)]
pub struct AdmittedClaim {
    /// Where it stands.
    pub at: ClaimRef,
    /// Its digest, as signed.
    pub digest: Digest,
    /// What intake made of it.
    pub status: ClaimStatus,
    /// What it says; `None` when its status is unfoldable or body absent.
    pub said: Option<Said>,
}

/// Position in a signer's chain; orders statements of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChainPosition {
    /// Chosen anew when a device starts over.
    pub epoch: u64,
    /// Rises by one with each statement.
    pub counter: u64,
}

/// One statement as the log has it.
#[derive(Clone, Debug)]
pub struct AdmittedStatement {
    /// Where it stands.
    pub index: Index,
    /// Who says so.
    pub issuer: PrincipalId,
    /// With which key.
    pub key: KeyId,
    /// How sure that is.
    pub assurance: Assurance,
    /// Marks, sorted.
    pub marks: Vec<Mark>,
    /// Its place in its chain, if it has one; of an import epoch 0 and the section of its document.
    pub chain: Option<ChainPosition>,
    /// When it was signed, by the signer's clock, if it says so.
    pub signed: Option<Timestamp>,
    /// The claims, in order.
    pub claims: Vec<AdmittedClaim>,
}

/// One commit as folds see it.
#[derive(Clone, Debug)]
pub struct FoldBatch {
    /// Index of the batch statement: folds stand at this index after they applied it.
    pub index: Index,
    /// The node's wall clock.
    pub recorded: Timestamp,
    /// Deadlines up to this instant fire.
    pub tick: Timestamp,
    /// The statements, in log order.
    pub statements: Vec<AdmittedStatement>,
}

/// A stage behind the record.
pub trait Fold {
    /// What the stage tells the next one.
    type Out;
    /// Raised whenever the same entries would give other bytes.
    const VERSION: u32;

    /// Takes one commit in.
    fn apply(&mut self, batch: &FoldBatch, out: &mut Vec<Self::Out>);

    /// Digest of the whole state: equal on every machine at the same index.
    fn state_digest(&self) -> Digest;
}
