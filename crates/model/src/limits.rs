//! Every limit of the formats, with its unit and where the number comes from.

/// Bytes of one claim. A C2SP entry is at most 65,535 bytes; a claim is not an entry, so
/// the number is ours: the largest event in GS1's examples is 9 KiB, a pallet of 1,000
/// SGTINs is 70 KiB.
pub const CLAIM_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of one envelope section, holes left out.
pub const ENVELOPE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of one mapping file kept as a body.
pub const MAPPING_BYTES_MAX: usize = 1024 * 1024;
/// Parts of one body: a cut alternates, so half of them are sealed.
pub const PARTS_MAX: usize = 4096;
/// Claims of one statement, and holes of one envelope section.
pub const CLAIMS_PER_STATEMENT_MAX: usize = 1024;
/// Bytes of one statement: 1,024 digests of 34 bytes, and room for headers.
pub const STATEMENT_BYTES_MAX: usize = 60 * 1024;
/// Nesting of a JSON or CBOR value. GS1's deepest example has 9 levels.
pub const DEPTH_MAX: usize = 32;
/// Items of a CBOR list or map for which room is reserved before they are read; more room comes with them.
pub const CBOR_ITEMS_RESERVED_MAX: usize = 64;
/// Values in one JSON document given to the parser at once (one event, or one small document).
pub const JSON_NODES_MAX: usize = 1_000_000;
/// Bytes of one identifier (unit, place, party, document, eventID).
pub const ID_BYTES_MAX: usize = 512;
/// Units named in one claim.
pub const UNITS_PER_CLAIM_MAX: usize = 16_384;
/// Audiences of one statement: couriers cross sites (format law 3).
pub const AUDIENCES_MAX: usize = 8;
/// Digits of a decimal. 28 is what SQL and spreadsheets commonly keep.
pub const DECIMAL_DIGITS_MAX: usize = 28;
/// Earliest and latest event time taken as a time at all, in milliseconds since 1970 (UTC).
/// 1970-01-01 and 2200-01-01: anything outside is a unit mistake or a broken clock.
pub const EVENT_TIME_MS_MIN: i64 = 0;
/// See [`EVENT_TIME_MS_MIN`].
pub const EVENT_TIME_MS_MAX: i64 = 7_258_118_400_000;
/// Words of ours, such as names of arguments, that snapshots may hold: all of them are some hundred.
pub const CODED_WORDS_MAX: usize = 4096;
/// Metres around a site at most: beyond, two sites of one town would be one.
pub const FENCE_RADIUS_M_MAX: u32 = 5_000;
/// Metres around a site if nobody says how many: a large yard.
pub const FENCE_RADIUS_M_DEFAULT: u32 = 250;
