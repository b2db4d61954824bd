//! Sections: a table in pieces that each become one envelope (format law 2).
//!
//! A section has at most [`SECTION_ROWS_MAX`] rows, and no line begins in it once it has
//! [`SECTION_BYTES_MAX`] bytes. Where sections begin depends on the table's bytes alone, not on
//! the pieces in which they came, so that the same table gives the same sections again. The
//! first section, the head, holds the byte order mark and the header; the following ones stand
//! at its end.

use std::ops::Range;

use countersign_model::body::{BODY_SALT_LEN, Cut, EnvelopeBody, Format, PART_SALT_LEN};
use countersign_model::digest::Digest;

use super::{LineKind, LineSpan, RowScanner, ScanError, TableForm};
use crate::limits::{SCAN_STEP_BYTES, SECTION_BYTES_MAX, SECTION_ROWS_MAX};

/// One row of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where its bytes stand in [`Section::bytes`].
    pub range: Range<usize>,
    /// Number of its first line in the table, from 1.
    pub line: u64,
    /// The line of the first stray quote in it.
    pub stray_quote: Option<u64>,
}

/// Consecutive bytes of a table with the rows in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// From 0; the head is section 0.
    pub number: u64,
    /// Offset of its first byte in the table.
    pub start: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where the header line stands in `bytes`, line end left out; in the head only.
    pub header: Option<Range<usize>>,
    /// Its rows, in order.
    pub rows: Vec<Row>,
    /// Whether another section follows.
    pub continues: bool,
}

impl Section {
    /// The bytes of a row.
    #[must_use]
    pub fn row_bytes(&self, row: &Row) -> &[u8] {
        self.bytes.get(row.range.clone()).unwrap_or_default()
    }

    /// The envelope of the section: its bytes with a hole in place of each row.
    ///
    /// `head` is the digest of the head's envelope, for the sections behind it; `mapping` that of
    /// the mapping file. A row for which `refused` is true gets no hole: it is no claim, and
    /// stays in the envelope as a sealed part of its own, salted by `salts`.
    #[must_use]
    pub fn envelope(
        &self,
        form: &TableForm,
        salt: [u8; BODY_SALT_LEN],
        (head, mapping): (Option<Digest>, Digest),
        refused: &dyn Fn(usize) -> bool,
        salts: &mut dyn FnMut() -> [u8; PART_SALT_LEN],
    ) -> EnvelopeBody {
        let mut around = Vec::new();
        let (mut holes, mut sealed) = (Vec::new(), Vec::new());
        let mut at = 0;
        for (number, row) in self.rows.iter().enumerate() {
            around.extend(self.bytes.get(at..row.range.start).unwrap_or_default());
            if refused(number) {
                let start = around.len();
                around.extend(self.row_bytes(row));
                sealed.push(start..around.len());
            } else {
                holes.push(around.len() as u64);
            }
            at = row.range.end;
        }
        around.extend(self.bytes.get(at..).unwrap_or_default());
        let continues = self.continues && self.number == 0;
        EnvelopeBody {
            format: Format::TableRow.id().to_owned(),
            version: 1,
            media_type: form.media_type().to_owned(),
            salt,
            head,
            section: self.number,
            mapping: Some(mapping),
            continues_at: continues.then_some(around.len() as u64),
            parts: Cut::new(sealed).apply(&around, salts),
            holes,
        }
    }
}

/// Takes the bytes of a table in any pieces and gives its sections.
///
/// It holds the section that is not ended yet: [`SECTION_BYTES_MAX`], one row and
/// [`SCAN_STEP_BYTES`] at most.
#[derive(Clone, Debug)]
pub struct Sections {
    scanner: RowScanner,
    spans: Vec<LineSpan>,
    current: Section,
}

impl Sections {
    /// At the start of a table.
    #[must_use]
    pub fn new(form: &TableForm) -> Self {
        Self {
            scanner: RowScanner::new(form),
            spans: Vec::new(),
            current: Section {
                number: 0,
                start: 0,
                bytes: Vec::new(),
                header: None,
                rows: Vec::new(),
                continues: false,
            },
        }
    }

    /// Takes the next bytes and appends the sections that end in them.
    ///
    /// # Errors
    /// [`ScanError`]: the table must be refused, for nobody can say where its rows are.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<Section>) -> Result<(), ScanError> {
        for step in bytes.chunks(SCAN_STEP_BYTES) {
            self.current.bytes.extend(step);
            self.scanner.push(step, &mut self.spans)?;
            self.take_lines(out);
        }
        Ok(())
    }

    /// The table ends here: appends the last section; a table without bytes has one, empty.
    ///
    /// # Errors
    /// [`ScanError`], as for [`Sections::push`].
    pub fn finish(mut self, out: &mut Vec<Section>) -> Result<(), ScanError> {
        self.scanner.finish(&mut self.spans)?;
        self.take_lines(out);
        out.push(self.current);
        Ok(())
    }

    fn take_lines(&mut self, out: &mut Vec<Section>) {
        for span in std::mem::take(&mut self.spans) {
            let start = self.offset(span.bytes.start);
            let full = start >= SECTION_BYTES_MAX
                || (span.kind == LineKind::Row && self.current.rows.len() >= SECTION_ROWS_MAX);
            if full {
                out.push(self.close(start));
            }
            let range = self.offset(span.bytes.start)..self.offset(span.bytes.end);
            match span.kind {
                LineKind::Blank => {}
                LineKind::Header => self.current.header = Some(range),
                LineKind::Row => self.current.rows.push(Row {
                    range,
                    line: span.line,
                    stray_quote: span.stray_quote,
                }),
            }
        }
    }

    fn offset(&self, absolute: u64) -> usize {
        usize::try_from(absolute - self.current.start)
            .expect("a line lies within the bytes that are held")
    }

    /// Ends the section before its byte `end`, and begins the next there.
    fn close(&mut self, end: usize) -> Section {
        let next = Section {
            number: self.current.number + 1,
            start: self.current.start + end as u64,
            bytes: self.current.bytes.split_off(end),
            header: None,
            rows: Vec::new(),
            continues: false,
        };
        let mut closed = std::mem::replace(&mut self.current, next);
        closed.continues = true;
        closed
    }
}
