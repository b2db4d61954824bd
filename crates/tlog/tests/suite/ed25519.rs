//! Which Ed25519 signatures this log accepts: Wycheproof, and the 914 edge cases of CCTV.

use countersign_tlog::ed25519::verify_strict;
use serde_json::Value;

use crate::data;

fn accepts(key: &Value, message: &[u8], signature: &Value) -> bool {
    let key: [u8; 32] = data::hex(key.as_str().unwrap()).try_into().unwrap();
    verify_strict(&key, message, &data::hex(signature.as_str().unwrap()))
}

#[test]
fn wycheproof() {
    let Some(path) = data::find("tlog/wycheproof/ed25519_test.json") else {
        return;
    };
    let mut count = 0;
    for group in data::json(&path)["testGroups"].as_array().unwrap() {
        for case in group["tests"].as_array().unwrap() {
            let message = data::hex(case["msg"].as_str().unwrap());
            let accepted = accepts(&group["publicKey"]["pk"], &message, &case["sig"]);
            assert_eq!(accepted, case["result"] == "valid", "case {}", case["tcId"]);
            count += 1;
        }
    }
    assert_eq!(count, 151);
}

/// Single verifiers in common use accept between 172 and 826 of these; the strict rule 43, which
/// all of them accept.
#[test]
fn cctv_edge_cases() {
    let Some(path) = data::find("tlog/cctv-ed25519/ed25519vectors.json") else {
        return;
    };
    let cases = data::json(&path);
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), 914);
    let accepted: Vec<&Value> = cases
        .iter()
        .filter(|case| {
            accepts(
                &case["key"],
                case["msg"].as_str().unwrap().as_bytes(),
                &case["sig"],
            )
        })
        .collect();
    assert_eq!(accepted.len(), 43);
    for case in accepted {
        let flags: Vec<_> = case["flags"].as_array().into_iter().flatten().collect();
        for refused in [
            "low_order_A",
            "low_order_R",
            "non_canonical_A",
            "non_canonical_R",
        ] {
            assert!(!flags.iter().any(|flag| **flag == refused), "{case}");
        }
    }
}
