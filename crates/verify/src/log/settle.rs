//! What an entry is worth where it stands: by the keys, chains, envelopes and batches before it.

use countersign_attest::judge::{Authentic, conclude};
use countersign_attest::refusal::code;
use countersign_attest::{Content, Refusal, Register, Statement, Verdict};
use countersign_model::act::{Act, Continued};
use countersign_model::entry::{Assurance, Batch, ClaimStatus, Mark, VerdictRecord};
use countersign_model::ids::KeyId;
use countersign_model::time::Timestamp;

use super::audit::{Audit, LastBatch};
use super::reading::{Ended, Read, Said};
use super::tally::Part;
use crate::reason::Reason;
use crate::report::Fault;
use crate::words::shown;

/// Marks that follow from the log alone; the others rest on what the node saw.
const OWN_MARKS: [Mark; 4] = [
    Mark::ChainGap,
    Mark::ChainBroken,
    Mark::Equivocation,
    Mark::SignerMissing,
];

/// Who said a statement, as the log's own rules have it.
struct Speaker {
    key: KeyId,
    assurance: Assurance,
    marks: Vec<Mark>,
}

/// Settles a statement.
pub(super) fn statement(
    audit: &mut Audit<'_>,
    read: &Read,
    said: &Said,
    authentic: Option<Result<Authentic, Refusal>>,
) {
    around(audit, read, said);
    let Some(statement) = &read.statement else {
        return;
    };
    if let Err(fault) = own_kind(read, statement) {
        audit.fault(read, Part::Statements, fault);
    }
    let Some(authentic) = authentic else { return };
    let speaker = match speaker(audit, statement, authentic) {
        Ok(speaker) => speaker,
        Err(fault) => return audit.fault(read, Part::Statements, fault),
    };
    audit.signers.insert(speaker.key);
    audit.chains.record(&speaker.key, statement, read.index);
    if let Some(record) = &said.record {
        let register = audit.keys.as_ref();
        let contradicted =
            register.and_then(|register| contradicts(register, said, record, &speaker));
        if let Some(detail) = contradicted {
            let fault = Fault::new(Reason::RecordContradicts, detail);
            audit.fault(read, Part::Batches, fault);
        }
        acts(audit, read, said, record, speaker.key);
    }
}

/// Genesis is the first and no other; a batch ends a commit.
fn own_kind(read: &Read, statement: &Statement) -> Result<(), Fault> {
    match statement.content() {
        Content::Genesis(_) if read.index.0 != 0 => {
            let detail = "a genesis that is not the first entry";
            Err(Fault::new(Reason::GenesisNotFirst, detail))
        }
        Content::Batch(_) => {
            let detail = "a batch statement that ends no commit";
            Err(Fault::new(Reason::StatementRefused, detail))
        }
        _ => Ok(()),
    }
}

fn speaker(
    audit: &mut Audit<'_>,
    statement: &Statement,
    authentic: Result<Authentic, Refusal>,
) -> Result<Speaker, Fault> {
    let Some(register) = &audit.keys else {
        return Err(Fault::new(
            Reason::GenesisAbsent,
            "without genesis no key is known",
        ));
    };
    let authentic = authentic.map_err(|refusal| refused(&refusal))?;
    let key = authentic.key();
    let assurance = register
        .resolve(&key)
        .map_or(Assurance::Import, |entry| entry.assurance);
    // When it came is the node's word, so the clock is not judged: it comes when it says so.
    let clock = statement.clock().unwrap_or(Timestamp::from_ms(0));
    let fit = audit.chains.judge(&key, statement);
    match conclude(authentic, register, fit, statement, clock) {
        Verdict::Admit { marks, .. } => Ok(Speaker {
            key,
            assurance,
            marks,
        }),
        Verdict::Refuse {
            code: code::UNKNOWN_KIND,
            ..
        } => {
            audit.counts.unknown_kinds += 1;
            Ok(Speaker {
                key,
                assurance,
                marks: Vec::new(),
            })
        }
        Verdict::Refuse { code, reason } => {
            let detail = format!("the log's own rules refuse it: {} ({code})", shown(&reason));
            Err(Fault::new(Reason::StatementRefused, detail))
        }
        Verdict::Replay { index } => {
            let detail = format!("the same statement stands at entry {index}");
            Err(Fault::new(Reason::StatementRefused, detail))
        }
    }
}

