//! Which ML-DSA-44 signatures this log accepts: Wycheproof.

use countersign_tlog::ml_dsa::verify;

use crate::data;

#[test]
fn wycheproof() {
    let Some(path) = data::find("tlog/wycheproof/mldsa_44_verify_test.json") else {
        return;
    };
    let (mut accepted, mut refused) = (0, 0);
    for group in data::json(&path)["testGroups"].as_array().unwrap() {
        let key = data::hex(group["publicKey"].as_str().unwrap());
        for case in group["tests"].as_array().unwrap() {
            // Signatures with a context are none of ours, and refused as such.
            let ours = case["ctx"].as_str().is_none_or(str::is_empty);
            let [message, signature] =
                ["msg", "sig"].map(|of| data::hex(case[of].as_str().unwrap()));
            let holds = verify(&key, &message, &signature);
            let expected = ours && case["result"] == "valid";
            assert_eq!(holds, expected, "case {}", case["tcId"]);
            if holds {
                accepted += 1;
            } else {
                refused += 1;
            }
        }
    }
    assert_eq!((accepted, refused), (75, 105));
}
