//! A second implementation, written from the pages alone: `tools/countersign_sign.py`. What it
//! makes is admitted here, and what is made here it reads.

use std::path::{Path, PathBuf};
use std::process::Command;

use countersign_attest::submission::Known;
use countersign_attest::{SecretKey, Statement, Submission};
use countersign_model::entry::Index;

use crate::data;
use crate::world::{Log, ORIGIN, act, admin, define, line, service};

/// A folder of its own for each test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let name = format!("countersign-attest-{test}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Debian's own Python, for which Debian's package `python3-cryptography` is: another one earlier in
/// PATH may lack it.
const PYTHON: &str = "/usr/bin/python3";

/// Runs the tool.
fn tool(arguments: &[&str]) -> String {
    let script = data::workspace().join("tools/countersign_sign.py");
    let output = Command::new(PYTHON)
        .arg("-B")
        .arg(&script)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| {
            panic!("{PYTHON}: {error}; install the package python3-cryptography")
        });
    let errors = String::from_utf8_lossy(&output.stderr);
    let hint = "is the package python3-cryptography installed? `cargo xtask test` does it";
    assert!(output.status.success(), "{arguments:?}: {errors}{hint}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

const EVENT: &str = r#"{"type": "ObjectEvent", "eventID": "urn:uuid:1", "action": "OBSERVE",
  "eventTime": "2026-03-02T08:00:00Z", "eventTimeZoneOffset": "+00:00"}"#;

/// Takes a submission as a log does; returns the line of its verdict and the bytes of its claim.
fn take(log: &mut Log, path: &Path) -> (String, Vec<u8>, Vec<u8>) {
    let submission = Submission::decode(&std::fs::read(path).unwrap()).unwrap();
    let statement = Statement::parse(&submission.statement).unwrap();
    let nothing = |_| false;
    let known = Known {
        envelope: &nothing,
        mapping: &nothing,
    };
    let matched = submission
        .check_bodies(statement.claim_digests(), known)
        .unwrap();
    assert_eq!(matched.body_of_claim, [Some(0)]);
    let body = &submission.bodies[0];
    let verdict = line(&log.submit(&submission.statement));
    (verdict, body.bytes().unwrap(), body.open_view(b"null"))
}

#[test]
fn what_it_signs_is_admitted() {
    let folder = Folder::new("sign");
    let (key, event, out) = (folder.file("k"), folder.file("e"), folder.file("s"));
    let public = tool(&["key", &key]);
    assert_eq!(tool(&["key", &key]), public, "kept, not made anew");
    let public = countersign_attest::PublicKey::parse(&public).unwrap();
    let mut log = Log::new();
    let enrol = act(&define("py-1", "device", &public));
    log.register
        .apply(Index(9), &admin().public().id(), &enrol)
        .unwrap();

    std::fs::write(&event, EVENT).unwrap();
    let always = [
        "sign",
        "--key",
        &key,
        "--issuer",
        "py-1",
        "--event",
        &event,
        "--out",
        &out,
        "--epoch",
        "7",
        "--audience",
    ];
    let open = tool(&[&always[..], &[ORIGIN]].concat());
    let (verdict, bytes, view) = take(&mut log, Path::new(&out));
    assert_eq!(verdict, "py-1");
    assert_eq!(
        (bytes.as_slice(), view.as_slice()),
        (EVENT.as_bytes(), EVENT.as_bytes())
    );

    let more = [
        ORIGIN,
        "--counter",
        "2",
        "--previous",
        &open,
        "--seal",
        r#"example:driver="J. Jansen""#,
        "--seal",
        r#"example:plate={"nl": "AB-12"}"#,
    ];
    tool(&[&always[..], &more].concat());
    let (verdict, bytes, view) = take(&mut log, Path::new(&out));
    assert_eq!(verdict, "py-1", "it follows in its chain");
    let event = EVENT.strip_suffix('}').unwrap();
    let whole =
        format!(r#"{event},"example:driver":"J. Jansen","example:plate":{{"nl": "AB-12"}}}}"#);
    let blank = format!(r#"{event},"example:driver":null,"example:plate":null}}"#);
    assert_eq!(String::from_utf8(bytes).unwrap(), whole);
    assert_eq!(String::from_utf8(view).unwrap(), blank);

    tool(&[&always[..], &["log.example/b", "--audience", ORIGIN]].concat());
    assert_eq!(take(&mut log, Path::new(&out)).0, "py-1", "two audiences");
}

#[test]
fn key_files_are_the_same() {
    let folder = Folder::new("key");
    for key in [crate::world::device(), service()] {
        let path = folder.file(key.algorithm().as_str());
        std::fs::write(&path, key.to_text().as_bytes()).unwrap();
        assert_eq!(tool(&["key", &path]), key.public().to_string());
    }
    let path = folder.file("made");
    let public = tool(&["key", &path]);
    let read = SecretKey::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(read.public().to_string(), public);
}
