//! Renewals: what they make of the keys, and what they may not.

use countersign_attest::genesis::Terms;
use countersign_attest::{Genesis, PublicKey, Register};
use countersign_model::digest::Digest;
use countersign_model::entry::{Index, Size};

use crate::world::{ORIGIN, act, admin, device, ed25519, enrolments, es256, node, terms, vkey};

const AT: Index = Index(40);

/// A verifier key.
fn checkpoint(origin: &str, seed: u8) -> String {
    let public = ed25519(seed).public();
    let bytes = [&[1], public.as_bytes()].concat();
    let digest = Digest::of(&[origin.as_bytes(), b"\n", &bytes].concat()).to_string();
    let (hash, _) = digest.split_at(8);
    format!("{origin}+{hash}+{}", vkey(&public))
}

/// The register of the world, whose genesis names a checkpoint key with the right hash.
fn register() -> Register {
    let genesis = Genesis::new(Terms {
        checkpoint_keys: vec![checkpoint(ORIGIN, 7)],
        ..terms()
    });
    let mut register = Register::new(&genesis.expect("right terms"));
    for json in enrolments() {
        let done = register.apply(Index(3), &admin().public().id(), &act(&json));
        done.expect("enrols");
    }
    register
}

struct Asked {
    origin: &'static str,
    checkpoint_keys: Vec<String>,
    node: PublicKey,
    receipt: PublicKey,
    continues: Option<(&'static str, u64)>,
}

impl Asked {
    /// The checkpoint key is joined by another; the rest stays.
    fn rotation() -> Self {
        Self {
            origin: ORIGIN,
            checkpoint_keys: vec![checkpoint(ORIGIN, 21), checkpoint(ORIGIN, 7)],
            node: node().public(),
            receipt: es256(8).public(),
            continues: None,
        }
    }

    /// Everything is new.
    fn linked() -> Self {
        Self {
            origin: "log.example/new",
            checkpoint_keys: vec![checkpoint("log.example/new", 21)],
            node: ed25519(22).public(),
            receipt: ed25519(23).public(),
            continues: Some((ORIGIN, AT.0)),
        }
    }

