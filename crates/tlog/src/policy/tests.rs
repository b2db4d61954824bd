use proptest::prelude::*;

use super::*;
use crate::cosignature::cosign;
use crate::hash::Hash;
use crate::limits::{POLICY_BYTES_MAX, POLICY_GROUPS_MAX, POLICY_LOGS_MAX, POLICY_WITNESSES_MAX};
use crate::note::{Ed25519Signer, KeyName, SignatureType, Signer as _};
use crate::tree::TreeSize;

const ORIGIN: &str = "log.example";

fn log(seed: u8) -> Ed25519Signer {
    Ed25519Signer::new(
        KeyName::new(ORIGIN).unwrap(),
        SignatureType::Ed25519,
        &[seed; 32],
    )
}

fn witness(seed: u8) -> Ed25519Signer {
    let name = KeyName::new(&format!("witness.example/{seed}")).unwrap();
    Ed25519Signer::new(name, SignatureType::CosignatureV1, &[seed; 32])
}

/// `L` and a digit stand for the key of a log, `W` and a digit for that of a witness.
fn file(text: &str) -> String {
    (0..10).fold(text.to_owned(), |text, seed| {
        let text = text.replace(&format!("L{seed}"), &log(100 + seed).key().to_string());
        text.replace(&format!("W{seed}"), &witness(seed).key().to_string())
    })
}

fn check(text: &str, expect: Result<(), (usize, &str)>) {
    let verdict = Policy::parse(file(text).as_bytes());
    let verdict = verdict
        .map(|_| ())
        .map_err(|error| (error.line, error.code()));
    assert_eq!(verdict, expect, "{text:?}");
}

#[test]
fn the_form_of_the_file() {
    check("quorum none\n", Ok(()));
    check("# a comment\n\n \t\n\t #another\nquorum\tnone \n", Ok(()));
    check("log L0\nlog L1 https://log.example\nquorum none\n", Ok(()));
    check(
        "witness a W0\nwitness #b W1 https://b.example \nquorum #b\n",
        Ok(()),
    );
    check("witness a W0\nquorum a\nwitness b W1\n", Ok(()));
    check(
        "witness a W0\nwitness b W1\ngroup g 2 a b\nquorum g\n",
        Ok(()),
    );
    check("", Err((1, "policy_quorum_count")));
    check("log L0\n", Err((2, "policy_quorum_count")));
    check(
        "quorum none\nquorum none\n",
        Err((2, "policy_quorum_count")),
    );
    check("quorum none", Err((1, "policy_unterminated")));
    check("quorum none\r\n", Err((1, "policy_bad_octet")));
    check("# \u{7f}\nquorum none\n", Err((1, "policy_bad_octet")));
    for bad in [
        "log\n",
        "log L0 a b\n",
        "witness a\n",
        "witness a W0 b c\n",
        "group g\n",
        "group g any\n",
        "quorum\n",
        "quorum none none\n",
        "policy\n",
        "Quorum none\n",
        "\u{a0}\n",
    ] {
        check(bad, Err((1, "policy_bad_line")));
    }
}

#[test]
fn keys_and_names() {
    check("log W0\nquorum none\n", Err((1, "policy_wrong_key_type")));
    check(
        "witness a L0\nquorum none\n",
        Err((1, "policy_wrong_key_type")),
    );
    check("log x+y+z\nquorum none\n", Err((1, "key_malformed")));
    check(
        "log L0\nlog L0\nquorum none\n",
        Err((2, "policy_duplicate_key")),
    );
    check(
        "witness a W0\nwitness b W0\nquorum none\n",
        Err((2, "policy_duplicate_key")),
    );
    check(
        "witness a W0\nwitness a W1\nquorum none\n",
        Err((2, "policy_duplicate_name")),
    );
    check(
        "witness none W0\nquorum none\n",
        Err((1, "policy_duplicate_name")),
    );
    check(
        "witness a W0\ngroup a any a\nquorum a\n",
        Err((2, "policy_duplicate_name")),
    );
    check(
        "quorum a\nwitness a W0\n",
        Err((1, "policy_undefined_name")),
    );
    check(
        "group g any a\nwitness a W0\nquorum g\n",
        Err((1, "policy_undefined_name")),
    );
    check(
        "group g any g\nquorum g\n",
        Err((1, "policy_undefined_name")),
    );
    check(
        "witness a W0\ngroup g any none\nquorum g\n",
        Err((2, "policy_undefined_name")),
    );
    check(
        "witness a W0\ngroup g any a a\nquorum g\n",
        Err((2, "policy_reused_member")),
    );
    let twice = "witness a W0\ngroup g any a\ngroup h any a\nquorum h\n";
    check(twice, Err((3, "policy_reused_member")));
    for threshold in ["0", "2", "01", "-1", "one", "18446744073709551616"] {
        let text = format!("witness a W0\ngroup g {threshold} a\nquorum g\n");
        check(&text, Err((2, "policy_bad_threshold")));
    }
    let other_name = VerifierKey::new(
        KeyName::new("other.example").unwrap(),
        SignatureType::Ed25519,
        log(100).key().public_key(),
    );
    let text = format!("log L0\nlog {}\nquorum none\n", other_name.unwrap());
    check(&text, Err((2, "policy_duplicate_key")));
}

