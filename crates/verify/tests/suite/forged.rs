//! Damage on purpose: archive and manifest are made to fit, and the evidence inside does not.

use countersign_attest::sign::{assemble, protected};
use countersign_attest::{Algorithm, SecretKey, Statement, claims_payload, sign1};
use countersign_model::body::{ClaimBody, EnvelopeBody, Format, Part};
use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, Batch, ClaimRef, ClaimStatus, Index, verdict_leaf};
use countersign_model::ids::PrincipalId;
use countersign_pack::{About, Pack};
use countersign_testkit::{Signer, TinyLog, Told};
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::{Ed25519Signer, KeyName, Note, SignatureType};
use countersign_verify::{Trust, Verdict, verify_pack};

use crate::world::{
    Files, ORIGIN, UNIT, World, archived, change_manifest, event, files_of, forged, judged,
};

const KEY_NOT_PROVEN: (&str, &str) = ("cannot_tell", "key_not_proven");

/// Judges a pack with the log's key pinned, and makes sure that without a pin it fares no better.
fn check(world: &World, pack: &[u8], expect: (&str, &str)) {
    let report = verify_pack(pack, &world.trust());
    crate::world::expect(&report, expect);
    let unpinned = verify_pack(pack, &Trust::None).verdict();
    assert_ne!(unpinned, Verdict::Proven);
    assert!(unpinned >= report.verdict());
}

fn disproven(code: &str) -> (&str, &str) {
    ("disproven", code)
}

/// A change to the files of a good pack.
fn check_change(change: impl FnOnce(&World, &mut Files), expect: (&str, &str)) {
    let world = World::new(5);
    let good = world.builder(ClaimBody::clone).build().expect("a pack");
    let pack = forged(&good, |files| change(&world, files));
    check(&world, &pack, expect);
}

fn replace(bytes: &mut Vec<u8>, old: &[u8], new: &[u8]) {
    let text = String::from_utf8(bytes.clone()).expect("text");
    let (old, new) = (std::str::from_utf8(old), std::str::from_utf8(new));
    *bytes = text
        .replace(old.expect("text"), new.expect("text"))
        .into_bytes();
}

/// Puts another checkpoint under everything in the pack.
fn put_checkpoint(files: &mut Files, note: &[u8]) {
    let old = std::mem::replace(files.get("checkpoint"), note.to_vec());
    replace(files.get("genesis.tlog-proof"), &old, note);
    files.receipts(|receipt| receipt.checkpoint = note.to_vec());
}

#[test]
fn a_pack_that_another_key_signed() {
    let other = Ed25519Signer::new(
        KeyName::new(ORIGIN).expect("a name"),
        SignatureType::Ed25519,
        &[77; 32],
    );
    let world = World::new(5);
    let resigned = forged(&world.pack(), |files| {
        let note = Note::parse(files.get("checkpoint")).expect("a note");
        let checkpoint = Checkpoint::parse(note.text()).expect("a checkpoint");
        let note = checkpoint.sign(&[&other]).expect("a note").to_string();
        put_checkpoint(files, note.as_bytes());
    });
    check(&world, &resigned, disproven("checkpoint_not_by_pinned_key"));
    let unpinned = judged(&resigned, &Trust::None);
    assert_eq!(unpinned, disproven("checkpoint_not_by_genesis_key"));
    use countersign_tlog::note::Signer as _;
    let wrong_pin = Trust::keys([other.key().to_string().as_str()]).expect("a key");
    assert_eq!(
        judged(&resigned, &wrong_pin),
        disproven("checkpoint_not_by_genesis_key")
    );
    let mut broken = world.pack();
    broken = forged(&broken, |files| {
        let note = Note::parse(files.get("checkpoint"))
            .expect("a note")
            .to_string();
        // The last sextet of the 68 bytes is all signature.
        let at = note.len() - 4;
        let letter = if note.as_bytes()[at] == b'A' {
            "B"
        } else {
            "A"
        };
        let note = format!("{}{letter}{}", &note[..at], &note[at + 1..]);
        put_checkpoint(files, note.as_bytes());
    });
    check(&world, &broken, disproven("checkpoint_signature_wrong"));
}

