//! Every limit of this crate, with its unit and where the number comes from. Those of a backup
//! stand with it: of its summary in `backup/summary.rs`, of how often a place is read again where it is.

/// Bytes left on a disk below which the status warns: 1 GiB, sixteen segments.
pub const DISK_LEFT_BYTES_MIN: u64 = 1 << 30;

/// Requests that wait for the engine; a client beyond them waits at its socket (LIM-1).
pub const QUEUE_MAX: usize = 64;

/// Bytes of the head of a frame: as many as of a blob.
pub const HEAD_BYTES_MAX: u32 = 64 * 1024 * 1024;

/// Bytes of the blob of a frame: a commit's worth of submissions.
pub const BLOB_BYTES_MAX: u32 = 64 * 1024 * 1024;

/// Claims of one pack: a person reads them.
pub const CLAIMS_PER_PACK_MAX: usize = 500;

/// Claims of one entry that are taken when none of them names a unit of the finding.
pub const CLAIMS_OF_ENTRY_MAX: usize = 16;
