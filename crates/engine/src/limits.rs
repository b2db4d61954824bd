//! Limits of the engine.

/// How far wall and monotonic clock may part within one run before ticks stand still, in
/// milliseconds (format law 9).
pub const CLOCK_JUMP_MS_MAX: i64 = 30_000;
/// How long a log may have stood still before a clock that nothing vouches for must be confirmed,
/// in milliseconds (format law 9): 7 days.
pub const RESTART_GAP_MS_MAX: i64 = 7 * 24 * 3_600_000;
/// How far the ticks of two commits lie apart where the node was not running in between, in
/// milliseconds: one that runs commits every 10 s.
pub const OUTAGE_MS_MIN: i64 = 60_000;
/// How far readings of one device's clock may differ and agree, in milliseconds: the offset of a clock
/// is said when it is off by more than that.
pub const CLOCK_AGREE_MS_MAX: u64 = 60_000;
/// Readings of a device's clock that must agree before its offset is said, recorded further apart
/// than [`CLOCK_AGREE_MS_MAX`].
pub const CLOCK_READINGS_MIN: usize = 3;
/// Readings of a device's clock that are compared: the newest.
pub const CLOCK_READINGS_KEPT_MAX: usize = 16;
/// Bytes of the JSON of one recorded finding: one with 16,384 units of 40 bytes fits.
pub const FINDING_BYTES_MAX: usize = 1024 * 1024;
/// Acts of one node statement: findings, clocks.
pub const ACTS_PER_STATEMENT_MAX: usize = 256;
/// Full tiles of the published tree that are kept in memory once they were read and checked, with the nodes over them:
/// 4 MiB.
pub const TILE_CACHE_TILES_MAX: usize = 256;
/// Entries behind the last full published tile that are kept in memory, with their leaf hashes: 16 MiB.
/// What is published later than that is read from the ground once more.
pub const UNPUBLISHED_ENTRIES_MAX: usize = 256 * 1024;
/// Keys that go into the index of a log before it is told how far it is complete: when a log is
/// opened; a running node tells it at each commit.
pub const UNSEALED_KEYS_MAX: usize = 4096;
/// Chains whose newest place is kept in memory: about 10 MB. Of more than these every statement is
/// looked up on the disk.
pub const CHAIN_HEADS_MAX: usize = 64 * 1024;
/// Envelopes, and mapping files, that are kept in memory once they were read: those of the documents
/// that are coming in.
pub const RECENT_ENVELOPES_MAX: usize = 1024;
/// Bytes of these, as they lie in the log; what is made of them is a few times as much.
pub const RECENT_ENVELOPE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Statements whose claims are kept in memory once they were read back to be compared: a file that is
/// sent again asks for the claims of one statement one after the other.
pub const READ_BACK_STATEMENTS_MAX: usize = 64;
/// Entries and claims that come before the next snapshot is taken: what a start folds behind it at
/// most, some five seconds, while a snapshot of ten million units takes as long to write.
pub const SNAPSHOT_GROWTH_MIN: u64 = 128 * 1024;
/// Entries and claims for which a snapshot is taken when a node stops: fewer are folded in a tenth of a
/// second, and every command that opens a folder stops.
pub const SNAPSHOT_AT_STOP_GROWTH_MIN: u64 = 2048;
