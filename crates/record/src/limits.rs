//! Limits of the ground and of a commit.

/// Bytes of a segment file, preallocated. Large enough that a new file is rare (one in a
/// hundred thousand claims), small enough to read into memory whole.
pub const SEGMENT_BYTES: usize = 64 * 1024 * 1024;
/// Bytes of the records of one commit: a commit lies in one segment.
pub const COMMIT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Bytes of the records of one submission, so that a few of them fill a commit and no one alone overfills it.
pub const SUBMISSION_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Statements of one commit.
pub const COMMIT_STATEMENTS_MAX: usize = 4096;
/// Bytes of the payload of one record.
pub const RECORD_BYTES_MAX: usize = 16 * 1024 * 1024;
