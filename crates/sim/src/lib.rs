//! A simulated network of sites, vehicles and thieves, and honest score against its truth.
//!
//! From a seed it makes one day: ten sites, some sixty devices with keys of their own, stock,
//! manifests, hand-overs, weights and counts; a dozen thefts and losses hidden in it, and more
//! innocent look-alikes ([`generate`]). The day is a plain folder (docs/formats/scenario.md):
//! what devices send, signed as real devices sign, and beside it the truth. [`score()`] compares
//! that truth with the findings that somebody else made of the submissions.
//!
//! What it never does: read a clock, draw randomness other than from the seed, or know how it
//! will be judged. It depends on neither reconcile nor detect, not even in its tests, and
//! nothing of the truth is in what devices say: an act changes what happens, and devices say
//! what happens.
//!
//! Invariants that live here:
//! - The same seed, sizes and origin give the same bytes.
//! - Every act can be known from plans and claims from its `detectable_from` on, and not before;
//!   a slow reader of the claims alone checks that (`src/oracle/`).
//! - Chains are whole: every device counts from 1 and names what it signed before.
//!
//! Where to start: [`generate`], then `day` (the honest plan), `acts` and `lookalikes` (one
//! family a file), `play` (a load becomes events), `dispatch` and `sign` (events become
//! submissions).

pub mod limits;
pub mod truth;

mod clock;
mod names;
mod rng;

mod atlas;
mod goods;

mod count;
mod draft;
mod event;
mod load;

mod acts;
mod day;
mod lookalikes;
mod play;
mod routine;

mod dispatch;
mod network_toml;
mod sign;
mod wording;

pub mod folder;
pub mod world;

pub mod finding;
pub mod score;

#[cfg(test)]
mod oracle;

pub use finding::{Finding, FindingError};
pub use folder::{Folder, ReadError, Scenario, WriteError};
pub use score::{Score, ScoreError, ScoreRow, score};
pub use truth::{Cause, Detectable, TruthRow};
pub use world::{Extent, GenerateError, SaidClaim, Sent, Sizes, Submissions, World, generate};
