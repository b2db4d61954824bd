//! Bodies of claims and envelopes: their bytes and digests.

use countersign_model::body::{
    BODY_SALT_LEN, BodyError, ClaimBody, Cut, EnvelopeBody, Format, PART_SALT_LEN, Part,
};
use countersign_model::digest::{Digest, hex};
use serde_json::{Value, json};

use super::{bytes, case, check, error};

fn run(case: &Value) -> Value {
    if case["claim"].is_string() {
        match ClaimBody::decode(&bytes(&case["claim"])) {
            Ok(body) => claim(&body),
            Err(e) => refused(e),
        }
    } else {
        match EnvelopeBody::decode(&bytes(&case["envelope"])) {
            Ok(body) => envelope(&body),
            Err(e) => refused(e),
        }
    }
}

fn refused(e: BodyError) -> Value {
    error(match e {
        BodyError::Shape => "shape",
        BodyError::Parts => "parts",
        BodyError::Holes => "holes",
    })
}

fn claim(body: &ClaimBody) -> Value {
    json!({
        "format": body.format,
        "version": body.version,
        "media_type": body.media_type,
        "salt": hex(&body.salt),
        "envelope": body.envelope.to_string(),
        "hole": body.hole,
        "commitments": commitments(&body.parts),
        "bytes": body.bytes().map(|bytes| hex(&bytes)),
        "open_view": hex(&body.open_view(blank(&body.format, body.version))),
        "digest": body.digest().to_string(),
        "withheld": hex(&body.withheld().encode()),
    })
}

fn envelope(body: &EnvelopeBody) -> Value {
    json!({
        "format": body.format,
        "version": body.version,
        "media_type": body.media_type,
        "salt": hex(&body.salt),
        "head": body.head.map(|head| head.to_string()),
        "section": body.section,
        "mapping": body.mapping.map(|mapping| mapping.to_string()),
        "commitments": commitments(&body.parts),
        "holes": body.holes,
        "continues_at": body.continues_at,
        "bytes": body.bytes().map(|bytes| hex(&bytes)),
        "digest": body.digest().to_string(),
        "content_digest_as_head": body.content_digest(None).to_string(),
        "content_digest_with_head_zero": body.content_digest(Some(Digest::ZERO)).to_string(),
    })
}

fn blank(format: &str, version: u64) -> &'static [u8] {
    Format::known(format, version).map_or(b"", Format::blank)
}

fn commitments(parts: &[Part]) -> Vec<Value> {
    let one = |part: &Part| {
        let commitment = part.commitment().to_string();
        json!({"sealed": part.is_sealed(), "commitment": commitment})
    };
    parts.iter().map(one).collect()
}

#[test]
fn bodies() {
    let claims = [good_claims(), hostile_claims()].concat();
    let claims = claims
        .iter()
        .map(|(name, claim)| case(name, &json!({"claim": hex(claim)}), run));
    let envelopes = envelopes();
    let envelopes = envelopes
        .iter()
        .map(|(name, envelope)| case(name, &json!({"envelope": hex(envelope)}), run));
    let about = "Bodies of claims and envelopes. `withheld` is the same body with every sealed part \
                 withheld; its digest is the same.";
    let cases: Vec<Value> = claims.chain(envelopes).collect();
    let made = json!({"about": about, "cases": cases});
    check("body", "vectors", &made, run);
}

