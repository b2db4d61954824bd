//! Who may do what, as a pure fold over the log.
//!
//! Today this crate holds the four-eyes fold: what could hide a loss (a write-off, a stock
//! adjustment) is proposed by one person and approved by another, and takes effect at the
//! log index of the approval and not before. The fold says *that* both halves are there; the
//! ledger, which it does not know, is told by the engine and moves the goods.
//!
//! What it never does: read a clock (time is the batch's tick), check a signature or a role
//! (the caller hands in authorised acts), change an account, or forget a refusal: each half
//! that had no effect is kept with its reason.
//!
//! Invariants:
//! - ACT-1: an action needs two principals with two keys, the second in time. Nobody approves
//!   his own proposal; a second approval does nothing; a rejection ends it.
//! - CUS-4: acts take effect at their index, in log order within a batch.
//! - LIM-1: the number of open proposals has a limit; beyond it a proposal is refused, and
//!   the refusal is listed.
//!
//! Start with [`FourEyes`]; [`Standing`] says how one proposal stands.

mod four_eyes;
pub mod limits;

pub use four_eyes::{Approved, FourEyes, Refusal, RefusedHalf, Standing};
