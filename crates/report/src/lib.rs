//! Words for people: findings, timelines and totals as text and as JSON.
//!
//! Everything behind this crate speaks in ids and template ids (format law 15). Here a
//! [`finding`], the custody [`timeline`] of a unit and the sums of the [`ledger`] become, first,
//! one JSON value that stands alone: it carries the labels and time zones of the sites that it
//! names ([`names`]), so that whoever gets it over a wire or out of a pack can read it
//! without the network's contracts; and, second, English text made of that JSON alone.
//!
//! What it never does: conclude anything, look anything up while it makes text, read a clock,
//! colour. Text is at most [`limits::WIDTH`] columns wide where its words allow, and what comes
//! from outside cannot steer a terminal: control characters never pass ([`text`]).
//!
//! Invariants:
//! - CUS-2: wherever custody is shown, its basis and the signer's assurance are shown with it;
//!   a gap is shown as a gap.
//! - ACT-2: a signer is named as the source of a claim, by the pseudonym that the claim bears.
//! - The text of equal JSON is equal; local times are those of the place, by the time zone data
//!   that is built in.
//!
//! Where to start: [`finding::finding_text`], whose words stand in `finding/explanation.rs`.

pub mod class;
pub mod day;
pub mod finding;
pub mod ledger;
pub mod limits;
pub mod names;
pub mod text;
pub mod timeline;

mod instant;

#[cfg(test)]
mod sample;
