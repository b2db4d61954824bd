use proptest::prelude::*;

use super::*;

fn signer(name: &str, seed: u8) -> Ed25519Signer {
    Ed25519Signer::new(
        KeyName::new(name).unwrap(),
        SignatureType::Ed25519,
        &[seed; 32],
    )
}

fn check(note: &str, expect: Result<(&str, usize), &str>) {
    let parsed = Note::parse(note.as_bytes());
    let got = parsed
        .as_ref()
        .map(|note| (note.text(), note.signatures().len()));
    assert_eq!(got.map_err(NoteError::code), expect, "{note:?}");
    assert!(parsed.is_err() || parsed.is_ok_and(|parsed| parsed.to_string() == note));
}

#[test]
fn notes_have_one_spelling() {
    check("text\n\n\u{2014} a AAAAAAA=\n", Ok(("text\n", 1)));
    check(
        "one\n\ntwo\n\n\u{2014} a AAAAAAA=\n\u{2014} b AAAAAAA=\n",
        Ok(("one\n\ntwo\n", 2)),
    );
    check("text\n\n\n\u{2014} a AAAAAAA=\n", Ok(("text\n\n", 1)));
    for bad in [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        "text\n\u{2014} a AAAAAAA=\n",
        "text\n\n\u{2014} a AAAAAAA=",
        "text\n\n\u{2014} a AAAAAAA=\n\n",
        "text\n\n- a AAAAAAA=\n",
        "text\n\n\u{2014}  AAAAAAA=\n",
        "text\n\n\u{2014} a  AAAAAAA=\n",
        "text\n\n\u{2014} a AAAAAAA= \n",
        "text\n\n\u{2014} a b AAAAAAA=\n",
        "text\n\n\u{2014} a+b AAAAAAA=\n",
        "text\n\n\u{2014} a\u{a0}b AAAAAAA=\n",
        "text\n\n\u{2014} a AAAAAA==\n",
        "text\n\n\u{2014} a AAAAAAB=\n",
        "text\n\n\u{2014} a\n",
        "text\n\n\u{2014} a AAAAAAA=\nmore\n",
    ] {
        check(bad, Err("note_malformed"));
    }
    for bad in [
        "te\txt\n\n\u{2014} a AAAAAAA=\n",
        "text\r\n\r\n\u{2014} a AAAAAAA=\r\n",
    ] {
        check(bad, Err("note_not_text"));
    }
    assert_eq!(Note::parse(b"\xff\n\n"), Err(NoteError::NotText));
}

#[test]
fn limits_hold() {
    let line = "\u{2014} a AAAAAAA=\n";
    let many = |count| format!("text\n\n{}", line.repeat(count));
    for count in [16, NOTE_SIGNATURES_MAX] {
        assert_eq!(
            Note::parse(many(count).as_bytes())
                .unwrap()
                .signatures()
                .len(),
            count
        );
    }
    let more = Note::parse(many(NOTE_SIGNATURES_MAX + 1).as_bytes());
    assert_eq!(more, Err(NoteError::TooManySignatures));
    assert_eq!(
        Note::parse(&vec![b'a'; NOTE_BYTES_MAX + 1]),
        Err(NoteError::TooLarge)
    );
    let mut full = Note::parse(many(NOTE_SIGNATURES_MAX).as_bytes()).unwrap();
    assert_eq!(
        full.push(full.signatures()[0].clone()),
        Err(SignError::SignatureCount)
    );
}

#[test]
fn verification_follows_the_three_rules() {
    let (alice, bob, carol) = (signer("alice", 1), signer("bob", 2), signer("carol", 3));
    let note = Note::sign("text\n", &[&alice, &bob]).unwrap();
    let keys = |verdict: Result<Vec<VerifiedSignature<'_>>, NoteError>| {
        let names = |signature: &VerifiedSignature<'_>| signature.key.name().to_string();
        verdict.map(|verified| verified.iter().map(names).collect::<Vec<_>>())
    };
    assert_eq!(
        keys(note.verify([alice.key(), bob.key()])),
        Ok(vec!["alice".into(), "bob".into()])
    );
    assert_eq!(
        keys(note.verify([bob.key(), carol.key()])),
        Ok(vec!["bob".into()])
    );
    assert_eq!(keys(note.verify([carol.key()])), Err(NoteError::Unverified));
    assert_eq!(keys(note.verify([])), Err(NoteError::Unverified));

    // The name or the id alone does not make a key known.
    let other_alice = signer("alice", 4);
    assert_eq!(
        keys(note.verify([other_alice.key(), bob.key()])),
        Ok(vec!["bob".into()])
    );

    let mut forged = note;
    forged.text = "other\n".to_owned();
    let failing = Err(NoteError::InvalidSignature(alice.key().name().clone()));
    assert_eq!(keys(forged.verify([alice.key()])), failing);
    let mut mixed = Note::sign("text\n", &[&bob]).unwrap();
    mixed.push(forged_by(&alice)).unwrap();
    assert_eq!(keys(mixed.verify([bob.key()])), Ok(vec!["bob".into()]));
    assert_eq!(keys(mixed.verify([alice.key(), bob.key()])), failing);
}

