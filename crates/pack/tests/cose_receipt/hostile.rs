//! Bytes that are no receipt: each refused with its own code.

use countersign_attest::Algorithm;
use countersign_model::cbor::Writer;
use countersign_pack::cose_receipt::{CoseReceipt, CoseReceiptError, ScittStatement};
use countersign_pack::limits::{COSE_RECEIPT_BYTES_MAX, TRANSPARENT_STATEMENT_BYTES_MAX};

use crate::data::hex;
use crate::ours::Log;

/// `{1: -8, 395: 1}`.
const HEADER: &str = "a2012719018b01";
/// `[2, 0, [32 zero bytes]]` in a byte string.
const PROOF: &str =
    "58268302008158200000000000000000000000000000000000000000000000000000000000000000";

fn vdp() -> String {
    format!("a119018ca12081{PROOF}")
}

/// The hex of a COSE_Sign1 with a short signature.
fn sign1(protected: &str, unprotected: &str, payload: &str) -> String {
    let mut wrapped = Writer::default();
    wrapped.bytes(&hex(protected));
    let protected = countersign_model::digest::hex(&wrapped.into_bytes());
    format!("d284{protected}{unprotected}{payload}4100")
}

fn check(text: &str, expect: &str) {
    let read = CoseReceipt::parse(&hex(text));
    let code = read.as_ref().map_or_else(|why| why.code(), |_| "read");
    assert_eq!(code, expect, "{text}");
}

fn header(protected: &str, expect: &str) {
    check(&sign1(protected, &vdp(), "f6"), expect);
}

fn unprotected(map: &str, expect: &str) {
    check(&sign1(HEADER, map, "f6"), expect);
}

/// A proof by its CBOR, in the place of an inclusion (`20`) or a consistency proof (`21`).
fn proof(label: &str, cbor: &str, expect: &str) {
    let mut wrapped = Writer::default();
    wrapped.bytes(&hex(cbor));
    let wrapped = countersign_model::digest::hex(&wrapped.into_bytes());
    unprotected(&format!("a119018ca1{label}81{wrapped}"), expect);
}

#[test]
fn the_outer_form() {
    let good = sign1(HEADER, &vdp(), "f6");
    check(&good, "read");
    check(
        &sign1(HEADER, &vdp(), &format!("5820{}", "00".repeat(32))),
        "read",
    );
    check("", "cbor_malformed");
    check(&format!("{good}00"), "cbor_malformed");
    check("f6", "not_cose_sign1");
    check("80", "not_cose_sign1");
    // Without its tag, with another, with the tag twice, with the tag written long.
    check(&good[2..], "not_cose_sign1");
    check(&good.replacen("d2", "d1", 1), "not_cose_sign1");
    check(&format!("d2{good}"), "not_cose_sign1");
    check(&good.replacen("d2", "d812", 1), "cbor_malformed");
    // Three and five elements; an indefinite array; elements of other types.
    check("d283404040", "not_cose_sign1");
    check("d28540a0f64040", "not_cose_sign1");
    check("d29f40a0f640ff", "cbor_malformed");
    check("d284a0a0f640", "not_cose_sign1");
    check("d2844040f640", "not_cose_sign1");
    check("d28440a0f540", "not_cose_sign1");
    check("d28440a0f6a0", "not_cose_sign1");
    // As deep as a stack would like.
    check(&"81".repeat(30_000), "cbor_malformed");
    check(&"d2".repeat(30_000), "cbor_malformed");
    check("9bffffffffffffffff", "cbor_malformed");
    check("bb00ffffffffffffff", "cbor_malformed");
}

