//! Claim receipts: that a claim was logged, who said it, and what the node concluded of it.

use countersign_attest::header::Kind;
use countersign_attest::{Content, Statement};
use countersign_model::act::Act;
use countersign_model::body::ClaimBody;
use countersign_model::digest::Digest;
use countersign_model::entry::{Batch, ClaimStatus, Mark, VerdictRecord, verdict_leaf};
use countersign_model::ids::KeyId;
use countersign_pack::ClaimReceipt;
use countersign_tlog::proof::verify_inclusion;
use countersign_tlog::{Hash, LeafIndex, TreeSize};

use crate::act;
use crate::bench::{Bench, read_statement};
use crate::content;
use crate::evidence::ReceiptFile;
use crate::keys::{Keys, Said, agrees};
use crate::reason::Reason;
use crate::report::{Fault, Piece};
use crate::tree::Tree;
use crate::words::shown;

/// Judges every receipt, in the order of the log: keys are proven before they are needed.
pub(crate) fn judge_all(bench: &mut Bench<'_>) {
    let mut files: Vec<&ReceiptFile> = bench.evidence.receipts.iter().collect();
    files.sort_by_key(|file| (file.receipt.at, file.name.as_str()));
    // The acts of a statement take effect behind it: its claims meet the keys before it.
    for same in files.chunk_by(|left, right| left.receipt.at.index == right.receipt.at.index) {
        let judged: Vec<Judged<'_>> = same.iter().map(|file| judge(bench, file)).collect();
        for one in &judged {
            act::judge(bench, one);
        }
        bench.said = None;
    }
}

/// What was found of one receipt.
#[derive(Debug)]
pub(crate) struct Judged<'e> {
    /// The receipt.
    pub(crate) file: &'e ReceiptFile,
    /// The key that said it, if all of it holds.
    pub(crate) key: Option<KeyId>,
    /// What became of the claim, if all of it holds.
    pub(crate) status: Option<ClaimStatus>,
    /// What the claim says, if it is here.
    pub(crate) body: Option<ClaimBody>,
}

fn judge<'e>(bench: &mut Bench<'e>, file: &'e ReceiptFile) -> Judged<'e> {
    let receipt = &file.receipt;
    let mut judged = Judged {
        file,
        key: None,
        status: None,
        body: None,
    };
    let claim = format!("claim {} was logged", receipt.claim.short());
    let (tree, statement) = match logged(bench, receipt) {
        Ok(logged) => logged,
        Err(fault) => {
            bench.push(Piece::fails(&file.name, claim, fault));
            return judged;
        }
    };
    bench.logged.insert(receipt.claim);
    let claim = format!(
        "{claim} as entry {} of {}",
        receipt.at.index,
        shown(tree.origin())
    );
    bench.push(Piece::proven(&file.name, claim, logged_detail(receipt)));

    let said = said(bench, &tree, &statement);
    judged.body = content::body_of(bench.evidence, receipt.claim);
    let renewed = renewed(bench, &judged, said.as_ref().ok());
    let concluded = concluded(bench, receipt, &tree, &statement, renewed.as_ref());
    judged.status = concluded.as_ref().ok().map(|(_, _, status)| *status);
    judged.key = said.as_ref().ok().map(|said| said.key);
    let agreed = match (&said, &concluded) {
        (Ok(said), Ok((_, record, _))) => agrees(said, record),
        _ => Ok(()),
    };
    if agreed.is_err() {
        (judged.key, judged.status) = (None, None);
    }
    bench.push(said_piece(&file.name, said));
    bench.push(concluded_piece(&file.name, concluded, agreed));
    if !bench.evidence.bodies.contains_key(&receipt.claim) {
        let fault = Fault::new(Reason::BodyAbsent, "the body of the claim is not here");
        bench.push(Piece::fails(&file.name, "what the claim says", fault));
    }
    judged
}

fn logged_detail(receipt: &ClaimReceipt) -> String {
    format!("claim {} of its statement", receipt.at.ordinal)
}

