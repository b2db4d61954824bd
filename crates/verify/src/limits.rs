//! Every limit of this crate, with its unit and where the number comes from.

/// Bytes of a claim body in a file: a claim of 1 MiB, and for each of 4,096 parts a salt of 32
/// bytes and the heads around it.
pub const BODY_FILE_BYTES_MAX: usize = (1 << 20) + (256 << 10);

/// Bytes of an envelope in a file: 4 MiB, its parts as above, and 1,024 holes.
pub const ENVELOPE_FILE_BYTES_MAX: usize = (4 << 20) + (512 << 10);

/// Files of one call that are checked together: three for each of the claims that 300 full statements
/// hold, which fit in memory.
pub const LOOSE_FILES_MAX: usize = 1_000_000;

/// Characters of a text from a pack that are shown: an origin, a name, an id.
pub const SHOWN_CHARS_MAX: usize = 200;

/// Times that a segment is read again because its end, or a record in it, was being written: a
/// commit or an erasure of a running node takes milliseconds.
pub const REREADS_MAX: u32 = 8;

/// Entries of a log that are laid out together: one full commit. About 20 MiB of bodies and
/// statements beside the segment that they lie in.
pub const CHUNK_ENTRIES: usize = 4096;

/// Items below which a second thread costs more than it brings: 32 signatures take about a
/// millisecond, a thread some tens of microseconds.
pub const SHARE_ITEMS_MIN: usize = 32;

/// Faults of one kind of piece that are told one by one; the others are counted.
pub const FAULTS_TOLD_MAX: usize = 20;

/// Bytes of a checkpoint with its signatures (the limit of a note).
pub const CHECKPOINT_BYTES_MAX: usize = 1 << 20;

/// Bytes of a published tile or bundle: 256 hashes of 32 bytes, or 256 entries of 34.
pub const TILE_BYTES_MAX: usize = 256 * 34;
