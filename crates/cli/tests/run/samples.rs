//! The event and the network that most tests begin with.

use serde_json::{Value, json};

/// The unit of [`event`].
pub(crate) const UNIT: &str = "urn:epc:id:sscc:4012345.3111111111";

/// An `ObjectEvent` at the dock of site a, minute `number` past eight; other members are added, or
/// stand in place of those.
pub(crate) fn event(number: usize, other: &[(&str, Value)]) -> String {
    let mut event = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "ObjectEvent",
        "eventID": format!("urn:uuid:0192c0de-0000-7000-8000-{number:012}"),
        "eventTime": format!("2026-03-02T08:{:02}:00Z", number % 60),
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "bizStep": "storing",
        "readPoint": {"id": "urn:x:a:dock"},
        "epcList": [UNIT],
    });
    for (name, value) in other {
        event[*name] = value.clone();
    }
    event.to_string()
}

/// An event about a unit of its own, with a comment, whose value is sealed.
pub(crate) fn noted(number: usize) -> String {
    let unit = format!("urn:epc:id:sscc:4012345.3{number:09}");
    let note = format!("note {number}");
    event(
        number,
        &[("epcList", json!([unit])), ("rdfs:comment", note.into())],
    )
}

/// Sites a and b with a lane between them, whose contract has this mode.
pub(crate) fn network(mode: &str) -> String {
    format!(
        r#"
[[site]]
id = "urn:x:site:a"
party = "urn:x:party:a"
kind = "warehouse"
places = ["urn:x:a:dock"]

[[site]]
id = "urn:x:site:b"
party = "urn:x:party:b"
kind = "hub"
places = ["urn:x:b:dock"]

[[lane]]
id = "a-b"
from = "urn:x:site:a"
to = "urn:x:site:b"
mode = "{mode}"
"#
    )
}