#[test]
fn a_strangers_log() {
    let world = World::new(5);
    let stranger = World::new(6);
    // The same origin under another key: not the log that was pinned.
    let expect = disproven("checkpoint_not_by_pinned_key");
    assert_eq!(judged(&stranger.pack(), &world.trust()), expect);
    let report = verify_pack(&stranger.pack(), &Trust::None);
    assert!(report.is_consistent_in_itself());
    // Another origin: nothing is known of it.
    let elsewhere = Trust::keys([TinyLog::new("log.example/other", 1).vkey().as_str()]);
    let report = verify_pack(&stranger.pack(), &elsewhere.expect("a key"));
    assert_eq!(
        report.worst().map(|piece| piece.code),
        Some("origin_not_pinned")
    );
    assert!(report.is_consistent_in_itself(), "{}", report.to_text());
}

#[test]
fn a_strangers_pieces() {
    let stranger = World::new(6);
    let of_stranger = |name: &str| {
        let files = files_of(&stranger.pack());
        let file = files.into_iter().find(|(at, _)| at.contains(name));
        file.expect("a file").1
    };
    let genesis = of_stranger("genesis.statement");
    check_change(
        |_, files| *files.get("genesis.statement") = genesis.clone(),
        disproven("genesis_not_first"),
    );
    let proof = of_stranger("genesis.tlog-proof");
    check_change(
        |_, files| *files.get("genesis.tlog-proof") = proof.clone(),
        disproven("checkpoint_mixed"),
    );
    let receipt = of_stranger("receipts/6.0");
    check_change(
        |_, files| *files.get("receipts/6.0.receipt") = receipt.clone(),
        disproven("checkpoint_mixed"),
    );
}

#[test]
fn a_stale_checkpoint() {
    // A smaller tree under receipts of a larger one.
    check_change(
        |world, files| {
            *files.get("checkpoint") = world.log.checkpoint_at(world.log.size() - 1);
        },
        disproven("checkpoint_mixed"),
    );
    check_change(
        |world, files| put_checkpoint(files, &world.log.checkpoint_at(4)),
        disproven("genesis_not_first"),
    );
    // What an earlier tree proves stays proven; but the maker had not read beyond it.
    let world = World::new(5);
    let size = world.claims[0].index.0 + 4;
    let note = world.log.checkpoint_at(size);
    let earlier = |made_at: u64| {
        let about = About::Unit(UNIT.to_owned());
        let mut builder =
            countersign_pack::Builder::new(ORIGIN, about, Index(made_at), note.clone());
        let proof = countersign_tlog::tlog_proof::TlogProof::new(
            countersign_tlog::LeafIndex(0),
            world.log.path(Index(0), size),
            Note::parse(&note).expect("a note"),
        );
        let first = world
            .log
            .entry(Index(0))
            .expect("genesis")
            .statement
            .clone();
        let proof = proof.expect("a path").to_string().into_bytes();
        builder.genesis(first, proof).expect("one genesis");
        let act = world.log.enrolments(world.giver.kid())[0];
        let receipts = [
            world.log.receipt_at(world.claims[0], size),
            world.log.receipt_at(act, size),
        ];
        builder.receipt(&receipts[0]).expect("one checkpoint");
        builder
            .enrolment(world.giver.kid(), &receipts[1])
            .expect("one checkpoint");
        for receipt in &receipts {
            let body = world.log.body(receipt.claim).expect("a body");
            builder.body(body).expect("one body");
            builder
                .envelope(world.log.envelope(body.envelope).expect("kept"))
                .expect("one");
        }
        builder.build().expect("a pack")
    };
    check(&world, &earlier(size - 1), ("proven", "proven"));
    check(
        &world,
        &earlier(size),
        disproven("manifest_beyond_checkpoint"),
    );
}

#[test]
fn swapped_and_renamed_files() {
    check_change(
        |_, files| {
            let names = files.0.iter().map(|(name, _)| name.clone());
            let bodies: Vec<String> = names.filter(|name| name.starts_with("bodies/")).collect();
            let (left, right) = (bodies[0].clone(), bodies[1].clone());
            let taken = std::mem::take(files.get(&left));
            let other = std::mem::replace(files.get(&right), taken);
            *files.get(&left) = other;
        },
        disproven("body_differs"),
    );
    check_change(
        |_, files| {
            let (left, right) = ("receipts/6.0.receipt", "receipts/6.1.receipt");
            let taken = std::mem::take(files.get(left));
            let other = std::mem::replace(files.get(right), taken);
            *files.get(left) = other;
        },
        disproven("name_mismatch"),
    );
    // A key's folder with the act that gave another key.
    check_change(
        |world, files| {
            let taker = format!("keys/{}/0.receipt", world.taker.kid());
            let act = files.get(&taker).clone();
            *files.get(&format!("keys/{}/0.receipt", world.giver.kid())) = act;
        },
        disproven("enrolment_unreadable"),
    );
}

