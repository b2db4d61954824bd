//! Reading and writing statements.

use countersign_attest::header::SeenCheckpoint;
use countersign_attest::sign::{cosign, protected};
use countersign_attest::webauthn::{Assertion, challenge};
use countersign_attest::{ChainLink, Content, Header, Kind, Statement, sign1};
use countersign_model::cbor::Writer;
use countersign_model::digest::Digest;
use countersign_model::entry::Size;
use countersign_model::ids::{Origin, PrincipalId};
use countersign_model::time::Timestamp;
use proptest::prelude::*;

use crate::world::{
    ORIGIN, cose_sign1, device, ed25519, es256, header, header_for, node, other_s, parse, passkey,
    payload, person,
};

/// A protected header out of given pairs (label, CBOR of the value).
fn pairs(pairs: &[(i64, Vec<u8>)]) -> Vec<u8> {
    let mut out = Writer::default();
    out.map(pairs.len());
    for (label, value) in pairs {
        out.int(*label);
        out.raw(value);
    }
    out.into_bytes()
}

fn cbor(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::default();
    write(&mut out);
    out.into_bytes()
}

/// The pairs of a good header: alg, content type, kid, CWT claims, kind.
fn good() -> Vec<(i64, Vec<u8>)> {
    let key = device().public().id();
    vec![
        (1, cbor(|out| out.int(-7))),
        (
            3,
            cbor(|out| out.text("application/vnd.countersign.claims+cbor")),
        ),
        (4, cbor(|out| out.bytes(key.0.as_bytes()))),
        (15, cwt(|out| out.text(ORIGIN))),
        (-70_001, kind("claims", 1)),
    ]
}

fn cwt(audience: impl FnOnce(&mut Writer)) -> Vec<u8> {
    cbor(|out| {
        out.map(3);
        out.uint(1);
        out.text("dock-1");
        out.uint(2);
        out.text("urn:example:dock");
        out.uint(3);
        audience(out);
    })
}

fn audiences(names: &[&str]) -> Vec<u8> {
    cwt(|out| {
        out.array(names.len());
        for name in names {
            out.text(name);
        }
    })
}

fn kind(name: &str, version: u64) -> Vec<u8> {
    cbor(|out| {
        out.array(2);
        out.text(name);
        out.uint(version);
    })
}

fn chain(write: impl FnOnce(&mut Writer)) -> (i64, Vec<u8>) {
    let array = |out: &mut Writer| {
        out.array(3);
        write(out);
    };
    (-70_002, cbor(array))
}

/// A good header with some pairs set, added (in the order of a negative label at the end) or, if
/// empty, left out.
fn check(changes: &[(i64, Vec<u8>)], expect: Result<(), &str>) {
    let mut all = good();
    for (label, value) in changes {
        all.retain(|(there, _)| there != label);
        if !value.is_empty() {
            all.push((*label, value.clone()));
        }
    }
    all.sort_by_key(|(label, _)| cbor(|out| out.int(*label)));
    let bytes = cose_sign1(&pairs(&all), &[0xa0], &payload("a"), &[0; 64]);
    let got = Statement::parse(&bytes).map(|_| ());
    match expect {
        Ok(()) => assert_eq!(got, Ok(())),
        Err(part) => {
            let refusal = got.expect_err(part);
            assert_eq!(refusal.code, "bad_statement");
            assert!(
                refusal.reason.contains(part),
                "{refusal} says nothing of {part}"
            );
        }
    }
}

#[test]
fn headers() {
    check(&[], Ok(()));
    for (label, part) in [
        (1, "one signer"),
        (3, "content type"),
        (4, "one signer"),
        (15, "CWT claims"),
        (-70_001, "kind"),
    ] {
        check(&[(label, Vec::new())], Err(part));
    }
    check(&[(1, cbor(|out| out.int(-35)))], Err("alg"));
    check(&[(4, cbor(|out| out.bytes(&[0; 31])))], Err("kid"));
    check(
        &[(3, cbor(|out| out.text("application/cbor")))],
        Err("content type"),
    );
    check(&[(-70_001, kind("Claims", 1))], Err("kind"));
    check(&[(-70_001, kind("claims", 0))], Err("kind"));
    check(&[(-70_001, kind("batch", 1))], Err("content type"));
}

