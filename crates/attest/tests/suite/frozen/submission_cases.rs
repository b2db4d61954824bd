//! Submissions: what is read, and how bodies match claims.

use countersign_attest::submission::Known;
use countersign_attest::{ChainLink, Statement, Submission, claims_payload, sign1};
use countersign_model::body::{ClaimBody, EnvelopeBody};
use countersign_model::digest::{Digest, hex};
use serde_json::{Value, json};

use super::{bytes, case, check, error, keys_as_json};
use crate::submissions::{body, envelope};
use crate::world::{device, header};

fn run(case: &Value) -> Value {
    let submission = match Submission::decode(&bytes(&case["submission"])) {
        Ok(submission) => submission,
        Err(refusal) => return error(refusal.code),
    };
    let statement = match Statement::parse(&submission.statement) {
        Ok(statement) => statement,
        Err(refusal) => return error(refusal.code),
    };
    let in_log = |digest: Digest| {
        let all = case["in_log"].as_array().unwrap();
        all.contains(&json!(digest.to_string()))
    };
    let known = Known {
        envelope: &in_log,
        mapping: &in_log,
    };
    match submission.check_bodies(statement.claim_digests(), known) {
        Ok(matched) => {
            let marks: Vec<&str> = matched.marks.iter().map(|mark| mark.as_str()).collect();
            json!({"body_of_claim": matched.body_of_claim, "marks": marks})
        }
        Err(refusal) => error(refusal.code),
    }
}

#[test]
fn submissions() {
    let cases: Vec<Value> = [matching(), documents(), hostile()]
        .concat()
        .into_iter()
        .map(|(name, submission, in_log)| {
            let in_log: Vec<String> = in_log.iter().map(Digest::to_string).collect();
            case(
                name,
                &json!({"submission": hex(&submission), "in_log": in_log}),
                run,
            )
        })
        .collect();
    let about = "Submissions. `in_log` are digests of envelopes and mapping files that the log has. \
                 `body_of_claim` is, for each claim in order, the place of its body.";
    let made = json!({"about": about, "keys": keys_as_json(), "cases": cases});
    check("submission", "vectors", &made, run);
}