fn refused(refusal: &Refusal) -> Fault {
    let reason = match refusal.code {
        code::BAD_SIGNATURE => Reason::SignatureWrong,
        code::ISSUER_MISMATCH => Reason::SignerNotIssuer,
        _ => Reason::StatementRefused,
    };
    let detail = format!("{} ({})", shown(&refusal.reason), refusal.code);
    Fault::new(reason, detail)
}

/// Envelopes and mapping files that came, and whether what is asked for is there.
fn around(audit: &mut Audit<'_>, read: &Read, said: &Said) {
    audit.mappings.extend(&said.mappings);
    for (digest, envelope) in &said.envelopes {
        audit.envelopes.insert(*digest, *envelope);
    }
    let mut faults = Vec::new();
    for (digest, envelope) in &said.envelopes {
        let short = digest.short();
        if let Some(mapping) = envelope.mapping.filter(|map| !audit.mappings.contains(map)) {
            let mapping = mapping.short();
            let detail = format!("the mapping file {mapping} of the envelope {short} is not there");
            faults.push(Fault::new(Reason::MappingAbsent, detail));
        }
        if let Some(head) = envelope
            .head
            .filter(|head| !audit.envelopes.contains_key(head))
        {
            let head = head.short();
            let detail = format!("the first section {head} of the envelope {short} is not there");
            faults.push(Fault::new(Reason::EnvelopeAbsent, detail));
        }
    }
    for (digest, hole) in &said.fills {
        let short = digest.short();
        match audit.envelopes.get(digest) {
            None => {
                let detail = format!("the envelope {short} of a body is not there");
                faults.push(Fault::new(Reason::EnvelopeAbsent, detail));
            }
            Some(envelope) if *hole >= envelope.holes => {
                let holes = envelope.holes;
                let detail = format!("the envelope {short} has {holes} holes, not hole {hole}");
                faults.push(Fault::new(Reason::HoleMissing, detail));
            }
            Some(_) => {}
        }
    }
    for fault in faults {
        audit.fault(read, Part::Bodies, fault);
    }
}

/// Where the node's record cannot be so by the log's own rules.
fn contradicts(
    register: &Register,
    said: &Said,
    record: &VerdictRecord,
    speaker: &Speaker,
) -> Option<String> {
    if record.assurance > speaker.assurance {
        return Some(format!(
            "the node calls the signature `{}`; by the acts before it the key is `{}`",
            record.assurance.as_str(),
            speaker.assurance.as_str()
        ));
    }
    for mark in OWN_MARKS {
        if record.marks.contains(&mark) != speaker.marks.contains(&mark) {
            let word = if record.marks.contains(&mark) {
                "has"
            } else {
                "lacks"
            };
            let mark = mark.as_str();
            return Some(format!("the node's record {word} the mark `{mark}`"));
        }
    }
    // The other way round proves nothing: policy may forbid more than the register does.
    let effective = |(ordinal, act): &&(usize, Act)| {
        record.claims.get(*ordinal) == Some(&ClaimStatus::Effective)
            && !matches!(act, Act::Unknown(_))
    };
    let mut acts = said.acts.iter().filter(effective);
    let (ordinal, _) = acts.find(|(_, act)| !register.is_authorised(act, &speaker.key))?;
    Some(format!(
        "the node calls the act {ordinal} effective, and its signer may not do it"
    ))
}

