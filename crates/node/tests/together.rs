//! What several clients sent is committed together, and each gets its own answer.

use std::path::Path;

use countersign_attest::{Header, Kind, SecretKey, Submission};
use countersign_engine::node_statement::own_objects;
use countersign_model::ids::{Origin, PrincipalId};
use countersign_node::compose::open_with;
use countersign_node::data_dir::{Settings, read_secret_key};
use countersign_node::request::Answer;
use countersign_node::service::{KeysSeen, Sent, Service};
use countersign_node::{init, wire};
use countersign_ports::{CheckpointCell, StoreError, Swapped};
use serde_json::Value;

const ORIGIN: &str = "together.example/1";

fn service(folder: &Path) -> (Service, SecretKey) {
    let settings = Settings {
        second: folder.join("second").join("checkpoint"),
        origin: ORIGIN.into(),
        unlock: None,
    };
    let opened = init(&folder.join("data"), settings, None).expect("init");
    let key = read_secret_key(&opened.dir.keys().join("administrator.key")).expect("a key");
    (Service::new(opened), key)
}

/// A list of one submission that names a site.
fn site(key: &SecretKey, name: &str) -> Vec<u8> {
    wire::join(&[submission(key, name).encode()])
}

fn submission(key: &SecretKey, name: &str) -> Submission {
    let issuer = PrincipalId::parse("admin-1").expect("a name");
    let origin = Origin::parse(ORIGIN).expect("an origin");
    let header = Header::new(issuer, "sites", vec![origin], Kind::claims()).expect("a header");
    let object = format!(
        r#"{{"type":"Define","object":"site","value":{{"id":"urn:x:{name}","party":"urn:x:p","kind":"hub"}}}}"#
    );
    let mut next = name.len();
    let mut random = |bytes: &mut [u8]| {
        for byte in bytes {
            next = next * 31 + 7;
            next %= 251;
            *byte = u8::try_from(next).expect("below 251");
        }
    };
    own_objects(&header, &[&object], key, &mut random).expect("signs")
}

fn status(answer: &Answer) -> String {
    match answer {
        Answer::Ok { value } => {
            let status = value.pointer("/answers/0/status").and_then(Value::as_str);
            let code = value.pointer("/answers/0/code").and_then(Value::as_str);
            format!("{} {}", status.expect("a status"), code.unwrap_or_default())
        }
        Answer::Refused { code, .. } => format!("refused {code}"),
        Answer::Failed { .. } => "failed".to_owned(),
    }
}

#[test]
fn each_client_gets_its_own_answer_and_all_share_one_batch() {
    let folder = tempfile::tempdir().expect("folder");
    let (mut service, key) = service(folder.path());
    let keys = KeysSeen::default();
    keys.learn(&service.engine().intake().register);
    let one = site(&key, "one");
    let mut cut = site(&key, "cut");
    let last = cut.iter().rposition(|byte| *byte == 0x58).expect("a part");
    let swapped = site(&key, "other");
    cut.truncate(last);
    // A statement ends with its signature.
    let mut forged = submission(&key, "forged");
    *forged.statement.last_mut().expect("not empty") ^= 1;
    let forged = wire::join(&[forged.encode()]);
    let stranger = SecretKey::generate(countersign_attest::Algorithm::Ed25519, [8; 32]);
    let strange = site(&stranger, "strange");
    let all = [
        &one,
        &swapped,
        &one,
        &cut,
        &forged,
        &strange,
        &vec![0, 0, 0, 9, 1],
    ];
    let sent = |resolves: bool| {
        let read = |blob: &&Vec<u8>| Sent::read(blob, &|id| keys.resolve(id).filter(|_| resolves));
        all.iter().map(read).collect::<Vec<_>>()
    };
    let size = service.engine().size().0;
    let answers = service.submit_together(sent(true));
    let got: Vec<String> = answers.iter().map(|(answer, _)| status(answer)).collect();
    let expect = [
        "accepted ",
        "accepted ",
        "replay ",
        "refused bad_submission",
        "rejected bad_signature",
        "rejected unknown_key",
        "refused bad_submission",
    ];
    assert_eq!(got, expect);
    assert_eq!(
        service.engine().size().0,
        size + 3,
        "two statements and one batch"
    );
    // Who checks nothing ahead hears the same of what is there now.
    let again = service.submit_together(sent(false));
    let got: Vec<String> = again.iter().map(|(answer, _)| status(answer)).collect();
    assert_eq!(got[..3], ["replay ", "replay ", "replay "]);
    assert_eq!(got[3..], expect[3..]);
}

/// A second place that takes nothing new.
struct Fails(Box<dyn CheckpointCell>);

impl CheckpointCell for Fails {
    fn read(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.read()
    }

    fn swap(&mut self, expected: Option<&[u8]>, new: &[u8]) -> Result<Swapped, StoreError> {
        if expected == Some(new) {
            return self.0.swap(expected, new);
        }
        Err(StoreError::other("writing the second place", "it failed"))
    }
}

#[test]
fn a_commit_that_fails_is_told_to_everybody_in_it() {
    let folder = tempfile::tempdir().expect("folder");
    let (first, key) = service(folder.path());
    drop(first);
    let opened = open_with(&folder.path().join("data"), |world| {
        countersign_engine::Components {
            second: Box::new(Fails(world.second)),
            ..world
        }
    });
    let mut service = Service::new(opened.expect("opens"));
    for round in 0..2 {
        let blobs = [site(&key, "one"), site(&key, "two")];
        let sent = blobs.iter().map(|blob| Sent::read(blob, &|_| None));
        let answers = service.submit_together(sent.collect());
        let got: Vec<String> = answers.iter().map(|(answer, _)| status(answer)).collect();
        assert_eq!(got, ["failed", "failed"], "round {round}");
    }
}
