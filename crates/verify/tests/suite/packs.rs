//! Packs as they should be.

use countersign_model::body::ClaimBody;
use countersign_pack::{About, Pack};
use countersign_testkit::TinyLog;
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::cosignature::cosign;
use countersign_tlog::note::{Ed25519Signer, KeyName, Note, SignatureType, Signer as _};
use countersign_verify::{Trust, Verdict, verify_pack};

use crate::world::{ORIGIN, UNIT, World, files_of, judged, repack};

#[test]
fn a_whole_pack_is_proven_piece_by_piece() {
    let world = World::new(1);
    for show in [ClaimBody::clone, ClaimBody::withheld] {
        let pack = world.builder(show).build().expect("a pack");
        let report = verify_pack(&pack, &world.trust());
        assert_eq!(report.verdict(), Verdict::Proven, "{}", report.to_text());
        assert_eq!(report.origin.as_deref(), Some(ORIGIN));
        assert_eq!(report.size, Some(world.log.size()));
        let claims: Vec<&str> = report
            .pieces
            .iter()
            .map(|piece| piece.claim.as_str())
            .collect();
        let said = |words: &str| claims.iter().any(|claim| claim.contains(words));
        assert!(said("this was said by dock-7 with the key "));
        assert!(said("(software key)"));
        assert!(said("was logged as entry "));
        assert!(said(
            "the node concluded: effective, software_key, no marks"
        ));
        assert!(said("was given to van-3 (device, software_key)"));
        assert!(said("the node concluded the finding "));
        let details = report.to_text();
        assert!(details.contains("the node's word"), "{details}");
        assert!(details.contains("Not proven by any of this"), "{details}");
    }
}

#[test]
fn what_is_not_proven_is_said() {
    let world = World::new(1);
    let report = verify_pack(&world.pack(), &world.trust());
    let codes: Vec<&str> = report.caveats.iter().map(|caveat| caveat.code).collect();
    assert_eq!(
        codes,
        ["truth", "absence", "revocation", "time", "explanation"]
    );
}

#[test]
fn withheld_and_disclosed_parts_prove_alike() {
    let world = World::new(1);
    let withheld = world.pack();
    let disclosed = world.builder(ClaimBody::clone).build().expect("a pack");
    assert!(!withheld.windows(8).any(|bytes| bytes == b"Jane Doe"));
    assert!(disclosed.windows(8).any(|bytes| bytes == b"Jane Doe"));
    let report = verify_pack(&withheld, &world.trust());
    assert!(
        report
            .to_text()
            .contains("sealed parts: 2, of which 2 withheld")
    );
    let report = verify_pack(&disclosed, &world.trust());
    assert!(report.to_text().contains("sealed parts: 2, all disclosed"));
    let digests = |pack: &[u8]| {
        let names = files_of(pack).into_iter().map(|(name, _)| name);
        names
            .filter(|name| name.starts_with("bodies/"))
            .collect::<Vec<_>>()
    };
    assert_eq!(digests(&withheld), digests(&disclosed));
}

#[test]
fn without_a_pin_it_is_consistent_in_itself_and_no_more() {
    let world = World::new(1);
    let report = verify_pack(&world.pack(), &Trust::None);
    assert_eq!(report.verdict(), Verdict::CannotTell);
    assert!(report.is_consistent_in_itself(), "{}", report.to_text());
    assert!(report.summary().contains("consistent in itself"));
    // Nothing but the archive itself is called proven.
    let proven = report
        .pieces
        .iter()
        .filter(|piece| piece.verdict == Verdict::Proven);
    assert_eq!(
        proven.map(|piece| piece.name.as_str()).collect::<Vec<_>>(),
        ["pack.zip"]
    );
}

#[test]
fn the_same_pieces_give_the_same_bytes() {
    assert_eq!(World::new(1).pack(), World::new(1).pack());
    assert_ne!(World::new(1).pack(), World::new(2).pack());
}

