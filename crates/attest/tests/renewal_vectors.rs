//! The vectors of docs/formats/renewal.md, which were made from that page alone.

use countersign_attest::{Genesis, PublicKey, Register};
use countersign_model::act::{Act, OwnObject};
use countersign_model::digest::hex_decode;
use countersign_model::entry::Index;
use countersign_model::json::Doc;
use serde_json::Value;

const VECTORS: &str = include_str!("../../../testdata/vectors/renewal/v1/vectors.json");

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().expect("a text")
}

/// The act in a text, or the field that is wrong.
fn act(json: &str) -> Result<Act, String> {
    let doc = Doc::parse(json.as_bytes()).expect("JSON");
    match OwnObject::from_json(doc.root()) {
        Ok(OwnObject::Act(act)) => Ok(act),
        Ok(OwnObject::Testimony(_)) => Err("testimony".to_owned()),
        Err(error) => Err(error.field),
    }
}

/// What becomes of the last act of a case: `ok`, a code, or the field that cannot be read. Those
/// before it are done.
fn outcome(vectors: &Value, case: &Value) -> String {
    let payload = hex_decode(text(vectors, "genesis")).expect("hexadecimal");
    let genesis = Genesis::decode(&payload).expect("a genesis");
    let mut register = Register::new(&genesis);
    let signer = PublicKey::parse(text(case, "signer")).expect("a key").id();
    let first = vectors["first_index"].as_u64().expect("an index");
    let mut last = "ok".to_owned();
    for (index, json) in (first..).zip(case["acts"].as_array().expect("acts")) {
        assert_eq!(last, "ok", "{}: before act {index}", text(case, "name"));
        last = match act(json.as_str().expect("a text")) {
            Ok(act) => match register.apply(Index(index), &signer, &act) {
                Ok(()) => "ok".to_owned(),
                Err(refusal) => refusal.code.to_owned(),
            },
            Err(field) => field,
        };
    }
    last
}

#[test]
fn renewals_are_taken_refused_or_not_read() {
    let vectors: Value = serde_json::from_str(VECTORS).expect("JSON");
    for list in ["right", "refused", "unreadable"] {
        let cases = vectors[list].as_array().expect("a list");
        assert!(!cases.is_empty());
        for case in cases {
            let name = text(case, "name");
            assert_eq!(
                outcome(&vectors, case),
                text(case, "expect"),
                "{list}: {name}"
            );
        }
    }
}
