//! Packs put together and taken apart, of a small real log.

use countersign_model::body::{ClaimBody, Format};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_pack::{About, BuildError, Builder, Pack, Role};
use countersign_testkit::TinyLog;

const EVENT: &str = r#"{"type":"ObjectEvent","bizStep":"loading","name":"Jane Doe"}"#;

fn log() -> (TinyLog, ClaimRef) {
    let mut log = TinyLog::new("log.example/pack", 1);
    let mut device = log.device("dock-7");
    let index = log.say(&mut device, Format::EpcisJson, &[EVENT]);
    log.commit();
    (log, ClaimRef { index, ordinal: 0 })
}

fn builder(log: &TinyLog) -> Builder {
    let about = About::Unit("urn:x:1".to_owned());
    Builder::new(log.origin(), about, Index(log.size() - 1), log.checkpoint())
}

fn body(log: &TinyLog, at: ClaimRef) -> ClaimBody {
    log.body(log.receipt(at).claim).expect("kept").clone()
}

#[test]
fn pieces_come_out_as_they_went_in() {
    let (log, at) = log();
    let kid = *log.signers(at).first().expect("a signer");
    let act = *log.enrolments(kid).first().expect("an act");
    let about = About::Unit("urn:x:1".to_owned());
    let bytes = log
        .pack(about.clone(), &[at], &[], ClaimBody::clone)
        .build()
        .expect("a pack");
    let pack = Pack::open(&bytes).expect("a pack");
    assert_eq!(pack.manifest().origin, log.origin());
    assert_eq!(pack.manifest().about, about);
    assert_eq!(pack.manifest().made_at, Index(log.size() - 1));
    assert_eq!(pack.checkpoint(), log.checkpoint());
    assert_eq!(
        pack.genesis(),
        log.entry(Index(0)).expect("genesis").statement
    );
    assert_eq!(pack.genesis_proof(), log.proof(Index(0)));
    assert_eq!(pack.receipt(at), Some(&log.receipt(at)));
    assert_eq!(
        pack.enrolments(kid).collect::<Vec<_>>(),
        [&log.receipt(act)]
    );
    let body = body(&log, at);
    assert_eq!(pack.body(body.digest()), Some(body.encode().as_slice()));
    let envelope = log.envelope(body.envelope).expect("kept");
    assert_eq!(
        pack.envelope(body.envelope),
        Some(envelope.encode().as_slice())
    );
    assert_eq!(pack.blob(Digest::ZERO), None);
    assert_eq!(pack.files().count(), pack.manifest().files.len());
    assert!(pack.files().any(|(role, _)| *role == Role::Readme));
}

#[test]
fn enrolments_are_numbered_in_log_order() {
    let (mut log, at) = log();
    let kid = *log.signers(at).first().expect("a signer");
    let first = *log.enrolments(kid).first().expect("an act");
    let key =
        countersign_attest::SecretKey::generate(countersign_attest::Algorithm::Es256, [1; 32]);
    let signer = countersign_testkit::Signer::new("other", key, true);
    let second = log.enrol(&signer, "device");
    let mut builder = builder(&log);
    builder.genesis(vec![1], vec![2]).expect("one genesis");
    // Handed in the wrong way round, and one of them twice.
    for act in [second, first, second] {
        builder
            .enrolment(kid, &log.receipt(act))
            .expect("one checkpoint");
    }
    let bytes = builder.build().expect("a pack");
    let pack = Pack::open(&bytes).expect("a pack");
    let order: Vec<ClaimRef> = pack.enrolments(kid).map(|receipt| receipt.at).collect();
    assert_eq!(order, [first, second]);
}

#[test]
fn pieces_that_do_not_fit_are_refused() {
    let (log, at) = log();
    let mut builder = builder(&log);
    let old = log.receipt_at(at, log.size());
    builder.receipt(&old).expect("one checkpoint");
    builder.receipt(&old).expect("the same twice is once");
    let mut other = old.clone();
    other.record.push(0);
    let name = format!("receipts/{at}.receipt");
    assert_eq!(
        builder.receipt(&other),
        Err(BuildError::Conflict(name.clone()))
    );
    let mut stale = old;
    stale.checkpoint = log.checkpoint_at(2);
    assert_eq!(
        builder.receipt(&stale),
        Err(BuildError::OtherCheckpoint(name))
    );
    let body = body(&log, at);
    builder.body(&body.withheld()).expect("one way to show it");
    let name = format!("bodies/{}.body", body.digest());
    assert_eq!(builder.body(&body), Err(BuildError::Conflict(name)));
    builder.timeline("[]").expect("one timeline");
    let conflict = Err(BuildError::Conflict("timeline.json".to_owned()));
    assert_eq!(builder.timeline("[1]"), conflict);
}

#[test]
fn a_pack_without_genesis_does_not_open() {
    let (log, _) = log();
    let bytes = builder(&log).build().expect("an archive");
    let damage = Pack::open(&bytes).expect_err("damage");
    assert_eq!(damage.code(), "pack_file_missing");
    assert_eq!(damage.file.as_deref(), Some("genesis.statement"));
}