/// Takes in the acts that the node judged effective. One that the register refuses changes no key,
/// here as there.
fn acts(audit: &mut Audit<'_>, read: &Read, said: &Said, record: &VerdictRecord, key: KeyId) {
    for (ordinal, act) in &said.acts {
        if record.claims.get(*ordinal) != Some(&ClaimStatus::Effective) {
            continue;
        }
        let Some(register) = &mut audit.keys else {
            return;
        };
        let is_applied = register.apply(read.index, &key, act).is_ok();
        if let Act::Renewal(renewal) = act
            && let Some(continued) = renewal.continues.as_ref().filter(|_| is_applied)
        {
            goes_on(audit, read, continued);
        }
    }
}

/// What a linked origin goes on from is what stands before it.
fn goes_on(audit: &mut Audit<'_>, read: &Read, continued: &Continued) {
    let tree = audit.published.as_ref();
    let before = tree.filter(|tree| tree.len() == read.index.0);
    if before.is_some_and(|tree| tree.root().as_bytes() != continued.root.as_bytes()) {
        let detail = "the renewal names another root for the entries before it";
        let fault = Fault::new(Reason::TreeDiffers, detail);
        audit.fault(read, Part::Statements, fault);
    }
}

/// Settles the batch at the end of a commit.
pub(super) fn batch(
    audit: &mut Audit<'_>,
    read: &Read,
    ended: &Ended,
    authentic: Option<Result<Authentic, Refusal>>,
) {
    if ended.records != ended.count {
        let (records, count) = (ended.records, ended.count);
        let detail = format!("{records} verdict records for {count} statements");
        audit.fault(
            read,
            Part::Batches,
            Fault::new(Reason::RecordContradicts, detail),
        );
    }
    if let Some(fault) = not_by_node(audit, authentic) {
        audit.fault(read, Part::Batches, fault);
    }
    let is_split = audit.is_published(ended.first) && !audit.is_published(read.index);
    if is_split {
        let detail = "the checkpoint ends inside the commit that this batch ends";
        audit.fault(
            read,
            Part::Batches,
            Fault::new(Reason::BatchNotCovering, detail),
        );
    }
    let mut last = LastBatch {
        entry: Some(read.entry),
        ..audit.last_batch
    };
    if let Some(batch) = &ended.batch {
        if let Some(fault) = not_following(&audit.last_batch, read, ended, batch) {
            audit.fault(read, Part::Batches, fault);
        }
        last.recorded = batch.recorded;
        last.tick = batch.tick;
    }
    audit.last_batch = last;
}

fn not_by_node(audit: &Audit<'_>, authentic: Option<Result<Authentic, Refusal>>) -> Option<Fault> {
    let register = audit.keys.as_ref()?;
    let detail = match authentic? {
        Ok(authentic) if authentic.key() == register.node_key() => return None,
        Ok(_) => "it is signed by another key than the node's".to_owned(),
        Err(refusal) => format!("{} ({})", shown(&refusal.reason), refusal.code),
    };
    Some(Fault::new(Reason::BatchNotByNode, detail))
}

fn not_following(last: &LastBatch, read: &Read, ended: &Ended, batch: &Batch) -> Option<Fault> {
    let stands = batch.first == ended.first
        && batch.count == ended.count
        && batch.first.0.checked_add(batch.count) == Some(read.index.0);
    if !stands {
        let detail = format!(
            "it covers {} entries from {}; its commit has {} from {}",
            batch.count, batch.first, ended.count, ended.first
        );
        return Some(Fault::new(Reason::BatchNotCovering, detail));
    }
    if batch.verdict_root != ended.root {
        let detail = "its verdict records have another root than it names";
        return Some(Fault::new(Reason::RecordNotInBatch, detail));
    }
    let detail = if batch.previous != last.entry {
        "it names another batch before it than there is"
    } else if batch.recorded < last.recorded {
        "its recorded time is before that of the batch before it"
    } else if batch.tick < last.tick {
        "its tick is before that of the batch before it"
    } else {
        return None;
    };
    Some(Fault::new(Reason::BatchNotFollowing, detail))
}
