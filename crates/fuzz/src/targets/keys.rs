//! What stands in fields: keys of goods and places, numbers, times, keys of signers.

use countersign_attest::{PublicKey, SecretKey};
use countersign_model::decimal::Decimal;
use countersign_model::gs1::Key;
use countersign_model::ids::{PlaceId, PrincipalId, UnitId, canonical_uri};
use countersign_model::quantity::{Currency, Uom};
use countersign_model::time::{Span, Timestamp};
use countersign_node::unit_text::read_unit_text;
use countersign_tlog::note::VerifierKey;

use super::text;
use crate::{Seeds, Target};

pub(super) const GS1_KEY: Target = Target {
    name: "gs1-key",
    what: "GS1 keys, as URN and Digital Link: the canonical spelling reads as the same key, and its class as a class",
    seeds: &[Seeds::Text(
        "testdata/vectors/gs1-keys/v1/keys.json",
        &["in", "canonical"],
    )],
    words: &[
        b"urn:epc:id:sgtin:",
        b"urn:epc:idpat:",
        b"urn:epc:class:lgtin:",
        b"https://id.gs1.org/",
        b"http://",
        b"/01/",
        b"/21/",
        b"/10/",
        b"/00/",
        b"/414/",
        b"/254/",
        b"/8003/",
        b"%2F",
        b"%",
        b"%00",
        b"?",
        b"#",
        b".",
        b"*",
        b"\xc3\xa9",
        b"0",
        b"//",
    ],
    short_run: 20_000,
    run: gs1_key,
};

pub(super) const IDENTIFIER: Target = Target {
    name: "identifier",
    what: "identifiers in any spelling: the canonical text is its own canonical text",
    seeds: &[
        Seeds::Text("testdata/vectors/gs1-keys/v1/keys.json", &["in"]),
        Seeds::Bytes(b"urn:countersign:key:1:manifest:M-100"),
        Seeds::Bytes(b"tracking:1Z 999"),
        Seeds::Bytes(b"340123451111111111"),
        Seeds::Bytes(b"https://example.org/place/7"),
    ],
    words: &[
        b"urn:countersign:key:1:",
        b"urn:epc:",
        b"https:",
        b":",
        b"%20",
        b" ",
        b"{",
        b"\xe2\x80\x8b",
        b"-",
        b"~",
    ],
    short_run: 20_000,
    run: identifier,
};

pub(super) const NUMBERS_AND_TIMES: Target = Target {
    name: "numbers-and-times",
    what: "decimals, RFC 3339 times, durations, units of measure: written again and read they are equal",
    seeds: &[
        Seeds::Bytes(b"-12.500e-3"),
        Seeds::Bytes(b"9999999999999999999999999999"),
        Seeds::Bytes(b"0.0000000000000000000000000001"),
        Seeds::Bytes(b"2026-03-02T08:00:00.250+01:00"),
        Seeds::Bytes(b"2199-12-31T23:59:60Z"),
        Seeds::Bytes(b"1972-02-29T00:00:00-14:00"),
        Seeds::Bytes(b"P1DT2H30M0.5S"),
        Seeds::Bytes(b"KGM"),
        Seeds::Bytes(b"EUR"),
    ],
    words: &[
        b"e",
        b"E+",
        b"2147483647",
        b"-2147483648",
        b".",
        b"T",
        b"PT",
        b"S",
        b"Z",
        b"+14:00",
        b"-00:00",
        b"60",
        b"999999999999",
    ],
    short_run: 20_000,
    run: numbers_and_times,
};