#[test]
fn changed_receipts() {
    let check_receipt = |change: fn(&mut countersign_pack::ClaimReceipt), code: &str| {
        check_change(
            |world, files| files.receipt(world.claims[0], change),
            disproven(code),
        );
    };
    check_receipt(|r| r.claim = Digest::of(b"other"), "claim_not_in_statement");
    check_receipt(|r| r.path.truncate(1), "statement_not_logged");
    check_receipt(|r| r.path.reverse(), "statement_not_logged");
    check_receipt(|r| r.statement = b"\x80".to_vec(), "statement_unreadable");
    check_receipt(|r| r.batch = r.statement.clone(), "batch_unreadable");
    check_receipt(|r| r.batch_path.truncate(1), "batch_not_logged");
    check_receipt(|r| r.batch_index.0 -= 1, "batch_not_logged");
    check_receipt(|r| r.record_path.clear(), "record_not_in_batch");
    check_receipt(|r| r.record.push(0), "record_not_in_batch");
    // A signature with its last bit turned is another entry.
    check_receipt(
        |r| {
            let at = r.statement.len() - 1;
            r.statement[at] ^= 1;
        },
        "statement_not_logged",
    );
    // The unprotected header is not in the logged form.
    check_receipt(
        |r| {
            let old = Statement::parse(&r.statement).expect("a statement");
            let mut with_header = Vec::new();
            let empty = [0xa0];
            let at = r.statement.windows(1 + old.payload().len() + 2);
            let at = at
                .enumerate()
                .find(|(_, w)| w[0] == empty[0] && w.ends_with(old.payload()));
            let (at, _) = at.expect("the unprotected header");
            with_header.extend(&r.statement[..at]);
            with_header.extend([0xa1, 0x01, 0x01]);
            with_header.extend(&r.statement[at + 1..]);
            r.statement = with_header;
        },
        "statement_unreadable",
    );
}

#[test]
fn missing_pieces() {
    let missing = |contains: fn(&World) -> String, code| {
        check_change(
            |world, files| files.remove(&contains(world)),
            ("cannot_tell", code),
        );
    };
    missing(
        |world| format!("keys/{}", world.giver.kid()),
        "key_not_proven",
    );
    missing(|_| "envelopes/".to_owned(), "envelope_absent");
    missing(|_| "conclusions/".to_owned(), "subject_not_shown");
    let body = |world: &World| {
        let claim = world.log.receipt(world.claims[0]).claim;
        format!("bodies/{claim}")
    };
    missing(body, "body_absent");
    missing(
        |world| format!("receipts/{}.", world.claims[0]),
        "piece_without_receipt",
    );
    for name in ["genesis.statement", "genesis.tlog-proof", "checkpoint"] {
        check_change(
            |_, files| files.remove(name),
            disproven("pack_file_missing"),
        );
    }
    check_change(|_, files| files.remove("README.txt"), ("proven", "proven"));
}

