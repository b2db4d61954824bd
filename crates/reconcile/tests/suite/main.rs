//! The ledger from outside: small stories in a small language, each with what must stand.

mod accounts;
mod aliases;
mod amounts;
mod conflicts;
mod contracts;
mod corrections;
mod digest;
mod handovers;
mod imports;
mod locks;
mod milestones;
mod oracle;
mod order;
mod plans;
mod real_milestones;
mod story;
mod timelines;
mod volume;
mod weights;
mod write_offs;