type Named = Vec<(&'static str, Vec<u8>)>;

/// A claim whose sealed values are given as texts that it holds.
fn body(format: Format, text: &str, sealed: &[&str]) -> ClaimBody {
    let at = |value: &&str| {
        let start = text.find(*value).unwrap();
        start..start + value.len()
    };
    let mut salt = 0x10;
    let mut salts = || {
        salt += 1;
        [salt; PART_SALT_LEN]
    };
    let media_type = match format {
        Format::TableRow => "text/csv",
        Format::EpcisJson | Format::CountersignJson => "application/json",
    };
    ClaimBody {
        format: format.id().into(),
        version: 1,
        media_type: media_type.into(),
        salt: [2; BODY_SALT_LEN],
        envelope: Digest::of(b"envelope"),
        hole: 0,
        parts: Cut::new(sealed.iter().map(at).collect()).apply(text.as_bytes(), &mut salts),
    }
}

fn good_claims() -> Named {
    let event = r#"{"type":"ObjectEvent","example:driver":"J. Jansen","action":"OBSERVE","example:plate":{"nl":"AB-12"}}"#;
    let open = body(Format::EpcisJson, event, &[]);
    let cut = body(
        Format::EpcisJson,
        event,
        &[r#""J. Jansen""#, r#"{"nl":"AB-12"}"#],
    );
    let row = body(Format::TableRow, "7;Jansen;;12.5\r\n", &["Jansen"]);
    let mut empty_cell = body(Format::TableRow, "7;;12.5", &[]);
    empty_cell.parts =
        Cut::new(std::iter::once(2..2).collect()).apply(b"7;;12.5", &mut || [0x21; PART_SALT_LEN]);
    let act = body(
        Format::CountersignJson,
        r#"{"type":"Approval","proposal":"p","decision":"approve","reason":"seen it"}"#,
        &[r#""seen it""#],
    );
    let neighbours = body(Format::TableRow, "ab", &["a", "b"]);
    let mut unknown = body(Format::EpcisJson, "<e/>", &[]);
    unknown.format = "epcis-xml".into();
    unknown.version = 7;
    unknown.hole = 1023;
    let mut nothing = body(Format::EpcisJson, "", &[]);
    nothing.media_type = String::new();
    vec![
        ("event-open", open.encode()),
        ("event-cut", cut.encode()),
        ("event-withheld", cut.withheld().encode()),
        ("row-cut", row.encode()),
        ("row-empty-cell", empty_cell.encode()),
        ("row-neighbours", neighbours.encode()),
        ("act", act.encode()),
        ("unknown-format", unknown.encode()),
        ("no-bytes", nothing.encode()),
    ]
}

fn hostile_claims() -> Named {
    let good = body(Format::EpcisJson, "[1]", &[]);
    let with = |parts: Vec<Part>| {
        ClaimBody {
            parts,
            ..good.clone()
        }
        .encode()
    };
    let open = |text: &str| Part::Open(text.as_bytes().to_vec());
    let bytes = good.encode();
    let mut trailing = bytes.clone();
    trailing.push(0);
    vec![
        ("two-open-parts", with(vec![open("[1"), open("]")])),
        ("empty-open-part", with(vec![open("")])),
        (
            "salt-short",
            replaced(
                &bytes,
                &[&[0x50][..], &[2; 16]].concat(),
                &[&[0x4f][..], &[2; 15]].concat(),
            ),
        ),
        ("trailing-byte", trailing),
        (
            "version-not-shortest",
            replaced(&bytes, b"json\x01", b"json\x18\x01"),
        ),
    ]
}

fn replaced(all: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = all.windows(from.len()).position(|w| w == from).unwrap();
    [&all[..at], to, &all[at + from.len()..]].concat()
}

fn envelopes() -> Named {
    let bare = EnvelopeBody {
        format: "epcis-json".into(),
        version: 1,
        media_type: "application/ld+json".into(),
        salt: [1; BODY_SALT_LEN],
        head: None,
        section: 0,
        mapping: None,
        parts: Vec::new(),
        holes: vec![0],
        continues_at: None,
    };
    let text = r#"{"@context":[],"sender":"J. Jansen","eventList":[,]}"#;
    let start = text.find(r#""J. Jansen""#).unwrap();
    let parts = Cut::new(std::iter::once(start..start + 11).collect())
        .apply(text.as_bytes(), &mut || [0x31; PART_SALT_LEN]);
    let hole = text.len() as u64 - 3;
    let document = EnvelopeBody {
        parts,
        holes: vec![hole, hole + 1],
        ..bare.clone()
    };
    let head = EnvelopeBody {
        continues_at: Some(hole + 1),
        ..document.clone()
    };
    let section = EnvelopeBody {
        head: Some(head.digest()),
        section: 1,
        parts: vec![Part::Open(b",,".to_vec())],
        holes: vec![1, 2],
        ..bare.clone()
    };
    let table = EnvelopeBody {
        format: "table-row".into(),
        media_type: "text/csv".into(),
        mapping: Some(Digest::of(b"mapping")),
        parts: vec![Part::Open(b"id;name\r\n".to_vec())],
        holes: vec![9, 9, 9],
        ..bare
    };
    let falling = EnvelopeBody {
        holes: vec![2, 1],
        ..document.clone()
    };
    vec![
        ("envelope-bare", bare.encode()),
        ("envelope-document", document.encode()),
        ("envelope-document-withheld", document.withheld().encode()),
        ("envelope-head", head.encode()),
        ("envelope-section", section.encode()),
        ("envelope-table", table.encode()),
        ("envelope-holes-fall", falling.encode()),
    ]
}
