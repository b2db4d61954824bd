//! Scanning of a document of any size, with flat memory.
//!
//! Push the bytes in chunks of any length, then [`Scanner::finish`]. The head section comes
//! back at the end, since members may follow the event list; the other sections are given to
//! the caller as they complete. A document of up to [`EVENTS_PER_SECTION_MAX`] events needs one
//! pass. For a longer one, whoever builds bodies makes two: the first for the head, whose
//! digest the other sections name, the second for them.
//!
//! What is found: an EPCISDocument, an EPCISQueryDocument, one bare event, or JSON lines of
//! bare events. An array at the top is refused: EPCIS knows no such document.
//!
//! Whoever takes events one by one scans with [`Scanner::line_by_line`]: there a line that is no
//! event (cut off, nested too deeply, too long) is a hole like any other, and only that line is lost.

mod lexer;
mod section;
#[cfg(test)]
mod tests;

use std::ops::Range;

use countersign_model::json::Doc;

use crate::limits::{CLAIM_BYTES_MAX, ENVELOPE_BYTES_MAX, EVENTS_PER_SECTION_MAX};
use crate::problem::Problem;
pub(crate) use section::without_list;
pub use section::{Emptied, Layout, Section};

use lexer::{Lexer, Place, Signal};

/// What kind of document it is, by where its events stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// Events in `epcisBody.eventList`.
    Document,
    /// Events in `epcisBody.queryResults.resultsBody.eventList`.
    QueryDocument,
    /// One event and nothing else.
    Event,
    /// Several events, each on a line of its own.
    Lines,
}

/// What a scan found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// What kind of document it is.
    pub kind: DocumentKind,
    /// The head section: everything outside the list, the first events as holes.
    pub head: Section,
    /// Events in the document.
    pub events: u64,
    /// Bytes of the document.
    pub bytes: u64,
}

/// The scan of one document.
#[derive(Debug)]
pub struct Scanner {
    lexer: Lexer,
    events_per_section: usize,
    /// Bytes outside events since the last event: of the next section, or of the document's end.
    gap: Vec<u8>,
    /// The section that takes the next event.
    open: Section,
    /// The head, once a section follows it.
    head: Option<Section>,
    events: u64,
    stage: Stage,
    by_line: ByLine,
}

/// Whether lines are told apart by their line feeds, whatever they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ByLine {
    Never,
    /// As soon as the first value was an event on a line of its own.
    Later,
    Now,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Before or inside the first value: a document or an event. Where in `gap`, and in the document, the value begins.
    First(Option<(usize, u64)>),
    /// Outside an event of the list, or of the lines.
    Outside,
    /// Inside an event that began there.
    Inside(u64),
    /// Inside a line whose first byte and, so far, end behind the last byte that is not white are these.
    Line(u64, u64),
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new(EVENTS_PER_SECTION_MAX)
    }
}

impl Scanner {
    /// Begins a scan that puts up to `events_per_section` events into a section (at least one).
    #[must_use]
    pub fn new(events_per_section: usize) -> Self {
        Self {
            lexer: Lexer::new(false),
            events_per_section: events_per_section.max(1),
            gap: Vec::new(),
            open: Section::default(),
            head: None,
            events: 0,
            stage: Stage::First(None),
            by_line: ByLine::Never,
        }
    }

    /// A scan that gives out JSON lines as they are: once the first line is a whole event, each
    /// line is an event from its first byte that is not white to its last, of any length, JSON or
    /// not. Whoever takes the events judges them, and asks for [`CLAIM_BYTES_MAX`]. What is no
    /// file of lines is scanned as by [`Scanner::new`], and lines that are JSON give the same
    /// holes and spans.
    #[must_use]
    pub fn line_by_line(events_per_section: usize) -> Self {
        Self {
            by_line: ByLine::Later,
            ..Self::new(events_per_section)
        }
    }