#[test]
fn the_protected_header() {
    header(HEADER, "read");
    header("a219018b010127", "read");
    check(&sign1("", &vdp(), "f6"), "header_malformed");
    header("80", "header_malformed");
    header("a0", "vds_missing");
    header("a10127", "vds_missing");
    header("a119018b01", "header_malformed");
    header("a2012719018b00", "unsupported_vds");
    header("a2012719018b02", "unsupported_vds");
    header("a2012719018b20", "unsupported_vds");
    header("a2012719018b4101", "header_malformed");
    // ES384, ML-DSA-44, ESP256, a text.
    header("a201382219018b01", "unsupported_alg");
    header("a201382f19018b01", "unsupported_alg");
    header("a2012819018b01", "unsupported_alg");
    header("a20165454453414419018b01", "unsupported_alg");
    // Of an unknown structure nothing else is looked at.
    header("a201382219018b02", "unsupported_vds");
    // kid, CWT claims.
    header("a3012704410019018b01", "read");
    header("a3012704616119018b01", "header_malformed");
    header("a301270fa019018b01", "read");
    header("a301270f0019018b01", "header_malformed");
    header("a301270fa1010019018b01", "header_malformed");
    // A label of another type, a label that is none of ours, one that is there twice.
    header("a30127f50019018b01", "header_malformed");
    header("a30127617a0019018b01", "read");
    header("a3012719018b0119018b01", "cbor_malformed");
    header("a30127012619018b01", "cbor_malformed");
    // Label 1 in two bytes, vds in five, a float, an indefinite map.
    header("a218012719018b01", "cbor_malformed");
    header("a201271a0000018b01", "cbor_malformed");
    header("a3012718fff97e0019018b01", "cbor_malformed");
    header("bf012719018b01ff", "cbor_malformed");
    header("a2012719018b0100", "cbor_malformed");
}

#[test]
fn critical_parameters() {
    // [395], [1, 395], [], [15], ["z"], 1, and [4] without kid.
    header("a30127028119018b19018b01", "read");
    header("a3012702820119018b19018b01", "read");
    header("a30127028019018b01", "header_malformed");
    header("a4012702810f0fa019018b01", "unsupported_crit");
    header("a401270281617a617a0019018b01", "unsupported_crit");
    header("a30127020119018b01", "header_malformed");
    header("a3012702810419018b01", "header_malformed");
    let both = format!("a202810119018ca12081{PROOF}");
    unprotected(&both, "header_malformed");
}

#[test]
fn the_unprotected_header() {
    unprotected("a0", "proof_missing");
    unprotected("a119018cf6", "proof_malformed");
    unprotected("a119018ca0", "proof_missing");
    unprotected("a119018ca12080", "proof_missing");
    unprotected("a119018ca12180", "proof_missing");
    unprotected("a119018ca120a0", "proof_malformed");
    unprotected("a119018ca12081f6", "proof_malformed");
    // A kind of proof that the structure does not have, beside one that it has.
    unprotected(&format!("a119018ca22081{PROOF}22814100"), "proof_malformed");
    unprotected(
        &format!("a119018ca22081{PROOF}2081{PROOF}"),
        "cbor_malformed",
    );
    // A label of the protected header; one of nobody's.
    unprotected(&format!("a2012719018ca12081{PROOF}"), "header_malformed");
    unprotected(&format!("a2183b0019018ca12081{PROOF}"), "read");
    unprotected(&format!("a119018ca12090{}", PROOF.repeat(16)), "read");
    unprotected(&format!("a119018ca12091{}", PROOF.repeat(17)), "too_large");
}

#[test]
fn proofs() {
    let hashes = |count: usize| format!("5820{}", "11".repeat(32)).repeat(count);
    let one = hashes(1);
    proof("20", &format!("83020081{one}"), "read");
    proof("20", "83000080", "zero_size_tree");
    proof("20", &format!("83020281{one}"), "index_beyond_tree");
    proof("20", "83010080", "path_length_wrong");
    proof("20", "83020080", "path_length_wrong");
    proof("20", &format!("83020082{}", hashes(2)), "path_length_wrong");
    proof("20", &format!("8302009842{}", hashes(66)), "too_large");
    proof(
        "20",
        &format!("8302009841{}", hashes(65)),
        "path_length_wrong",
    );
    proof("20", &format!("82020081{one}"), "cbor_malformed");
    proof("20", "820200", "proof_malformed");
    proof("20", &format!("84020081{one}00"), "proof_malformed");
    proof("20", &format!("83200081{one}"), "proof_malformed");
    proof("20", &format!("83022081{one}"), "proof_malformed");
    proof("20", &format!("830200{one}"), "proof_malformed");
    proof(
        "20",
        &format!("83020081581f{}", "11".repeat(31)),
        "proof_malformed",
    );
    proof("20", "8302008100", "proof_malformed");
    proof("20", "", "cbor_malformed");
    proof("20", &format!("8318020081{one}"), "cbor_malformed");
    proof("20", &format!("8302009f{one}ff"), "cbor_malformed");
    proof("20", &format!("83020081{one}00"), "cbor_malformed");
    proof(
        "20",
        "831bffffffffffffffff1bfffffffffffffffe80",
        "path_length_wrong",
    );
    proof("21", &format!("83010281{one}"), "read");
    proof("21", &format!("83000281{one}"), "zero_size_tree");
    proof("21", "83000080", "zero_size_tree");
    proof("21", &format!("83030281{one}"), "sizes_reversed");
    proof("21", "83020280", "path_length_wrong");
    proof("21", &format!("83010282{}", hashes(2)), "path_length_wrong");
}

