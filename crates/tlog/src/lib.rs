//! The public pages of a transparency log, and nothing of a platform.
//!
//! What a log is to strangers: a Merkle tree that only grows, served as tiles; checkpoints that the
//! log signs and witnesses cosign; proofs that anybody can check offline. Each module implements
//! one page of C2SP or a section of RFC 9162 and names it. Whoever wants to check our log needs
//! this crate or any other implementation of those pages; whoever wants to check another log may
//! use it too, because nothing in here knows what an entry means.
//!
//! It never does IO, reads no clock, draws no random number (hedged signing, inside its library,
//! does) and keeps no key but the one a caller
//! puts into an [`note::Ed25519Signer`] or [`note::MlDsa44Signer`]. It does not decide when to commit, does not remember the
//! last checkpoint it signed, and does not choose whom to trust: the sequencer, the witness and the
//! verifier do.
//!
//! Invariants:
//! - PRF-1: every proof is checked against a key or policy that the caller brings. No text of a
//!   note counts before [`note::Note::verify`] has answered. Extra data in a proof never counts.
//! - LOG-3: a consistency proof is accepted only in its one right length, and never from the empty
//!   tree; no checkpoint of a size below [`limits::SIGNED_SIZE_MIN`] is signed.
//! - One spelling: what a parser accepts, its `Display` writes again byte for byte (policies, which
//!   are only read, excepted).
//! - One Ed25519 rule: `verify_strict` ([`mod@ed25519`]); a batch check accepts other signatures
//!   and is not offered.
//! - LIM-1: every parser has a limit in [`limits`]; verification is total, without panics and in
//!   time bounded by the depth of a tree of 2^64 - 1 leaves.
//!
//! Start with [`tree`] and [`proof`] for the mathematics, [`tile`] for what lies on disk, [`note`],
//! [`checkpoint`], [`cosignature`] and [`subtree`] for who says so, [`tlog_proof`] and [`policy`] for the
//! verifier. Errors carry a stable reason `code()`. `docs/formats/log.md` says what our log serves.

pub mod limits;

pub mod hash;
pub mod proof;
pub mod tree;

pub mod edge;
pub mod tile;
mod tile_view;

pub mod checkpoint;
pub mod cosignature;
pub mod ed25519;
pub mod ml_dsa;
pub mod note;
pub mod subtree;

pub mod policy;
pub mod tlog_proof;

mod lexeme;

pub use edge::TileEdge;
pub use hash::Hash;
pub use tile_view::TileStoreView;
pub use tree::{LeafIndex, NodeReader, TreeSize};
