//! The event, the network and the devices that most tests begin with.

use serde_json::{Value, json};

use super::{Log, json as json_of, ok};

/// The keys of a new log, in the order in which they are told.
pub(crate) const KEY_NAMES: [&str; 6] = [
    "checkpoint",
    "checkpoint-pq",
    "statement",
    "receipt",
    "sealing",
    "fingerprint",
];

/// The administrator says something: number `n` of it.
pub(crate) fn say(log: &Log, n: u32) {
    let alias = format!(r#"{{"type":"Alias","unit":"urn:x:{n}","sameAs":"urn:y:{n}"}}"#);
    ok(&["say", "--data", &log.data, &log.write("alias.json", &alias)]);
}

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

/// A new key of a principal of this role (`device`, `person`, …): its file, and the table that enrols
/// it for a party in a network.
pub(crate) fn principal(log: &Log, role: &str, name: &str, party: &str) -> (String, String) {
    let file = log.path(&format!("{name}.key"));
    let kind = if role == "device" { "device" } else { "key" };
    let key = json_of(&[kind, "new", "--out", &file, "--json"])["key"].clone();
    let table = format!(
        "\n[[principal]]\nid = \"{name}\"\nrole = \"{role}\"\nkey = {key}\nparty = \"{party}\"\n"
    );
    (file, table)
}

/// Tells the log its network; the file that says it.
pub(crate) fn apply(log: &Log, network: &str) -> String {
    let file = log.write("network.toml", network);
    ok(&["apply", "--data", &log.data, &file]);
    file
}

/// Events signed with a device's key; the submission.
pub(crate) fn signed(log: &Log, key: &str, issuer: &str, events: &str) -> String {
    let events = log.write("event.json", events);
    let out = log.path("event.submission");
    let who = ["device", "sign", "--key", key, "--issuer", issuer];
    let what = ["--audience", &log.origin, "--out", &out, &events];
    ok(&[&who[..], &what].concat());
    out
}

/// Signs an event with a device's key and has it taken; the submission.
pub(crate) fn signed_and_taken(log: &Log, key: &str, issuer: &str, event: &str) -> String {
    let submission = signed(log, key, issuer, event);
    let answer = json_of(&["submit", "--data", &log.data, "--json", &submission]);
    assert_eq!(answer["claims"][0]["status"], "effective", "{answer}");
    submission
}

/// A pack about [`UNIT`] out of this data folder that discloses what is sealed.
pub(crate) fn disclosed(log: &Log, data: &str, name: &str) -> String {
    let out = log.path(name);
    let whose = ["export", "--data", data, "--unit", UNIT];
    ok(&[&whose[..], &["--disclose", "--out", &out]].concat());
    out
}
