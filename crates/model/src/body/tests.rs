use proptest::prelude::*;

use super::*;

fn salts() -> impl FnMut() -> [u8; PART_SALT_LEN] {
    let mut n = 0_u8;
    move || {
        n += 1;
        [n; PART_SALT_LEN]
    }
}

fn body(bytes: &[u8], sealed: &[Range<usize>]) -> ClaimBody {
    ClaimBody {
        format: "epcis-json".into(),
        version: 1,
        media_type: "application/ld+json".into(),
        salt: [7; BODY_SALT_LEN],
        envelope: Digest::of(b"envelope"),
        hole: 0,
        parts: Cut::new(sealed.to_vec()).apply(bytes, &mut salts()),
    }
}

#[test]
fn a_cut_body_keeps_its_bytes_and_blanks_what_is_sealed() {
    let bytes = br#"{"type":"ObjectEvent","x:name":"Li"}"#;
    let whole = body(bytes, std::slice::from_ref(&(31..35)));
    assert_eq!(whole.bytes().as_deref(), Some(&bytes[..]));
    assert_eq!(
        whole.open_view(b"null"),
        br#"{"type":"ObjectEvent","x:name":null}"#
    );
    let withheld = whole.withheld();
    assert_eq!(
        withheld.digest(),
        whole.digest(),
        "withholding does not change the digest"
    );
    assert_eq!(withheld.bytes(), None);
    assert_eq!(withheld.open_view(b"null"), whole.open_view(b"null"));
}

#[test]
fn the_digest_hides_the_length_of_a_sealed_part() {
    // Two sealed values of different length with the same commitment would give one digest:
    // the digest takes in nothing of a sealed part but its commitment.
    let mut a = body(b"[1]", std::slice::from_ref(&(1..2)));
    let commitment = a.parts[1].commitment();
    a.parts[1] = Part::Withheld(commitment);
    let encoded = a.encode();
    assert!(ClaimBody::decode(&encoded).is_ok());
    assert_eq!(
        a.digest(),
        body(b"[1]", std::slice::from_ref(&(1..2))).digest()
    );
}

#[test]
fn every_field_counts() {
    let base = body(b"[1,2]", &[]);
    let variants = [
        ClaimBody {
            format: "table-row".into(),
            ..base.clone()
        },
        ClaimBody {
            version: 2,
            ..base.clone()
        },
        ClaimBody {
            media_type: "text/csv".into(),
            ..base.clone()
        },
        ClaimBody {
            salt: [8; BODY_SALT_LEN],
            ..base.clone()
        },
        ClaimBody {
            envelope: Digest::ZERO,
            ..base.clone()
        },
        ClaimBody {
            hole: 1,
            ..base.clone()
        },
        body(b"[1,3]", &[]),
        body(b"[1,2]", std::slice::from_ref(&(1..2))),
    ];
    for variant in variants {
        assert_ne!(variant.digest(), base.digest(), "{variant:?}");
    }
}

#[test]
fn parts_have_one_form() {
    let mut wrong = body(b"[1,2]", &[]);
    wrong.parts = vec![Part::Open(b"[1".to_vec()), Part::Open(b",2]".to_vec())];
    assert_eq!(ClaimBody::decode(&wrong.encode()), Err(BodyError::Parts));
    wrong.parts = vec![Part::Open(Vec::new())];
    assert_eq!(ClaimBody::decode(&wrong.encode()), Err(BodyError::Parts));
}

fn envelope(bytes: &[u8], holes: &[u64], continues_at: Option<u64>) -> EnvelopeBody {
    EnvelopeBody {
        format: "epcis-json".into(),
        version: 1,
        media_type: "application/ld+json".into(),
        salt: [1; BODY_SALT_LEN],
        head: None,
        section: 0,
        mapping: None,
        parts: Cut::default().apply(bytes, &mut salts()),
        holes: holes.to_vec(),
        continues_at,
    }
}

#[test]
fn holes_filled_give_the_document_back() {
    let envelope = envelope(b"[,]\n", &[1, 2], None);
    let filled = envelope.fill(&[b"1".to_vec(), b"22".to_vec()], b"");
    assert_eq!(filled.as_deref(), Ok(&b"[1,22]\n"[..]));
    assert_eq!(envelope.fill(&[b"1".to_vec()], b""), Err(BodyError::Holes));
}

#[test]
fn sections_stand_where_the_head_says() {
    let head = envelope(b"[]", &[1], Some(1));
    assert_eq!(
        head.fill(&[b"1".to_vec()], b",2,3").as_deref(),
        Ok(&b"[1,2,3]"[..])
    );
    let beyond = envelope(b"[]", &[9], None);
    assert_eq!(beyond.fill(&[b"1".to_vec()], b""), Err(BodyError::Holes));
}

proptest! {
    #[test]
    fn claim_bodies_round_trip(bytes in proptest::collection::vec(any::<u8>(), 1..60), at in 0_usize..50, len in 1_usize..9) {
        let start = at.min(bytes.len() - 1);
        let end = (start + len).min(bytes.len());
        let whole = body(&bytes, std::slice::from_ref(&(start..end)));
        prop_assert_eq!(whole.bytes(), Some(bytes));
        prop_assert_eq!(whole.cut(), Some(Cut::new(std::iter::once(start..end).collect())));
        for body in [whole.clone(), whole.withheld()] {
            prop_assert_eq!(ClaimBody::decode(&body.encode()), Ok(body.clone()));
        }
    }

    #[test]
    fn envelopes_round_trip(holes in proptest::collection::vec(0_u64..5, 0..6), next in proptest::option::of(0_u64..6)) {
        let mut holes = holes;
        holes.sort_unstable();
        let envelope = envelope(b"abcde", &holes, next);
        prop_assert_eq!(EnvelopeBody::decode(&envelope.encode()), Ok(envelope));
    }

    #[test]
    fn hostile_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = ClaimBody::decode(&bytes);
        let _ = EnvelopeBody::decode(&bytes);
    }
}