#[test]
fn bodies_and_envelopes_that_are_not_the_ones() {
    let change_body = |change: fn(&mut ClaimBody), code| {
        check_change(
            |world, files| {
                let claim = world.log.receipt(world.claims[0]).claim;
                let file = files.get(&format!("bodies/{claim}.body"));
                let mut body = ClaimBody::decode(file).expect("a body");
                change(&mut body);
                *file = body.encode();
            },
            disproven(code),
        );
    };
    let wrong_salt = |body: &mut ClaimBody| {
        let sealed = body.parts.iter_mut().find_map(|part| match part {
            Part::Sealed { salt, .. } => Some(salt),
            _ => None,
        });
        sealed.expect("a sealed part")[0] ^= 1;
    };
    change_body(wrong_salt, "body_differs");
    change_body(|body| body.salt[0] ^= 1, "body_differs");
    change_body(|body| body.hole += 1, "body_differs");
    change_body(|body| body.media_type.push('x'), "body_differs");
    let wrong_value = |body: &mut ClaimBody| {
        let sealed = body.parts.iter_mut().find_map(|part| match part {
            Part::Sealed { bytes, .. } => Some(bytes),
            _ => None,
        });
        *sealed.expect("a sealed part") = br#""John Doe""#.to_vec();
    };
    change_body(wrong_value, "body_differs");
    check_change(
        |_, files| {
            let name = files.name("bodies/");
            files.get(&name).push(0);
        },
        disproven("body_unreadable"),
    );
    check_change(
        |_, files| {
            let name = files.name("envelopes/");
            let mut envelope = EnvelopeBody::decode(files.get(&name)).expect("an envelope");
            envelope.media_type.push('x');
            *files.get(&name) = envelope.encode();
        },
        disproven("envelope_differs"),
    );
    check_change(
        |_, files| {
            let name = files.name("envelopes/");
            files.get(&name).truncate(3);
        },
        disproven("envelope_unreadable"),
    );
    let stray = |bytes: &[u8]| (format!("blobs/{}", Digest::of(bytes)), bytes.to_vec());
    check_change(
        |_, files| files.0.push(stray(b"map")),
        ("cannot_tell", "piece_without_receipt"),
    );
    check_change(
        |_, files| files.put(&stray(b"map").0, b"other".to_vec()),
        disproven("mapping_differs"),
    );
}

#[test]
fn a_manifest_that_lies() {
    let world = World::new(5);
    let good = world.pack();
    let lying = |change: fn(&mut countersign_pack::Manifest)| {
        let mut manifest = Pack::open(&good).expect("a pack").manifest().clone();
        let files = files_of(&good);
        change_manifest(&mut manifest, &files);
        change(&mut manifest);
        archived(&manifest, files)
    };
    check(
        &world,
        &lying(|m| m.origin = "log.example/x".to_owned()),
        disproven("origin_mismatch"),
    );
    check(
        &world,
        &lying(|m| m.made_at = Index(999)),
        disproven("manifest_beyond_checkpoint"),
    );
    check(
        &world,
        &lying(|m| m.about = About::Finding(Digest::of(b"x"))),
        ("cannot_tell", "subject_not_shown"),
    );
    check(
        &world,
        &lying(|m| m.files.truncate(3)),
        disproven("manifest_mismatch"),
    );
    check(
        &world,
        &lying(|m| m.files[0].bytes += 1),
        disproven("manifest_mismatch"),
    );
    check(
        &world,
        &lying(|m| m.files[0].sha256 = Digest::ZERO),
        disproven("manifest_mismatch"),
    );
}

/// A pack of one claim that a log took which it should not have taken.
fn check_logged(make: impl FnOnce(&mut World) -> ClaimRef, expect: (&str, &str)) {
    let mut world = World::new(5);
    let at = make(&mut world);
    if world.log.size() == at.index.0 + 1 {
        world.log.commit();
    }
    let about = About::Unit(UNIT.to_owned());
    let pack = world.log.pack(about, &[at], &[], ClaimBody::clone);
    check(&world, &pack.build().expect("a pack"), expect);
}

fn first(index: Index) -> ClaimRef {
    ClaimRef { index, ordinal: 0 }
}

fn told(world: &mut World) -> Told {
    let told = world.log.tell(Format::EpcisJson, &[&event("loading")]);
    world.log.keep(&told);
    told
}

#[test]
fn a_log_that_takes_what_it_should_not() {
    check_logged(
        |world| {
            // The giver's header, the taker's signature.
            let digests = told(world).digests();
            let header = world.log.header(&world.giver);
            let payload = claims_payload(&digests).expect("a payload");
            let protected = protected(&header, Algorithm::Es256, world.giver.kid());
            let message = countersign_attest::to_be_signed(&protected, &payload);
            let signature = world.taker.key.sign(&message);
            let statement = assemble(&protected, &payload, &signature);
            first(world.log.put(&statement, |_| ()))
        },
        disproven("signature_wrong"),
    );
    check_logged(
        |world| {
            let digests = told(world).digests();
            let mut header = world.log.header(&world.giver);
            let issuer = PrincipalId::parse("van-3").expect("a name");
            let kind = countersign_attest::Kind::claims();
            let link = *header.chain().expect("a chain");
            header =
                countersign_attest::Header::new(issuer, "x", header.audiences().to_vec(), kind)
                    .expect("a header")
                    .with_chain(link);
            let payload = claims_payload(&digests).expect("a payload");
            let statement = sign1(&header, &payload, &world.giver.key);
            first(world.log.put(&statement, |_| ()))
        },
        disproven("signer_not_issuer"),
    );
    check_logged(
        |world| {
            world.giver.is_chained = false;
            let mut giver = world.giver.clone();
            first(
                world
                    .log
                    .say(&mut giver, Format::EpcisJson, &[&event("loading")]),
            )
        },
        disproven("statement_refused"),
    );
    check_logged(
        |world| {
            let key = SecretKey::generate(Algorithm::Es256, [9; 32]);
            let mut nobody = Signer::new("nobody", key, true);
            first(
                world
                    .log
                    .say(&mut nobody, Format::EpcisJson, &[&event("loading")]),
            )
        },
        KEY_NOT_PROVEN,
    );
}

