//! A real table of 3,942 air-freight shipments, by its map alone.
//!
//! No name of the table's columns is in any Rust source: what the columns mean stands in
//! `examples/mappings/cargo2000.toml`, and a table with other names needs another map only.

use std::collections::{BTreeMap, BTreeSet};

use countersign_documents::Mapping;
use countersign_model::claim::{Claim, Fact};
use countersign_model::plan::{Expectation, StageKey};
use countersign_model::time::EventTime;

use crate::files;

const TABLE: &str = "real/cargo2000/c2k_data_comma.csv";
const MAP: &str = "examples/mappings/cargo2000.toml";

#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    rows: usize,
    expectations: usize,
    late: usize,
    late_inbound: usize,
    late_outbound: usize,
    late_any: usize,
    late_at_the_end: usize,
}

/// Counted on the data by an independent program.
const EXPECTED: Found = Found {
    rows: 3942,
    expectations: 56_082,
    late: 8389,
    late_inbound: 2177,
    late_outbound: 1303,
    late_any: 2401,
    late_at_the_end: 1048,
};

fn late(claim: &Claim) -> (Vec<&Expectation>, BTreeMap<&StageKey, EventTime>) {
    let expected = claim.facts.iter().filter_map(|fact| match fact {
        Fact::Expected(expectation) => Some(expectation),
        _ => None,
    });
    let reached = claim.facts.iter().filter_map(|fact| match fact {
        Fact::Reached(reached) => Some((&reached.stage, reached.time)),
        _ => None,
    });
    (expected.collect(), reached.collect())
}

fn count(claims: &[Claim]) -> Found {
    let mut found = Found::default();
    for claim in claims {
        let (expected, reached) = late(claim);
        assert_eq!(expected.len(), reached.len(), "every milestone was reached");
        let is_late = |expectation: &&&Expectation| {
            let deadline = expectation.due.until.plus(expectation.grace);
            reached[&expectation.key].at > deadline
        };
        let late: Vec<_> = expected.iter().filter(is_late).collect();
        let groups: BTreeSet<&str> = late.iter().map(|found| &*found.group).collect();
        let last = expected.last().expect("a row has milestones");
        assert_eq!(&*last.group, "outbound");
        found.rows += 1;
        found.expectations += expected.len();
        found.late += late.len();
        found.late_inbound += usize::from(groups.contains("inbound"));
        found.late_outbound += usize::from(groups.contains("outbound"));
        found.late_any += usize::from(!late.is_empty());
        found.late_at_the_end += usize::from(is_late(&last));
    }
    found
}

fn claims(map: &[u8], table: &[u8]) -> Vec<Claim> {
    let mapping = Mapping::parse(map).unwrap_or_else(|error| panic!("{error}"));
    let claims = files::decode_all(&mapping, table).into_iter();
    claims
        .map(|claim| claim.unwrap_or_else(|problem| panic!("{problem}")))
        .collect()
}

#[test]
fn the_real_table_is_read_by_its_map_alone() {
    let Some(table) = files::theirs(TABLE) else {
        return;
    };
    let claims = claims(&files::ours(MAP), &table);
    assert_eq!(count(&claims), EXPECTED);
    let mut units = BTreeSet::new();
    for claim in &claims {
        let (expected, _) = late(claim);
        let unit = &expected[0].unit;
        assert!(expected.iter().all(|other| other.unit == *unit));
        assert!(units.insert(unit.clone()), "{unit} is the unit of two rows");
    }
    let ids: BTreeSet<_> = claims.iter().map(|claim| claim.id).collect();
    assert_eq!(ids.len(), claims.len(), "identities differ");
    let places = claims.iter().flat_map(|claim| late(claim).0);
    let places: BTreeSet<_> = places.filter_map(|e| e.place.as_ref()).collect();
    assert_eq!(places.len(), 237, "the airports of the table");
}

