//! The register of keys.

use countersign_attest::{PublicKey, Register};
use countersign_model::coded::{bytes_of, read};
use countersign_model::entry::Index;
use countersign_model::ids::PrincipalId;
use countersign_model::network::Role;

use crate::world::{
    act, admin, carrier, define, device, ed25519, es256, genesis, node, person, register, service,
    stranger,
};

/// Applies acts by `admin-1` at rising indexes; the last one's code, or `ok`.
fn check(register: &mut Register, acts: &[String], expect: &str) {
    let mut last = "ok";
    for (at, json) in acts.iter().enumerate() {
        let index = Index(20 + at as u64);
        let got = register.apply(index, &admin().public().id(), &act(json));
        last = got.map_or_else(|refusal| refusal.code, |()| "ok");
        // What comes back from a snapshot goes on.
        let written = bytes_of(register);
        *register = read(&written).expect("what was written reads");
        assert_eq!(bytes_of(register), written);
    }
    assert_eq!(last, expect, "{acts:?}");
}

fn withdraw(id: &str) -> String {
    format!(r#"{{"type":"Withdraw","object":"principal","id":"{id}"}}"#)
}

fn name(register: &Register, key: &PublicKey) -> Option<(String, bool)> {
    let entry = register.resolve(&key.id())?;
    Some((entry.principal.to_string(), entry.revoked.is_none()))
}

#[test]
fn genesis_names_the_first() {
    let register = Register::new(&genesis());
    assert_eq!(
        name(&register, &node().public()),
        Some(("node".into(), true))
    );
    assert_eq!(
        name(&register, &admin().public()),
        Some(("admin-1".into(), true))
    );
    assert_eq!(register.node_key(), node().public().id());
    assert_eq!(register.keys().count(), 2);
}

#[test]
fn rotation_keeps_the_old_key_resolvable() {
    let mut register = register();
    let new = es256(33).public();
    check(&mut register, &[define("dock-1", "device", &new)], "ok");
    assert_eq!(
        name(&register, &device().public()),
        Some(("dock-1".into(), false))
    );
    assert_eq!(name(&register, &new), Some(("dock-1".into(), true)));
    let old = register.resolve(&device().public().id()).unwrap();
    assert_eq!((old.since, old.revoked), (Index(3), Some(Index(20))));
    let dock = PrincipalId::parse("dock-1").unwrap();
    assert_eq!(register.key_of(&dock).unwrap().public_key, new);
    // Back to the old one: never.
    check(
        &mut register,
        &[define("dock-1", "device", &device().public())],
        "revoked_key",
    );
}

#[test]
fn the_same_key_with_other_words_stays_in_force() {
    let mut register = register();
    check(
        &mut register,
        &[define("dock-1", "service", &device().public())],
        "ok",
    );
    let entry = register.resolve(&device().public().id()).unwrap();
    assert_eq!(
        (entry.role, entry.since, entry.revoked),
        (Role::Service, Index(3), None)
    );
}

#[test]
fn a_key_belongs_to_one_principal() {
    let mut register = register();
    for taken in [
        device().public(),
        node().public(),
        ed25519(7).public(),
        es256(8).public(),
    ] {
        check(
            &mut register,
            &[define("thief", "device", &taken)],
            "key_taken",
        );
    }
    let gone = [
        withdraw("dock-1"),
        define("thief", "device", &device().public()),
    ];
    check(&mut register, &gone, "key_taken");
    assert!(
        register
            .key_of(&PrincipalId::parse("dock-1").unwrap())
            .is_none()
    );
}

#[test]
fn names_keys_and_administrators() {
    let mut register = register();
    check(
        &mut register,
        &[define("node", "service", &stranger().public())],
        "reserved_name",
    );
    check(&mut register, &[withdraw("node")], "reserved_name");
    check(&mut register, &[withdraw("nobody")], "ok");
    check(&mut register, &[withdraw("admin-1")], "last_administrator");
    check(
        &mut register,
        &[define("admin-1", "person", &admin().public())],
        "last_administrator",
    );
    let bad = r#"{"type":"Define","object":"principal","value":{"id":"x","role":"device","key":"ES256:AA=="}}"#;
    check(&mut register, &[bad.to_owned()], "bad_key");
    let handed_over = [
        define("boss", "administrator", &stranger().public()),
        withdraw("admin-1"),
        define("late", "device", &es256(44).public()),
    ];
    check(&mut register, &handed_over, "not_authorised");
}

#[test]
fn who_may_do_what() {
    let register = register();
    let acts = [
        (define("x", "device", &stranger().public()), "admin"),
        (withdraw("dock-1"), "admin"),
        (
            r#"{"type":"ScenarioClock","start":"2026-03-02T00:00:00Z"}"#.into(),
            "admin node",
        ),
        (
            format!(r#"{{"type":"Erasure","claim":"{}"}}"#, "ab".repeat(32)),
            "admin node",
        ),
        (
            format!(
                r#"{{"type":"Finding","id":"{}","transition":1}}"#,
                "ab".repeat(32)
            ),
            "admin node",
        ),
        (
            r#"{"type":"Approval","proposal":"p","decision":"approve"}"#.into(),
            "admin person",
        ),
        (r#"{"type":"Later"}"#.into(), ""),
    ];
    let keys = [
        ("admin", admin()),
        ("carrier", carrier()),
        ("device", device()),
        ("node", node()),
        ("person", person()),
        ("service", service()),
        ("stranger", stranger()),
    ];
    for (json, expect) in acts {
        let act = act(&json);
        let allowed: Vec<&str> = keys
            .iter()
            .filter(|(_, key)| register.is_authorised(&act, &key.public().id()))
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(allowed.join(" "), expect, "{json}");
    }
}

#[test]
fn the_scenario_clock_comes_first_or_never() {
    let clock = act(r#"{"type":"ScenarioClock","start":"2026-03-02T00:00:00Z"}"#);
    let enrol = act(&define("x", "device", &stranger().public()));
    let by = admin().public().id();
    let mut register = Register::new(&genesis());
    assert!(register.apply(Index(3), &by, &clock).is_err());
    assert!(!register.has_scenario_clock());
    assert!(register.apply(Index(2), &by, &clock).is_ok());
    assert!(register.has_scenario_clock());
    let mut register = Register::new(&genesis());
    assert!(register.apply(Index(2), &by, &enrol).is_ok());
    assert!(register.apply(Index(2), &by, &clock).is_err());
}
