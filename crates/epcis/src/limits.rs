//! Limits of this crate, with units and where the numbers come from.

pub use countersign_model::limits::{
    CLAIM_BYTES_MAX, DEPTH_MAX, ENVELOPE_BYTES_MAX, PARTS_MAX, UNITS_PER_CLAIM_MAX,
};

/// Events of one section of a document: a statement signs as many claims at most.
pub const EVENTS_PER_SECTION_MAX: usize = countersign_model::limits::CLAIMS_PER_STATEMENT_MAX;
/// Nesting of a whole document: an event as deep as an event may be, inside the five levels
/// of a query document.
pub const DOCUMENT_DEPTH_MAX: usize = DEPTH_MAX + 5;
/// Bytes of a member's name that the scanner keeps: the longest name it looks for has 12
/// characters, each of which may be written as an escape of six bytes.
pub const NAME_BYTES_MAX: usize = 72;
/// Problems reported of one event or one header; more tell nobody anything.
pub const PROBLEMS_MAX: usize = 100;
/// Prefixes of one `@context`. GS1's examples have five at most.
pub const PREFIXES_MAX: usize = 256;
/// Sealed values of one event: a body has [`PARTS_MAX`] parts, and open and sealed ones alternate.
pub const SEALED_MAX: usize = PARTS_MAX / 2 - 1;
/// Units that a decoder remembers: what goes through a busy hub in an hour.
pub const MEMO_UNITS_MAX: usize = 65_536;
/// Places, parties, classes and documents, of each, that a decoder remembers.
pub const MEMO_OTHERS_MAX: usize = 8_192;
