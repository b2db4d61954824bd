//! Our own vectors, frozen: `testdata/vectors/<page>/v<version>/<file>.json`.
//!
//! Each file is made here from fixed keys and compared byte for byte with the committed one;
//! `COUNTERSIGN_BLESS=1 cargo test -p countersign-attest` writes it anew. Then the committed file
//! is read back and every case is run, so that another implementation can do the same.

mod batch_cases;
mod body_cases;
mod genesis_cases;
mod judgement_cases;
mod statement_cases;
mod submission_cases;

use countersign_attest::SecretKey;
use countersign_model::digest::hex;
use serde_json::{Map, Value, json};

use crate::data;
use crate::world::{admin, carrier, device, node, person, service, stranger};

/// Compares the made vectors with the committed ones, runs each case of those, and demands that
/// `run` gives what the case expects.
fn check(page: &str, file: &str, made: &Value, run: fn(&Value) -> Value) {
    check_version(page, 1, file, made, run);
}

fn check_version(page: &str, version: u8, file: &str, made: &Value, run: fn(&Value) -> Value) {
    let name = format!("testdata/vectors/{page}/v{version}/{file}.json");
    let path = data::workspace().join(name);
    let made = format!("{}\n", serde_json::to_string_pretty(made).unwrap());
    if std::env::var_os("COUNTERSIGN_BLESS").is_some_and(|bless| bless == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    let hint = "the format drifted: if that is meant, make a v2 and keep v1";
    assert!(committed == made, "{page}: {hint}");
    let committed: Value = serde_json::from_str(&committed).unwrap();
    let cases = committed["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        assert_eq!(run(case), case["expect"], "{page}: {}", case["name"]);
    }
}

/// A case whose expectation is what `run` gives now; the committed file holds it from then on.
fn case(name: &str, input: &Value, run: fn(&Value) -> Value) -> Value {
    let mut case = Map::new();
    case.insert("name".into(), json!(name));
    case.extend(input.as_object().unwrap().clone());
    let expect = run(&Value::Object(case.clone()));
    case.insert("expect".into(), expect);
    Value::Object(case)
}

/// Every key of the vectors by the name of its principal.
fn keys() -> Vec<(&'static str, SecretKey)> {
    vec![
        ("admin-1", admin()),
        ("carrier-1", carrier()),
        ("dock-1", device()),
        ("node", node()),
        ("p-17", person()),
        ("stranger", stranger()),
        ("wms", service()),
    ]
}

fn keys_as_json() -> Value {
    let key = |(name, key): (&'static str, SecretKey)| {
        let public = key.public();
        let value = json!({
            "secret": &*key.to_text(),
            "public": public.to_string(),
            "cose_key": hex(&public.cose_key()),
            "id": public.id().to_string(),
        });
        (name.to_owned(), value)
    };
    Value::Object(keys().into_iter().map(key).collect())
}

fn bytes(value: &Value) -> Vec<u8> {
    data::hex(value.as_str().unwrap())
}

fn error(code: &str) -> Value {
    json!({"error": code})
}