pub(super) const SIGNER_KEY: Target = Target {
    name: "signer-key",
    what: "public, secret and note verifier keys as text: written again as the same text",
    seeds: &[
        Seeds::Text(
            "testdata/vectors/statement/v1/vectors.json",
            &["public", "secret"],
        ),
        Seeds::Text("testdata/vectors/signed-note/v1/vectors.json", &["vkeys"]),
        Seeds::Text("testdata/vectors/cosignature/v1/vectors.json", &["vkey"]),
    ],
    words: &[
        b"ES256:",
        b"Ed25519:",
        b"countersign-secret-key:1:",
        b"+",
        b"=",
        b"==",
        b"A",
        b"/",
        b"\n",
    ],
    short_run: 3_000,
    run: signer_key,
};

fn gs1_key(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let Ok(key) = Key::parse(text) else { return };
    let again = Key::parse(key.canonical()).expect("a canonical key is a key");
    assert_eq!(again.canonical(), key.canonical());
    assert_eq!(again.kind(), key.kind());
    assert_eq!(again.number(), key.number());
    assert_eq!(again.serial(), key.serial());
    assert_eq!(again.lot(), key.lot());
    assert_eq!(again.extension(), key.extension());
    assert_eq!(again.gtin14(), key.gtin14());
    assert_eq!(again.check_digit_ok(), key.check_digit_ok());
    assert!(!(key.is_class() && key.is_instance()));
    if let Some(class) = key.class_key() {
        assert!(
            class.is_class() || class.canonical() == key.canonical(),
            "{class}"
        );
        assert_eq!(Key::parse(class.canonical()), Ok(class));
    }
    let id = canonical_uri(key.canonical()).expect("a canonical key is an identifier");
    assert_eq!(&*id, key.canonical());
    // A text that is no URI as it stands may still be read as a key.
    if let Ok(id) = canonical_uri(text) {
        assert_eq!(&*id, key.canonical());
    }
}

fn identifier(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Ok(canonical) = canonical_uri(text) {
        assert_eq!(canonical_uri(&canonical).as_ref(), Ok(&canonical));
    }
    if let Ok(unit) = read_unit_text(text) {
        assert_eq!(UnitId::parse(unit.as_str()), Ok(unit));
    }
    let (scheme, value) = text.split_once(':').unwrap_or(("own", text));
    if let Ok(place) = PlaceId::private(scheme, value) {
        assert_eq!(PlaceId::parse(place.as_str()), Ok(place));
    }
    if let Ok(principal) = PrincipalId::parse(text) {
        assert_eq!(PrincipalId::parse(principal.as_str()), Ok(principal));
    }
}

fn numbers_and_times(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Some(number) = Decimal::parse(text) {
        assert_eq!(Decimal::parse(&number.to_string()), Some(number));
        assert_eq!(number.negated().negated(), number);
        assert_eq!(number.checked_sub(number), Some(Decimal::ZERO));
        let _ = (
            number.trunc(),
            number.checked_mul(number),
            number.checked_add(number),
        );
    }
    if let Ok((time, _)) = Timestamp::parse(text) {
        assert_eq!(Timestamp::parse(&time.to_string()), Ok((time, 0)));
    }
    if let Some(span) = Span::parse(text) {
        let ms = Decimal::whole(span.ms());
        let seconds = ms.checked_mul(Decimal::new(1, 3).expect("a thousandth"));
        let again = format!("PT{}S", seconds.expect("milliseconds fit"));
        assert_eq!(Span::parse(&again), Some(span));
        assert!(!span.to_string().is_empty());
    }
    if let Some(uom) = Uom::parse(text) {
        assert_eq!(Uom::parse(uom.as_str()), Some(uom));
    }
    if let Some(currency) = Currency::parse(text) {
        assert_eq!(currency.as_str(), text);
    }
}

fn signer_key(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Ok(key) = PublicKey::parse(text) {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(key) = SecretKey::parse(text) {
        assert_eq!(key.to_text().trim_end(), text.trim_end_matches('\n'));
        assert_eq!(
            PublicKey::parse(&key.public().to_string()),
            Ok(key.public())
        );
    }
    if let Ok(key) = VerifierKey::parse(text) {
        assert_eq!(key.to_string(), text);
    }
}
