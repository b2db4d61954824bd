//! The custody ledger: signed claims and plans in, accounts and discrepancies out.
//!
//! Double entry for goods. Every unit is in one account; a claim moves it from one account to
//! another, on a basis; a plan says what must be seen by when. What cannot all hold is a
//! [`Discrepancy`]: which expectation or claim it is about, where custody was last proven,
//! what first speaks against it, who agrees and who does not. The rules in plain words are in
//! `docs/formats/custody.md`.
//!
//! What it never does: read a clock (time is the tick of the batch), judge severity or make a
//! finding (that is `detect`), check a signature, compare two claims (intake did, and the
//! batch records it), patch a conclusion. It keeps each unit's observations in the total
//! order, and at the end of a batch judges again what the batch touched.
//!
//! Invariants:
//! - CUS-1: each known unit is in exactly one account, and each counted class sums up to what
//!   was opened, issued and adjusted: asserted after every batch.
//! - CUS-2: custody is shown with its basis; less than the lane's contract asks for is a
//!   `custody_gap`.
//! - CUS-3: what was taken back stays in the timeline, marked.
//! - CUS-4: what stands is a function of the set of claims, the network, the approvals and the
//!   largest tick. Numbers given by arrival never leave (`number.rs`); a property test permutes
//!   and re-batches whole worlds, and a slow oracle of its own reads the same rules.
//! - ACT-4: what a locked key says is kept and moves nothing until an unlocked party signs.
//! - LIM-1: limits with names in [`limits`]; what is not taken is noted ([`Ledger::unfolded`]).
//!
//! Where to start: [`Ledger`] (`ledger/settle.rs` is the end of a batch), then `walk.rs` (where
//! is the unit), `judge.rs` (what does not add up, one file a question), `known.rs` (what all
//! of it is a function of), `discrepancy.rs` (what comes out).

mod number;
mod packed;

pub mod account;
pub mod change;
pub mod discrepancy;
pub mod kind;
pub mod limits;

pub mod history;

mod known;
mod touched;

mod judge;
mod value;
mod walk;

mod bookmark;
mod books;
mod classes;
mod containment;
mod ledger;
mod progress;
mod quiet;
pub mod snapshot;
mod standing;
mod timers;

pub use account::{ACCOUNTS, Account, AccountKind, Basis};
pub use change::Change;
pub use classes::ClassAccount;
pub use discrepancy::Discrepancy;
pub use judge::State;
pub use kind::{KINDS, Kind};
pub use known::events::Effect;
pub use known::unfolded::Unfolded;
pub use ledger::{
    ClassBalance, Day, ExpectationView, Found, GroupTotals, Ledger, Link, SiteDay, StateCounts,
    Timeline, Totals,
};
