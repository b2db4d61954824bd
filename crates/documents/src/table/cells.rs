//! The cells of one row.

use std::borrow::Cow;
use std::ops::Range;

/// Ranges of the cells of a row, quotes included, separators not. A row has at least one cell.
#[derive(Clone, Debug)]
pub(crate) struct Cells<'a> {
    row: &'a [u8],
    separator: u8,
    quotes: bool,
    /// Start of the next cell; `None` after the last.
    next: Option<usize>,
}

impl<'a> Cells<'a> {
    pub(crate) const fn new(row: &'a [u8], form: &super::TableForm) -> Self {
        Self {
            row,
            separator: form.separator,
            quotes: form.quotes,
            next: Some(0),
        }
    }

    /// Where the quotes that open at `start` end: behind the closing quote, or at the end of the row.
    fn quotes_end(&self, start: usize) -> usize {
        let mut at = start + 1;
        while let Some(byte) = self.row.get(at) {
            at += 1;
            if *byte == b'"' {
                if self.row.get(at) != Some(&b'"') {
                    return at;
                }
                at += 1;
            }
        }
        self.row.len()
    }
}

impl Iterator for Cells<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.next?;
        let from = if self.quotes && self.row.get(start) == Some(&b'"') {
            self.quotes_end(start)
        } else {
            start
        };
        let rest = self.row.get(from..).unwrap_or_default();
        let len = rest.iter().position(|byte| *byte == self.separator);
        self.next = len.map(|len| from + len + 1);
        Some(start..len.map_or(self.row.len(), |len| from + len))
    }
}

/// What is wrong with the bytes of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A stray quote, an open one, or a line break outside quotes.
    Quote,
    /// Not UTF-8.
    Utf8,
}

/// The text of a cell: quotes undone, white space around it left out.
pub(crate) fn text_of(cell: &[u8], quotes: bool) -> Result<Cow<'_, str>, Fault> {
    let Some(inner) = cell.strip_prefix(b"\"").filter(|_| quotes) else {
        let text = std::str::from_utf8(cell).map_err(|_| Fault::Utf8)?.trim();
        let bad = |byte: u8| (quotes && byte == b'"') || byte == b'\n' || byte == b'\r';
        return if text.bytes().any(bad) {
            Err(Fault::Quote)
        } else {
            Ok(Cow::Borrowed(text))
        };
    };
    // Behind the closing quote, blanks are passed over.
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    let blanks = inner.iter().rev().take_while(|byte| blank(byte)).count();
    let inner = inner.get(..inner.len() - blanks).unwrap_or_default();
    let inner = inner.strip_suffix(b"\"").ok_or(Fault::Quote)?;
    let text = std::str::from_utf8(inner).map_err(|_| Fault::Utf8)?;
    if !text.contains('"') {
        return Ok(Cow::Borrowed(text.trim()));
    }
    let pieces: Vec<&str> = text.split("\"\"").collect();
    if pieces.iter().any(|piece| piece.contains('"')) {
        return Err(Fault::Quote);
    }
    Ok(Cow::Owned(pieces.join("\"").trim().to_owned()))
}
