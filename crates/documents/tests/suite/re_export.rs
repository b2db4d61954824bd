//! Tables exported twice: `testdata/vectors/table-row/v1/re-export.json`, which was made from the
//! pages alone. What a log makes of the rows is tested where logs are (`crates/engine/tests`).

use std::collections::BTreeMap;

use countersign_documents::Mapping;
use countersign_model::claim::Provenance;
use countersign_model::ids::PrincipalId;
use serde_json::{Value, json};

use crate::files;

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().expect("a text")
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().expect("a list")
}

fn check(mapping: &Mapping, issuer: &PrincipalId, export: &Value, name: &str) {
    let document = text(export, "document").as_bytes();
    let sections = files::sections(mapping.form(), document, 7);
    assert_eq!(files::stored(mapping, &sections), document, "{name}");
    let [section] = &sections[..] else {
        panic!("{name}: one section");
    };
    let bound = mapping
        .bind(files::header(&sections))
        .expect("the map fits");
    let binding = (None, mapping.digest());
    let envelope = section.envelope(mapping.form(), [1; 16], binding, &|_| false, &mut || {
        [2; 32]
    });
    let content = envelope.content_digest(None);
    assert_eq!(
        content.to_string(),
        text(export, "content_digest"),
        "{name}"
    );
    let rows = list(export, "rows");
    assert_eq!(section.rows.len(), rows.len(), "{name}");
    let mut seen: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    for (row, expect) in section.rows.iter().zip(rows) {
        let row = section.row_bytes(row);
        assert_eq!(row, text(expect, "row").as_bytes(), "{name}");
        let view = bound.open_view(row);
        assert_eq!(view, text(expect, "view").as_bytes(), "{name}");
        let count = seen.entry(view.clone()).or_default();
        let from = Provenance {
            issuer,
            document: content,
            nth: *count,
        };
        assert_eq!(json!(*count), expect["nth"], "{name}");
        *count += 1;
        let claim = bound.decode(&view, from).expect("in order");
        assert_eq!(claim.id.0.to_string(), text(expect, "identity"), "{name}");
        let fingerprint = claim.fingerprint.to_string();
        assert_eq!(fingerprint, text(expect, "fingerprint"), "{name}: {expect}");
    }
}

#[test]
fn the_same_rows_are_the_same_claims() {
    let vectors = files::ours("testdata/vectors/table-row/v1/re-export.json");
    let vectors: Value = serde_json::from_slice(&vectors).expect("JSON");
    let issuer = PrincipalId::parse(text(&vectors, "issuer")).expect("a name");
    let cases = list(&vectors, "cases");
    assert!(cases.len() > 10);
    for case in cases {
        let name = text(case, "name");
        let mapping = Mapping::parse(text(case, "map").as_bytes()).expect("a map");
        assert_eq!(
            mapping.digest().to_string(),
            text(case, "map_digest"),
            "{name}"
        );
        for export in list(case, "exports") {
            check(&mapping, &issuer, export, name);
        }
    }
}