#[test]
fn keys_that_were_given_wrongly_or_too_late() {
    let newcomer = || {
        let key = SecretKey::generate(Algorithm::Es256, [9; 32]);
        Signer::new("newcomer", key, true)
    };
    check_logged(
        |world| {
            let (mut newcomer, mut giver) = (newcomer(), world.giver.clone());
            world.log.enrol_by(&mut giver, &newcomer, "device");
            first(
                world
                    .log
                    .say(&mut newcomer, Format::EpcisJson, &[&event("loading")]),
            )
        },
        // The giver's own enrolment is not in the pack, so the act itself is not proven.
        KEY_NOT_PROVEN,
    );
    check_logged(
        |world| {
            let mut newcomer = newcomer();
            let at = world
                .log
                .say(&mut newcomer, Format::EpcisJson, &[&event("loading")]);
            world.log.commit();
            world.log.enrol(&newcomer, "device");
            first(at)
        },
        KEY_NOT_PROVEN,
    );
    // A device gives a key; its own key is proven.
    let mut world = World::new(5);
    let (mut new, mut giver) = (newcomer(), world.giver.clone());
    world.log.enrol_by(&mut giver, &new, "device");
    let at = first(
        world
            .log
            .say(&mut new, Format::EpcisJson, &[&event("loading")]),
    );
    world.log.commit();
    let claims = [world.claims[0], at];
    let pack = world
        .log
        .pack(About::Unit(UNIT.to_owned()), &claims, &[], ClaimBody::clone);
    check(
        &world,
        &pack.build().expect("a pack"),
        disproven("enrolment_refused"),
    );
    // A key that was taken away, with the act that took it.
    let mut world = World::new(5);
    let withdraw = r#"{"type":"Withdraw","object":"principal","id":"dock-7"}"#;
    let mut admin = world.log.admin.clone();
    let act = first(
        world
            .log
            .say(&mut admin, Format::CountersignJson, &[withdraw]),
    );
    world.log.commit();
    let at = first(
        world
            .log
            .say(&mut world.giver, Format::EpcisJson, &[&event("loading")]),
    );
    world.log.commit();
    let show = |claims: &[ClaimRef]| {
        let about = About::Unit(UNIT.to_owned());
        let pack = world.log.pack(about, claims, &[], ClaimBody::clone);
        pack.build().expect("a pack")
    };
    check(&world, &show(&[act, at]), disproven("statement_refused"));
    // Left out, nobody can tell: that is what the caveat says.
    check(&world, &show(&[at]), ("proven", "proven"));
    check(&world, &show(&[act, world.claims[0]]), ("proven", "proven"));
}

#[test]
fn an_administrator_who_was_enrolled_may_enrol() {
    check_logged(
        |world| {
            let key = SecretKey::generate(Algorithm::Ed25519, [8; 32]);
            let mut second = Signer::new("boss", key, false);
            world.log.enrol(&second, "administrator");
            let key = SecretKey::generate(Algorithm::Es256, [9; 32]);
            let mut newcomer = Signer::new("newcomer", key, true);
            let act = world.log.enrol_by(&mut second, &newcomer, "device");
            first(
                world
                    .log
                    .say(&mut newcomer, Format::EpcisJson, &[&event("loading")]),
            );
            act
        },
        ("proven", "proven"),
    );
}

