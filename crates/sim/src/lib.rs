//! A simulated network of sites, vehicles and thieves, and honest score against its truth.
//!
//! From a seed it makes a row of days: ten sites, some sixty devices with keys of their own,
//! stock, manifests, hand-overs, weights and counts; thefts and losses hidden in them, and more
//! innocent look-alikes; and between what happens and what is sent a disorder that is asked for
//! ([`generate`]). A world is a plain folder (docs/formats/scenario.md): what devices send, signed
//! as real devices sign, and beside it the truth. [`score()`] compares that truth with the
//! findings that somebody else made of the submissions. Why it is so: docs/adr/0015.
//!
//! What it never does: read a clock, draw randomness other than from the seed, or know how it
//! will be judged. It depends on neither reconcile nor detect, not even in its tests, and
//! nothing of the truth is in what devices say: an act changes what happens, and devices say
//! what happens.
//!
//! Invariants that live here:
//! - The same recipe gives the same bytes; a day needs no other day.
//! - Disorder changes nothing of a row of the truth but its `detectable_from`.
//! - `detectable_from` is what a slow reader of plans and claims says (`src/oracle/`), never what
//!   the act knows of itself.
//! - Chains are whole: every device counts from 1 and names what it signed before.
//! - What is held while a world is written does not grow with its days.
//!
//! Where to start: [`generate`], then `played` (one day, from the plan to what is sent), `day` (the
//! honest plan), `acts` and `lookalikes` (one family a file), `play` (a load becomes events),
//! `disorder`, `dispatch` and `stream` (events become submissions).

pub mod limits;
pub mod truth;

mod clock;
mod names;
mod rng;

mod atlas;
mod goods;
mod ground;

mod count;
mod draft;
mod event;
mod load;

mod acts;
mod arrival;
mod day;
mod lookalikes;
mod papers;
mod play;
mod routine;
mod shelves;
mod sources;
mod tally;
mod trailers;
mod weighing;

mod disorder;
mod dispatch;
mod network_toml;
mod sign;
mod wording;

mod oracle;
mod planting;
mod played;
mod sizes;
mod stream;

pub mod folder;
pub mod world;

pub mod finding;
pub mod score;

pub use disorder::{Disorder, DisorderError};
pub use finding::{Finding, FindingError};
pub use folder::{Folder, ReadError, Scenario, WriteError};
pub use score::{Score, ScoreError, ScoreRow, score};
pub use sizes::{GenerateError, Shape, Sizes};
pub use stream::Sent;
pub use truth::{Cause, Detectable, TruthRow};
pub use world::{Extent, Recipe, RecipeError, Submissions, World, generate};
