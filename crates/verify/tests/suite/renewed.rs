//! Logs whose keys were renewed, rightly and wrongly: the batch over a renewal is by the node key that
//! it names, and what it goes on from is what is there.

use countersign_attest::{Algorithm, SecretKey};
use countersign_model::body::{ClaimBody, Format};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_model::ids::KeyId;
use countersign_pack::About;
use countersign_testkit::{Signer, TinyLog};
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::{Ed25519Signer, KeyName, Note, SignatureType, Signer as _};
use countersign_verify::{Trust, Verdict, verify_pack};

use crate::folder::Memory;
use crate::world::{ORIGIN, UNIT, event, expect, forged};

const NEW_ORIGIN: &str = "log.example/site-1-b";

/// A log in which a device speaks and the keys are renewed, before the commit that holds both.
struct Renewing {
    log: TinyLog,
    giver: Signer,
    old: SecretKey,
    renewal: ClaimRef,
    claim: Option<ClaimRef>,
}

fn first(index: Index) -> ClaimRef {
    ClaimRef { index, ordinal: 0 }
}

impl Renewing {
    fn new() -> Self {
        let mut log = TinyLog::new(ORIGIN, 12);
        let giver = log.device("dock-7");
        Self {
            old: log.node.key.clone(),
            log,
            giver,
            renewal: first(Index(0)),
            claim: None,
        }
    }

    fn speak(&mut self) {
        let event = event("departing");
        let said = self.log.say(&mut self.giver, Format::EpcisJson, &[&event]);
        self.claim = Some(first(said));
    }

    /// The act by which the node and the receipts get new keys; returns that of the node.
    fn renew(&mut self, origin: &str, checkpoint: &str, continues: &str) -> SecretKey {
        let node = SecretKey::generate(Algorithm::Ed25519, self.log.entropy());
        let receipts = SecretKey::generate(Algorithm::Es256, self.log.entropy()).public();
        let act = format!(
            r#"{{"type":"Renewal","origin":"{origin}","checkpointKeys":["{checkpoint}"],"nodeKey":"{}","receiptKey":"{receipts}"{continues}}}"#,
            node.public()
        );
        let mut admin = self.log.admin.clone();
        let said = self.log.say(&mut admin, Format::CountersignJson, &[&act]);
        self.renewal = first(said);
        node
    }

    fn rotate(&mut self) {
        let vkey = self.log.vkey();
        self.log.node.key = self.renew(ORIGIN, &vkey, "");
    }

