use super::*;
use crate::json::Doc;

fn read(text: &str) -> Result<OwnObject, String> {
    let doc = Doc::parse(text.as_bytes()).expect("JSON");
    OwnObject::from_json(doc.root()).map_err(|e| e.field)
}

fn check(text: &str, expect: Result<(), &str>) {
    assert_eq!(
        read(text).map(|_| ()),
        expect.map_err(str::to_owned),
        "{text}"
    );
}

#[test]
fn acts() {
    check(r#"{"type":"Withdraw","object":"lane","id":"a-b"}"#, Ok(()));
    check(
        r#"{"type":"Withdraw","object":"ship","id":"a-b"}"#,
        Err("object"),
    );
    check(
        r#"{"type":"Define","object":"tolerance","value":{"id":"default"}}"#,
        Err("value.weight_kg"),
    );
    check(
        r#"{"type":"Approval","proposal":"p","decision":"maybe"}"#,
        Err("decision"),
    );
    check(
        r#"{"type":"Proposal","id":"p","action":"write_off","units":["urn:x:1"],"expires":"2026-01-01T00:00:00Z","reason":null}"#,
        Ok(()),
    );
    check(
        r#"{"type":"Proposal","id":"p","action":"write_off","units":[],"expires":"2026-01-01T00:00:00Z"}"#,
        Err("units"),
    );
    let renewal = |continues: &str| {
        format!(
            r#"{{"type":"Renewal","origin":"b.example","checkpointKeys":["k"],"nodeKey":"n","receiptKey":"r"{continues}}}"#
        )
    };
    check(&renewal(""), Ok(()));
    let root = "0".repeat(64);
    let continues = |more: &str| {
        renewal(&format!(
            r#","continues":{{"origin":"a.example","size":4,"root":"{root}"{more}}}"#
        ))
    };
    check(&continues(""), Ok(()));
    check(&continues(r#","lost":{"from":4}"#), Ok(()));
    check(&continues(r#","lost":{"from":4,"to":9}"#), Ok(()));
    check(
        &continues(r#","lost":{"from":4,"to":4}"#),
        Err("continues.lost.to"),
    );
    check(
        &continues(r#","lost":{"from":3}"#),
        Err("continues.lost.from"),
    );
    for size in ["-1", "70.0", "7e1", "\"62\"", "18446744073709551616"] {
        check(
            &renewal(&format!(
                r#","continues":{{"origin":"a.example","size":{size}}}"#
            )),
            Err("continues.size"),
        );
    }
    assert_eq!(
        read(r#"{"type":"Later"}"#),
        Ok(OwnObject::Act(Act::Unknown("Later".into())))
    );
}

#[test]
fn free_text_is_sealed_at_any_depth() {
    let text = r#"{"type":"Proposal","reason":"R","lines":[{"note":{"a":"N"},"line":"1"}]}"#;
    let doc = Doc::parse(text.as_bytes()).expect("JSON");
    let sealed: Vec<&str> = sealed_values(doc.root())
        .into_iter()
        .map(|range| &text[range])
        .collect();
    assert_eq!(sealed, [r#""R""#, r#"{"a":"N"}"#]);
}
