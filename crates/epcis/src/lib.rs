//! EPCIS 2.0 in JSON: from the bytes of a document to claims, without loss.
//!
//! A partner sends a document of any size. [`scan`] finds its events with flat memory and
//! lays it out in sections: bytes with holes, which filled again are the document, byte for
//! byte (format law 2). [`document`] and [`event`] judge it by the rules of the standard, each
//! problem with a code, a field and a reason. [`cut`] gives each event its one right cut into
//! open and sealed parts (format law 1), and [`decode`] reads what is open as a claim.
//!
//! What it never does: fetch a context, round a number through a float, re-serialise what was
//! received, read a sealed value, open a file or look at a clock.
//!
//! Invariants that live here:
//! - LOG-1: an event decodes alike from its whole bytes and from what erasure leaves of them
//!   ([`decode`]).
//! - LOG-4: nothing but the allow-list stays open; the tables that check a field are the ones
//!   that cut it and take its fingerprint, so that they cannot disagree (`shape`).
//! - LIM-1: events, headers, depth and lists have named limits ([`limits`]); bytes from outside
//!   never cause a panic.
//!
//! Written down for strangers in docs/formats/epcis-json.md; vectors in
//! testdata/vectors/epcis-json/v1/. EPCIS queries, XML and the event hash are not here yet.
//!
//! Where to start: [`document::check`] for a whole document in memory, [`scan::Scanner`] for one
//! of any size, `shape` for the tables.

pub mod context;
pub mod cut;
pub mod decode;
pub mod document;
pub mod event;
pub mod grammar;
mod index;
pub mod limits;
pub mod memo;
mod print;
pub mod problem;
pub mod scan;
mod shape;
pub mod vocab;
mod walk;
