//! Our own objects: plans, acts, the network; and the files of a scenario.

use std::io::Write as _;

use countersign_model::act::{Act, OwnObject, sealed_values};
use countersign_model::body::Cut;
use countersign_model::json::Doc;
use countersign_model::network::{Network, Object, ObjectKind};
use countersign_node::network::{self, differences};
use countersign_sim::folder::{Folder, ReadError};
use countersign_sim::truth::TruthRow;
use countersign_sim::{Finding, Sent};

use super::text;
use crate::{Seeds, Target};

pub(super) const OWN_OBJECT: Target = Target {
    name: "own-object",
    what: "plans and acts: they say the same when what must be sealed is gone",
    seeds: &[
        Seeds::Text("testdata/vectors/act/v1/vectors.json", &["text"]),
        Seeds::Text("testdata/vectors/act/v1-suspect/vectors.json", &["text"]),
        Seeds::Text(
            "testdata/vectors/act/v1-clock-offset/vectors.json",
            &["text"],
        ),
        Seeds::Text("testdata/vectors/act/v1-outage/vectors.json", &["text"]),
        Seeds::Text(
            "testdata/vectors/act/v1-plan-change/vectors.json",
            &["text"],
        ),
        Seeds::Text("testdata/vectors/plan/v1/vectors.json", &["text"]),
        Seeds::Hex("testdata/vectors/plan/v1/vectors.json", &["bytes"]),
    ],
    words: &[
        b"\"type\":",
        b"\"Define\"",
        b"\"Manifest\"",
        b"\"value\":{",
        b"\"reason\":",
        b"\"name\":",
        b"\"lines\":[",
        b"null",
        b"1e27",
        b"-0",
        b"\"PT0S\"",
        b"\"urn:epc:id:sgtin:9521234.154321.S-1\"",
        b"0.1",
        b"[]",
        b"{}",
    ],
    short_run: 5_000,
    run: own_object,
};

pub(super) const NETWORK: Target = Target {
    name: "network",
    what: "network.toml: defined, printed as JSON and read again it is the same network, without differences",
    seeds: &[
        Seeds::File("examples/network.toml"),
        Seeds::Text(
            "testdata/vectors/network/v1/vectors.json",
            &["file", "before"],
        ),
    ],
    words: &[
        b"[[site]]\n",
        b"[[lane]]\n",
        b"[[product]]\n",
        b"[[tolerance]]\n",
        b"[[principal]]\n",
        b"id = ",
        b"grace = \"PT1H\"\n",
        b"nan",
        b"inf",
        b"{a=1}",
        b"1979-05-27",
        b"0.1",
        b"1e400",
        b"\"\\u0000\"",
        b"places = []\n",
    ],
    short_run: 2_000,
    run: network_file,
};

pub(super) const NETWORK_OBJECT: Target = Target {
    name: "network-object",
    what: "values of Define: printed as JSON and read again each is the same object",
    seeds: &[Seeds::Json(
        "testdata/vectors/network/v1/vectors.json",
        &["value"],
    )],
    words: &[
        b"\"id\":",
        b"\"grace\":",
        b"\"PT1H\"",
        b"null",
        b"\"percent\":",
        b"1e-28",
        b"\"label\":",
        b"[]",
    ],
    short_run: 5_000,
    run: network_object,
};

pub(super) const SCENARIO: Target = Target {
    name: "scenario",
    what: "scenario.json: it ends after it starts, its origin is a name; submissions.bin: records written again are the file",
    seeds: &[
        Seeds::Text("testdata/vectors/scenario/v1/vectors.json", &["text"]),
        Seeds::Hex("testdata/vectors/scenario/v1/vectors.json", &["bytes"]),
    ],
    words: &[
        b"\"origin\":",
        b"\"seed\":",
        b"2026-03-02T00:00:00Z",
        b"\x00\x00\x00\x00",
        b"\x00\xff\xff\xff",
        b"-1",
        b"1.5",
    ],
    short_run: 800,
    run: scenario,
};

pub(super) const SCENARIO_LINES: Target = Target {
    name: "scenario-lines",
    what: "lines of truth and of findings: printed and read again they are the same",
    seeds: &[Seeds::Text(
        "testdata/vectors/scenario/v1/vectors.json",
        &["line"],
    )],
    words: &[
        b"\"amount\":",
        b"\"-0.01\"",
        b"\"9999999999999999999.99\"",
        b"null",
        b"\"kinds\":[",
        b"\"status\":\"retracted\"",
        b"\"opened_at\":",
    ],
    short_run: 5_000,
    run: scenario_lines,
};