#[test]
fn a_pack_about_a_unit_needs_no_finding() {
    let world = World::new(1);
    let about = About::Unit(UNIT.to_owned());
    let pack = world
        .log
        .pack(about, &world.claims, &[], ClaimBody::withheld);
    let pack = pack.build().expect("a pack");
    assert_eq!(judged(&pack, &world.trust()), ("proven", "proven"));
    let opened = Pack::open(&pack).expect("a pack");
    assert_eq!(opened.receipts().count(), world.claims.len() + 2);
    assert_eq!(opened.enrolments(world.giver.kid()).count(), 1);
}

#[test]
fn an_explanation_changes_nothing() {
    let world = World::new(1);
    let mut builder = world.builder(ClaimBody::withheld);
    builder
        .timeline("[\"it was the butler\"]")
        .expect("one timeline");
    let pack = builder.build().expect("a pack");
    assert_eq!(judged(&pack, &world.trust()), ("proven", "proven"));
}

/// The pack with a checkpoint that these witnesses cosigned.
fn cosigned(world: &World, witnesses: &[&Ed25519Signer]) -> Vec<u8> {
    let note = Note::parse(&world.log.checkpoint()).expect("a note");
    let checkpoint = Checkpoint::parse(note.text()).expect("a checkpoint");
    let mut signed = note.clone();
    for witness in witnesses {
        let signature = cosign(&checkpoint, 1_772_431_300, *witness).expect("a cosignature");
        signed.push(signature).expect("room");
    }
    let (old, new) = (note.to_string(), signed.to_string());
    let pack = world.pack();
    let mut files = files_of(&pack);
    for (name, bytes) in &mut files {
        if name == "checkpoint" {
            *bytes = new.clone().into_bytes();
        } else if name == "genesis.tlog-proof" {
            let proof = String::from_utf8(bytes.clone()).expect("text");
            *bytes = proof.replace(&old, &new).into_bytes();
        } else if name.ends_with(".receipt") {
            let mut receipt = countersign_pack::ClaimReceipt::decode(bytes).expect("a receipt");
            receipt.checkpoint = new.clone().into_bytes();
            *bytes = receipt.encode();
        }
    }
    repack(&pack, files)
}

#[test]
fn a_policy_bounds_the_time_by_its_witnesses() {
    let world = World::new(1);
    let witness = |name: &str, seed: u8| {
        let name = KeyName::new(name).expect("a name");
        Ed25519Signer::new(name, SignatureType::CosignatureV1, &[seed; 32])
    };
    let (north, south) = (witness("north.example/w", 1), witness("south.example/w", 2));
    let policy = format!(
        "log {}\nwitness n {}\nwitness s {}\ngroup both all n s\nquorum both\n",
        world.log.vkey(),
        north.key(),
        south.key()
    );
    let trust = Trust::policy(policy.as_bytes()).expect("a policy");
    let both = cosigned(&world, &[&north, &south]);
    let report = verify_pack(&both, &trust);
    assert_eq!(report.verdict(), Verdict::Proven, "{}", report.to_text());
    assert!(
        report
            .to_text()
            .contains("everything in this tree was there by 2026-03-02T06:01:40Z")
    );
    assert!(
        report
            .caveats
            .iter()
            .any(|caveat| caveat.code == "time_cosigned")
    );
    assert_eq!(judged(&both, &world.trust()), ("proven", "proven"));
    let one = cosigned(&world, &[&north]);
    assert_eq!(judged(&one, &trust), ("cannot_tell", "quorum_missing"));
    let other = format!(
        "log {}\nquorum none\n",
        TinyLog::new("log.example/other", 9).vkey()
    );
    let other = Trust::policy(other.as_bytes()).expect("a policy");
    assert_eq!(judged(&both, &other), ("cannot_tell", "origin_not_pinned"));
}

#[test]
fn what_is_no_trust_is_refused() {
    let witness = Ed25519Signer::new(
        KeyName::new("w").expect("a name"),
        SignatureType::CosignatureV1,
        &[1; 32],
    );
    assert!(Trust::keys([witness.key().to_string().as_str()]).is_err());
    assert!(Trust::keys(["nonsense"]).is_err());
    assert!(Trust::policy(b"quorum none\n").is_err());
    assert!(!Trust::keys([]).expect("no key").is_pinned());
}