/// The statement is one, is in the tree, and has the claim at its place.
fn logged(bench: &mut Bench<'_>, receipt: &ClaimReceipt) -> Result<(Tree, Statement), Fault> {
    let tree = bench.tree(&receipt.checkpoint)?;
    let statement = read_statement(&receipt.statement, true)?;
    let reason = Reason::StatementNotLogged;
    tree.holds(statement.entry(), receipt.at.index, &receipt.path, reason)?;
    let ordinal = usize::try_from(receipt.at.ordinal).ok();
    let at = ordinal.and_then(|ordinal| statement.claim_digests().get(ordinal));
    if at == Some(&receipt.claim) {
        Ok((tree, statement))
    } else {
        let detail = format!("claim {} of the statement is another", receipt.at.ordinal);
        Err(Fault::new(Reason::ClaimNotInStatement, detail))
    }
}

/// The keys behind a renewal: the batch that covers it is by the node key that it names.
fn renewed(bench: &Bench<'_>, judged: &Judged<'_>, said: Option<&Said>) -> Option<Keys> {
    let Ok(act @ Act::Renewal(_)) = act::read(judged.body.as_ref()?) else {
        return None;
    };
    let mut keys = bench.keys.clone()?;
    let index = judged.file.receipt.at.index;
    keys.apply(index, said?.key, &act).ok().map(|()| keys)
}

/// Who signed the statement. The claims of one statement meet the same keys, so its signature is
/// checked once.
fn said(bench: &mut Bench<'_>, tree: &Tree, statement: &Statement) -> Result<Said, Fault> {
    let entry = statement.entry();
    if let Some((of, said)) = &bench.said
        && *of == (tree.origin().to_owned(), entry)
    {
        return said.clone();
    }
    let said = said_anew(bench, tree, statement);
    bench.said = Some(((tree.origin().to_owned(), entry), said.clone()));
    said
}

fn said_anew(bench: &Bench<'_>, tree: &Tree, statement: &Statement) -> Result<Said, Fault> {
    bench.keys_in(tree).ok_or_else(no_genesis)?.said(statement)
}

fn said_piece(name: &str, said: Result<Said, Fault>) -> Piece {
    match said {
        Ok(said) => Piece::proven(name, said.claim, said.detail),
        Err(fault) => Piece::fails(name, "who said it", fault),
    }
}

type Concluded = (Batch, VerdictRecord, ClaimStatus);

fn concluded_piece(
    name: &str,
    concluded: Result<Concluded, Fault>,
    agreed: Result<(), Fault>,
) -> Piece {
    match concluded {
        Ok((batch, record, status)) => {
            let claim = concluded_words(&record, status);
            let detail = format!(
                "recorded at {} give or take {} ms: the node's word",
                batch.recorded, batch.uncertainty_ms
            );
            match agreed {
                Ok(()) => Piece::proven(name, claim, detail),
                Err(fault) => Piece::fails(name, claim, fault),
            }
        }
        Err(fault) => Piece::fails(name, "what the node concluded of it", fault),
    }
}

fn concluded_words(record: &VerdictRecord, status: ClaimStatus) -> String {
    let status = match status {
        ClaimStatus::Duplicate(at) | ClaimStatus::Conflicting(at) => {
            format!("{} of {at}", status.as_str())
        }
        other => other.as_str().to_owned(),
    };
    let marks: Vec<&str> = record
        .marks
        .iter()
        .map(|mark: &Mark| mark.as_str())
        .collect();
    let marks = if marks.is_empty() {
        "no marks".to_owned()
    } else {
        format!("marks {}", marks.join(", "))
    };
    format!(
        "the node concluded: {status}, {}, {marks}",
        record.assurance.as_str()
    )
}

