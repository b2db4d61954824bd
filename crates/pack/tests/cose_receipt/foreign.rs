//! Receipts and statements that others made.

use countersign_attest::{Algorithm, SecretKey};
use countersign_pack::cose_receipt::{CoseReceipt, CoseReceiptError, ScittStatement};
use countersign_tlog::proof::{root_from_consistency, root_from_inclusion};
use countersign_tlog::{Hash, LeafIndex, TreeSize};
use serde_json::Value;

use crate::data::{find, hash, hex, names, pem_key, read};

/// Cases of the package scitt-cose: the receipt's file, what comes of it and of the statement here,
/// and the code that its own list expects (none: everything is valid).
/// The table stands in docs/formats/cose-receipt.md too.
const SCITT_COSE: [(&str, &str, &str, &str, Option<&str>); 9] = [
    (
        "fail-bad-statement-sig",
        "receipt.cose",
        "proven",
        "statement_signature_invalid",
        Some("BAD_STATEMENT_SIGNATURE"),
    ),
    (
        "fail-tampered-path",
        "receipt.cose",
        "signature_invalid",
        "proven",
        Some("TAMPERED_INCLUSION_PATH"),
    ),
    (
        "fail-unsupported-vds",
        "receipt.cose",
        "unsupported_vds",
        "proven",
        Some("UNSUPPORTED_VDS"),
    ),
    (
        "fail-zero-size-proof",
        "receipt.cose",
        "zero_size_tree",
        "proven",
        Some("MALFORMED_INCLUSION_PROOF"),
    ),
    // The profile of CCF: valid there, another structure here.
    (
        "valid-ccf-vds2",
        "receipt.cose",
        "unsupported_vds",
        "proven",
        None,
    ),
    ("valid-eddsa", "receipt.cose", "proven", "proven", None),
    (
        "valid-eddsa-multi-proof",
        "receipt.cose",
        "proven",
        "proven",
        None,
    ),
    (
        "valid-eddsa-multi-proof",
        "receipt-reordered.cose",
        "proven",
        "proven",
        None,
    ),
    ("valid-es256", "receipt.cose", "proven", "proven", None),
];

fn code<T>(result: &Result<T, CoseReceiptError>) -> &'static str {
    result.as_ref().map_or_else(|why| why.code(), |_| "proven")
}

#[test]
fn scitt_cose() {
    let Some(folder) = find("tlog/scitt-cose") else {
        return;
    };
    let mut listed: Vec<&str> = SCITT_COSE.iter().map(|row| row.0).collect();
    listed.dedup();
    assert_eq!(names(&folder), listed, "every case is in the table");
    for (case, file, receipt_code, statement_code, their_code) in SCITT_COSE {
        let at = |name: &str| folder.join(case).join(name);
        let expected: Value = serde_json::from_slice(&read(&at("expected.json"))).unwrap();
        assert_eq!(expected["failure_code"].as_str(), their_code, "{case}");
        let statement = ScittStatement::parse(&read(&at("statement.cose"))).unwrap();
        assert!(statement.receipts().is_empty(), "{case}");
        assert_eq!(statement.payload(), read(&at("payload.bin")), "{case}");
        let issuer = pem_key(&at("issuer-key.pub")).expect("ES256 or Ed25519");
        let said = statement.verify_signature(&issuer);
        assert_eq!(code(&said), statement_code, "{case}");
        let entry = statement.entry();
        assert_eq!(expected["leaf_entry"], entry.to_string(), "{case}");

        let receipt = CoseReceipt::parse(&read(&at(file)));
        // The key of the CCF receipt is none that is read here, and is not needed.
        let proven = receipt.and_then(|receipt| {
            let log = pem_key(&at("log-key.pub")).expect("ES256 or Ed25519");
            receipt.verify_inclusion(entry.as_bytes(), &log)
        });
        assert_eq!(code(&proven), receipt_code, "{case} {file}");
        if let Ok(proven) = proven {
            let root = expected["reconstructed_root"].as_str().unwrap();
            assert_eq!(proven.root, hash(root), "{case} {file}");
            assert_eq!(expected["tree_size"], proven.stated_size.0, "{case} {file}");
            assert_eq!(
                expected["leaf_index"], proven.stated_index.0,
                "{case} {file}"
            );
        }
    }
}

