//! Findings: discrepancies, marks and patterns judged worth a person's look.
//!
//! The ledger says what does not add up, unit by unit; the record says what is odd about a
//! statement. This crate alone makes findings of them: what is one matter to a person becomes
//! one finding, with its severity, its evidence for and against, and the id of an explanation
//! whose text is made where it is shown (format law 15). A finding whose content changes
//! *moves*; the node records each move in the log as an act, and [`Detect`] sees it there
//! again: recorded, never recomputed (format law 11).
//!
//! What it never does: read a clock, decide what happens about a finding, name or score a
//! person (ACT-2: signers are shown as sources of a claim, nothing adds up per person), write
//! text for people.
//!
//! Invariants:
//! - CUS-4: what a finding says is a function of its members, whatever their order; the same
//!   log gives the same findings and the same moves.
//! - Format law 10: an id is a digest of the detector and of what the members have in common;
//!   units are no part of it. Moves are numbered from 1, and (id, number) is recorded once.
//! - LIM-1: every list of a finding is bounded ([`limits`]), and what it leaves out is counted.
//!
//! Where to start: [`Finding`], then [`Detect`]; one detector complete in itself is
//! `detectors/missing_units.rs`. `cargo xtask new detector NAME` makes another.

pub mod limits;

mod detect;
mod detector;
mod detectors;
mod finding;
mod gather;
mod group;
mod json;
mod marks;
mod matter;
mod severity;

#[cfg(test)]
mod sample;

pub use detect::Detect;
pub use detectors::{Rule, rules};
pub use finding::{Evidence, Finding, Moved, Severity, Status};

/// Version of this fold: raised whenever the same entries would give other findings.
pub const FOLD_VERSION: u32 = 2;