type Named = Vec<(&'static str, Vec<u8>, Vec<Digest>)>;

fn submission(envelopes: &[EnvelopeBody], bodies: &[ClaimBody], blobs: &[&[u8]]) -> Submission {
    let claims: Vec<Digest> = bodies.iter().map(ClaimBody::digest).collect();
    let header = header("dock-1").with_chain(ChainLink::first(1));
    Submission {
        statement: sign1(&header, &claims_payload(&claims).unwrap(), &device()),
        envelopes: envelopes.to_vec(),
        bodies: bodies.to_vec(),
        blobs: blobs.iter().map(|blob| blob.to_vec()).collect(),
    }
}

fn two() -> Submission {
    let envelope = envelope(&[0, 0], 1);
    let bodies = [
        body(r#"{"type":"ObjectEvent"}"#, &envelope, 0),
        body(r#"{"x:note":secret}"#, &envelope, 1),
    ];
    submission(&[envelope], &bodies, &[])
}

fn changed(change: impl FnOnce(&mut Submission)) -> Vec<u8> {
    let mut submission = two();
    change(&mut submission);
    submission.encode()
}

fn matching() -> Named {
    let envelope_digest = two().envelopes[0].digest();
    let twice = {
        let envelope = envelope(&[0, 0], 1);
        let bodies = [body("[1]", &envelope, 0), body("[2]", &envelope, 0)];
        submission(&[envelope], &bodies, &[])
    };
    let no_such_hole = {
        let envelope = envelope(&[0], 1);
        let bodies = [body("[1]", &envelope, 1)];
        submission(&[envelope], &bodies, &[])
    };
    vec![
        ("two-claims", changed(|_| {}), vec![]),
        ("other-order", changed(|s| s.bodies.reverse()), vec![]),
        ("body-absent", changed(|s| drop(s.bodies.pop())), vec![]),
        (
            "all-bodies-absent",
            changed(|s| {
                s.bodies.clear();
                s.envelopes.clear();
            }),
            vec![],
        ),
        (
            "body-twice",
            changed(|s| s.bodies.push(s.bodies[0].clone())),
            vec![],
        ),
        (
            "stray-body",
            changed(|s| s.bodies[0].salt = [9; 16]),
            vec![],
        ),
        (
            "withheld-part",
            changed(|s| s.bodies[1] = s.bodies[1].withheld()),
            vec![],
        ),
        (
            "envelope-in-log",
            changed(|s| s.envelopes.clear()),
            vec![envelope_digest],
        ),
        ("envelope-missing", changed(|s| s.envelopes.clear()), vec![]),
        (
            "stray-envelope",
            changed(|s| s.envelopes.push(envelope(&[], 9))),
            vec![],
        ),
        ("one-hole-twice", twice.encode(), vec![]),
        ("no-such-hole", no_such_hole.encode(), vec![]),
    ]
}

fn documents() -> Named {
    let head = envelope(&[0], 4);
    let mut section = envelope(&[0], 5);
    section.head = Some(head.digest());
    section.section = 1;
    let in_section = [body("[1]", &section, 0)];
    let mut table = envelope(&[0], 6);
    table.format = "table-row".into();
    table.mapping = Some(Digest::of(b"mapping"));
    let row = [body("a;b", &table, 0)];
    let tables = std::slice::from_ref(&table);
    vec![
        (
            "section-with-its-head",
            submission(&[section.clone(), head.clone()], &in_section, &[]).encode(),
            vec![],
        ),
        (
            "section-head-in-log",
            submission(std::slice::from_ref(&section), &in_section, &[]).encode(),
            vec![head.digest()],
        ),
        (
            "section-head-missing",
            submission(&[section], &in_section, &[]).encode(),
            vec![],
        ),
        (
            "mapping",
            submission(tables, &row, &[b"mapping"]).encode(),
            vec![],
        ),
        (
            "mapping-in-log",
            submission(tables, &row, &[]).encode(),
            vec![Digest::of(b"mapping")],
        ),
        (
            "mapping-missing",
            submission(tables, &row, &[]).encode(),
            vec![],
        ),
        (
            "stray-blob",
            submission(tables, &row, &[b"mapping", b"other"]).encode(),
            vec![],
        ),
    ]
}

fn hostile() -> Named {
    let good = two().encode();
    assert_eq!(good[..2], [0xa4, 0x01]);
    let mut trailing = good.clone();
    trailing.push(0);
    let mut parts = two();
    parts.bodies[0].parts.clear();
    let empty_part = {
        // [0, h''] as a part: an empty open part.
        let encoded = parts.bodies[0].encode();
        let wrong = [&encoded[..encoded.len() - 1], &[0x81, 0x82, 0x00, 0x40]].concat();
        replaced(&parts.encode(), &encoded, &wrong)
    };
    vec![
        ("truncated", good[..good.len() - 1].to_vec(), vec![]),
        ("trailing-byte", trailing, vec![]),
        (
            "label-not-shortest",
            [&[0xa4, 0x18], &good[1..]].concat(),
            vec![],
        ),
        ("three-lists-short", vec![0xa1, 0x01, 0x40], vec![]),
        ("empty-open-part", empty_part, vec![]),
        (
            "no-statement",
            vec![0xa4, 0x01, 0x40, 0x02, 0x80, 0x03, 0x80, 0x04, 0x80],
            vec![],
        ),
        (
            "announces-more-than-there-is",
            vec![0xa4, 0x01, 0x40, 0x02, 0x9a, 0x00, 0xff, 0xff, 0xff],
            vec![],
        ),
    ]
}

/// `from`, a byte string of 24 to 255 bytes within `all`, put in another length.
fn replaced(all: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = all.windows(from.len()).position(|w| w == from).unwrap();
    let mut out = all[..at - 1].to_vec();
    out.push(u8::try_from(to.len()).unwrap());
    out.extend(to);
    out.extend(&all[at + from.len()..]);
    out
}
