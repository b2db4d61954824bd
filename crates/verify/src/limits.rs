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
