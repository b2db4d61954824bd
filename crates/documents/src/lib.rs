//! Business documents and claims.
//!
//! Whoever has no EPCIS feed has a table: scans of a warehouse system, planned loads, milestones
//! with their planned and actual times. This crate turns the rows of a table into claims, by a
//! *mapping file* that says what the columns mean ([`mapping`], docs/formats/mapping.md). It
//! cuts each row: the cells that the map reads are open, every other cell is sealed, so that a
//! customer's name in a column that nobody asked for can be erased and never reaches a fold. And
//! it lays the table out as envelopes with holes, so that the table comes back byte for byte.
//!
//! Today it reads tables (CSV, TSV). Other business documents (X12, EDIFACT, UBL, DCSA)
//! belong here too, each as a module beside [`table`] that gives the same three things: an
//! envelope with holes, a cut for each claim, and a total decoder of the open view. Event logs in
//! OCEL are converted before they come (docs/ocel.md).
//!
//! What it never does: open a file, read a clock, look at the machine's time zones, sign, decide
//! whether a claim is admitted, or guess what a column means.
//!
//! Invariants:
//! - LOG-1: decoding the open view of a row gives what decoding the whole row gives
//!   ([`Bound::decode`]).
//! - LOG-4: a cell that the map does not read is sealed, also an empty one ([`Bound::cut`]).
//! - CUS-4: a claim depends on the row's open bytes, the map and the header; on nothing else.
//! - LIM-1: every size has a named limit ([`limits`]); what exceeds it is answered with a
//!   [`Problem`], [`ScanError`](table::ScanError) or [`MappingError`](mapping::MappingError),
//!   each with a stable code ([`problem::ERROR_CODES`]).
//!
//! Where to start: [`Mapping::parse`], then [`table::Sections`], [`Mapping::bind`] and
//! [`Bound::decode`]; `rule` holds one file for each kind of row.

mod bind;
mod fingerprint;
pub mod limits;
pub mod mapping;
mod nearest;
pub mod problem;
mod rule;
pub mod table;

pub use bind::{BindError, Bound, MissingColumn};
pub use mapping::Mapping;
pub use problem::Problem;
