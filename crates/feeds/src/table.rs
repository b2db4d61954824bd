//! Tables by a mapping file.

use countersign_documents::table::{ScanError, Section, Sections};
use countersign_documents::{Bound, Mapping};
use countersign_model::body::{ClaimBody, Format};
use countersign_model::claim::Provenance;
use countersign_model::digest::Digest;
use countersign_model::ids::PrincipalId;

use crate::input::Input;
use crate::section::{ImportSection, Line, ReadError, Salts};

/// Reads a table and hands its sections to `sink`.
///
/// # Errors
/// [`ReadError`].
pub fn read<E>(
    input: &Input,
    map: &[u8],
    atomic: bool,
    salts: &mut Salts<'_>,
    sink: &mut dyn FnMut(ImportSection) -> Result<(), E>,
) -> Result<(), ReadError<E>> {
    let mapping = Mapping::parse(map).map_err(|error| ReadError::Document {
        code: "mapping_invalid",
        line: None,
        field: String::new(),
        reason: format!("the map: {error}"),
    })?;
    if atomic {
        let mut refused = Vec::new();
        let mut reader = Reader {
            mapping: &mapping,
            map,
            bound: None,
            head: None,
            salts,
        };
        reader.all(input, &mut |section| {
            refused.extend(
                section
                    .lines
                    .into_iter()
                    .filter(|line| matches!(line, Line::Refused { .. })),
            );
            Ok::<(), E>(())
        })?;
        if !refused.is_empty() {
            return Err(ReadError::Atomic(refused));
        }
    }
    Reader {
        mapping: &mapping,
        map,
        bound: None,
        head: None,
        salts,
    }
    .all(input, sink)
}

struct Reader<'a, 's, 'r> {
    mapping: &'a Mapping,
    map: &'a [u8],
    bound: Option<Bound>,
    head: Option<Digest>,
    salts: &'s mut Salts<'r>,
}

impl Reader<'_, '_, '_> {
    fn all<E>(
        &mut self,
        input: &Input,
        sink: &mut dyn FnMut(ImportSection) -> Result<(), E>,
    ) -> Result<(), ReadError<E>> {
        let mut sections = Sections::new(self.mapping.form());
        let mut ready = Vec::new();
        input.each_chunk(|chunk| {
            sections
                .push(chunk, &mut ready)
                .map_err(|error| broken(&error))?;
            ready
                .drain(..)
                .try_for_each(|section| self.section(&section, sink))
        })?;
        sections
            .finish(&mut ready)
            .map_err(|error| broken(&error))?;
        ready
            .drain(..)
            .try_for_each(|section| self.section(&section, sink))
    }

    fn section<E>(
        &mut self,
        section: &Section,
        sink: &mut dyn FnMut(ImportSection) -> Result<(), E>,
    ) -> Result<(), ReadError<E>> {
        let bound = self.bind(section)?;
        let checked: Vec<Result<(), Line>> = section
            .rows
            .iter()
            .map(|row| check(&bound, section, row))
            .collect();
        let refused = |at: usize| checked.get(at).is_some_and(Result::is_err);
        let mapping = (self.head, self.mapping.digest());
        let salt = self.salts.body();
        let mut part = || self.salts.part();
        let envelope = section.envelope(self.mapping.form(), salt, mapping, &refused, &mut part);
        let digest = envelope.digest();
        let mut out = ImportSection {
            blobs: if self.head.is_none() {
                vec![self.map.to_vec()]
            } else {
                Vec::new()
            },
            envelopes: vec![envelope],
            done: section.start + section.bytes.len() as u64,
            ..ImportSection::default()
        };
        self.head.get_or_insert(digest);
        let mut hole = 0;
        for (row, checked) in section.rows.iter().zip(checked) {
            if let Err(line) = checked {
                out.lines.push(line);
                continue;
            }
            let bytes = section.row_bytes(row);
            let body = ClaimBody {
                format: Format::TableRow.id().to_owned(),
                version: 1,
                media_type: self.mapping.form().media_type().to_owned(),
                salt: self.salts.body(),
                envelope: digest,
                hole,
                parts: bound.cut(bytes).apply(bytes, &mut || self.salts.part()),
            };
            hole += 1;
            out.lines.push(Line::Claim {
                line: row.line,
                digest: body.digest(),
                warnings: Vec::new(),
            });
            out.bodies.push(body);
        }
        self.bound = Some(bound);
        sink(out).map_err(ReadError::Sink)
    }

    /// The map bound to the table's header, which stands in the head.
    fn bind<E>(&mut self, section: &Section) -> Result<Bound, ReadError<E>> {
        if let Some(bound) = self.bound.take() {
            return Ok(bound);
        }
        let header = section
            .header
            .clone()
            .and_then(|range| section.bytes.get(range))
            .unwrap_or_default();
        self.mapping
            .bind(header)
            .map_err(|error| ReadError::Document {
                code: error.code(),
                line: Some(1),
                field: String::new(),
                reason: error.to_string(),
            })
    }
}

/// Whether a row is a claim: decoded with an identity that does not matter here.
fn check(
    bound: &Bound,
    section: &Section,
    row: &countersign_documents::table::Row,
) -> Result<(), Line> {
    let issuer = PrincipalId::parse("import").expect("`import` is a name");
    let from = Provenance {
        issuer: &issuer,
        document: Digest::ZERO,
        nth: 0,
    };
    let decoded = bound.decode(section.row_bytes(row), from);
    decoded.map(drop).map_err(|problem| Line::Refused {
        line: row.line,
        code: problem.code,
        field: problem.field,
        reason: problem.reason,
    })
}

fn broken<E>(error: &ScanError) -> ReadError<E> {
    ReadError::Document {
        code: error.code(),
        line: None,
        field: String::new(),
        reason: error.to_string(),
    }
}
