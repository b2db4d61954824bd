//! What a log makes of submissions: cuts that hide or show too much, and claims that come twice.
//!
//! `testdata/vectors/submission/v1/cuts.json` are whole submissions. Of
//! `epcis-json/v1/said-twice.json` and `table-row/v1/re-export.json` the events and rows are cut
//! and signed here; that they have the identities and fingerprints which stand there is tested by
//! the crates of the formats.

mod world;

use countersign_attest::{Header, Kind, Submission, claims_payload, sign1};
use countersign_documents::Mapping;
use countersign_documents::table::Sections;
use countersign_engine::intake::IntakeError;
use countersign_engine::{Engine, Taken};
use countersign_epcis::context::Context;
use countersign_model::body::{ClaimBody, EnvelopeBody, Part};
use countersign_model::digest::hex_decode;
use countersign_model::ids::PrincipalId;
use countersign_model::json::Doc;
use serde_json::{Value, json};
use world::{ORIGIN, Shared, administrator, begin};

const CUTS: &str = include_str!("../../../testdata/vectors/submission/v1/cuts.json");
const SAID_TWICE: &str = include_str!("../../../testdata/vectors/epcis-json/v1/said-twice.json");
const RE_EXPORT: &str = include_str!("../../../testdata/vectors/table-row/v1/re-export.json");

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().expect("a text")
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().expect("a list")
}

/// The status of each claim, or the code of the refusal.
fn submitted(engine: &mut Engine, submission: &Submission) -> Value {
    match engine.submit(submission) {
        Ok(Taken::Staged(ticket)) => {
            let claims = ticket.claims.iter();
            let status: Vec<&str> = claims.map(|claim| claim.status.as_str()).collect();
            json!({"status": status})
        }
        Ok(Taken::Replay(index)) => panic!("in the log already, at {}", index.0),
        Err(IntakeError::Refused(refusal)) => json!({"error": refusal.code}),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn one_cut_is_right() {
    let vectors: Value = serde_json::from_str(CUTS).expect("JSON");
    assert_eq!(text(&vectors, "origin"), ORIGIN);
    for case in list(&vectors, "cases") {
        let mut engine = begin(&Shared::default()).expect("begins");
        let before = engine.size();
        let bytes = hex_decode(text(case, "submission")).expect("hexadecimal");
        let got = match Submission::decode(&bytes) {
            Ok(submission) => submitted(&mut engine, &submission),
            Err(refusal) => json!({"error": refusal.code}),
        };
        assert_eq!(got, case["expect"], "{}", text(case, "name"));
        engine.commit().expect("commits");
        // What is refused is not recorded: only the batch is new.
        let new = if got["error"].is_null() { 2 } else { 1 };
        assert_eq!(engine.size().0, before.0 + new, "{}", text(case, "name"));
    }
}

/// Different salts for everything that is made, so that nothing is word for word the same.
#[derive(Default)]
struct Salts(u8);

impl Salts {
    fn draw<const N: usize>(&mut self) -> [u8; N] {
        self.0 = self.0.checked_add(1).expect("a test draws few");
        [self.0; N]
    }
}

/// A statement of the administrator with all claims of one envelope.
fn signed(envelope: EnvelopeBody, bodies: Vec<Vec<Part>>, salts: &mut Salts) -> Submission {
    let bodies = bodies.into_iter().zip(0..).map(|(parts, hole)| ClaimBody {
        format: envelope.format.clone(),
        version: envelope.version,
        media_type: envelope.media_type.clone(),
        salt: salts.draw(),
        envelope: envelope.digest(),
        hole,
        parts,
    });
    let bodies: Vec<ClaimBody> = bodies.collect();
    let issuer = PrincipalId::parse("admin-1").expect("a name");
    let origin = countersign_model::ids::Origin::parse(ORIGIN).expect("an origin");
    let header = Header::new(issuer, "test", vec![origin], Kind::claims()).expect("a header");
    let claims: Vec<_> = bodies.iter().map(ClaimBody::digest).collect();
    Submission {
        statement: sign1(
            &header,
            &claims_payload(&claims).expect("few"),
            &administrator(),
        ),
        envelopes: vec![envelope],
        bodies,
        blobs: Vec::new(),
    }
}

fn event(event: &str, salts: &mut Salts) -> Submission {
    let doc = Doc::parse(event.as_bytes()).expect("JSON");
    let cut = countersign_epcis::cut::required(&doc, &Context::standard());
    let parts = cut.apply(event.as_bytes(), &mut || salts.draw());
    let envelope = EnvelopeBody {
        format: "epcis-json".to_owned(),
        version: 1,
        media_type: "application/json".to_owned(),
        salt: salts.draw(),
        head: None,
        section: 0,
        mapping: None,
        parts: Vec::new(),
        holes: vec![0],
        continues_at: None,
    };
    signed(envelope, vec![parts], salts)
}

#[test]
fn an_event_said_twice() {
    let vectors: Value = serde_json::from_str(SAID_TWICE).expect("JSON");
    let of_one_issuer = |case: &&Value| case["first"]["issuer"] == case["second"]["issuer"];
    let cases: Vec<&Value> = list(&vectors, "cases")
        .iter()
        .filter(of_one_issuer)
        .collect();
    assert!(cases.len() > 10);
    for case in cases {
        let (mut engine, mut salts) =
            (begin(&Shared::default()).expect("begins"), Salts::default());
        let status = ["first", "second"].map(|which| {
            let submission = event(text(&case[which], "event"), &mut salts);
            submitted(&mut engine, &submission)["status"][0].clone()
        });
        let name = text(case, "name");
        assert_eq!(status[0], "effective", "{name}");
        assert_eq!(status[1], text(case, "status"), "{name}");
    }
}

fn table(mapping: &Mapping, map: &str, document: &[u8], salts: &mut Salts) -> Submission {
    let mut sections = Vec::new();
    let mut scan = Sections::new(mapping.form());
    scan.push(document, &mut sections).expect("is a table");
    scan.finish(&mut sections).expect("is a table");
    let [section] = &sections[..] else {
        panic!("one section");
    };
    let salt = salts.draw();
    let binding = (None, mapping.digest());
    let envelope = section.envelope(mapping.form(), salt, binding, &|_| false, &mut || {
        salts.draw()
    });
    let bound = mapping.bind_envelope(&envelope).expect("the map fits");
    let rows = section.rows.iter().map(|row| {
        let row = section.row_bytes(row);
        bound.cut(row).apply(row, &mut || salts.draw())
    });
    let rows: Vec<Vec<Part>> = rows.collect();
    let mut submission = signed(envelope, rows, salts);
    submission.blobs.push(map.as_bytes().to_vec());
    submission
}

#[test]
fn a_table_exported_twice() {
    let vectors: Value = serde_json::from_str(RE_EXPORT).expect("JSON");
    assert_eq!(text(&vectors, "issuer"), "admin-1");
    for case in list(&vectors, "cases") {
        let (mut engine, mut salts) =
            (begin(&Shared::default()).expect("begins"), Salts::default());
        let map = text(case, "map");
        let mapping = Mapping::parse(map.as_bytes()).expect("a map");
        for export in list(case, "exports") {
            let document = text(export, "document").as_bytes();
            let submission = table(&mapping, map, document, &mut salts);
            let rows = list(export, "rows").iter();
            let expect: Vec<&Value> = rows.map(|row| &row["status"]).collect();
            let got = submitted(&mut engine, &submission);
            assert_eq!(got, json!({"status": expect}), "{}", text(case, "name"));
        }
    }
}
