//! Submissions and their bodies.

use countersign_attest::Submission;
use countersign_attest::submission::Known;
use countersign_model::body::{BODY_SALT_LEN, ClaimBody, Cut, EnvelopeBody, PART_SALT_LEN, Part};
use countersign_model::digest::Digest;
use countersign_model::entry::Mark;
use proptest::prelude::*;

pub(crate) fn envelope(holes: &[u64], salt: u8) -> EnvelopeBody {
    EnvelopeBody {
        format: "epcis-json".into(),
        version: 1,
        media_type: "application/json".into(),
        salt: [salt; BODY_SALT_LEN],
        head: None,
        section: 0,
        mapping: None,
        parts: Vec::new(),
        holes: holes.to_vec(),
        continues_at: None,
    }
}

pub(crate) fn body(text: &str, envelope: &EnvelopeBody, hole: u64) -> ClaimBody {
    let sealed = text.find("secret").map(|at| at..at + 6);
    let cut = Cut::new(sealed.into_iter().collect());
    ClaimBody {
        format: "epcis-json".into(),
        version: 1,
        media_type: "application/json".into(),
        salt: [2; BODY_SALT_LEN],
        envelope: envelope.digest(),
        hole,
        parts: cut.apply(text.as_bytes(), &mut || [3; PART_SALT_LEN]),
    }
}

/// Two claims in one envelope.
fn good() -> (Submission, Vec<Digest>) {
    let envelope = envelope(&[0, 0], 1);
    let bodies = vec![body("[1]", &envelope, 0), body("[secret]", &envelope, 1)];
    let claims = bodies.iter().map(ClaimBody::digest).collect();
    let submission = Submission {
        statement: b"statement".to_vec(),
        envelopes: vec![envelope],
        bodies,
        blobs: Vec::new(),
    };
    (submission, claims)
}

fn nothing(_: Digest) -> bool {
    false
}

fn everything(_: Digest) -> bool {
    true
}

/// What becomes of a submission: the bodies of its claims, or a code.
fn outcome(submission: &Submission, claims: &[Digest], known: fn(Digest) -> bool) -> String {
    let known = Known {
        envelope: &known,
        mapping: &known,
    };
    match submission.check_bodies(claims, known) {
        Ok(matched) => format!("{:?} {:?}", matched.body_of_claim, matched.marks),
        Err(refusal) => refusal.code.to_owned(),
    }
}

fn check(change: impl FnOnce(&mut Submission, &mut Vec<Digest>), expect: &str) {
    let (mut submission, mut claims) = good();
    change(&mut submission, &mut claims);
    assert_eq!(outcome(&submission, &claims, nothing), expect);
}

#[test]
fn bodies_and_claims() {
    check(|_, _| {}, "[Some(0), Some(1)] []");
    check(|_, claims| claims.reverse(), "[Some(1), Some(0)] []");
    check(
        |s, _| drop(s.bodies.remove(0)),
        "[None, Some(0)] [BodyAbsent]",
    );
    check(
        |_, claims| claims.push(Digest::ZERO),
        "[Some(0), Some(1), None] [BodyAbsent]",
    );
    check(|_, claims| claims.truncate(1), "stray_body");
    check(|s, _| s.bodies.push(s.bodies[0].clone()), "stray_body");
    check(|s, _| s.bodies[1] = s.bodies[1].withheld(), "withheld_part");
    assert_eq!(Mark::BodyAbsent.as_str(), "body_absent");
}

#[test]
fn envelopes() {
    check(|s, _| s.envelopes.clear(), "envelope_missing");
    let (mut submission, claims) = good();
    submission.envelopes.clear();
    assert_eq!(
        outcome(&submission, &claims, everything),
        "[Some(0), Some(1)] []"
    );
    check(|s, _| s.envelopes.push(envelope(&[], 9)), "stray_body");
    check(
        |s, _| s.envelopes.push(s.envelopes[0].clone()),
        "stray_body",
    );
    let out_of_holes = |s: &mut Submission, claims: &mut Vec<Digest>| {
        s.bodies[1].hole = 2;
        claims[1] = s.bodies[1].digest();
    };
    check(out_of_holes, "bad_body");
    let one_hole_twice = |s: &mut Submission, claims: &mut Vec<Digest>| {
        s.bodies[1].hole = 0;
        claims[1] = s.bodies[1].digest();
    };
    check(one_hole_twice, "bad_body");
}

/// A section of a long document, whose head is `head`.
fn section(head: &EnvelopeBody, with_head: bool) -> (Submission, Vec<Digest>) {
    let mut section = envelope(&[0], 5);
    section.head = Some(head.digest());
    section.section = 1;
    let bodies = vec![body("[1]", &section, 0)];
    let claims = bodies.iter().map(ClaimBody::digest).collect();
    let mut envelopes = vec![section];
    if with_head {
        envelopes.push(head.clone());
    }
    let submission = Submission {
        statement: Vec::new(),
        envelopes,
        bodies,
        blobs: Vec::new(),
    };
    (submission, claims)
}

