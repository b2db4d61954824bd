//! The ratified schema as an oracle: on every document, and on each of them with one field
//! dropped, renamed or retyped.

use std::collections::BTreeSet;

use countersign_epcis::document;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::data;

fn validator() -> Option<Validator> {
    let schema = data::schema()?;
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("the schema compiles");
    Some(validator)
}

/// All places in a value, as JSON pointers.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                out.push(place.clone());
                places(member, &place, out);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                let place = format!("{at}/{index}");
                out.push(place.clone());
                places(element, &place, out);
            }
        }
        _ => {}
    }
}

/// The value at `place` replaced, or changed in its parent.
fn mutate(whole: &Value, place: &str, how: &str) -> Option<Value> {
    let mut out = whole.clone();
    let (parent, name) = place.rsplit_once('/')?;
    let name = name.replace("~1", "/").replace("~0", "~");
    let slot = out.pointer_mut(place)?;
    match how {
        "null" => *slot = Value::Null,
        "number" => *slot = json!(7),
        "negative" => *slot = json!(-1.5),
        "empty text" => *slot = json!(""),
        "true" => *slot = json!(true),
        "object" => *slot = json!({}),
        "array" => *slot = json!([]),
        "in array" => *slot = json!([slot.clone()]),
        "twice" => {
            let copy = slot.clone();
            match out.pointer_mut(parent)? {
                Value::Array(elements) => elements.push(copy),
                Value::Object(members) => {
                    members.insert(format!("{name}X"), copy);
                }
                _ => return None,
            }
        }
        "drop" => match out.pointer_mut(parent)? {
            Value::Object(members) => {
                members.remove(&name);
            }
            Value::Array(elements) => {
                elements.remove(name.parse().ok()?);
            }
            _ => return None,
        },
        "rename" | "rename to uri" => {
            let members = out.pointer_mut(parent)?.as_object_mut()?;
            let value = members.remove(&name)?;
            let new = if how == "rename" {
                format!("{name}X")
            } else {
                "urn:x:y".to_owned()
            };
            members.insert(new, value);
        }
        // Every other change is the text that is put there instead of a text.
        other if slot.is_string() => *slot = json!(other),
        _ => return None,
    }
    Some(out)
}

const HOW: [&str; 31] = [
    "null",
    "number",
    "negative",
    "empty text",
    "true",
    "object",
    "array",
    "in array",
    "twice",
    "drop",
    "rename",
    "rename to uri",
    "text",
    "urn:x y",
    "urn:x:y",
    "2016-12-31T23:59:60Z",
    "2016-12-31T23:58:60Z",
    "2020-02-30T00:00:00Z",
    "2020-02-01t00:00:00z",
    "2020-02-01T00:00:00",
    "2020-02-01T00:00:00+15:00",
    "1066-10-14T09:00:00Z",
    "+14:30",
    "cbv:BizStep-shipping",
    "cbv:BizStep-Shipping",
    "https://ref.gs1.org/cbv/Disp-in_transit",
    "urn:epcglobal:cbv:bizstep:shipping",
    "https://gs1.org/voc/Mass",
    "https://[::1]:8a/x",
    "urn:epc:id:sgtin:1.2.3",
    "did_not_occur",
];