    /// Takes the next bytes. Sections behind the head go to `sections` as they complete.
    ///
    /// # Errors
    /// A [`Problem`] of the whole document: `invalid_json`, `too_deep`, `array_document`,
    /// `second_event_list`, `not_json_lines`, `claim_too_large`, `envelope_too_large`.
    pub fn push(&mut self, chunk: &[u8], sections: &mut dyn FnMut(Section)) -> Result<(), Problem> {
        // First byte of the chunk that is outside an event and not in `gap` yet.
        let mut from = 0;
        let mut at = 0;
        while let Some(byte) = chunk.get(at) {
            if self.turns_to_lines(*byte) {
                self.keep(chunk.get(from..at).unwrap_or_default())?;
                return self.push_lines(chunk.get(at..).unwrap_or_default(), sections);
            }
            let signal = self.lexer.step(*byte)?;
            let (begins, ends) = match signal {
                Signal::Begin(_) => (Some(at), None),
                Signal::End(_) => (None, Some(at + 1)),
                Signal::EndBefore(_) => (None, Some(at)),
                Signal::None | Signal::ListOpen | Signal::ListClose => (None, None),
            };
            if let Some(begins) = begins {
                let outside = chunk.get(from..begins).unwrap_or_default();
                let start = self.lexer.at() - 1;
                self.begin(signal, outside, start, *byte, sections)?;
            }
            if let Some(ends) = ends {
                let offset = self.lexer.at() - (at + 1 - ends) as u64;
                let outside = chunk.get(from..ends).unwrap_or_default();
                if self.end(signal, outside, offset)? {
                    from = ends;
                }
            }
            at += 1;
            at += self.lexer.skip(chunk.get(at..).unwrap_or_default());
        }
        match self.stage {
            Stage::Inside(start) => check_size(start, self.lexer.at()),
            _ => self.keep(chunk.get(from..).unwrap_or_default()),
        }
    }

    /// Whether from this byte on lines are told apart by their line feeds alone.
    fn turns_to_lines(&mut self, byte: u8) -> bool {
        let after_a_line = byte == b'\n'
            && self.stage == Stage::Outside
            && !self.lexer.has_list()
            && !self.lexer.newline_inside();
        if self.by_line == ByLine::Later && after_a_line {
            self.by_line = ByLine::Now;
        }
        self.by_line == ByLine::Now
    }

    fn push_lines(
        &mut self,
        mut rest: &[u8],
        sections: &mut dyn FnMut(Section),
    ) -> Result<(), Problem> {
        while !rest.is_empty() {
            let feed = rest.iter().position(|byte| *byte == b'\n');
            let (piece, behind) = rest.split_at(feed.unwrap_or(rest.len()));
            self.piece_of_line(piece, sections)?;
            self.lexer.pass_over(piece.len());
            rest = behind;
            if let Some((feed, behind)) = behind.split_first() {
                self.end_line();
                self.keep(&[*feed])?;
                self.lexer.pass_over(1);
                rest = behind;
            }
        }
        Ok(())
    }

    fn piece_of_line(
        &mut self,
        piece: &[u8],
        sections: &mut dyn FnMut(Section),
    ) -> Result<(), Problem> {
        let solid = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\r');
        let (Some(first), Some(last)) =
            (piece.iter().position(solid), piece.iter().rposition(solid))
        else {
            return self.keep(piece);
        };
        let start = if let Stage::Line(start, _) = self.stage {
            // What looked like the white space behind the line stands inside it.
            self.gap.clear();
            start
        } else {
            let start = self.lexer.at() + first as u64;
            let outside = piece.get(..first).unwrap_or_default();
            self.hole(outside, start, sections)?;
            start
        };
        self.stage = Stage::Line(start, self.lexer.at() + last as u64 + 1);
        self.keep(piece.get(last + 1..).unwrap_or_default())
    }

    fn end_line(&mut self) {
        if let Stage::Line(start, end) = self.stage {
            self.open.spans.push(start..end);
            self.events += 1;
            self.stage = Stage::Outside;
        }
    }

    /// Ends the scan. The last section goes to `sections`, unless it is the head.
    ///
    /// # Errors
    /// As [`Scanner::push`], and `empty_document`, `missing_event_list`.
    pub fn finish(mut self, sections: &mut dyn FnMut(Section)) -> Result<Survey, Problem> {
        self.end_line();
        let signal = self.lexer.finish()?;
        if let Signal::EndBefore(_) = signal {
            self.end(signal, &[], self.lexer.at())?;
        }
        let kind = if self.lexer.has_list() {
            if self.lexer.is_query() {
                DocumentKind::QueryDocument
            } else {
                DocumentKind::Document
            }
        } else if self.events == 1 {
            DocumentKind::Event
        } else {
            DocumentKind::Lines
        };
        if self.events == 0 && !self.lexer.has_list() {
            let reason = "there is no document and no event";
            return Err(Problem::new("empty_document", "", reason));
        }
        if kind == DocumentKind::Lines && self.lexer.newline_inside() {
            return Err(broken_line());
        }
        let bytes = self.lexer.at();
        let mut head = match self.head.take() {
            Some(head) => {
                sections(self.open);
                head
            }
            None => self.open,
        };
        head.bytes.append(&mut self.gap);
        check_envelope(head.bytes.len())?;
        Ok(Survey {
            kind,
            head,
            events: self.events,
            bytes,
        })
    }