/// One malformed proof refuses the receipt, wherever it stands.
#[test]
fn a_good_proof_does_not_hide_a_bad_one() {
    unprotected(
        &format!("a119018ca12082{PROOF}4483000080"),
        "zero_size_tree",
    );
    unprotected(
        &format!("a119018ca120824483000080{PROOF}"),
        "zero_size_tree",
    );
}

#[test]
fn limits() {
    let oversized = vec![0xd2; COSE_RECEIPT_BYTES_MAX + 1];
    assert_eq!(
        CoseReceipt::parse(&oversized),
        Err(CoseReceiptError::TooLarge)
    );
    let oversized = vec![0xd2; TRANSPARENT_STATEMENT_BYTES_MAX + 1];
    assert_eq!(
        ScittStatement::parse(&oversized),
        Err(CoseReceiptError::TooLarge)
    );
}

/// The root may be attached, and counts for nothing unless it is the one computed.
#[test]
fn an_attached_payload() {
    let log = Log::new(8, Algorithm::Ed25519);
    let detached = log.inclusion(2);
    let at = detached.len() - 2 - 64 - 1;
    assert_eq!(detached[at], 0xf6);
    let with = |payload: &[u8]| {
        let mut wrapped = Writer::default();
        wrapped.bytes(payload);
        let (before, after) = detached.split_at(at);
        let receipt = [before, &wrapped.into_bytes(), &after[1..]].concat();
        log.proves(&receipt, 2)
    };
    assert_eq!(with(log.root().as_bytes()), Ok(log.root()));
    let refused = Err(CoseReceiptError::PayloadNotRoot);
    assert_eq!(with(&[0; 32]), refused);
    assert_eq!(with(&[]), refused);
    assert_eq!(with(&log.root().as_bytes()[1..]), refused);
}

#[test]
fn statements() {
    let check = |text: &str, expect: &str| {
        let read = ScittStatement::parse(&hex(text));
        let code = read.as_ref().map_or_else(|why| why.code(), |_| "read");
        assert_eq!(code, expect, "{text}");
    };
    let statement = |unprotected: &str| sign1("a10126", unprotected, "4100");
    check(&statement("a0"), "read");
    check(&statement("a119018a814100"), "read");
    check(&statement("a119018a80"), "receipts_malformed");
    check(&statement("a119018a4100"), "receipts_malformed");
    check(&statement("a119018a8100"), "receipts_malformed");
    check(
        &statement(&format!("a119018a90{}", "40".repeat(16))),
        "read",
    );
    check(
        &statement(&format!("a119018a91{}", "40".repeat(17))),
        "too_large",
    );
    check(&statement("a10126"), "header_malformed");
    check(&sign1("a10126", "a0", "f6"), "payload_detached");
    check(&sign1("a2012602810f", "a0", "4100"), "unsupported_crit");
    let mut long = Writer::default();
    long.bytes(&vec![0; 61_440]);
    let long = countersign_model::digest::hex(&long.into_bytes());
    check(&sign1("a10126", "a0", &long), "too_large");
    // An algorithm that is not ours, or none, keeps nobody from reading what is there.
    for (protected, expect) in [("a1013822", "unsupported_alg"), ("a0", "header_malformed")] {
        let read = ScittStatement::parse(&hex(&sign1(protected, "a0", "4100"))).unwrap();
        let key = countersign_attest::SecretKey::generate(Algorithm::Es256, [1; 32]);
        let refused = read
            .verify_signature(&key.public())
            .map_err(CoseReceiptError::code);
        assert_eq!(refused, Err(expect));
    }
}
