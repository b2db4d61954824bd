//! Evidence packs: docs/formats/pack.md, section 4.

use countersign_pack::{About, ClaimReceipt, Damage, Pack, Role};

use crate::bench::{Bench, read_proof};
use crate::caveat;
use crate::evidence::{Evidence, File, Purpose, ReceiptFile};
use crate::reason::Reason;
use crate::report::{Fault, Piece, Report, Subject, Verdict};
use crate::trust::Trust;
use crate::words::shown;

/// Name of the piece that stands for the archive as a whole.
const ARCHIVE: &str = "pack.zip";
const ARCHIVE_CLAIM: &str = "the archive is whole: each file is the one that the manifest lists";

/// Checks the bytes of a `pack.zip`.
#[must_use]
pub fn verify_pack(bytes: &[u8], trust: &Trust) -> Report {
    let mut report = Report::new(Subject::Pack, trust.is_pinned());
    match Pack::open(bytes) {
        Ok(pack) => judge(&pack, trust, &mut report),
        Err(damage) => {
            report.pieces.push(damaged(&damage));
            report.caveats = caveat::list(Subject::Pack, false);
        }
    }
    report
}

fn damaged(damage: &Damage) -> Piece {
    let fault = Fault {
        verdict: Verdict::Disproven,
        code: damage.code(),
        detail: shown(&damage.to_string()),
    };
    Piece::fails(ARCHIVE, ARCHIVE_CLAIM, fault)
}

fn judge(pack: &Pack<'_>, trust: &Trust, report: &mut Report) {
    let manifest = pack.manifest();
    let detail = format!("{} files", manifest.files.len());
    report
        .pieces
        .push(Piece::proven(ARCHIVE, ARCHIVE_CLAIM, detail));
    let evidence = evidence_of(pack);
    let mut bench = Bench::new(&evidence, trust);
    if let Some(piece) = one_history(pack) {
        report.pieces.push(piece);
    }
    report.pieces.extend(names(pack));
    bench.judge(report);
    report.pieces.extend(manifest_pieces(pack, report, &bench));
}

fn evidence_of<'a>(pack: &Pack<'a>) -> Evidence<'a> {
    let mut evidence = Evidence::default();
    let file = |role: &Role, bytes: &'a [u8]| File {
        name: role.to_string(),
        bytes,
    };
    for (role, bytes) in pack.files() {
        match role {
            Role::Checkpoint => evidence.checkpoints.push(file(role, bytes)),
            Role::Body(digest) => drop(evidence.bodies.insert(*digest, file(role, bytes))),
            Role::Envelope(digest) => drop(evidence.envelopes.insert(*digest, file(role, bytes))),
            Role::Blob(digest) => drop(evidence.blobs.insert(*digest, file(role, bytes))),
            _ => {}
        }
    }
    evidence.genesis = Some((
        file(&Role::Genesis, pack.genesis()),
        file(&Role::GenesisProof, pack.genesis_proof()),
    ));
    for (role, receipt) in pack.receipts() {
        let purpose = match role {
            Role::Enrolment { kid, .. } => Purpose::Enrolment(*kid),
            Role::Conclusion(_) => Purpose::Conclusion,
            _ => Purpose::Claim,
        };
        evidence.receipts.push(ReceiptFile {
            name: role.to_string(),
            purpose,
            receipt: receipt.clone(),
        });
    }
    evidence
}

/// Every receipt and the proof of genesis rest on the pack's one checkpoint.
fn one_history(pack: &Pack<'_>) -> Option<Piece> {
    let genesis = read_proof(pack.genesis_proof()).map(|proof| proof.checkpoint().to_string());
    let genesis = genesis
        .is_ok_and(|note| note.as_bytes() != pack.checkpoint())
        .then(|| Role::GenesisProof.to_string());
    let other = |(role, receipt): (&Role, &ClaimReceipt)| {
        (receipt.checkpoint != pack.checkpoint()).then(|| role.to_string())
    };
    let name = genesis.or_else(|| pack.receipts().find_map(other))?;
    let detail = "it rests on another checkpoint than the pack";
    let fault = Fault::new(Reason::CheckpointMixed, detail);
    Some(Piece::fails(
        &name,
        "everything in the pack is in one tree",
        fault,
    ))
}

/// What a receipt is called by its file must be what it is of.
fn names(pack: &Pack<'_>) -> Vec<Piece> {
    let wrong = |(role, receipt): (&Role, &ClaimReceipt)| {
        let (Role::Receipt(at) | Role::Conclusion(at)) = role else {
            return None;
        };
        (*at != receipt.at).then(|| {
            let detail = format!("it is of claim {}", receipt.at);
            let fault = Fault::new(Reason::NameMismatch, detail);
            Piece::fails(
                &role.to_string(),
                format!("this is the receipt of claim {at}"),
                fault,
            )
        })
    };
    pack.receipts().filter_map(wrong).collect()
}

/// What the manifest says of the pack as a whole.
fn manifest_pieces(pack: &Pack<'_>, report: &Report, bench: &Bench<'_>) -> Vec<Piece> {
    let manifest = pack.manifest();
    let mut pieces = Vec::new();
    let name = countersign_pack::MANIFEST_NAME;
    if let Some(origin) = report
        .origin
        .as_deref()
        .filter(|origin| *origin != manifest.origin)
    {
        let (ours, theirs) = (shown(&manifest.origin), shown(origin));
        let detail = format!("the manifest names {ours}, the checkpoint {theirs}");
        let fault = Fault::new(Reason::OriginMismatch, detail);
        pieces.push(Piece::fails(name, "the pack is of this log", fault));
    }
    if report.size.is_some_and(|size| manifest.made_at.0 >= size) {
        let detail = format!("entry {} is not in the tree", manifest.made_at);
        let fault = Fault::new(Reason::ManifestBeyondCheckpoint, detail);
        pieces.push(Piece::fails(
            name,
            "the maker had read the log so far",
            fault,
        ));
    }
    if let About::Finding(id) = &manifest.about
        && !bench.findings.contains(id)
    {
        let detail = "no conclusion in the pack is of this finding";
        let fault = Fault::new(Reason::SubjectNotShown, detail);
        let claim = format!("the pack is about the finding {}", id.short());
        pieces.push(Piece::fails(name, claim, fault));
    }
    pieces
}
