//! Where files lie. Third-party test data is no part of the project (`COUNTERSIGN_DATA`, else
//! `../shared/data` beside the workspace); a test that does not find it says so and passes.

use std::path::{Path, PathBuf};

use countersign_documents::table::{Section, Sections, TableForm};
use countersign_documents::{Bound, Mapping, Problem};
use countersign_model::body::{ClaimBody, EnvelopeBody, Format};
use countersign_model::claim::{Claim, Provenance};
use countersign_model::digest::Digest;
use countersign_model::ids::PrincipalId;

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the project.
pub(crate) fn ours(path: &str) -> Vec<u8> {
    let path = workspace().join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file of the test data, if it is there.
pub(crate) fn theirs(what: &str) -> Option<Vec<u8>> {
    let root = std::env::var_os("COUNTERSIGN_DATA")
        .map_or_else(|| workspace().join("../shared/data"), PathBuf::from);
    let found = std::fs::read(root.join(what)).ok();
    if found.is_none() {
        println!("data absent: {what}");
    }
    found
}

/// The sections of a table that comes in pieces of `step` bytes.
pub(crate) fn sections(form: &TableForm, table: &[u8], step: usize) -> Vec<Section> {
    let mut scan = Sections::new(form);
    let mut out = Vec::new();
    for piece in table.chunks(step) {
        scan.push(piece, &mut out).expect("is a table");
    }
    scan.finish(&mut out).expect("is a table");
    out
}

pub(crate) fn header(sections: &[Section]) -> &[u8] {
    let head = &sections[0];
    head.header.clone().map_or(&[], |range| &head.bytes[range])
}

/// Every row of a table, decoded from its open view.
pub(crate) fn decode_all(mapping: &Mapping, table: &[u8]) -> Vec<Result<Claim, Problem>> {
    let sections = sections(mapping.form(), table, 4096);
    let bound = mapping.bind(header(&sections)).expect("the map fits");
    let rows = sections
        .iter()
        .flat_map(|section| section.rows.iter().map(|row| section.row_bytes(row)));
    rows.map(|row| decode(&bound, &bound.open_view(row)))
        .collect()
}

pub(crate) fn decode(bound: &Bound, row: &[u8]) -> Result<Claim, Problem> {
    let issuer = PrincipalId::parse("partner:example").expect("a name");
    let from = Provenance {
        issuer: &issuer,
        document: Digest::ZERO,
        nth: 0,
    };
    bound.decode(row, from)
}

/// What export gives back after the table went through bodies and their bytes.
pub(crate) fn stored(mapping: &Mapping, sections: &[Section]) -> Vec<u8> {
    let bound = mapping.bind(header(sections)).expect("the map fits");
    let mut head: Option<(EnvelopeBody, Vec<Vec<u8>>)> = None;
    let mut rest = Vec::new();
    for section in sections {
        let binding = (
            head.as_ref().map(|(head, _)| head.digest()),
            mapping.digest(),
        );
        let envelope = section.envelope(mapping.form(), [3; 16], binding, &|_| false, &mut || {
            [5; 32]
        });
        let envelope = EnvelopeBody::decode(&envelope.encode()).expect("is a body");
        let rows = section.rows.iter().zip(0..).map(|(row, hole)| {
            let row = section.row_bytes(row);
            let body = ClaimBody {
                format: Format::TableRow.id().into(),
                version: 1,
                media_type: mapping.form().media_type().into(),
                salt: [4; 16],
                envelope: envelope.digest(),
                hole,
                parts: bound.cut(row).apply(row, &mut || [6; 32]),
            };
            let body = ClaimBody::decode(&body.encode()).expect("is a body");
            assert_eq!(body.withheld().open_view(b""), bound.open_view(row));
            body.bytes().expect("nothing is withheld")
        });
        let rows: Vec<_> = rows.collect();
        match &head {
            Some(_) => rest.extend(envelope.fill(&rows, &[]).expect("fits")),
            None => {
                mapping
                    .bind_envelope(&envelope.withheld())
                    .expect("the head holds the header");
                head = Some((envelope, rows));
            }
        }
    }
    let (head, rows) = head.expect("every table has a head");
    head.fill(&rows, &rest).expect("fits")
}

/// Every Rust file of the project.
pub(crate) fn sources() -> Vec<PathBuf> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("is a folder") {
            let path = entry.expect("is there").path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(&workspace().join("crates"), &mut found);
    assert!(found.len() > 10);
    found
}
