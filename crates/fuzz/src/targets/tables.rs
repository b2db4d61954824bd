//! Mapping files and the tables that they read.

use countersign_documents::table::{Section, Sections, TableForm};
use countersign_documents::{Bound, Mapping};
use countersign_feeds::{ImportSection, Input, Salts, table};
use countersign_model::body::{ClaimBody, EnvelopeBody};
use countersign_model::claim::Provenance;
use countersign_model::digest::Digest;
use countersign_model::ids::PrincipalId;
use countersign_node::wire::split;

use crate::{Seeds, Target};

pub(super) const MAPPING: Target = Target {
    name: "mapping",
    what: "mapping files: named by the digest of their bytes; a header that fits is bound",
    seeds: &[
        Seeds::File("examples/mappings/manifest.toml"),
        Seeds::File("examples/mappings/wms-scans.toml"),
        Seeds::File("examples/mappings/cargo2000.toml"),
        Seeds::Text("testdata/vectors/table-row/v1/vectors.json", &["map"]),
        Seeds::Text("testdata/vectors/table-row/v1/re-export.json", &["map"]),
    ],
    words: &[
        b"format = \"countersign-mapping/1\"\n",
        b"[columns]\n",
        b"[[",
        b"]]\n",
        b"key = [",
        b"\"\"\"",
        b"'''",
        b"\\u0000",
        b"inf",
        b"nan",
        b"0x",
        b"1979-05-27T07:32:00Z",
        b"{ a = {",
        b".a.a.a.a",
        b"header = false\n",
        b"separator = \";\"\n",
        b"quotes = false\n",
    ],
    short_run: 3_000,
    run: mapping,
};

pub(super) const TABLE: Target = Target {
    name: "table",
    what: "a map and a table by it, in any pieces: the same sections, the table again, open rows say the same",
    seeds: &[
        Seeds::Joined(&[
            "examples/mappings/manifest.toml",
            "examples/data/manifest.csv",
        ]),
        Seeds::Joined(&[
            "examples/mappings/wms-scans.toml",
            "examples/data/wms-scans.csv",
        ]),
        Seeds::Pairs(
            "testdata/vectors/table-row/v1/re-export.json",
            "map",
            "document",
        ),
    ],
    words: &[
        b"\"",
        b"\"\"",
        b",",
        b";",
        b"\t",
        b"\r\n",
        b"\n",
        b"\r",
        b"\xef\xbb\xbf",
        b"\x00",
        b"2026-03-02T08:00:00Z",
        b"\"\n\"",
        b",,,,,,,,",
    ],
    short_run: 3_000,
    run: table,
};

fn mapping(bytes: &[u8]) {
    let Ok(read) = Mapping::parse(bytes) else {
        return;
    };
    assert_eq!(read.digest(), Digest::of(bytes));
    for header in [
        &b""[..],
        b"unit,at,name,note",
        b"no,unit,at,kg,driver",
        b"\"unit\";at;\"name",
        b"a,a",
    ] {
        if let Ok(bound) = read.bind(header) {
            assert_eq!(bound.mapping(), read.digest());
            assert!(bound.columns() > 0);
            open_rows(&bound, header);
        }
    }
}

/// A [`countersign_node::wire::join`]ed list of a map and tables.
fn table(bytes: &[u8]) {
    let Some(items) = split(bytes) else { return };
    let Some((map, tables)) = items.split_first() else {
        return;
    };
    let Ok(mapping) = Mapping::parse(map) else {
        return;
    };
    for bytes in tables {
        let whole = sections(bytes, mapping.form(), bytes.len().max(1));
        for piece in [1, 5] {
            assert_eq!(sections(bytes, mapping.form(), piece), whole);
        }
        let imported = import(bytes, map);
        let Some(whole) = whole else {
            assert!(imported.is_none(), "read, and refused");
            continue;
        };
        let again: Vec<u8> = whole
            .iter()
            .flat_map(|section| section.bytes.clone())
            .collect();
        assert!(again == *bytes, "the table again");
        let head = whole.first().expect("a table has a head");
        let header = head.header.clone().and_then(|range| head.bytes.get(range));
        if let Ok(bound) = mapping.bind(header.unwrap_or_default()) {
            for section in &whole {
                for row in &section.rows {
                    open_rows(&bound, section.row_bytes(row));
                }
            }
        }
        if let Some(imported) = imported {
            assert!(
                given_back(&imported) == *bytes,
                "the table again from its envelopes"
            );
        }
    }
}

fn sections(bytes: &[u8], form: &TableForm, piece: usize) -> Option<Vec<Section>> {
    let mut sections = Sections::new(form);
    let mut out = Vec::new();
    for chunk in bytes.chunks(piece) {
        sections.push(chunk, &mut out).ok()?;
    }
    sections.finish(&mut out).ok()?;
    Some(out)
}

fn open_rows(bound: &Bound, row: &[u8]) {
    let issuer = PrincipalId::parse("urn:x:issuer").expect("a name");
    let from = Provenance {
        issuer: &issuer,
        document: Digest::ZERO,
        nth: 0,
    };
    let view = bound.open_view(row);
    assert_eq!(
        bound.open_view(&view),
        view,
        "the open view of an open view"
    );
    assert_eq!(bound.decode(&view, from), bound.decode(row, from));
    let mut end = 0;
    for range in bound.cut(row).sealed() {
        assert!(end <= range.start && range.start <= range.end && range.end <= row.len());
        end = range.end;
    }
}

fn import(bytes: &[u8], map: &[u8]) -> Option<Vec<ImportSection>> {
    let mut drawn = 0_u8;
    let mut random = |place: &mut [u8]| {
        drawn = drawn.wrapping_add(1);
        place.fill(drawn);
    };
    let mut imported = Vec::new();
    let mut sink = |section| {
        imported.push(section);
        Ok::<(), std::convert::Infallible>(())
    };
    let input = Input::Memory(bytes.to_vec());
    table::read(&input, map, &mut Salts::new(&mut random), &mut sink).ok()?;
    Some(imported)
}

/// Rows that were refused stand in the envelope.
fn given_back(imported: &[ImportSection]) -> Vec<u8> {
    let bodies: Vec<&ClaimBody> = imported
        .iter()
        .flat_map(|section| &section.bodies)
        .collect();
    let envelopes = imported.iter().flat_map(|section| &section.envelopes);
    let fill = |envelope: &EnvelopeBody| {
        let digest = envelope.digest();
        let own = bodies.iter().filter(|body| body.envelope == digest);
        let claims: Vec<Vec<u8>> = own.map(|body| body.bytes().expect("whole")).collect();
        envelope.fill(&claims, b"").expect("a claim for each hole")
    };
    // The head of a table ends where the other sections begin.
    envelopes.flat_map(fill).collect()
}
