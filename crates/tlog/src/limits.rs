//! Every limit of this crate, with its unit and where the number comes from.

/// Hashes in a full tile, and entries in a full bundle (tlog-tiles, "Merkle Tree").
pub const TILE_WIDTH: u16 = 256;

/// Levels of the tree between one tile level and the next: 2^8 = 256 (tlog-tiles).
pub const TILE_HEIGHT: u8 = 8;

/// Highest tile level a path may name (tlog-tiles: "between 0 and 63").
pub const TILE_LEVEL_MAX: u8 = 63;

/// Highest tile level that holds a hash in any tree of at most 2^64 - 1 leaves.
pub const TILE_LEVEL_USED_MAX: u8 = 7;

/// Bytes of a tile path. The longest well-formed one has 48.
pub const TILE_PATH_BYTES_MAX: usize = 64;

/// Tiles that a `TileStoreView` keeps decoded: 64 x 8 KiB = 512 KiB.
pub const TILE_CACHE_TILES_MAX: usize = 64;

/// Bytes of one entry: its length is a 16-bit field (tlog-tiles, "Log entries").
pub const ENTRY_BYTES_MAX: usize = 65_535;

/// Bytes of a full bundle whose entries all have the greatest length.
pub const BUNDLE_BYTES_MAX: usize = 256 * (2 + ENTRY_BYTES_MAX);

/// Hashes of an inclusion proof: the depth of a tree of at most 2^64 - 1 leaves.
pub const INCLUSION_HASHES_MAX: usize = 64;

/// Bytes of a signed note: 128 signatures of ML-DSA-44 (3,252 base64 bytes each) and names fit.
pub const NOTE_BYTES_MAX: usize = 1 << 20;

/// Signatures on a note. signed-note asks for at least 16; a policy of 128 witnesses and a log
/// with several keys must fit.
pub const NOTE_SIGNATURES_MAX: usize = 160;

/// Bytes of a verifier key in text form.
pub const VKEY_BYTES_MAX: usize = 4_096;

/// Smallest size of a tree whose checkpoint this crate signs as a log: index 0 is genesis, and a
/// COSE receipt cannot express a tree of one leaf (RFC 9942 asks for a path of one hash or more).
pub const SIGNED_SIZE_MIN: u64 = 2;

/// Greatest time of a cosignature, seconds since the epoch (tlog-cosignature: 2^63 - 1).
pub const COSIGNATURE_TIME_S_MAX: u64 = (1 << 63) - 1;

/// Bytes of opaque extra data in a `.tlog-proof`. The page sets none; readers that scan lines take
/// 64 KiB of base64 at most.
pub const PROOF_EXTRA_BYTES_MAX: usize = 32 << 10;

/// Bytes of a `.tlog-proof`: the note, 64 hash lines, the extra data in base64, the header lines.
pub const PROOF_BYTES_MAX: usize = NOTE_BYTES_MAX + (100 << 10);

/// Bytes of a policy file.
pub const POLICY_BYTES_MAX: usize = 256 << 10;

/// Logs in a policy. tlog-policy recommends support for at least 32.
pub const POLICY_LOGS_MAX: usize = 128;

/// Witnesses in a policy. tlog-policy recommends support for at least 32.
pub const POLICY_WITNESSES_MAX: usize = 128;

/// Groups in a policy. tlog-policy recommends support for at least 32.
pub const POLICY_GROUPS_MAX: usize = 128;
