//! The vectors of docs/formats/scenario.md, which were made from that page alone.

use std::path::PathBuf;

use countersign_attest::Submission;
use countersign_model::digest::{hex, hex_decode};
use countersign_sim::folder::{SCENARIO, SUBMISSIONS};
use countersign_sim::{Cause, Folder, ReadError, TruthRow};
use serde_json::{Value, json};

const VECTORS: &str = include_str!("../../../testdata/vectors/scenario/v1/vectors.json");

fn vectors() -> Value {
    serde_json::from_str(VECTORS).expect("JSON")
}

fn list(value: &Value) -> &[Value] {
    let list = value.as_array().expect("a list");
    assert!(list.len() > 10);
    list
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// A folder that is gone when the test is over.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str) -> Self {
        let name = format!("countersign-sim-vectors-{name}-{}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&dir).expect("made");
        Self(dir)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(name), bytes).expect("written");
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).expect("removed");
    }
}

fn padded(scenario: &str, to: Option<u64>) -> String {
    let Some(to) = to else {
        return scenario.to_owned();
    };
    let to = usize::try_from(to).expect("small");
    let more = "x".repeat(to - scenario.len());
    let made = scenario.replace("\"comment\": \"", &format!("\"comment\": \"{more}"));
    assert_eq!(made.len(), to);
    made
}

#[test]
fn scenarios() {
    let vectors = vectors();
    let dir = Temporary::new("scenarios");
    for case in list(&vectors["scenarios"]) {
        let scenario = padded(text(&case["text"]), case["padded_to"].as_u64());
        dir.put(SCENARIO, scenario.as_bytes());
        let read = match Folder::open(&dir.0) {
            Ok(folder) => {
                let it = folder.scenario();
                json!({
                    "origin": it.origin.as_str(),
                    "seed": it.seed,
                    "start_ms": it.start.ms(),
                    "end_ms": it.end.ms(),
                })
            }
            Err(ReadError::Form { .. }) => Value::Null,
            Err(error) => panic!("{}: {error}", case["name"]),
        };
        assert_eq!(read, case["reads"], "{}", case["name"]);
    }
}

fn error_of(reason: &str) -> &'static str {
    match reason {
        "it ends within a record" => "cut_off",
        "records are not in the order of their times" => "times_fall",
        "a submission is longer than 16 MiB" => "too_long",
        "a time is beyond all bounds" => "no_time",
        other => panic!("{other}"),
    }
}

#[test]
fn records() {
    let vectors = vectors();
    let dir = Temporary::new("records");
    let scenarios = list(&vectors["scenarios"]);
    dir.put(SCENARIO, text(&scenarios[0]["text"]).as_bytes());
    let folder = Folder::open(&dir.0).expect("a folder");
    for case in list(&vectors["records"]) {
        let name = &case["name"];
        dir.put(
            SUBMISSIONS,
            &hex_decode(text(&case["bytes"])).expect("hexadecimal"),
        );
        let (mut read, mut error) = (Vec::new(), Value::Null);
        for record in folder.submissions().expect("a file") {
            match record {
                Ok(sent) => {
                    assert!(Submission::decode(&sent.bytes).is_ok(), "{name}");
                    read.push(json!({"at_ms": sent.at.ms(), "submission": hex(&sent.bytes)}));
                }
                Err(ReadError::Form { reason, .. }) => error = json!(error_of(&reason)),
                Err(error) => panic!("{name}: {error}"),
            }
        }
        assert_eq!(json!(read), case["reads"], "{name}");
        assert_eq!(error, case["error"], "{name}");
    }
}

fn row_of(row: &TruthRow) -> Value {
    let detectable = row.detectable_from.as_ref().map(|it| {
        let cause = match it.cause {
            Cause::Claim => "claim",
            Cause::Deadline => "deadline",
        };
        json!({"at_ms": it.at.ms(), "cause": cause, "of": it.of})
    });
    json!({
        "id": row.id,
        "family": row.family,
        "act": row.act,
        "units": row.units,
        "classes": row.classes,
        "places": row.places,
        "manifests": row.manifests,
        "kinds": row.kinds,
        "allowed": row.allowed,
        "from_ms": row.from.ms(),
        "until_ms": row.until.ms(),
        "cents": row.cents,
        "detectable_from": detectable,
    })
}

#[test]
fn truths() {
    let vectors = vectors();
    for case in list(&vectors["truths"]) {
        let line: Value = serde_json::from_str(text(&case["line"])).expect("JSON");
        let (reads, field) = match TruthRow::from_json(&line) {
            Ok(row) => {
                let again = TruthRow::from_json(&row.to_json());
                assert_eq!(again, Ok(row.clone()), "{}", case["name"]);
                (row_of(&row), Value::Null)
            }
            Err(error) => (Value::Null, json!(error.field)),
        };
        assert_eq!(reads, case["reads"], "{}", case["name"]);
        assert_eq!(field, case["field"], "{}", case["name"]);
    }
}