/// Everything in a valid case that is not what was signed is refused.
#[test]
fn scitt_cose_with_the_wrong_entry_or_key() {
    let Some(folder) = find("tlog/scitt-cose") else {
        return;
    };
    for case in ["valid-eddsa", "valid-eddsa-multi-proof", "valid-es256"] {
        let at = |name: &str| folder.join(case).join(name);
        let receipt = CoseReceipt::parse(&read(&at("receipt.cose"))).unwrap();
        let statement = ScittStatement::parse(&read(&at("statement.cose"))).unwrap();
        let entry = statement.entry();
        let log = pem_key(&at("log-key.pub")).unwrap();
        let issuer = pem_key(&at("issuer-key.pub")).unwrap();
        let check = |entry: &[u8], key, expect: &str| {
            assert_eq!(
                code(&receipt.verify_inclusion(entry, key)),
                expect,
                "{case}"
            );
        };
        check(entry.as_bytes(), &log, "proven");
        check(entry.as_bytes(), &issuer, "signature_invalid");
        check(&read(&at("statement.cose")), &log, "signature_invalid");
        check(&[], &log, "signature_invalid");
        let other = match log.algorithm() {
            Algorithm::Es256 => Algorithm::Ed25519,
            Algorithm::Ed25519 => Algorithm::Es256,
        };
        let other = SecretKey::generate(other, [7; 32]).public();
        check(entry.as_bytes(), &other, "key_alg_differs");
        let consistency = receipt.verify_consistency(TreeSize(2), &Hash::EMPTY_ROOT, &log);
        assert_eq!(code(&consistency), "proof_missing", "{case}");
    }
}

/// The examples of the RFC's repository, a log of 5 leaves. Its key is not published with them, so
/// their signatures cannot be checked; but the two proofs meet in one root.
#[test]
fn examples_of_rfc_9942() {
    let (Some(inclusion), Some(consistency)) = (
        find("tlog/cose-receipts/inclusion-receipt.cbor"),
        find("tlog/cose-receipts/consistency-receipt.cbor"),
    ) else {
        return;
    };
    let inclusion = CoseReceipt::parse(&read(&inclusion)).unwrap();
    let consistency = CoseReceipt::parse(&read(&consistency)).unwrap();
    for receipt in [&inclusion, &consistency] {
        assert_eq!(receipt.algorithm(), Algorithm::Es256);
        assert_eq!(receipt.key_id(), Some(b"test-key-1".as_slice()));
        let issuer = "https://transparency-service.example.com";
        assert_eq!(receipt.issuer(), Some(issuer));
        assert_eq!(receipt.subject(), None);
    }
    let ([], [leaf_3]) = (inclusion.consistency_proofs(), inclusion.inclusion_proofs()) else {
        panic!("one inclusion proof");
    };
    let ([from_3], []) = (
        consistency.consistency_proofs(),
        consistency.inclusion_proofs(),
    ) else {
        panic!("one consistency proof");
    };
    assert_eq!((leaf_3.size(), leaf_3.index()), (TreeSize(5), LeafIndex(3)));
    assert_eq!(
        (from_3.old_size(), from_3.new_size()),
        (TreeSize(3), TreeSize(5))
    );
    // From 3 to 5 the path is leaf 2, leaf 3, the node above leaves 0 and 1, leaf 4.
    let [leaf_2, leaf, node, leaf_4] = from_3.path() else {
        panic!("a path of four");
    };
    assert_eq!(leaf_3.path(), [*leaf_2, *node, *leaf_4]);
    let old_root = Hash::node(node, leaf_2);
    let root = root_from_consistency(TreeSize(3), TreeSize(5), from_3.path(), &old_root);
    let same = root_from_inclusion(leaf, LeafIndex(3), TreeSize(5), leaf_3.path());
    assert_eq!(root, same);
    let expect = hash("895731b5a570ea1967dd7804b5f43146175f9ac87d1565985de3ecf09c98589c");
    assert_eq!(root, Ok(expect));
    let stranger = SecretKey::generate(Algorithm::Es256, [7; 32]).public();
    let verify = |old_size, old_root| {
        code(&consistency.verify_consistency(TreeSize(old_size), old_root, &stranger))
    };
    assert_eq!(verify(3, &old_root), "signature_invalid");
    assert_eq!(verify(3, &expect), "old_root_differs");
    assert_eq!(verify(4, &old_root), "proof_missing");
    let inclusion = inclusion.verify_inclusion(&hex("00"), &stranger);
    assert_eq!(code(&inclusion), "signature_invalid");
}
