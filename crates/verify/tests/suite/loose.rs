//! Loose receipts and proofs, with more or less beside them.

use countersign_model::body::Part;
use countersign_model::entry::Index;
use countersign_pack::ClaimReceipt;
use countersign_testkit::TinyLog;
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::{Ed25519Signer, KeyName, Note, SignatureType, Signer as _};
use countersign_tlog::{Hash, TreeSize};
use countersign_verify::{Trust, verify_receipts};

use crate::world::{ORIGIN, World};

type Files = Vec<(&'static str, Vec<u8>)>;

fn check(files: &Files, trust: &Trust, expect: (&str, &str)) {
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (*name, bytes.as_slice()))
        .collect();
    let report = verify_receipts(&files, trust);
    crate::world::expect(&report, expect);
}

fn receipt(world: &World) -> ClaimReceipt {
    world.log.receipt(*world.claims.first().expect("a claim"))
}

/// Everything that proves the first claim.
fn all(world: &World) -> Files {
    let act = world.log.receipt(
        *world
            .log
            .enrolments(world.giver.kid())
            .first()
            .expect("an act"),
    );
    let mut files = vec![
        ("claim.receipt", receipt(world).encode()),
        ("act.receipt", act.encode()),
        (
            "genesis.statement",
            world
                .log
                .entry(Index(0))
                .expect("genesis")
                .statement
                .clone(),
        ),
        ("genesis.tlog-proof", world.log.proof(Index(0))),
    ];
    let names = [
        ("claim.body", "claim.envelope"),
        ("act.body", "act.envelope"),
    ];
    for (claim, (body_name, envelope_name)) in
        [receipt(world).claim, act.claim].into_iter().zip(names)
    {
        let body = world.log.body(claim).expect("kept");
        files.push((body_name, body.encode()));
        files.push((
            envelope_name,
            world.log.envelope(body.envelope).expect("kept").encode(),
        ));
    }
    files
}

fn without(files: &Files, name: &str) -> Files {
    let left: Files = files
        .iter()
        .filter(|(at, _)| *at != name)
        .cloned()
        .collect();
    assert!(left.len() < files.len());
    left
}

fn with(files: &Files, name: &'static str, bytes: Vec<u8>) -> Files {
    let mut files = without(files, name);
    files.push((name, bytes));
    files
}

#[test]
fn a_receipt_with_all_that_belongs_to_it_is_proven() {
    let world = World::new(4);
    let files = all(&world);
    check(&files, &world.trust(), ("proven", "proven"));
    check(&files, &Trust::None, ("cannot_tell", "no_pinned_key"));
    let mut reversed = files;
    reversed.reverse();
    check(&reversed, &world.trust(), ("proven", "proven"));
}

#[test]
fn a_receipt_alone_proves_that_it_was_logged() {
    let world = World::new(4);
    let alone = receipt(&world).encode();
    let report = verify_receipts(&[("a.receipt", &alone)], &world.trust());
    assert_eq!(report.verdict().as_str(), "cannot_tell");
    let codes: Vec<&str> = report.pieces.iter().map(|piece| piece.code).collect();
    // Checkpoint and entry; the signer, the node's verdict and the body need more.
    assert_eq!(
        codes,
        [
            "proven",
            "proven",
            "genesis_absent",
            "genesis_absent",
            "body_absent"
        ]
    );
}

#[test]
fn what_is_missing_is_named() {
    let world = World::new(4);
    let (files, trust) = (all(&world), world.trust());
    let cannot_tell =
        |name: &str, code| check(&without(&files, name), &trust, ("cannot_tell", code));
    cannot_tell("genesis.statement", "statement_absent");
    cannot_tell("act.receipt", "key_not_proven");
    cannot_tell("claim.body", "body_absent");
    cannot_tell("claim.envelope", "envelope_absent");
    cannot_tell("genesis.tlog-proof", "piece_without_receipt");
    let nothing = verify_receipts(&[], &trust);
    assert_eq!(nothing.summary(), "Cannot tell: there is nothing to check.");
}

