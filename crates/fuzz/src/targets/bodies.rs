//! Bodies of claims and envelopes.

use countersign_model::body::{ClaimBody, EnvelopeBody, PART_SALT_LEN, Part};
use countersign_model::cbor::Writer;

use super::encodings::CBOR_WORDS;
use crate::{Seeds, Target};

pub(super) const CLAIM_BODY: Target = Target {
    name: "claim-body",
    what: "claim bodies: the same bytes again; withholding keeps the digest and the open view; cut and joined",
    seeds: &[
        Seeds::Hex(
            "testdata/vectors/body/v1/vectors.json",
            &["claim", "withheld"],
        ),
        Seeds::Hex(
            "testdata/vectors/claim-receipt/v1/vectors.json",
            &["claim.body", "enrolment.body"],
        ),
    ],
    words: CBOR_WORDS,
    short_run: 8_000,
    run: claim_body,
};

pub(super) const ENVELOPE_BODY: Target = Target {
    name: "envelope-body",
    what: "envelopes: the same bytes again; withholding keeps the digest; filling holes keeps every byte",
    seeds: &[
        Seeds::Hex(
            "testdata/vectors/body/v1/vectors.json",
            &["envelope", "withheld"],
        ),
        Seeds::Hex(
            "testdata/vectors/claim-receipt/v1/vectors.json",
            &["claim.envelope", "enrolment.envelope"],
        ),
    ],
    words: CBOR_WORDS,
    short_run: 8_000,
    run: envelope_body,
};

fn claim_body(bytes: &[u8]) {
    let Ok(body) = ClaimBody::decode(bytes) else {
        return;
    };
    assert!(body.encode() == bytes, "the same bytes again");
    let withheld = body.withheld();
    assert_eq!(withheld.digest(), body.digest());
    assert_eq!(withheld.open_view(b"null"), body.open_view(b"null"));
    assert_eq!(ClaimBody::decode(&withheld.encode()), Ok(withheld));
    if let Some(cut) = body.cut() {
        let whole = body.bytes().expect("nothing is withheld");
        let mut salts = salts_of(&body.parts).into_iter();
        let parts = cut.apply(&whole, &mut || salts.next().expect("a salt for each"));
        assert_eq!(parts, body.parts);
    }
}

fn salts_of(parts: &[Part]) -> Vec<[u8; PART_SALT_LEN]> {
    let salt = |part: &Part| match part {
        Part::Sealed { salt, .. } => Some(*salt),
        Part::Open(_) | Part::Withheld(_) => None,
    };
    parts.iter().filter_map(salt).collect()
}

fn envelope_body(bytes: &[u8]) {
    let Ok(envelope) = EnvelopeBody::decode(bytes) else {
        return;
    };
    assert!(envelope.encode() == bytes, "the same bytes again");
    let withheld = envelope.withheld();
    assert_eq!(withheld.digest(), envelope.digest());
    assert_eq!(withheld.content_digest(None), envelope.content_digest(None));
    assert_eq!(EnvelopeBody::decode(&withheld.encode()), Ok(withheld));
    let claims: Vec<Vec<u8>> = envelope.holes.iter().map(|_| b"<claim>".to_vec()).collect();
    if let Ok(filled) = envelope.fill(&claims, b"<rest>") {
        let own = envelope.bytes().expect("what was filled is whole");
        let rest = envelope.continues_at.map_or(0, |_| b"<rest>".len());
        let added = claims.len() * b"<claim>".len() + rest;
        assert_eq!(filled.len(), own.len() + added);
    }
    let mut out = Writer::default();
    out.bytes(bytes);
    assert!(
        EnvelopeBody::decode(&out.into_bytes()).is_err(),
        "a string is no envelope"
    );
}