    /// The log goes on under another name, from this root.
    fn link(&mut self, root: &str) {
        let secret = self.log.entropy();
        let name = KeyName::new(NEW_ORIGIN).expect("a name");
        let checkpoint = Ed25519Signer::new(name, SignatureType::Ed25519, &secret)
            .key()
            .to_string();
        let size = self.log.size();
        let continues =
            format!(r#","continues":{{"origin":"{ORIGIN}","size":{size},"root":"{root}"}}"#);
        let node = self.renew(NEW_ORIGIN, &checkpoint, &continues);
        self.log.goes_on_as(NEW_ORIGIN, node, secret);
    }

    fn commit(&mut self, is_by_old: bool) {
        let by = if is_by_old {
            &self.old
        } else {
            &self.log.node.key
        }
        .clone();
        let batch = self.log.next_batch();
        self.log.commit_batch_by(&by, batch);
    }

    fn trust(&self) -> Trust {
        Trust::keys([self.log.vkey().as_str()]).expect("a key")
    }

    /// A pack with the renewal, and the claim if `with_claim`.
    fn pack(&self, with_claim: bool) -> Vec<u8> {
        let claims: Vec<ClaimRef> = self.claim.into_iter().filter(|_| with_claim).collect();
        let about = About::Unit(UNIT.to_owned());
        let mut pack = self.log.pack(about, &claims, &[], ClaimBody::clone);
        let receipt = self.log.receipt(self.renewal);
        pack.enrolment(self.node(), &receipt).expect("a place");
        let body = self.log.body(receipt.claim).expect("kept");
        pack.body(body).expect("a place");
        let envelope = self.log.envelope(body.envelope).expect("kept");
        pack.envelope(envelope).expect("a place");
        pack.build().expect("a pack")
    }

    fn node(&self) -> KeyId {
        self.log.node.kid()
    }
}

/// Root of the log as it stands, in hexadecimal.
fn root(log: &TinyLog) -> String {
    let note = Note::parse(&log.checkpoint()).expect("a note");
    let checkpoint = Checkpoint::parse(note.text()).expect("a checkpoint");
    Digest::new(*checkpoint.root().as_bytes()).to_string()
}

/// One commit with a claim and a rotation, in this order or the other, its batch signed by the old
/// node key or the new one.
fn check_pack(claim_first: bool, is_by_old: bool, with_claim: bool, code: &str) {
    let mut log = Renewing::new();
    if claim_first {
        log.speak();
        log.rotate();
    } else {
        log.rotate();
        log.speak();
    }
    log.commit(is_by_old);
    let report = verify_pack(&log.pack(with_claim), &log.trust());
    let verdict = if code == "proven" {
        "proven"
    } else {
        "disproven"
    };
    assert_eq!(report.verdict().as_str(), verdict, "{}", report.to_text());
    assert!(code == "proven" || report.pieces.iter().any(|piece| piece.code == code));
    let of_whole = Memory(log.log.files(3, log.log.size())).verify(&log.trust());
    let is_whole = of_whole.verdict() == Verdict::Proven;
    assert_eq!(is_whole, !is_by_old, "{}", of_whole.to_text());
}

#[test]
fn a_batch_that_the_old_key_signed_proves_no_renewal() {
    for claim_first in [true, false] {
        check_pack(claim_first, true, false, "batch_not_by_node");
        check_pack(claim_first, true, true, "batch_not_by_node");
    }
}

#[test]
fn a_batch_that_the_new_key_signed_proves_the_renewal() {
    for claim_first in [true, false] {
        check_pack(claim_first, false, false, "proven");
    }
    check_pack(false, false, true, "proven");
    // What stands before the renewal is the old key's to judge; a node commits a renewal alone.
    check_pack(true, false, true, "batch_not_by_node");
}

/// A whole log that goes on under another name.
fn check_log(change: fn(&mut Renewing, &str), expected: (&str, &str)) {
    let mut log = Renewing::new();
    let root = root(&log.log);
    change(&mut log, &root);
    log.speak();
    log.commit(false);
    let report = Memory(log.log.files(3, log.log.size())).verify(&log.trust());
    if expected.0 == "proven" {
        assert_eq!(report.verdict(), Verdict::Proven, "{}", report.to_text());
    } else {
        expect(&report, expected);
    }
}

#[test]
fn a_whole_log_that_goes_on_under_another_name() {
    check_log(
        |log, root| {
            log.link(root);
            log.commit(false);
        },
        ("proven", "proven"),
    );
    check_log(
        |log, _| {
            log.link(&"ab".repeat(32));
            log.commit(false);
        },
        ("disproven", "tree_differs"),
    );
    check_log(
        |log, root| {
            log.link(root);
            log.commit(true);
        },
        ("disproven", "batch_not_by_node"),
    );
}

/// Packs for the vectors: what each is, its file, the key that is pinned, its bytes.
pub(crate) fn packs() -> Vec<(&'static str, &'static str, String, Vec<u8>)> {
    let mut rotated = Renewing::new();
    rotated.rotate();
    rotated.commit(false);
    rotated.speak();
    rotated.commit(false);
    let whole = without_readme(&rotated.pack(true));
    let without = forged(&whole, |files| {
        files.remove(&format!("keys/{}", rotated.node().0))
    });
    let mut by_old = Renewing::new();
    by_old.speak();
    by_old.rotate();
    by_old.commit(true);
    let mut linked = Renewing::new();
    let (before, root) = (linked.log.vkey(), root(&linked.log));
    linked.link(&root);
    linked.commit(false);
    linked.speak();
    linked.commit(false);
    let behind = without_readme(&linked.pack(true));
    vec![
        (
            "behind a rotation of the node's keys",
            "rotated.zip",
            rotated.log.vkey(),
            whole,
        ),
        (
            "the same without the renewal",
            "no-renewal.zip",
            rotated.log.vkey(),
            without,
        ),
        (
            "the batch over a claim and the renewal is by the old key",
            "batch-by-old-key.zip",
            by_old.log.vkey(),
            without_readme(&by_old.pack(true)),
        ),
        (
            "the log goes on under another name",
            "linked.zip",
            linked.log.vkey(),
            behind.clone(),
        ),
        (
            "the same with the key of the old name pinned",
            "linked.zip",
            before,
            behind,
        ),
    ]
}

/// The wording of an explanation is no part of the format.
fn without_readme(pack: &[u8]) -> Vec<u8> {
    forged(pack, |files| files.remove("README.txt"))
}
