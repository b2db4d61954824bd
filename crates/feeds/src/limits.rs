//! Limits of reading files.

/// Bytes of standard input, which is held in memory: a document is read twice.
pub const STREAM_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Bytes read at once.
pub const CHUNK_BYTES: usize = 256 * 1024;
/// Bytes of the bodies of one section; a fuller one is sent in several submissions.
pub const SECTION_BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
