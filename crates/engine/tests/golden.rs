//! The golden logs: decoded, re-made and replayed byte for byte, for ever.
//!
//! `testdata/golden/log-vN/` (N is the fold version) holds a small log as bytes: the used part of
//! its ground segment, its committed checkpoint, one claim receipt, and the digest of the folded
//! state. The log made again from the same inputs is the bytes of the newest; every stored one
//! opens, replays and gives the stored receipt, and the newest replays to the stored digest.
//! Written only with COUNTERSIGN_BLESS=1, when the fold version rises.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod world;

use std::path::PathBuf;

use countersign_attest::{ChainLink, Submission, claims_payload, sign1};
use countersign_engine::Engine;
use countersign_engine::folds::FOLD_VERSION;
use countersign_engine::node_statement::import_header;
use countersign_model::body::{ClaimBody, Cut, EnvelopeBody, Part};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use world::device::{DEVICE, device_key, signed_event};
use world::{Shared, begin, open, said};

/// Of the log as that fold version made it.
fn folder(version: u32) -> PathBuf {
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/golden");
    golden.join(format!("log-v{version}"))
}

/// What the log is made of: contracts and a key, a plan, a signed event with a sealed field, the
/// same again and in conflict, a table row, an alias, four eyes, an erasure.
fn make(disk: &Shared) -> (Engine, Vec<Index>) {
    let mut engine = begin(disk).expect("begins");
    let key = device_key().public();
    let define = |object: &str, value: &str| {
        format!(r#"{{"type":"Define","object":"{object}","value":{value}}}"#)
    };
    let acts = [
        define(
            "site",
            r#"{"id":"urn:x:a","party":"urn:x:pa","kind":"warehouse","places":["urn:x:a:dock"]}"#,
        ),
        define(
            "site",
            r#"{"id":"urn:x:b","party":"urn:x:pb","kind":"hub"}"#,
        ),
        define(
            "lane",
            r#"{"id":"a-b","from":"urn:x:a","to":"urn:x:b","mode":"giver","grace":"PT15M"}"#,
        ),
        define(
            "tolerance",
            r#"{"id":"default","weight_kg":"0.2","weight_ratio":"0.01"}"#,
        ),
        define(
            "principal",
            &format!(r#"{{"id":"{DEVICE}","role":"device","key":"{key}","party":"urn:x:pa"}}"#),
        ),
    ];
    let acts: Vec<&str> = acts.iter().map(String::as_str).collect();
    take(&mut engine, &[said_by_admin(&acts, 1)]);
    let plan = r#"{"type":"Manifest","id":"urn:x:m1","lane":"a-b","from":"urn:x:a","to":"urn:x:b","departBy":"2026-01-04T08:00:00Z","arriveBy":"2026-01-04T12:00:00Z","lines":[{"line":"1","unit":"urn:epc:id:sscc:4012345.3111111111","value":"900","currency":"EUR"},{"line":"2","unit":"urn:x:u2"}]}"#;
    take(&mut engine, &[said_by_admin(&[plan], 2)]);
    let event = |units: &str, comment: &str| {
        format!(
            r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventID":"urn:uuid:0192c0de-0000-7000-8000-000000000001","eventTime":"2026-01-04T07:50:00.000+01:00","eventTimeZoneOffset":"+01:00","action":"OBSERVE","bizStep":"departing","readPoint":{{"id":"urn:x:a:dock"}},"bizTransactionList":[{{"type":"desadv","bizTransaction":"urn:x:m1"}}],"epcList":[{units}],"rdfs:comment":"{comment}"}}"#
        )
    };
    let one = r#""urn:epc:id:sscc:4012345.3111111111","urn:x:u2""#;
    let mut chain = ChainLink::first(1);
    let mut events = Vec::new();
    for (n, (units, comment)) in [
        (one, "Li Wei"),
        (one, "Li Wei"),
        (r#""urn:x:u2""#, "Li Wei"),
    ]
    .into_iter()
    .enumerate()
    {
        let salt = u8::try_from(n).expect("small") + 10;
        let (submission, next) = with_comment(&event(units, comment), salt, chain);
        chain = next;
        events.push(take(&mut engine, &[submission]));
    }
    let row = row_import(&engine);
    take(&mut engine, &[row]);
    let alias = r#"{"type":"Alias","unit":"urn:x:u2","sameAs":"urn:countersign:key:1:plate:LP-2","note":"a name"}"#;
    take(&mut engine, &[said_by_admin(&[alias], 3)]);
    let proposal = r#"{"type":"Proposal","id":"019b0000-0000-7000-8000-000000000000","action":"write_off","units":["urn:x:u2"],"expires":"2026-02-01T00:00:00Z","reason":"gone"}"#;
    take(&mut engine, &[said_by_admin(&[proposal], 4)]);
    engine
        .erase(ClaimRef {
            index: events[0],
            ordinal: 0,
        })
        .expect("erases");
    engine.publish().expect("publishes");
    (engine, events)
}

fn said_by_admin(objects: &[&str], salt: u8) -> Submission {
    let disk = Shared::default();
    let engine = begin(&disk).expect("begins");
    said(&engine, salt, objects)
}

/// Commits submissions; the index of the first.
fn take(engine: &mut Engine, submissions: &[Submission]) -> Index {
    let first = engine.size();
    for submission in submissions {
        engine.submit(submission).expect("is taken");
    }
    engine.commit().expect("commits");
    Index(first.0)
}

/// A signed event whose comment is sealed.
fn with_comment(event: &str, salt: u8, link: ChainLink) -> (Submission, ChainLink) {
    let at = event.find(r#""rdfs:comment":"#).expect("has one") + r#""rdfs:comment":"#.len();
    let cut = Cut::new(std::iter::once(at..event.len() - 1).collect());
    signed_event((event, &cut), salt, link, None)
}

/// A table of one row, signed by the node as an import.
fn row_import(engine: &Engine) -> Submission {
    let map = concat!(
        "format = \"countersign-mapping/1\"\ntitle = \"golden\"\n[sighting]\n",
        "unit = \"unit\"\ntime = { column = \"time\" }\n",
        "place = { const = \"urn:x:b\" }\nstep = { const = \"storing\" }\n"
    );
    let map = map.as_bytes().to_vec();
    let envelope = EnvelopeBody {
        format: "table-row".into(),
        version: 1,
        media_type: "text/csv".into(),
        salt: [8; 16],
        head: None,
        section: 0,
        mapping: Some(Digest::of(&map)),
        parts: vec![Part::Open(b"unit,time,name\n\n".to_vec())],
        holes: vec![15],
        continues_at: None,
    };
    let row = b"urn:x:u9,2026-01-04T09:00:00Z,Li Wei";
    let body = ClaimBody {
        format: "table-row".into(),
        version: 1,
        media_type: "text/csv".into(),
        salt: [9; 16],
        envelope: envelope.digest(),
        hole: 0,
        parts: Cut::new(std::iter::once(30..36).collect()).apply(row, &mut || [3; 32]),
    };
    let origin = engine.intake().register.identity().origin.clone();
    let header = import_header(&origin, "files").expect("a header");
    let payload = claims_payload(&[body.digest()]).expect("one claim");
    let statement = sign1(&header, &payload, engine.statement_key().expect("is here"));
    Submission {
        statement,
        envelopes: vec![envelope],
        bodies: vec![body],
        blobs: vec![map],
    }
}

struct Golden {
    segment: Vec<u8>,
    checkpoint: Vec<u8>,
    receipt: Vec<u8>,
    state: String,
}

/// Where the first event stands in the golden log: behind genesis, the acts, the plan, and the
/// finding that nothing of it has come.
const FIRST_EVENT: ClaimRef = ClaimRef {
    index: Index(8),
    ordinal: 0,
};

fn golden_of(disk: &Shared, engine: &Engine) -> Golden {
    Golden {
        segment: disk.segment(0),
        checkpoint: engine.outward().expect("signs").to_vec(),
        receipt: engine
            .claim_receipt(FIRST_EVENT)
            .expect("is there")
            .encode(),
        state: format!(
            "fold version {FOLD_VERSION}\nstate digest {}\n",
            engine.folds().state_digest()
        ),
    }
}

fn stored(version: u32, name: &str) -> Vec<u8> {
    let path = folder(version).join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_log_made_again_is_the_same_bytes() {
    let disk = Shared::default();
    let (engine, _) = make(&disk);
    let golden = golden_of(&disk, &engine);
    let files: [(&str, &[u8]); 4] = [
        ("segment", &golden.segment),
        ("checkpoint", &golden.checkpoint),
        ("claim.receipt", &golden.receipt),
        ("state.txt", golden.state.as_bytes()),
    ];
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        let folder = folder(FOLD_VERSION);
        std::fs::create_dir_all(&folder).expect("makes the folder");
        for (name, bytes) in files {
            std::fs::write(folder.join(name), bytes).expect("writes");
        }
    }
    for (name, bytes) in files {
        assert!(
            stored(FOLD_VERSION, name) == bytes,
            "{name} differs from testdata/golden/log-v{FOLD_VERSION}/{name}"
        );
    }
}

/// Whatever version made it: what was conclusive then may be read otherwise now, and is read.
#[test]
fn every_stored_log_opens_and_replays() {
    for version in 1..=FOLD_VERSION {
        let disk = Shared::default();
        disk.set_clock(world::START_MS);
        disk.put_segment(0, stored(version, "segment"));
        disk.set_second(Some(stored(version, "checkpoint")));
        let (engine, recovered) = open(&disk).expect("opens");
        assert_eq!((recovered.sequenced_again, recovered.dropped), (0, 0));
        let golden = golden_of(&disk, &engine);
        assert!(
            golden.receipt == stored(version, "claim.receipt"),
            "the receipt of log-v{version}"
        );
        let state = String::from_utf8(stored(version, "state.txt")).expect("a text");
        if version == FOLD_VERSION {
            assert_eq!(
                golden.state, state,
                "LOG-1: the same fold version gives the same state"
            );
        }
    }
}

#[test]
fn what_the_log_is_made_of_is_there() {
    let disk = Shared::default();
    let (engine, events) = make(&disk);
    assert_eq!(events[0], FIRST_EVENT.index);
    let status = |index: &Index| {
        let receipt = engine
            .claim_receipt(ClaimRef {
                index: *index,
                ordinal: 0,
            })
            .expect("is there");
        let record =
            countersign_model::entry::VerdictRecord::decode(&receipt.record).expect("a record");
        record.claims[0].as_str()
    };
    assert_eq!(
        events.iter().map(status).collect::<Vec<_>>(),
        ["effective", "duplicate", "conflicting_claim"]
    );
    let erased = engine.body(FIRST_EVENT, true).expect("is there");
    assert_eq!(erased.bytes(), None, "its sealed part is destroyed");
    let kept = engine
        .body(
            ClaimRef {
                index: events[1],
                ordinal: 0,
            },
            true,
        )
        .expect("is there");
    assert!(
        kept.bytes()
            .is_some_and(|bytes| bytes.windows(6).any(|w| w == b"Li Wei")),
        "another claim's is not"
    );
    let kinds: Vec<_> = engine
        .folds()
        .detect()
        .findings()
        .map(|finding| finding.kind)
        .collect();
    assert!(!kinds.is_empty(), "units that never arrived are found");
    let digest = engine.folds().state_digest();
    drop(engine);
    assert_eq!(
        open(&disk).expect("opens").0.folds().state_digest(),
        digest,
        "LOG-1, after an erasure"
    );
}
