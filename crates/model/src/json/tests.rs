use proptest::prelude::*;

use super::*;

fn check(text: &[u8], expect: Result<(), &str>) {
    let got = Doc::parse(text).map(|_| ()).map_err(|e| e.code);
    assert_eq!(got, expect, "{}", String::from_utf8_lossy(text));
}

#[test]
fn refusals() {
    check(br#"{"a":1,"b":[true,false,null,-0.5e+3]}"#, Ok(()));
    check(br#"{"a":1,"\u0061":2}"#, Err("duplicate_key"));
    check(b"\"\xff\"", Err("invalid_utf8"));
    check(br#""\ud800""#, Err("invalid_json"));
    check(br#""\ud83d\ude00""#, Ok(()));
    check(br#""\udc00""#, Err("invalid_json"));
    check(b"[01]", Err("invalid_json"));
    check(b"[1,]", Err("invalid_json"));
    check(b"[1] x", Err("invalid_json"));
    check(b"\"a\nb\"", Err("invalid_json"));
    check(b"", Err("invalid_json"));
    check("[".repeat(200).as_bytes(), Err("too_deep"));
}

#[test]
fn spans_and_walks() {
    let text = r#" {"a" : {"b":[1, "x\u0041"]}, "c":null} "#;
    let doc = Doc::parse(text.as_bytes()).expect("valid");
    let array = doc.root().get("a").and_then(|a| a.get("b")).expect("array");
    assert_eq!(array.raw(), r#"[1, "x\u0041"]"#);
    assert_eq!(&text[array.span()], array.raw());
    let second = array.elements().nth(1).and_then(|e| e.as_str());
    assert_eq!(second.as_deref(), Some("xA"));
    assert_eq!(doc.root().members().count(), 2);
    assert!(doc.root().get("c").expect("c").is_null());
    assert_eq!(
        &text[doc.root().get("c").expect("c").key_span().expect("key")],
        "\"c\""
    );
}

#[test]
fn canonical_is_one_spelling() {
    let of = |text: &str| canonical(Doc::parse(text.as_bytes()).expect("JSON").root());
    assert_eq!(
        of(r#"{"b":1.50,"a":["\u0041",true]}"#),
        r#"{"a":["A",true],"b":1.5}"#
    );
    assert_eq!(
        of(r#" { "a" : [ "A" , true ] , "b" : 15e-1 } "#),
        of(r#"{"b":1.50,"a":["\u0041",true]}"#)
    );
}

fn same(item: Item<'_, '_>, oracle: &serde_json::Value) -> bool {
    match oracle {
        serde_json::Value::Null => item.is_null(),
        serde_json::Value::Bool(b) => item.as_bool() == Some(*b),
        serde_json::Value::Number(_) => item.as_number().is_some(),
        serde_json::Value::String(s) => item.as_str().as_deref() == Some(s),
        serde_json::Value::Array(a) => {
            item.elements().count() == a.len() && item.elements().zip(a).all(|(i, o)| same(i, o))
        }
        serde_json::Value::Object(o) => {
            item.members().count() == o.len()
                && o.iter()
                    .all(|(key, value)| item.get(key).is_some_and(|i| same(i, value)))
        }
    }
}

proptest! {
    #[test]
    fn agrees_with_serde_json(text in r#"[\[\]{}",:0-9a-e\\nutrfals. ]{0,40}"#) {
        if let Ok(doc) = Doc::parse(text.as_bytes()) {
            let oracle: serde_json::Value = serde_json::from_str(&text).expect("serde_json reads what we read");
            prop_assert!(same(doc.root(), &oracle), "{}", text);
        }
    }

    #[test]
    fn a_key_twice_is_refused_where_the_sorted_keys_say(keys in prop::collection::vec(r"[ab]{0,2}|[a-z]{2}|\\u006[1-3]|\\n", 0..40)) {
        let members: Vec<String> = keys.iter().map(|key| format!("\"{key}\":0")).collect();
        let text = format!("{{{}}}", members.join(","));
        let nested = format!("[{{\"x\":{text}}}]");
        let (mut at, mut sorted) = (1, Vec::new());
        for member in &members {
            let key: String = serde_json::from_str(&member[..member.len() - 2]).expect("a key");
            sorted.push((key, at));
            at += member.len() + 1;
        }
        sorted.sort_unstable();
        let twice = sorted.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1);
        let refused = |text: &str| Doc::parse(text.as_bytes()).err().map(|error| error.at);
        prop_assert_eq!(refused(&text), twice);
        prop_assert_eq!(refused(&nested), twice.map(|at| at + 6));
    }

    #[test]
    fn quote_round_trips(text in any::<String>()) {
        let quoted = quote(&text);
        let doc = Doc::parse(quoted.as_bytes()).expect("quoted text is JSON");
        let read = doc.root().as_str();
        prop_assert_eq!(read.as_deref(), Some(text.as_str()));
    }
}
