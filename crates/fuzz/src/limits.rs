//! Limits, with units.

/// Bytes of a mutated input. A statement has at most 60 KiB, and a parser that is wrong about
/// lengths, order or nesting is wrong about small inputs too. Seeds may be larger.
pub const INPUT_BYTES_MAX: usize = 64 * 1024;
/// Edits on one input.
pub const EDITS_MAX: u64 = 12;
/// Copies that one edit makes of a range: enough to nest deeper than any limit on nesting.
pub const COPIES_MAX: u64 = 2048;

/// Milliseconds that one execution may take. The slowest target checks some thirty signatures in
/// a few; a second on a machine that is busy otherwise is another order.
pub const EXECUTION_MS_MAX: u64 = 2_000;
/// Bytes of address space of a worker, by the system's own limit: whoever believes a length that
/// the input only claims runs into it.
pub const ADDRESS_SPACE_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Seconds that a worker may be silent beyond its time before it is taken for hung and ended.
pub const SILENCE_S_MAX: u64 = 30;

/// Files of the kept corpus, all targets together.
pub const CORPUS_FILES_MAX: usize = 200;
/// Bytes of the kept corpus, all targets together.
pub const CORPUS_BYTES_MAX: u64 = 300 * 1024;
/// Files that distilling adds to the kept corpus of one target, and bytes of each.
pub const KEPT_PER_TARGET_MAX: usize = 4;
/// See [`KEPT_PER_TARGET_MAX`].
pub const KEPT_BYTES_MAX: u64 = 2 * 1024;
