//! Limits of the files.

/// Keys of the digest index that are kept in memory before they are written as a run: 64 Ki, about
/// 3 MB, and 2 MB in a run.
pub const YOUNG_KEYS_MAX: usize = 64 * 1024;
/// Keys that may be inserted into the digest index without a call of `seal_to`; about 50 MB. One
/// commit inserts a few thousand.
pub const UNSEALED_KEYS_MAX: usize = 1024 * 1024;
/// Sets of keys that wait to be written; `seal_to` waits when there are as many.
pub const FROZEN_SETS_MAX: usize = 2;
/// Entries of the log without a key after which the manifest is written although there is nothing
/// to put into a run, so that a start never reads far: 64 Ki.
pub const QUIET_ENTRIES_MAX: u64 = 64 * 1024;
/// Runs of about one size that are merged into one, and the factor between such sizes.
pub const MERGE_FACTOR: usize = 8;
/// Runs of the digest index; `seal_to` waits for merges beyond. Sizes from 64 Ki to 2^33 keys make
/// at most 42.
pub const RUNS_MAX: usize = 64;
/// Bits of the filter for each key: one absent key in about 200 costs a read.
pub const FILTER_BITS_PER_KEY: u64 = 12;
/// Bytes of the manifest of the digest index: [`RUNS_MAX`] lines and a few more, of at most 128 bytes.
pub const MANIFEST_BYTES_MAX: u64 = 16 * 1024;
/// Bytes of a run that are written before they are synced: keeps one large merge from holding up
/// the syncs of commits.
pub const SYNC_BYTES: usize = 8 * 1024 * 1024;
/// Records that a merge moves before it looks whether something more urgent waits: about 2 ms.
pub const MERGE_STEP_RECORDS: usize = 32 * 1024;
/// Bytes of the history that wait in memory to be written, beside one record: 256 KiB.
pub const HISTORY_TAIL_BYTES: usize = 256 * 1024;
/// Pages of the history that are kept in memory once they were read: 16 MiB. What is judged from its
/// history is mostly what moved lately, and a chain of places leads through few pages.
pub const HISTORY_CACHE_PAGES_MAX: usize = 4096;
/// Places in a page of the places file: what fits 4,096 bytes beside a count and a check.
pub const PLACES_PER_PAGE: usize = 511;
/// Bytes of a place in the file of a snapshot: a page of a table has 16 KiB in memory and about as much
/// written, so that nearly every one lies in one place.
pub const SNAPSHOT_PLACE_BYTES: usize = 20 * 1024;
/// Bytes of the manifest of a snapshot: about 90 a page, so that this is forty gigabytes of state.
pub const SNAPSHOT_MANIFEST_BYTES_MAX: u64 = 256 * 1024 * 1024;
