//! Values that are easily guessed: `testdata/vectors/body/v1/guessable.json`, which was made from
//! docs/formats/body.md alone.

use std::collections::BTreeSet;

use countersign_model::body::{ClaimBody, Format, Part, keyed};
use countersign_model::digest::{Digest, hex_decode};
use serde_json::Value;

const VECTORS: &str = include_str!("../../../../testdata/vectors/body/v1/guessable.json");

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().expect("a text")
}

fn bytes(value: &Value, name: &str) -> Vec<u8> {
    hex_decode(text(value, name)).expect("hexadecimal")
}

fn vectors() -> Value {
    serde_json::from_str(VECTORS).expect("JSON")
}

fn bodies(vectors: &Value) -> Vec<(&Value, ClaimBody)> {
    let cases = vectors["bodies"].as_array().expect("a list").iter();
    cases
        .map(|case| {
            let body = ClaimBody::decode(&bytes(case, "claim")).expect("a body");
            (case, body)
        })
        .collect()
}

fn sealed_part(body: &ClaimBody) -> Option<&Part> {
    let mut parts = body.parts.iter();
    parts.find(|part| !matches!(part, Part::Open(_)))
}

#[test]
fn digests_commitments_and_views() {
    let vectors = vectors();
    for (case, body) in bodies(&vectors) {
        let name = text(case, "name");
        assert_eq!(body.encode(), bytes(case, "claim"), "{name}");
        assert_eq!(body.digest().to_string(), text(case, "digest"), "{name}");
        let withheld = body.withheld();
        assert_eq!(withheld.encode(), bytes(case, "withheld"), "{name}");
        assert_eq!(withheld.digest(), body.digest(), "{name}");
        let view = body.open_view(Format::EpcisJson.blank());
        assert_eq!(view, text(case, "open_view").as_bytes(), "{name}");
        for body in [&body, &withheld] {
            let commitment = sealed_part(body).map(|part| part.commitment().to_string());
            assert_eq!(commitment.as_deref(), case["commitment"].as_str(), "{name}");
        }
    }
}

#[test]
fn a_digest_tells_nothing_of_a_sealed_value_but_that_it_is_another() {
    let vectors = vectors();
    let bodies = bodies(&vectors);
    let digests: BTreeSet<Digest> = bodies.iter().map(|(_, body)| body.digest()).collect();
    assert_eq!(digests.len(), bodies.len(), "no two digests are alike");
    let sealed = bodies
        .iter()
        .filter(|(_, body)| sealed_part(body).is_some());
    let shown: BTreeSet<(Vec<u8>, usize)> = sealed
        .map(|(_, body)| (body.open_view(b"null"), body.withheld().encode().len()))
        .collect();
    assert_eq!(shown.len(), 1, "one open view, one length");
}

#[test]
fn a_right_guess_without_the_salt_is_not_confirmed() {
    let vectors = vectors();
    let bodies = bodies(&vectors);
    let (case, body) = bodies.first().expect("one");
    let value = text(case, "value").as_bytes();
    let withheld = body.withheld();
    let commitment = sealed_part(&withheld).expect("sealed").commitment();
    for guess in vectors["guesses"].as_array().expect("a list") {
        let got = if guess["bytes"].is_null() {
            Digest::of(value)
        } else {
            let key: [u8; 32] = bytes(guess, "bytes").try_into().expect("a key");
            keyed(&key, value)
        };
        assert_eq!(got.to_string(), text(guess, "gives"), "{guess}");
        assert_ne!(got, commitment, "{guess}");
    }
    let all = (0..10_000).map(|pin| format!("\"{pin:04}\""));
    let salt: [u8; 32] = bytes(case, "salt").try_into().expect("a salt");
    let found: Vec<String> = all
        .filter(|guess| keyed(&salt, guess.as_bytes()) == commitment)
        .collect();
    assert_eq!(found, [text(case, "value")], "with its salt it is found");
}

#[test]
fn an_open_value_is_kept_from_being_guessed_by_the_salt_of_the_body() {
    let vectors = vectors();
    let mut tried = 0;
    for (case, mut body) in bodies(&vectors) {
        if case["salt"].is_null() {
            let digest = body.digest();
            body.salt = [0; 16];
            assert_eq!(body.digest().to_string(), text(&vectors, "unsalted_digest"));
            assert_ne!(body.digest(), digest);
            tried += 1;
        }
    }
    assert_eq!(tried, 2);
}