/// Where we deliberately decide otherwise than the schema: the code that we give (none where we
/// accept, `*` for any), a part of the place, the change (any, if empty), and the reason.
const DIFFERENCES: [(&str, &str, &str, &str); 19] = [
    (
        "*",
        "persistentDisposition",
        "",
        "the schema forgets to look at it in three types of event",
    ),
    (
        "bad_context",
        "@context/",
        "",
        "a JSON-LD reader could not read such a definition",
    ),
    (
        "unknown_field",
        "readPoint",
        "twice",
        "a bare name in a place means nothing, and @id would name another",
    ),
    (
        "unknown_field",
        "bizLocation",
        "twice",
        "a bare name in a place means nothing, and @id would name another",
    ),
    (
        "protected_term",
        "@context/",
        "",
        "a JSON-LD reader refuses to redefine GS1's names",
    ),
    (
        "bad_quantity",
        "quantity",
        "negative",
        "less than nothing cannot be held or handed over",
    ),
    (
        "missing_parent",
        "parentID",
        "",
        "test case requirement 54: the schema cannot say it",
    ),
    (
        "malformed_key",
        "",
        "urn:epc:id:sgtin:1.2.3",
        "a malformed EPC names nothing",
    ),
    (
        "not_a_time",
        "",
        "2020-02-01t00:00:00z",
        "xsd:dateTimeStamp has capital letters",
    ),
    (
        "not_a_time",
        "",
        "2020-02-01T00:00:00+15:00",
        "no zone is that far from UTC",
    ),
    (
        "not_a_time",
        "",
        "1066-10-14T09:00:00Z",
        "a broken clock, not a time",
    ),
    (
        "unknown_term",
        "",
        "cbv:BizStep-Shipping",
        "a CBV term must match letter by letter",
    ),
    (
        "unknown_term",
        "",
        "cbv:BizStep-shipping",
        "a term of another CBV list",
    ),
    (
        "unknown_term",
        "",
        "https://ref.gs1.org/cbv/Disp-in_transit",
        "a term of another CBV list",
    ),
    (
        "corrective_ids_not_allowed",
        "reason",
        "did_not_occur",
        "nothing corrects what did not occur",
    ),
    (
        "",
        "sensorReport/*/type",
        "text",
        "measurement types beyond the list are in use",
    ),
    (
        "",
        "sensorReport/*/type",
        "did_not_occur",
        "measurement types beyond the list are in use",
    ),
    (
        "",
        "sensorReport/*/type",
        "https://gs1.org/voc/Mass",
        "the full name of a term is that term",
    ),
    (
        "",
        "sensorReport/*/exception",
        "https://gs1.org/voc/Mass",
        "a GS1 term in full is a URI like others",
    ),
];

/// Documents that we judge otherwise than the schema as they are: the name, and the code that we
/// give (none where we accept).
const DOCUMENTS: [(&str, &str, &str); 3] = [
    (
        "AssociationEvent/AssociationEvent-h.jsonld",
        "duplicate_key",
        "eventID stands twice",
    ),
    (
        "SensorData_with_combined_events.json",
        "",
        "a sensor report without a type",
    ),
    (
        "TransactionEvent_with_userExtensions.json",
        "",
        "a measurement type beyond the list",
    ),
];

/// A place without its indexes, names of extensions, and the way to the events.
fn general(place: &str) -> String {
    let place = place.replace(
        "/epcisBody/queryResults/resultsBody/eventList",
        "/epcisBody/eventList",
    );
    let in_context = place.contains("@context");
    let general = |part: &str| {
        let own = part.contains(':')
            || (in_context
                && part != "@context"
                && part != "epcisBody"
                && part != "eventList"
                && part != "gs1");
        if own || part.parse::<usize>().is_ok() {
            "*".to_owned()
        } else {
            part.to_owned()
        }
    };
    place
        .split('/')
        .skip(1)
        .map(general)
        .collect::<Vec<_>>()
        .join("/")
}

/// The document once for each of its events, with that event alone.
fn one_event_each(whole: &Value) -> Vec<Value> {
    let lists = [
        "/epcisBody/eventList",
        "/epcisBody/queryResults/resultsBody/eventList",
    ];
    let Some(list) = lists.into_iter().find(|list| whole.pointer(list).is_some()) else {
        return vec![whole.clone()];
    };
    let events = whole
        .pointer(list)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let with = |event: Value| {
        let mut one = whole.clone();
        *one.pointer_mut(list).expect("a list") = json!([event]);
        one
    };
    events.into_iter().map(with).collect()
}

