//! The engine: the one place with effects.
//!
//! Submissions come in, are judged ([`intake`]), staged, and committed together: appended to
//! the ground, synced, signed for, swapped into the second place ([`log`]). What is
//! committed is folded ([`folds`]); findings that move become statements of the node in the
//! next commit. What intake knows of the log lies in one index ([`log_index`]): claims
//! ([`identities`]), chains ([`chain_index`]), documents ([`envelopes`]). What the ledger was told
//! lies in a history on the disk ([`kept_history`]). Tiles are cut behind the commit ([`log`]). From time
//! to time all that was made of the log is written as a snapshot (`snapshot.rs`). Opening a log goes on
//! from there, and reads the ground behind it back through the same code ([`open`]).
//!
//! What is absent: sockets, files, threads, key files. They come as components
//! ([`components`]) from whoever composes a node; a test brings fakes.
//!
//! - LOG-1: [`engine::Engine::open`] gives the same [`folds::Folds::state_digest`] as the run
//!   that wrote the ground.
//! - LOG-2, LOG-3: only [`engine::Engine::commit`] makes anything true, and every failure in
//!   it is [`engine::Fatal`].
//! - LOG-4: bodies reach the ground with their sealed parts encrypted ([`intake`]); erasure
//!   overwrites them ([`erase`]).
//!
//! Where to start: [`engine::Engine`], then [`intake::take`].

pub mod chain_index;
mod checkpoint;
mod clocks;
mod committed_end;
pub mod components;
pub mod counted;
pub mod engine;
pub mod envelope;
pub mod envelopes;
pub mod erase;
pub mod evidence;
pub mod folds;
pub mod found;
pub mod ground;
pub mod identities;
pub mod intake;
pub mod kept_history;
mod last_batch;
pub mod limits;
pub mod log;
pub mod log_index;
pub mod mend;
pub mod node_statement;
pub mod open;
pub mod raw;
mod read_back;
pub mod receipts;
pub mod renew;
pub mod signing;
mod snapshot;
pub mod state;

pub use components::{Components, NodeKeys, Stores};
pub use counted::Counted;
pub use engine::{Committed, Engine, Fatal, Taken, Ticket};
pub use found::{Founding, found};
pub use log::Log;
pub use open::Recovered;
pub use renew::{NotRenewed, Origins};
pub use signing::LogSigner;
