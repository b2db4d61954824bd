//! Tables: lines of cells, as RFC 4180 has them.
//!
//! [`RowScanner`] finds the rows in a stream of bytes, [`Sections`] puts them into sections
//! that become envelopes, and a row's own cells are found again whenever it is decoded. All
//! three follow the same few rules:
//!
//! - A line ends with LF; a CR before it belongs to the line end. Line ends, empty lines and a
//!   byte order mark are bytes of the envelope, never of a row.
//! - A cell that begins with a quote ends with the next single one; two quotes in it stand for
//!   one; separators and line ends in it are text. Blanks after the closing quote are passed over.
//! - Any other quote is a *stray* one. It is text, so that the cells around it are found all the
//!   same; a row is refused for it only if the map reads that cell.
//! - Each cell is found without looking at the one before it, so that a row whose sealed cells
//!   are blanked has the same cells in the same places (LOG-1).

mod cells;
mod scan;
mod section;

use std::borrow::Cow;

pub(crate) use cells::{Cells, Fault, text_of};
pub use scan::{LineKind, LineSpan, RowScanner, ScanError};
pub use section::{Row, Section, Sections};

/// How a table is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableForm {
    /// Between two cells: `,`, `;` or a tab.
    pub separator: u8,
    /// Whether a cell may stand in quotes; without, a quote is a character like any other.
    pub quotes: bool,
    /// Whether the first line names the columns.
    pub header: bool,
}

impl TableForm {
    /// Comma-separated, quoted, with a header line.
    pub const CSV: Self = Self {
        separator: b',',
        quotes: true,
        header: true,
    };

    /// IANA media type of such a table.
    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        if self.separator == b'\t' {
            "text/tab-separated-values"
        } else {
            "text/csv"
        }
    }
}

#[cfg(test)]
mod tests;

/// A cell in one spelling, so that a second export with other quotes or blanks is the same: quotes
/// undone, white space around it left out. What is not in order stays as it is.
#[must_use]
pub fn cell_spelling(cell: &[u8]) -> Cow<'_, [u8]> {
    match text_of(cell, true) {
        Ok(Cow::Borrowed(text)) => Cow::Borrowed(text.as_bytes()),
        Ok(Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
        Err(_) => Cow::Borrowed(cell),
    }
}
