//! Every limit of findings, with its unit and where the number comes from.
//!
//! A recorded finding is one claim of the node, so all lists together must stay below a
//! claim's mebibyte ([`countersign_model::limits::CLAIM_BYTES_MAX`]) with room to spare: the
//! sums of the `_BYTES_MAX` here are 640 KiB, and what has no limit of its own is small.

/// Units named in one finding. A trailer holds about 2,000 cartons; the rest is counted.
pub const UNITS_LISTED_MAX: usize = 5_000;
/// Bytes of the units named in one finding, as JSON; keys of common length (50 bytes) fit whole.
pub const UNITS_BYTES_MAX: usize = 384 * 1024;
/// Discrepancies and marks shown as evidence in one finding; the rest is counted.
pub const EVIDENCE_LISTED_MAX: usize = 200;
/// Bytes of the evidence of one finding, as JSON.
pub const EVIDENCE_BYTES_MAX: usize = 128 * 1024;
/// Log entries named in one finding; the rest is counted.
pub const ENTRIES_LISTED_MAX: usize = 1_000;
/// Sources named on each side of one finding, the earliest ones: what a person reads.
pub const SOURCES_LISTED_MAX: usize = 16;
/// Amounts of counted classes in one finding, by class; of more, the first.
pub const AMOUNTS_LISTED_MAX: usize = 50;
/// Sums of money in one finding, by currency; of more, the first. The largest known network
/// trades in about ten.
pub const VALUES_LISTED_MAX: usize = 16;
/// Arguments of one explanation, by name; of more, the first.
pub const ARGUMENTS_MAX: usize = 32;
/// Bytes of a text out of a plan (a line, a stage, a name) as far as a finding repeats it.
pub const TEXT_BYTES_MAX: usize = 256;
/// Findings named as standing in the place of a retracted one.
pub const SUPERSEDED_LISTED_MAX: usize = 50;
/// Marks kept in one finding, the first ones: whoever holds a device could make any number of
/// them, and each would move the finding.
pub const MARKS_KEPT_MAX: usize = 20;

const _: () = assert!(
    UNITS_BYTES_MAX + EVIDENCE_BYTES_MAX + 128 * 1024 <= countersign_model::limits::CLAIM_BYTES_MAX
);