    fn json(&self) -> String {
        let Self {
            origin,
            checkpoint_keys,
            node,
            receipt,
            continues,
        } = self;
        let root = "ab".repeat(32);
        let continues = continues.map_or_else(String::new, |(origin, size)| {
            format!(r#","continues":{{"origin":"{origin}","size":{size},"root":"{root}"}}"#)
        });
        format!(
            r#"{{"type":"Renewal","origin":"{origin}","checkpointKeys":{checkpoint_keys:?},"nodeKey":"{node}","receiptKey":"{receipt}"{continues}}}"#
        )
    }
}

/// What the register says of a renewal at [`AT`].
fn applied(register: &mut Register, asked: &Asked) -> Result<(), &'static str> {
    let done = register.apply(AT, &admin().public().id(), &act(&asked.json()));
    done.map_err(|refusal| refusal.code)
}

fn check(asked: &Asked, expect: Result<(), &'static str>) {
    let mut register = register();
    let before = (register.terms().to_vec(), register.node_key());
    assert_eq!(applied(&mut register, asked), expect, "{}", asked.json());
    let after = (register.terms().to_vec(), register.node_key());
    assert_eq!(before == after, expect.is_err(), "{}", asked.json());
}

#[test]
fn a_rotation_overlaps_and_the_next_takes_the_old_key_away() {
    let mut register = register();
    let rotation = Asked::rotation();
    assert_eq!(applied(&mut register, &rotation), Ok(()));
    assert_eq!(register.checkpoint_keys(), rotation.checkpoint_keys);
    assert_eq!(register.identity().origin.as_str(), ORIGIN);
    let retired = Asked {
        checkpoint_keys: vec![checkpoint(ORIGIN, 21)],
        ..Asked::rotation()
    };
    assert_eq!(applied(&mut register, &retired), Ok(()));
    assert_eq!(register.checkpoint_keys(), retired.checkpoint_keys);
    // The key that went never comes back, not even as a device's.
    assert_eq!(applied(&mut register, &rotation), Err("key_taken"));
    let device = crate::world::define("dock-2", "device", &ed25519(7).public());
    let given = register.apply(Index(50), &admin().public().id(), &act(&device));
    assert_eq!(given.map_err(|refusal| refusal.code), Err("key_taken"));
}

#[test]
fn the_node_key_that_went_stays_resolvable() {
    let mut register = register();
    let asked = Asked {
        node: ed25519(22).public(),
        ..Asked::rotation()
    };
    assert_eq!(applied(&mut register, &asked), Ok(()));
    assert_eq!(register.node_key(), ed25519(22).public().id());
    let old = register.resolve(&node().public().id()).expect("for ever");
    assert_eq!((old.principal.as_str(), old.revoked), ("node", Some(AT)));
    let new = register.resolve(&register.node_key()).expect("is there");
    assert_eq!((new.since, new.revoked), (AT, None));
}

#[test]
fn a_linked_origin_answers_to_its_names_of_before() {
    let mut register = register();
    let linked = Asked::linked();
    assert_eq!(applied(&mut register, &linked), Ok(()));
    let identity = register.identity();
    assert_eq!(identity.origin.as_str(), "log.example/new");
    assert!(
        identity
            .predecessors
            .iter()
            .any(|origin| origin.as_str() == ORIGIN)
    );
    let keys = |origin: &str, size: u64| {
        let terms = register.terms_of(origin, Size(size));
        terms.map(|terms| terms.checkpoint_keys.clone())
    };
    assert_eq!(keys(ORIGIN, AT.0), Some(vec![checkpoint(ORIGIN, 7)]));
    assert_eq!(
        keys("log.example/new", AT.0),
        None,
        "it begins with this entry"
    );
    assert_eq!(
        keys("log.example/new", AT.0 + 1),
        Some(linked.checkpoint_keys)
    );
    assert_eq!(keys("log.example/other", AT.0 + 1), None);
    assert_eq!(register.terms().len(), 2);
}

#[test]
fn what_a_renewal_may_not() {
    let rotation = |change: fn(&mut Asked)| {
        let mut asked = Asked::rotation();
        change(&mut asked);
        asked
    };
    let linked = |change: fn(&mut Asked)| {
        let mut asked = Asked::linked();
        change(&mut asked);
        asked
    };
    check(&Asked::rotation(), Ok(()));
    check(&Asked::linked(), Ok(()));
    let bad = Err("bad_renewal");
    let taken = Err("key_taken");
    check(&rotation(|asked| asked.checkpoint_keys = vec![]), bad);
    check(&rotation(|asked| asked.checkpoint_keys.truncate(1)), bad);
    check(
        &rotation(|asked| asked.checkpoint_keys.push(checkpoint(ORIGIN, 7))),
        bad,
    );
    check(
        &rotation(|asked| asked.checkpoint_keys.push(checkpoint("other.example", 9))),
        bad,
    );
    check(
        &rotation(|asked| asked.checkpoint_keys.push("text".into())),
        bad,
    );
    check(&rotation(|asked| asked.origin = "log.example/new"), bad);
    check(
        &rotation(|asked| asked.continues = Some((ORIGIN, AT.0))),
        bad,
    );
    check(&rotation(|asked| asked.node = ed25519(21).public()), bad);
    check(&rotation(|asked| asked.receipt = ed25519(21).public()), bad);
    check(&rotation(|asked| asked.receipt = asked.node.clone()), taken);
    check(&rotation(|asked| asked.node = device().public()), taken);
    check(&rotation(|asked| asked.node = es256(8).public()), taken);
    check(&rotation(|asked| asked.receipt = admin().public()), taken);
    check(&linked(|asked| asked.continues = None), bad);
    check(&linked(|asked| asked.continues = Some((ORIGIN, 39))), bad);
    check(
        &linked(|asked| asked.continues = Some(("log.example/old", 40))),
        bad,
    );
    check(
        &linked(|asked| asked.origin = crate::world::OLD_ORIGIN),
        bad,
    );
    check(&linked(|asked| asked.node = node().public()), taken);
    check(&linked(|asked| asked.receipt = es256(8).public()), taken);
    check(
        &linked(|asked| asked.checkpoint_keys = vec![checkpoint("log.example/new", 7)]),
        taken,
    );
}

#[test]
fn a_new_key_has_its_right_hash_in_lower_case() {
    let with_hash = |hash: &dyn Fn(&str) -> String| {
        let key = checkpoint(ORIGIN, 24);
        let (head, encoded) = key.rsplit_once('+').expect("a key");
        let (name, right) = head.rsplit_once('+').expect("a key");
        let mut asked = Asked::rotation();
        let key = format!("{name}+{}+{encoded}", hash(right));
        asked.checkpoint_keys.push(key);
        asked
    };
    check(&with_hash(&str::to_owned), Ok(()));
    check(&with_hash(&|_| "00000000".to_owned()), Err("bad_renewal"));
    check(&with_hash(&str::to_uppercase), Err("bad_renewal"));
}

/// Genesis leaves the hash to whoever reads checkpoints; a renewal names no key that nobody could pin.
#[test]
fn a_key_that_stays_has_the_right_hash_too() {
    let genesis = |hash: &str| {
        let key = format!("{ORIGIN}+{hash}+{}", vkey(&ed25519(9).public()));
        let read = Genesis::new(Terms {
            checkpoint_keys: vec![checkpoint(ORIGIN, 7), key.clone()],
            ..terms()
        });
        read.map(|genesis| (Register::new(&genesis), key))
    };
    let (mut register, wrong) = genesis("00000000").expect("right terms");
    let kept = |keys: Vec<String>| Asked {
        checkpoint_keys: keys,
        ..Asked::rotation()
    };
    let both = kept(vec![checkpoint(ORIGIN, 7), wrong]);
    assert_eq!(applied(&mut register, &both), Err("bad_renewal"));
    let one = kept(vec![checkpoint(ORIGIN, 7)]);
    assert_eq!(applied(&mut register, &one), Ok(()));
    assert!(genesis("ABCDEF01").is_err(), "capitals");
}

#[test]
fn an_administrator_renews_and_nobody_else() {
    for key in [device().public().id(), node().public().id()] {
        let done = register().apply(AT, &key, &act(&Asked::rotation().json()));
        assert_eq!(done.map_err(|refusal| refusal.code), Err("not_authorised"));
    }
}
