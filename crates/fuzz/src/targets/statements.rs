//! Statements, what they carry, and what a client sends with them.

use countersign_attest::submission::Known;
use countersign_attest::{Content, Genesis, Statement, Submission};
use countersign_model::entry::{Batch, VerdictRecord, entry_of};

use super::encodings::CBOR_WORDS;
use crate::{Seeds, Target};

pub(super) const STATEMENT: Target = Target {
    name: "statement",
    what: "COSE_Sign1, COSE_Sign and WebAuthn statements: logged bytes are a statement that says the same, once and for all",
    seeds: &[
        Seeds::Hex(
            "testdata/vectors/statement/v1/vectors.json",
            &["statement", "logged"],
        ),
        Seeds::Hex("testdata/vectors/genesis/v1/vectors.json", &["statement"]),
    ],
    words: CBOR_WORDS,
    short_run: 5_000,
    run: statement,
};

pub(super) const GENESIS: Target = Target {
    name: "genesis",
    what: "payloads of genesis: the same bytes again, and the terms are allowed terms",
    seeds: &[Seeds::Hex(
        "testdata/vectors/genesis/v1/vectors.json",
        &["payload"],
    )],
    words: CBOR_WORDS,
    short_run: 3_000,
    run: genesis,
};

pub(super) const BATCH: Target = Target {
    name: "batch",
    what: "payloads of batch statements: the same bytes again",
    seeds: &[Seeds::Hex(
        "testdata/vectors/batch/v1/vectors.json",
        &["batch"],
    )],
    words: CBOR_WORDS,
    short_run: 10_000,
    run: batch,
};

pub(super) const VERDICT_RECORD: Target = Target {
    name: "verdict-record",
    what: "verdict records: the same bytes again",
    seeds: &[
        Seeds::Hex(
            "testdata/vectors/batch/v1/vectors.json",
            &["record", "records"],
        ),
        Seeds::Hex(
            "testdata/vectors/claim-receipt/v1/vectors.json",
            &["record"],
        ),
    ],
    words: CBOR_WORDS,
    short_run: 10_000,
    run: verdict_record,
};

pub(super) const SUBMISSION: Target = Target {
    name: "submission",
    what: "submissions: the same bytes again; the statement inside and the match of its bodies",
    seeds: &[
        Seeds::Hex(
            "testdata/vectors/submission/v1/vectors.json",
            &["submission"],
        ),
        Seeds::Hex("testdata/vectors/submission/v1/cuts.json", &["submission"]),
    ],
    words: CBOR_WORDS,
    short_run: 4_000,
    run: submission,
};

fn statement(bytes: &[u8]) {
    let Ok(read) = Statement::parse(bytes) else {
        return;
    };
    let logged = read.logged_bytes();
    assert_eq!(entry_of(&logged), read.entry());
    let again = Statement::parse(&logged).expect("what is logged is a statement");
    assert_eq!(again.logged_bytes(), logged);
    assert_eq!(again.sig_digest(), read.sig_digest());
    assert_eq!(again.header(), read.header());
    assert_eq!(again.content(), read.content());
    assert_eq!(again.key_ids(), read.key_ids());
    match read.content() {
        Content::Genesis(terms) => assert_eq!(terms.encode(), read.payload()),
        Content::Batch(batch) => assert_eq!(batch.encode(), read.payload()),
        Content::Claims(_) | Content::Unknown => {}
    }
}

fn genesis(bytes: &[u8]) {
    let Ok(read) = Genesis::decode(bytes) else {
        return;
    };
    assert!(read.encode() == bytes, "the same bytes again");
    assert_eq!(Genesis::new(read.terms().clone()).as_ref(), Ok(&read));
}

fn batch(bytes: &[u8]) {
    if let Some(read) = Batch::decode(bytes) {
        assert!(read.encode() == bytes, "the same bytes again");
    }
}

fn verdict_record(bytes: &[u8]) {
    if let Some(read) = VerdictRecord::decode(bytes) {
        assert!(read.encode() == bytes, "the same bytes again");
    }
}

fn submission(bytes: &[u8]) {
    let Ok(read) = Submission::decode(bytes) else {
        return;
    };
    assert!(read.encode() == bytes, "the same bytes again");
    let claims = match Statement::parse(&read.statement) {
        Ok(statement) => statement.claim_digests().to_vec(),
        Err(_) => read.bodies.iter().map(|body| body.digest()).collect(),
    };
    let known = Known {
        envelope: &|_| false,
        mapping: &|_| false,
    };
    let Ok(matched) = read.check_bodies(&claims, known) else {
        return;
    };
    assert_eq!(matched.body_of_claim.len(), claims.len());
    for (claim, at) in claims.iter().zip(&matched.body_of_claim) {
        let body = at.and_then(|at| read.bodies.get(at));
        assert!(body.is_none_or(|body| body.digest() == *claim));
    }
}
