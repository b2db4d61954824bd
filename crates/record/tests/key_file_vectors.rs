//! The vectors of docs/formats/key-file.md, which were made from that page alone.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

use countersign_record::key_file::{KeyFile, KeyFileError, Lock, UnlockKey};
use serde_json::Value;

const VECTORS: &str = include_str!("../../../testdata/vectors/key-file/v1/vectors.json");

/// Runs `check` for each case of a list, with its name.
fn each(list: &str, check: impl Fn(&str, &Value)) {
    let vectors: Value = serde_json::from_str(VECTORS).expect("JSON");
    let cases = vectors[list].as_array().expect("a list");
    assert!(!cases.is_empty());
    for case in cases {
        check(text(case, "name"), case);
    }
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().expect("a text")
}

fn opened(case: &Value) -> Result<String, KeyFileError> {
    let file = KeyFile::parse(text(case, "text"))?;
    let unlock = match file.lock() {
        Lock::Key => UnlockKey::parse(text(case, "unlock"))?,
        Lock::Passphrase(stretch) => {
            UnlockKey::of_passphrase(text(case, "passphrase").as_bytes(), &stretch)?
        }
    };
    let line = file.open((text(case, "key"), text(case, "origin")), &unlock)?;
    Ok(line.as_str().to_owned())
}

#[test]
fn what_opens() {
    each("opens", |name, case| {
        assert_eq!(opened(case).as_deref(), Ok(text(case, "line")), "{name}");
        let written = text(case, "text").trim_end();
        let file = KeyFile::parse(written).expect("just read");
        assert_eq!(file.to_text(), written, "{name}");
    });
}

#[test]
fn what_stays_locked() {
    each("locked", |name, case| {
        assert_eq!(opened(case), Err(KeyFileError::Locked), "{name}");
    });
}

#[test]
fn what_is_no_key_file() {
    each("malformed", |name, case| {
        let parsed = KeyFile::parse(text(case, "text"));
        assert_eq!(parsed, Err(KeyFileError::Form), "{name}");
    });
}

#[test]
fn what_is_no_unlock_key() {
    each("no_unlock_key", |name, case| {
        let parsed = UnlockKey::parse(text(case, "text")).map(drop);
        assert_eq!(parsed, Err(KeyFileError::UnlockForm), "{name}");
    });
}