#[test]
fn names_are_octets() {
    let key = file("W0\n");
    let text = [
        b"witness \xff\xfe ".as_slice(),
        key.as_bytes(),
        b"quorum \xff\xfe\n",
    ]
    .concat();
    assert_eq!(
        Policy::parse(&text).unwrap().witnesses()[0].name(),
        b"\xff\xfe"
    );
}

fn numbered(kind: &str, count: usize) -> String {
    let line = |seed: usize| {
        let mut bytes = [1; 32];
        bytes[0] = u8::try_from(seed).unwrap();
        let name = KeyName::new(&format!("key.example/{seed}")).unwrap();
        match kind {
            "log" => {
                let key = Ed25519Signer::new(name, SignatureType::Ed25519, &bytes);
                format!("log {}\n", key.key())
            }
            "witness" => {
                let key = Ed25519Signer::new(name, SignatureType::CosignatureV1, &bytes);
                format!("witness w{seed} {}\n", key.key())
            }
            _ if seed == 0 => "group g0 any w0\n".to_owned(),
            _ => format!("group g{seed} any g{}\n", seed - 1),
        }
    };
    (0..count).map(line).collect()
}

#[test]
fn limits_hold() {
    for (kind, before, limit) in [
        ("log", String::new(), POLICY_LOGS_MAX),
        ("witness", String::new(), POLICY_WITNESSES_MAX),
        ("group", numbered("witness", 1), POLICY_GROUPS_MAX),
    ] {
        for count in [32, limit] {
            let text = format!("{before}{}quorum none\n", numbered(kind, count));
            assert!(Policy::parse(text.as_bytes()).is_ok(), "{count} of {kind}");
        }
        let text = format!("{before}{}quorum none\n", numbered(kind, limit + 1));
        assert_eq!(
            Policy::parse(text.as_bytes()).unwrap_err().code(),
            "policy_too_large"
        );
    }
    let large = vec![b'\n'; POLICY_BYTES_MAX + 1];
    assert_eq!(
        Policy::parse(&large).unwrap_err().code(),
        "policy_too_large"
    );
}

fn checkpoint() -> Checkpoint {
    Checkpoint::new(ORIGIN, TreeSize(9), Hash::leaf(b"")).unwrap()
}

/// A checkpoint by log 0, cosigned by these witnesses.
fn cosigned(witnesses: &[u8]) -> Note {
    let mut note = checkpoint().sign(&[&log(100)]).unwrap();
    for seed in witnesses {
        note.push(cosign(&checkpoint(), 1_000 + u64::from(*seed), &witness(*seed)).unwrap())
            .unwrap();
    }
    note
}

const NESTED: &str = "log L0\nwitness a W1\nwitness b W2\nwitness c W3\ngroup x 2 a b c\n\
    witness d W4\nwitness e W5\ngroup y any d e\ngroup z all x y\nquorum z\n";

fn check_quorum(text: &str, witnesses: &[u8], expect: bool) {
    let policy = Policy::parse(file(text).as_bytes()).unwrap();
    let note = cosigned(witnesses);
    match policy.evaluate(&note) {
        Ok(verdict) => {
            assert!(expect, "{witnesses:?}");
            assert_eq!(verdict.checkpoint, checkpoint());
            assert_eq!(verdict.log, log(100).key());
        }
        Err(error) => assert_eq!(
            (error, expect),
            (PolicyError::NoQuorum, false),
            "{witnesses:?}"
        ),
    }
}

#[test]
fn quorums() {
    check_quorum("log L0\nquorum none\n", &[], true);
    check_quorum("log L0\nwitness a W1\nquorum a\n", &[], false);
    check_quorum("log L0\nwitness a W1\nquorum a\n", &[2], false);
    check_quorum("log L0\nwitness a W1\nquorum a\n", &[1], true);
    for (witnesses, expect) in [
        (&[1u8, 2, 4][..], true),
        (&[1, 3, 5], true),
        (&[1, 2, 3, 4, 5, 6], true),
        (&[1, 2, 3], false),
        (&[1, 4, 5], false),
        (&[1, 1, 1, 4], false),
        (&[], false),
    ] {
        check_quorum(NESTED, witnesses, expect);
    }
}