#[test]
fn labels_that_are_not_known() {
    let value = cbor(|out| out.uint(1));
    check(&[(2, value.clone())], Err("label"));
    check(&[(-70_006, value.clone())], Err("label"));
    check(&[(-80_000, value.clone())], Err("label"));
    check(&[(-80_001, value)], Ok(()));
}

#[test]
fn audience_lists() {
    let nine: Vec<String> = (1..=9).map(|n| format!("log.example/{n}")).collect();
    let nine: Vec<&str> = nine.iter().map(String::as_str).collect();
    check(&[(15, audiences(&nine[..8]))], Ok(()));
    check(&[(15, audiences(&nine))], Err("audience"));
    check(&[(15, audiences(&nine[..1]))], Err("audience"));
    check(&[(15, audiences(&[]))], Err("audience"));
    check(&[(15, audiences(&["b", "a"]))], Err("sorted"));
    check(&[(15, audiences(&["a", "a"]))], Err("sorted"));
    check(&[(15, audiences(&["a", "b c"]))], Err("audience"));
}

#[test]
fn chains_seen_and_clock() {
    let first = |out: &mut Writer| {
        out.uint(7);
        out.uint(1);
        out.null();
    };
    check(&[chain(first)], Ok(()));
    let zero = |out: &mut Writer| {
        out.uint(7);
        out.uint(0);
        out.null();
    };
    check(&[chain(zero)], Err("chain"));
    let first_with_previous = |out: &mut Writer| {
        out.uint(7);
        out.uint(1);
        out.bytes(&[0; 32]);
    };
    check(&[chain(first_with_previous)], Err("chain"));
    let second_without = |out: &mut Writer| {
        out.uint(7);
        out.uint(2);
        out.null();
    };
    check(&[chain(second_without)], Err("chain"));
    check(&[(-70_003, cbor(|out| out.uint(1)))], Err("checkpoint"));
    check(&[(-70_004, cbor(|out| out.int(-1)))], Err("clock"));
    check(&[(-70_004, cbor(|out| out.uint(u64::MAX)))], Err("clock"));
    check(&[(-70_005, cbor(|out| out.array(0)))], Err("one signer"));
}

#[test]
fn payloads_of_claims() {
    let digests = |list: &[[u8; 32]]| {
        cbor(|out| {
            out.array(list.len());
            for digest in list {
                out.bytes(digest);
            }
        })
    };
    let read = |payload: &[u8]| {
        let bytes = sign1(&header("dock-1"), payload, &device());
        Statement::parse(&bytes).map(|statement| statement.claim_digests().len())
    };
    assert_eq!(read(&digests(&[[1; 32], [2; 32]])), Ok(2));
    let many = |count: u16| {
        (0..count)
            .map(|n| *Digest::of(&n.to_be_bytes()).as_bytes())
            .collect::<Vec<_>>()
    };
    assert_eq!(read(&digests(&many(1024))), Ok(1024));
    for bad in [
        digests(&[]),
        digests(&[[1; 32], [1; 32]]),
        digests(&many(1025)),
        cbor(|out| out.bytes(&[1; 32])),
        b"".to_vec(),
    ] {
        assert_eq!(read(&bad).map_err(|e| e.code), Err("bad_statement"));
    }
}