#[test]
fn a_node_that_judges_wrongly() {
    let put_and = |change: fn(&mut countersign_model::entry::VerdictRecord), expect| {
        check_logged(
            |world| {
                let digests = told(world).digests();
                let mut giver = world.giver.clone();
                let statement = world.log.sign(&mut giver, &digests);
                first(world.log.put(&statement, change))
            },
            expect,
        );
    };
    let put = |change, code| put_and(change, disproven(code));
    let surer = |record: &mut countersign_model::entry::VerdictRecord| {
        record.assurance = Assurance::HardwareKey;
    };
    put_and(surer, ("cannot_tell", "assurance_not_shown"));
    put_and(
        |record| record.assurance = Assurance::Channel,
        ("proven", "proven"),
    );
    put(
        |record| record.claims.push(ClaimStatus::Effective),
        "record_contradicts",
    );
    put(|record| record.claims.clear(), "record_contradicts");
    let batch = |change: fn(&mut Batch), code| {
        check_logged(
            |world| {
                let digests = told(world).digests();
                let mut giver = world.giver.clone();
                let statement = world.log.sign(&mut giver, &digests);
                let at = world.log.put(&statement, |_| ());
                let mut batch = world.log.next_batch();
                change(&mut batch);
                world.log.commit_batch(batch);
                first(at)
            },
            disproven(code),
        );
    };
    batch(
        |batch| batch.verdict_root = Digest::of(b"other"),
        "record_not_in_batch",
    );
    check_logged(
        |world| {
            let digests = told(world).digests();
            let mut giver = world.giver.clone();
            let statement = world.log.sign(&mut giver, &digests);
            let at = world.log.put(&statement, |_| ());
            let batch = world.log.next_batch();
            let key = world.taker.key.clone();
            world.log.commit_batch_by(&key, batch);
            first(at)
        },
        disproven("batch_not_by_node"),
    );
}

#[test]
fn a_record_that_is_none_and_a_batch_that_covers_something_else() {
    let mut world = World::new(5);
    let digests = told(&mut world).digests();
    let statement = world.log.sign(&mut world.giver, &digests);
    let at = first(world.log.put(&statement, |_| ()));
    let mut batch = world.log.next_batch();
    batch.verdict_root = verdict_leaf(b"\x80");
    world.log.commit_batch(batch);
    let pack = world
        .log
        .pack(About::Unit(UNIT.to_owned()), &[at], &[], ClaimBody::clone);
    let pack = forged(&pack.build().expect("a pack"), |files| {
        files.receipt(at, |receipt| receipt.record = b"\x80".to_vec());
    });
    check(&world, &pack, disproven("record_unreadable"));
    // The batch of another commit.
    let later = world.claims[3];
    let pack = forged(&world.pack(), |files| {
        let other = world.log.receipt(later);
        files.receipt(world.claims[0], |receipt| {
            receipt.batch = other.batch.clone();
            receipt.batch_index = other.batch_index;
            let size = Note::parse(&receipt.checkpoint).expect("a note");
            let size = Checkpoint::parse(size.text())
                .expect("a checkpoint")
                .size()
                .0;
            receipt.batch_path = world.log.path(other.batch_index, size);
        });
    });
    check(&world, &pack, disproven("batch_not_covering"));
}

#[test]
fn conclusions_are_findings_of_the_node() {
    let conclude = |by_node: bool, object: &str| {
        let mut world = World::new(5);
        let mut signer = if by_node {
            world.log.node.clone()
        } else {
            world.giver.clone()
        };
        let at = first(
            world
                .log
                .say(&mut signer, Format::CountersignJson, &[object]),
        );
        world.log.commit();
        let about = About::Unit(UNIT.to_owned());
        let claims = [world.claims[0]];
        let pack = world.log.pack(about, &claims, &[at], ClaimBody::clone);
        let report = verify_pack(&pack.build().expect("a pack"), &world.trust());
        crate::world::verdict(&report)
    };
    let finding = format!(
        r#"{{"type":"Finding","id":"{}","transition":1}}"#,
        Digest::of(b"f")
    );
    assert_eq!(conclude(true, &finding), ("proven", "proven"));
    assert_eq!(
        conclude(false, &finding),
        disproven("conclusion_not_by_node")
    );
    let other = r#"{"type":"Erasure","claim":"00"}"#;
    assert_eq!(conclude(true, other), disproven("conclusion_unreadable"));
    let alias =
        format!(r#"{{"type":"Alias","unit":"{UNIT}","sameAs":"urn:countersign:key:1:plate:x"}}"#);
    assert_eq!(conclude(true, &alias), disproven("conclusion_unreadable"));
}
