//! Loose files: claim receipts, `.tlog-proof` files, and what belongs to them, checked together.
//!
//! What a file is follows from its bytes. A receipt alone proves that a claim was logged; with
//! genesis, its proof, and the receipts and bodies of the enrolments beside it, as much as in a pack.

use std::collections::{BTreeMap, BTreeSet};

use countersign_attest::{Content, Statement};
use countersign_model::body::{ClaimBody, EnvelopeBody};
use countersign_model::digest::Digest;
use countersign_model::entry::Index;
use countersign_pack::{ClaimReceipt, DamageKind};
use countersign_tlog::note::Note;

use crate::bench::{Bench, read_proof};
use crate::evidence::{Evidence, File, Purpose, ReceiptFile};
use crate::limits::LOOSE_FILES_MAX;
use crate::reason::Reason;
use crate::report::{Fault, Piece, Report, Subject, Verdict};
use crate::tree::Tree;
use crate::trust::Trust;

/// What a file that is no evidence would have proven.
const UNFIT_CLAIM: &str = "this is evidence";

/// Checks files, given by name and bytes, as evidence of one log.
#[must_use]
pub fn verify_receipts(files: &[(&str, &[u8])], trust: &Trust) -> Report {
    let mut report = Report::new(Subject::Receipts, trust.is_pinned());
    let sorted = Sorted::sort(files, trust);
    let mut evidence = sorted.evidence;
    report.pieces.extend(sorted.unfit);
    report.pieces.extend(strays(&evidence));
    let claims = claims(&evidence);
    evidence.bodies.retain(|digest, _| claims.contains(digest));
    Bench::new(&evidence, trust).judge(&mut report);
    report
}

/// Bodies that are those of no receipt here. Beside a receipt whose body is missing, one of them was
/// meant to be that body, and is not.
fn strays(evidence: &Evidence<'_>) -> Vec<Piece> {
    let claims = claims(evidence);
    let lacking = claims
        .iter()
        .any(|claim| !evidence.bodies.contains_key(claim));
    let piece = |file: &File<'_>| {
        let fault = if lacking {
            let detail = "its bytes or salts are not those of any claim here";
            Fault::new(Reason::BodyDiffers, detail)
        } else {
            Fault::new(
                Reason::PieceWithoutReceipt,
                "no receipt here is of such a claim",
            )
        };
        Piece::fails(&file.name, "what a claim says", fault)
    };
    let strays = evidence
        .bodies
        .iter()
        .filter(|(digest, _)| !claims.contains(digest));
    strays.map(|(_, file)| piece(file)).collect()
}

/// Claims of which there is a receipt.
fn claims(evidence: &Evidence<'_>) -> BTreeSet<Digest> {
    evidence
        .receipts
        .iter()
        .map(|file| file.receipt.claim)
        .collect()
}

#[derive(Default)]
struct Sorted<'a> {
    evidence: Evidence<'a>,
    /// Files that are no evidence, each with the reason.
    unfit: Vec<Piece>,
}

