use super::*;

const GS1: &str = r#""https://ref.gs1.org/standards/epcis/epcis-context.jsonld""#;

fn parse(text: &str) -> Result<Context, Vec<Problem>> {
    let doc = Doc::parse(text.as_bytes()).expect("JSON");
    Context::parse(doc.root())
}

fn check(text: &str, expect: Result<&[&str], &str>) {
    let got = parse(text);
    let codes = got
        .as_ref()
        .map(|c| c.warnings().iter().map(|w| w.code).collect::<Vec<_>>())
        .map_err(|problems| problems[0].code);
    assert_eq!(codes, expect.map(<[&str]>::to_vec), "{text}");
}

#[test]
fn what_a_context_may_say() {
    check(GS1, Ok(&[]));
    check(&format!("[{GS1}, {{\"ex\":\"https://ex.org/\"}}]"), Ok(&[]));
    check(
        &format!("[{GS1}, {{\"gs1\":\"https://gs1.org/voc/\"}}]"),
        Ok(&[]),
    );
    check(
        &format!("[{GS1}, {{\"gs1\":\"https://ex.org/\"}}]"),
        Err("protected_term"),
    );
    check(
        &format!("[{GS1}, {{\"epcList\":\"https://ex.org/x\"}}]"),
        Err("protected_term"),
    );
    check(
        &format!("[{GS1}, {{\"urn\":\"https://ex.org/\"}}]"),
        Err("protected_term"),
    );
    check(
        &format!("[{GS1}, {{\"@vocab\":\"https://ex.org/\"}}]"),
        Err("bad_context"),
    );
    check(&format!("[{GS1}, {GS1}]"), Err("duplicate_item"));
    check(&format!("[{GS1}, null]"), Err("bad_context"));
    check(
        &format!("[{GS1}, \"https://ex.org/c\"]"),
        Ok(&["unknown_context"]),
    );
    check(r#"{"ex":"https://ex.org/"}"#, Ok(&["no_standard_context"]));
    check(
        &format!("[{GS1}, {{\"a:b\":{{\"@type\":\"@id\"}}}}]"),
        Ok(&[]),
    );
    check(
        &format!("[{GS1}, {{\"gs1\":{{\"@type\":\"@id\"}}}}]"),
        Err("protected_term"),
    );
    for alias in [
        "\"epcis:epcList\"",
        "{\"@id\":\"epcis:epcList\"}",
        "\"urn:countersign:ns:1:weight\"",
        "{\"@id\":\"@type\"}",
        "{\"@id\":\"https://ref.gs1.org/epcis/epc\",\"@prefix\":true}",
    ] {
        check(
            &format!("[{GS1}, {{\"a:b\":{alias}}}]"),
            Err("protected_term"),
        );
    }
    check(
        &format!("[{GS1}, {{\"cbvmda\":\"https://ex.org/\"}}]"),
        Ok(&["prefix_redefined"]),
    );
    check(
        &format!("[{GS1}, {{\"cbvmda\":\"epcis:\"}}]"),
        Err("protected_term"),
    );
    check(&format!("[{GS1}, {{\"e\":\"epcis:\"}}]"), Ok(&[]));
    check(&format!("[{GS1}, {{\"a\":1}}]"), Err("bad_context"));
    check("7", Err("bad_context"));
    check("\"epcis\"", Err("bad_context"));
}

#[test]
fn names_and_what_they_stand_for() {
    let context = parse(&format!(
        r#"[{GS1}, {{"a":"https://a.org/"}}, {{"b":"a:b#"}}, {{"c":"https://c.org/x"}}]"#
    ))
    .expect("valid");
    assert_eq!(context.resolve("a:x"), "https://a.org/x");
    assert_eq!(context.resolve("b:x"), "https://a.org/b#x");
    assert_eq!(context.resolve("c:x"), "c:x", "no delimiter, no prefix");
    assert_eq!(context.resolve("https://x"), "https://x");
    assert_eq!(
        context.resolve("epcis:epcList"),
        "https://ref.gs1.org/epcis/epcList"
    );
    assert!(context.declares("a:x") && context.declares("urn:x") && !context.declares("c:x"));
    let doc = Doc::parse(br#"[{"a":"https://other.org/"}]"#).expect("JSON");
    let event = context.with(Some(doc.root())).expect("valid");
    assert_eq!(event.resolve("a:x"), "https://other.org/x");
    assert_eq!(event.resolve("b:x"), "https://a.org/b#x");
}

#[test]
fn the_list_is_sorted_for_search() {
    assert!(GS1_TERMS.windows(2).all(|pair| pair[0] < pair[1]));
}
