//! The offline check of evidence: receipts, packs and whole logs, for somebody who distrusts the
//! operator.
//!
//! The reader brings trust ([`Trust`]: the key of a log, or a policy of witnesses) and bytes; the
//! answer is a [`Report`] with one [`Piece`] for each thing that the bytes would prove: this was
//! said by that key, this was logged, the node concluded this. Each piece is proven, disproven, or
//! neither; the whole is as good as its worst piece. What evidence of this kind never proves is
//! said too.
//!
//! What this crate never does: reach for a network or a clock, believe a word of the evidence that
//! nothing the reader trusts speaks for, or look into what a claim means. `countersign-verify`, the
//! program ([`main_with`]), adds files and an exit code, and nothing else. [`verify_log`] is the one
//! check that uses threads: a log has many signatures.
//!
//! Invariants that live here:
//! - PRF-1: everything that is claimed can be checked here, with a pinned key, offline. Evidence
//!   never brings its own trust: without a pin the best answer is 'consistent in itself'.
//! - Any bytes give a report: no panic, no unbounded work. One changed byte is never proven.
//! - LIM-1: every size has a named limit ([`limits`], and those of `countersign-pack`).
//!
//! Where to start: [`verify_pack`], then `bench.rs`, where the pieces are laid out in log order, and
//! docs/formats/pack.md, which says the same in words; for a whole log [`verify_log`]. docs/verify.md
//! is the page for users.

mod act;
mod arguments;
mod bench;
mod caveat;
mod content;
mod evidence;
mod keys;
pub mod limits;
mod log;
mod loose;
mod pack;
mod program;
mod reason;
mod receipt;
mod report;
mod shown;
mod tree;
mod trust;
mod words;

pub use log::{DataFolder, LogFolder, Progress, verify_log};
pub use loose::verify_receipts;
pub use pack::verify_pack;
pub use program::main_with;
pub use reason::ERROR_CODES;
pub use report::{Caveat, Fault, PROVEN, Piece, Remark, Report, Subject, Verdict};
pub use shown::{Shown, shown_bodies};
pub use trust::{Trust, TrustError};