/// Another table with the same content: every column has another name and another place, the
/// cells are quoted, the lines end otherwise.
fn renamed(table: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(table).expect("is ASCII");
    let mut out = String::new();
    for (number, line) in text.lines().enumerate() {
        let cells = line.split(',').rev();
        let cells = cells.map(|cell| match number {
            0 => format!("\"{}\"", rename(cell)),
            _ => format!(" \"{cell}\"").trim_start().to_owned(),
        });
        out += &cells.collect::<Vec<_>>().join(";");
        out += "\r\n";
    }
    out.into_bytes()
}

fn rename(column: &str) -> String {
    format!("Spalte {}", column.to_uppercase().replace('_', " / "))
}

/// The map for it, made from ours by renaming what names columns.
fn renamed_map() -> String {
    let text = String::from_utf8(files::ours(MAP)).expect("is UTF-8");
    let mut map: toml::Table = text.parse().expect("is TOML");
    let edit = |value: &mut toml::Value, change: &dyn Fn(&str) -> String| {
        let texts = match value {
            toml::Value::Array(list) => list.iter_mut().collect(),
            one => vec![one],
        };
        for text in texts {
            *text = change(text.as_str().expect("is a text")).into();
        }
    };
    // The names of chains and milestones become parts of column names, in capitals now.
    let upper = |text: &str| text.to_uppercase().replace('_', " / ");
    let pattern = |text: &str| {
        let mut out = rename(text);
        for (from, to) in [("{CHAIN}", "{chain}"), ("{MILESTONE}", "{milestone}")] {
            out = out.replace(from, to);
        }
        out
    };
    map["table"]["separator"] = "semicolon".into();
    edit(&mut map["columns"]["key"], &rename);
    edit(&mut map["chain"]["id"]["column"], &rename);
    edit(&mut map["chain"]["unit"]["column"], &rename);
    for group in map["chain"]["group"].as_array_mut().expect("is a list") {
        edit(&mut group["chains"], &upper);
        edit(&mut group["milestones"], &upper);
        edit(&mut group["planned"], &pattern);
        edit(&mut group["effective"], &pattern);
        edit(&mut group["place"]["column"], &pattern);
        edit(&mut group["place"]["only"], &upper);
    }
    map.to_string()
}

#[test]
fn a_table_with_other_names_needs_another_map_only() {
    let Some(table) = files::theirs(TABLE) else {
        return;
    };
    let ours = Mapping::parse(&files::ours(MAP)).expect("is a map");
    let other = renamed(&table);
    let form = countersign_documents::table::TableForm {
        separator: b';',
        ..ours.form().clone()
    };
    let header = files::sections(&form, &other, 4096);
    assert!(
        ours.bind(files::header(&header)).is_err(),
        "our map does not fit"
    );
    assert_eq!(count(&claims(renamed_map().as_bytes(), &other)), EXPECTED);
}

#[test]
fn the_real_table_comes_back_and_hides_what_is_not_read() {
    let Some(table) = files::theirs(TABLE) else {
        return;
    };
    let mapping = Mapping::parse(&files::ours(MAP)).expect("is a map");
    let sections = files::sections(mapping.form(), &table, 1000);
    assert_eq!(sections.len(), 4);
    assert_eq!(files::stored(&mapping, &sections), table);
    let bound = mapping.bind(files::header(&sections)).expect("fits");
    let row = sections[0].row_bytes(&sections[0].rows[0]);
    // Three inbound numbers, four numbers of hops and the number of journeys are not read.
    assert_eq!(bound.cut(row).sealed().len(), 8);
    assert_eq!(bound.columns(), 97);
}

#[test]
fn no_source_knows_the_columns() {
    let Some(table) = files::theirs(TABLE) else {
        return;
    };
    let header = table.split(|byte| *byte == b'\n').next().expect("has one");
    let header = std::str::from_utf8(header).expect("is ASCII");
    // Tests are not in the binary.
    let in_binary =
        |path: &std::path::PathBuf| !path.components().any(|part| part.as_os_str() == "tests");
    for path in files::sources().into_iter().filter(in_binary) {
        let source = std::fs::read_to_string(&path).expect("is a text");
        for name in header.split(',') {
            let quoted = format!("\"{name}\"");
            let found = source.contains(&quoted) || (name.contains('_') && source.contains(name));
            assert!(!found, "{} names the column {name}", path.display());
        }
    }
}