    fn begin(
        &mut self,
        signal: Signal,
        outside: &[u8],
        start: u64,
        byte: u8,
        sections: &mut dyn FnMut(Section),
    ) -> Result<(), Problem> {
        match (self.stage, signal) {
            (Stage::First(None), _) => {
                if byte == b'[' {
                    let reason =
                        "an array is no EPCIS document; send JSON lines or an EPCISDocument";
                    return Err(Problem::new("array_document", "", reason));
                }
                self.stage = Stage::First(Some((self.gap.len() + outside.len(), start)));
                Ok(())
            }
            (_, Signal::Begin(Place::Element)) => self.hole(outside, start, sections),
            _ if self.lexer.has_list() => {
                let reason = "something follows the document";
                Err(Problem::new("not_json_lines", "", reason))
            }
            _ => {
                let apart = self.gap.contains(&b'\n') || outside.contains(&b'\n');
                if !apart || self.lexer.newline_inside() {
                    return Err(broken_line());
                }
                self.hole(outside, start, sections)
            }
        }
    }

    /// Opens a hole for the event that begins at `start`.
    fn hole(
        &mut self,
        outside: &[u8],
        start: u64,
        sections: &mut dyn FnMut(Section),
    ) -> Result<(), Problem> {
        self.keep(outside)?;
        if self.open.holes.len() == self.events_per_section {
            let next = Section {
                index: self.open.index + 1,
                ..Section::default()
            };
            let mut full = std::mem::replace(&mut self.open, next);
            if full.index == 0 {
                full.continues_at = Some(full.bytes.len() as u64);
                self.head = Some(full);
            } else {
                sections(full);
            }
        }
        self.open.bytes.append(&mut self.gap);
        self.open.holes.push(self.open.bytes.len() as u64);
        self.stage = Stage::Inside(start);
        Ok(())
    }

    /// Ends a value; `outside` are the bytes up to its end that are not in `gap` yet. Tells
    /// whether an event has ended, so that the bytes behind it are outside.
    fn end(&mut self, signal: Signal, outside: &[u8], offset: u64) -> Result<bool, Problem> {
        match self.stage {
            Stage::Inside(start) => {
                check_size(start, offset)?;
                self.open.spans.push(start..offset);
                self.events += 1;
                self.stage = Stage::Outside;
                Ok(true)
            }
            Stage::First(Some((kept, start))) if !self.lexer.has_list() => {
                self.keep(outside)?;
                self.first_event(kept, start..offset)?;
                self.stage = Stage::Outside;
                Ok(true)
            }
            _ => {
                debug_assert!(
                    signal == Signal::End(Place::Top),
                    "only the document itself is left"
                );
                self.stage = Stage::Outside;
                Ok(false)
            }
        }
    }

    /// The first value was no document: it is an event, and its bytes leave `gap`.
    fn first_event(&mut self, kept: usize, span: Range<u64>) -> Result<(), Problem> {
        check_size(span.start, span.end)?;
        let value = self.gap.split_off(kept);
        let doc = Doc::parse(&value).ok();
        let kind = doc.as_ref().and_then(|doc| doc.root().str_at("type"));
        if matches!(
            kind.as_deref(),
            Some("EPCISDocument" | "EPCISQueryDocument")
        ) {
            let reason = "the document has no list of events where its type says";
            return Err(Problem::new("missing_event_list", "epcisBody", reason));
        }
        self.open.bytes.append(&mut self.gap);
        self.open.holes.push(self.open.bytes.len() as u64);
        self.open.spans.push(span);
        self.events += 1;
        Ok(())
    }

    fn keep(&mut self, outside: &[u8]) -> Result<(), Problem> {
        self.gap.extend_from_slice(outside);
        check_envelope(self.gap.len() + self.open.bytes.len())
    }
}

fn check_envelope(len: usize) -> Result<(), Problem> {
    if len > ENVELOPE_BYTES_MAX {
        let reason = format!("more than {ENVELOPE_BYTES_MAX} bytes stand around the events");
        return Err(Problem::new("envelope_too_large", "", reason));
    }
    Ok(())
}

fn check_size(start: u64, end: u64) -> Result<(), Problem> {
    if end - start > CLAIM_BYTES_MAX as u64 {
        let reason = format!("the event at byte {start} has more than {CLAIM_BYTES_MAX} bytes");
        return Err(Problem::new("claim_too_large", "", reason));
    }
    Ok(())
}

fn broken_line() -> Problem {
    let reason = "of several events, each must stand on a line of its own";
    Problem::new("not_json_lines", "", reason)
}
