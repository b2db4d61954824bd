//! Findings as somebody else printed them: JSON lines, read leniently.
//!
//! What is needed is the kind, when it was opened and how it stands; the rest helps to match it
//! with the truth and may be absent. Every string in the line is kept besides: a finding that
//! names a lot, a manifest or a count anywhere is about it.

use std::collections::BTreeSet;

use countersign_model::ids::canonical_uri;
use countersign_model::time::Timestamp;
use serde_json::Value;

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `missing_units`, `late_units`, …
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Canonical keys of the units.
    pub units: BTreeSet<String>,
    /// Canonical key of the place, if it names one.
    pub place: Option<String>,
    /// Canonical key of the site, if it names one.
    pub site: Option<String>,
    /// From when until when it speaks of; absent ends are open.
    pub interval: (Option<Timestamp>, Option<Timestamp>),
    /// `low`, `medium` or `high`.
    pub severity: String,
    /// `open`, `confirmed` or `retracted`.
    pub status: String,
    /// The tick that opened it.
    pub opened_at: Timestamp,
    /// The tick of its last move, if it is said.
    pub changed_at: Option<Timestamp>,
    /// Ids of the findings that stand in the place of one that was taken back.
    pub superseded_by: Vec<String>,
    /// Every string in the line, canonical where it is a key.
    pub mentions: BTreeSet<String>,
}

/// Why a line is no finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: missing or not of the form that `countersign findings --json` prints")]
pub struct FindingError {
    /// The field.
    pub field: &'static str,
}

impl Finding {
    /// Reads one line.
    ///
    /// # Errors
    /// [`FindingError`] names the field.
    pub fn from_json(value: &Value) -> Result<Self, FindingError> {
        let text = |field: &'static str| {
            let text = value.get(field).and_then(Value::as_str);
            text.map(str::to_owned).ok_or(FindingError { field })
        };
        let time = |text: &str| Timestamp::parse(text).ok().map(|(at, _)| at);
        let end = |name: &str| {
            let end = value
                .get("interval")
                .and_then(|interval| interval.get(name));
            end.and_then(Value::as_str).and_then(time)
        };
        let units = value.get("units").and_then(Value::as_array);
        let units = units.into_iter().flatten().filter_map(Value::as_str);
        let superseded_by = value.get("superseded_by").and_then(Value::as_array);
        let superseded_by = superseded_by
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let mut mentions = BTreeSet::new();
        collect(value, &mut mentions);
        Ok(Self {
            kind: text("kind")?,
            id: text("id")?,
            units: units.map(canonical).collect(),
            place: text("place").ok().map(|place| canonical(&place)),
            site: text("site").ok().map(|site| canonical(&site)),
            interval: (end("from"), end("until")),
            severity: text("severity")?,
            status: text("status")?,
            opened_at: time(&text("opened_at")?).ok_or(FindingError { field: "opened_at" })?,
            changed_at: text("changed_at").ok().and_then(|at| time(&at)),
            superseded_by: superseded_by.map(str::to_owned).collect(),
            mentions,
        })
    }

    /// Taken back later.
    #[must_use]
    pub fn is_retracted(&self) -> bool {
        self.status == "retracted"
    }
}

/// The canonical key, or the text itself when it is none.
pub(crate) fn canonical(text: &str) -> String {
    canonical_uri(text).map_or_else(|_| text.to_owned(), |key| key.as_ref().to_owned())
}

/// Every string of a value; JSON of that depth has been read already, so the walk ends.
fn collect(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            out.insert(canonical(text));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        Value::Object(members) => members.values().for_each(|member| collect(member, out)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: Result<usize, &str>) {
        let value = serde_json::from_str(line).expect("JSON");
        let got = Finding::from_json(&value);
        let got = got.map(|finding| finding.units.len()).map_err(|e| e.field);
        assert_eq!(got, expect, "{line}");
    }

    #[test]
    fn lines() {
        let with = |more: &str| {
            format!(
                r#"{{"kind":"missing_units","id":"f1","severity":"high","status":"open"{more}}}"#
            )
        };
        check(&with(r#","opened_at":"2026-03-02T08:00:00Z""#), Ok(0));
        check(
            &with(r#","opened_at":"2026-03-02T08:00:00Z","units":["urn:x:1","urn:x:1","urn:x:2"]"#),
            Ok(2),
        );
        check(&with(""), Err("opened_at"));
        check(&with(r#","opened_at":"noon""#), Err("opened_at"));
        check("{}", Err("kind"));
    }

    #[test]
    fn keys_are_compared_in_one_spelling() {
        let line = r#"{"kind":"k","id":"f","severity":"low","status":"open","opened_at":"2026-03-02T08:00:00Z",
            "units":["urn:epc:id:sscc:4012345.3111111111"],"args":{"lot":["urn:epc:class:lgtin:4012345.012345.L7"]}}"#;
        let finding = Finding::from_json(&serde_json::from_str(line).expect("JSON"));
        let finding = finding.expect("a finding");
        assert!(
            finding
                .units
                .contains("https://id.gs1.org/00/340123451111111111")
        );
        let lot = canonical("urn:epc:class:lgtin:4012345.012345.L7");
        assert!(finding.mentions.contains(&lot));
    }
}