impl<'a> Sorted<'a> {
    fn sort(files: &[(&'a str, &'a [u8])], trust: &Trust) -> Self {
        let mut sorted = Self::default();
        let mut statements: Vec<(File<'a>, Statement)> = Vec::new();
        let mut proofs: Vec<File<'a>> = Vec::new();
        let mut others: BTreeMap<Digest, File<'a>> = BTreeMap::new();
        for (name, bytes) in files.iter().take(LOOSE_FILES_MAX) {
            let file = File {
                name: (*name).to_owned(),
                bytes,
            };
            if bytes.starts_with(b"c2sp.org/tlog-proof@") {
                proofs.push(file);
            } else if let Some(receipt) = receipt(bytes) {
                sorted.receipt(file, receipt);
            } else if let Ok(statement) = Statement::parse(bytes) {
                statements.push((file, statement));
            } else if let Ok(body) = ClaimBody::decode(bytes) {
                sorted.evidence.bodies.insert(body.digest(), file);
            } else if let Ok(envelope) = EnvelopeBody::decode(bytes) {
                sorted.evidence.envelopes.insert(envelope.digest(), file);
            } else if Note::parse(bytes).is_ok() {
                sorted.evidence.checkpoints.push(file);
            } else {
                others.insert(Digest::of(bytes), file);
            }
        }
        sorted.mappings(others);
        sorted.pair(proofs, statements, trust);
        for (name, _) in files.iter().skip(LOOSE_FILES_MAX) {
            let detail = format!("at most {LOOSE_FILES_MAX} files are checked together");
            sorted.unfit(name, Reason::FileUnknown, &detail);
        }
        sorted
    }

    /// What begins like a receipt and is none is told as such.
    fn receipt(&mut self, file: File<'a>, receipt: Option<ClaimReceipt>) {
        match receipt {
            Some(receipt) => self.evidence.receipts.push(ReceiptFile {
                name: file.name,
                purpose: Purpose::Claim,
                receipt,
            }),
            None => {
                let damage = DamageKind::ReceiptMalformed;
                let fault = Fault {
                    verdict: Verdict::Disproven,
                    code: damage.code(),
                    detail: "it begins like a claim receipt, and is none".to_owned(),
                };
                self.unfit
                    .push(Piece::fails(&file.name, UNFIT_CLAIM, fault));
            }
        }
    }

    fn unfit(&mut self, name: &str, reason: Reason, detail: &str) {
        let fault = Fault::new(reason, detail);
        self.unfit.push(Piece::fails(name, UNFIT_CLAIM, fault));
    }

    /// A file without a form of its own is a mapping file if an envelope names it.
    fn mappings(&mut self, others: BTreeMap<Digest, File<'a>>) {
        let envelopes = self.evidence.envelopes.values();
        let named: Vec<Digest> = envelopes
            .filter_map(|file| EnvelopeBody::decode(file.bytes).ok()?.mapping)
            .collect();
        for (digest, file) in others {
            if named.contains(&digest) {
                self.evidence.blobs.insert(digest, file);
            } else {
                let detail = "it is no receipt, proof, statement, body, envelope, checkpoint or mapping file";
                self.unfit(&file.name, Reason::FileUnknown, detail);
            }
        }
    }

    /// Finds for each proof the statement that it is of.
    fn pair(
        &mut self,
        proofs: Vec<File<'a>>,
        mut statements: Vec<(File<'a>, Statement)>,
        trust: &Trust,
    ) {
        for proof in proofs {
            let at = statements
                .iter()
                .position(|(_, statement)| is_of(&proof, statement, trust));
            // A proof that is of none of several statements is judged with one of them, and fails.
            let at = at.or_else(|| (!statements.is_empty()).then_some(0));
            let pair = at.map(|at| statements.swap_remove(at));
            match pair {
                Some((file, statement)) if matches!(statement.content(), Content::Genesis(_)) => {
                    self.evidence.genesis = Some((file, proof));
                }
                other => self
                    .evidence
                    .proofs
                    .push((proof, other.map(|(file, _)| file))),
            }
        }
        for (file, _) in statements {
            let detail = "a statement, and no proof here is of it";
            self.unfit(&file.name, Reason::PieceWithoutReceipt, detail);
        }
    }
}

fn is_of(proof: &File<'_>, statement: &Statement, trust: &Trust) -> bool {
    let Ok(proof) = read_proof(proof.bytes) else {
        return false;
    };
    let Ok(tree) = Tree::read(proof.checkpoint().to_string().as_bytes(), trust) else {
        return false;
    };
    let index = Index(proof.index().0);
    let reason = Reason::StatementNotLogged;
    tree.holds(statement.entry(), index, proof.path(), reason)
        .is_ok()
}

/// `None`: no receipt at all; `Some(None)`: it begins like one and is none.
#[expect(
    clippy::option_option,
    reason = "three answers, used once, beside its caller"
)]
fn receipt(bytes: &[u8]) -> Option<Option<ClaimReceipt>> {
    // A CBOR array of 13 whose first element is the text of the kind.
    let start = [
        &[0x8d, 0x78, 0x19][..],
        countersign_pack::receipt::RECEIPT_KIND.as_bytes(),
    ]
    .concat();
    bytes
        .starts_with(&start)
        .then(|| ClaimReceipt::decode(bytes).ok())
}
