//! Every limit of texts, with its unit and where the number comes from.

/// Columns of a line. Two panes of it fit a common screen; a longer word is not broken.
pub const WIDTH: usize = 100;
/// Units named in the text of a finding; the JSON has more.
pub const UNITS_SHOWN_MAX: usize = 8;
/// Log entries named in the text of a finding.
pub const ENTRIES_SHOWN_MAX: usize = 16;
/// Sources named on each side in the text of a finding.
pub const SOURCES_SHOWN_MAX: usize = 6;
/// Characters of one word from outside as far as a text repeats it; identifiers have at most
/// 512 bytes.
pub const WORD_CHARS_MAX: usize = 512;
/// Counted classes named in the text of the ledger's sums; the JSON has all.
pub const CLASSES_SHOWN_MAX: usize = 20;
