//! Tables by a mapping file.

use countersign_documents::table::{Row, ScanError, Section, Sections};
use countersign_documents::{Bound, Mapping, problem};
use countersign_model::body::{ClaimBody, Format};
use countersign_model::claim::Provenance;
use countersign_model::digest::Digest;
use countersign_model::ids::PrincipalId;

use crate::input::Input;
use crate::section::{ImportSection, Line, ReadError, Salts, Warnings};

/// Reads a table and hands its sections to `sink`.
///
/// # Errors
/// [`ReadError`].
pub fn read<E>(
    input: &Input,
    map: &[u8],
    salts: &mut Salts<'_>,
    sink: &mut dyn FnMut(ImportSection) -> Result<(), E>,
) -> Result<(), ReadError<E>> {
    let mapping = Mapping::parse(map).map_err(|error| ReadError::Document {
        code: "mapping_invalid",
        line: None,
        field: String::new(),
        reason: format!("the map: {error}"),
    })?;
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
        let checked: Vec<Result<Warnings, Line>> = section
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
            let warnings = match checked {
                Ok(warnings) => warnings,
                Err(line) => {
                    out.lines.push(line);
                    continue;
                }
            };
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
                warnings,
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

/// What is odd about a row that is a claim, decoded with an identity that does not matter here.
fn check(bound: &Bound, section: &Section, row: &Row) -> Result<Warnings, Line> {
    let issuer = PrincipalId::parse("import").expect("`import` is a name");
    let from = Provenance {
        issuer: &issuer,
        document: Digest::ZERO,
        nth: 0,
    };
    let decoded = bound.decode(section.row_bytes(row), from);
    let claim = decoded.map_err(|problem| Line::Refused {
        line: row.line,
        code: problem.code,
        field: problem.field,
        reason: problem.reason,
    })?;
    let odd = claim.warnings.into_iter();
    let mut warnings: Warnings = odd.map(|one| (one.code, one.field)).collect();
    let stray = row.stray_quote.map(|line| format!("line {line}"));
    warnings.extend(stray.map(|line| (problem::STRAY_QUOTE, line)));
    Ok(warnings)
}

fn broken<E>(error: &ScanError) -> ReadError<E> {
    ReadError::Document {
        code: error.code(),
        line: None,
        field: String::new(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = r#"
        format = "countersign-mapping/1"
        [columns]
        key = ["scan"]
        [sighting]
        unit = { column = "unit", scheme = "lpn" }
        time = { column = "at", zone = "Europe/Amsterdam" }
        step = { const = "storing" }
    "#;

    /// The warnings of each line of a table, in order.
    fn warnings(table: &str) -> Vec<Vec<(&'static str, String)>> {
        let mut random = |bytes: &mut [u8]| bytes.fill(7);
        let mut out = Vec::new();
        let done = read(
            &Input::Memory(table.into()),
            MAP.as_bytes(),
            &mut Salts::new(&mut random),
            &mut |section| {
                out.extend(section.lines);
                Ok::<(), ()>(())
            },
        );
        assert!(done.is_ok(), "the table is read: {done:?}");
        let warnings = out.into_iter().map(|line| match line {
            Line::Claim { warnings, .. } => warnings,
            Line::Refused { line, reason, .. } => panic!("line {line}: {reason}"),
        });
        warnings.collect()
    }

    #[test]
    fn what_is_odd_about_a_row_is_said() {
        let table = "scan,unit,at,remark\n\
                     1,A1,2026-10-24 08:00,fine\n\
                     2,A2,2026-10-25 02:30,clocks go back\n\
                     3,A3,2026-10-24 08:05,12\" pipe\n";
        let time = (problem::AMBIGUOUS_TIME, "at".to_owned());
        let quote = (problem::STRAY_QUOTE, "line 4".to_owned());
        assert_eq!(warnings(table), [vec![], vec![time], vec![quote]]);
    }
}