#[test]
fn sections_need_their_head() {
    let head = envelope(&[0], 4);
    let (submission, claims) = section(&head, true);
    assert_eq!(outcome(&submission, &claims, nothing), "[Some(0)] []");
    let (submission, claims) = section(&head, false);
    assert_eq!(outcome(&submission, &claims, nothing), "envelope_missing");
    assert_eq!(outcome(&submission, &claims, everything), "[Some(0)] []");
}

#[test]
fn mapping_files() {
    let with_mapping = |blobs: Vec<Vec<u8>>| {
        let mut envelope = envelope(&[0], 1);
        envelope.mapping = Some(Digest::of(b"mapping"));
        let bodies = vec![body("a;b", &envelope, 0)];
        let claims: Vec<Digest> = bodies.iter().map(ClaimBody::digest).collect();
        let submission = Submission {
            statement: Vec::new(),
            envelopes: vec![envelope],
            bodies,
            blobs,
        };
        (submission, claims)
    };
    let (there, claims) = with_mapping(vec![b"mapping".to_vec()]);
    assert_eq!(outcome(&there, &claims, nothing), "[Some(0)] []");
    let (missing, claims) = with_mapping(Vec::new());
    assert_eq!(outcome(&missing, &claims, nothing), "mapping_missing");
    assert_eq!(outcome(&missing, &claims, everything), "[Some(0)] []");
    for blobs in [
        vec![b"mapping".to_vec(), b"other".to_vec()],
        vec![b"mapping".to_vec(), b"mapping".to_vec()],
    ] {
        let (stray, claims) = with_mapping(blobs);
        assert_eq!(outcome(&stray, &claims, nothing), "stray_body");
    }
}

#[test]
fn limits() {
    let code = |submission: &Submission| {
        Submission::decode(&submission.encode()).map_err(|refusal| refusal.code)
    };
    let (good, _) = good();
    assert_eq!(code(&good), Ok(good.clone()));
    let mut large = good.clone();
    large.blobs = vec![vec![0; 1024 * 1024 + 1]];
    assert_eq!(code(&large), Err("body_too_large"));
    let mut large = good.clone();
    large.bodies[0] = body(&"1".repeat(1024 * 1024 + 1), &good.envelopes[0], 0);
    assert_eq!(code(&large), Err("body_too_large"));
    let mut holes = good.clone();
    holes.envelopes[0].holes = vec![0; 1025];
    assert_eq!(code(&holes), Err("body_too_large"));
    let mut holes = good.clone();
    holes.envelopes[0].holes = vec![0; 100_000];
    assert_eq!(code(&holes), Err("bad_body"));
    let mut parts = good.clone();
    let sealed = || Part::Sealed {
        bytes: Vec::new(),
        salt: [0; PART_SALT_LEN],
    };
    parts.bodies[0].parts = std::iter::repeat_with(sealed).take(4096).collect();
    assert_eq!(code(&parts), Ok(parts.clone()));
    parts.bodies[0].parts.push(sealed());
    assert_eq!(code(&parts), Err("bad_body"));
    let mut blobs = good.clone();
    blobs.blobs = vec![Vec::new(); 17];
    assert_eq!(code(&blobs), Err("bad_submission"));
    let mut huge = good;
    huge.statement = vec![0; 16 * 1024 * 1024];
    assert_eq!(code(&huge), Err("bad_submission"));
    // An array that announces sixteen million items and has none.
    let lie = [0xa4, 0x01, 0x40, 0x02, 0x9a, 0x00, 0xff, 0xff, 0xff];
    let mut lie = lie.to_vec();
    lie.resize(15 * 1024 * 1024, 0x40);
    assert_eq!(
        Submission::decode(&lie).map_err(|refusal| refusal.code),
        Err("bad_submission")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn submissions_round_trip(
        statement in proptest::collection::vec(any::<u8>(), 0..40),
        texts in proptest::collection::vec("[a-z]{1,9}", 0..5),
        blobs in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..9), 0..3),
    ) {
        let envelope = envelope(&[0; 5], 1);
        let at = |(at, text): (usize, &String)| body(text, &envelope, at as u64);
        let bodies = texts.iter().enumerate().map(at).collect();
        let submission = Submission { statement, envelopes: vec![envelope.clone()], bodies, blobs };
        prop_assert_eq!(Submission::decode(&submission.encode()), Ok(submission));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Submission::decode(&bytes);
    }
}
