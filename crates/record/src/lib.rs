//! The sequencer without IO, and the codec of the ground.
//!
//! What comes in is judged already (crate `attest`); here it gets its place. A commit takes
//! the statements that are staged, gives each an index, adds the node's batch statement
//! behind them, lets the tree grow and names the checkpoint to sign. It does none of that
//! itself: [`commit::Sequencer::prepare`] returns bytes and values, the engine writes, syncs,
//! signs and swaps, and only then tells the sequencer that it happened. The same inputs give
//! the same bytes, on every machine.
//!
//! What is absent: files, threads, clocks, random numbers. They are arguments.
//!
//! - LOG-1: the ground is statements, bodies and wrapped keys ([`segment`]); everything else
//!   can be built again from it.
//! - LOG-2: nothing is handed out before the engine says that sync and swap are done.
//! - LOG-4: sealed parts are encrypted before they become bytes of a segment ([`sealing`]),
//!   each in a record of its own that can be wiped without touching another.
//! - The keys of a node lie encrypted under an unlock key that does not lie with them
//!   ([`key_file`]).
//!
//! Where to start: [`segment`], then [`commit`].

pub mod commit;
pub mod key_file;
pub mod limits;
pub mod sealing;
pub mod segment;
pub mod stored;