#[test]
fn unknown_kinds_are_kept() {
    let issuer = PrincipalId::parse("dock-1").unwrap();
    let audiences = vec![Origin::parse(ORIGIN).unwrap()];
    for kind in [Kind::new("later", 3), Kind::new("claims", 2)] {
        let kind = kind.unwrap();
        let header = Header::new(issuer.clone(), "urn:x", audiences.clone(), kind.clone()).unwrap();
        let bytes = sign1(&header, b"anything", &device());
        let statement = parse(&bytes);
        assert_eq!(statement.kind(), &kind);
        assert_eq!(statement.content(), &Content::Unknown);
        assert_eq!(statement.logged_bytes(), bytes);
    }
}

#[test]
fn an_unprotected_header_changes_nothing_that_counts() {
    let clean = sign1(&header("dock-1"), &payload("a"), &device());
    let statement = parse(&clean);
    let with = |unprotected: &[u8]| {
        let signature = &clean[clean.len() - 64..];
        cose_sign1(
            statement.protected(),
            unprotected,
            statement.payload(),
            signature,
        )
    };
    let dressed = with(&[0xa1, 0x19, 0x01, 0x8a, 0x81, 0x41, 0x00]);
    assert_ne!(dressed, clean);
    assert_eq!(parse(&dressed).logged_bytes(), clean);
    assert_eq!(parse(&dressed).entry(), statement.entry());
    // Even there, a key that stands twice is refused: one reading for all.
    let twice = with(&[0xa2, 0x01, 0x01, 0x01, 0x01]);
    assert!(Statement::parse(&twice).is_err());
}

#[test]
fn both_forms_of_an_es256_signature_are_one_statement() {
    let one = sign1(&header("dock-1"), &payload("a"), &device());
    let (head, signature) = one.split_at(one.len() - 64);
    let mut two = head.to_vec();
    two.extend(other_s(signature));
    let (one, two) = (parse(&one), parse(&two));
    let key = device().public();
    assert_eq!(one.verify_by(&key), Some(true));
    assert_eq!(two.verify_by(&key), Some(true));
    assert_eq!(one.sig_digest(), two.sig_digest());
    assert_ne!(one.entry(), two.entry());
}

#[test]
fn other_shapes_are_refused() {
    let clean = sign1(&header("dock-1"), &payload("a"), &device());
    let untagged = &clean[1..];
    assert!(Statement::parse(untagged).is_err());
    let mut trailing = clean.clone();
    trailing.push(0);
    assert!(Statement::parse(&trailing).is_err());
    assert!(Statement::parse(b"").is_err());
    assert!(Statement::parse(&[0x80]).is_err());
    let mut long = clean.clone();
    long.resize(61_441, 0);
    assert!(Statement::parse(&long).is_err());
    // The tag in two bytes where one is enough.
    let mut wide = vec![0xd8, 0x12];
    wide.extend(untagged);
    assert!(Statement::parse(&wide).is_err());
}

#[test]
fn several_signers() {
    let keys = [device(), es256(4)];
    let ids: Vec<_> = keys.iter().map(|key| key.public().id()).collect();
    let sign =
        |required: &[_], keys: &[_]| cosign(&header("dock-1"), &payload("a"), required, keys);
    let both = sign(&ids, &[&keys[0], &keys[1]]).unwrap();
    let statement = parse(&both);
    assert_eq!(statement.logged_bytes(), both);
    for key in &keys {
        assert_eq!(statement.verify_by(&key.public()), Some(true));
    }
    assert_eq!(statement.verify_by(&es256(9).public()), None);
    let one = parse(&sign(&ids, &[&keys[1]]).unwrap());
    assert_eq!(one.sig_digest(), statement.sig_digest());
    assert!(sign(&ids[..1], &[&keys[0]]).is_err());
    let twice = sign(&ids, &[&keys[0], &keys[0]]).unwrap();
    assert!(Statement::parse(&twice).is_err());
    let none = sign(&ids, &[]).unwrap();
    assert!(Statement::parse(&none).is_err());
    // A signature for one place in COSE is none for another.
    assert_ne!(
        parse(&sign1(&header("dock-1"), &payload("a"), &keys[0])).sig_digest(),
        statement.sig_digest()
    );
}

