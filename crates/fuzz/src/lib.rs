//! Hostile bytes for every parser of outside bytes.
//!
//! A [`Target`] takes bytes, has a parser read them, and asserts what must hold of what was read:
//! that it is written again as the same bytes, that a second reader finds the same, that what
//! erasure leaves of it says the same. "It does not panic" alone is asserted of nothing that has
//! more to say. [`TARGETS`] is all of them; a parser that is added to the project adds its target
//! here.
//!
//! Two drivers run the same targets. `cargo xtask fuzz` mutates seeds in a process of its own for
//! each target, with nothing but the stable toolchain ([`worker`], [`mutate`]); `cargo xtask fuzz
//! --coverage` lets libFuzzer do it, which sees the branches that are taken. Seeds are the frozen
//! vectors and examples of the project, and `corpus/TARGET/`: inputs that once failed or that
//! reach what mutation alone does not ([`seeds`]). A short run of every target is an ordinary test
//! of this crate. What was run in all is told in docs/fuzzing.md ([`record`]).
//!
//! What it never does: fetch inputs, run two inputs in one state, hide what it ran. Nothing depends
//! on this crate.
//!
//! - LIM-1: an execution has a limit in time and a worker one in memory ([`limits`]).
//!
//! Where to start: [`targets`], one file for each family of formats.

pub mod coverage;
pub mod execute;
pub mod limits;
pub mod mutate;
pub mod record;
pub mod seeds;
pub mod targets;
pub mod worker;

pub use seeds::{Project, Seeds};
pub use targets::TARGETS;

/// A parser under hostile bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name on the command line, and that of its folder in the corpus.
    pub name: &'static str,
    /// What is read and what must hold, in a few words.
    pub what: &'static str,
    /// Where mutation starts.
    pub seeds: &'static [Seeds],
    /// Words of the format, put into inputs as they are.
    pub words: &'static [&'static [u8]],
    /// Executions of mutated inputs in the short run.
    pub short_run: u32,
    /// Reads the bytes and panics if what must hold does not.
    pub run: fn(&[u8]),
}

impl Target {
    /// The target of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.name == name)
    }
}