#[test]
fn the_verdict_names_who_cosigned_and_when() {
    let policy = Policy::parse(file(NESTED).as_bytes()).unwrap();
    let note = cosigned(&[5, 1, 2]);
    let verdict = policy.evaluate(&note).unwrap();
    let named: Vec<_> = verdict
        .cosignatures
        .iter()
        .map(|by| (by.witness.name(), by.time_s))
        .collect();
    assert_eq!(named, [(&b"e"[..], 1_005), (b"a", 1_001), (b"b", 1_002)]);
}

#[test]
fn checkpoints_that_a_policy_refuses() {
    let refuse = |text: &str, note: &Note| {
        let policy = Policy::parse(file(text).as_bytes()).unwrap();
        policy.evaluate(note).map(|_| ()).unwrap_err().code()
    };
    assert_eq!(
        refuse("log L1\nquorum none\n", &cosigned(&[])),
        "note_unverified"
    );
    assert_eq!(
        refuse("log L1\nwitness a W1\nquorum a\n", &cosigned(&[1])),
        "policy_unknown_log"
    );
    assert_eq!(
        refuse("witness a W1\nquorum a\n", &cosigned(&[1])),
        "policy_unknown_log"
    );
    let elsewhere = Checkpoint::new("other.example", TreeSize(9), Hash::leaf(b"")).unwrap();
    let elsewhere = elsewhere.sign(&[&log(100)]).unwrap();
    assert_eq!(
        refuse("log L0\nquorum none\n", &elsewhere),
        "policy_unknown_log"
    );
    let text = Note::sign("log.example\n", &[&log(100)]).unwrap();
    assert_eq!(
        refuse("log L0\nquorum none\n", &text),
        "checkpoint_malformed"
    );

    // A cosignature of another checkpoint refuses the note, though the quorum asks for none.
    let other = Checkpoint::new(ORIGIN, TreeSize(10), Hash::leaf(b"")).unwrap();
    let mut note = cosigned(&[]);
    note.push(cosign(&other, 1, &witness(1)).unwrap()).unwrap();
    let bad = refuse("log L0\nwitness a W1\nquorum none\n", &note);
    assert_eq!(bad, "note_invalid_signature");
}

#[test]
fn a_pinned_log_stands_in_for_the_listed_ones() {
    let policy = Policy::parse(file("witness a W1\nquorum a\n").as_bytes()).unwrap();
    let pinned = log(100);
    assert!(policy.evaluate_log(pinned.key(), &cosigned(&[1])).is_ok());
    let verdict = policy
        .evaluate_log(pinned.key(), &cosigned(&[]))
        .map(|_| ());
    assert_eq!(verdict, Err(PolicyError::NoQuorum));
    let other = log(101);
    let verdict = policy
        .evaluate_log(other.key(), &cosigned(&[1]))
        .map(|_| ());
    assert_eq!(verdict, Err(PolicyError::UnknownLog));
}

proptest! {
    #[test]
    fn any_octets_are_a_policy_or_not(octets: Vec<u8>) {
        let _ = Policy::parse(&octets);
    }

    #[test]
    fn any_words_are_a_policy_or_not(
        text in "((log|witness|group|quorum|any|all|none|[0-9]|a|b|#|W[01]|L[01])[ \t\n]){0,20}\n",
    ) {
        if let Ok(policy) = Policy::parse(file(&text).as_bytes()) {
            prop_assert!(text.contains("quorum"));
            prop_assert!(policy.logs().len() <= 2 && policy.witnesses().len() <= 2);
        }
    }

}

proptest! {
    // Every case checks a dozen signatures.
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn more_cosignatures_never_lose_a_quorum(mask in 0u8..32, more in 0u8..32) {
        let witnesses = |mask: u8| (1..=5u8).filter(move |seed| mask >> (seed - 1) & 1 == 1);
        let policy = Policy::parse(file(NESTED).as_bytes()).unwrap();
        let few = cosigned(&witnesses(mask).collect::<Vec<_>>());
        let many = cosigned(&witnesses(mask | more).collect::<Vec<_>>());
        prop_assert!(policy.evaluate(&few).is_err() || policy.evaluate(&many).is_ok());
    }
}
