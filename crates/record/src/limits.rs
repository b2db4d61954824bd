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
/// Bytes of the line that a key file encrypts: the longest today has 69.
pub const KEY_LINE_BYTES_MAX: usize = 512;
/// Bytes of a key file's text. What is longer is none and is not read to its end.
pub const KEY_FILE_BYTES_MAX: usize = 2048;
/// Characters of the name in a key file.
pub const KEY_NAME_LEN_MAX: usize = 32;
/// Bytes of a passphrase that is taken for a new lock. What guards an old one is taken as it is.
pub const PASSPHRASE_LEN_MIN: usize = 12;
/// Bytes of a passphrase.
pub const PASSPHRASE_LEN_MAX: usize = 1024;
/// Memory that a key file may ask for to make its unlock key of a passphrase, in KiB: 1 GiB.
pub const STRETCH_MEMORY_KIB_MAX: u32 = 1024 * 1024;
/// Passes over that memory.
pub const STRETCH_PASSES_MAX: u32 = 64;
/// Lanes of that memory.
pub const STRETCH_LANES_MAX: u32 = 64;
