//! EPCIS documents, query documents, bare events and JSON lines.

use std::io;
use std::ops::Range;

use countersign_epcis::context::Context;
use countersign_epcis::cut;
use countersign_epcis::document::check_head;
use countersign_epcis::event;
use countersign_epcis::limits::CLAIM_BYTES_MAX;
use countersign_epcis::problem::Problem;
use countersign_epcis::scan::{Scanner, Section, Survey};
use countersign_model::body::{ClaimBody, Cut, Format};
use countersign_model::digest::Digest;
use countersign_model::json::Doc;

use crate::input::{Input, LineCounter};
use crate::limits::SECTION_BODY_BYTES_MAX;
use crate::section::{ImportSection, Line, ReadError, Salts};

const MEDIA_TYPE: &str = "application/ld+json";
/// Events of a section: what `Scanner::default` has.
const SECTION_EVENTS: usize = countersign_epcis::limits::EVENTS_PER_SECTION_MAX;

/// Reads a document and hands its sections to `sink`. The first pass finds what stands around the
/// events (the context may stand behind them), the second one takes the events.
///
/// # Errors
/// [`ReadError`].
pub fn read<E>(
    input: &Input,
    salts: &mut Salts<'_>,
    sink: &mut dyn FnMut(ImportSection) -> Result<(), E>,
) -> Result<(), ReadError<E>> {
    let survey = survey(input)?;
    let head = check_head(&survey).map_err(whole)?;
    Reader {
        input,
        context: &head.context,
        salts,
        lines: LineCounter::new(input),
        head: None,
    }
    .sections(&survey, sink)
}

fn survey<E>(input: &Input) -> Result<Survey, ReadError<E>> {
    let mut scanner = Scanner::line_by_line(SECTION_EVENTS);
    input.each_chunk(|chunk| scanner.push(chunk, &mut |_| {}).map_err(one))?;
    scanner.finish(&mut |_| {}).map_err(one)
}

fn one<E>(problem: Problem) -> ReadError<E> {
    ReadError::Document {
        code: problem.code,
        line: None,
        field: problem.field,
        reason: problem.reason,
    }
}

fn whole<E>(problems: Vec<Problem>) -> ReadError<E> {
    let first = problems.into_iter().next();
    one(first.unwrap_or_else(|| Problem::new("bad_envelope", "", "the document is not in order")))
}

/// What was odd: code and field.
type Warnings = Vec<(&'static str, String)>;

struct Reader<'a, 's, 'r> {
    input: &'a Input,
    context: &'a Context,
    salts: &'s mut Salts<'r>,
    lines: LineCounter<'a>,
    head: Option<Digest>,
}

impl Reader<'_, '_, '_> {
    fn sections<E>(
        &mut self,
        survey: &Survey,
        sink: &mut dyn FnMut(ImportSection) -> Result<(), E>,
    ) -> Result<(), ReadError<E>> {
        self.section(&survey.head, sink)?;
        if survey.head.continues_at.is_none() {
            return Ok(());
        }
        let mut scanner = Scanner::line_by_line(SECTION_EVENTS);
        let input = self.input;
        input.each_chunk(|chunk| {
            let mut ready = Vec::new();
            scanner
                .push(chunk, &mut |section| ready.push(section))
                .map_err(one)?;
            ready
                .iter()
                .try_for_each(|section| self.section(section, sink))
        })?;
        let mut last = Vec::new();
        scanner
            .finish(&mut |section| last.push(section))
            .map_err(one)?;
        last.iter()
            .try_for_each(|section| self.section(section, sink))
    }

    fn section<E>(
        &mut self,
        section: &Section,
        sink: &mut dyn FnMut(ImportSection) -> Result<(), E>,
    ) -> Result<(), ReadError<E>> {
        let cut = cut::envelope(
            section.index,
            &section.bytes,
            &section.holes,
            section.continues_at,
        )
        .map_err(one)?;
        let salt = self.salts.body();
        let envelope = section.body(&cut, MEDIA_TYPE, self.head, salt, &mut || self.salts.part());
        let digest = envelope.digest();
        self.head.get_or_insert(digest);
        let mut out = ImportSection {
            envelopes: vec![envelope],
            ..ImportSection::default()
        };
        let mut bytes_in_bodies = 0;
        for (hole, span) in (0..).zip(&section.spans) {
            let line = self.lines.line_of(span.start)?;
            out.done = span.end;
            match self.claim(span, digest, hole)? {
                Ok((body, warnings)) => {
                    bytes_in_bodies += usize::try_from(span.end - span.start).unwrap_or(usize::MAX);
                    out.lines.push(Line::Claim {
                        line,
                        digest: body.digest(),
                        warnings,
                    });
                    out.bodies.push(body);
                }
                Err(problem) => out.lines.push(refused(line, problem)),
            }
            if bytes_in_bodies > SECTION_BODY_BYTES_MAX {
                bytes_in_bodies = 0;
                sink(std::mem::take(&mut out)).map_err(ReadError::Sink)?;
            }
        }
        sink(out).map_err(ReadError::Sink)
    }

    /// Reads an event and judges it; the outer error is that of the file.
    fn claim(
        &mut self,
        span: &Range<u64>,
        envelope: Digest,
        hole: u64,
    ) -> io::Result<Result<(ClaimBody, Warnings), Problem>> {
        if span.end - span.start > CLAIM_BYTES_MAX as u64 {
            let reason = format!("the event has more than {CLAIM_BYTES_MAX} bytes");
            return Ok(Err(Problem::new("claim_too_large", "", reason)));
        }
        let bytes = self.input.range(span.start, span.end)?;
        Ok(self.judge(&bytes, envelope, hole))
    }

    fn judge(
        &mut self,
        bytes: &[u8],
        envelope: Digest,
        hole: u64,
    ) -> Result<(ClaimBody, Warnings), Problem> {
        let doc = match Doc::parse(bytes) {
            Ok(doc) => doc,
            Err(error) if error.code == "duplicate_key" => {
                // Two readers could read it in two ways: kept whole and sealed, without effect.
                let warning = (error.code, String::new());
                return Ok((
                    self.body(
                        bytes,
                        &Cut::new(std::iter::once(0..bytes.len()).collect()),
                        envelope,
                        hole,
                    ),
                    vec![warning],
                ));
            }
            Err(error) => return Err(error.into()),
        };
        let checked = event::check(bytes, self.context).map_err(|problems| {
            let first = problems.into_iter().next();
            first.unwrap_or_else(|| Problem::new("invalid_json", "", "the event is not in order"))
        })?;
        let cut = cut::required(&doc, self.context);
        let warnings = checked
            .warnings
            .into_iter()
            .map(|w| (w.code, w.field))
            .collect();
        Ok((self.body(bytes, &cut, envelope, hole), warnings))
    }

    fn body(&mut self, bytes: &[u8], cut: &Cut, envelope: Digest, hole: u64) -> ClaimBody {
        ClaimBody {
            format: Format::EpcisJson.id().to_owned(),
            version: 1,
            media_type: MEDIA_TYPE.to_owned(),
            salt: self.salts.body(),
            envelope,
            hole,
            parts: cut.apply(bytes, &mut || self.salts.part()),
        }
    }
}

fn refused(line: u64, problem: Problem) -> Line {
    Line::Refused {
        line,
        code: problem.code,
        field: problem.field,
        reason: problem.reason,
    }
}
