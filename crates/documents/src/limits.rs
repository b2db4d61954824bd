//! Every limit of this crate, with its unit and where the number comes from.

use countersign_model::limits::PARTS_MAX;

/// Columns of one table. A cut alternates, so a row whose every cell is sealed has one part
/// more than twice its columns; a body has at most [`PARTS_MAX`].
pub const COLUMNS_MAX: usize = (PARTS_MAX - 1) / 2;
/// Bytes of one section of a table, rows included, after which the next line begins a new
/// section. One more row (1 MiB) still leaves the envelope below its own limit of 4 MiB.
pub const SECTION_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Rows of one section: the holes of one envelope are the claims of one statement.
pub const SECTION_ROWS_MAX: usize = countersign_model::limits::CLAIMS_PER_STATEMENT_MAX;
/// Bytes that a section takes in between two looks at its size.
pub const SCAN_STEP_BYTES: usize = 64 * 1024;
/// Milestones that one map may name, over all its chains: what one row can become.
pub const MILESTONES_MAX: usize = 512;
/// Entries of one value table of a map. A value table is for words, not for master data.
pub const VALUES_MAX: usize = 4096;
/// Bytes of a time pattern, and of a cell that is read as a time.
pub const TIME_TEXT_BYTES_MAX: usize = 64;
/// Bytes of a cell that are repeated in a message.
pub const QUOTED_BYTES_MAX: usize = 48;
/// Names offered in place of one that is not there.
pub const SUGGESTIONS_MAX: usize = 3;
/// Missing columns that are named in full, each with the columns that may have been meant.
pub const MISSING_SHOWN_MAX: usize = 10;
/// Patterns of one `absent_like`: each is held against every cell that its field reads.
pub const ABSENT_LIKE_MAX: usize = 32;
/// Entries of a value table up to which a word that is not in it is compared with all of them:
/// it is done for every such row.
pub const VALUES_COMPARED_MAX: usize = 64;
/// Bytes of a name that is compared with others; longer ones are only compared for equality.
pub const COMPARED_BYTES_MAX: usize = 64;
