//! The examples that a newcomer copies: each map fits its table, and says what its page says.

use std::collections::BTreeSet;

use countersign_documents::Mapping;
use countersign_model::claim::{Claim, Fact, StepRole};
use countersign_model::plan::Goods;

use crate::files;

fn load(name: &str) -> (Mapping, Vec<u8>) {
    let map = files::ours(&format!("examples/mappings/{name}.toml"));
    let mapping = Mapping::parse(&map).unwrap_or_else(|error| panic!("{name}: {error}"));
    (mapping, files::ours(&format!("examples/data/{name}.csv")))
}

fn claims(name: &str) -> Vec<Claim> {
    let (mapping, table) = load(name);
    let claims = files::decode_all(&mapping, &table).into_iter();
    let claims = claims.map(|claim| claim.unwrap_or_else(|problem| panic!("{name}: {problem}")));
    let claims: Vec<Claim> = claims.collect();
    assert!(
        claims.iter().all(|claim| claim.warnings.is_empty()),
        "{name}"
    );
    claims
}

#[test]
fn tables_come_back() {
    for name in ["wms-scans", "manifest"] {
        let (mapping, table) = load(name);
        let sections = files::sections(mapping.form(), &table, 100);
        assert_eq!(files::stored(&mapping, &sections), table, "{name}");
    }
}

/// Blocks of a page that are marked as being of some language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let begin = format!("```{language}\n");
    let starts = page.match_indices(&begin).map(|(at, _)| at + begin.len());
    starts
        .map(|at| page[at..].split("```").next().unwrap())
        .collect()
}

#[test]
fn the_page_says_what_is() {
    let page = String::from_utf8(files::ours("docs/formats/mapping.md")).unwrap();
    let maps = blocks(&page, "toml");
    assert_eq!(maps.len(), 5);
    let maps = maps.iter().map(|map| {
        let head = "format = \"countersign-mapping/1\"\n";
        let map = format!("{head}{}", map.trim_start_matches(head));
        Mapping::parse(map.as_bytes()).unwrap_or_else(|error| panic!("{map}: {error}"))
    });
    let maps: Vec<_> = maps.collect();
    let tables = blocks(&page, "csv");
    assert_eq!(tables.len(), 3);
    for (mapping, table) in maps.iter().zip(tables) {
        for claim in files::decode_all(mapping, table.as_bytes()) {
            claim.unwrap_or_else(|problem| panic!("{table}: {problem}"));
        }
    }
}

#[test]
fn scans_of_a_warehouse() {
    let claims = claims("wms-scans");
    assert_eq!(claims.len(), 30);
    let sightings = claims.iter().map(|claim| match claim.facts.as_slice() {
        [Fact::Sighting(sighting)] => sighting,
        other => panic!("{other:?}"),
    });
    let sightings: Vec<_> = sightings.collect();
    let first = sightings[0];
    assert_eq!(
        first.units[0].as_str(),
        "https://id.gs1.org/00/395212340000001011"
    );
    assert_eq!(first.time.at.to_string(), "2026-03-02T06:58:11Z");
    assert_eq!(
        first.place.as_ref().unwrap().as_str(),
        "urn:countersign:key:1:zone:A-01"
    );
    assert_eq!(first.weights[0].kilograms.to_string(), "12");
    let counted = sightings.iter().filter(|sighting| {
        sighting
            .step
            .as_ref()
            .is_some_and(|step| step.role() == StepRole::Counts)
    });
    assert_eq!(counted.count(), 2);
    assert_eq!(
        sightings.iter().filter(|s| !s.weights.is_empty()).count(),
        20
    );
}

#[test]
fn customers_and_badges_are_sealed() {
    let (mapping, table) = load("wms-scans");
    let sections = files::sections(mapping.form(), &table, 4096);
    let bound = mapping.bind(files::header(&sections)).unwrap();
    let views = sections[0].rows.iter().map(|row| {
        let view = bound.open_view(sections[0].row_bytes(row));
        String::from_utf8(view).unwrap()
    });
    for view in views {
        assert!(view.ends_with(";;"), "{view}");
        for word in ["Jansen", "Visser", "Express", "B04", "B22"] {
            assert!(!view.contains(word), "{view}");
        }
    }
}

#[test]
fn planned_loads() {
    let claims = claims("manifest");
    let manifests = claims.iter().map(|claim| match claim.facts.as_slice() {
        [Fact::Manifest(manifest)] => manifest,
        other => panic!("{other:?}"),
    });
    let manifests: Vec<_> = manifests.collect();
    assert_eq!(manifests.len(), 9);
    let plans: BTreeSet<_> = manifests.iter().map(|m| m.id.clone()).collect();
    assert_eq!(plans.len(), 9, "under one key stands one plan");
    let units = manifests
        .iter()
        .filter(|m| matches!(m.lines[0].what, Goods::Unit(_)));
    assert_eq!(units.count(), 8);
    assert_eq!(
        manifests[0].id.as_str(),
        "urn:countersign:key:1:load:L-2026-0302-1%2F1"
    );
    assert_eq!(manifests[0].depart_by.to_string(), "2026-03-02T13:30:00Z");
    assert_eq!(
        manifests[0].to.as_str(),
        "https://id.gs1.org/414/9521234000204"
    );
    let last = &manifests[8].lines[0];
    assert!(
        matches!(&last.what, Goods::Amount { quantity, .. } if quantity.to_string() == "240 C62")
    );
    assert_eq!(last.value.unwrap().to_string(), "768 EUR");
}
