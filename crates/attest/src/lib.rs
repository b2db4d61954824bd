//! Bytes into a verdict: which principal signed, with which key, at which assurance.
//!
//! A statement is a list of claim digests under a signature. This crate reads it strictly,
//! checks who signed against the register of keys that the log itself sets, and says where it
//! stands in its signer's chain. It is small, and depends on the nouns and on signature code
//! alone, so that outsiders can judge statements without the rest.
//!
//! What it never does: read a clock, draw randomness, open a file, or believe anything that a
//! signature does not cover. It does not say whether what was said is so, and it does not look
//! into bodies: whether a body is cut as its format asks is for the decoder of the format.
//!
//! Invariants that live here:
//! - ACT-4: an authentic, well-formed statement of fact is admitted whoever makes it; what is
//!   odd about it is a mark. Acts are authorised ([`Register::is_authorised`]).
//! - Nothing is identified by signature bytes or unprotected headers, which others can change:
//!   [`Statement::sig_digest`] is the identity for replay, equivocation and chains.
//! - Ed25519 is accepted by the strict rule alone, never by a batch check ([`key`]).
//! - What is read has exactly one encoding, so a statement has exactly one logged form.
//! - LIM-1: every size has a limit in [`limits`], and a refusal a code in [`refusal`] with a page.
//!
//! The formats are docs/formats/statement.md, genesis.md and submission.md; the vectors under
//! `testdata/vectors/` hold them still. Where to start: [`judge::judge`], then [`statement`]
//! and [`header`].

pub mod limits;
pub mod refusal;

pub mod key;
pub mod secret;

pub mod header;
pub mod sign;
pub mod statement;
pub mod webauthn;

pub mod genesis;
pub mod register;
mod renewal;

pub mod chain_signer;
pub mod chains;
pub mod judge;

pub mod ahead;
mod budget;
pub mod submission;

pub use ahead::Ahead;
pub use chain_signer::ChainSigner;
pub use chains::{ChainHead, ChainPlace, Chains, Fit, KnownChains, Standing};
pub use genesis::Genesis;
pub use header::{ChainLink, Header, Kind, SeenCheckpoint};
pub use judge::{LogIdentity, Verdict, judge};
pub use key::{Algorithm, PublicKey};
pub use refusal::{ERROR_CODES, Refusal};
pub use register::{KeyEntry, Register, TermsAt, key_given};
pub use secret::SecretKey;
pub use sign::{assemble, claims_payload, cosign, sign1, to_be_signed};
pub use statement::{Content, Statement};
pub use submission::Submission;