/// A passkey's statement with given flags; `text` is what the challenge is made of.
fn webauthn(flags: u8, text: &str) -> Result<Statement, countersign_attest::Refusal> {
    let key = person();
    let protected = protected(&header("p-17"), key.algorithm(), key.public().id());
    let [authenticator, client, signature] =
        passkey(&key, &challenge(&protected, &payload(text)), flags);
    let assertion = Assertion::new(&authenticator, &client, &signature)?;
    Statement::parse(&assertion.assemble(&protected, &payload("a")))
}

#[test]
fn passkeys() {
    let key = person().public();
    let good = webauthn(0x05, "a").unwrap();
    assert_eq!(good.verify_by(&key), Some(true));
    assert_eq!(parse(&good.logged_bytes()), good);
    let countersign_attest::statement::Proof::Passkey { assertion, .. } = good.proof() else {
        panic!("not by a passkey");
    };
    assert!(assertion.user_verified());
    assert_eq!(assertion.origin(), "https://example.org");
    assert_eq!(assertion.rp_id_hash(), Digest::of(b"example.org"));
    let other_challenge = webauthn(0x05, "b").unwrap();
    assert_eq!(other_challenge.verify_by(&key), Some(false));
    // Nobody was there; data that the flags announce is missing.
    assert!(webauthn(0x04, "a").is_err());
    assert!(webauthn(0x85, "a").is_err());
}

fn arbitrary_header() -> impl Strategy<Value = Header> {
    let names = proptest::collection::btree_set("[a-z]{1,9}\\.example/[a-z0-9]{1,9}", 1..=8);
    let link = (any::<u64>(), 1_u64.., any::<[u8; 32]>());
    let seen = (any::<u64>(), any::<[u8; 32]>());
    (
        ("[!#-;=?-Z]{1,40}", "[a-z0-9:/.]{1,60}", names),
        (proptest::option::of(link), proptest::option::of(seen)),
        proptest::option::of(0..i64::MAX),
    )
        .prop_map(|((issuer, subject, names), (link, seen), clock)| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let mut header = header_for(&issuer, &names);
            header = Header::new(
                header.issuer().clone(),
                &subject,
                header.audiences().to_vec(),
                Kind::claims(),
            )
            .unwrap();
            if let Some((epoch, counter, previous)) = link {
                let after = ChainLink::after(epoch, counter, Digest::new(previous));
                header = header.with_chain(after.unwrap_or_else(|| ChainLink::first(epoch)));
            }
            if let Some((size, root)) = seen {
                let (size, root) = (Size(size), Digest::new(root));
                header = header.with_seen(SeenCheckpoint { size, root });
            }
            match clock {
                Some(ms) => header.with_clock(Timestamp::from_ms(ms)),
                None => header,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_signed_reads_back(header in arbitrary_header(), text in ".{0,20}") {
        let key = ed25519(5);
        let bytes = sign1(&header, &payload(&text), &key);
        let statement = parse(&bytes);
        prop_assert_eq!(statement.header(), &header);
        prop_assert_eq!(statement.verify_by(&key.public()), Some(true));
        prop_assert_eq!(statement.logged_bytes(), bytes);
    }

    #[test]
    fn a_flipped_bit_never_verifies(at in any::<proptest::sample::Index>(), bit in 0..8_u8, several in any::<bool>()) {
        let key = device();
        let link = ChainLink::first(1);
        let header = header("dock-1").with_chain(link);
        let mut bytes = if several {
            let required = [key.public().id(), node().public().id()];
            cosign(&header, &payload("a"), &required, &[&key]).unwrap()
        } else {
            sign1(&header, &payload("a"), &key)
        };
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(statement) = Statement::parse(&bytes) {
            prop_assert_ne!(statement.verify_by(&key.public()), Some(true));
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Statement::parse(&bytes);
    }
}