/// The batch is one, is in the tree, covers the statement, is the node's, and has the record.
fn concluded(
    bench: &mut Bench<'_>,
    receipt: &ClaimReceipt,
    tree: &Tree,
    statement: &Statement,
    renewed: Option<&Keys>,
) -> Result<Concluded, Fault> {
    let (entry, batch) = batch(bench, &receipt.batch)?;
    let reason = Reason::BatchNotLogged;
    tree.holds(entry, receipt.batch_index, &receipt.batch_path, reason)?;
    let position = position(receipt, &batch)?;
    by_node(bench, tree, receipt, renewed)?;
    let not_in_batch = |error| {
        let detail = format!("as record {position} of {}: {error}", batch.count);
        Fault::new(Reason::RecordNotInBatch, detail)
    };
    let leaf = Hash::from_bytes(*verdict_leaf(&receipt.record).as_bytes());
    let root = Hash::from_bytes(*batch.verdict_root.as_bytes());
    let (position, size) = (LeafIndex(position), TreeSize(batch.count));
    verify_inclusion(&leaf, position, size, &receipt.record_path, &root).map_err(not_in_batch)?;
    let record = VerdictRecord::decode(&receipt.record)
        .filter(|record| record.encode() == receipt.record)
        .ok_or_else(|| Fault::new(Reason::RecordUnreadable, "it is no verdict record"))?;
    if record.claims.len() != statement.claim_digests().len() {
        let (has, claims) = (record.claims.len(), statement.claim_digests().len());
        let detail = format!("it judges {has} claims, the statement has {claims}");
        return Err(Fault::new(Reason::RecordContradicts, detail));
    }
    let ordinal = usize::try_from(receipt.at.ordinal).ok();
    let status = ordinal
        .and_then(|ordinal| record.claims.get(ordinal))
        .copied();
    // `logged` has found the claim at this ordinal, and there are as many statuses as claims.
    let none = || Fault::new(Reason::RecordContradicts, "it does not judge the claim");
    Ok((batch, record, status.ok_or_else(none)?))
}

/// Position of the statement's record: the batch must cover it and stand where it says.
fn position(receipt: &ClaimReceipt, batch: &Batch) -> Result<u64, Fault> {
    let end = batch.first.0.checked_add(batch.count);
    let position = receipt.at.index.0.checked_sub(batch.first.0);
    match position {
        Some(position) if position < batch.count && end == Some(receipt.batch_index.0) => {
            Ok(position)
        }
        _ => {
            let detail = format!(
                "the batch at entry {} covers {} entries from {}",
                receipt.batch_index, batch.count, batch.first
            );
            Err(Fault::new(Reason::BatchNotCovering, detail))
        }
    }
}

/// Entry and content of a batch statement.
fn batch(bench: &mut Bench<'_>, bytes: &[u8]) -> Result<(Digest, Batch), Fault> {
    let read = || {
        let unreadable = |words: String| Fault::new(Reason::BatchUnreadable, words);
        let statement = read_statement(bytes, true).map_err(|fault| unreadable(fault.detail))?;
        match statement.content() {
            Content::Batch(batch) => Ok((statement.entry(), *batch)),
            _ => Err(unreadable("it is no batch statement".to_owned())),
        }
    };
    bench
        .batches
        .entry(Digest::of(bytes))
        .or_insert_with(read)
        .clone()
}

fn by_node(
    bench: &mut Bench<'_>,
    tree: &Tree,
    receipt: &ClaimReceipt,
    renewed: Option<&Keys>,
) -> Result<(), Fault> {
    let keys = bench.keys_in(tree).ok_or_else(no_genesis)?;
    let keys = renewed.unwrap_or(keys);
    // A renewal ends the node key within a commit, so a batch holds for one key and not for the next.
    let checked = (keys.node(), Digest::of(&receipt.batch));
    if bench.node_batches.contains(&checked) {
        return Ok(());
    }
    let statement = read_statement(&receipt.batch, true)?;
    let wrong = |fault: Fault| Fault::new(Reason::BatchNotByNode, fault.detail);
    let said = keys.said(&statement).map_err(wrong)?;
    if !keys.is_by_node(&statement, Kind::batch(), &said) {
        let detail = "it is signed by another key than the node's, or not said as the node's own";
        return Err(Fault::new(Reason::BatchNotByNode, detail));
    }
    bench.node_batches.insert(checked);
    Ok(())
}

fn no_genesis() -> Fault {
    let detail = "without the log's genesis no key is proven";
    Fault::new(Reason::GenesisAbsent, detail)
}
