//! Every limit of this crate, with its unit and where the number comes from.

/// Bytes of a whole pack. A unit of 1,000 claims with bodies, receipts and envelopes is under
/// 20 MiB; the reader holds a pack in memory twice.
pub const PACK_BYTES_MAX: usize = 256 << 20;

/// Files of a pack. The format of the archive ends at 65,535.
pub const PACK_FILES_MAX: usize = 20_000;

/// Bytes of one file in a pack: an envelope has 4 MiB at most, its salts and lengths less than that
/// again.
pub const FILE_BYTES_MAX: usize = 16 << 20;

/// Bytes of a file name. The longest of the format has 83.
pub const NAME_BYTES_MAX: usize = 128;

/// Bytes of a claim receipt: a note of 1 MiB at most, two statements of 60 KiB, a verdict record of
/// 1,024 claims, three paths of 64 hashes.
pub const RECEIPT_BYTES_MAX: usize = (1 << 20) + (256 << 10);

/// Bytes of a verdict record: 1,024 claims of 40 bytes and their marks.
pub const RECORD_BYTES_MAX: usize = 64 << 10;

/// Bytes of the manifest: 400 for each file.
pub const MANIFEST_BYTES_MAX: usize = 16 << 20;

/// Bytes of the key of a unit that a pack is about (the limit of an id in the model).
pub const ABOUT_BYTES_MAX: usize = countersign_model::limits::ID_BYTES_MAX;

/// Receipts of one key in a pack: how often it was enrolled anew.
pub const ENROLMENTS_PER_KEY_MAX: u32 = 1_000;

/// Bytes of a COSE receipt: 16 proofs of 65 hashes take 36 KiB; the rest is for headers, in which
/// others put certificate chains.
pub const COSE_RECEIPT_BYTES_MAX: usize = 64 << 10;

/// Proofs of one kind in a COSE receipt. Each may cost a check of the signature (50 µs); a log gives
/// one for each entry of a small set.
pub const COSE_PROOFS_MAX: usize = 16;

/// Receipts that a statement may carry: of as many logs.
pub const COSE_RECEIPTS_MAX: usize = 16;

/// Bytes of a statement with its receipts and nothing else unprotected that is large.
pub const TRANSPARENT_STATEMENT_BYTES_MAX: usize =
    countersign_model::limits::STATEMENT_BYTES_MAX + COSE_RECEIPTS_MAX * COSE_RECEIPT_BYTES_MAX;
