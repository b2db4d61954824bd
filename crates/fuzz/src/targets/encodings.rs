//! What the other formats are written in: CBOR and JSON.

use countersign_model::cbor::{self, Value};
use countersign_model::json::{Doc, Item, Kind, canonical};

use crate::{Seeds, Target};

pub(super) const CBOR: Target = Target {
    name: "cbor",
    what: "strict CBOR: written again as the same bytes, and read alike by the reader of any order",
    seeds: CBOR_SEEDS,
    words: CBOR_WORDS,
    short_run: 20_000,
    run: strict,
};

pub(super) const CBOR_ANY_ORDER: Target = Target {
    name: "cbor-any-order",
    what: "CBOR of others: written again as the same bytes; in order, the strict reader agrees",
    seeds: CBOR_SEEDS,
    words: CBOR_WORDS,
    short_run: 20_000,
    run: any_order,
};

pub(super) const JSON: Target = Target {
    name: "json",
    what: "JSON with spans: serde_json finds the same values; spans hold the values; one canonical text",
    seeds: &[
        Seeds::File("examples/data/arrivals.json"),
        Seeds::Text("testdata/vectors/epcis-json/v1/events.json", &["event"]),
        Seeds::Hex("testdata/vectors/epcis-json/v1/events.json", &["bytes"]),
        Seeds::Text("testdata/vectors/plan/v1/vectors.json", &["text"]),
    ],
    words: &[
        b"{\"\":0}",
        b"[[",
        b"{\"a\":",
        b"\\ud83d\\ude00",
        b"\\udc00",
        b"\\u0000",
        b"1e999",
        b"-0",
        b"0.0E-0",
        b"null",
        b"true",
        b"\xef\xbb\xbf",
        b"\xe2\x80\xa8",
        b"\xff",
        b"\t",
        b"\x00",
    ],
    short_run: 10_000,
    run: json,
};

const CBOR_SEEDS: &[Seeds] = &[
    Seeds::Hex(
        "testdata/vectors/batch/v1/vectors.json",
        &["batch", "record"],
    ),
    Seeds::Hex("testdata/vectors/statement/v1/vectors.json", &["statement"]),
    Seeds::Hex("testdata/vectors/cose-receipt/v1/vectors.json", &["bytes"]),
    Seeds::Hex("testdata/vectors/body/v1/vectors.json", &["claim"]),
];

pub(super) const CBOR_WORDS: &[&[u8]] = &[
    b"\x80",
    b"\xa0",
    b"\xd2",
    b"\x81\x81\x81\x81",
    b"\xc0\xc0\xc0\xc0",
    b"\x9a\x7f\xff\xff\xff",
    b"\x9b\x00\x00\x00\x01\x00\x00\x00\x00",
    b"\x5f",
    b"\x9f",
    b"\xff",
    b"\xf6",
    b"\xf5",
    b"\xf9\x3c\x00",
    b"\x18\x17",
    b"\x19\x00\x18",
    b"\x58\x20",
    b"\xa1\x01\x26",
    b"\x20",
];

fn strict(bytes: &[u8]) {
    let Ok(value) = cbor::decode(bytes) else {
        return;
    };
    assert!(value.encode() == bytes, "the same bytes again");
    assert_eq!(cbor::decode_any_order(bytes).as_ref(), Ok(&value));
}

fn any_order(bytes: &[u8]) {
    let Ok(value) = cbor::decode_any_order(bytes) else {
        return;
    };
    assert!(value.encode() == bytes, "the same bytes again");
    match cbor::decode(bytes) {
        Ok(strict) => assert_eq!(strict, value),
        Err(error) => {
            assert_eq!(error, cbor::CborError::KeyOrder);
            assert!(!is_sorted(&value), "refused, and in order");
        }
    }
}

fn is_sorted(value: &Value<'_>) -> bool {
    match value {
        Value::Array(items) => items.iter().all(is_sorted),
        Value::Tag(_, inner) => is_sorted(inner),
        Value::Map(pairs) => {
            pairs
                .iter()
                .all(|(key, value)| is_sorted(key) && is_sorted(value))
                && pairs.is_sorted_by(|(a, _), (b, _)| a.encode() < b.encode())
        }
        _ => true,
    }
}

/// What one reader may refuse and the other not: serde_json gives up on numbers beyond a double
/// and on the 128th level; ours on a key twice, on the 33rd level and on a million values.
fn json(bytes: &[u8]) {
    let second: Result<serde_json::Value, _> = serde_json::from_slice(bytes);
    match Doc::parse(bytes) {
        Ok(doc) => {
            match &second {
                Ok(second) => agree(doc.root(), second),
                Err(error) => assert!(
                    error.to_string().starts_with("number out of range"),
                    "serde_json: {error}"
                ),
            }
            let once = canonical(doc.root());
            let again = Doc::parse(once.as_bytes()).expect("canonical JSON is JSON");
            assert_eq!(canonical(again.root()), once);
            spans(doc.root(), 0..bytes.len());
        }
        Err(error) => assert!(
            second.is_err() || matches!(error.code, "duplicate_key" | "too_deep" | "too_large"),
            "refused: {error}"
        ),
    }
}

fn agree(item: Item<'_, '_>, second: &serde_json::Value) {
    use serde_json::Value as Second;
    match (item.kind(), second) {
        (Kind::Null, Second::Null) => assert!(item.is_null()),
        (Kind::Bool(a), Second::Bool(b)) => assert_eq!(a, *b),
        (Kind::String, Second::String(text)) => {
            assert_eq!(item.as_str().as_deref(), Some(text.as_str()))
        }
        (Kind::Number, Second::Number(number)) => {
            let own: Option<f64> = item.as_number().and_then(|text| text.parse().ok());
            let close = own
                .zip(number.as_f64())
                .is_some_and(|(a, b)| (a - b).abs() <= a.abs() * 1e-14);
            assert!(close, "{own:?} is not {number}");
        }
        (Kind::Array, Second::Array(elements)) => {
            assert_eq!(item.elements().count(), elements.len());
            for (item, second) in item.elements().zip(elements) {
                agree(item, second);
            }
        }
        (Kind::Object, Second::Object(members)) => {
            assert_eq!(item.members().count(), members.len());
            for (name, value) in item.members() {
                agree(value, members.get(name.as_ref()).expect("a member of both"));
            }
        }
        (kind, other) => panic!("{kind:?} is not {other}"),
    }
}

/// Every value lies inside its parent, and its bytes alone are that value.
fn spans(item: Item<'_, '_>, parent: std::ops::Range<usize>) {
    let span = item.span();
    assert!(parent.start <= span.start && span.end <= parent.end && span.start < span.end);
    if item.elements().next().is_none() && item.members().next().is_none() {
        let alone = Doc::parse(item.raw().as_bytes()).expect("a value is JSON");
        assert_eq!(alone.root().kind(), item.kind());
    }
    for (_, value) in item.members() {
        spans(value, span.clone());
    }
    for element in item.elements() {
        spans(element, span.clone());
    }
}