fn forged_by(signer: &Ed25519Signer) -> NoteSignature {
    NoteSignature::by(signer.key(), vec![0; 64])
}

/// Two seeds whose public keys, under the name `alice`, share the id dc3223e4. An id has 32 bits:
/// such pairs take seconds to find.
fn colliding() -> [Ed25519Signer; 2] {
    [28_116_u64, 67_577].map(|number| {
        let mut seed = [0; 32];
        seed[24..].copy_from_slice(&number.to_be_bytes());
        Ed25519Signer::new(
            KeyName::new("alice").unwrap(),
            SignatureType::Ed25519,
            &seed,
        )
    })
}

#[test]
fn two_keys_with_one_name_and_id_are_refused() {
    let [one, other] = colliding();
    assert_eq!(one.key().id(), other.key().id());
    assert_ne!(one.key(), other.key());
    let note = Note::sign("text\n", &[&one]).unwrap();
    assert_eq!(
        note.verify([one.key(), one.key()])
            .map(|verified| verified.len()),
        Ok(1)
    );
    let ambiguous = NoteError::AmbiguousKey(one.key().name().clone());
    assert_eq!(note.verify([one.key(), other.key()]), Err(ambiguous));
    // A collision forges nothing: it only makes the note fail.
    let failing = NoteError::InvalidSignature(one.key().name().clone());
    assert_eq!(note.verify([other.key()]), Err(failing));
}

#[test]
fn one_key_may_serve_two_types_without_confusion() {
    let alice = signer("alice", 1);
    let note = Note::sign("text\n", &[&alice]).unwrap();
    let cosigner = Ed25519Signer::new(
        alice.key().name().clone(),
        SignatureType::CosignatureV1,
        &[1; 32],
    );
    assert_eq!(cosigner.key().public_key(), alice.key().public_key());
    assert_eq!(note.verify([cosigner.key()]), Err(NoteError::Unverified));
    assert_eq!(
        note.verify([alice.key(), cosigner.key()])
            .map(|verified| verified.len()),
        Ok(1)
    );
}

#[test]
fn texts_that_no_note_carries_are_not_signed() {
    let alice = signer("alice", 1);
    for bad in ["", "text", "te\txt\n", "text\r\n"] {
        assert_eq!(
            Note::sign(bad, &[&alice]),
            Err(SignError::BadText),
            "{bad:?}"
        );
    }
    assert_eq!(Note::sign("text\n", &[]), Err(SignError::SignatureCount));
}

#[test]
fn a_secret_is_not_printed() {
    let alice = signer("alice", 1);
    let printed = format!("{alice:?}");
    assert!(
        printed.contains("alice") && !printed.contains("[1, 1, 1"),
        "{printed}"
    );
}

proptest! {
    // Every case signs and checks a signature.
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn signed_notes_round_trip_and_verify(text in "[^\\x00-\\x09\\x0b-\\x1f]{0,60}\n", seed: u8) {
        let alice = signer("alice.example/key", seed);
        let note = Note::sign(&text, &[&alice]).unwrap();
        let parsed = Note::parse(note.to_string().as_bytes());
        prop_assert_eq!(parsed.as_ref(), Ok(&note));
        prop_assert_eq!(note.verify([alice.key()]).map(|verified| verified.len()), Ok(1));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_one_note_or_none(
        bytes in "[a\n]{0,6}\n\n(\u{2014} [a-c+ ]{1,3} [A-Z=]{0,12}\n){0,3}",
    ) {
        if let Ok(note) = Note::parse(bytes.as_bytes()) {
            prop_assert_eq!(note.to_string(), bytes);
        }
    }
}