fn own_object(bytes: &[u8]) {
    let Ok(doc) = Doc::parse(bytes) else { return };
    let Ok(read) = OwnObject::from_json(doc.root()) else {
        return;
    };
    let mut view = bytes.to_vec();
    for range in Cut::new(sealed_values(doc.root())).sealed().iter().rev() {
        view.splice(range.clone(), b"null".iter().copied());
    }
    let view = Doc::parse(&view).expect("an open view is JSON");
    let open = OwnObject::from_json(view.root()).expect("an open view says the same");
    match (&read, &open) {
        // The object itself is kept, so it is kept without what is sealed.
        (OwnObject::Act(Act::Finding(a)), OwnObject::Act(Act::Finding(b))) => {
            assert_eq!((a.id, a.transition), (b.id, b.transition));
        }
        _ => assert_eq!(open, read),
    }
}

fn network_file(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let Ok(objects) = network::parse(text) else {
        return;
    };
    let mut network = Network::default();
    for object in &objects {
        network.define(object.clone());
    }
    assert!(
        differences(&network, &objects).is_empty(),
        "what was defined differs"
    );
    let again = network::from_json(&network::to_json(&network)).expect("what is printed is read");
    assert!(
        again.objects().eq(network.objects()),
        "printed and read again"
    );
    for difference in differences(&Network::default(), &objects) {
        let act = Doc::parse(difference.act.as_bytes()).expect("an act is JSON");
        let read = OwnObject::from_json(act.root()).expect("an act");
        let object = match read {
            OwnObject::Act(Act::Define(object)) => object,
            other => panic!("{other:?} defines nothing"),
        };
        assert_eq!(
            (object.kind(), object.id()),
            (difference.kind, &*difference.id)
        );
        assert!(objects.contains(&object));
    }
}

fn network_object(bytes: &[u8]) {
    let Ok(doc) = Doc::parse(bytes) else { return };
    for kind in ObjectKind::ALL {
        let Ok(object) = Object::from_json(kind, doc.root()) else {
            continue;
        };
        assert_eq!(object.kind(), kind);
        let text = network::object_json(&object).to_string();
        let again = Doc::parse(text.as_bytes()).expect("what is printed is JSON");
        assert_eq!(Object::from_json(kind, again.root()).as_ref(), Ok(&object));
    }
}

/// The same bytes as each of the two files: neither reader looks at the other's.
fn scenario(bytes: &[u8]) {
    let dir = tempfile::tempdir().expect("a folder");
    let put = |name: &str| {
        let mut file = std::fs::File::create(dir.path().join(name)).expect("a file");
        file.write_all(bytes).expect("written");
    };
    put("scenario.json");
    if let Ok(folder) = Folder::open(dir.path()) {
        let scenario = folder.scenario();
        assert!(scenario.start <= scenario.end && !scenario.origin.as_str().is_empty());
    }
    std::fs::write(dir.path().join("scenario.json"), SCENARIO_TEXT).expect("written");
    put("submissions.bin");
    let folder = Folder::open(dir.path()).expect("a scenario");
    let records = folder.submissions().expect("a file");
    let read: Vec<Result<Sent, ReadError>> = records.collect();
    let mut again = Vec::new();
    for sent in read.iter().flatten() {
        again.extend(sent.at.ms().to_be_bytes());
        again.extend(
            u32::try_from(sent.bytes.len())
                .expect("a length")
                .to_be_bytes(),
        );
        again.extend(&sent.bytes);
    }
    assert!(bytes.starts_with(&again));
    assert!(again.len() == bytes.len() || matches!(read.last(), Some(Err(_))));
}

const SCENARIO_TEXT: &str = r#"{"format":"countersign-scenario","version":1,"origin":"x.example/1","start":"2026-03-02T00:00:00Z","end":"2026-03-03T00:00:00Z"}"#;

fn scenario_lines(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice(bytes) else {
        return;
    };
    if let Ok(row) = TruthRow::from_json(&value) {
        assert_eq!(TruthRow::from_json(&row.to_json()).as_ref(), Ok(&row));
    }
    if let Ok(finding) = Finding::from_json(&value) {
        assert!(finding.mentions.len() <= bytes.len());
    }
}