/// The code of the first problem; empty where we accept.
fn verdict(bytes: &[u8]) -> String {
    match document::check(bytes) {
        Ok(_) => String::new(),
        Err(problems) => problems.first().map_or("none", |p| p.code).to_owned(),
    }
}

/// Which difference explains a disagreement.
fn difference(code: &str, place: &str, how: &str) -> Option<usize> {
    DIFFERENCES.iter().position(|(c, end, change, _)| {
        (*c == code || *c == "*") && place.contains(end) && (change.is_empty() || *change == how)
    })
}

#[test]
fn every_document_is_judged_as_the_schema_does() {
    let Some(validator) = validator() else {
        println!("data absent: the ratified schema");
        return;
    };
    let mut used = BTreeSet::new();
    for folder in [
        data::GS1,
        data::CAPTURE,
        data::EVENTS,
        data::INVALID,
        data::QUERY,
        data::QUERY_INVALID,
    ] {
        for (name, bytes) in data::files(folder, folder == data::GS1) {
            let value: Value = serde_json::from_slice(&bytes).expect("JSON");
            let code = verdict(&bytes);
            if validator.is_valid(&value) == code.is_empty() {
                continue;
            }
            let known = DOCUMENTS
                .iter()
                .position(|(n, c, _)| *n == name && *c == code);
            assert!(
                known.is_some(),
                "{name}: we say {code:?}, the schema the opposite"
            );
            used.extend(known);
        }
    }
    assert_eq!(
        used.len(),
        DOCUMENTS.len(),
        "a document listed as different is not"
    );
}

#[test]
fn every_changed_field_is_judged_as_the_schema_does() {
    let Some(validator) = validator() else {
        println!("data absent: the ratified schema");
        return;
    };
    let (mut seen, mut used, mut tried) = (BTreeSet::new(), BTreeSet::new(), 0);
    let mut unknown = Vec::new();
    let folders = [data::GS1, data::CAPTURE, data::EVENTS, data::QUERY];
    let documents = folders.map(|folder| data::files(folder, folder == data::GS1));
    for (name, bytes) in documents.into_iter().flatten() {
        let whole: Value = serde_json::from_slice(&bytes).expect("JSON");
        for one in one_event_each(&whole) {
            let text = serde_json::to_vec(&one).expect("JSON");
            if !verdict(&text).is_empty() || !validator.is_valid(&one) {
                continue;
            }
            let kind = one
                .pointer("/epcisBody/eventList/0/type")
                .or_else(|| one.get("type"))
                .cloned();
            let mut all = Vec::new();
            places(&one, "", &mut all);
            for (place, how) in all.iter().flat_map(|place| HOW.map(|how| (place, how))) {
                let general = general(place);
                // Deeper than the fields of an event, its type plays no part.
                let kind = kind.as_ref().filter(|_| general.split('/').count() < 5);
                let key = (kind.map(Value::to_string), general.clone(), how);
                if !seen.insert(key) {
                    continue;
                }
                let Some(changed) = mutate(&one, place, how) else {
                    continue;
                };
                tried += 1;
                let text = serde_json::to_vec(&changed).expect("JSON");
                let code = verdict(&text);
                if validator.is_valid(&changed) == code.is_empty() {
                    continue;
                }
                let known = difference(&code, &general, how);
                if known.is_none() {
                    unknown.push(format!("{code:?} {how}: {name} {place}"));
                }
                used.extend(known);
            }
        }
    }
    assert!(
        unknown.is_empty(),
        "differences without a reason: {unknown:#?}"
    );
    assert!(tried == 0 || tried > 5000, "{tried} changes tried");
    if tried > 0 {
        let unused: Vec<_> = (0..DIFFERENCES.len())
            .filter(|at| !used.contains(at))
            .map(|at| DIFFERENCES[at])
            .collect();
        assert!(
            unused.is_empty(),
            "differences that do not occur: {unused:?}"
        );
    }
}