#[test]
fn what_is_wrong_is_named() {
    let world = World::new(4);
    let (files, trust) = (all(&world), world.trust());
    let disproven = |name, bytes, code| {
        check(&with(&files, name, bytes), &trust, ("disproven", code));
    };
    let mut salted = world.log.body(receipt(&world).claim).expect("kept").clone();
    for part in &mut salted.parts {
        if let Part::Sealed { salt, .. } = part {
            salt[31] ^= 1;
        }
    }
    disproven("claim.body", salted.encode(), "body_differs");
    disproven("claim.body", b"nonsense".to_vec(), "file_unknown");
    let mut cut = receipt(&world).encode();
    cut.pop();
    disproven("claim.receipt", cut, "receipt_malformed");
    let mut moved = receipt(&world);
    moved.at.index.0 += 1;
    disproven("claim.receipt", moved.encode(), "statement_not_logged");
    disproven(
        "genesis.tlog-proof",
        world.log.proof(Index(1)),
        "genesis_not_first",
    );
    let proof = b"c2sp.org/tlog-proof@v1\nindex 0\n".to_vec();
    disproven("genesis.tlog-proof", proof, "proof_unreadable");
}

#[test]
fn a_proof_of_a_statement() {
    let world = World::new(4);
    let index = world.claims[2].index;
    let statement = world
        .log
        .entry(index)
        .expect("a statement")
        .statement
        .clone();
    let files = vec![
        ("a.tlog-proof", world.log.proof(index)),
        ("a.statement", statement.clone()),
    ];
    check(&files, &world.trust(), ("proven", "proven"));
    check(&files, &Trust::None, ("cannot_tell", "no_pinned_key"));
    // Unprotected headers do not matter: the entry leaves them out.
    let other = world
        .log
        .entry(world.claims[0].index)
        .expect("a statement")
        .statement
        .clone();
    let wrong = vec![
        ("a.tlog-proof", world.log.proof(index)),
        ("a.statement", other.clone()),
    ];
    check(
        &wrong,
        &world.trust(),
        ("disproven", "statement_not_logged"),
    );
    let both = vec![
        ("b.statement", other),
        ("a.statement", statement),
        ("b.tlog-proof", world.log.proof(world.claims[0].index)),
        ("a.tlog-proof", world.log.proof(index)),
    ];
    check(&both, &world.trust(), ("proven", "proven"));
}

#[test]
fn two_histories_are_seen() {
    let world = World::new(4);
    let size = world.log.size();
    let forked = Checkpoint::new(ORIGIN, TreeSize(size), Hash::leaf(b"fork")).expect("an origin");
    // The same key signs another root for the same size; the test knows it, as a thief might.
    let key = TinyLogKey::of(&world.log);
    let note = forked
        .sign(&[&key.0])
        .expect("a note")
        .to_string()
        .into_bytes();
    let mut files = all(&world);
    files.push(("checkpoint", note));
    check(
        &files,
        &world.trust(),
        ("disproven", "checkpoints_conflict"),
    );
    // Another size is no contradiction.
    let mut files = all(&world);
    files.push(("checkpoint", world.log.checkpoint_at(size - 1)));
    check(&files, &world.trust(), ("proven", "proven"));
    assert!(Note::parse(&world.log.checkpoint()).is_ok());
}

/// The checkpoint key of a small log.
struct TinyLogKey(Ed25519Signer);

impl TinyLogKey {
    fn of(log: &TinyLog) -> Self {
        let name = KeyName::new(log.origin()).expect("a name");
        let key = Ed25519Signer::new(name, SignatureType::Ed25519, &log.checkpoint_secret());
        assert_eq!(key.key().to_string(), log.vkey());
        Self(key)
    }
}
