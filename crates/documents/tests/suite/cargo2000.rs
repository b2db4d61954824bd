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
