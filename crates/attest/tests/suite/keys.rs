//! Which signatures are accepted: Wycheproof, the 914 edge cases of CCTV, and statements of
//! other SCITT implementations.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_attest::{Algorithm, PublicKey, to_be_signed};
use countersign_model::cbor::{self, Value as Cbor};
use serde_json::Value;

use crate::data;

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

/// Runs a file of Wycheproof; `accepts` takes key, message, signature. Returns the number of cases.
fn wycheproof(file: &str, accepts: fn(&Value, &[u8], &[u8]) -> bool) -> Option<usize> {
    let path = data::find(&format!("tlog/wycheproof/{file}"))?;
    let mut count = 0;
    for group in data::json(&path)["testGroups"].as_array().unwrap() {
        for case in group["tests"].as_array().unwrap() {
            let (message, signature) = (text(case, "msg"), text(case, "sig"));
            let got = accepts(
                &group["publicKey"],
                &data::hex(message),
                &data::hex(signature),
            );
            assert_eq!(
                got,
                case["result"] == "valid",
                "{file}: case {}",
                case["tcId"]
            );
            count += 1;
        }
    }
    Some(count)
}

fn p256(key: &Value) -> PublicKey {
    PublicKey::new(Algorithm::Es256, &data::hex(text(key, "uncompressed"))).unwrap()
}

#[test]
fn wycheproof_p256_fixed() {
    let file = "ecdsa_secp256r1_sha256_p1363_test.json";
    let got = wycheproof(file, |key, message, signature| {
        p256(key).verify(message, signature)
    });
    assert!(got.is_none_or(|count| count == 262));
}

#[test]
fn wycheproof_p256_der() {
    let file = "ecdsa_secp256r1_sha256_test.json";
    let got = wycheproof(file, |key, message, signature| {
        p256(key).verify_der(message, signature)
    });
    assert!(got.is_none_or(|count| count == 484));
}

#[test]
fn wycheproof_ed25519() {
    let got = wycheproof("ed25519_test.json", |key, message, signature| {
        PublicKey::new(Algorithm::Ed25519, &data::hex(text(key, "pk")))
            .unwrap()
            .verify(message, signature)
    });
    assert!(got.is_none_or(|count| count == 151));
}

/// The strict rule takes 43; single verifiers in common use take between 172 and 826, and all
/// of them these.
#[test]
fn cctv_edge_cases() {
    let Some(path) = data::find("tlog/cctv-ed25519/ed25519vectors.json") else {
        return;
    };
    let cases = data::json(&path);
    let cases = cases.as_array().unwrap();
    let accepted = cases.iter().filter(|case| {
        let key = PublicKey::new(Algorithm::Ed25519, &data::hex(text(case, "key")));
        let message = text(case, "msg").as_bytes();
        key.is_ok_and(|key| key.verify(message, &data::hex(text(case, "sig"))))
    });
    assert_eq!((cases.len(), accepted.count()), (914, 43));
}

/// The key in a PEM file: the last bytes of its SubjectPublicKeyInfo.
fn pem(text: &str) -> PublicKey {
    let base64: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(base64).unwrap();
    let (algorithm, len) = if der.len() == 44 {
        (Algorithm::Ed25519, 32)
    } else {
        (Algorithm::Es256, 65)
    };
    PublicKey::new(algorithm, &der[der.len() - len..]).unwrap()
}

#[test]
fn signatures_of_another_scitt_implementation() {
    let Some(folder) = data::find("tlog/scitt-cose") else {
        return;
    };
    let mut count = 0;
    for case in std::fs::read_dir(folder).unwrap() {
        let case = case.unwrap().path();
        let statement = std::fs::read(case.join("statement.cose")).unwrap();
        let expected = data::json(&case.join("expected.json"));
        let key = pem(&std::fs::read_to_string(case.join("issuer-key.pub")).unwrap());
        // Their headers are not in deterministic order, so only the outer array is read here.
        let value = cbor::decode(&statement).unwrap();
        let Cbor::Tag(18, inner) = value else {
            panic!("no COSE_Sign1");
        };
        let Some(
            [
                Cbor::Bytes(protected),
                _,
                Cbor::Bytes(payload),
                Cbor::Bytes(signature),
            ],
        ) = inner.as_array()
        else {
            panic!("not four elements");
        };
        let good = key.verify(&to_be_signed(protected, payload), signature);
        assert_eq!(
            good,
            expected["statement_signature_valid"] == true,
            "{}",
            case.display()
        );
        count += 1;
    }
    assert_eq!(count, 8);
}
