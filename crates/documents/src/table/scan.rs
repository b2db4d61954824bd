//! Finds lines, without holding any of them: a few words of state, whatever the table's size.

use std::ops::Range;

use countersign_model::limits::CLAIM_BYTES_MAX;

use super::TableForm;
use crate::problem::{NOT_UTF8, QUOTE_OPEN, ROW_TOO_LONG};

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Names the columns.
    Header,
    /// One claim.
    Row,
    /// Nothing before its line end.
    Blank,
}

/// Where a line stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineSpan {
    /// What it is.
    pub kind: LineKind,
    /// Its bytes without the line end, as offsets from the start of the table.
    pub bytes: Range<u64>,
    /// Number of its first line, from 1, as editors count.
    pub line: u64,
    /// The line of the first stray quote in it.
    pub stray_quote: Option<u64>,
}

/// Why the bytes are no table. The rows before are good; what follows cannot be told apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// The table is written in UTF-16.
    #[error("the table is written in UTF-16: export it as UTF-8")]
    Utf16,
    /// A row has more than [`CLAIM_BYTES_MAX`] bytes.
    #[error("the row in line {line} has more than {CLAIM_BYTES_MAX} bytes{}", open_quote(*.quote_line))]
    RowTooLong {
        /// Where the row begins.
        line: u64,
        /// Where a quote was opened that was still open.
        quote_line: Option<u64>,
    },
    /// The table ends within quotes.
    #[error(
        "the quote that is opened in line {quote_line} is never closed (the row begins in line {line})"
    )]
    QuoteOpen {
        /// Where the row begins.
        line: u64,
        /// Where the quote stands.
        quote_line: u64,
    },
}

fn open_quote(line: Option<u64>) -> String {
    line.map_or_else(String::new, |line| {
        format!("; the quote that is opened in line {line} may not be closed")
    })
}

impl ScanError {
    /// One of [`crate::problem::ERROR_CODES`].
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Utf16 => NOT_UTF8,
            Self::RowTooLong { .. } => ROW_TOO_LONG,
            Self::QuoteOpen { .. } => QUOTE_OPEN,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the first byte of a cell.
    CellStart,
    /// In a cell without quotes.
    Plain,
    /// Within quotes.
    Quoted,
    /// After a quote within quotes: the end, or the first of two.
    AfterQuote,
    /// After the closing quote and a blank.
    Closed,
}

const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Takes the bytes of a table in any pieces and gives the spans of its lines.
#[derive(Clone, Debug)]
pub struct RowScanner {
    separator: u8,
    quotes: bool,
    header_awaited: bool,
    state: State,
    /// Offset of the next byte.
    at: u64,
    /// Line of the next byte.
    line: u64,
    row_start: u64,
    row_line: u64,
    quote_line: u64,
    stray_quote: Option<u64>,
    /// The last byte was a CR outside quotes.
    after_cr: bool,
    /// The first bytes of the table, to know a byte order mark by.
    first: [u8; 3],
}

impl RowScanner {
    /// At the start of a table.
    #[must_use]
    pub const fn new(form: &TableForm) -> Self {
        Self {
            separator: form.separator,
            quotes: form.quotes,
            header_awaited: form.header,
            state: State::CellStart,
            at: 0,
            line: 1,
            row_start: 0,
            row_line: 1,
            quote_line: 0,
            stray_quote: None,
            after_cr: false,
            first: [0; 3],
        }
    }

    /// Offset of the line that is not ended yet: whoever feeds this must keep the bytes from there.
    #[must_use]
    pub const fn keep_from(&self) -> u64 {
        self.row_start
    }

    /// Takes the next bytes and appends the lines that end in them.
    ///
    /// # Errors
    /// [`ScanError`]; the scanner is of no use then, the spans in `out` are good.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<LineSpan>) -> Result<(), ScanError> {
        for byte in bytes {
            self.step(*byte, out)?;
        }
        Ok(())
    }

    /// The table ends here: appends the last line if no line end closed it.
    ///
    /// # Errors
    /// [`ScanError`] when a quote is open or the last row is too long.
    pub fn finish(&mut self, out: &mut Vec<LineSpan>) -> Result<(), ScanError> {
        if self.state == State::Quoted {
            return Err(ScanError::QuoteOpen {
                line: self.row_line,
                quote_line: self.quote_line,
            });
        }
        if self.at > self.row_start {
            self.end_line(self.at - u64::from(self.after_cr), out)?;
        }
        Ok(())
    }

    fn step(&mut self, byte: u8, out: &mut Vec<LineSpan>) -> Result<(), ScanError> {
        let at = self.at;
        self.at += 1;
        let after_cr = std::mem::replace(&mut self.after_cr, false);
        if byte == b'\n' && self.state != State::Quoted {
            self.line += 1;
            self.end_line(at - u64::from(after_cr), out)?;
            self.row_start = self.at;
            self.row_line = self.line;
            return Ok(());
        }
        self.state = match (self.state, byte) {
            (State::Quoted, b'"') => State::AfterQuote,
            (State::Quoted, _) => {
                self.line += u64::from(byte == b'\n');
                State::Quoted
            }
            (_, _) if byte == self.separator => State::CellStart,
            (State::CellStart, b'"') if self.quotes => {
                self.quote_line = self.line;
                State::Quoted
            }
            (State::AfterQuote, b'"') => State::Quoted,
            (State::AfterQuote | State::Closed, b' ' | b'\t' | b'\r') => State::Closed,
            (State::AfterQuote | State::Closed, _) => self.stray(),
            (_, b'"') if self.quotes => self.stray(),
            _ => State::Plain,
        };
        self.after_cr = byte == b'\r' && self.state != State::Quoted;
        if at < 3 {
            self.begin(at, byte)?;
        }
        if self.at - self.row_start > CLAIM_BYTES_MAX as u64 + 2 {
            return Err(self.too_long());
        }
        Ok(())
    }

    fn stray(&mut self) -> State {
        self.stray_quote.get_or_insert(self.line);
        State::Plain
    }

    /// Knows a byte order mark, which belongs to no line.
    fn begin(&mut self, at: u64, byte: u8) -> Result<(), ScanError> {
        if let Some(slot) = usize::try_from(at)
            .ok()
            .and_then(|at| self.first.get_mut(at))
        {
            *slot = byte;
        }
        let [first, second, _] = self.first;
        if at == 1 && matches!((first, second), (0xff, 0xfe) | (0xfe, 0xff)) {
            return Err(ScanError::Utf16);
        }
        if at == 2 && self.first == BYTE_ORDER_MARK {
            self.row_start = 3;
            self.state = State::CellStart;
        }
        Ok(())
    }

    fn too_long(&self) -> ScanError {
        ScanError::RowTooLong {
            line: self.row_line,
            quote_line: (self.state == State::Quoted).then_some(self.quote_line),
        }
    }

    fn end_line(&mut self, end: u64, out: &mut Vec<LineSpan>) -> Result<(), ScanError> {
        if end - self.row_start > CLAIM_BYTES_MAX as u64 {
            return Err(self.too_long());
        }
        let kind = if end == self.row_start {
            LineKind::Blank
        } else if std::mem::replace(&mut self.header_awaited, false) {
            LineKind::Header
        } else {
            LineKind::Row
        };
        out.push(LineSpan {
            kind,
            bytes: self.row_start..end,
            line: self.row_line,
            stray_quote: self.stray_quote.take(),
        });
        self.state = State::CellStart;
        Ok(())
    }
}
